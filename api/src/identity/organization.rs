use super::invitations::{Invitation, InvitationConnection};
use super::membership::{Membership, MembershipConnection};
use super::policies::OrganizationPolicies;
use super::roles::{Role, RoleConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::CurrencyCode;
use async_graphql::{Context, Enum, ID, Object};
use entities::identity::organization;
use services::identity::policies::Policies;
use services::identity::{invitations, members, modules, roles};

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
    /// What it asks of who comes in.
    async fn policies(&self) -> OrganizationPolicies {
        Policies::of_text(&self.0.policies).into()
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
    /// The modules switched on. Of one that is off nobody may call anything, whatever their roles; its data wait.
    async fn modules(&self) -> Vec<Module> {
        modules::of(&self.0).into_iter().map(Into::into).collect()
    }
    /// Who belongs to it, the first joined first, and with `includeLeft` who did; the active organisation's only.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(default = false)] include_left: bool,
    ) -> Result<Option<MembershipConnection>> {
        let scope = ctx.scope()?;
        if scope.tenant() != self.0.id {
            return Ok(None);
        }
        let page = members::page(scope, include_left, &args(ctx, first, after, last, before)).await?;
        Ok(Some(MembershipConnection::new(Membership::page(page))))
    }
    /// Its invitations, the newest first; the active organisation's only.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_INVITE".into()))]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<InvitationConnection>> {
        let scope = ctx.scope()?;
        if scope.tenant() != self.0.id {
            return Ok(None);
        }
        let page = invitations::page(scope, &args(ctx, first, after, last, before)).await?;
        Ok(Some(InvitationConnection::new(Invitation::page(page))))
    }
    /// Its roles: those that come with the product, by category, then its own by name; the active organisation's only.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn roles(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<RoleConnection>> {
        let scope = ctx.scope()?;
        if scope.tenant() != self.0.id {
            return Ok(None);
        }
        let page = roles::page(scope, &args(ctx, first, after, last, before)).await?;
        Ok(Some(RoleConnection::new(page.map(Role))))
    }
}

connection!(Organization, OrganizationConnection, OrganizationEdge, "organisations");

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

impl Module {
    /// As the services know it; those still to come are known to nobody there.
    pub fn code(self) -> &'static str {
        match self {
            Self::Inventory => modules::Module::Inventory.code(),
            Self::DataImports => modules::Module::DataImports.code(),
            _ => "",
        }
    }
}

impl From<modules::Module> for Module {
    fn from(module: modules::Module) -> Self {
        match module {
            modules::Module::Inventory => Self::Inventory,
            modules::Module::DataImports => Self::DataImports,
        }
    }
}

/// A part of the product an organisation may switch on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Module {
    /// Products, stock, alerts.
    Inventory,
    /// Products and movements out of files; needs INVENTORY.
    DataImports,
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
