//! Imports on a real database.

mod bad_input;
mod counts;
mod files;
mod kept;
mod main_job;
mod movements;
mod news;
mod products;
mod real_file;
mod resume;
mod stranded;
mod understood;
mod undo;
mod undo_again;
mod undo_asked;

use super::run::run_paced;
use super::{ColumnMapping, Field, Rule, Skip, Skipped, StartImport, errors, find, skipped, start, understood};
use crate::identity::organizations::{self, UpdateOrganization};
use crate::inventory::stock;
use crate::page::PageArgs;
use crate::scope::Pace;
use crate::testing::{Fixture, refusals};
use crate::work::Running;
use crate::{Code, Error, Reads, Result};
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use entities::data_imports::row_error;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::stock_movement::StockMovementKind as Kind;
use entities::inventory::{product, stock_movement};
use std::collections::BTreeMap;

/// An import of movements from a text.
pub(super) fn of(content: &str) -> StartImport {
    StartImport { content: Some(content.to_owned()), ..StartImport::of(DataImportKind::StockMovements) }
}

pub(super) fn products_of(content: &str) -> StartImport {
    StartImport { kind: DataImportKind::Products, ..of(content) }
}

pub(super) fn columns(pairs: &[(&str, Field)]) -> Option<Vec<ColumnMapping>> {
    Some(pairs.iter().map(|(column, field)| ColumnMapping { column: (*column).to_owned(), field: *field }).collect())
}

pub(super) fn rule(column: &str, change: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = Rule { column: column.to_owned(), ..Rule::default() };
    change(&mut rule);
    rule
}

/// Starts an import and runs it to its end, seven rows a chunk.
pub(super) async fn import(fixture: &Fixture, input: StartImport) -> Result<data_import::Model> {
    let import = start(&fixture.again(), input).await?;
    run_all(fixture, &import, Pace::fixed(7)).await
}

pub(super) async fn run_all(fixture: &Fixture, import: &data_import::Model, pace: Pace) -> Result<data_import::Model> {
    let job = Running::detached(import.tenant_id);
    run_paced(&fixture.again(), &job, import.id, pace).await?;
    let done = find(&fixture.again(), import.id).await?.ok_or(Error::NotFound)?;
    if done.state == DataImportState::Completed {
        assert_eq!(Some(done.rows_done()), done.rows_total, "every row is accounted for");
        assert_eq!(skipped(&done)?.iter().map(|skipped| skipped.rows).sum::<i64>(), done.rows_skipped, "and why it was skipped");
    }
    Ok(done)
}

/// Applied, skipped, failed.
pub(super) fn counts(import: &data_import::Model) -> (i64, i64, i64) {
    (import.rows_applied, import.rows_skipped, import.rows_failed)
}

pub(super) async fn row_errors(fixture: &Fixture, import: &data_import::Model) -> Vec<row_error::Model> {
    let args = PageArgs { first: Some(100), ..PageArgs::default() };
    errors(&fixture.again(), import.id, &args).await.unwrap().items().cloned().collect()
}

/// Line, column and code of each row error.
pub(super) async fn faults(fixture: &Fixture, import: &data_import::Model) -> Vec<(i64, String, String)> {
    let errors = row_errors(fixture, import).await;
    errors.into_iter().map(|error| (error.line, error.column_name.unwrap_or_default(), error.code)).collect()
}

/// On hand in thousandths by SKU, over all warehouses.
pub(super) async fn stock_by_sku(fixture: &Fixture) -> BTreeMap<String, i64> {
    let scope = fixture.again();
    let products = scope.select::<product::Entity>().all().await.unwrap();
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let levels = stock::levels_of(&scope, &ids).await.unwrap();
    let of = |product: &product::Model| levels.get(&product.id).map(|levels| (product.sku.clone(), stock::totals(levels).on_hand.0));
    products.iter().filter_map(of).collect()
}

pub(super) async fn ledger(fixture: &Fixture) -> Vec<stock_movement::Model> {
    fixture.again().select::<stock_movement::Entity>().all().await.unwrap()
}

/// Levels are the sum of their movements.
pub(super) async fn check_sums(fixture: &Fixture) {
    let scope = fixture.again();
    let products = scope.select::<product::Entity>().all().await.unwrap();
    let skus: BTreeMap<_, _> = products.into_iter().map(|product| (product.id, product.sku)).collect();
    let mut sums = BTreeMap::new();
    for movement in ledger(fixture).await {
        *sums.entry(skus[&movement.product_id].clone()).or_insert(0) += movement.quantity.0;
    }
    assert_eq!(stock_by_sku(fixture).await, sums, "on hand is the sum of the movements");
}

pub(super) async fn set_policy(fixture: &Fixture, policy: NegativeStockPolicy) {
    let change = UpdateOrganization { negative_stock_policy: Some(policy), ..Default::default() };
    organizations::update(&fixture.again(), change).await.unwrap();
}

pub(super) fn sale_rule(column: &str) -> Rule {
    rule(column, |rule| rule.kind = Some(Kind::Sale))
}
