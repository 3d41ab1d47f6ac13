use super::types::{AlertSeverity, StockAlertKind};
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::{Membership, MembershipConnection, Role, RoleConnection};
use crate::ids::GlobalId;
use crate::inventory::query::ServiceLevelDefinition;
use crate::inventory::types::{Category, Product, Warehouse};
use crate::notifications::types::NotificationChannel;
use crate::page::args;
use crate::scalars::Decimal;
use crate::shared::Shared;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object};
use entities::alerts::{AlertRuleId, rule};
use entities::inventory::{CategoryId, ProductId, WarehouseId};
use services::Scope;
use services::alerts::rules;
use services::identity::roles;
use services::inventory::quantity;
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// What stock is watched for, and who is told.
#[derive(Clone)]
pub struct StockAlertRule {
    pub row: rule::Model,
    page: Arc<RulePage>,
}

/// What the rules of one page point at.
pub struct RulePage {
    products: Together<ProductId, Product>,
    categories: Together<CategoryId, Category>,
    warehouses: Together<WarehouseId, Shared<Warehouse>>,
}

impl RulePage {
    fn of<'a>(rows: impl Iterator<Item = &'a rule::Model> + Clone) -> Arc<Self> {
        Arc::new(Self {
            products: Together::new(rows.clone().filter_map(|row| row.product_id)),
            categories: Together::new(rows.clone().filter_map(|row| row.category_id)),
            warehouses: Together::new(rows.filter_map(|row| row.warehouse_id)),
        })
    }
}

impl StockAlertRule {
    pub fn alone(row: rule::Model) -> Self {
        let page = RulePage::of(std::iter::once(&row));
        Self { row, page }
    }
    /// The rules with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[AlertRuleId]) -> services::Result<HashMap<AlertRuleId, Self>> {
        let rows = rules::by_ids(scope, ids).await?;
        let together = RulePage::of(rows.values());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    pub fn page(page: Page<rule::Model>) -> Page<Self> {
        let together = RulePage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// What stock is watched for, and who is told.
#[Object]
impl StockAlertRule {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
    /// What it watches for.
    async fn kind(&self) -> StockAlertKind {
        self.row.kind.into()
    }
    /// One that is not is as if absent.
    async fn enabled(&self) -> bool {
        self.row.enabled
    }
    /// How bad what it finds is.
    async fn severity(&self) -> AlertSeverity {
        self.row.severity.into()
    }
    /// Whether it looks at the sum of all warehouses or at each of them.
    async fn granularity(&self) -> AlertGranularity {
        AlertGranularity::of(self.row.per_warehouse)
    }
    /// The most specific rule wins: product and warehouse, product, category and warehouse, category, warehouse, organisation; then the newest.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        let Some(id) = self.row.product_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.products.get(id, |ids| Product::by_ids(scope, ids)).await?)
    }
    /// Covers this category, not the ones below it.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        let Some(id) = self.row.category_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.categories.get(id, |ids| Category::by_ids(scope, ids)).await?)
    }
    /// Looks at this warehouse alone.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Option<Shared<Warehouse>>> {
        let Some(id) = self.row.warehouse_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.warehouses.get(id, |ids| Warehouse::by_ids(scope, ids)).await?)
    }
    /// LOW_STOCK without one uses the product's reorderPoint; without that it never alerts.
    async fn threshold(&self) -> Option<Decimal> {
        self.row.threshold.map(Into::into)
    }
    /// An open alert clears above threshold × (100 + clearPercent) %; of a service level, at target + clearPercent points.
    async fn clear_percent(&self) -> Decimal {
        Decimal(quantity::format_scaled(self.row.clear_margin, 2, false))
    }
    /// By which definition a service level is measured.
    async fn service_level_definition(&self) -> Option<ServiceLevelDefinition> {
        self.row.service_level.map(|definition| match definition {
            rule::ServiceLevelDefinition::LineFillRate => ServiceLevelDefinition::LineFillRate,
            rule::ServiceLevelDefinition::UnitFillRate => ServiceLevelDefinition::UnitFillRate,
        })
    }
    /// Below this ratio a service level has dropped.
    async fn service_level_target(&self) -> Option<Decimal> {
        self.row.target.map(|target| Decimal(quantity::format_scaled(target, 4, false)))
    }
    /// Over how many local days, today included.
    async fn window_days(&self) -> Option<i32> {
        self.row.window_days.and_then(|days| i32::try_from(days).ok())
    }
    /// With fewer lines in the window there is no data.
    async fn minimum_lines(&self) -> Option<i32> {
        self.row.minimum_lines.and_then(|lines| i32::try_from(lines).ok())
    }
    /// How long the condition holds before it fires.
    async fn pending_for_minutes(&self) -> i32 {
        minutes(self.row.pending_for)
    }
    /// How long it stays clear before it resolves.
    async fn keep_firing_for_minutes(&self) -> i32 {
        minutes(self.row.keep_for)
    }
    /// How often people are told while it fires; 0: once.
    async fn repeat_every_minutes(&self) -> i32 {
        minutes(self.row.repeat_every)
    }
    /// How people are told.
    async fn channels(&self) -> Vec<NotificationChannel> {
        rules::channels(&self.row).into_iter().map(Into::into).collect()
    }
    /// Members told by name.
    async fn recipients(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MembershipConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = rules::recipients(ctx.scope()?, self.row.id).await?;
        let page = Page::of_all(all, &args, |member| member.id.0)?;
        Ok(Some(MembershipConnection::new(Membership::page(page))))
    }
    /// Roles whose holders are told.
    async fn recipient_roles(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<RoleConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = rules::roles(ctx.scope()?, self.row.id).await?;
        Ok(Some(RoleConnection::new(roles::page_of(all, &args)?.map(Role))))
    }
}

connection!(StockAlertRule, StockAlertRuleConnection, StockAlertRuleEdge, "alert rules");

fn minutes(micros: i64) -> i32 {
    i32::try_from(micros / 60_000_000).unwrap_or(i32::MAX)
}

/// What a rule looks at.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AlertGranularity {
    /// The product, its warehouses summed.
    Product,
    /// The product in each warehouse.
    ProductWarehouse,
}

impl AlertGranularity {
    pub fn of(per_warehouse: bool) -> Self {
        if per_warehouse { Self::ProductWarehouse } else { Self::Product }
    }
    pub fn per_warehouse(self) -> bool {
        self == Self::ProductWarehouse
    }
}
