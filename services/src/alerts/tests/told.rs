//! Which message carries what, and over which channels.

use super::{alerts_of, evaluate, rule_of, tell, told};
use crate::alerts::announce::{AnnounceStockAlerts, FLOOD};
use crate::alerts::evaluate::{Extent, run};
use crate::alerts::handle::{Snooze, acknowledge, snooze};
use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::inventory::{catalog, movements};
use crate::locale::Locale::{self, En, Fr, Wo};
use crate::notifications::Channel::{self, Email, InApp, Whatsapp};
use crate::notifications::words;
use crate::page::PageArgs;
use crate::testing::Fixture;
use crate::testing::movement;
use crate::work::JobKind;
use crate::{Reads, SystemScope};
use entities::Quantity;
use entities::alerts::{AlertKind, rule};
use entities::inventory::UnitId;
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::notifications::{delivery, notification};
use entities::work::job;
use sea_orm::ColumnTrait;

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
    told.sort();
    carried.sort();
    assert!(told.len() == 2 && told[0].1.starts_with("Savon") && told[1].1.starts_with("Sérum"), "{told:?}");
    assert_eq!(carried.into_iter().map(|message| message.1).collect::<Vec<_>>(), [vec![InApp], vec![InApp, Email]]);
    let still = fixture.again().select::<notification::Entity>().all().await.unwrap();
    assert!(
        still.iter().all(|row| row.params.contains("\"still\":\"0\"")),
        "what another message tells now is not an old story: {still:?}"
    );
}

#[tokio::test]
async fn a_message_names_its_products_in_the_order_of_lists() {
    let fixture = Fixture::new().await;
    over(&fixture, AlertKind::LowStock, &[InApp]).await;
    for name in ["Zinc", "Éponge", "banane"] {
        fixture.product().with(|p| p.name = name.into()).reorder_point(5).on_hand(3).create().await;
    }
    evaluate(&fixture).await;
    let told = told(&fixture).await;
    let places: Vec<_> = ["banane", "Éponge", "Zinc"].iter().map(|name| told[0].1.find(name).unwrap()).collect();
    assert!(told.len() == 1 && places.is_sorted(), "{told:?}");
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

#[tokio::test]
async fn that_it_is_over_goes_into_the_application_or_over_the_channels_a_rule_has_instead() {
    let fixture = Fixture::new().await;
    over(&fixture, AlertKind::LowStock, &[InApp, Whatsapp]).await;
    let medicine = catalog::create_category(&fixture.again(), "Médicaments", None).await.unwrap().id;
    let rule = NewRule { category: Some(medicine), channels: Some(vec![Email]), ..NewRule::of(AlertKind::LowStock) };
    rules::create(&fixture.again(), rule).await.unwrap();
    let low = || fixture.product().reorder_point(5).on_hand(3);
    let soap = low().with(|p| p.name = "Savon".into()).create().await;
    let serum = low().with(|p| (p.name, p.category) = ("Sérum".into(), Some(medicine))).create().await;
    evaluate(&fixture).await;
    for product in [&soap, &serum] {
        fixture.record(product, Receipt, 20).await;
    }
    evaluate(&fixture).await;
    let told = told(&fixture).await.into_iter().map(|(key, names)| (key, names[..3].to_owned()));
    let channels = carried(&fixture).await.into_iter().map(|(_, channels)| channels);
    let mut all: Vec<((String, String), Vec<Channel>)> = told.zip(channels).collect();
    all.sort();
    let line = |key: &str, name: &str, channels: &[Channel]| ((key.to_owned(), name.to_owned()), channels.to_vec());
    assert_eq!(
        all,
        [
            line("stock-alert-low-stock", "Sav", &[InApp, Whatsapp]),
            line("stock-alert-low-stock", "Sé", &[Email]),
            line("stock-alert-over", "Sav", &[InApp]),
            line("stock-alert-over", "Sé", &[Email]),
        ]
    );
}

async fn unit(fixture: &Fixture, code: &str) -> UnitId {
    let units = catalog::units(&fixture.again(), &PageArgs { first: Some(50), ..PageArgs::default() }).await.unwrap();
    units.items().find(|unit| unit.code == code).unwrap().id
}

/// The last message's title and body.
async fn said(fixture: &Fixture, locale: Locale) -> (String, String) {
    let all = fixture.again().select::<notification::Entity>().all().await.unwrap();
    let said = words(all.iter().max_by_key(|row| row.id).unwrap(), locale, "Africa/Dakar");
    (said.title, said.body)
}

#[tokio::test]
async fn tells_quantities_in_the_readers_form_and_the_products_unit() {
    let fixture = Fixture::new().await;
    let (kg, bag) = (unit(&fixture, "KG").await, unit(&fixture, "BAG").await);
    let rice = fixture.product().with(|p| (p.name, p.unit) = ("Riz".into(), Some(kg))).reorder_point(2000).on_hand(1234).create().await;
    let half = movements::RecordMovement { quantity: Quantity(500), ..movement(&rice, &fixture.warehouse().await, Receipt, 1) };
    movements::record(&fixture.again(), half).await.unwrap();
    evaluate(&fixture).await;
    let title = "Stock bas : Riz (1\u{202f}234,5\u{a0}kg, seuil 2\u{202f}000)";
    let body = "À réapprovisionner : Riz (1\u{202f}234,5\u{a0}kg, seuil 2\u{202f}000).";
    assert_eq!(said(&fixture, Fr).await, (title.into(), body.into()));
    assert_eq!(said(&fixture, En).await.1, "To restock: Riz (1,234.5\u{a0}kg, threshold 2,000).");
    assert_eq!(said(&fixture, Wo).await.1, "Lu ñu wara yokk: Riz (1\u{202f}234,5\u{a0}kilo, dayo 2\u{202f}000).");

    let cement = fixture.product().with(|p| (p.name, p.unit) = ("Ciment".into(), Some(bag))).on_hand(2).create().await;
    fixture.record(&cement, Adjustment, -2).await;
    evaluate(&fixture).await;
    assert_eq!(said(&fixture, Fr).await, ("Rupture de stock : Ciment".into(), "Plus rien de disponible : Ciment.".into()));
    fixture.record(&cement, Receipt, 9).await;
    evaluate(&fixture).await;
    let over = ("Retour à la normale : plus aucune rupture de stock".into(), "De nouveau en ordre : Ciment.".into());
    assert_eq!(said(&fixture, Fr).await, over);
    fixture.record(&cement, Adjustment, -12).await;
    evaluate(&fixture).await;
    assert_eq!(said(&fixture, Fr).await.0, "Rupture de stock : Ciment (-3\u{a0}sacs)");
}

#[tokio::test]
async fn a_low_stock_silenced_before_anybody_was_told_is_told_when_the_stock_out_is_over() {
    let fixture = Fixture::new().await;
    let product = fixture.product().with(|p| p.name = "Riz".into()).reorder_point(5).on_hand(4).create().await;
    let system = SystemScope::new(&fixture.app);
    run(&system, Extent::default()).await.unwrap();
    fixture.record(&product, Sale, 4).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await, [("stock-alert-stock-out".to_owned(), "Riz".to_owned())], "the low stock is muted");
    let jobs = async || {
        let all = fixture.again().select::<job::Entity>().filter(job::Column::Kind.eq(AnnounceStockAlerts::KIND)).all().await;
        all.unwrap().len()
    };
    let so_far = jobs().await;
    run(&system, Extent { tenant: None, full: true }).await.unwrap();
    tell(&fixture).await;
    assert_eq!((told(&fixture).await.len(), jobs().await), (1, so_far), "and stays so, with nothing to announce");
    fixture.record(&product, Receipt, 2).await;
    evaluate(&fixture).await;
    let after: Vec<String> = told(&fixture).await.into_iter().skip(1).map(|(key, _)| key).collect();
    assert!(after.contains(&"stock-alert-low-stock".to_owned()), "{after:?}");
    let so_far = told(&fixture).await.len();
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.len(), so_far, "once");
}
