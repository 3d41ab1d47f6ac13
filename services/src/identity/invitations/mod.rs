//! Invitations: how people join an organisation that is there already.
//!
//! An invitation is of an address, with roles. Its token goes to that address, is kept as a keyed hash alone, serves once and
//! for seven days, and only an account of that address can show it. Rules that always hold:
//! - Nobody invites with a role whose rights they lack. Whoever sent it last answers for it: when they may no longer give its
//!   roles, because they left or have other rights by then, it is over.
//! - Sent again it has a new token, and the one before is over.
//! - An organisation has so many of them open, and sends so many letters: strangers are not to be flooded in its name.

mod accept;
mod create;
mod letter;
#[cfg(test)]
mod tests;
mod token;

pub use accept::accept;
pub(super) use accept::{address_of, find as find_by_token, join};
pub use create::{NewInvitation, create, resend, revoke};
#[cfg(any(test, feature = "test-support"))]
pub(crate) use create::{create_and_tell, resend_and_tell};

use super::Permission;
use crate::page::{Page, PageArgs, Sort};
use crate::{Reads, Result, Scope};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::{InvitationId, invitation};

/// How long a token serves.
const LIFE: TimeDelta = TimeDelta::days(7);

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    Pending,
    Accepted,
    Revoked,
    Expired,
}

impl InvitationState {
    pub fn of(row: &invitation::Model, now: Timestamp) -> Self {
        match (row.accepted_at, row.revoked_at) {
            (Some(_), _) => Self::Accepted,
            (None, Some(_)) => Self::Revoked,
            (None, None) if row.expires_at <= now => Self::Expired,
            (None, None) => Self::Pending,
        }
    }
}

/// The organisation's invitations, the newest first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<invitation::Model>> {
    scope.require(Permission::IdentityMemberInvite)?;
    scope.select::<invitation::Entity>().page(args, &[Sort::descending(invitation::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: InvitationId) -> Result<Option<invitation::Model>> {
    scope.require(Permission::IdentityMemberInvite)?;
    scope.find::<invitation::Entity>(id).await
}
