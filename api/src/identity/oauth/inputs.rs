use crate::identity::roles::Permission;
use crate::ids::GlobalId;
use async_graphql::{ID, InputObject};
use entities::identity::ServiceAccountId;
use services::identity::oauth::{ClientChange, NewClient};

/// A new client of the authorization server.
#[derive(InputObject)]
pub struct OauthClientCreateInput {
    /// What it is.
    name: String,
    /// The most it is given: no more than one may oneself.
    permissions: Vec<Permission>,
    /// As which service account it acts for itself; one has all rights of its roles. Without one it asks people alone.
    service_account_id: Option<ID>,
    /// Where people may be sent back to: https addresses, compared to the letter; http for the person's own machine alone. At most 10.
    #[graphql(default)]
    redirect_uris: Vec<String>,
    /// Whether it can keep a secret, as a server does; what is in the hands of people cannot, and never acts for itself.
    #[graphql(default = true)]
    confidential: bool,
}

/// What to change of a client; absent fields stay.
#[derive(InputObject)]
pub struct OauthClientUpdateInput {
    /// The client.
    pub id: ID,
    /// What it is.
    name: Option<String>,
    /// The most it is given: no more than one may oneself.
    permissions: Option<Vec<Permission>>,
    /// Where people may be sent back to.
    redirect_uris: Option<Vec<String>>,
    /// Refuses the change when the client is at another version by now.
    expected_version: Option<i32>,
}

/// The client that is to have another secret.
#[derive(InputObject)]
pub struct OauthClientSecretRenewInput {
    /// The client.
    pub id: ID,
}

/// The client to delete.
#[derive(InputObject)]
pub struct OauthClientDeleteInput {
    /// The client.
    pub id: ID,
}

fn scopes(listed: Vec<Permission>) -> Vec<services::identity::Permission> {
    listed.into_iter().map(Into::into).collect()
}

impl From<OauthClientCreateInput> for NewClient {
    fn from(input: OauthClientCreateInput) -> Self {
        let account = input.service_account_id.map(|id| ServiceAccountId::of_global(&id));
        let (redirect_uris, public) = (input.redirect_uris, !input.confidential);
        Self { name: input.name, scopes: scopes(input.permissions), account, redirect_uris, public }
    }
}

impl From<OauthClientUpdateInput> for ClientChange {
    fn from(input: OauthClientUpdateInput) -> Self {
        let expected_version = input.expected_version.map(Into::into);
        Self { name: input.name, scopes: input.permissions.map(scopes), redirect_uris: input.redirect_uris, expected_version }
    }
}
