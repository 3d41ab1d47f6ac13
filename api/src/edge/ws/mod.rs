//! GraphQL over WebSockets: graphql-transport-ws, and nothing else.
//!
//! One task per socket holds everything: the frames, the operations, one timer. Order at the
//! upgrade: origin, sub-protocol, handshake. Order on the socket: `connection_init` in time, then
//! operations under the same checks as over HTTP.
//!
//! Invariants: nothing follows `complete` or `error` of an id; an idle socket holds a few KiB; a
//! reader that does not read holds no more than one batch of messages, and is cut.

mod alike;
mod caps;
mod frames;
mod group;
mod live;
mod operation;
mod position;
mod protocol;
mod ring;
mod session;
mod wire;

use std::sync::Arc;

use http::header::{
    CONNECTION, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderMap, Method, StatusCode};
use poem::{Request, Response};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub use alike::likeness;
pub use caps::Caps;
pub use group::Groups;
pub use position::Position;

use super::Edge;
use super::engine::Transport;
use super::http::{client, cors};
use session::Session;

/// Answers the upgrade and leaves the socket to its own task.
pub fn upgrade(edge: &Arc<Edge>, request: &Request) -> Response {
    if cors::judge(request.headers(), &edge.settings) == cors::Verdict::Stranger {
        return plain(StatusCode::FORBIDDEN, "This origin may not connect.");
    }
    let Some(key) = handshake(request) else {
        let mut answer = plain(StatusCode::BAD_REQUEST, "A WebSocket of version 13 is expected.");
        answer.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return answer;
    };
    if !offers(request.headers(), protocol::NAME) {
        return plain(StatusCode::BAD_REQUEST, "The sub-protocol must be graphql-transport-ws.");
    }
    let Ok(upgrade) = request.take_upgrade() else {
        return plain(StatusCode::BAD_REQUEST, "This connection cannot be upgraded.");
    };
    let client = Arc::new(client::of(request, &edge.settings.trusted_proxies, Transport::WebSocket));
    let request_id = client.request_id.clone();
    let edge_of_task = edge.clone();
    edge.tasks.spawn(async move {
        if let Ok(io) = upgrade.await {
            Session::start(edge_of_task, io, client).run().await;
        }
    });
    switching(&key, &request_id)
}

fn switching(key: &str, request_id: &str) -> Response {
    let mut answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).finish();
    let headers = answer.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol::NAME));
    for (name, value) in [(SEC_WEBSOCKET_ACCEPT, key), (HeaderName::from_static("x-request-id"), request_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    answer
}

/// The answer to the client's key, when its request is an upgrade at all.
fn handshake(request: &Request) -> Option<String> {
    let headers = request.headers();
    let good = request.method() == Method::GET
        && has(headers, &UPGRADE, "websocket")
        && has(headers, &CONNECTION, "upgrade")
        && has(headers, &SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    good.then(|| derive_accept_key(key.as_bytes()))
}

fn has(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    words(headers, name).any(|word| word.eq_ignore_ascii_case(wanted))
}

fn offers(headers: &HeaderMap, protocol: &str) -> bool {
    words(headers, &SEC_WEBSOCKET_PROTOCOL).any(|word| word == protocol)
}

fn words<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    tracing::debug!(%status, origin = ?ORIGIN, "refused an upgrade");
    Response::builder().status(status).content_type("text/plain; charset=utf-8").body(text)
}
