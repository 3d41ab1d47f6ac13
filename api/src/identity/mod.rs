//! Sign-up, sessions, the viewer and their account, the active organisation and its members.

pub mod account;
pub mod api_tokens;
pub mod device;
pub mod external;
pub mod inputs;
pub mod invitations;
pub mod members;
pub mod membership;
pub mod modules;
pub mod mutation;
pub mod oauth;
pub mod organization;
pub mod own_data;
pub mod page;
pub mod payloads;
pub mod policies;
pub mod query;
pub mod roles;
pub mod second_factor;
pub mod security_event;
pub mod service_accounts;
pub mod session;
pub mod teams;
pub mod user;

use async_graphql::MergedObject;

pub mod types {
    pub use super::api_tokens::ApiToken;
    pub use super::device::*;
    pub use super::external::ExternalIdentity;
    pub use super::invitations::{Invitation, InvitationConnection};
    pub use super::membership::*;
    pub use super::oauth::OauthClient;
    pub use super::oauth::apps::AuthorizedApp;
    pub use super::organization::*;
    pub use super::roles::{PermissionInfo, Role, RoleConnection};
    pub use super::service_accounts::ServiceAccount;
    pub use super::session::*;
    pub use super::teams::{Team, TeamConnection};
    pub use super::user::*;
}

/// What can be read of people and organisations.
#[derive(MergedObject, Default)]
pub struct IdentityQueries(
    query::IdentityQuery,
    external::ExternalQuery,
    oauth::query::OauthQuery,
    service_accounts::query::ServiceAccountsQuery,
    teams::query::TeamsQuery,
);

/// What people and organisations can do about themselves.
#[derive(MergedObject, Default)]
pub struct IdentityMutations(
    mutation::IdentityMutation,
    account::AccountMutation,
    api_tokens::mutation::ApiTokensMutation,
    external::ExternalMutation,
    invitations::mutation::InvitationsMutation,
    members::mutation::MembersMutation,
    modules::ModulesMutation,
    oauth::apps::AppsMutation,
    oauth::mutation::OauthMutation,
    own_data::OwnDataMutation,
    policies::PoliciesMutation,
    roles::mutation::RolesMutation,
    second_factor::SecondFactorMutation,
    service_accounts::mutation::ServiceAccountsMutation,
    teams::mutation::TeamsMutation,
);
