//! Sign-up, sessions, the viewer and their account, the active organisation and its members.

pub mod account;
pub mod api_tokens;
pub mod device;
pub mod inputs;
pub mod invitations;
pub mod members;
pub mod membership;
pub mod mutation;
pub mod oauth;
pub mod organization;
pub mod page;
pub mod payloads;
pub mod query;
pub mod roles;
pub mod second_factor;
pub mod service_accounts;
pub mod session;
pub mod user;

pub mod types {
    pub use super::api_tokens::ApiToken;
    pub use super::device::*;
    pub use super::invitations::{Invitation, InvitationConnection};
    pub use super::membership::*;
    pub use super::oauth::OauthClient;
    pub use super::organization::*;
    pub use super::roles::{PermissionInfo, Role, RoleConnection};
    pub use super::service_accounts::ServiceAccount;
    pub use super::session::*;
    pub use super::user::*;
}
