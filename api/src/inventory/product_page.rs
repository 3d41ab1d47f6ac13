use super::catalog::{Category, Supplier, Unit};
use super::movement::{LevelPage, StockMovement};
use crate::alerts::types::StockAlert;
use crate::shared::Shared;
use crate::together::{FirstPages, Together};
use entities::inventory::{CategoryId, ProductId, SupplierId, UnitId, product, stock_level};
use services::Scope;
use services::alerts::{self, read::AlertFilter};
use services::inventory::movements::MovementFilter;
use services::inventory::references::{self, References};
use services::inventory::{movements, stock};
use services::page::{Page, PageArgs};
use std::collections::HashMap;
use std::sync::Arc;

/// What the products of one page point at.
pub struct ProductPage {
    references: References,
    referred: Together<(), Arc<Referred>>,
    levels: Together<ProductId, Arc<Vec<stock_level::Model>>>,
    pub(super) paces: Together<ProductId, stock::SalesPace>,
    level_pages: Together<(), Arc<LevelPage>>,
    movements: FirstPages<ProductId, StockMovement>,
    alerts: FirstPages<ProductId, StockAlert>,
    pub(super) alerts_cursor: Together<(), i64>,
}

/// The rows that products refer to.
pub(super) struct Referred {
    pub(super) categories: HashMap<CategoryId, Category>,
    pub(super) suppliers: HashMap<SupplierId, Shared<Supplier>>,
    pub(super) units: HashMap<UnitId, Shared<Unit>>,
}

impl Referred {
    fn of(rows: references::Referred) -> Self {
        let suppliers = rows.suppliers.into_iter().map(|(id, row)| (id, Supplier::from(row).into())).collect();
        let units = rows.units.into_iter().map(|(id, row)| (id, Unit::from(row).into())).collect();
        Self { categories: Category::all(rows.categories), suppliers, units }
    }
}

impl ProductPage {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a product::Model> + Clone) -> Arc<Self> {
        let ids = || rows.clone().map(|row| row.id);
        Arc::new(Self {
            references: References::of(rows.clone()),
            referred: Together::new([()]),
            levels: Together::new(ids()),
            paces: Together::new(ids()),
            level_pages: Together::new([()]),
            movements: FirstPages::new(ids()),
            alerts: FirstPages::new(ids()),
            alerts_cursor: Together::new([()]),
        })
    }

    /// The categories, suppliers and units of all products of the page.
    pub(super) async fn referred(&self, scope: &Scope) -> services::Result<Arc<Referred>> {
        let read = async |_: &[()]| Ok([((), Arc::new(Referred::of(self.references.read(scope).await?)))].into());
        self.referred.must_get((), read).await
    }

    pub(super) async fn levels(&self, scope: &Scope, product: ProductId) -> services::Result<Arc<Vec<stock_level::Model>>> {
        let load = async |ids| Ok(stock::levels_of(scope, ids).await?.into_iter().map(|(id, levels)| (id, Arc::new(levels))).collect());
        Ok(self.levels.get(product, load).await?.unwrap_or_default())
    }

    /// What the levels of all products of the page point at, loaded together, too.
    pub(super) async fn level_page(&self, scope: &Scope) -> services::Result<Arc<LevelPage>> {
        let of_all = async |_: &[()]| {
            let mut all = Vec::new();
            for id in self.levels.keys() {
                all.push(self.levels(scope, *id).await?);
            }
            Ok([((), LevelPage::of(all.iter().flat_map(|levels| levels.iter())))].into())
        };
        self.level_pages.must_get((), of_all).await
    }

    /// The latest of a product's ledger, or what follows a cursor in it.
    pub(super) async fn movement_page(&self, scope: &Scope, product: ProductId, args: &PageArgs) -> services::Result<Page<StockMovement>> {
        if args.is_first() {
            let firsts = async |ids: Vec<ProductId>| Ok(StockMovement::pages(movements::first_pages(scope, &ids, args).await?));
            return self.movements.get(product, args, firsts).await;
        }
        let filter = MovementFilter { products: Some(vec![product]), ..MovementFilter::default() };
        Ok(StockMovement::page(movements::page(scope, &filter, args).await?))
    }

    /// The latest alerts of a product, or what follows a cursor in them.
    pub(super) async fn alert_page(&self, scope: &Scope, product: ProductId, args: &PageArgs) -> services::Result<Page<StockAlert>> {
        if args.is_first() {
            let firsts = async |ids: Vec<ProductId>| Ok(StockAlert::pages(alerts::read::first_pages(scope, &ids, args).await?));
            return self.alerts.get(product, args, firsts).await;
        }
        let filter = AlertFilter { products: Some(vec![product]), ..AlertFilter::default() };
        Ok(StockAlert::page(alerts::read::page(scope, &filter, &[], args).await?))
    }
}
