//! A sign-in between its two factors.

use crate::identity::Purpose;
use crate::{Doorway, Result};
use chrono::TimeDelta;
use entities::identity::{UserId, user};
use entities::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// That a second factor is wanted before there is a session.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Names the sign-in; good with a code alone.
    pub token: String,
    pub expires_at: Timestamp,
}

/// How long a person may take to find their telephone.
const LIFE: TimeDelta = TimeDelta::minutes(5);

/// What the token of a challenge says.
#[derive(Serialize, Deserialize)]
pub(in crate::identity) struct Begun {
    pub user: UserId,
    pub tenant: Option<TenantId>,
    until: Timestamp,
    /// Of the password that was right: another ends the challenge.
    password: [u8; 8],
}

fn print(user: &user::Model) -> [u8; 8] {
    let hash = Sha256::digest(user.password_hash.as_deref().unwrap_or_default());
    std::array::from_fn(|at| hash[at])
}

/// Asks whoever knew the password for the second factor.
pub(in crate::identity) fn challenge(doorway: &Doorway, user: &user::Model, tenant: Option<TenantId>) -> Result<Challenge> {
    let expires_at = doorway.now().plus(LIFE);
    let begun = Begun { user: user.id, tenant, until: expires_at, password: print(user) };
    let token = doorway.app().keys().seal(Purpose::Challenge, &serde_json::to_vec(&begun)?);
    Ok(Challenge { token, expires_at })
}

/// The sign-in of a token that is ours and not over.
pub(in crate::identity) fn open(doorway: &Doorway, token: &str) -> Option<Begun> {
    let content = doorway.app().keys().unseal(Purpose::Challenge, token)?;
    serde_json::from_slice::<Begun>(&content).ok().filter(|begun| begun.until > doorway.now())
}

impl Begun {
    /// Whether the password that was right then is the person's still.
    pub(in crate::identity) fn is_of(&self, user: &user::Model) -> bool {
        self.password == print(user)
    }
}
