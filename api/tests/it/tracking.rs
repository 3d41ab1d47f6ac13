//! What a Sentry server is told, and what it is not: a real client, and a server that keeps every byte.

use crate::edge_kit::{settings, start};
use poem::http::StatusCode;
use poem::{EndpointExt, Server, handler, listener::TcpAcceptor, web::Data};
use serde_json::{Value, json};
use services::settings::Settings;
use services::tracking;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

type Kept = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

#[handler]
async fn keep(request: &poem::Request, kept: Data<&Kept>, body: Vec<u8>) -> StatusCode {
    kept.lock().unwrap().push((request.uri().to_string(), body));
    StatusCode::OK
}

/// A Sentry server that takes everything.
async fn fake() -> (std::net::SocketAddr, Kept) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let kept = Kept::default();
    let all = keep.data(kept.clone());
    tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_std(listener).unwrap()).run(all));
    (address, kept)
}

/// The events of one request, out of the envelopes: a header, then for each item its header and its payload, one a line.
fn events(kept: &Kept, request: &str) -> Vec<Value> {
    let envelopes = kept.lock().unwrap();
    let lines = envelopes.iter().flat_map(|(_, body)| body.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let items = lines.filter_map(|line| serde_json::from_slice::<Value>(&line).ok());
    items.filter(|item| item["tags"]["request.id"] == request).collect()
}

async fn until(kept: &Kept, request: &str) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let found = events(kept, request);
        if !found.is_empty() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "nothing came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn tells_of_what_is_ours_and_of_nobody() {
    let (address, kept) = fake().await;
    let vars = [("SENTRY_DSN", format!("http://key@{address}/42"))];
    let told = Settings::from_map(vars.map(|(name, value)| (name.to_owned(), value)).into()).unwrap();
    let _guard = tracking::start(&told, "1.2.3").expect("a server is named");
    let server = start(settings()).await;
    let document = "query($text: String!, $password: String) { spills(text: $text) hello(name: $password) }";
    let text =
        "Key (email)=(awa@example.sn) already exists; mailto awa@example.sn from 203.0.113.9 with Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln";
    let variables = json!({"text": format!("{text} password=\"un baobab\""), "password": "un baobab au bord"});
    let sent = server.client().post(server.url("/graphql?hint=quarantaine")).json(&json!({"query": document, "variables": variables}));
    let sent = sent.header("x-request-id", "request-of-awa").header("user-agent", "Navigateur/1").bearer_auth("good");
    let answer = crate::edge_kit::finish(sent.header("accept", "application/json")).await;
    assert_eq!(answer.code(), "INTERNAL", "{}", answer.text);
    let event = until(&kept, "request-of-awa").await;
    assert_eq!(event.len(), 1, "{event:?}");
    let event = &event[0];
    assert_eq!((&event["release"], &event["environment"], &event["level"]), (&json!("1.2.3"), &json!("development"), &Value::Null));
    let cause = &event["exception"]["values"][0];
    assert_eq!(cause["type"], "INTERNAL");
    assert!(cause["value"].as_str().unwrap().starts_with("could not keep it: Key (email)=[…] already exists"), "{event}");
    for absent in ["server_name", "user", "request", "breadcrumbs", "contexts", "extra", "modules"] {
        assert_eq!(event[absent], Value::Null, "{absent} in {event}");
    }

    let panicked = server.post(r#"{"query":"{ panics }"}"#, &[("x-request-id", "request-that-panics")]).await;
    assert_eq!(panicked.code(), "INTERNAL");
    let event = &until(&kept, "request-that-panics").await[0];
    assert_eq!((&event["exception"]["values"][0]["type"], event["tags"]["place"].is_string()), (&json!("PANIC"), true), "{event}");

    let fine = server.post(r#"{"query":"{ forbidden }"}"#, &[("x-request-id", "request-refused")]).await;
    assert_eq!(fine.code(), "FORBIDDEN");
    let all = kept.lock().unwrap();
    let bytes: Vec<String> = all.iter().map(|(path, body)| format!("{path} {}", String::from_utf8_lossy(body))).collect();
    assert!(bytes.iter().all(|text| text.starts_with("/api/42/envelope/")));
    for secret in ["awa@", "eyJhbGci", "baobab", "203.0.113.9", "quarantaine", "Navigateur", "127.0.0.1", "hello(", "request-refused"] {
        assert!(!bytes.iter().any(|text| text.contains(secret)), "{secret} has left the house: {bytes:?}");
    }
}
