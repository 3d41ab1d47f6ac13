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
    /// As which service account it acts; one has all rights of its roles.
    service_account_id: ID,
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
        let account = ServiceAccountId::of_global(&input.service_account_id);
        Self { name: input.name, scopes: scopes(input.permissions), account }
    }
}

impl From<OauthClientUpdateInput> for ClientChange {
    fn from(input: OauthClientUpdateInput) -> Self {
        Self { name: input.name, scopes: input.permissions.map(scopes), expected_version: input.expected_version.map(Into::into) }
    }
}
