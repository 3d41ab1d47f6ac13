use super::*;
use crate::identity::organizations::{UpdateOrganization, update};
use crate::inventory::movements::{RecordMovement, record, reverse};
use crate::testing::{Fixture, movement};
use crate::work::Running;
use entities::inventory::stock_movement::StockMovementKind::Sale;

#[derive(Debug, PartialEq, Eq, sea_orm::FromQueryResult)]
struct Day {
    sku: String,
    day: i32,
    lines: i64,
    short_lines: i64,
    ordered: i64,
    delivered: i64,
}

async fn days(fixture: &Fixture) -> Vec<Day> {
    let all: Vec<Day> = fixture.again().statement(sql!("test_days.sql")).all().await.unwrap();
    all.into_iter().filter(|day| day.lines > 0).collect()
}

/// Sales around midnight, one of them short and one undone.
async fn sell(fixture: &Fixture) {
    for sku in ["A", "B", "C"] {
        let product = fixture.product().sku(sku).on_hand(100).create().await;
        let warehouse = fixture.warehouse().await;
        for (hours_ago, ordered) in [(1, None), (9, Some(7)), (11, None), (40, Some(9))] {
            let at = fixture.app.now().minus(TimeDelta::hours(hours_ago));
            let ordered_quantity = ordered.map(|units: i64| Quantity(units * 1000));
            let sale = movement(&product, &warehouse, Sale, 5);
            record(&fixture.again(), RecordMovement { occurred_at: Some(at), ordered_quantity, ..sale }).await.unwrap();
        }
        let undone = fixture.record(&product, Sale, 3).await;
        reverse(&fixture.again(), undone.movement.id, "une erreur").await.unwrap();
    }
}

async fn move_to(fixture: &Fixture, zone: &str) {
    let input = UpdateOrganization { time_zone: Some(zone.to_owned()), ..Default::default() };
    update(&fixture.again(), input).await.unwrap();
}

async fn asked_for(fixture: &Fixture) -> usize {
    let jobs = fixture.again().select::<entities::work::job::Entity>().all().await.unwrap();
    jobs.iter().filter(|job| job.kind == RebuildServiceDays::KIND).count()
}

#[tokio::test]
async fn another_time_zone_moves_the_sales_to_its_days() {
    let fixture = Fixture::new().await;
    sell(&fixture).await;
    let before = days(&fixture).await;
    assert_eq!(asked_for(&fixture).await, 0);
    move_to(&fixture, "Pacific/Auckland").await;
    assert_eq!(asked_for(&fixture).await, 2, "at once, and for the latecomers");
    assert_eq!(days(&fixture).await, before, "a matter of the job");
    let scope = fixture.again();
    rebuild(&scope, &Running::detached(scope.tenant()), RebuildServiceDays {}).await.unwrap();
    // What a shop that was always there would have.
    let there = Fixture::new().await;
    move_to(&there, "Pacific/Auckland").await;
    sell(&there).await;
    let expected = days(&there).await;
    assert_ne!(expected, before);
    assert_eq!(days(&fixture).await, expected);
    rebuild(&fixture.again(), &Running::detached(scope.tenant()), RebuildServiceDays {}).await.unwrap();
    assert_eq!(days(&fixture).await, expected, "twice is once");
}

#[tokio::test]
async fn what_is_not_the_time_zone_asks_for_nothing() {
    let fixture = Fixture::new().await;
    let input = UpdateOrganization { name: Some("Chez Awa".into()), time_zone: Some("Africa/Dakar".into()), ..Default::default() };
    update(&fixture.again(), input).await.unwrap();
    assert_eq!(asked_for(&fixture).await, 0);
}

/// The days as the ledger has them.
async fn days_of_the_ledger(fixture: &Fixture) -> Vec<(i32, i64, i64)> {
    use entities::inventory::stock_movement;
    let all = fixture.again().select::<stock_movement::Entity>().all().await.unwrap();
    let mut days: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
    for sale in all.iter().filter(|movement| movement.kind == Sale) {
        let day = days.entry(day_of(sale.occurred_at, "Africa/Dakar")).or_default();
        (day.0, day.1) = (day.0 + 1, day.1 - sale.quantity.0);
    }
    days.into_iter().map(|(day, (lines, delivered))| (day, lines, delivered)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_sold_while_days_are_made_anew_is_in_them() {
    let fixture = std::sync::Arc::new(Fixture::new().await);
    let product = fixture.product().on_hand(100).create().await;
    let home = fixture.warehouse().await;
    let other = crate::inventory::catalog::create_warehouse(&fixture.again(), "Annexe", None).await.unwrap();
    // All days are there beforehand: a sale of a day that is there refers to nothing but its level.
    for hours in 0..4 {
        let at = fixture.app.now().minus(TimeDelta::hours(24 * hours));
        record(&fixture.again(), RecordMovement { occurred_at: Some(at), ..movement(&product, &home, Sale, 1) }).await.unwrap();
    }
    let sellers = (0..4).map(|seller| {
        let (fixture, product, home, other) = (fixture.clone(), product.clone(), home.clone(), other.clone());
        tokio::spawn(async move {
            for n in 0..50 {
                // The second warehouse's level is new.
                let warehouse = if (n + seller) % 5 == 4 { &other } else { &home };
                let at = fixture.app.now().minus(TimeDelta::hours(24 * (n % 4)));
                let sale = RecordMovement { occurred_at: Some(at), ..movement(&product, warehouse, Sale, 1) };
                let scope = fixture.again();
                retrying(|| record(&scope, sale.clone())).await.unwrap();
            }
        })
    });
    let sellers: Vec<_> = sellers.collect();
    while sellers.iter().any(|seller| !seller.is_finished()) {
        let scope = fixture.again();
        // Losing to the sellers thrice is no answer of the job's either: it comes again.
        match rebuild(&scope, &Running::detached(scope.tenant()), RebuildServiceDays {}).await {
            Ok(()) | Err(Error::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    for seller in sellers {
        seller.await.unwrap();
    }
    let known: Vec<_> = days(&fixture).await.into_iter().map(|day| (day.day, day.lines, day.delivered)).collect();
    assert_eq!(known, days_of_the_ledger(&fixture).await);
}
