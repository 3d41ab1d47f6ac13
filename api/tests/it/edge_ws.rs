//! graphql-transport-ws, rule by rule.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::edge_kit::{Server, settings, start};

/// A client that speaks the protocol.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes next on a socket.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Message(Value),
    Close(u16),
    Gone,
    Nothing,
}

impl Socket {
    pub async fn open(server: &Server) -> Socket {
        Socket::open_at(server.address).await
    }

    async fn open_at(address: std::net::SocketAddr) -> Socket {
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        Socket(connect_async(request).await.expect("an upgrade").0)
    }

    pub async fn acked(server: &Server, bearer: &str) -> Socket {
        Socket::at(server.address, bearer).await
    }

    pub async fn at(address: std::net::SocketAddr, bearer: &str) -> Socket {
        let mut socket = Socket::open_at(address).await;
        let payload = json!({"authorization": format!("Bearer {bearer}")});
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, Heard::Message(json!({"type": "connection_ack"})));
        socket
    }

    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    pub async fn hear(&mut self) -> Heard {
        loop {
            return match tokio::time::timeout(Duration::from_secs(3), self.0.next()).await {
                Err(_) => Heard::Nothing,
                Ok(None | Some(Err(_))) => Heard::Gone,
                Ok(Some(Ok(Message::Text(text)))) => Heard::Message(serde_json::from_str(&text).expect("JSON")),
                Ok(Some(Ok(Message::Close(frame)))) => Heard::Close(frame.map_or(1005, |frame| frame.code.into())),
                Ok(Some(Ok(_))) => continue,
            };
        }
    }

    pub async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(value) => value,
            other => panic!("a message was due, not {other:?}"),
        }
    }
}

#[tokio::test]
async fn runs_a_subscription_to_its_end() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("a", "subscription { ticks(count: 2) }").await;
    for number in 0..2 {
        let next = socket.message().await;
        assert_eq!(next, json!({"type": "next", "id": "a", "payload": {"data": {"ticks": number}}}));
    }
    assert_eq!(socket.message().await, json!({"type": "complete", "id": "a"}));
}

fn quick() -> api::edge::Settings {
    let mut settings = settings();
    settings.sockets.init_timeout = Duration::from_millis(200);
    settings.sockets.standing_every = Duration::from_millis(50);
    settings
}

#[tokio::test]
async fn refuses_other_sub_protocols() {
    let server = start(settings()).await;
    for protocol in [None, Some("graphql-ws"), Some("graphql-transport-ws2")] {
        let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        let error = connect_async(request).await.expect_err("no upgrade").to_string();
        assert!(error.contains("400"), "{protocol:?}: {error}");
    }
}

#[tokio::test]
async fn refuses_strange_origins() {
    let server = start(settings()).await;
    for (origin, good) in [("https://evil.example", false), ("https://app.example", true)] {
        let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        assert_eq!(connect_async(request).await.is_ok(), good, "{origin}");
    }
}

#[tokio::test]
async fn closes_4400_on_anything_but_a_message() {
    let server = start(settings()).await;
    let messages = [
        "",
        "{",
        "[]",
        "1",
        "{}",
        r#"{"type":"nothing"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"a"}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ hello }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":1}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":"{ hello }","variables":[]}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"connection_init","payload":1}"#,
    ];
    for message in messages {
        let mut socket = Socket::open(&server).await;
        socket.0.send(Message::text(message)).await.unwrap();
        assert_eq!(socket.hear().await, Heard::Close(4400), "{message}");
    }
    let mut socket = Socket::open(&server).await;
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.hear().await, Heard::Close(4400));
}

#[tokio::test]
async fn closes_4400_on_json_nested_too_deep() {
    let server = start(settings()).await;
    let mut socket = Socket::open(&server).await;
    let payload = "[".repeat(70);
    socket.0.send(Message::text(format!(r#"{{"type":"ping","payload":{payload}"#))).await.unwrap();
    assert_eq!(socket.hear().await, Heard::Close(4400));
}

#[tokio::test]
async fn closes_4401_on_an_operation_before_the_ack() {
    let server = start(settings()).await;
    let mut socket = Socket::open(&server).await;
    socket.subscribe("a", "{ hello }").await;
    assert_eq!(socket.hear().await, Heard::Close(4401));
}

#[tokio::test]
async fn closes_4403_on_a_refused_init() {
    let server = start(settings()).await;
    for bearer in ["Bearer wrong", "Bearer banned", "Basic x"] {
        let mut socket = Socket::open(&server).await;
        socket.say(json!({"type": "connection_init", "payload": {"Authorization": bearer}})).await;
        assert_eq!(socket.hear().await, Heard::Close(4403), "{bearer}");
    }
}

#[tokio::test]
async fn closes_1013_when_it_cannot_tell_who_it_is() {
    let server = start(settings()).await;
    server.toy.unavailable.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut socket = Socket::open(&server).await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await, Heard::Close(1013));
}

#[tokio::test]
async fn closes_4408_without_an_init_in_time() {
    let server = start(quick()).await;
    let mut socket = Socket::open(&server).await;
    assert_eq!(socket.hear().await, Heard::Close(4408));
}

#[tokio::test]
async fn closes_4409_on_an_id_in_use() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("a", "subscription { idle }").await;
    socket.subscribe("a", "subscription { idle }").await;
    assert_eq!(socket.hear().await, Heard::Close(4409));
}

#[tokio::test]
async fn lets_an_id_be_used_again_once_it_is_complete() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    for _ in 0..2 {
        socket.subscribe("a", "subscription { things { id } }").await;
        assert_eq!(socket.message().await["payload"]["data"]["things"]["id"], "1");
        socket.say(json!({"type": "complete", "id": "a"})).await;
    }
    socket.say(json!({"type": "complete", "id": "unknown"})).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.message().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn closes_4429_on_a_second_init() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await, Heard::Close(4429));
}

#[tokio::test]
async fn closes_1009_over_256_kib() {
    let server = start(settings()).await;
    let ping = |bytes: usize| {
        let rest = r#"{"type":"ping","x":""}"#;
        Message::text(format!(r#"{{"type":"ping","x":"{}"}}"#, "x".repeat(bytes - rest.len())))
    };
    let mut socket = Socket::acked(&server, "good").await;
    socket.0.send(ping(256 * 1024)).await.unwrap();
    assert_eq!(socket.message().await, json!({"type": "pong"}));
    let _ = socket.0.send(ping(256 * 1024 + 1)).await;
    assert_eq!(socket.hear().await, Heard::Close(1009));
}

#[tokio::test]
async fn closes_4401_when_the_token_ends() {
    let server = start(quick()).await;
    let mut socket = Socket::acked(&server, "brief").await;
    socket.subscribe("a", "subscription { idle }").await;
    assert_eq!(socket.hear().await, Heard::Close(4401));
}

#[tokio::test]
async fn closes_when_the_session_ends_or_is_revoked() {
    use api::edge::Standing;
    for (standing, code) in [(Standing::Ended, 4401), (Standing::Revoked, 4403)] {
        let server = start(quick()).await;
        let mut socket = Socket::acked(&server, "good").await;
        *server.toy.standing.lock().unwrap() = Some(standing);
        assert_eq!(socket.hear().await, Heard::Close(code));
    }
}

#[tokio::test]
async fn closes_1001_when_the_server_stops() {
    let mut server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("a", "subscription { idle }").await;
    server.stop.cancel();
    assert_eq!(socket.hear().await, Heard::Close(1001));
    drop(socket);
    server.done.take().unwrap().await.unwrap().unwrap();
}

#[tokio::test]
async fn pings_and_cuts_who_does_not_answer() {
    let mut settings = quick();
    settings.sockets.ping_every = Duration::from_millis(100);
    settings.sockets.pong_timeout = Duration::from_millis(200);
    let server = start(settings).await;
    let mut socket = Socket::acked(&server, "good").await;
    let ping = tokio::time::timeout(Duration::from_secs(2), socket.0.next()).await.expect("in time");
    assert!(matches!(ping, Some(Ok(Message::Ping(_)))), "{ping:?}");
    // reading answers pings: for a second the socket stays open
    assert!(tokio::time::timeout(Duration::from_secs(1), async { while !matches!(socket.hear().await, Heard::Gone) {} }).await.is_err());
    tokio::time::sleep(Duration::from_millis(600)).await; // not reading does not
    let end = tokio::time::timeout(Duration::from_secs(2), async { while !matches!(socket.hear().await, Heard::Gone) {} }).await;
    assert!(end.is_ok(), "a silent socket is cut");
}

#[tokio::test]
async fn runs_queries_and_mutations_as_next_and_complete() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    for query in ["{ me }", "mutation { count }"] {
        socket.subscribe("q", query).await;
        let next = socket.message().await;
        assert_eq!(next["type"], "next", "{next}");
        assert!(next["payload"]["data"].is_object() && next["payload"]["extensions"]["cost"].is_object());
        assert_eq!(socket.message().await, json!({"type": "complete", "id": "q"}));
    }
}

#[tokio::test]
async fn answers_error_for_what_was_not_executed_and_nothing_after_it() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    let table = [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { idle ticks(count: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ a: __typename b: __typename ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { refuses }", "CURSOR_EXPIRED"),
        ("{ panics }", "INTERNAL"),
        ("{ sleeps }", "TOO_COMPLEX"),
    ];
    for (query, code) in table {
        socket.subscribe("e", query).await;
        let error = socket.message().await;
        assert_eq!((error["type"].as_str(), error["id"].as_str()), (Some("error"), Some("e")), "{query}: {error}");
        assert_eq!(error["payload"][0]["extensions"]["code"], code, "{query}");
        assert!(error["payload"][0]["extensions"]["requestId"].is_string());
    }
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.message().await, json!({"type": "pong"}), "nothing after an error");
}

#[tokio::test]
async fn goes_on_after_an_event_that_failed() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("s", "subscription { stumbles }").await;
    assert_eq!(socket.message().await["payload"]["data"], json!({"stumbles": 1}));
    let second = socket.message().await;
    assert_eq!((second["type"].as_str(), second["payload"]["errors"][0]["extensions"]["code"].as_str()), (Some("next"), Some("INTERNAL")));
    assert!(!second.to_string().contains("secret"));
}

#[tokio::test]
async fn ends_a_subscription_that_panics_and_keeps_the_socket() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("p", "subscription { panics }").await;
    assert_eq!(socket.message().await["payload"]["data"], json!({"panics": 0}));
    let error = socket.message().await;
    assert_eq!((error["type"].as_str(), error["payload"][0]["extensions"]["code"].as_str()), (Some("error"), Some("INTERNAL")));
    socket.subscribe("q", "{ hello }").await;
    assert_eq!(socket.message().await["type"], "next");
}

#[tokio::test]
async fn says_nothing_of_an_operation_the_client_completed() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("f", "subscription { flood(bytes: 10) }").await;
    assert_eq!(socket.message().await["id"], "f");
    socket.say(json!({"type": "complete", "id": "f"})).await;
    socket.say(json!({"type": "ping"})).await;
    while socket.message().await != json!({"type": "pong"}) {}
    assert_eq!(tokio::time::timeout(Duration::from_millis(300), socket.hear()).await.ok(), None);
}

#[tokio::test]
async fn allows_100_operations_a_socket_and_no_more() {
    let server = start(settings()).await;
    let mut socket = Socket::acked(&server, "good").await;
    for number in 0..101 {
        socket.subscribe(&number.to_string(), "subscription { idle }").await;
    }
    let error = socket.message().await;
    assert_eq!((error["id"].as_str(), error["payload"][0]["extensions"]["code"].as_str()), (Some("100"), Some("RATE_LIMITED")));
}

#[tokio::test]
async fn allows_so_many_sockets_a_user_and_no_more() {
    let mut settings = settings();
    settings.sockets.sockets_per_user = 2;
    let server = start(settings).await;
    let one = Socket::acked(&server, "good").await;
    let _two = Socket::acked(&server, "good").await;
    let mut three = Socket::acked(&server, "good").await;
    three.subscribe("a", "{ hello }").await;
    assert_eq!(three.message().await["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    drop((one, three));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut four = Socket::acked(&server, "good").await;
    four.subscribe("a", "{ hello }").await;
    assert_eq!(four.message().await["type"], "next");
}

#[tokio::test]
async fn charges_operations_on_sockets_too() {
    let server = start(settings()).await;
    *server.toy.bucket.lock().unwrap() = Some(1);
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("a", "{ hello }").await;
    assert_eq!(socket.message().await["payload"]["extensions"]["cost"]["remaining"], 0);
    assert_eq!(socket.message().await["type"], "complete");
    socket.subscribe("b", "{ hello }").await;
    let error = socket.message().await;
    assert_eq!(
        error["payload"][0]["extensions"],
        json!({"code": "RATE_LIMITED", "retryAfter": 7, "requestId": error["payload"][0]["extensions"]["requestId"]})
    );
}

#[tokio::test]
async fn cuts_a_slow_reader_with_an_error() {
    let mut settings = quick();
    settings.sockets.slow_reader = Duration::from_millis(400);
    let server = start(settings).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("f", "subscription { flood(bytes: 100000) }").await;
    tokio::time::sleep(Duration::from_millis(800)).await; // not reading
    let mut bytes = 0;
    let error = loop {
        let message = socket.message().await;
        bytes += message.to_string().len();
        if message["type"] == "error" {
            break message;
        }
    };
    assert_eq!((error["id"].as_str(), error["payload"][0]["extensions"]["code"].as_str()), (Some("f"), Some("RATE_LIMITED")));
    assert!(bytes < 16 * 1024 * 1024, "{bytes} bytes were held for a reader who did not read");
}

#[tokio::test]
async fn drops_a_reader_who_never_comes_back() {
    let mut settings = quick();
    settings.sockets.slow_reader = Duration::from_millis(100);
    let mut server = start(settings).await;
    let mut socket = Socket::acked(&server, "good").await;
    socket.subscribe("f", "subscription { flood(bytes: 100000) }").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    server.stop.cancel();
    let done = tokio::time::timeout(Duration::from_millis(500), server.done.take().unwrap()).await;
    assert!(done.is_ok(), "the socket was still there");
}
