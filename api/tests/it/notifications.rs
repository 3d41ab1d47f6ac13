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
    assert_eq!(
        listed["data"]["viewer"]["unreadNotificationCount"], 4,
        "a test alert, the ends of the world's imports, and a client that was let in"
    );
    let nodes = listed["data"]["notifications"]["nodes"].as_array().unwrap();
    let told = nodes.iter().find(|node| node["category"] == "SYSTEM").unwrap();
    assert_eq!(told["title"], "[Test] Alerte d'essai");
    assert!(nodes.iter().any(|node| node["category"] == "DATA_IMPORT" && node["severity"] == "WARNING"), "{nodes:?}");
    assert_eq!(told["deliveries"][0], json!({"channel": "IN_APP", "state": "DELIVERED", "provider": null, "attempts": 0, "error": null}));
    let cursor = listed["data"]["notifications"]["streamCursor"].as_str().unwrap();

    let scope = || world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    test_send(&scope(), Channel::Email).await.unwrap();
    let document = format!(
        "subscription {{ notificationReceived(after: \"{cursor}\") {{ cursor change unreadCount notification {{ id title deliveries {{ state }} }} }} }}"
    );
    let asking = Asking::new(&world.fixture.app, Some(world.owner.clone()), Some(Locale::Fr), Default::default());
    let mut events = Box::pin(world.schema.execute_stream(Request::new(document).data(asking)));
    let mut next = async || -> Value {
        let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.expect("in time").expect("one more");
        serde_json::to_value(event).unwrap()["data"]["notificationReceived"].clone()
    };
    let replayed = next().await;
    assert_eq!((&replayed["change"], &replayed["unreadCount"], &replayed["cursor"]), (&json!("CREATED"), &json!(5), &json!("5")));
    assert_eq!(replayed["notification"]["deliveries"][0]["state"], "QUEUED");

    let mark = "mutation($input: NotificationsMarkReadInput!) { notificationsMarkRead(input: $input) { notifications { id readAt } userErrors { code } } }";
    let marked = world.send(Some(&world.owner), mark, json!({"input": {"ids": [replayed["notification"]["id"]]}})).await;
    assert!(marked["data"]["notificationsMarkRead"]["notifications"][0]["readAt"].is_string(), "{marked}");
    let read = next().await;
    assert_eq!((&read["change"], &read["unreadCount"], &read["cursor"]), (&json!("READ"), &json!(4), &json!("6")));
    world.send(Some(&world.owner), mark, json!({"input": {}})).await;
    let all = next().await;
    assert_eq!((&all["change"], &all["unreadCount"], &all["notification"]), (&json!("READ"), &json!(0), &Value::Null));
    let marked = world.send(Some(&world.owner), mark, json!({"input": {"read": false}})).await;
    assert_eq!(marked["data"]["notificationsMarkRead"]["notifications"].as_array().map(Vec::len), Some(5), "{marked}");
    let all = next().await;
    assert_eq!((&all["change"], &all["unreadCount"], &all["notification"]), (&json!("UNREAD"), &json!(5), &Value::Null));
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

/// The whole way: a mutation, its job in the ledger, the embedded worker, the outbox, and the state the sender sees.
#[tokio::test]
async fn a_test_mail_is_carried_by_the_worker() {
    let world = World::new().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let working = worker::start_embedded(world.fixture.app.clone(), worker::Pulse::default(), stop.clone());
    let send = "mutation { notificationTestSend(input: {channel: EMAIL}) { notification { id } userErrors { code } } }";
    world.send(Some(&world.owner), send, json!({})).await;
    let mut delivery = Value::Null;
    for _ in 0..200 {
        let listed = world.send(Some(&world.owner), LIST, json!({})).await;
        let nodes = listed["data"]["notifications"]["nodes"].as_array().cloned().unwrap_or_default();
        delivery = nodes.into_iter().map(|node| node["deliveries"][0].clone()).find(|d| d["channel"] == "EMAIL").unwrap_or_default();
        if delivery["state"] != "QUEUED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((&delivery["state"], &delivery["provider"], &delivery["attempts"]), (&json!("SENT"), &json!("outbox"), &json!(1)));
    let mails = std::fs::read_dir(world.fixture.data_dir().join("outbox/mail")).unwrap().count();
    // The world's own alerts may have been told by mail meanwhile, too.
    assert!(mails >= 1, "a mail that is SENT lies in the outbox");
    stop.cancel();
    working.await.unwrap().unwrap();
}

#[tokio::test]
async fn twilio_is_heard_and_nobody_else() {
    let settings = [
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "12345"),
        ("TWILIO_WHATSAPP_FROM", "+221338000000"),
        ("PUBLIC_URL", "https://mycompany.com"),
    ];
    let fixture = services::testing::Fixture::with(&settings).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/twilio?x=1", listener.local_addr().unwrap());
    let stop = tokio_util::sync::CancellationToken::new();
    tokio::spawn(api::server::serve(fixture.app.clone(), listener, api::server::Beside::default(), stop.clone()));
    let post = async |signature: &str, status: &str| {
        let fields = [("MessageSid", "SM1"), ("MessageStatus", status), ("To", "whatsapp:+221771234567")];
        let request = reqwest::Client::new().post(&url).header("X-Twilio-Signature", signature).form(&fields);
        request.send().await.unwrap().status().as_u16()
    };
    let signature = "aoJv3lthwR8PDM0eG9uJlHSTX6s=";
    assert_eq!((post(signature, "sent").await, post(signature, "read").await, post("", "sent").await), (204, 403, 403));
    stop.cancel();
}
