//! What alerts say of the past, whatever becomes of their rules.

use super::{alerts_of, evaluate, rule_of};
use crate::alerts::explain;
use crate::alerts::rules::{self, RuleChange};
use crate::inventory::movements;
use crate::locale::Locale;
use crate::testing::{Fixture, movement};
use entities::Quantity;
use entities::alerts::{AlertKind, AlertResolution, ServiceLevelDefinition, alert, rule};
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;

async fn why(fixture: &Fixture, alert: &alert::Model, locale: Locale) -> String {
    let scope = fixture.caller.scope(&fixture.app, locale).unwrap();
    explain::all(&scope, std::slice::from_ref(alert)).await.unwrap().remove(&alert.id).unwrap()
}

/// Rice of which three of four units were delivered, watched by units over a week.
async fn badly_served(fixture: &Fixture) -> (product::Model, rule::Model) {
    let service = rule_of(fixture, AlertKind::ServiceLevelDrop).await;
    let by_units = Some(Ok(ServiceLevelDefinition::UnitFillRate));
    let change = RuleChange { service_level: by_units, minimum_lines: Some(1), window_days: Some(7), ..RuleChange::default() };
    rules::update(&fixture.again(), service.id, change).await.unwrap();
    let product = fixture.product().with(|p| p.name = "Riz".into()).on_hand(100).create().await;
    let mut sale = movement(&product, &fixture.warehouse().await, Sale, 3);
    sale.ordered_quantity = Some(Quantity(4000));
    movements::record(&fixture.again(), sale).await.unwrap();
    evaluate(fixture).await;
    (product, service)
}

#[tokio::test]
async fn a_service_level_is_told_as_it_was_judged_when_its_rule_has_changed_or_gone() {
    let fixture = Fixture::new().await;
    let (product, service) = badly_served(&fixture).await;
    let open = "Taux de service en baisse : Riz, 3 unités livrées sur 4 commandées en 7 jours, soit 75 % pour un objectif de 90 %, constaté le 1er décembre 2026 à 09:00.";
    let alert = async || alerts_of(&fixture, &product).await.remove(0);
    assert_eq!(why(&fixture, &alert().await, Locale::Fr).await, open);

    let by_lines = Some(Ok(ServiceLevelDefinition::LineFillRate));
    let change = RuleChange { service_level: by_lines, window_days: Some(30), ..RuleChange::default() };
    rules::update(&fixture.again(), service.id, change).await.unwrap();
    assert_eq!(why(&fixture, &alert().await, Locale::Fr).await, open, "until it is judged anew");
    evaluate(&fixture).await;
    let judged = alert().await;
    assert_eq!((judged.service_level, judged.window_days), (Some(ServiceLevelDefinition::LineFillRate), Some(30)));
    assert_eq!((judged.value_n, judged.value_d), (Some(0), Some(1)), "and then its numbers are lines, too");

    let change =
        RuleChange { service_level: Some(Ok(ServiceLevelDefinition::UnitFillRate)), window_days: Some(7), ..RuleChange::default() };
    rules::update(&fixture.again(), service.id, change).await.unwrap();
    evaluate(&fixture).await;
    rules::delete(&fixture.again(), service.id).await.unwrap();
    evaluate(&fixture).await;
    let over = alert().await;
    assert_eq!(over.resolution, Some(AlertResolution::RuleRemoved));
    assert_eq!((over.service_level, over.window_days), (Some(ServiceLevelDefinition::UnitFillRate), Some(7)));
    assert_eq!(
        why(&fixture, &over, Locale::Fr).await,
        "Riz était sous son objectif de taux de service de 90 % depuis le 1er décembre 2026 à 09:00 ; à la fin : 3 unités livrées sur 4 commandées en 7 jours. \
         Terminée le 1er décembre 2026 à 09:00 : plus aucune règle ne la surveille."
    );
}

#[tokio::test]
async fn only_service_levels_have_a_definition() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(1).create().await;
    fixture.record(&product, Sale, 1).await;
    evaluate(&fixture).await;
    let alerts = alerts_of(&fixture, &product).await;
    assert!(alerts.len() == 2 && alerts.iter().all(|alert| alert.service_level.is_none() && alert.window_days.is_none()), "{alerts:?}");
}

#[tokio::test]
async fn what_is_over_is_told_in_the_past() {
    let fixture = Fixture::new().await;
    let product = fixture.product().with(|p| p.name = "Riz".into()).reorder_point(5).on_hand(1).create().await;
    fixture.record(&product, Sale, 1).await;
    evaluate(&fixture).await;
    fixture.record(&product, Receipt, 40).await;
    evaluate(&fixture).await;
    let alerts = alerts_of(&fixture, &product).await;
    let out = alerts.iter().find(|alert| alert.kind == AlertKind::StockOut).unwrap();
    let low = alerts.iter().find(|alert| alert.kind == AlertKind::LowStock).unwrap();
    let since =
        "depuis le 1er décembre 2026 à 09:00 ; disponible à la fin : 40\u{a0}pièces. Rentré dans l'ordre le 1er décembre 2026 à 09:00.";
    assert_eq!(why(&fixture, out, Locale::Fr).await, format!("Riz était en rupture de stock {since}"));
    assert_eq!(why(&fixture, low, Locale::Fr).await, format!("Riz était en stock bas {since}"));
    assert_eq!(
        why(&fixture, out, Locale::En).await,
        "Riz was out of stock since 1 December 2026 at 09:00; available at the end: 40\u{a0}pieces. Back in order since 1 December 2026 at 09:00."
    );
    assert_eq!(
        why(&fixture, out, Locale::Wo).await,
        "Stok bi jeexoon na: Riz, dale ko 1 Desàmbar 2026 ci 09:00; li desoon ci mujj gi: 40. Dellu na ni mu waree 1 Desàmbar 2026 ci 09:00."
    );
}
