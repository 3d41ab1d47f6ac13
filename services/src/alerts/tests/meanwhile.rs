//! What happens between the steps of a run, and several runs at once.
//!
//! SQLite has one writer, so nothing can come between the steps of a run there; the first four tests need PostgreSQL and
//! say so when they have none.

use crate::alerts::announce::AnnounceStockAlerts;
use crate::alerts::evaluate::{self, Extent, Pass};
use crate::alerts::handle;
use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::inventory::movements;
use crate::testing::{Fixture, movement};
use crate::work::{Claimer, JobKind, Outcome, settle};
use crate::{Reads, SystemScope, sql};
use chrono::TimeDelta;
use entities::alerts::{AlertKind, AlertState, alert};
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::work::job;
use sea_orm::{ColumnTrait, DbBackend};

/// A world with one product of ten, low at ten.
async fn world() -> Option<(Fixture, SystemScope, product::Model)> {
    let fixture = Fixture::new().await;
    if fixture.app.database().backend() != DbBackend::Postgres {
        println!("skipped: one writer at a time, nothing comes between");
        return None;
    }
    let product = fixture.product().reorder_point(10).on_hand(20).create().await;
    let system = SystemScope::new(&fixture.app);
    run(&system).await;
    Some((fixture, system, product))
}

async fn run(system: &SystemScope) {
    crate::alerts::evaluate::run(system, Extent::default()).await.unwrap();
}

/// A run that has chosen its organisations.
async fn begun(system: &SystemScope) -> Pass {
    let pass = Pass::begin(system, system.now(), false).await.unwrap();
    assert!(pass.tenants(Extent::default(), i64::MAX).await.unwrap());
    pass
}

async fn states(fixture: &Fixture) -> Vec<(AlertKind, AlertState)> {
    let mut all = fixture.again().select::<alert::Entity>().all().await.unwrap();
    all.sort_by_key(|alert| alert.kind);
    all.iter().map(|alert| (alert.kind, alert.state)).collect()
}

/// A second run, then a full one, change nothing.
async fn settled(fixture: &Fixture, system: &SystemScope) {
    let rows = async || fixture.again().select::<alert::Entity>().order_by(alert::Column::Id, sea_orm::Order::Asc).all().await.unwrap();
    let before = rows().await;
    crate::alerts::evaluate::run(system, Extent { tenant: None, full: true }).await.unwrap();
    assert_eq!(rows().await, before, "a full run finds nothing that was missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_movement_in_flight_while_its_mark_is_consumed_is_seen_by_the_next_run() {
    let Some((fixture, system, product)) = world().await else { return };
    fixture.record(&product, Sale, 1).await;
    // In flight: its level and its mark are written, not committed.
    let scope = fixture.again();
    let txn = scope.begin().await.unwrap();
    let level = txn.statement(sql!("level.sql")).bind("id", txn.new_id::<uuid::Uuid>()).bind("product", product.id);
    let level = level.bind("warehouse", fixture.warehouse().await.id).bind("on_hand", -12_000_i64).bind("reserved", 0_i64);
    level.bind("now", txn.now()).run().await.unwrap();
    begun(&system).await.through().await.unwrap();
    assert!(states(&fixture).await.is_empty(), "19 left, as far as anybody can know");
    txn.commit().await.unwrap();
    run(&system).await;
    assert_eq!(states(&fixture).await, [(AlertKind::LowStock, AlertState::Firing)]);
    settled(&fixture, &system).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_between_collecting_and_the_rest_is_seen_now_or_by_the_next_run() {
    let Some((fixture, system, product)) = world().await else { return };
    fixture.record(&product, Sale, 1).await;
    let pass = begun(&system).await;
    pass.collect().await.unwrap();
    fixture.record(&product, Sale, 15).await;
    pass.weigh().await.unwrap();
    pass.decide().await.unwrap();
    fixture.record(&product, Sale, 4).await;
    pass.write().await.unwrap();
    run(&system).await;
    assert_eq!(states(&fixture).await, [(AlertKind::StockOut, AlertState::Firing), (AlertKind::LowStock, AlertState::Firing)]);
    settled(&fixture, &system).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_raised_between_the_first_steps_counts() {
    let Some((fixture, system, product)) = world().await else { return };
    let rule = NewRule { product: Some(product.id), threshold: Some("1".into()), ..NewRule::of(AlertKind::LowStock) };
    let rule = rules::create(&fixture.again(), rule).await.unwrap();
    run(&system).await;
    fixture.record(&product, Sale, 1).await;
    let pass = begun(&system).await;
    rules::update(&fixture.again(), rule.id, RuleChange { threshold: Some(Some("100".into())), ..RuleChange::default() }).await.unwrap();
    pass.through().await.unwrap();
    run(&system).await;
    assert_eq!(states(&fixture).await, [(AlertKind::LowStock, AlertState::Firing)]);
    settled(&fixture, &system).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_between_reading_and_writing_wins() {
    let Some((fixture, system, product)) = world().await else { return };
    fixture.record(&product, Sale, 12).await;
    run(&system).await;
    fixture.record(&product, Sale, 1).await;
    let pass = begun(&system).await;
    pass.collect().await.unwrap();
    pass.weigh().await.unwrap();
    pass.decide().await.unwrap();
    let id = fixture.again().select::<alert::Entity>().one().await.unwrap().unwrap().id;
    handle::acknowledge(&fixture.again(), &[id], Some("J'y suis")).await.unwrap();
    pass.write().await.unwrap();
    assert_eq!(states(&fixture).await, [(AlertKind::LowStock, AlertState::Acknowledged)]);
    run(&system).await;
    let alert = fixture.again().select::<alert::Entity>().one().await.unwrap().unwrap();
    assert_eq!((alert.state, alert.value_n), (AlertState::Acknowledged, Some(7000)), "and its mark brings the next run");
    settled(&fixture, &system).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_asked_for_waits_for_the_one_that_holds_its_organisation() {
    let Some((fixture, system, product)) = world().await else { return };
    fixture.record(&product, Sale, 1).await;
    let pass = begun(&system).await;
    pass.collect().await.unwrap();
    pass.weigh().await.unwrap();
    pass.decide().await.unwrap();
    fixture.record(&product, Sale, 15).await;
    let (mine, asking) = (Extent { tenant: Some(fixture.scope.tenant()), full: false }, system.clone());
    let mut asked = tokio::spawn(async move { evaluate::run(&asking, mine).await });
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut asked).await;
    assert!(early.is_err(), "what was sold meanwhile is not judged yet, so it is not done");
    pass.write().await.unwrap();
    asked.await.unwrap().unwrap();
    assert_eq!(states(&fixture).await, [(AlertKind::LowStock, AlertState::Firing)]);
    settled(&fixture, &system).await;
}

#[tokio::test]
async fn a_job_that_waits_for_its_retry_is_not_the_evaluation_asked_for_now() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let first = evaluate::request(&fixture.again(), false).await.unwrap();
    assert_eq!(evaluate::request(&fixture.again(), false).await.unwrap().id, first.id, "one that is due is the one asked for");
    for job in Claimer::new(app, &first.queue).claim(10).await.unwrap() {
        let later = Outcome::Retry(app.now().plus(TimeDelta::minutes(5)), "the database was away".into());
        settle(&system, &[((job.id, job.lease_token.unwrap()), later)]).await.unwrap();
    }
    let second = evaluate::request(&fixture.again(), false).await.unwrap();
    assert!(second.id != first.id && second.run_at <= app.now(), "now is not in five minutes");
}

/// Writers, people and two runs at once; after they stop, one run and the alerts are what a full run would make them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_everybody_at_once_nothing_was_missed() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    let warehouse = fixture.warehouse().await;
    let mut products = Vec::new();
    for _ in 0..8 {
        products.push(fixture.product().reorder_point(5).on_hand(6).create().await);
    }
    let writers = products.chunks(2).map(<[product::Model]>::to_vec).enumerate().map(|(n, mine)| {
        let (scopes, warehouse) = ((0..40).map(|_| fixture.again()).collect::<Vec<_>>(), warehouse.clone());
        tokio::spawn(async move {
            for (step, scope) in scopes.iter().enumerate() {
                let (product, kind) = (&mine[step % 2], if (step / 2 + n) % 3 == 0 { Receipt } else { Sale });
                let input = movement(product, &warehouse, kind, if kind == Receipt { 4 } else { 2 });
                crate::scope::retrying(|| movements::record(scope, input.clone())).await.unwrap();
            }
        })
    });
    let runs = (0..2).map(|_| {
        let system = system.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                crate::scope::retrying(|| crate::alerts::evaluate::run(&system, Extent::default())).await.unwrap();
            }
        })
    });
    let scopes: Vec<_> = (0..20).map(|_| fixture.again()).collect();
    let people = tokio::spawn(async move {
        for scope in &scopes {
            let ids: Vec<_> = scope.select::<alert::Entity>().all().await.unwrap().iter().map(|alert| alert.id).collect();
            scope.end_read().await;
            crate::scope::retrying(|| handle::acknowledge(scope, &ids, None)).await.unwrap();
            scope.end_read().await;
            tokio::task::yield_now().await;
        }
    });
    let all: Vec<_> = writers.chain(runs).chain([people]).collect();
    for task in all {
        task.await.unwrap();
    }
    run(&system).await;
    settled(&fixture, &system).await;
}

/// How many announcements wait.
async fn announcements(fixture: &Fixture) -> u64 {
    let jobs = fixture.again().select::<job::Entity>().filter(job::Column::Kind.eq(AnnounceStockAlerts::KIND)).count().await;
    jobs.unwrap()
}

#[tokio::test]
async fn what_one_run_finds_is_announced_together_however_many_passes_it_takes() {
    let fixture = Fixture::new().await;
    for _ in 0..8 {
        fixture.product().reorder_point(5).on_hand(3).create().await;
    }
    run(&SystemScope::new(&fixture.app)).await;
    assert_eq!((states(&fixture).await.len(), announcements(&fixture).await), (8, 1));
}

#[tokio::test]
async fn what_a_run_found_before_it_was_cut_off_is_announced_by_the_next() {
    let fixture = Fixture::new().await;
    if fixture.app.database().backend() == DbBackend::Postgres {
        return println!("skipped: a run is one transaction");
    }
    let system = SystemScope::new(&fixture.app);
    for _ in 0..3 {
        fixture.product().reorder_point(5).on_hand(3).create().await;
    }
    let pass = begun(&system).await;
    assert_eq!(pass.some_through(3).await.unwrap(), 3);
    assert_eq!((states(&fixture).await.len(), announcements(&fixture).await), (3, 0), "cut off here");
    run(&system).await;
    assert_eq!(announcements(&fixture).await, 1);
}
