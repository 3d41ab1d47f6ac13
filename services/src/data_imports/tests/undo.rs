//! Imports that are undone: what comes back, and what stays.

use super::news::news;
use super::resume::cut_off;
use super::*;
use crate::data_imports::undo::{undo, undo_paced};
use crate::inventory::movements;
use crate::inventory::movements::undo::{Batch, undo as undo_batch};
use crate::notifications::Severity;
use crate::scope::Sql;
use crate::testing::change_database;
use chrono::TimeDelta;
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::DataImportUndoState::{self, Completed};

/// Asks for the undo and runs it to its end, seven movements a chunk.
pub(super) async fn undone(fixture: &Fixture, import: DataImportId) -> data_import::Model {
    undo(&fixture.again(), import).await.unwrap();
    go_on(fixture, import).await
}

pub(super) async fn go_on(fixture: &Fixture, import: DataImportId) -> data_import::Model {
    undo_paced(&fixture.again(), &Running::detached(fixture.scope.tenant()), import, Pace::fixed(7)).await.unwrap();
    find(&fixture.again(), import).await.unwrap().unwrap()
}

/// How its undo stands: state, undone in all, left standing.
pub(super) fn stands(import: &data_import::Model) -> (Option<DataImportUndoState>, i64, i64) {
    (import.undo_state, import.rows_undone, import.rows_not_undone)
}

#[derive(Debug, PartialEq, sea_orm::FromQueryResult)]
struct Day {
    lines: i64,
    short_lines: i64,
    ordered: i64,
    delivered: i64,
}

static DAYS: Sql = Sql::new(
    "days",
    "SELECT d.lines, d.short_lines, d.ordered, d.delivered FROM service_days d WHERE d.tenant_id = :tenant AND d.lines <> 0
     ORDER BY d.product_id, d.day",
);
static MARKS: Sql = Sql::new("marks", "SELECT COUNT(*) FROM alert_marks a WHERE a.tenant_id = :tenant");

async fn days(fixture: &Fixture) -> Vec<Day> {
    fixture.again().statement(&DAYS).all().await.unwrap()
}

async fn marks(fixture: &Fixture) -> i64 {
    fixture.again().statement(&MARKS).value().await.unwrap().unwrap()
}

/// Sales full and short, receipts and a count, of two products.
pub(super) fn mixed(rows: usize) -> String {
    let row = |n: usize| match n % 5 {
        0 => format!("A,{},,RECEIPT,2026-11-{:02}\n", 1 + n % 9, 1 + n % 28),
        1 => format!("A,0,3,SALE,2026-11-{:02}\n", 1 + n % 28),
        2 => format!("B,2,2,SALE,2026-11-{:02}\n", 1 + n % 28),
        3 => format!("B,{n},,COUNT,2026-11-{:02}\n", 1 + n % 28),
        _ => format!("A,1,4,SALE,2026-11-{:02}\n", 1 + n % 28),
    };
    format!("sku,quantity,ordered,kind,date\n{}", (0..rows).map(row).collect::<String>())
}

pub(super) async fn shop() -> Fixture {
    let fixture = Fixture::new().await;
    for sku in ["A", "B"] {
        let product = fixture.product().sku(sku).on_hand(100).create().await;
        fixture.record(&product, Kind::Sale, 5).await;
    }
    fixture
}

#[tokio::test]
async fn an_undo_leaves_stock_and_service_days_as_they_were_and_marks_for_alerts() {
    let fixture = shop().await;
    let (stock, days_before, recorded) = (stock_by_sku(&fixture).await, days(&fixture).await, ledger(&fixture).await.len());
    let done = import(&fixture, of(&mixed(40))).await.unwrap();
    assert_eq!(counts(&done), (40, 0, 0));
    assert_ne!((stock_by_sku(&fixture).await, days(&fixture).await.len()), (stock.clone(), days_before.len()));
    change_database(&fixture.app, "DELETE FROM alert_marks").await;
    let now = undone(&fixture, done.id).await;
    assert_eq!((stands(&now), now.undo_before), ((Some(Completed), 40, 0), None));
    assert_eq!((now.undone_by, now.undone_at), (fixture.scope.membership(), Some(fixture.app.now())));
    assert_eq!((stock_by_sku(&fixture).await, days(&fixture).await), (stock, days_before));
    check_sums(&fixture).await;
    assert!(marks(&fixture).await > 0, "alerts are looked at again");
    let all = ledger(&fixture).await;
    assert_eq!(all.len(), recorded + 80);
    for reverse in all.iter().filter(|m| m.reverses_id.is_some()) {
        let old = all.iter().find(|m| Some(m.id) == reverse.reverses_id).unwrap();
        assert_eq!((reverse.quantity, reverse.occurred_at, reverse.kind), (-old.quantity, old.occurred_at, old.kind));
        assert_eq!((reverse.import_id, old.import_id), (Some(done.id), Some(done.id)));
        assert_eq!((reverse.recorded_by, reverse.reason.as_deref()), (fixture.scope.membership(), Some("Importation annulée")));
        assert_eq!((reverse.ordered_quantity, reverse.dedup_key.as_deref()), (None, None));
    }
}

#[tokio::test]
async fn an_undo_cut_off_anywhere_goes_on_exactly_there() {
    for steps in [3, 11, 24] {
        let fixture = shop().await;
        let stock = stock_by_sku(&fixture).await;
        let done = import(&fixture, of(&mixed(60))).await.unwrap();
        undo(&fixture.again(), done.id).await.unwrap();
        let mut cuts = 0;
        for attempt in 0..2000 {
            let job = Running::detached(done.tenant_id);
            match cut_off(undo_paced(&fixture.again(), &job, done.id, Pace::fixed(4)), steps + attempt % 29).await {
                Some(Ok(())) => break,
                Some(Err(Error::Conflict)) | None => cuts += 1,
                Some(Err(other)) => panic!("{other}"),
            }
        }
        assert!(cuts > 2, "it was cut off {cuts} times");
        let now = find(&fixture.again(), done.id).await.unwrap().unwrap();
        assert_eq!(stands(&now), (Some(Completed), 60, 0), "{steps}");
        assert_eq!(stock_by_sku(&fixture).await, stock, "{steps}");
        check_sums(&fixture).await;
        assert_eq!(news(&fixture).await.len(), 2, "the import's end, and the undo's");
    }
}

#[tokio::test]
async fn an_undo_and_people_who_record_and_reverse_meanwhile_add_up() {
    let fixture = shop().await;
    let product = fixture.product().sku("C").create().await;
    let stock = stock_by_sku(&fixture).await;
    let done = import(&fixture, of(&(mixed(120) + &"C,1,,RECEIPT,2026-11-03\n".repeat(10)))).await.unwrap();
    let imported = ledger(&fixture).await;
    let imported: Vec<_> = imported.iter().filter(|m| m.import_id == Some(done.id)).collect();
    let people = async {
        let mut by_hand = 0;
        for n in 0..20 {
            fixture.record(&product, Kind::Receipt, 1).await;
            let id = imported[n * 6].id;
            let reversed = crate::scope::retrying(async || movements::reverse(&fixture.again(), id, "erreur").await).await;
            by_hand += i64::from(reversed.is_ok());
        }
        by_hand
    };
    let (now, by_hand) = tokio::join!(undone(&fixture, done.id), people);
    assert_eq!(stands(&now), (Some(Completed), 130 - by_hand, 0), "each is undone once, by whoever came first");
    let mut expected = stock;
    expected.insert("C".into(), 20_000);
    assert_eq!(stock_by_sku(&fixture).await, expected);
    check_sums(&fixture).await;
}

#[tokio::test]
async fn what_was_sold_since_stays_where_the_policy_forbids_and_goes_after_a_restock() {
    let fixture = Fixture::new().await;
    set_policy(&fixture, NegativeStockPolicy::Forbid).await;
    let product = fixture.product().sku("A").create().await;
    let rows = "A,2,RECEIPT,2026-11-01\n".to_owned() + &"A,1,RECEIPT,2026-11-02\n".repeat(9) + "A,3,SALE,2026-11-03\n";
    let started = start(&fixture.again(), of(&format!("sku,quantity,kind,date\n{rows}"))).await.unwrap();
    // One chunk: the clock stands still, and only within a chunk do ids of one instant have an order.
    let done = run_all(&fixture, &started, Pace::fixed(100)).await.unwrap();
    assert_eq!(counts(&done), (11, 0, 0));
    fixture.record(&product, Kind::Sale, 5).await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    // 3 are there and the sale's 3 come back; six receipts of the last nine go, then nothing is left for the others.
    let now = undone(&fixture, done.id).await;
    assert_eq!(stands(&now), (Some(Completed), 7, 4));
    assert_eq!(stock_by_sku(&fixture).await["A"], 0);
    fixture.record(&product, Kind::Receipt, 4).await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let now = undone(&fixture, done.id).await;
    assert_eq!((stands(&now), stock_by_sku(&fixture).await["A"]), ((Some(Completed), 10, 1), 1000), "all but the receipt of two");
    fixture.record(&product, Kind::Receipt, 1).await;
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let now = undone(&fixture, done.id).await;
    assert_eq!((stands(&now), stock_by_sku(&fixture).await["A"]), ((Some(Completed), 11, 0), 0));
    check_sums(&fixture).await;
    let told: Vec<_> = news(&fixture).await.into_iter().filter(|told| told.0 == "import-undone").map(|told| (told.1, told.3)).collect();
    let why = "le stock passerait sous zéro ou dépasserait ce qu'un entrepôt peut tenir.";
    let expected = [
        (Severity::Warning, format!("7 mouvements annulés, 4 conservés : sans eux, {why}")),
        (Severity::Warning, format!("10 mouvements annulés, 1 conservé : sans lui, {why}")),
        (Severity::Info, "11 mouvements annulés.".to_owned()),
    ];
    assert_eq!(told, expected);
    let again = undo(&fixture.again(), done.id).await.unwrap();
    assert_eq!(again, now, "with none left it changes nothing");
}

#[tokio::test]
async fn what_would_pass_the_bound_of_a_level_stays() {
    let fixture = Fixture::new().await;
    let product = fixture.product().sku("A").create().await;
    let sales = (1..=4).map(|n| format!("A,1000000000,SALE,2026-11-0{n}\n")).collect::<String>();
    let done = import(&fixture, of(&format!("sku,quantity,kind,date\n{sales}"))).await.unwrap();
    for _ in 0..102 {
        fixture.record(&product, Kind::Receipt, 1_000_000_000).await;
    }
    let now = undone(&fixture, done.id).await;
    assert_eq!((stands(&now), stock_by_sku(&fixture).await["A"]), ((Some(Completed), 2, 2), 100_000_000_000_000));
}

#[tokio::test]
async fn the_statements_of_a_chunk_do_not_grow_with_its_rows() {
    let mut sent = Vec::new();
    for rows in [10, 300] {
        let fixture = shop().await;
        let done = import(&fixture, of(&mixed(rows))).await.unwrap();
        let scope = fixture.again();
        let txn = scope.begin().await.unwrap();
        let batch = Batch { import: done.id, before: None, most: rows, by: None, reason: "essai" };
        assert_eq!(undo_batch(&txn, &batch).await.unwrap().undone, rows as i64);
        txn.commit().await.unwrap();
        sent.push(scope.statements().await);
    }
    assert!(sent[0] == sent[1] && (1..=10).contains(&sent[0]), "{sent:?}");
}
