//! What the filters of lists let through: each alone, some together, and nothing by another organisation's ids.

use crate::data_imports::{self, RunImport, StartImport};
use crate::inventory::movements::{self, MovementFilter};
use crate::inventory::products::{self, ProductFilter, ProductOrder, StockStatus};
use crate::inventory::stock::{self, LevelFilter};
use crate::inventory::{catalog, catalog::NewSupplier};
use crate::page::PageArgs;
use crate::testing::{Fixture, movement};
use crate::work::Running;
use chrono::TimeDelta;
use entities::Timestamp;
use entities::data_imports::data_import::DataImportKind::StockMovements;
use entities::inventory::stock_movement::StockMovementKind::{self, *};
use entities::inventory::{CategoryId, ProductId, SupplierId, WarehouseId, warehouse};
use std::collections::BTreeMap;

/// Rice runs low, oil does in one of its two warehouses, tea is out, salt never moved, soap is archived.
struct Shop {
    fixture: Fixture,
    skus: BTreeMap<ProductId, &'static str>,
    main: warehouse::Model,
    annex: warehouse::Model,
    food: CategoryId,
    care: CategoryId,
    awa: SupplierId,
    theirs: Theirs,
}

/// What another organisation has.
struct Theirs {
    product: ProductId,
    warehouse: WarehouseId,
    category: CategoryId,
    supplier: SupplierId,
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let scope = || fixture.again();
        let (main, annex) = (fixture.warehouse().await, catalog::create_warehouse(&scope(), "Annexe", None).await.unwrap());
        let food = catalog::create_category(&scope(), "Vivres", None).await.unwrap().id;
        let care = catalog::create_category(&scope(), "Entretien", None).await.unwrap().id;
        let awa = supplier_of(&fixture, "Awa").await;
        let theirs = Theirs::of(&fixture.neighbour().await).await;
        let mut shop = Self { fixture, skus: BTreeMap::new(), main, annex, food, care, awa, theirs };
        shop.stock().await;
        shop
    }

    async fn stock(&mut self) {
        let moussa = supplier_of(&self.fixture, "Moussa").await;
        for (sku, category, supplier, point) in [
            ("RICE", Some(self.food), Some(self.awa), Some("5")),
            ("OIL", Some(self.food), None, Some("6")),
            ("TEA", Some(self.care), Some(moussa), None),
            ("SALT", None, None, None),
            ("SOAP", Some(self.care), Some(self.awa), None),
        ] {
            let product = self.fixture.product().sku(sku).with(|new| {
                (new.category, new.supplier, new.reorder_point) = (category, supplier, point.map(Into::into));
            });
            let product = product.create().await;
            self.skus.insert(product.id, sku);
        }
        products::archive(&self.fixture.again(), self.id("SOAP"), None).await.unwrap();
        for (sku, warehouse, kind, units, hours, reference) in [
            ("RICE", &self.main, Receipt, 5, 50, "R1"),
            ("OIL", &self.annex, Receipt, 10, 40, "R2"),
            ("OIL", &self.main, Receipt, 4, 30, "R3"),
            ("TEA", &self.main, Receipt, 2, 29, "R4"),
            ("RICE", &self.main, Sale, 2, 20, "F1"),
            ("TEA", &self.main, Sale, 2, 10, "F1"),
        ] {
            let product = products::find(&self.fixture.again(), self.id(sku)).await.unwrap().unwrap();
            let mut input = movement(&product, warehouse, kind, units);
            (input.occurred_at, input.reference) = (Some(self.ago(hours)), Some(reference.to_owned()));
            movements::record(&self.fixture.again(), input).await.unwrap();
        }
    }

    fn id(&self, sku: &str) -> ProductId {
        *self.skus.iter().find(|(_, known)| **known == sku).unwrap().0
    }

    fn ago(&self, hours: i64) -> Timestamp {
        self.fixture.scope.now().minus(TimeDelta::hours(hours))
    }
}

impl Theirs {
    async fn of(neighbour: &Fixture) -> Self {
        Self {
            product: neighbour.product().on_hand(3).create().await.id,
            warehouse: neighbour.warehouse().await.id,
            category: catalog::create_category(&neighbour.again(), "Vivres", None).await.unwrap().id,
            supplier: supplier_of(neighbour, "Awa").await,
        }
    }
}

async fn supplier_of(fixture: &Fixture, name: &str) -> SupplierId {
    let new = NewSupplier { name: name.into(), ..Default::default() };
    catalog::create_supplier(&fixture.again(), new).await.unwrap().id
}

#[tokio::test]
async fn movements_are_those_the_filter_lets_through() {
    let shop = Shop::new().await;
    let (rice, tea) = (shop.id("RICE"), shop.id("TEA"));
    let all = &["F1 RICE", "F1 TEA", "R1 RICE", "R2 OIL", "R3 OIL", "R4 TEA"][..];
    let products = |ids: &[ProductId]| MovementFilter { products: Some(ids.to_vec()), ..Default::default() };
    let warehouses = |ids: &[WarehouseId]| MovementFilter { warehouses: Some(ids.to_vec()), ..Default::default() };
    let kinds = |kinds: &[StockMovementKind]| MovementFilter { kinds: Some(kinds.to_vec()), ..Default::default() };
    let reference = |text: &str| MovementFilter { reference: Some(text.into()), ..Default::default() };
    let between = |after: Option<i64>, before: Option<i64>| MovementFilter {
        occurred_after: after.map(|hours| shop.ago(hours)),
        occurred_before: before.map(|hours| shop.ago(hours)),
        ..Default::default()
    };
    let sold = MovementFilter { reference: Some("F1".into()), products: Some(vec![rice, tea]), ..kinds(&[Sale]) };
    for (filter, expected) in [
        (MovementFilter::default(), all),
        (products(&[rice]), &["F1 RICE", "R1 RICE"][..]),
        (products(&[rice, shop.theirs.product]), &["F1 RICE", "R1 RICE"]),
        (products(&[shop.theirs.product]), &[]),
        (products(&[]), &[]),
        (warehouses(&[shop.annex.id]), &["R2 OIL"]),
        (warehouses(&[shop.annex.id, shop.main.id]), all),
        (warehouses(&[shop.theirs.warehouse]), &[]),
        (kinds(&[Sale]), &["F1 RICE", "F1 TEA"]),
        (kinds(&[Receipt, Sale]), all),
        (kinds(&[Count]), &[]),
        (between(Some(30), None), &["F1 RICE", "F1 TEA", "R4 TEA"]),
        (between(None, Some(30)), &["R1 RICE", "R2 OIL"]),
        (between(Some(40), Some(20)), &["R3 OIL", "R4 TEA"]),
        (reference("F1"), &["F1 RICE", "F1 TEA"]),
        (reference("F"), &[]),
        (sold.clone(), &["F1 RICE", "F1 TEA"]),
        (MovementFilter { occurred_after: Some(shop.ago(15)), ..sold.clone() }, &["F1 TEA"]),
        (MovementFilter { occurred_before: Some(shop.ago(15)), warehouses: Some(vec![shop.main.id]), ..sold.clone() }, &["F1 RICE"]),
        (MovementFilter { warehouses: Some(vec![shop.annex.id]), ..sold }, &[]),
    ] {
        let page = movements::page(&shop.fixture.again(), &filter, &PageArgs::default()).await.unwrap();
        let mut found: Vec<_> =
            page.items().map(|row| format!("{} {}", row.reference.as_deref().unwrap(), shop.skus[&row.product_id])).collect();
        found.sort();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn movements_are_those_an_import_recorded() {
    let shop = Shop::new().await;
    let import = async |fixture: &Fixture, content: &str| {
        let input = StartImport { content: Some(content.into()), create_missing: true, ..StartImport::of(StockMovements) };
        let import = data_imports::start(&fixture.again(), input).await.unwrap();
        let job = Running::detached(import.tenant_id);
        data_imports::run(&fixture.again(), &job, RunImport { import: import.id }).await.unwrap();
        import.id
    };
    let here = import(&shop.fixture, "sku,quantity,kind,reference\nTEA,3,RECEIPT,I1\nRICE,1,SALE,I2\n").await;
    let there = import(&shop.fixture.neighbour().await, "sku,quantity,kind,reference\nTEA,3,RECEIPT,I1\n").await;
    let of = |import| MovementFilter { import: Some(import), ..Default::default() };
    for (filter, expected) in [
        (of(here), &["I1", "I2"][..]),
        (MovementFilter { kinds: Some(vec![Sale]), ..of(here) }, &["I2"]),
        (MovementFilter { reference: Some("F1".into()), ..of(here) }, &[]),
        (of(there), &[]),
        (of(shop.fixture.app.new_id()), &[]),
    ] {
        let page = movements::page(&shop.fixture.again(), &filter, &PageArgs::default()).await.unwrap();
        let mut found: Vec<_> = page.items().map(|row| row.reference.clone().unwrap()).collect();
        found.sort();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn levels_are_those_the_filter_lets_through() {
    use StockStatus::*;
    let shop = Shop::new().await;
    let all = &["OIL Annexe", "OIL main", "RICE main", "TEA main"][..];
    let products = |ids: &[ProductId]| LevelFilter { products: Some(ids.to_vec()), ..Default::default() };
    let warehouses = |ids: &[WarehouseId]| LevelFilter { warehouses: Some(ids.to_vec()), ..Default::default() };
    let status = |all: &[StockStatus]| LevelFilter { stock_status: Some(all.to_vec()), ..Default::default() };
    for (filter, expected) in [
        (LevelFilter::default(), all),
        (products(&[shop.id("OIL")]), &["OIL Annexe", "OIL main"][..]),
        (products(&[shop.id("TEA"), shop.id("SALT"), shop.theirs.product]), &["TEA main"]),
        (products(&[shop.theirs.product]), &[]),
        (warehouses(&[shop.annex.id]), &["OIL Annexe"]),
        (warehouses(&[shop.main.id, shop.annex.id]), all),
        (warehouses(&[shop.theirs.warehouse]), &[]),
        (status(&[InStock]), &["OIL Annexe"]),
        (status(&[LowStock]), &["OIL main", "RICE main"]),
        (status(&[StockOut]), &["TEA main"]),
        (status(&[NoMovement]), &[]),
        (status(&[LowStock, StockOut]), &["OIL main", "RICE main", "TEA main"]),
        (status(&[]), &[]),
        (LevelFilter { products: Some(vec![shop.id("OIL")]), ..status(&[LowStock]) }, &["OIL main"]),
        (LevelFilter { warehouses: Some(vec![shop.annex.id]), ..products(&[shop.id("OIL"), shop.id("RICE")]) }, &["OIL Annexe"]),
        (LevelFilter { warehouses: Some(vec![shop.annex.id]), ..status(&[LowStock]) }, &[]),
    ] {
        let page = stock::page(&shop.fixture.again(), &filter, &[], &PageArgs::default()).await.unwrap();
        let place = |id: WarehouseId| if id == shop.annex.id { "Annexe" } else { "main" };
        let mut found: Vec<_> = page.items().map(|row| format!("{} {}", shop.skus[&row.product_id], place(row.warehouse_id))).collect();
        found.sort();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn products_are_those_the_filter_lets_through() {
    use StockStatus::*;
    let shop = Shop::new().await;
    let used = &["OIL", "RICE", "SALT", "TEA"][..];
    let categories = |ids: &[CategoryId]| ProductFilter { categories: Some(ids.to_vec()), ..Default::default() };
    let suppliers = |ids: &[SupplierId]| ProductFilter { suppliers: Some(ids.to_vec()), ..Default::default() };
    let warehouses = |ids: &[WarehouseId]| ProductFilter { warehouses: Some(ids.to_vec()), ..Default::default() };
    let status = |all: &[StockStatus]| ProductFilter { stock_status: Some(all.to_vec()), ..Default::default() };
    let archived = |filter| ProductFilter { include_archived: true, ..filter };
    let together = ProductFilter {
        suppliers: Some(vec![shop.awa]),
        warehouses: Some(vec![shop.main.id]),
        stock_status: Some(vec![LowStock, StockOut]),
        ..categories(&[shop.food, shop.care])
    };
    for (filter, expected) in [
        (ProductFilter::default(), used),
        (archived(ProductFilter::default()), &["OIL", "RICE", "SALT", "SOAP", "TEA"][..]),
        (categories(&[shop.food]), &["OIL", "RICE"]),
        (categories(&[shop.food, shop.care]), &["OIL", "RICE", "TEA"]),
        (archived(categories(&[shop.care])), &["SOAP", "TEA"]),
        (categories(&[shop.theirs.category]), &[]),
        (categories(&[shop.theirs.category, shop.care]), &["TEA"]),
        (suppliers(&[shop.awa]), &["RICE"]),
        (archived(suppliers(&[shop.awa])), &["RICE", "SOAP"]),
        (suppliers(&[shop.theirs.supplier]), &[]),
        (warehouses(&[shop.annex.id]), &["OIL"]),
        (warehouses(&[shop.main.id]), &["OIL", "RICE", "TEA"]),
        (warehouses(&[shop.theirs.warehouse]), &[]),
        (status(&[InStock]), &["OIL"]),
        (status(&[LowStock, NoMovement]), &["RICE", "SALT"]),
        (ProductFilter { suppliers: Some(vec![shop.awa]), ..categories(&[shop.care]) }, &[]),
        (together.clone(), &["RICE"]),
        (archived(together.clone()), &["RICE"]),
        (ProductFilter { warehouses: Some(vec![shop.annex.id]), ..together.clone() }, &[]),
        (ProductFilter { suppliers: None, ..together }, &["RICE", "TEA"]),
    ] {
        let order = [(ProductOrder::Sku, false)];
        let page = products::page(&shop.fixture.again(), &filter, &order, &PageArgs::default()).await.unwrap();
        let found: Vec<_> = page.items().map(|row| row.sku.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}
