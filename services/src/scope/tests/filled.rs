//! What later steps of the schema's history make of rows that were there before.

use super::schema::login;
use crate::alerts::{evaluate, rules};
use crate::inventory::{catalog, names};
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::testing::{Fixture, movement};
use crate::{Reads, SystemScope};
use entities::Quantity;
use entities::alerts::{AlertKind, ServiceLevelDefinition, alert};
use entities::inventory::stock_movement::StockMovementKind::Sale;
use entities::inventory::{category, product, supplier, warehouse};
use entities::notifications::notification;
use migration::folding::name_key;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, Order};

/// What alerts and notifications of before are given by the steps that came after them.
#[tokio::test]
async fn later_steps_fill_what_they_add() {
    let fixture = Fixture::new().await;
    let (alert, told) = (judged_by_units(&fixture).await, told_twice(&fixture).await);
    make_again_since("m20261122", &fixture).await;
    let kept = fixture.again().get::<alert::Entity>(alert.id).await.unwrap();
    assert_eq!((kept.service_level, kept.window_days), (Some(ServiceLevelDefinition::UnitFillRate), Some(7)));
    assert_eq!(kept, alert, "and nothing else of it is touched");
    let after: Vec<bool> = notifications(&fixture).await.into_iter().map(|row| row.in_app).collect();
    assert_eq!((after, told), (vec![false, true], vec![false, true]));
}

/// Takes the steps back as far as this one, and makes them again.
async fn make_again_since(first: &str, fixture: &Fixture) {
    let database = login(fixture.app.database());
    let steps = Migrator::migrations().iter().filter(|step| step.name() >= first).count();
    Migrator::down(&database, u32::try_from(steps).ok()).await.unwrap();
    Migrator::up(&database, None).await.unwrap();
}

/// More rows than one statement fills, in two organisations.
#[tokio::test]
async fn names_of_before_are_given_their_keys() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    for shop in [&fixture, &neighbour] {
        shop.product().with(|product| product.name = "Éponge".into()).create().await;
        let supplier = catalog::NewSupplier { name: "Œufs de Thiès".into(), ..catalog::NewSupplier::default() };
        catalog::create_supplier(&shop.again(), supplier).await.unwrap();
        let scope = shop.again();
        let txn = scope.begin().await.unwrap();
        for n in 0..510 {
            let (id, name, created_at) = (Set(txn.new_id()), Set(format!("Épice {n}")), Set(txn.now()));
            txn.insert(category::ActiveModel { id, name, parent_id: Set(None), created_at, ..Default::default() }).await.unwrap();
        }
        txn.commit().await.unwrap();
    }
    make_again_since("m20261123_090000", &fixture).await;
    let system = SystemScope::new(&fixture.app);
    assert_eq!((names::fold(&system).await.unwrap(), names::fold(&system).await.unwrap()), (2 * 513, 0));
    for shop in [&fixture, &neighbour] {
        let scope = shop.again();
        let mut all: Vec<(String, String)> = Vec::new();
        all.extend(scope.select::<product::Entity>().all().await.unwrap().into_iter().map(|row| (row.name, row.name_key)));
        all.extend(scope.select::<supplier::Entity>().all().await.unwrap().into_iter().map(|row| (row.name, row.name_key)));
        all.extend(scope.select::<warehouse::Entity>().all().await.unwrap().into_iter().map(|row| (row.name, row.name_key)));
        all.extend(scope.select::<category::Entity>().all().await.unwrap().into_iter().map(|row| (row.name, row.name_key)));
        assert_eq!(all.len(), 513);
        for (name, key) in all {
            assert_eq!(key, name_key(&name), "{name}");
        }
    }
}

async fn judged_by_units(fixture: &Fixture) -> alert::Model {
    let rule = rules::NewRule {
        service_level: Some(Ok(ServiceLevelDefinition::UnitFillRate)),
        window_days: Some(7),
        minimum_lines: Some(1),
        ..rules::NewRule::of(AlertKind::ServiceLevelDrop)
    };
    // The newest of two counts.
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    rules::create(&fixture.again(), rule).await.unwrap();
    let product = fixture.product().on_hand(9).create().await;
    let mut sale = movement(&product, &fixture.warehouse().await, Sale, 3);
    sale.ordered_quantity = Some(Quantity(4000));
    crate::inventory::movements::record(&fixture.again(), sale).await.unwrap();
    evaluate::run(&SystemScope::new(&fixture.app), evaluate::Extent::default()).await.unwrap();
    fixture.again().select::<alert::Entity>().one().await.unwrap().unwrap()
}

/// Over e-mail alone, then in the application; whether each is in the list.
async fn told_twice(fixture: &Fixture) -> Vec<bool> {
    for channel in [Channel::Email, Channel::InApp] {
        let new = NewNotification {
            to: fixture.scope.membership().into_iter().collect(),
            category: Category::System,
            severity: Severity::Info,
            key: "notification-test",
            params: serde_json::json!({}),
            subject: None,
            channels: vec![channel],
            dedup_key: None,
        };
        let scope = fixture.again();
        let txn = scope.begin().await.unwrap();
        notify(&txn, new).await.unwrap();
        txn.commit().await.unwrap();
    }
    notifications(fixture).await.into_iter().map(|row| row.in_app).collect()
}

async fn notifications(fixture: &Fixture) -> Vec<notification::Model> {
    let rows = fixture.again().select::<notification::Entity>().order_by(notification::Column::InApp, Order::Asc).all().await;
    rows.unwrap()
}
