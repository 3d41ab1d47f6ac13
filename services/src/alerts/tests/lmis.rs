//! Three years of a real ledger: sites of Côte d'Ivoire, month by month.

use crate::alerts::evaluate::{Extent, run};
use crate::alerts::rules::{self, NewRule};
use crate::inventory::{catalog, movements, stock};
use crate::page::PageArgs;
use crate::testing::{Fixture, long_tests, movement, real_data};
use crate::{Reads, SystemScope};
use chrono::{NaiveDate, TimeDelta};
use entities::alerts::{AlertKind, AlertState, alert};
use entities::inventory::stock_movement::StockMovementKind::{self, *};
use entities::inventory::{ProductId, WarehouseId, product, stock_level, warehouse};
use entities::{Quantity, Timestamp};
use sea_orm::ColumnTrait;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

/// One product at one site in one month.
struct Row {
    period: String,
    site: String,
    product: String,
    opening: i64,
    received: i64,
    distributed: i64,
    adjusted: i64,
    closing: i64,
}

fn rows() -> Option<Vec<Row>> {
    let file = real_data("lmis_cote_divoire_stock_ledger.csv.gz")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let number = |text: &str| text.parse::<f64>().map(|n| n as i64).unwrap_or_else(|_| panic!("{text} is a number"));
    let row = |r: csv::StringRecord| Row {
        period: r[0].to_owned(),
        site: r[3].to_owned(),
        product: r[4].to_owned(),
        opening: number(&r[5]),
        received: number(&r[6]),
        distributed: number(&r[7]),
        adjusted: number(&r[8]),
        closing: number(&r[9]),
    };
    let mut rows: Vec<Row> = reader.records().map(|r| row(r.unwrap())).collect();
    rows.sort_by(|a, b| (&a.period, &a.site, &a.product).cmp(&(&b.period, &b.site, &b.product)));
    Some(rows)
}

struct Ledger {
    fixture: Fixture,
    warehouses: HashMap<String, warehouse::Model>,
    products: HashMap<String, product::Model>,
    on_hand: HashMap<(ProductId, WarehouseId), i64>,
}

impl Ledger {
    async fn of(rows: &[Row]) -> Self {
        let mut ledger = Self {
            fixture: Fixture::at(month_start("2016-01")).await,
            warehouses: HashMap::new(),
            products: HashMap::new(),
            on_hand: HashMap::new(),
        };
        for site in rows.iter().map(|row| &row.site).collect::<BTreeSet<_>>() {
            let made = catalog::create_warehouse(&ledger.fixture.again(), site, Some(site)).await.unwrap();
            ledger.warehouses.insert(site.clone(), made);
        }
        for sku in rows.iter().map(|row| &row.product).collect::<BTreeSet<_>>() {
            let made = ledger.fixture.product().sku(sku).create().await;
            ledger.products.insert(sku.clone(), made);
        }
        ledger
    }

    async fn record(&mut self, row: &Row, kind: StockMovementKind, quantity: i64) {
        let (product, warehouse) = (&self.products[&row.product], &self.warehouses[&row.site]);
        let input = movement(product, warehouse, kind, quantity);
        let change = movements::record(&self.fixture.again(), input).await.unwrap().movement.quantity.0 / 1000;
        *self.on_hand.entry((product.id, warehouse.id)).or_default() += change;
    }

    /// One month at one site. An opening that is not the last closing was counted.
    async fn replay(&mut self, row: &Row) {
        let key = (self.products[&row.product].id, self.warehouses[&row.site].id);
        if self.on_hand.get(&key) != Some(&row.opening) {
            self.record(row, Count, row.opening).await;
        }
        for (kind, quantity) in [(Receipt, row.received), (Sale, row.distributed), (Adjustment, row.adjusted)] {
            match quantity {
                0 => {}
                // A negative receipt or issue in the publication is a correction.
                n if n < 0 && kind != Adjustment => self.record(row, Adjustment, if kind == Sale { -n } else { n }).await,
                n => self.record(row, kind, n).await,
            }
        }
        assert_eq!(self.on_hand.get(&key), Some(&row.closing), "{} {} {}", row.period, row.site, row.product);
    }
}

fn month_start(period: &str) -> Timestamp {
    let day = NaiveDate::parse_from_str(&format!("{period}-01"), "%Y-%m-%d").unwrap();
    Timestamp::from(day.and_hms_opt(8, 0, 0).unwrap().and_utc())
}

#[tokio::test]
async fn a_real_ledger_alerts_exactly_when_a_site_is_out() {
    let Some(rows) = rows() else { return };
    let long = long_tests("all sites but three");
    let sites: BTreeSet<String> = rows.iter().map(|row| row.site.clone()).collect();
    let sites: BTreeSet<String> = sites.into_iter().take(if long { usize::MAX } else { 3 }).collect();
    let rows: Vec<Row> = rows.into_iter().filter(|row| sites.contains(&row.site)).collect();
    let mut ledger = Ledger::of(&rows).await;
    only_stock_outs_by_warehouse(&ledger.fixture).await;
    let system = SystemScope::new(&ledger.fixture.app);
    let mut months: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        months.entry(&row.period).or_default().push(row);
    }
    let (mut spells, mut out_before) = (0, BTreeSet::new());
    for (period, rows) in months {
        let now = ledger.fixture.app.now();
        ledger.fixture.app.clock().advance(month_start(period).plus(TimeDelta::days(20)).since(now));
        for row in &rows {
            ledger.replay(row).await;
        }
        in_step(&ledger, &rows).await;
        run(&system, Extent::default()).await.unwrap();
        let out: BTreeSet<_> = ledger.on_hand.iter().filter(|(_, n)| **n <= 0).map(|(key, _)| *key).collect();
        let open =
            ledger.fixture.again().select::<alert::Entity>().filter(alert::Column::State.ne(AlertState::Resolved)).all().await.unwrap();
        assert!(open.iter().all(|a| a.kind == AlertKind::StockOut && !a.muted));
        assert_eq!(open.iter().map(|a| (a.product_id, a.warehouse_id)).collect::<BTreeSet<_>>(), out, "{period}");
        spells += out.difference(&out_before).count();
        out_before = out;
    }
    let all = ledger.fixture.again().select::<alert::Entity>().all().await.unwrap();
    assert_eq!(all.len(), spells, "one alert a spell");
    println!("{} months of {} sites, {spells} spells", rows.len(), sites.len());
}

/// The levels as they are stored are the closing stock as it was published; where a site published nothing this month, what
/// it had.
async fn in_step(ledger: &Ledger, month: &[&Row]) {
    let ids: Vec<ProductId> = ledger.products.values().map(|product| product.id).collect();
    let levels = stock::levels_of(&ledger.fixture.again(), &ids).await.unwrap();
    let of = |level: &stock_level::Model| ((level.product_id, level.warehouse_id), level.on_hand);
    let stored: HashMap<_, Quantity> = levels.values().flatten().map(of).collect();
    for row in month {
        let key = (ledger.products[&row.product].id, ledger.warehouses[&row.site].id);
        // What never was anything but nothing was never moved.
        let on_hand = stored.get(&key).copied().unwrap_or_default();
        assert_eq!(on_hand, Quantity(row.closing * 1000), "{} {} {}", row.period, row.site, row.product);
    }
    let kept: HashMap<_, Quantity> = ledger.on_hand.iter().map(|(key, n)| (*key, Quantity(n * 1000))).collect();
    assert_eq!(stored, kept);
}

async fn only_stock_outs_by_warehouse(fixture: &Fixture) {
    let shipped = rules::page(&fixture.again(), &PageArgs::default()).await.unwrap();
    for rule in shipped.items() {
        rules::delete(&fixture.again(), rule.id).await.unwrap();
    }
    rules::create(&fixture.again(), NewRule { per_warehouse: true, ..NewRule::of(AlertKind::StockOut) }).await.unwrap();
}
