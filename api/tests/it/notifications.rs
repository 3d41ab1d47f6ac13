//! Being told, live, and marking it.

use crate::world::World;
use api::context::Asking;
use async_graphql::Request;
use futures_util::StreamExt;
use serde_json::{Value, json};
use services::locale::Locale;
use services::notifications::{Channel, test_send};
use std::time::Duration;

const LIST: &str = "{ viewer { unreadNotificationCount } notifications { streamCursor nodes { id category severity title readAt
    deliveries { channel state provider attempts error } } } }";

#[tokio::test]
async fn a_list_and_what_follows_it_have_no_gap_and_no_double() {
    let world = World::new().await;
    let listed = world.send(Some(&world.owner), LIST, json!({})).await;
    assert_eq!(listed["data"]["viewer"]["unreadNotificationCount"], 1);
    let told = &listed["data"]["notifications"]["nodes"][0];
    assert_eq!(told["title"], "[Test] Alerte d'essai");
    assert_eq!(told["deliveries"][0], json!({"channel": "IN_APP", "state": "DELIVERED", "provider": null, "attempts": 0, "error": null}));
    let cursor = listed["data"]["notifications"]["streamCursor"].as_str().unwrap();

    let scope = || world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    test_send(&scope(), Channel::Email).await.unwrap();
    let document = format!(
        "subscription {{ notificationReceived(after: \"{cursor}\") {{ cursor change unreadCount notification {{ id title deliveries {{ state }} }} }} }}"
    );
    let asking = Asking::new(&world.fixture.app, Some(world.owner.clone()), Some(Locale::Fr), None);
    let mut events = Box::pin(world.schema.execute_stream(Request::new(document).data(asking)));
    let mut next = async || -> Value {
        let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.expect("in time").expect("one more");
        serde_json::to_value(event).unwrap()["data"]["notificationReceived"].clone()
    };
    let replayed = next().await;
    assert_eq!((&replayed["change"], &replayed["unreadCount"], &replayed["cursor"]), (&json!("CREATED"), &json!(2), &json!("2")));
    assert_eq!(replayed["notification"]["deliveries"][0]["state"], "QUEUED");

    let mark = "mutation($input: NotificationsMarkReadInput!) { notificationsMarkRead(input: $input) { notifications { id readAt } userErrors { code } } }";
    let marked = world.send(Some(&world.owner), mark, json!({"input": {"ids": [replayed["notification"]["id"]]}})).await;
    assert!(marked["data"]["notificationsMarkRead"]["notifications"][0]["readAt"].is_string(), "{marked}");
    let read = next().await;
    assert_eq!((&read["change"], &read["unreadCount"], &read["cursor"]), (&json!("READ"), &json!(1), &json!("3")));
    world.send(Some(&world.owner), mark, json!({"input": {}})).await;
    let all = next().await;
    assert_eq!((&all["change"], &all["unreadCount"], &all["notification"]), (&json!("READ"), &json!(0), &Value::Null));
}

#[tokio::test]
async fn refuses_a_test_alert_that_cannot_arrive() {
    let world = World::new().await;
    let send = "mutation($c: NotificationChannel!) { notificationTestSend(input: {channel: $c}) { notification { id } userErrors { code path message } } }";
    for channel in ["WHATSAPP", "SMS"] {
        let answer = world.send(Some(&world.owner), send, json!({"c": channel})).await;
        let payload = &answer["data"]["notificationTestSend"];
        assert_eq!((&payload["notification"], &payload["userErrors"][0]["path"]), (&Value::Null, &json!(["channel"])), "{answer}");
        assert_eq!(payload["userErrors"][0]["code"], "FORBIDDEN_STATE");
    }
}
