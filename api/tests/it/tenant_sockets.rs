//! On a socket, too, what is another organisation's is nobody's: the same answers, and not one event.

use crate::cases::{self, Case};
use crate::edge_ws::{Heard, Socket};
use crate::site::Site;
use crate::tenant_isolation::{nobodys, place};
use crate::world::World;
use serde_json::{Value, json};
use services::alerts::announce::AnnounceStockAlerts;
use services::identity::Caller;
use services::locale::Locale;
use services::notifications::{Channel, test_send};
use services::work::Running;
use services::{Scope, SystemScope, alerts, testing};
use std::time::Duration;

async fn email_of(world: &World, caller: &Caller) -> String {
    let answer = world.send(Some(caller), "{ viewer { user { email } } }", json!({})).await;
    answer["data"]["viewer"]["user"]["email"].as_str().unwrap().to_owned()
}

/// All that comes until it is quiet, without what names the operation.
async fn all(socket: &mut Socket) -> Vec<Value> {
    let mut heard = Vec::new();
    while let Ok(Heard::Message(mut message)) = tokio::time::timeout(Duration::from_millis(400), socket.hear()).await {
        message["id"] = Value::Null;
        for error in message.pointer_mut("/payload/errors").and_then(Value::as_array_mut).into_iter().flatten() {
            error["extensions"]["requestId"] = Value::Null;
        }
        for error in message["payload"].as_array_mut().into_iter().flatten() {
            error["extensions"]["requestId"] = Value::Null;
        }
        heard.push(message);
    }
    heard
}

async fn subscribe(site: &Site, bearer: &str, case: &Case, variables: Value) -> Socket {
    let mut socket = site.socket(bearer).await;
    let payload = json!({"query": case.document, "variables": variables});
    socket.say(json!({"type": "subscribe", "id": case.field, "payload": payload})).await;
    socket
}

/// Something of everything that is followed happens to the caller's organisation.
async fn happen(world: &World, caller: &Caller, product: &str, import: &str) {
    let app = &world.fixture.app;
    let scope = || caller.scope(app, Locale::Fr).unwrap();
    use api::ids::GlobalId;
    use services::Reads;
    let id = |global: &str| async_graphql::ID(global.to_owned());
    let product = scope().get::<entities::inventory::product::Entity>(GlobalId::of_global(&id(product))).await.unwrap();
    let level = scope().select::<entities::inventory::stock_level::Entity>().one().await.unwrap().unwrap();
    let warehouse = scope().get::<entities::inventory::warehouse::Entity>(level.warehouse_id).await.unwrap();
    let sale = testing::movement(&product, &warehouse, entities::inventory::stock_movement::StockMovementKind::Sale, 10);
    services::inventory::movements::record(&scope(), sale).await.unwrap();
    alerts::evaluate::run(&SystemScope::new(app), Default::default()).await.unwrap();
    let (system, job) = (Scope::system(app, scope().tenant(), Locale::Fr), Running::detached(scope().tenant()));
    alerts::announce::announce(&system, &job, AnnounceStockAlerts {}).await.unwrap();
    test_send(&scope(), Channel::InApp).await.unwrap();
    services::data_imports::cancel(&scope(), GlobalId::of_global(&id(import))).await.unwrap();
}

#[tokio::test]
async fn another_organisations_streams_are_answered_like_nobodys() {
    let world = World::new().await;
    let site = Site::start(&world.fixture.app).await;
    let mut bearers = Vec::new();
    for caller in [&world.owner, &world.stranger] {
        bearers.push(site.sign_in(&email_of(&world, caller).await, "baobab et tamarin").await);
    }
    let mut pairs = Vec::new();
    let streams: Vec<Case> = cases::all().into_iter().filter(|case| case.field.starts_with("Subscription.")).collect();
    assert_eq!(streams.len(), 4, "every subscription is here");
    for case in &streams {
        let own = subscribe(&site, &bearers[0], case, (case.variables)(&world.victim)).await;
        let (mut theirs, mut none) = ((case.variables)(&world.own), (case.variables)(&world.own));
        for (path, of) in case.ids {
            let path = if ["productId", "dataImportId"].contains(path) { "id" } else { *path };
            place(&mut theirs, path, of(&world.victim));
            place(&mut none, path, &nobodys(of(&world.victim)));
        }
        let theirs = subscribe(&site, &bearers[1], case, theirs).await;
        let none = subscribe(&site, &bearers[1], case, none).await;
        pairs.push((case, own, theirs, none));
    }
    // What was there before the attack, so that only what happens now is compared.
    for (case, own, theirs, none) in &mut pairs {
        all(own).await;
        let (theirs, none) = (all(theirs).await, all(none).await);
        assert_eq!(theirs, none, "{}: at once", case.field);
        let mine = [&world.victim.product, &world.victim.level, &world.victim.import, &world.victim.alert, &world.victim.notification];
        let told = json!(theirs).to_string();
        assert!(mine.iter().all(|id| !told.contains(id.as_str())), "{}: {told}", case.field);
    }
    happen(&world, &world.owner, &world.victim.product, &world.victim.import).await;
    for (case, own, theirs, none) in &mut pairs {
        assert!(!all(own).await.is_empty(), "{}: its owner hears of it", case.field);
        assert_eq!((all(theirs).await, all(none).await), (vec![], vec![]), "{}: nobody else does", case.field);
    }
}
