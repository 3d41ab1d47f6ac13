use crate::identity::Permission;
use crate::page::{Page, PageArgs, Sort, one_of};
use crate::scope::{Column as Batch, ReadsWithin};
use crate::{Reads, Result, Scope, sql};
use entities::data_imports::DataImportId;
use entities::inventory::stock_movement::{self, Column, StockMovementKind};
use entities::inventory::{ProductId, StockMovementId, WarehouseId};
use entities::{Quantity, Timestamp};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;

/// Which movements a list shows.
#[derive(Clone, Debug, Default)]
pub struct MovementFilter {
    pub products: Option<Vec<ProductId>>,
    pub warehouses: Option<Vec<WarehouseId>>,
    pub kinds: Option<Vec<StockMovementKind>>,
    pub occurred_after: Option<Timestamp>,
    pub occurred_before: Option<Timestamp>,
    pub reference: Option<String>,
    /// What it recorded, and what its undo did.
    pub import: Option<DataImportId>,
}

/// One page of the ledger, the latest first.
pub async fn page(scope: &Scope, filter: &MovementFilter, args: &PageArgs) -> Result<Page<stock_movement::Model>> {
    let mut all = Condition::all();
    if let Some(ids) = &filter.products {
        all = all.add(one_of(Column::ProductId, ids)?);
    }
    if let Some(ids) = &filter.warehouses {
        all = all.add(one_of(Column::WarehouseId, ids)?);
    }
    if let Some(kinds) = &filter.kinds {
        all = all.add(one_of(Column::Kind, kinds)?);
    }
    if let Some(at) = filter.occurred_after {
        all = all.add(Column::OccurredAt.gt(at));
    }
    if let Some(at) = filter.occurred_before {
        all = all.add(Column::OccurredAt.lt(at));
    }
    if let Some(reference) = &filter.reference {
        all = all.add(Column::Reference.eq(reference.as_str()));
    }
    if let Some(import) = filter.import {
        all = all.add(Column::ImportId.eq(import));
    }
    scope
        .select_within::<stock_movement::Entity>(Permission::InventoryStockMovementRead)?
        .filter(all)
        .page(args, &[Sort::descending(Column::OccurredAt)])
        .await
}

/// The first page of each product's ledger, the latest first; without movements there is none.
pub async fn first_pages(
    scope: &Scope,
    products: &[ProductId],
    args: &PageArgs,
) -> Result<HashMap<ProductId, Page<stock_movement::Model>>> {
    scope
        .select_within::<stock_movement::Entity>(Permission::InventoryStockMovementRead)?
        .first_pages(Column::ProductId, products, args, &[Sort::descending(Column::OccurredAt)])
        .await
}

pub async fn find(scope: &Scope, id: StockMovementId) -> Result<Option<stock_movement::Model>> {
    scope.find_within::<stock_movement::Entity>(Permission::InventoryStockMovementRead, id).await
}

pub async fn by_ids(scope: &Scope, ids: &[StockMovementId]) -> Result<HashMap<StockMovementId, stock_movement::Model>> {
    scope.by_ids_within::<stock_movement::Entity>(Permission::InventoryStockMovementRead, ids).await
}

/// What was on hand after each of these movements, in the order of `occurred at`.
pub async fn on_hand_after(scope: &Scope, movements: &[stock_movement::Model]) -> Result<HashMap<StockMovementId, Quantity>> {
    #[derive(sea_orm::FromQueryResult)]
    struct After {
        id: StockMovementId,
        on_hand: i64,
    }
    let columns = vec![
        Batch::uuids(movements.iter().map(|m| m.id)),
        Batch::uuids(movements.iter().map(|m| m.product_id)),
        Batch::uuids(movements.iter().map(|m| m.warehouse_id)),
        Batch::ints(movements.iter().map(|m| m.occurred_at.0)),
    ];
    let rows: Vec<After> = scope.statement(sql!("on_hand_after.sql")).rows("r", columns).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, Quantity(row.on_hand))).collect())
}
