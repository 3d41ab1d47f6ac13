use crate::ids::GlobalId;
use async_graphql::{ID, InputObject};
use entities::identity::RoleId;
use services::identity::service_accounts::{NewServiceAccount, ServiceAccountChange};

/// A new service account.
#[derive(InputObject)]
pub struct ServiceAccountCreateInput {
    /// What it is for.
    name: String,
    /// From 1 to 20, without a right that one lacks oneself; never the owners'.
    role_ids: Vec<ID>,
}

/// What to change of a service account; absent fields stay.
#[derive(InputObject)]
pub struct ServiceAccountUpdateInput {
    /// The service account.
    pub id: ID,
    /// What it is for.
    name: Option<String>,
    /// All its roles, from 1 to 20.
    role_ids: Option<Vec<ID>>,
    /// Whether its tokens wait.
    suspended: Option<bool>,
    /// Refuses the change when the service account is at another version by now.
    expected_version: Option<i32>,
}

/// The service account to remove.
#[derive(InputObject)]
pub struct ServiceAccountRemoveInput {
    /// The service account.
    pub id: ID,
    /// Refuses it when the service account is at another version by now.
    pub expected_version: Option<i32>,
}

impl From<ServiceAccountCreateInput> for NewServiceAccount {
    fn from(input: ServiceAccountCreateInput) -> Self {
        Self { name: input.name, roles: RoleId::of_globals(&input.role_ids) }
    }
}

impl From<ServiceAccountUpdateInput> for ServiceAccountChange {
    fn from(input: ServiceAccountUpdateInput) -> Self {
        Self {
            name: input.name,
            roles: input.role_ids.map(|ids| RoleId::of_globals(&ids)),
            suspended: input.suspended,
            expected_version: input.expected_version.map(Into::into),
        }
    }
}
