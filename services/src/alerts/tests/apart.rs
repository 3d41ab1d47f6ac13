//! One organisation's figures, however large, are nobody else's trouble.

use super::alerts_of;
use crate::alerts::evaluate::{EvaluateStockAlerts, Extent, Pass, evaluate_all, run};
use crate::inventory::catalog;
use crate::testing::{Fixture, movement};
use crate::work::{PLATFORM, Running};
use crate::{Reads, SystemScope, sql};
use entities::alerts::AlertState;
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;
use sea_orm::DbBackend;
use uuid::Uuid;

/// Sells out a product.
async fn sold_out(fixture: &Fixture) -> product::Model {
    let product = fixture.product().on_hand(2).create().await;
    fixture.record(&product, Sale, 2).await;
    product
}

async fn fires(fixture: &Fixture, product: &product::Model) -> bool {
    alerts_of(fixture, product).await.iter().any(|alert| alert.state == AlertState::Firing)
}

#[tokio::test]
async fn levels_at_their_bound_in_many_warehouses_add_up() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    let product = fixture.product().reorder_point(5).create().await;
    for n in 0..12 {
        let warehouse = catalog::create_warehouse(&fixture.again(), &format!("Dépôt {n}"), None).await.unwrap();
        let scope = fixture.again();
        let txn = scope.begin().await.unwrap();
        let level = txn.statement(sql!("level.sql")).bind("id", txn.new_id::<Uuid>()).bind("product", product.id);
        let level = level.bind("warehouse", warehouse.id).bind("on_hand", -entities::Quantity::MOST_ON_HAND);
        level.bind("reserved", entities::Quantity::MOST_ON_HAND).bind("now", txn.now()).run().await.unwrap();
        txn.commit().await.unwrap();
        let one_more = crate::inventory::movements::record(&fixture.again(), movement(&product, &warehouse, Sale, 1)).await;
        assert!(one_more.is_err(), "it is at its bound");
    }
    let theirs = sold_out(&neighbour).await;
    for full in [false, true] {
        run(&SystemScope::new(&fixture.app), Extent { tenant: None, full }).await.unwrap();
    }
    assert!(fires(&fixture, &product).await && fires(&neighbour, &theirs).await);
    let firing = alerts_of(&fixture, &product).await.into_iter().find(|alert| alert.state == AlertState::Firing).unwrap();
    assert_eq!(firing.value_n, Some(-24 * entities::Quantity::MOST_ON_HAND.0));
}

/// Two days of one product whose sum exceeds 64 bits: what no call can write, but a hand or a defect may.
async fn spoil(fixture: &Fixture) {
    let product = fixture.product().on_hand(2).create().await;
    fixture.record(&product, Sale, 2).await;
    let scope = fixture.again();
    let txn = scope.begin().await.unwrap();
    let today = crate::inventory::movements::day_of(scope.now(), "Africa/Dakar");
    for day in [today - 1, today - 2] {
        let line = txn.statement(sql!("day.sql")).bind("product", product.id).bind("day", day).bind("short", 1_i64);
        line.bind("ordered", i64::MAX - 1).bind("delivered", 0_i64).run().await.unwrap();
    }
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn an_organisation_that_cannot_be_evaluated_keeps_no_other_from_its_alerts() {
    let first = Fixture::new().await;
    let (sick, last) = (first.neighbour().await, first.neighbour().await);
    let system = SystemScope::new(&first.app);
    for full in [false, true] {
        spoil(&sick).await;
        let (one, other) = (sold_out(&first).await, sold_out(&last).await);
        let mut job = Running::detached(PLATFORM);
        job.lease_token = Some(Uuid::nil());
        evaluate_all(&system, &job, EvaluateStockAlerts { full }).await.expect("the others are evaluated, and the job is done");
        assert!(fires(&first, &one).await && fires(&last, &other).await, "those before it and those after it");
        let alone = run(&system, Extent { tenant: Some(sick.scope.tenant()), full }).await;
        assert!(alone.is_err(), "it is sick indeed");
    }
}

#[tokio::test]
async fn who_waits_for_a_pass_is_told_how_many_organisations_it_went_without() {
    for full in [false, true] {
        let first = Fixture::new().await;
        let (sick, last) = (first.neighbour().await, first.neighbour().await);
        spoil(&sick).await;
        let (one, other) = (sold_out(&first).await, sold_out(&last).await);
        let asked = evaluate_all(&SystemScope::new(&first.app), &Running::detached(PLATFORM), EvaluateStockAlerts { full }).await;
        assert_eq!(asked.unwrap_err().to_string(), "internal: 1 of 3 organisations could not be evaluated; the others were");
        assert!(fires(&first, &one).await && fires(&last, &other).await, "after all the others");
    }
}

#[tokio::test]
async fn whoever_waited_longest_has_the_first_turn() {
    let first = Fixture::new().await;
    let second = first.neighbour().await;
    let system = SystemScope::new(&first.app);
    let mut turns = Vec::new();
    for _ in 0..4 {
        first.app.clock().advance(chrono::TimeDelta::minutes(5));
        let (one, other) = (sold_out(&first).await, sold_out(&second).await);
        let pass = Pass::begin(&system, system.now(), false).await.unwrap();
        assert!(pass.tenants(Extent::default(), 1).await.unwrap());
        match first.app.database().backend() {
            DbBackend::Postgres => pass.through().await.unwrap(),
            _ => drop(pass.some_through(100).await.unwrap()),
        }
        turns.push((fires(&first, &one).await, fires(&second, &other).await));
    }
    let (one, other) = ((true, false), (false, true));
    assert!(turns == [one, other, one, other] || turns == [other, one, other, one], "{turns:?}");
}

#[tokio::test]
async fn when_no_organisation_can_be_evaluated_the_job_fails() {
    let fixture = Fixture::new().await;
    spoil(&fixture).await;
    let done = run(&SystemScope::new(&fixture.app), Extent::default()).await;
    assert!(done.is_err(), "nothing was done, so the job is tried again");
}
