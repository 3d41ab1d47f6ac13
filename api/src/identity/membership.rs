use super::organization::Organization;
use super::user::User;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::identity::{MembershipId, UserId, membership, role, user};
use services::Scope;
use services::identity::{Grants, members, organizations};
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// That a person belongs to the organisation.
#[derive(Clone)]
pub struct Membership {
    pub row: membership::Model,
    page: Arc<MembershipPage>,
}

/// What the memberships of one page point at.
pub struct MembershipPage {
    users: Together<UserId, user::Model>,
    roles: Together<MembershipId, Vec<role::Model>>,
}

impl MembershipPage {
    fn of<'a>(rows: impl Iterator<Item = &'a membership::Model>) -> Arc<Self> {
        let (users, members): (Vec<_>, Vec<_>) = rows.map(|row| (row.user_id, row.id)).unzip();
        Arc::new(Self { users: Together::new(users), roles: Together::new(members) })
    }
}

impl Membership {
    pub fn alone(row: membership::Model) -> Self {
        let page = MembershipPage::of(std::iter::once(&row));
        Self { row, page }
    }
    /// The memberships with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[MembershipId]) -> services::Result<HashMap<MembershipId, Self>> {
        let rows = members::by_ids(scope, ids).await?;
        let together = MembershipPage::of(rows.values());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    pub fn page(page: Page<membership::Model>) -> Page<Self> {
        let together = MembershipPage::of(page.items());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// That a person belongs to the organisation.
#[Object]
impl Membership {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        let scope = ctx.scope()?;
        let user = self.page.users.must_get(self.row.user_id, |ids| members::users(scope, ids)).await?;
        Ok(User::seen_by(scope, user))
    }
    /// The organisation.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(organizations::get(ctx.scope()?).await?))
    }
    /// The roles held; their permissions add up.
    async fn roles(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<RoleConnection>> {
        let args = args(ctx, first, after, last, before);
        let scope = ctx.scope()?;
        let held = self.page.roles.get(self.row.id, |ids| members::roles_of(scope, ids)).await?.unwrap_or_default();
        let page = members::roles_page(held, &args)?;
        Ok(Some(RoleConnection::new(page.map(Role))))
    }
    /// Where the membership stands.
    async fn status(&self) -> MembershipStatus {
        self.row.status.into()
    }
}

/// A named set of permissions.
#[derive(Clone)]
pub struct Role(pub role::Model);

/// A named set of permissions.
#[Object]
impl Role {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_global()
    }
    /// In the language it was made in.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Whether it comes with the product and cannot be changed.
    async fn is_system(&self) -> bool {
        self.0.key.is_some()
    }
    /// What it allows.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionGrant>> {
        Ok(grants(&members::grants_of(ctx.scope()?, &self.0).await?))
    }
}

pub fn grants(grants: &Grants) -> Vec<PermissionGrant> {
    grants.iter().map(|(permission, reach)| PermissionGrant { permission: permission.into(), scope: reach.into() }).collect()
}

node_id!(User);
connection!(Membership, MembershipConnection, MembershipEdge, "memberships");
connection!(Role, RoleConnection, RoleEdge, "roles");

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
    /// Those of one's teams.
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
    /// Change the organisation's name, language, time zone and policies.
    IdentityOrganizationUpdate,
    /// See products, categories, suppliers, units and warehouses.
    InventoryProductRead,
    /// Create, change and archive products, categories, suppliers and warehouses.
    InventoryProductWrite,
    /// See stock levels, movements and the dashboard.
    InventoryStockRead,
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

/// Where a membership stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "membership::MembershipStatus")]
pub enum MembershipStatus {
    /// Asked to join, and has not answered.
    Invited,
    /// Belongs to the organisation.
    Active,
    /// Belongs to it without access: its data are closed to them, and their roles wait.
    Suspended,
    /// Belonged to it.
    Left,
}
