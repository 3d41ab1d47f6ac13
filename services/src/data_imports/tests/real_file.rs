//! The real file: a year of a real shop, with its cancellations, write-offs, duplicates and charges that are no goods.
//!
//! Rules, as data: codes that are not goods are passed over; an invoice that begins with C is a return; a quantity below
//! zero without one is a write-off; all else is a sale. The file has no stock, so the opening stock is derived: for each
//! SKU the smallest receipt, dated before the first row, with which its running sum in the order of time never falls
//! below zero. It is written as a CSV and imported, too.

use super::files::{gzip, of_file, upload};
use super::*;
use crate::data_imports::run;
use crate::testing::{long_tests, real_data};
use std::collections::HashMap;
use std::io::Read;
use std::time::Instant;

/// The codes of what is on a bill and is no goods: postage, fees, tests.
const NO_GOODS: &str = include_str!("../../../../docs/demo/online_retail_not_goods.txt");

fn shop_rules() -> Vec<Rule> {
    let no_goods = Some(NO_GOODS.lines().map(str::to_owned).collect());
    vec![
        rule("stock_code", |r| (r.one_of, r.skip, r.reason) = (no_goods, true, Some("not goods".into()))),
        rule("stock_code", |r| (r.starts_with, r.skip, r.reason) = (Some("gift_".into()), true, Some("a voucher".into()))),
        rule("invoice", |r| (r.starts_with, r.kind) = (Some("C".into()), Some(Kind::CustomerReturn))),
        rule("quantity", |r| (r.less_than, r.kind) = (Some("0".into()), Some(Kind::WriteOff))),
        sale_rule("invoice"),
    ]
}

fn shop_columns() -> Option<Vec<ColumnMapping>> {
    columns(&[
        ("stock_code", Field::Sku),
        ("description", Field::Name),
        ("quantity", Field::Quantity),
        ("invoice_date", Field::OccurredAt),
        ("invoice", Field::Reference),
    ])
}

/// What the rows mean, worked out without any of the code under test.
#[derive(Default)]
struct Model {
    rows: i64,
    passed_over: i64,
    /// When, in the file's order, and by how many units, by SKU.
    moves: HashMap<String, Vec<(String, i64)>>,
}

impl Model {
    fn of(text: &[u8]) -> Self {
        let mut model = Self::default();
        for record in csv::Reader::from_reader(text).records() {
            let record = record.expect("the file is a CSV");
            let (code, units) = (record[1].trim(), record[3].parse::<i64>().expect("a whole number"));
            model.rows += 1;
            if NO_GOODS.lines().any(|known| known == code) || code.starts_with("gift_") {
                model.passed_over += 1;
                continue;
            }
            let change = if record[0].starts_with('C') { units.abs() } else { -units.abs() };
            model.moves.entry(code.to_owned()).or_default().push((record[4].to_owned(), change));
        }
        model
    }

    /// The smallest opening receipt of each SKU.
    fn opening(&self) -> BTreeMap<&str, i64> {
        let smallest = |moves: &Vec<(String, i64)>| {
            let mut moves = moves.clone();
            moves.sort_by(|a, b| a.0.cmp(&b.0));
            let (mut sum, mut lowest) = (0, 0);
            for (_, change) in moves {
                sum += change;
                lowest = lowest.min(sum);
            }
            -lowest
        };
        self.moves.iter().map(|(sku, moves)| (sku.as_str(), smallest(moves))).collect()
    }

    fn opening_csv(&self) -> String {
        let rows = self.opening().into_iter().filter(|(_, units)| *units > 0);
        let rows: String = rows.map(|(sku, units)| format!("{sku},{units},RECEIPT,2009-11-30\n")).collect();
        format!("sku,quantity,kind,date\n{rows}")
    }

    /// On hand at the end, in thousandths.
    fn closing(&self) -> BTreeMap<String, i64> {
        let opening = self.opening();
        let of = |(sku, moves): (&String, &Vec<(String, i64)>)| {
            (sku.clone(), 1000 * (opening[sku.as_str()] + moves.iter().map(|(_, change)| change).sum::<i64>()))
        };
        self.moves.iter().map(of).collect()
    }
}

const SHOP: &str = "online_retail_2009-12_2010-12.csv.gz";

async fn run_file(fixture: &Fixture, filename: &str, bytes: &[u8], change: impl FnOnce(StartImport) -> StartImport) -> data_import::Model {
    let file = upload(&fixture.app, &fixture.again(), filename, bytes).await;
    let input = StartImport { time_zone: Some("Europe/London".into()), ..of_file(file) };
    let import = start(&fixture.again(), change(input)).await.unwrap();
    let started = Instant::now();
    let job = Running::detached(import.tenant_id);
    run(&fixture.again(), &job, super::super::RunImport { import: import.id }).await.unwrap();
    let done = find(&fixture.again(), import.id).await.unwrap().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!("{filename}: {} rows in {seconds:.1} s, {:.0} rows/s", done.rows_done(), done.rows_done() as f64 / seconds);
    assert_eq!(faults(fixture, &done).await, [], "no row fails");
    assert_eq!((done.state, Some(done.rows_done())), (DataImportState::Completed, done.rows_total));
    done
}

/// Imports the opening stock and the shop's rows, and both again.
async fn the_shop_comes_out_to_the_unit(gz: &[u8], text: &[u8]) {
    let model = Model::of(text);
    let fixture = Fixture::new().await;
    set_policy(&fixture, NegativeStockPolicy::Allow).await;
    let sales = |input| StartImport { columns: shop_columns(), rules: shop_rules(), ..input };
    let opening = gzip(model.opening_csv().as_bytes());
    let opened = run_file(&fixture, "opening.csv.gz", &opening, |input| input).await;
    let sold = run_file(&fixture, "online_retail.csv.gz", gz, sales).await;
    assert_eq!(opened.rows_applied, model.opening().values().filter(|units| **units > 0).count() as i64);
    assert_eq!(counts(&sold), (model.rows - model.passed_over, model.passed_over, 0));
    assert_eq!(stock_by_sku(&fixture).await, model.closing());
    let again = run_file(&fixture, "online_retail.csv.gz", gz, sales).await;
    assert_eq!(counts(&again), (0, model.rows, 0));
    let opened_again = run_file(&fixture, "opening.csv.gz", &opening, |input| input).await;
    assert_eq!(opened_again.rows_applied, 0);
    assert_eq!(stock_by_sku(&fixture).await, model.closing(), "again changes nothing");
    assert_eq!(ledger(&fixture).await.len() as i64, opened.rows_applied + sold.rows_applied);
    main_job::what_ran_out_is_told_and_a_restock_ends_an_alert(&fixture, &model.closing()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slice_of_the_real_shop_comes_out_to_the_unit() {
    let Some(gz) = real_data(SHOP) else { return };
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut text).unwrap();
    let end = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4000).unwrap().0;
    the_shop_comes_out_to_the_unit(&gzip(&text[..=end]), &text[..=end]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_real_shop_comes_out_to_the_unit() {
    if !long_tests("half a million rows of a real shop") {
        return;
    }
    let Some(gz) = real_data(SHOP) else { return };
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut text).unwrap();
    the_shop_comes_out_to_the_unit(&gz, &text).await;
}
