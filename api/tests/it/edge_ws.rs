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
        let mut request = format!("ws://{}/graphql/ws", server.address)
            .into_client_request()
            .unwrap();
        request.headers_mut().insert(
            "sec-websocket-protocol",
            "graphql-transport-ws".parse().unwrap(),
        );
        Socket(connect_async(request).await.expect("an upgrade").0)
    }

    pub async fn acked(server: &Server, bearer: &str) -> Socket {
        let mut socket = Socket::open(server).await;
        let payload = json!({"authorization": format!("Bearer {bearer}")});
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(
            socket.hear().await,
            Heard::Message(json!({"type": "connection_ack"}))
        );
        socket
    }

    pub async fn say(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("sent");
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
    }

    pub async fn hear(&mut self) -> Heard {
        loop {
            return match tokio::time::timeout(Duration::from_secs(3), self.0.next()).await {
                Err(_) => Heard::Nothing,
                Ok(None | Some(Err(_))) => Heard::Gone,
                Ok(Some(Ok(Message::Text(text)))) => {
                    Heard::Message(serde_json::from_str(&text).expect("JSON"))
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    Heard::Close(frame.map_or(1005, |frame| frame.code.into()))
                }
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
    socket
        .subscribe("a", "subscription { ticks(count: 2) }")
        .await;
    for number in 0..2 {
        let next = socket.message().await;
        assert_eq!(
            next,
            json!({"type": "next", "id": "a", "payload": {"data": {"ticks": number}}})
        );
    }
    assert_eq!(
        socket.message().await,
        json!({"type": "complete", "id": "a"})
    );
}
