use crate::world::World;
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use entities::files::file::FilePurpose;
use entities::inventory::{product, stock_movement};
use services::data_imports::{self, RunImport, StartImport};
use services::files::{self, NewUpload};
use services::inventory::stock;
use services::locale::Locale;
use services::testing::long_tests;
use services::work::JobKind;
use services::{Reads, Scope};
use std::collections::BTreeMap;

/// What an import of so many rows must come to, worked out from the rows themselves.
#[derive(Default)]
struct Shop {
    text: String,
    applied: i64,
    failed: i64,
    /// In thousandths, by SKU.
    stock: BTreeMap<String, i64>,
}

impl Shop {
    /// Rows that repeat each other far apart, so that counting them must survive the kill; one in a hundred is no movement.
    fn of(rows: usize) -> Self {
        let mut shop = Self { text: "sku,quantity,kind,date\n".to_owned(), ..Self::default() };
        for n in 0..rows {
            let n = n % (rows / 2);
            let (sku, units, day) = (format!("P{}", n * 7 % 301), 1 + n as i64 % 9, 1 + n % 28);
            let (kind, change) = [("RECEIPT", units), ("SALE", -units), ("SALE", -units), ("CUSTOMER_RETURN", units)][n % 4];
            let broken = n % 100 == 99;
            shop.text += &format!("{sku},{units},{},2026-0{}-{day:02}\n", if broken { "?" } else { kind }, 1 + n % 9);
            if broken {
                shop.failed += 1;
            } else {
                shop.applied += 1;
                *shop.stock.entry(sku).or_default() += 1000 * change;
            }
        }
        shop
    }
}

async fn begin(world: &World, text: &str) -> data_import::Model {
    let input = NewUpload {
        filename: "ventes.csv".into(),
        content_type: "text/csv".into(),
        size_bytes: text.len() as i64,
        sha256: None,
        purpose: FilePurpose::Import,
    };
    let upload = files::create(&world.scope, input).await.unwrap();
    files::receive(&world.app, Some(Locale::Fr), upload.url.rsplit('/').next().unwrap(), text.as_bytes()).await.unwrap();
    let file = files::complete(&world.scope, upload.id).await.unwrap().id;
    let input = StartImport { file: Some(file), create_missing: true, ..StartImport::of(DataImportKind::StockMovements) };
    data_imports::start(&world.scope, input).await.unwrap()
}

async fn seen(world: &World, import: &data_import::Model) -> data_import::Model {
    world.scope.end_read().await;
    data_imports::find(&world.scope, import.id).await.unwrap().unwrap()
}

async fn stock_by_sku(scope: &Scope) -> BTreeMap<String, i64> {
    scope.end_read().await;
    let products = scope.select::<product::Entity>().all().await.unwrap();
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let levels = stock::levels_of(scope, &ids).await.unwrap();
    products.iter().map(|product| (product.sku.clone(), stock::totals(&levels[&product.id]).on_hand.0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_process_is_killed_goes_on_in_another_to_the_same_totals() {
    let long = long_tests("an import of 80,000 rows and three kills in place of 40,000 and one");
    let (rows, kills) = if long { (80_000, 3) } else { (40_000, 1) };
    let (world, shop) = (World::new().await, Shop::of(rows));
    let import = begin(&world, &shop.text).await;
    let (mut worker, mut at) = (world.start_real_worker(), 0);
    for _ in 0..kills {
        world.soon("it goes on", 60, async || seen(&world, &import).await.rows_done() > at).await;
        worker.kill();
        let cut = seen(&world, &import).await;
        assert_eq!((cut.state, cut.rows_done() < rows as i64), (DataImportState::Running, true), "killed in the middle: {cut:?}");
        at = cut.rows_done();
        worker = world.start_real_worker();
    }
    world.soon("it is over", if long { 600 } else { 120 }, async || seen(&world, &import).await.finished_at.is_some()).await;
    let done = seen(&world, &import).await;
    assert_eq!((done.state, done.rows_total), (DataImportState::Completed, Some(rows as i64)));
    assert_eq!((done.rows_applied, done.rows_skipped, done.rows_failed), (shop.applied, 0, shop.failed));
    assert_eq!(stock_by_sku(&world.scope).await, shop.stock);
    assert_eq!(world.scope.select::<stock_movement::Entity>().count().await.unwrap() as i64, shop.applied, "no movement twice");
    assert_eq!(world.only(RunImport::KIND).await.crashes, kills);
}
