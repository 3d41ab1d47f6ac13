//! A movement recorded at once is the same as one recorded step by step, also when many are recorded at the same time.

use super::{MovementFilter, RecordMovement, RecordTransfer, Recorded, first_pages, page, record, transfer};
use crate::page::{Page, PageArgs};
use crate::scope::Sql;
use crate::testing::{Fixture, START, movement};
use crate::{Code, Error, Reads, Scope};
use chrono::TimeDelta;
use entities::Quantity;
use entities::inventory::stock_movement::StockMovementKind as Kind;
use entities::inventory::{product, stock_level, stock_movement, warehouse};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ColumnTrait, DbBackend};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The same actor, whose scope knows no time zone: everything goes step by step.
fn in_steps(fixture: &Fixture) -> Scope {
    let scope = &fixture.scope;
    Scope::new(fixture.app.clone(), scope.actor(), scope.tenant(), Arc::new(scope.grants().clone()), scope.locale())
}

/// The `n`th of a run; no two of them happened at the same instant.
fn any(n: i64, random: &mut StdRng, product: &product::Model, warehouse: &warehouse::Model) -> RecordMovement {
    const KINDS: [Kind; 6] = [Kind::Receipt, Kind::Sale, Kind::Sale, Kind::CustomerReturn, Kind::WriteOff, Kind::Adjustment];
    let kind = KINDS[random.random_range(0..KINDS.len())];
    let units = random.random_range(1..9);
    let ordered = (kind == Kind::Sale && random.random_bool(0.4)).then(|| Quantity((units + 2) * 1000));
    let ago = TimeDelta::hours(random.random_range(0..80)) + TimeDelta::seconds(n + 1);
    RecordMovement { ordered_quantity: ordered, occurred_at: Some(START.minus(ago)), ..movement(product, warehouse, kind, units) }
}

/// What there is of a product, but for the ids.
async fn left(fixture: &Fixture, product: &product::Model) -> (Vec<Quantity>, Vec<[i64; 5]>, Vec<String>) {
    let scope = fixture.again();
    let levels = scope.select::<stock_level::Entity>().filter(stock_level::Column::ProductId.eq(product.id)).all().await.unwrap();
    let days: Vec<Day> = scope.statement(&DAYS).bind("product", product.id).all().await.unwrap();
    let days = days.iter().map(|day| [day.day.into(), day.lines, day.short_lines, day.ordered, day.delivered]).collect();
    let told = events(&scope, product).await.into_iter().map(|mut payload| {
        payload.as_object_mut().unwrap().remove("movement");
        payload.to_string()
    });
    (levels.iter().map(|level| level.on_hand).collect(), days, told.collect())
}

#[tokio::test]
async fn the_first_pages_of_many_products_are_those_of_each() {
    let fixture = Fixture::new().await;
    let (here, neighbour) = (fixture.warehouse().await, fixture.neighbour().await);
    let theirs = neighbour.product().on_hand(7).create().await;
    let mut ids = vec![theirs.id];
    for movements in [0, 1, 3, 8] {
        let product = fixture.product().create().await;
        for n in 0..movements {
            // Two at each instant: the id decides.
            let at = Some(START.minus(TimeDelta::hours(n / 2)));
            let input = RecordMovement { occurred_at: at, ..movement(&product, &here, Kind::Receipt, n + 1) };
            record(&fixture.again(), input).await.unwrap();
        }
        ids.push(product.id);
    }
    for first in [Some(0), Some(1), Some(3), Some(8), None] {
        let args = PageArgs { first, ..PageArgs::default() };
        let scope = fixture.again();
        let mut all = first_pages(&scope, &ids, &args).await.unwrap();
        assert_eq!(scope.statements().await, 1, "for all of them");
        for id in &ids {
            let filter = MovementFilter { products: Some(vec![*id]), ..MovementFilter::default() };
            let one = page(&fixture.again(), &filter, &args).await.unwrap();
            let Some(among) = all.remove(id) else {
                assert!(one.rows.is_empty() && !one.has_next, "{id} has movements");
                continue;
            };
            let seen =
                |page: &Page<stock_movement::Model>| -> Vec<_> { page.rows.iter().map(|row| (row.cursor(), row.row.clone())).collect() };
            assert_eq!((seen(&among), among.has_next, among.has_previous), (seen(&one), one.has_next, one.has_previous), "{first:?}");
        }
        assert!(all.is_empty(), "nobody else's");
    }
}

/// The events of a product's stock, from the first.
async fn events(scope: &Scope, product: &product::Model) -> Vec<serde_json::Value> {
    let stream = format!("product:{}", product.id);
    if crate::events::cursor_at(scope, &stream).await.unwrap() == 0 {
        return Vec::new();
    }
    let mut follower = crate::events::follow(scope, stream, Some(0)).await.unwrap();
    follower.next().await.unwrap().into_iter().map(|event| serde_json::from_str(&event.payload).unwrap()).collect()
}

#[derive(sea_orm::FromQueryResult)]
struct Day {
    day: i32,
    lines: i64,
    short_lines: i64,
    ordered: i64,
    delivered: i64,
}

static DAYS: Sql = Sql::new(
    "days",
    "SELECT d.day, d.lines, d.short_lines, d.ordered, d.delivered FROM service_days d
     WHERE d.tenant_id = :tenant AND d.product_id = :product ORDER BY d.day",
);

#[tokio::test]
async fn at_once_is_the_same_as_step_by_step() {
    let fixture = Fixture::new().await;
    let (whole, stepped) = (fixture.product().on_hand(9).create().await, fixture.product().on_hand(9).create().await);
    let (warehouse, mut random) = (fixture.warehouse().await, StdRng::seed_from_u64(7));
    for n in 0..60 {
        let input = any(n, &mut random, &whole, &warehouse);
        let same = RecordMovement { product: stepped.id, ..input.clone() };
        let scope = fixture.again();
        let one = record(&scope, input).await.unwrap();
        let other = record(&in_steps(&fixture), same).await.unwrap();
        let told = |recorded: &Recorded| (recorded.movement.quantity, recorded.on_hand_after, recorded.warnings.clone());
        assert_eq!(told(&one), told(&other));
        if fixture.app.database().backend() == DbBackend::Postgres {
            assert_eq!(scope.statements().await, 1, "it was one statement");
        }
    }
    assert_eq!(left(&fixture, &whole).await, left(&fixture, &stepped).await);
}

#[tokio::test]
async fn what_stands_in_its_way_is_left_to_the_steps() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(3).create().await, fixture.warehouse().await);
    let keyed = RecordMovement { idempotency_key: Some("once".into()), ..movement(&product, &warehouse, Kind::Sale, 1) };
    let first = record(&fixture.again(), keyed.clone()).await.unwrap();
    let again = record(&fixture.again(), keyed).await.unwrap();
    assert_eq!(first.movement.id, again.movement.id, "the second call finds the movement of the first");
    let fresh = fixture.product().create().await;
    let recorded = record(&fixture.again(), movement(&fresh, &warehouse, Kind::Receipt, 2)).await.unwrap();
    assert_eq!(recorded.on_hand_after, Some(Quantity(2000)), "a level that was not there is made");
    let finer = RecordMovement { quantity: Quantity(1500), ..movement(&product, &warehouse, Kind::Receipt, 1) };
    assert!(record(&fixture.again(), finer).await.is_err(), "a piece is not halved");
    assert_eq!(left(&fixture, &product).await.0, [Quantity(2000)]);
}

#[tokio::test]
async fn each_of_many_at_a_time_knows_what_was_on_hand_after_it() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(50).create().await, fixture.warehouse().await);
    let mut random = StdRng::seed_from_u64(11);
    let inputs: Vec<_> = (0..60).map(|n| any(n, &mut random, &product, &warehouse)).collect();
    let calls = inputs.into_iter().enumerate().map(|(n, input)| {
        let scope = if n % 3 == 0 { in_steps(&fixture) } else { fixture.again() };
        tokio::spawn(async move { crate::scope::retrying(|| record(&scope, input.clone())).await.unwrap() })
    });
    let done = futures_util::future::join_all(calls.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap);
    let by_id: BTreeMap<String, Recorded> = done.map(|recorded| (recorded.movement.id.to_string(), recorded)).collect();
    // The events are numbered in the order of the commits; the first is the opening receipt's.
    let told = events(&fixture.again(), &product).await;
    assert_eq!(told.len(), by_id.len() + 1);
    let opening: uuid::Uuid = told[0]["movement"].as_str().unwrap().parse().unwrap();
    let (mut there, mut on_hand) = (vec![(START, opening, 50_000)], 50_000);
    for payload in &told[1..] {
        let recorded = &by_id[payload["movement"].as_str().unwrap()];
        let (at, id, quantity) = (recorded.movement.occurred_at, recorded.movement.id.0, recorded.movement.quantity.0);
        on_hand += quantity;
        assert_eq!(payload["onHand"], on_hand);
        there.push((at, id, quantity));
        let after = there.iter().filter(|(other, other_id, _)| (*other, *other_id) <= (at, id)).map(|(_, _, quantity)| quantity).sum();
        assert_eq!(recorded.on_hand_after, Some(Quantity(after)), "{payload}");
    }
}

fn is_mismatch(error: &Error) -> bool {
    matches!(error, Error::Refused(all) if all.iter().all(|one| (one.code, one.path.join(".")) == (Code::IdempotencyMismatch, "idempotencyKey".into())))
}

#[tokio::test]
async fn a_key_with_other_content_is_refused_whatever_the_kind() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(20).create().await, fixture.warehouse().await);
    let now = fixture.app.now();
    for kind in [Kind::Count, Kind::Adjustment, Kind::Sale, Kind::Receipt] {
        for whole in [true, false] {
            let scope = || if whole { fixture.again() } else { in_steps(&fixture) };
            let key = Some(format!("{kind:?} {whole}"));
            let first = RecordMovement { idempotency_key: key, ..movement(&product, &warehouse, kind, 10) };
            let recorded = record(&scope(), first.clone()).await.unwrap().movement;
            assert_eq!(record(&in_steps(&fixture), first.clone()).await.unwrap().movement, recorded);
            assert_eq!(record(&fixture.again(), first.clone()).await.unwrap().movement, recorded);
            let others = [
                RecordMovement { quantity: Quantity(12_000), ..first.clone() },
                RecordMovement { kind: Kind::CustomerReturn, ..first.clone() },
                RecordMovement { reason: Some("autre".into()), ..first.clone() },
                RecordMovement { occurred_at: Some(now.minus(TimeDelta::hours(1))), ..first.clone() },
            ];
            for other in others {
                let error = record(&scope(), other.clone()).await.unwrap_err();
                assert!(is_mismatch(&error), "{kind:?} then {other:?}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_of_a_transfer_elsewhere_is_refused() {
    let fixture = Fixture::new().await;
    let (product, from) = (fixture.product().on_hand(20).create().await, fixture.warehouse().await);
    let warehouse = async |name| crate::inventory::catalog::create_warehouse(&fixture.again(), name, None).await.unwrap();
    let (to, elsewhere) = (warehouse("Thiès").await, warehouse("Mbour").await);
    let (quantity, idempotency_key) = (Quantity(2000), Some("camion-1".to_owned()));
    let first =
        RecordTransfer { product: product.id, from: from.id, to: to.id, quantity, occurred_at: None, reference: None, idempotency_key };
    let done = transfer(&fixture.again(), first.clone()).await.unwrap();
    assert_eq!(transfer(&fixture.again(), first.clone()).await.unwrap(), done);
    let others = [
        RecordTransfer { to: elsewhere.id, ..first.clone() },
        RecordTransfer { from: elsewhere.id, ..first.clone() },
        RecordTransfer { quantity: Quantity(3000), ..first.clone() },
    ];
    for other in others {
        let error = transfer(&fixture.again(), other.clone()).await.unwrap_err();
        assert!(is_mismatch(&error), "{other:?}: {error:?}");
    }
    let sale = RecordMovement { idempotency_key: first.idempotency_key, ..movement(&product, &from, Kind::Sale, 2) };
    assert!(is_mismatch(&record(&fixture.again(), sale).await.unwrap_err()), "nor is it a sale");
}
