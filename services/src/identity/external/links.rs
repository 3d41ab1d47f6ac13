//! The ways into one's own account besides the password.

use super::person::{Returned, known, redeem, spend, write};
use super::untrusted;
use crate::audit::NewAudit;
use crate::identity::{Caller, notices, proof};
use crate::scope::{DoorwayTx, retrying};
use crate::{Code, Doorway, Error, Result, Scope, sql};
use entities::identity::{ExternalIdentityId, UserId, external_identity, user};
use sea_orm::ColumnTrait;

/// One's own, the first linked first.
pub async fn list(doorway: &Doorway, user: UserId) -> Result<Vec<external_identity::Model>> {
    let mut all = doorway.read().await?.all::<external_identity::Entity>(external_identity::Column::UserId.eq(user)).await?;
    all.sort_unstable_by_key(|row| (row.linked_at, row.id));
    Ok(all)
}

/// One of the asker's own, for a person: how somebody comes in is no program's business.
pub async fn find(scope: &Scope, id: ExternalIdentityId) -> Result<Option<external_identity::Model>> {
    let Some(user) = scope.user().filter(|_| scope.token().is_none()) else { return Ok(None) };
    let found = Doorway::new(scope.app(), scope.locale()).read().await?.find::<external_identity::Entity>(id).await?;
    Ok(found.filter(|row| row.user_id == user))
}

/// Adds a way in that was begun for this account, for whoever proved a moment ago who they are.
pub async fn link(doorway: &Doorway, caller: &Caller, returned: &Returned) -> Result<()> {
    proof::recent(doorway, caller)?;
    let (flow, claims) = redeem(doorway, returned).await?;
    if flow.linking != Some(caller.user) {
        return Err(untrusted(doorway, "the flow was not begun for this account"));
    }
    let link = || async {
        let tx = doorway.begin().await?;
        spend(&tx, doorway, &flow).await?;
        let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
        match known(&tx, &claims).await? {
            Some(linked) if linked.user_id == caller.user => return Ok(()),
            Some(_) => return Err(Error::refuse(Code::AlreadyExists, "code", doorway.locale().say("external-taken", &[]))),
            None => write(&tx, doorway, &flow, &claims, &user).await?,
        }
        notices::commit_news(tx, doorway, &user, "external-linked").await
    };
    retrying(link).await
}

/// Takes a way in from one's own account, but never the last one.
pub async fn remove(doorway: &Doorway, caller: &Caller, id: ExternalIdentityId) -> Result<()> {
    proof::recent(doorway, caller)?;
    let refuse = |code, key| Error::refuse(code, "id", doorway.locale().say(key, &[]));
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let mine = tx.all::<external_identity::Entity>(external_identity::Column::UserId.eq(caller.user)).await?;
    let row = mine.iter().find(|row| row.id == id).ok_or_else(|| refuse(Code::NotFound, "external-not-linked"))?;
    if user.password_hash.is_none() && mine.len() == 1 {
        return Err(refuse(Code::ForbiddenState, "external-last"));
    }
    tx.statement(sql!("unlink.sql")).bind("id", id).run().await?;
    let act = NewAudit::of("identity.external_identity.remove").on("ExternalIdentity", id).with("issuer", row.issuer.as_str());
    tx.audit(caller.tenant(), Some(caller.user), act);
    notices::commit_news(tx, doorway, &user, "external-removed").await
}

/// Takes all ways in but the password away.
pub(in crate::identity) async fn unlink_all(tx: &DoorwayTx, user: UserId) -> Result<()> {
    tx.statement(sql!("unlink_all.sql")).bind("user", user).run().await.map(drop)
}
