use super::{Permission, PermissionScope};
use crate::ids::GlobalId;
use async_graphql::{ID, InputObject};
use entities::identity::RoleId;
use services::identity::roles::{NewRole, RoleChange};

/// One permission and how far it is to reach.
#[derive(InputObject)]
pub struct PermissionGrantInput {
    /// What may be done.
    pub permission: Permission,
    /// On whose rows: one of the `scopes` of `permissions`.
    #[graphql(default_with = "PermissionScope::Org")]
    pub scope: PermissionScope,
}

/// A new role; `permissions` or `copyOf`.
#[derive(InputObject)]
pub struct RoleCreateInput {
    /// What no other role is called, case and accents aside.
    name: String,
    /// The role whose permissions it begins with.
    copy_of: Option<ID>,
    /// What it allows: no more than one may oneself.
    permissions: Option<Vec<PermissionGrantInput>>,
}

/// What to change of a role; absent fields stay.
#[derive(InputObject)]
pub struct RoleUpdateInput {
    /// One of the organisation's own.
    pub id: ID,
    /// What no other role is called, case and accents aside.
    name: Option<String>,
    /// All that it allows: no more than one may oneself, and not less than leaves one the right to edit roles.
    permissions: Option<Vec<PermissionGrantInput>>,
    /// Refuses the change when the role is at another version by now.
    expected_version: Option<i32>,
}

/// The role to delete.
#[derive(InputObject)]
pub struct RoleDeleteInput {
    /// One of the organisation's own that nobody holds.
    pub id: ID,
}

type Grants = Vec<(services::identity::Permission, services::identity::Reach)>;

fn grants(listed: Vec<PermissionGrantInput>) -> Grants {
    listed.into_iter().map(|grant| (grant.permission.into(), grant.scope.into())).collect()
}

impl From<RoleCreateInput> for NewRole {
    fn from(input: RoleCreateInput) -> Self {
        Self { name: input.name, copy_of: input.copy_of.as_ref().map(RoleId::of_global), grants: input.permissions.map(grants) }
    }
}

impl From<RoleUpdateInput> for RoleChange {
    fn from(input: RoleUpdateInput) -> Self {
        Self { name: input.name, grants: input.permissions.map(grants), expected_version: input.expected_version.map(Into::into) }
    }
}
