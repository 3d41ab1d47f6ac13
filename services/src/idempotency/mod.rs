//! One effect per caller's key: the key's row is written in the transaction of the effect.
//!
//! A key lives 24 hours, per organisation and person, or program: an API token, or a client of the authorization server. The same key
//! with another content is a mismatch; with the same content it gets the stored answer, or is told that the first call is still
//! running, or that it was done and its answer lost: what is past its time without an answer gets none any more. Nobody looks before: a
//! call whose key is taken can write nothing ([`crate::Error::KeyTaken`]), and looks then.

mod keeper;

pub(crate) use keeper::Keeper;

use crate::identity::api_tokens::UsedToken;
use crate::scope::{Sql, SystemStatement, TenantTx};
use crate::{App, Error, Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::UserId;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// How long a key lives.
const LIFE: TimeDelta = TimeDelta::hours(24);
/// By then a call has answered or was given up: three times what the API gives a mutation, and what clocks differ by.
const TIME: TimeDelta = TimeDelta::minutes(1);
/// Kept in the place of an answer that is lost; no answer is empty.
const LOST: &str = "";

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
    /// The effect is there, its answer will never be.
    Done,
    /// The key was used for something else.
    Mismatch,
}

#[derive(sea_orm::FromQueryResult)]
struct Stored {
    fingerprint: Vec<u8>,
    response: Option<String>,
    created_at: Timestamp,
}

impl Stored {
    fn known(self, claim: &Claim, now: Timestamp) -> Known {
        match self.response {
            _ if self.fingerprint != claim.fingerprint => Known::Mismatch,
            Some(response) if response != LOST => Known::Answered(response),
            None if now.since(self.created_at) < TIME => Known::Running,
            _ => Known::Done,
        }
    }
}

/// Looks a key up.
pub async fn look(scope: &Scope, claim: &Claim) -> Result<Known> {
    if let Some(known) = scope.app().answers().known(&owner(scope, claim), claim) {
        return Ok(known);
    }
    // What was seen before the key was found taken does not show by whom.
    scope.end_read().await;
    let now = scope.now();
    let stored =
        scope.statement(sql!("find.sql")).bind("actor", actor(scope)).bind("key", claim.key.clone()).bind("since", now.minus(LIFE));
    Ok(stored.one::<Stored>().await?.map_or(Known::Fresh, |stored| stored.known(claim, now)))
}

/// Writes the key's row; a second one fails as taken, and with it the whole transaction.
pub(crate) async fn write(txn: &TenantTx<'_>, claim: &Claim) -> Result<()> {
    let user = match txn.actor() {
        crate::Actor::Member { user, .. } => Some(user),
        crate::Actor::System => None,
    };
    let (now, actor) = (txn.now(), whose(user, txn.token()));
    let insert = txn.statement(sql!("insert.sql")).bind("actor", actor).bind("key", claim.key.clone()).bind("now", now);
    let insert = insert.bind("fingerprint", claim.fingerprint.to_vec()).bind("since", now.minus(LIFE));
    if insert.run().await? == 0 { Err(Error::KeyTaken) } else { Ok(()) }
}

/// The same beside rows of nobody, or of another organisation: the key is still the caller's in theirs.
pub(crate) async fn write_beside<'a>(
    statement: impl FnOnce(&'static Sql) -> SystemStatement<'a>,
    caller: &Scope,
    claim: &Claim,
) -> Result<()> {
    let now = caller.now();
    let insert = statement(sql!("insert.sql")).bind("tenant", caller.tenant().0).bind("actor", actor(caller));
    let insert = insert.bind("key", claim.key.clone()).bind("fingerprint", claim.fingerprint.to_vec());
    if insert.bind("now", now).bind("since", now.minus(LIFE)).run().await? == 0 { Err(Error::KeyTaken) } else { Ok(()) }
}

/// Keeps the answer for the next call with the same key; a call to this process finds it at once, one to another soon.
pub fn answer(scope: &Scope, claim: &Claim, response: String) {
    let answer = keeper::Answer { fingerprint: claim.fingerprint, response, at: scope.now() };
    scope.app().answers().keep(scope.app(), owner(scope, claim), answer);
}

/// Says to the next call with the same key that it was done, and that nobody knows the answer.
pub fn lose(scope: &Scope, claim: &Claim) {
    answer(scope, claim, LOST.to_owned());
}

/// Keeps now what waits to be kept, before the process ends.
pub async fn settle(app: &App) -> Result<()> {
    while app.answers().write(app).await? {}
    Ok(())
}

fn owner(scope: &Scope, claim: &Claim) -> keeper::Owner {
    (scope.tenant(), actor(scope), claim.key.clone())
}

/// Whose key it is.
pub(crate) fn actor(scope: &Scope) -> Uuid {
    whose(scope.user(), scope.token())
}

/// A person's, or a program's: what its token may not see, no answer to another call of its person tells it.
fn whose(user: Option<UserId>, token: Option<&Arc<UsedToken>>) -> Uuid {
    let user = user.map_or(Uuid::nil(), |user| user.0);
    let Some(token) = token else { return user };
    let both: [u8; 32] = Sha256::new().chain_update(user).chain_update(token.program()).finalize().into();
    Uuid::from_slice(&both[..16]).unwrap_or_default()
}

#[cfg(test)]
mod tests;
