use crate::identity::roles::Permission;
use crate::scalars::DateTime;
use async_graphql::{ID, InputObject};
use services::identity::api_tokens::NewToken;

/// A new API token.
#[derive(InputObject)]
pub struct ApiTokenCreateInput {
    /// What it is for.
    name: String,
    /// What it may do: no more than one may oneself, and never more than one may at the moment it is used.
    permissions: Vec<Permission>,
    /// Within 366 days; in 90 days when it is absent.
    expires_at: Option<DateTime>,
    /// Where it may come from: addresses, or ranges such as 196.1.95.0/24; at most 20, and from anywhere when there are none.
    addresses: Option<Vec<String>>,
    /// The service account it is to act as, with IDENTITY_SERVICE_ACCOUNT_WRITE; oneself when it is absent.
    pub service_account_id: Option<ID>,
}

impl From<ApiTokenCreateInput> for NewToken {
    fn from(input: ApiTokenCreateInput) -> Self {
        Self {
            name: input.name,
            scopes: input.permissions.into_iter().map(Into::into).collect(),
            expires_at: input.expires_at.map(|at| at.0),
            addresses: input.addresses.unwrap_or_default(),
        }
    }
}

/// The token to end.
#[derive(InputObject)]
pub struct ApiTokenRevokeInput {
    /// One of one's own, or with IDENTITY_SERVICE_ACCOUNT_WRITE a service account's or another member's.
    pub id: ID,
}
