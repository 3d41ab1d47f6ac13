//! The feed of a person's security events: what happened to their account, kept for a year, beside the notice or letter of it.
//!
//! An event is written in the transaction of what it tells of. What no transaction makes, passwords that somebody guesses at and
//! requests that are refused, is told once in a while ([`tell_soon`]): nobody waits for it, and nobody's list is flooded. An
//! organisation's side of the same is its audit log, narrowed to these acts ([`ACTIONS`]).

use super::{notices, service_accounts};
use crate::audit::{Asked, NewAudit};
use crate::locale::Locale;
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Actor, App, Doorway, Reads, Result, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::security_event::{self, SecurityEventKind};
use entities::identity::{SecurityEventId, UserId, user};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The acts of the audit log that bear on who may come in, and what they may do.
pub const ACTIONS: [&str; 36] = [
    "identity.address.ask",
    "identity.address.change",
    "identity.api_token.create",
    "identity.api_token.revoke",
    "identity.external_identity.link",
    "identity.external_identity.remove",
    "identity.invitation.accept",
    "identity.invitation.create",
    "identity.invitation.resend",
    "identity.member.leave",
    "identity.member.reactivate",
    "identity.member.remove",
    "identity.member.set_roles",
    "identity.member.suspend",
    "identity.oauth_client.create",
    "identity.oauth_client.delete",
    "identity.oauth_client.renew_secret",
    "identity.oauth_client.update",
    "identity.organization.set_policies",
    "identity.ownership.transfer",
    "identity.password.change",
    "identity.password.reset",
    "identity.recovery_codes.renew",
    "identity.role.copy",
    "identity.role.create",
    "identity.role.delete",
    "identity.role.update",
    "identity.second_factor.add",
    "identity.second_factor.remove",
    "identity.security.guessed",
    "identity.security.requests_refused",
    "identity.service_account.create",
    "identity.service_account.remove",
    "identity.service_account.update",
    "identity.session.end_all",
    "identity.session.revoke",
];

/// For how long events are kept.
pub const KEPT: TimeDelta = TimeDelta::days(365);
/// Whoever is guessed at, or refused, is told of it once in so long.
const PAUSE: TimeDelta = TimeDelta::hours(24);
/// More are not remembered at once.
const MOST: usize = 10_000;

/// A person's own, the latest first.
pub async fn of(doorway: &Doorway, user: UserId) -> Result<Vec<security_event::Model>> {
    let mut all = doorway.read().await?.all::<security_event::Entity>(since(user, doorway.now().minus(KEPT))).await?;
    all.sort_unstable_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    Ok(all)
}

fn since(user: UserId, at: Timestamp) -> Condition {
    Condition::all().add(security_event::Column::UserId.eq(user)).add(security_event::Column::At.gt(at))
}

/// Writes an event of a person's account.
pub(super) async fn write(tx: &DoorwayTx, doorway: &Doorway, user: UserId, kind: SecurityEventKind, detail: Option<&str>) -> Result<()> {
    let asked = doorway.asked();
    let insert = tx.statement(sql!("insert_security_event.sql")).bind("id", doorway.new_id::<SecurityEventId>());
    let insert = insert.bind("user", user).bind("kind", kind).bind("detail", detail.map(str::to_owned)).bind("now", doorway.now());
    let insert = insert.bind("address", asked.and_then(|asked| asked.address.clone()));
    insert.bind("agent", asked.and_then(|asked| asked.user_agent())).run().await.map(drop)
}

/// The same of what a member does, or others decide about them, in an organisation.
pub(super) async fn write_in(txn: &TenantTx<'_>, user: UserId, kind: SecurityEventKind, detail: Option<&str>) -> Result<()> {
    // Whoever decided is in the organisation's log; their address is not for the other to see.
    let asked = txn.asked().filter(|_| matches!(txn.actor(), Actor::Member { user: actor, .. } if actor == user));
    let insert = txn.statement(sql!("insert_security_event.sql")).bind("id", txn.new_id::<SecurityEventId>());
    let insert = insert.bind("user", user).bind("kind", kind).bind("detail", detail.map(str::to_owned)).bind("now", txn.now());
    let insert = insert.bind("address", asked.and_then(|asked| asked.address.clone()));
    insert.bind("agent", asked.and_then(|asked| asked.user_agent())).run().await.map(drop)
}

/// Of what this process told lately; the database knows it of the others.
#[derive(Default)]
pub(crate) struct Told(Mutex<HashMap<(UserId, SecurityEventKind), Timestamp>>);

impl Told {
    fn is_first(&self, what: (UserId, SecurityEventKind), now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&what).is_some_and(|last| now.since(*last) < PAUSE) {
            return false;
        }
        if all.len() >= MOST {
            all.retain(|_, last| now.since(*last) < PAUSE);
        }
        all.len() < MOST && all.insert(what, now).is_none_or(|last| now.since(last) >= PAUSE)
    }
}

/// Tells a person, without having anybody wait, that somebody guesses at their password.
pub(super) fn guessed(doorway: &Doorway, user: UserId) {
    tell_soon(doorway.app(), doorway.asked().cloned(), user, SecurityEventKind::PasswordGuessed);
}

/// Tells a person, without having anybody wait, that their requests are refused for being too many.
pub fn requests_refused(app: &App, asked: Arc<Asked>, user: UserId) {
    tell_soon(app, Some(asked), user, SecurityEventKind::RequestsRefused);
}

fn tell_soon(app: &App, asked: Option<Arc<Asked>>, user: UserId, kind: SecurityEventKind) {
    if !app.told().is_first((user, kind), app.now()) {
        return;
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let doorway = Doorway::new(app, Locale::default()).asked_in(asked);
    runtime.spawn(async move {
        if let Err(error) = crate::scope::retrying(|| tell(&doorway, user, kind)).await {
            tracing::warn!(%error, user.id = %user, "could not tell a person of {kind:?}");
        }
    });
}

async fn tell(doorway: &Doorway, user: UserId, kind: SecurityEventKind) -> Result<()> {
    let tx = doorway.begin().await?;
    let Some(user) = tx.lock::<user::Entity>(user).await? else { return Ok(()) };
    if service_accounts::is_address_of_one(&user.email) {
        return Ok(());
    }
    let lately = since(user.id, doorway.now().minus(PAUSE)).add(security_event::Column::Kind.eq(kind));
    if tx.one::<security_event::Entity>(lately).await?.is_some() {
        return Ok(());
    }
    let (action, key) = match kind {
        SecurityEventKind::PasswordGuessed => ("identity.security.guessed", "password-guessed"),
        _ => ("identity.security.requests_refused", "requests-refused"),
    };
    tx.audit(user.last_tenant_id, None, NewAudit::of(action).on("User", user.id));
    notices::commit_news(tx, doorway, &user, key).await
}
