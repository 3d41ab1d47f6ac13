//! Finding alerts, their history, and how many are open.

use super::announce::STREAM;
use crate::events;
use crate::identity::Permission;
use crate::inventory::stock;
use crate::page::{Page, PageArgs, Sort, one_of};
use crate::{Reads, Result, Scope, sql};
use entities::alerts::alert::{self, Column};
use entities::alerts::{AlertId, AlertKind, AlertState, Severity, transition};
use entities::inventory::{ProductId, WarehouseId};
use entities::{Quantity, Timestamp};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;

/// Which alerts a list shows.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Fired and not resolved, or not so.
    pub open: Option<bool>,
    pub muted: Option<bool>,
    pub states: Option<Vec<AlertState>>,
    pub kinds: Option<Vec<AlertKind>>,
    pub severities: Option<Vec<Severity>>,
    pub products: Option<Vec<ProductId>>,
    /// Of one of these warehouses; alerts over all warehouses are of none.
    pub warehouses: Option<Vec<WarehouseId>>,
    pub fired_after: Option<Timestamp>,
    pub fired_before: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertOrder {
    FiredAt,
    Severity,
}

const OPEN: [AlertState; 3] = [AlertState::Firing, AlertState::Acknowledged, AlertState::Snoozed];

/// One page of alerts, present and past; the latest first when no order is asked for.
pub async fn page(scope: &Scope, filter: &AlertFilter, order: &[(AlertOrder, bool)], args: &PageArgs) -> Result<Page<alert::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    let column = |order: AlertOrder| match order {
        AlertOrder::FiredAt => Column::FiredAt,
        AlertOrder::Severity => Column::Severity,
    };
    let mut sorts: Vec<Sort<alert::Entity>> = order.iter().map(|(by, descending)| Sort::new(column(*by), *descending)).collect();
    if sorts.is_empty() {
        sorts.push(Sort::descending(Column::FiredAt));
    }
    scope.select::<alert::Entity>().filter(condition(filter)?).page(args, &sorts).await
}

/// The first page of each product's alerts, the latest first; without alerts there is none.
pub async fn first_pages(scope: &Scope, products: &[ProductId], args: &PageArgs) -> Result<HashMap<ProductId, Page<alert::Model>>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.select::<alert::Entity>().first_pages(Column::ProductId, products, args, &[Sort::descending(Column::FiredAt)]).await
}

fn condition(filter: &AlertFilter) -> Result<Condition> {
    let mut all = Condition::all();
    if let Some(open) = filter.open {
        all = all.add(if open { Column::State.is_in(OPEN) } else { Column::State.is_not_in(OPEN) });
    }
    if let Some(muted) = filter.muted {
        all = all.add(Column::Muted.eq(muted));
    }
    if let Some(states) = &filter.states {
        all = all.add(one_of(Column::State, states)?);
    }
    if let Some(kinds) = &filter.kinds {
        all = all.add(one_of(Column::Kind, kinds)?);
    }
    if let Some(severities) = &filter.severities {
        all = all.add(one_of(Column::Severity, severities)?);
    }
    if let Some(ids) = &filter.products {
        all = all.add(one_of(Column::ProductId, ids)?);
    }
    if let Some(ids) = &filter.warehouses {
        all = all.add(one_of(Column::WarehouseId, ids)?);
    }
    if filter.fired_after.is_some() || filter.fired_before.is_some() {
        all = all.add(Column::State.ne(AlertState::Pending));
    }
    if let Some(at) = filter.fired_after {
        all = all.add(Column::FiredAt.gt(at));
    }
    if let Some(at) = filter.fired_before {
        all = all.add(Column::FiredAt.lt(at));
    }
    Ok(all)
}

pub async fn find(scope: &Scope, id: AlertId) -> Result<Option<alert::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.find::<alert::Entity>(id).await
}

pub async fn by_ids(scope: &Scope, ids: &[AlertId]) -> Result<HashMap<AlertId, alert::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.by_ids::<alert::Entity>(ids).await
}

/// Where a reader of the stream resumes, in the same snapshot as the page read with it.
pub async fn stream_cursor(scope: &Scope) -> Result<i64> {
    events::cursor_at(scope, STREAM).await
}

/// The newest steps of an alert that its timeline shows.
pub const MOST_STEPS: i64 = 100;

/// What became of each of these alerts, the first step first: its newest [`MOST_STEPS`].
pub async fn timelines(scope: &Scope, ids: &[AlertId]) -> Result<HashMap<AlertId, Vec<transition::Model>>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    let rows = scope.statement(sql!("timelines.sql")).ids("ids", ids.iter().copied()).bind("passed", MOST_STEPS - 1);
    let mut by_alert: HashMap<AlertId, Vec<transition::Model>> = HashMap::new();
    for row in rows.all::<transition::Model>().await? {
        by_alert.entry(row.alert_id).or_default().push(row);
    }
    Ok(by_alert)
}

/// How many alerts are open, the muted ones included; a figure of the dashboard, for whoever may see that.
pub(crate) async fn count_open(scope: &Scope) -> Result<i64> {
    Ok(scope.statement(sql!("count_open.sql")).value().await?.unwrap_or(0))
}

/// How long what is available lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    pub tenths_of_days: i64,
    /// At the pace of so many days.
    pub pace_days: i32,
}

/// How long what is available lasts at the pace of the last 30 days, or of a younger product's; without sales there is no
/// answer.
pub async fn covers(scope: &Scope, alerts: &[alert::Model]) -> Result<HashMap<AlertId, Cover>> {
    let ids: Vec<ProductId> = alerts.iter().map(|alert| alert.product_id).collect();
    let paces = stock::sales_paces(scope, &ids).await?;
    let cover = |alert: &alert::Model| {
        let available = alert.value_n.filter(|_| alert.kind != AlertKind::ServiceLevelDrop)?;
        let pace = paces.get(&alert.product_id)?;
        Some((alert.id, Cover { tenths_of_days: pace.tenths_of_days(Quantity(available)), pace_days: pace.days }))
    };
    Ok(alerts.iter().filter_map(cover).collect())
}

/// What an explanation says of a product.
#[derive(sea_orm::FromQueryResult)]
pub(super) struct NamedProduct {
    id: ProductId,
    pub name: String,
    /// The code of its unit.
    pub unit: String,
}

pub(super) async fn products_of(scope: &Scope, alerts: &[alert::Model]) -> Result<HashMap<ProductId, NamedProduct>> {
    scope.require(Permission::InventoryProductRead)?;
    let find = scope.statement(sql!("named_products.sql")).ids("ids", alerts.iter().map(|alert| alert.product_id));
    Ok(find.all::<NamedProduct>().await?.into_iter().map(|product| (product.id, product)).collect())
}
