//! Roles and the permissions they are made of.

pub mod inputs;
pub mod mutation;

use super::organization::Module;
use crate::context::Ask;
use crate::ids::GlobalId;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use services::identity::{Grants, roles};

/// A named set of permissions.
#[derive(Clone)]
pub struct Role(pub roles::Role);

/// A named set of permissions.
#[Object]
impl Role {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.row.id.to_global()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.row.version
    }
    /// A system role in the reader's language, one of the organisation's own as it was called.
    async fn name(&self, ctx: &Context<'_>) -> String {
        self.0.name(ctx.locale())
    }
    /// Whether it comes with the product: it can be copied, and not be changed.
    async fn is_system(&self) -> bool {
        self.0.row.key.is_some()
    }
    /// What part of an organisation a system role is for; null for an own one.
    async fn category(&self) -> Option<RoleCategory> {
        self.0.shipped().map(|shipped| shipped.category().into())
    }
    /// What it allows.
    async fn permissions(&self) -> Vec<PermissionGrant> {
        grants(&self.0.grants)
    }
}

connection!(Role, RoleConnection, RoleEdge, "roles");

pub fn grants(grants: &Grants) -> Vec<PermissionGrant> {
    grants.iter().map(|(permission, reach)| PermissionGrant { permission: permission.into(), scope: reach.into() }).collect()
}

/// What part of an organisation a role is for; values may be added.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "services::identity::Category")]
pub enum RoleCategory {
    /// Those who direct it, and those who look over their shoulder.
    Direction,
    /// Those who teach and learn.
    Education,
    /// Those who work in it.
    Work,
    /// Those who work for all of it: people, money, sales, texts.
    Functions,
    /// Partners and customers.
    Outside,
}

/// A permission, for whoever puts a role together.
#[derive(SimpleObject)]
pub struct PermissionInfo {
    /// Which it is.
    pub permission: Permission,
    /// What it allows, in the reader's language.
    pub description: String,
    /// The module without which nobody has it; null: it is always there.
    pub module: Option<Module>,
    /// How far it may reach in this version.
    pub scopes: Vec<PermissionScope>,
}

/// One permission and how far it reaches.
#[derive(SimpleObject, Clone)]
pub struct PermissionGrant {
    /// What may be done.
    pub permission: Permission,
    /// On whose rows.
    pub scope: PermissionScope,
}

/// How far a permission reaches.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "services::identity::Reach")]
pub enum PermissionScope {
    /// One's own rows.
    Own,
    /// One's own, and those of whoever belongs to a team at or below one of one's own.
    Team,
    /// All of the organisation's.
    Org,
}

/// Something a member may be allowed to do, named DOMAIN_NOUN_VERB; values may be added.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "services::identity::Permission")]
pub enum Permission {
    /// See who belongs to the organisation, and with which roles.
    IdentityMemberRead,
    /// Invite people, with roles whose rights one has.
    IdentityMemberInvite,
    /// Give and take roles whose rights one has; suspend, reactivate and remove members.
    IdentityMemberManage,
    /// Create, change and delete the organisation's own roles.
    IdentityRoleWrite,
    /// Make, move and delete teams, and say who belongs to them.
    IdentityTeamWrite,
    /// Create, change and remove service accounts with rights one has, and make their API tokens.
    IdentityServiceAccountWrite,
    /// Register, change and delete clients of the authorization server, which act as service accounts.
    IdentityOauthClientWrite,
    /// Change the organisation's name, language, time zone and policies.
    IdentityOrganizationUpdate,
    /// Hand the organisation over to another owner.
    IdentityOwnershipTransfer,
    /// See products, categories, suppliers, units and warehouses.
    InventoryProductRead,
    /// Create, change and archive products, categories, suppliers and warehouses.
    InventoryProductWrite,
    /// See stock levels and the dashboard.
    InventoryStockRead,
    /// See movements of stock.
    InventoryStockMovementRead,
    /// See what products cost, and what stock is worth at cost.
    InventoryCostRead,
    /// Record movements and transfers of stock.
    InventoryStockMovementRecord,
    /// Undo a movement by its reverse.
    InventoryStockMovementReverse,
    /// Upload files.
    FilesFileUpload,
    /// See imports and their errors.
    DataImportsImportRead,
    /// Start and cancel imports.
    DataImportsImportRun,
    /// See who did what in the organisation.
    AuditEventRead,
    /// See stock alerts, their history and the rules behind them.
    AlertsStockAlertRead,
    /// Acknowledge and snooze stock alerts.
    AlertsStockAlertHandle,
    /// Ask for an evaluation of the alert rules now.
    AlertsStockAlertEvaluate,
    /// Create, change and delete alert rules.
    AlertsRuleWrite,
    /// See the organisation's background jobs.
    WorkJobRead,
    /// Retry and discard the organisation's background jobs.
    WorkJobManage,
}
