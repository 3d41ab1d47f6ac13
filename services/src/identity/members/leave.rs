//! Leaving an organisation of one's own accord.

use super::change::apply;
use super::decision::Decision;
use super::status::Act;
use crate::identity::roles::Rights;
use crate::identity::{Caller, Grants};
use crate::{Actor, Code, Doorway, Error, Result, Scope, sql};
use entities::TenantId;
use entities::identity::MembershipId;
use std::sync::Arc;

/// Ends one's own membership of one of one's organisations, the active one or another; no permission is needed for it.
pub async fn leave(doorway: &Doorway, caller: &Caller, tenant: TenantId) -> Result<()> {
    let tx = doorway.begin().await?;
    let mine = tx.statement(sql!("of_user.sql")).bind("tenant", tenant).bind("user", caller.user);
    let unknown = || Error::refuse(Code::NotFound, "organizationId", doorway.locale().say("organization-unknown", &[]));
    let membership = mine.value::<MembershipId>().await?.ok_or_else(unknown)?;
    let actor = Actor::Member { user: caller.user, membership };
    let scope = Scope::new(doorway.app().clone(), actor, tenant, Arc::new(Grants::default()), doorway.locale());
    let txn = tx.enter(&scope).await?;
    let rights = Rights::hold_for(&txn, actor).await?;
    let case = Decision::with(&txn, rights, membership).await?;
    apply(&case, Act::Leave, "organizationId").await?;
    txn.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}
