//! The messages of graphql-transport-ws.

use async_graphql::Value;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::edge::http::{Members, check_depth};
use crate::edge::plan::Asked;

/// The one sub-protocol we speak.
pub const NAME: &str = "graphql-transport-ws";

/// Why we close a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code of the protocol, or of RFC 6455.
    pub code: u16,
    /// The words of the reference implementation where it has some.
    pub reason: &'static str,
}

macro_rules! closes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $reason:literal,)*) => {
        impl Close { $($(#[$doc])* pub const $name: Close = Close { code: $code, reason: $reason };)* }
    };
}

closes! {
    /// We stop.
    GOING_AWAY = 1001 "Going away",
    /// The other end breaks the framing.
    PROTOCOL = 1002 "Protocol error",
    /// Text that is not UTF-8.
    NOT_TEXT = 1007 "Invalid text",
    /// A message over the limit.
    TOO_BIG = 1009 "Message too big",
    /// Not a message of the protocol.
    INVALID = 4400 "Invalid message received",
    /// An operation before we acknowledged.
    UNAUTHORIZED = 4401 "Unauthorized",
    /// The token is over.
    ENDED = 4401 "Session ended",
    /// The token was refused.
    FORBIDDEN = 4403 "Forbidden",
    /// No `connection_init` in time.
    INIT_TIMEOUT = 4408 "Connection initialisation timeout",
    /// An id still in use.
    DUPLICATE = 4409 "Subscriber already exists",
    /// A second `connection_init`.
    TOO_MANY_INITS = 4429 "Too many initialisation requests",
    /// We could not tell who it is.
    UNAVAILABLE = 1013 "Try again later",
}

/// What a client says.
pub enum Said {
    /// `connection_init`, with the value of its authorization.
    Init(Option<String>),
    /// `ping`.
    Ping,
    /// `pong`.
    Pong,
    /// `subscribe`.
    Subscribe(Box<str>, Box<Asked>),
    /// `complete`.
    Complete(Box<str>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Wire {
    ConnectionInit {
        #[serde(default)]
        payload: Value,
    },
    Ping {},
    Pong {},
    Subscribe {
        id: Box<str>,
        payload: Box<Members>,
    },
    Complete {
        id: Box<str>,
    },
}

/// Reads one message; anything else closes with 4400.
pub fn read(text: &str, depth: usize) -> Option<Said> {
    check_depth(text.as_bytes(), depth).ok()?;
    Some(match serde_json::from_str(text).ok()? {
        Wire::ConnectionInit { payload } => Said::Init(authorization(&payload)?),
        Wire::Ping {} => Said::Ping,
        Wire::Pong {} => Said::Pong,
        Wire::Complete { id } => Said::Complete(id),
        Wire::Subscribe { id, payload } => {
            let asked = payload.asked().ok()?;
            let named = asked.query.is_some() || asked.document_id.is_some();
            (named && (1..=128).contains(&id.len())).then_some(Said::Subscribe(id, Box::new(asked)))?
        }
    })
}

/// The bearer inside the payload; `None` when the payload is not an object.
fn authorization(payload: &Value) -> Option<Option<String>> {
    let fields = match payload {
        Value::Null => return Some(None),
        Value::Object(fields) => fields,
        _ => return None,
    };
    let found = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match found.map(|(_, value)| value) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

/// `connection_ack`.
pub fn ack() -> Message {
    Message::Text(Utf8Bytes::from_static("{\"type\":\"connection_ack\"}"))
}

/// `pong`.
pub fn pong() -> Message {
    Message::Text(Utf8Bytes::from_static("{\"type\":\"pong\"}"))
}

/// `complete`.
pub fn complete(id: &str) -> Message {
    about("complete", id, None)
}

/// `next`, around an answer.
pub fn next(id: &str, payload: &[u8]) -> Message {
    about("next", id, Some(payload))
}

/// `error`, around a list of errors.
pub fn error(id: &str, payload: &[u8]) -> Message {
    about("error", id, Some(payload))
}

fn about(kind: &str, id: &str, payload: Option<&[u8]>) -> Message {
    let mut out = Vec::with_capacity(payload.map_or(0, <[u8]>::len) + id.len() + 48);
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"id\":");
    serde_json::to_writer(&mut out, id).expect("a string always serializes");
    if let Some(payload) = payload {
        out.extend_from_slice(b",\"payload\":");
        out.extend_from_slice(payload);
    }
    out.push(b'}');
    Message::Text(String::from_utf8(out).unwrap_or_default().into())
}
