//! One effect per caller's key: the key's row is written in the transaction of the effect.
//!
//! A key lives 24 hours, per organisation and person. The same key with another content is a mismatch; with the same
//! content it gets the stored answer, or is told that the first call is still running. Nobody looks before: a call whose
//! key is taken can write nothing ([`crate::Error::KeyTaken`]), and looks then.

mod keeper;

pub(crate) use keeper::Keeper;

use crate::scope::TenantTx;
use crate::{Reads, Result, Scope, sql};
use chrono::TimeDelta;
use std::sync::OnceLock;
use uuid::Uuid;

/// The key and content of a call that is about to write.
#[derive(Clone, Debug)]
pub struct Claim {
    pub key: String,
    /// SHA-256 of what is asked.
    pub fingerprint: [u8; 32],
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    Fresh,
    /// The stored answer.
    Answered(String),
    /// The effect is there, its answer not yet.
    Running,
    /// The key was used for something else.
    Mismatch,
}

#[derive(sea_orm::FromQueryResult)]
struct Stored {
    fingerprint: Vec<u8>,
    response: Option<String>,
}

/// Looks a key up.
pub async fn look(scope: &Scope, claim: &Claim) -> Result<Known> {
    let since = scope.now().minus(TimeDelta::hours(24));
    let alone = scope.alone().await?;
    let stored = alone.statement(sql!("find.sql")).bind("actor", actor(scope)).bind("key", claim.key.clone()).bind("since", since);
    Ok(match stored.one::<Stored>().await? {
        None => Known::Fresh,
        Some(stored) if stored.fingerprint != claim.fingerprint => Known::Mismatch,
        Some(Stored { response: Some(response), .. }) => Known::Answered(response),
        Some(_) => Known::Running,
    })
}

/// Writes the key's row; a second one fails as a duplicate, and with it the whole transaction.
pub(crate) async fn write(txn: &TenantTx<'_>, claim: &Claim) -> Result<()> {
    let actor = match txn.actor() {
        crate::Actor::Member { user, .. } => user.0,
        crate::Actor::System => Uuid::nil(),
    };
    let now = txn.now();
    let insert = txn.statement(sql!("insert.sql")).bind("actor", actor).bind("key", claim.key.clone());
    let written = insert
        .bind("fingerprint", claim.fingerprint.to_vec())
        .bind("now", now)
        .bind("since", now.minus(TimeDelta::hours(24)))
        .run()
        .await?;
    if written == 0 { Err(crate::Error::KeyTaken) } else { Ok(()) }
}

/// Keeps the answer for the next call with the same key.
pub async fn answer(scope: &Scope, claim: &Claim, response: String) -> Result<()> {
    let (tenant, actor, key) = (scope.tenant(), actor(scope), claim.key.clone());
    let answer = keeper::Waiting { tenant, actor, key, response, done: OnceLock::new() };
    scope.app().answers().keep(scope.app(), answer).await
}

/// Whose key it is.
pub(crate) fn actor(scope: &Scope) -> Uuid {
    scope.user().map_or(Uuid::nil(), |user| user.0)
}
