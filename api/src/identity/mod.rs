//! Sign-up, sessions, the viewer and their account, the active organisation and its members.

pub mod account;
pub mod device;
pub mod external;
pub mod inputs;
pub mod invitations;
pub mod members;
pub mod membership;
pub mod modules;
pub mod mutation;
pub mod organization;
pub mod own_data;
pub mod page;
pub mod payloads;
pub mod query;
pub mod roles;
pub mod second_factor;
pub mod session;
pub mod teams;
pub mod user;

use async_graphql::MergedObject;

pub mod types {
    pub use super::device::*;
    pub use super::external::ExternalIdentity;
    pub use super::invitations::{Invitation, InvitationConnection};
    pub use super::membership::*;
    pub use super::organization::*;
    pub use super::roles::{PermissionInfo, Role, RoleConnection};
    pub use super::session::*;
    pub use super::teams::{Team, TeamConnection};
    pub use super::user::*;
}

/// What can be read of people and organisations.
#[derive(MergedObject, Default)]
pub struct IdentityQueries(query::IdentityQuery, external::ExternalQuery, teams::query::TeamsQuery);

/// What people and organisations can do about themselves.
#[derive(MergedObject, Default)]
pub struct IdentityMutations(
    mutation::IdentityMutation,
    account::AccountMutation,
    external::ExternalMutation,
    invitations::mutation::InvitationsMutation,
    members::mutation::MembersMutation,
    modules::ModulesMutation,
    own_data::OwnDataMutation,
    roles::mutation::RolesMutation,
    second_factor::SecondFactorMutation,
    teams::mutation::TeamsMutation,
);
