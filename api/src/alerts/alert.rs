use super::kind::{AlertSeverity, StockAlertKind};
use super::page::AlertPage;
use super::rule::StockAlertRule;
use super::state::{StockAlertResolution, StockAlertState};
use super::transition::{StockAlertTransition, amount, threshold, timelines};
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::Membership;
use crate::ids::GlobalId;
use crate::inventory::query::{ServiceLevel, ServiceLevelDefinition};
use crate::inventory::types::{Product, Warehouse};
use crate::scalars::{DateTime, Decimal};
use crate::shared::Shared;
use async_graphql::{Context, ID, Object};
use entities::Quantity;
use entities::alerts::{AlertId, alert};
use entities::inventory::WarehouseId;
use services::Scope;
use services::alerts::{explain, read};
use services::inventory::quantity;
use services::page::Page;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// That something is wrong with a product's stock, or was.
#[derive(Clone)]
pub struct StockAlert {
    pub row: alert::Model,
    page: Arc<AlertPage>,
}

impl StockAlert {
    pub fn alone(row: alert::Model) -> Self {
        let page = AlertPage::of(vec![row.clone()]);
        Self { row, page }
    }
    /// Alerts that load what they point at together.
    pub fn all(rows: Vec<alert::Model>) -> Vec<Self> {
        let page = AlertPage::of(rows.clone());
        rows.into_iter().map(|row| Self { row, page: page.clone() }).collect()
    }
    /// The alerts with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[AlertId]) -> services::Result<HashMap<AlertId, Self>> {
        let rows = read::by_ids(scope, ids).await?.into_values().collect();
        Ok(Self::all(rows).into_iter().map(|alert| (alert.row.id, alert)).collect())
    }
    /// Pages whose alerts load what they point at together.
    pub fn pages<K: Eq + Hash>(pages: HashMap<K, Page<alert::Model>>) -> HashMap<K, Page<Self>> {
        let together = AlertPage::of(pages.values().flat_map(Page::items).cloned().collect());
        pages.into_iter().map(|(key, page)| (key, page.map(|row| Self { row, page: together.clone() }))).collect()
    }
    pub fn page(page: Page<alert::Model>) -> Page<Self> {
        let together = AlertPage::of(page.items().cloned().collect());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// That something is wrong with a product's stock, or was.
#[Object]
impl StockAlert {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// What is wrong.
    async fn kind(&self) -> StockAlertKind {
        self.row.kind.into()
    }
    /// Where it stands.
    async fn state(&self) -> StockAlertState {
        self.row.state.into()
    }
    /// How bad it is.
    async fn severity(&self) -> AlertSeverity {
        self.row.severity.into()
    }
    /// What it is about: a service level is judged by product, too, whatever its rule covers.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<Product>> {
        let scope = ctx.scope()?;
        Ok(self.page.products.get(self.row.product_id, |ids| Product::by_ids(scope, ids)).await?)
    }
    /// Null: over all warehouses.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Option<Shared<Warehouse>>> {
        if self.row.warehouse_id == WarehouseId::NIL {
            return Ok(None);
        }
        let scope = ctx.scope()?;
        Ok(self.page.warehouses.get(self.row.warehouse_id, |ids| Warehouse::by_ids(scope, ids)).await?)
    }
    /// The rule that counts for it; null once that is gone.
    async fn rule(&self, ctx: &Context<'_>) -> Result<Option<StockAlertRule>> {
        let scope = ctx.scope()?;
        Ok(self.page.rules.get(self.row.rule_id, |ids| StockAlertRule::by_ids(scope, ids)).await?)
    }
    /// What was available when it was last looked at; null for a service level.
    async fn available(&self) -> Option<Decimal> {
        amount(self.row.value_n, self.row.value_d)
    }
    /// The threshold it is measured against; of a service level the target.
    async fn threshold(&self) -> Option<Decimal> {
        threshold(self.row.threshold, self.row.value_d)
    }
    /// What the service level was when it was last looked at; null for the other kinds.
    async fn service_level(&self) -> Option<ServiceLevel> {
        let (n, d) = self.row.value_n.zip(self.row.value_d)?;
        let (definition, window_days) = self.row.service_level.zip(self.row.window_days)?;
        let by_units = definition == entities::alerts::ServiceLevelDefinition::UnitFillRate;
        let count = |n: i64| Decimal::from(Quantity(if by_units { n } else { n.saturating_mul(1000) }));
        let ratio = i128::from(n) * 10_000 / i128::from(d.max(1));
        Some(ServiceLevel {
            definition: if by_units { ServiceLevelDefinition::UnitFillRate } else { ServiceLevelDefinition::LineFillRate },
            numerator: count(n),
            denominator: count(d),
            ratio: (d > 0).then(|| Decimal(quantity::format_scaled(i64::try_from(ratio).unwrap_or(0), 4, false))),
            window_days: i32::try_from(window_days).unwrap_or(i32::MAX),
        })
    }
    /// How many days what is available lasts at the pace of the last 30, or of those since the product's first movement when
    /// they are fewer; null when nothing was sold.
    async fn days_of_cover(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        let (scope, page) = (ctx.scope()?, &self.page);
        let cover = page.covers.get(self.row.id, |_| read::covers(scope, &page.rows)).await?;
        Ok(cover.map(|cover| Decimal(quantity::format_scaled(cover.tenths_of_days, 1, false))))
    }
    /// Why, in the reader's language.
    async fn explanation(&self, ctx: &Context<'_>) -> Result<String> {
        let (scope, page) = (ctx.scope()?, &self.page);
        Ok(page.explanations.must_get(self.row.id, |_| explain::all(scope, &page.rows)).await?)
    }
    /// When it fired; null while it is pending.
    async fn fired_at(&self) -> Option<DateTime> {
        (self.row.state != entities::alerts::AlertState::Pending).then(|| self.row.fired_at.into())
    }
    /// When it was last acknowledged.
    async fn acknowledged_at(&self) -> Option<DateTime> {
        self.row.acknowledged_at.map(Into::into)
    }
    /// Who acknowledged it last.
    async fn acknowledged_by(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some(id) = self.row.acknowledged_by else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.members.get(id, |ids| Membership::by_ids(scope, ids)).await?)
    }
    /// Until when it sleeps; null while it does not, or sleeps until restock.
    async fn snoozed_until(&self) -> Option<DateTime> {
        let asleep = self.row.state == entities::alerts::AlertState::Snoozed;
        self.row.quiet_until.filter(|_| asleep).map(Into::into)
    }
    /// When it was over.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.row.resolved_at.map(Into::into)
    }
    /// Why it is over.
    async fn resolution(&self) -> Option<StockAlertResolution> {
        self.row.resolution.map(Into::into)
    }
    /// A LOW_STOCK while the STOCK_OUT of the same product and warehouse is open.
    async fn muted(&self) -> bool {
        self.row.muted
    }
    /// The alert this one re-fires.
    async fn previous(&self, ctx: &Context<'_>) -> Result<Option<StockAlert>> {
        let Some(id) = self.row.previous_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.previous.get(id, |ids| StockAlert::by_ids(scope, ids)).await?)
    }
    /// What became of it, the first step first: its newest 100 steps.
    async fn timeline(&self, ctx: &Context<'_>) -> Result<Vec<StockAlertTransition>> {
        let scope = ctx.scope()?;
        Ok(self.page.timelines.get(self.row.id, |ids| timelines(scope, ids)).await?.unwrap_or_default())
    }
}

connection!(StockAlert, StockAlertConnection, StockAlertEdge, "stock alerts", {
    /// Where `stockAlertChanged` resumes so that nothing after this page is missed.
    stream_cursor: String,
});
