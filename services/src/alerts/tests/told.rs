//! Which message carries what, and over which channels.

use super::life::{alerts_of, evaluate, rule_of, told};
use crate::alerts::announce::FLOOD;
use crate::alerts::handle::{Snooze, acknowledge, snooze};
use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::inventory::catalog;
use crate::notifications::Channel::{self, Email, InApp, Whatsapp};
use crate::testing::Fixture;
use crate::Reads;
use entities::alerts::{AlertKind, rule};
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::notifications::{delivery, notification};

/// Every message in the order of its making: its key, its channels.
async fn carried(fixture: &Fixture) -> Vec<(String, Vec<Channel>)> {
    let scope = fixture.again();
    let mut messages = scope.select::<notification::Entity>().all().await.unwrap();
    messages.sort_by_key(|row| row.id);
    let deliveries = scope.select::<delivery::Entity>().all().await.unwrap();
    let channels = |of: &notification::Model| {
        let mut all: Vec<Channel> = deliveries.iter().filter(|row| row.notification_id == of.id).map(|row| row.channel).collect();
        all.sort_unstable();
        all
    };
    messages.iter().map(|row| (row.key.clone(), channels(row))).collect()
}

async fn over(fixture: &Fixture, kind: AlertKind, channels: &[Channel]) -> rule::Model {
    let rule = rule_of(fixture, kind).await;
    let change = RuleChange { channels: Some(channels.to_vec()), ..RuleChange::default() };
    rules::update(&fixture.again(), rule.id, change).await.unwrap()
}

#[tokio::test]
async fn a_message_goes_over_the_channels_of_the_rules_it_speaks_for() {
    let fixture = Fixture::new().await;
    over(&fixture, AlertKind::StockOut, &[InApp, Email, Whatsapp]).await;
    over(&fixture, AlertKind::LowStock, &[InApp]).await;
    let gone = fixture.product().on_hand(3).create().await;
    fixture.record(&gone, Sale, 3).await;
    fixture.product().reorder_point(5).on_hand(3).create().await;
    evaluate(&fixture).await;
    let mut carried = carried(&fixture).await;
    carried.sort();
    assert_eq!(
        carried,
        [("stock-alert-low-stock".into(), vec![InApp]), ("stock-alert-stock-out".into(), vec![InApp, Email, Whatsapp])],
        "one run, two rules, each over its own channels"
    );
}

#[tokio::test]
async fn alerts_of_one_kind_over_different_channels_are_told_apart() {
    let fixture = Fixture::new().await;
    over(&fixture, AlertKind::LowStock, &[InApp]).await;
    let medicine = catalog::create_category(&fixture.again(), "Médicaments", None).await.unwrap().id;
    let rule = NewRule { category: Some(medicine), channels: Some(vec![InApp, Email]), ..NewRule::of(AlertKind::LowStock) };
    rules::create(&fixture.again(), rule).await.unwrap();
    let low = || fixture.product().reorder_point(5).on_hand(3);
    low().with(|p| p.name = "Savon".into()).create().await;
    low().with(|p| (p.name, p.category) = ("Sérum".into(), Some(medicine))).create().await;
    evaluate(&fixture).await;
    let (mut told, mut carried) = (told(&fixture).await, carried(&fixture).await);
    (told.sort(), carried.sort());
    assert!(told.len() == 2 && told[0].1.starts_with("Savon") && told[1].1.starts_with("Sérum"), "{told:?}");
    assert_eq!(carried.into_iter().map(|message| message.1).collect::<Vec<_>>(), [vec![InApp], vec![InApp, Email]]);
    let still = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert!(still.iter().all(|row| row.params.contains("\"still\":\"0\"")), "what another message tells now is not an old story: {still:?}");
}

#[tokio::test]
async fn a_flood_is_one_digest_for_each_set_of_channels() {
    let fixture = Fixture::new().await;
    over(&fixture, AlertKind::StockOut, &[InApp, Email]).await;
    over(&fixture, AlertKind::LowStock, &[InApp]).await;
    for place in 0..=FLOOD {
        let product = fixture.product().reorder_point(5).on_hand(3).create().await;
        if place < 2 {
            fixture.record(&product, Sale, 3).await;
        }
    }
    evaluate(&fixture).await;
    let mut carried = carried(&fixture).await;
    carried.sort();
    let digest = || "stock-alert-digest".to_owned();
    assert_eq!(carried, [(digest(), vec![InApp]), (digest(), vec![InApp, Email])]);
}

#[tokio::test]
async fn all_is_well_again_only_when_nothing_is_open() {
    let fixture = Fixture::new().await;
    let mut products = Vec::new();
    for _ in 0..3 {
        products.push(fixture.product().reorder_point(5).on_hand(3).create().await);
    }
    evaluate(&fixture).await;
    let id = async |place: usize| alerts_of(&fixture, &products[place]).await[0].id;
    acknowledge(&fixture.again(), &[id(0).await], None).await.unwrap();
    snooze(&fixture.again(), &[id(1).await], Snooze::UntilRestock).await.unwrap();
    for (place, messages) in [(2, 1), (1, 1), (0, 2)] {
        fixture.record(&products[place], Receipt, 20).await;
        evaluate(&fixture).await;
        assert_eq!(told(&fixture).await.len(), messages, "after product {place}");
    }
    assert_eq!(told(&fixture).await[1].0, "stock-alert-over");
}
