use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::{CurrencyCode, DateTime};
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::identity::{MembershipId, UserId, membership, organization, role, user};
use services::Scope;
use services::identity::{Grants, members, organizations, sessions};
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// A person with an account.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct User {
    #[graphql(skip)]
    pub key: UserId,
    /// How others see the person.
    pub display_name: String,
    /// The address the person signs in with; null for others without IDENTITY_MEMBER_READ.
    pub email: Option<String>,
    /// In E.164, such as +221771234567; null for others without IDENTITY_MEMBER_READ.
    pub phone: Option<String>,
    /// The language tag of the person's messages.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// Whether the person agreed to WhatsApp messages; null for others without IDENTITY_MEMBER_READ.
    pub whats_app_consent: Option<bool>,
}

impl User {
    /// A person as the caller may see them.
    fn seen_by(scope: &Scope, row: user::Model) -> Self {
        let whole = scope.user() == Some(row.id) || scope.may(services::identity::Permission::IdentityMemberRead);
        let seen = Self::from(row);
        if whole { seen } else { Self { email: None, phone: None, whats_app_consent: None, ..seen } }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            key: row.id,
            display_name: row.display_name,
            email: Some(row.email),
            phone: row.phone,
            locale: row.locale,
            time_zone: row.time_zone,
            whats_app_consent: Some(row.whatsapp_consent_at.is_some()),
        }
    }
}

/// A firm, school or organiser; all its data is its own.
#[derive(Clone)]
pub struct Organization(pub organization::Model);

/// A firm, school or organiser; all its data is its own.
#[Object]
impl Organization {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_global()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// As its members know it.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The currency of its prices.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency.clone())
    }
    /// The language tag of its reports and defaults.
    async fn locale(&self) -> &str {
        &self.0.locale
    }
    /// IANA name; its days begin and end in this zone.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }
    /// What happens when a movement would take stock below zero.
    async fn negative_stock_policy(&self) -> NegativeStockPolicy {
        self.0.negative_stock_policy.into()
    }
    /// The modules switched on.
    async fn modules(&self) -> Vec<Module> {
        vec![Module::Inventory]
    }
    /// Who belongs to it, the first joined first; the active organisation's only.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MembershipConnection>> {
        let scope = ctx.scope()?;
        if scope.tenant() != self.0.id {
            return Ok(None);
        }
        let page = members::page(scope, &args(ctx, first, after, last, before)).await?;
        Ok(Some(MembershipConnection::new(Membership::page(page))))
    }
}

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
connection!(Organization, OrganizationConnection, OrganizationEdge, "organisations");

/// The person who asks.
pub struct Viewer;

/// The person who asks.
#[Object]
impl Viewer {
    /// The account.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(services::identity::users::get(&ctx.doorway(), ctx.caller()?).await?.into())
    }
    /// The place in the active organisation; null for an account alone.
    async fn membership(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some((_, membership)) = ctx.caller()?.member else { return Ok(None) };
        Ok(members::mine(ctx.scope()?, membership).await?.map(Membership::alone))
    }
    /// The organisations the person belongs to, the first joined first.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OrganizationConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = sessions::organizations_of(&ctx.doorway(), ctx.caller()?.user).await?;
        Ok(Some(OrganizationConnection::new(Page::of_all(all, &args, |row| row.id.0)?.map(Organization))))
    }
    /// What the person may do in the active organisation.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionGrant>> {
        Ok(grants(&ctx.caller()?.grants))
    }
    /// How many notifications in the active organisation are neither read nor archived.
    async fn unread_notification_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let Some(scope) = &ctx.asking().scope else { return Ok(0) };
        let count = services::notifications::read::unread_count(scope).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// The tokens of a signed-in device.
pub struct Session(pub sessions::Session);

/// The tokens of a signed-in device.
#[Object]
impl Session {
    /// Sent as `Authorization: Bearer …`, and in `connection_init`.
    async fn access_token(&self) -> &str {
        &self.0.access_token
    }
    /// When the access token ends; refresh before.
    async fn access_token_expires_at(&self) -> DateTime {
        self.0.access_token_expires_at.into()
    }
    /// Serves once, in `sessionRefresh`; keep it secret.
    async fn refresh_token(&self) -> &str {
        &self.0.refresh_token
    }
    /// When the session ends, however often it is refreshed.
    async fn refresh_token_expires_at(&self) -> DateTime {
        self.0.refresh_token_expires_at.into()
    }
    /// The active organisation; null for an account alone.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let Some(tenant) = self.0.tenant else { return Ok(None) };
        let all = sessions::organizations_of(&ctx.doorway(), self.0.user).await?;
        Ok(all.into_iter().find(|row| row.id == tenant).map(Organization))
    }
}

/// That a second factor is wanted before there is a session.
#[derive(SimpleObject)]
pub struct SignInChallenge {
    /// Names this sign-in in the next call.
    pub token: String,
    /// What will do.
    pub methods: Vec<SecondFactor>,
    /// When the sign-in must begin anew.
    pub expires_at: DateTime,
}

/// A second proof of who one is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// One of the codes kept for a lost telephone.
    RecoveryCode,
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
    /// Belongs to it, and may do nothing for now.
    Suspended,
    /// Belonged to it.
    Left,
}

/// What happens when a movement would take stock below zero.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "organization::NegativeStockPolicy")]
pub enum NegativeStockPolicy {
    /// The movement is refused.
    Forbid,
    /// The movement is recorded, with a warning.
    Warn,
    /// The movement is recorded.
    Allow,
}

/// A part of the product an organisation may switch on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// Products, stock, alerts.
    Inventory,
    /// Courses and quizzes.
    Learning,
    /// Interview queues at fairs.
    JobFairs,
    /// Job offers and applications.
    Recruiting,
    /// Projects, boards, time.
    Projects,
    /// Customers and opportunities.
    Crm,
    /// Invoices, expenses, budgets.
    Finance,
    /// The knowledge base.
    Knowledge,
}
