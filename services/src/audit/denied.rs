//! Refusals for want of a permission, of what would have changed something.

use super::ledger::TOKEN;
use crate::identity::Permission;
use crate::{Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::audit::AuditEventId;
use entities::identity::MembershipId;
use entities::{TenantId, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Whoever is refused the same again so soon is not written down again.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// More are not remembered at once.
const MOST: usize = 10_000;

/// When this process last wrote down that somebody was refused something; the database knows it of the others.
#[derive(Default)]
pub(crate) struct Denials(Mutex<HashMap<(TenantId, MembershipId, Permission), Timestamp>>);

impl Denials {
    fn is_first(&self, who: (TenantId, MembershipId, Permission), now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&who).is_some_and(|last| now.since(*last) < PAUSE) {
            return false;
        }
        if all.len() >= MOST {
            all.retain(|_, last| now.since(*last) < PAUSE);
        }
        all.len() < MOST && all.insert(who, now).is_none_or(|last| now.since(last) >= PAUSE)
    }
}

/// Writes down, in a transaction of its own and without having anybody wait, that a member lacked a permission to change
/// something.
pub(crate) fn refused(scope: &Scope, permission: Permission) {
    deny(scope, permission, Map::new());
}

/// The same of a member who has the permission, and tried with it to give, take or edit what they lack themselves.
pub(crate) fn beyond(scope: &Scope, permission: Permission) {
    deny(scope, permission, Map::from_iter([("beyondOwnRights".to_owned(), json!([null, true]))]));
}

fn deny(scope: &Scope, permission: Permission, changes: Map<String, Value>) {
    let Some(member) = scope.membership().filter(|_| !permission.only_reads()) else { return };
    // Of this instant, whenever it comes to be written.
    let now = scope.now();
    if !scope.app().denials().is_first((scope.tenant(), member, permission), now) {
        return;
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let scope = scope.beside();
    runtime.spawn(async move {
        if let Err(error) = crate::scope::retrying(|| write(&scope, member, permission, now, changes.clone())).await {
            tracing::warn!(%error, tenant.id = %scope.tenant(), "could not write down that {} was refused", permission.code());
        }
    });
}

async fn write(scope: &Scope, member: MembershipId, permission: Permission, now: Timestamp, mut changes: Map<String, Value>) -> Result<()> {
    let txn = scope.begin().await?;
    let asked = txn.asked().cloned().unwrap_or_default();
    let insert = txn.statement(sql!("insert_denied.sql")).bind("id", txn.new_id::<AuditEventId>()).bind("now", now);
    let insert = insert.bind("membership", member).bind("action", permission.code()).bind("kind", txn.acting_as().0);
    if let Some(token) = txn.token() {
        changes.insert(TOKEN.to_owned(), json!([null, token.prefix]));
    }
    let insert = insert.bind("changes", Value::from(changes).to_string());
    let insert = insert.bind("from", super::seal::first_id_of(now.minus(PAUSE))).bind("since", now.minus(PAUSE));
    let insert = insert.bind("operation", asked.operation()).bind("request", asked.request_id.as_deref().map(str::to_owned));
    insert.bind("address", asked.address.clone()).bind("agent", asked.user_agent()).run().await?;
    txn.commit().await
}
