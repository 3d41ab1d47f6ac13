//! Where one is signed in, and ending a session from afar.

use super::Caller;
use crate::audit::NewAudit;
use crate::{Code, Doorway, Error, Result, Scope, sql};
use entities::TenantId;
use entities::identity::{SessionId, UserId, organization, session};
use sea_orm::sea_query::IntoCondition;
use sea_orm::{ColumnTrait, Condition};
use std::collections::BTreeSet;

/// A session that goes on, and the organisation it is in.
#[derive(Clone, Debug)]
pub struct Device {
    pub session: session::Model,
    pub organization: Option<organization::Model>,
}

/// Where a person is signed in, the device used last first.
pub async fn of(doorway: &Doorway, user: UserId) -> Result<Vec<Device>> {
    let mut all = going_on(doorway, session::Column::UserId.eq(user)).await?;
    all.sort_unstable_by_key(|device| std::cmp::Reverse((device.session.refreshed_at, device.session.id)));
    Ok(all)
}

/// One of the asker's own; none where it is over or somebody else's.
pub async fn find(scope: &Scope, id: SessionId) -> Result<Option<Device>> {
    let Some(user) = scope.user().filter(|_| scope.token().is_none()) else { return Ok(None) };
    let mine = Condition::all().add(session::Column::Id.eq(id)).add(session::Column::UserId.eq(user));
    Ok(going_on(&Doorway::new(scope.app(), scope.locale()), mine).await?.pop())
}

/// Ends one of one's own sessions; the device learns it within a second.
pub async fn end(doorway: &Doorway, caller: &Caller, id: SessionId) -> Result<()> {
    let tx = doorway.begin().await?;
    let session = tx.lock::<session::Entity>(id).await?.filter(|session| session.user_id == caller.user);
    if session.is_none_or(|session| session.is_over(doorway.now())) {
        return Err(Error::refuse(Code::NotFound, "id", doorway.locale().say("session-unknown", &[])));
    }
    tx.audit(caller.tenant(), Some(caller.user), NewAudit::of("identity.session.revoke").on("DeviceSession", id));
    tx.statement(sql!("end_one.sql")).bind("id", id).bind("now", doorway.now()).bind("because", "ended from afar").run().await?;
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}

async fn going_on(doorway: &Doorway, which: impl IntoCondition) -> Result<Vec<Device>> {
    let tx = doorway.read().await?;
    let open = Condition::all().add(session::Column::RevokedAt.is_null()).add(session::Column::ExpiresAt.gt(doorway.now()));
    let sessions = tx.all::<session::Entity>(open.add(which.into_condition())).await?;
    let tenants: BTreeSet<TenantId> = sessions.iter().filter_map(|session| session.tenant_id).collect();
    let organizations = tx.all::<organization::Entity>(organization::Column::Id.is_in(tenants)).await?;
    let of = |session: &session::Model| organizations.iter().find(|row| Some(row.id) == session.tenant_id).cloned();
    Ok(sessions.into_iter().map(|session| Device { organization: of(&session), session }).collect())
}
