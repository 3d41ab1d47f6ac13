//! The life of an alert, from the boundary at which it fires to its end.

use super::{alerts_of, evaluate, later, rule_of, told};
use crate::Code;
use crate::alerts::explain;
use crate::alerts::handle::acknowledge;
use crate::alerts::read::{self, AlertFilter, AlertOrder};
use crate::alerts::rules::{self, RuleChange};
use crate::inventory::movements;
use crate::page::PageArgs;
use crate::testing::{Fixture, movement};
use chrono::TimeDelta;
use entities::Quantity;
use entities::alerts::{AlertKind, AlertResolution, AlertState};
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;

async fn open_kinds(fixture: &Fixture, product: &product::Model) -> Vec<(AlertKind, bool)> {
    let open = alerts_of(fixture, product).await;
    open.iter().filter(|a| a.state.is_open()).map(|a| (a.kind, a.muted)).collect()
}

#[tokio::test]
async fn fires_exactly_at_the_boundary() {
    let fixture = Fixture::new().await;
    use AlertKind::{LowStock, StockOut};
    let expected: [(i64, &[(AlertKind, bool)]); 5] = [
        (-1, &[(StockOut, false), (LowStock, true)]),
        (0, &[(StockOut, false), (LowStock, true)]),
        (1, &[(LowStock, false)]),
        (5, &[(LowStock, false)]),
        (6, &[]),
    ];
    let mut all = Vec::new();
    for (available, open) in expected {
        let product = fixture.product().reorder_point(5).on_hand(10).create().await;
        fixture.record(&product, Adjustment, available - 10).await;
        all.push((product, available, open));
    }
    let never_moved = fixture.product().reorder_point(5).create().await;
    let without_point = fixture.product().on_hand(1).create().await;
    evaluate(&fixture).await;
    for (product, available, open) in all {
        assert_eq!(open_kinds(&fixture, &product).await, open, "{available} available, reorder point 5");
    }
    assert!(open_kinds(&fixture, &never_moved).await.is_empty(), "what never moved never alerts");
    assert!(open_kinds(&fixture, &without_point).await.is_empty(), "without a threshold nothing is low");
}

#[tokio::test]
async fn a_stock_out_mutes_the_low_stock_until_it_is_over() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(1).create().await;
    fixture.record(&product, Sale, 1).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.iter().map(|t| t.0.as_str()).collect::<Vec<_>>(), ["stock-alert-stock-out"]);
    fixture.record(&product, Receipt, 2).await;
    evaluate(&fixture).await;
    let keys: Vec<String> = told(&fixture).await.into_iter().skip(1).map(|t| t.0).collect();
    assert!(keys.contains(&"stock-alert-low-stock".into()), "now it speaks up: {keys:?}");
    assert_eq!(open_kinds(&fixture, &product).await, [(AlertKind::LowStock, false)]);
}

#[tokio::test]
async fn clears_above_the_margin_and_after_the_pause() {
    let fixture = Fixture::new().await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    let change = RuleChange { keep_for_minutes: Some(30), clear_percent: Some(Some("20".into())), ..RuleChange::default() };
    rules::update(&fixture.again(), low.id, change).await.unwrap();
    let product = fixture.product().reorder_point(10).on_hand(10).create().await;
    evaluate(&fixture).await;
    for (receipt, clear) in [(2, false), (1, true)] {
        fixture.record(&product, Receipt, receipt).await;
        evaluate(&fixture).await;
        let alert = &alerts_of(&fixture, &product).await[0];
        assert_eq!((alert.state, alert.clear_since.is_some()), (AlertState::Firing, clear), "clear above 12, not at it");
    }
    later(&fixture, TimeDelta::minutes(29)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Firing);
    later(&fixture, TimeDelta::minutes(1)).await;
    let over = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!((over.state, over.resolution), (AlertState::Resolved, Some(AlertResolution::Cleared)));
    fixture.record(&product, Sale, 9).await;
    later(&fixture, TimeDelta::minutes(1)).await;
    let again = alerts_of(&fixture, &product).await.remove(1);
    assert_eq!((again.state, again.previous_id), (AlertState::Firing, Some(over.id)), "a new alert that names the one before");
}

#[tokio::test]
async fn waits_before_it_fires() {
    let fixture = Fixture::new().await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    rules::update(&fixture.again(), low.id, RuleChange { pending_for_minutes: Some(60), ..RuleChange::default() }).await.unwrap();
    let (a, b) =
        (fixture.product().reorder_point(5).on_hand(4).create().await, fixture.product().reorder_point(5).on_hand(4).create().await);
    evaluate(&fixture).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Pending);
    let refused = acknowledge(&fixture.again(), &[alerts_of(&fixture, &a).await[0].id], None).await.unwrap().refusals;
    assert_eq!(refused[0].code, Code::ForbiddenState);
    fixture.record(&b, Receipt, 10).await;
    later(&fixture, TimeDelta::minutes(60)).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Firing);
    assert!(alerts_of(&fixture, &b).await.is_empty(), "what stopped before was never more than a thought");
    assert_eq!(told(&fixture).await.len(), 1);
}

#[tokio::test]
async fn watches_the_service_level_over_its_window() {
    let fixture = Fixture::new().await;
    let service = rule_of(&fixture, AlertKind::ServiceLevelDrop).await;
    let change = RuleChange { minimum_lines: Some(4), window_days: Some(7), ..RuleChange::default() };
    rules::update(&fixture.again(), service.id, change).await.unwrap();
    let product = fixture.product().with(|p| p.name = "Riz".into()).on_hand(100).create().await;
    let warehouse = fixture.warehouse().await;
    let sell = async |delivered: i64, ordered: i64| {
        let mut sale = movement(&product, &warehouse, Sale, delivered);
        sale.ordered_quantity = Some(Quantity(ordered * 1000));
        movements::record(&fixture.again(), sale).await.unwrap();
    };
    for _ in 0..3 {
        sell(1, 1).await;
    }
    evaluate(&fixture).await;
    sell(0, 2).await;
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!((alert.kind, alert.value_n, alert.value_d, alert.threshold), (AlertKind::ServiceLevelDrop, Some(3), Some(4), Some(9000)));
    let why = explain::all(&fixture.again(), std::slice::from_ref(&alert)).await.unwrap().remove(&alert.id).unwrap();
    assert_eq!(
        why,
        "Taux de service en baisse : Riz, 3 lignes sur 4 servies en entier en 7 jours, soit 75 % pour un objectif de 90 %, constaté le 1er décembre 2026 à 09:00."
    );
    later(&fixture, TimeDelta::days(7)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Resolved, "the lines have left the window: no data, no alert");
}

#[tokio::test]
async fn lists_and_streams_what_happened() {
    let fixture = Fixture::new().await;
    let out = fixture.product().reorder_point(5).on_hand(4).create().await;
    let low = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    fixture.record(&out, Sale, 4).await;
    later(&fixture, TimeDelta::minutes(5)).await;
    let list = async |filter: AlertFilter, order: &[(AlertOrder, bool)]| {
        let page = read::page(&fixture.again(), &filter, order, &PageArgs::default()).await.unwrap();
        page.items().map(|a| (a.product_id, a.kind)).collect::<Vec<_>>()
    };
    assert_eq!(list(AlertFilter::default(), &[(AlertOrder::Severity, true)]).await[0], (out.id, AlertKind::StockOut));
    assert_eq!(list(AlertFilter { muted: Some(true), ..AlertFilter::default() }, &[]).await, [(out.id, AlertKind::LowStock)]);
    let quiet = AlertFilter { muted: Some(false), kinds: Some(vec![AlertKind::LowStock]), open: Some(true), ..AlertFilter::default() };
    assert_eq!(list(quiet, &[]).await, [(low.id, AlertKind::LowStock)]);
    assert!(list(AlertFilter { open: Some(false), ..AlertFilter::default() }, &[]).await.is_empty());
    let cursor = crate::events::cursor_at(&fixture.again(), crate::alerts::announce::STREAM).await.unwrap();
    assert_eq!(cursor, 3, "two low stocks, then a stock-out");
}
