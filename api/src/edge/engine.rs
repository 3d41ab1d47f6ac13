//! What the edge asks of the rest of the program.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use services::locale::Locale;
use tokio_tungstenite::tungstenite::Bytes;

use super::settings::Readers;

/// Whoever sends an operation, as the engine knows them.
pub trait Identity: Send + Sync + 'static {
    /// Puts what the resolvers need (a scope, a permission set) into the request.
    fn attach(&self, request: &mut Request);
    /// A stable key for caps counted per user; `None` is counted per address.
    fn key(&self) -> Option<u128> {
        None
    }
    /// When the token ends; sockets are closed then.
    fn expires_at(&self) -> Option<Instant> {
        None
    }
    /// Whether a person or a token stands behind the request.
    fn signed_in(&self) -> bool {
        false
    }
    /// Whether the caller may see pages meant for operators.
    fn operator(&self) -> bool {
        false
    }
    /// The language of the account, for a client that asks for none.
    fn locale(&self) -> Option<Locale> {
        None
    }
    /// What this caller's answers depend on, beside the operation: callers of one likeness see the same. Without one
    /// they are alone.
    fn likeness(&self, _readers: Readers) -> Option<[u8; 32]> {
        None
    }
    /// Lets the engine find its own type again.
    fn as_any(&self) -> &dyn Any;
}

/// A shared handle on an identity.
pub type Caller = Arc<dyn Identity>;

/// How a client reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One request, one answer.
    Http,
    /// A graphql-transport-ws socket.
    WebSocket,
}

/// The other end of the wire, before it is known who it is.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address, with trusted proxies taken into account.
    pub ip: Option<IpAddr>,
    /// The id that names this request in answers and logs.
    pub request_id: Arc<str>,
    /// What the client calls itself (`x-client-name`).
    pub name: Option<Box<str>>,
    /// The languages it asks for, as sent.
    pub accept_language: Option<Box<str>>,
    /// The program it says it is.
    pub user_agent: Option<Box<str>>,
    /// HTTP or WebSocket.
    pub transport: Transport,
}

impl Client {
    /// The language to answer in: the one asked for, else French.
    pub fn locale(&self) -> Locale {
        self.accept_language.as_deref().and_then(Locale::of_header).unwrap_or_default()
    }

    /// The same client now that it is known who asks: without a wish of its own it reads what the account does.
    pub fn known_as(self: Arc<Self>, caller: &dyn Identity) -> Arc<Self> {
        let asked = self.accept_language.as_deref().and_then(Locale::of_header);
        match caller.locale() {
            Some(locale) if asked.is_none() => Arc::new(Client { accept_language: Some(locale.code().into()), ..(*self).clone() }),
            _ => self,
        }
    }
}

/// Why a bearer was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFailure {
    /// The token is malformed, unknown, expired or revoked: 401.
    Unauthenticated,
    /// The token is good and its owner may not come in: 403.
    Forbidden,
    /// We could not tell (the database is away): 503.
    Unavailable,
}

/// Whether an open socket may stay open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing changed.
    Good,
    /// The session has ended: closes with 4401.
    Ended,
    /// The rights have been taken away: closes with 4403.
    Revoked,
}

/// One event of a subscription.
pub enum Payload {
    /// An answer the edge presents and writes.
    Response(Response),
    /// An answer already written, shared between readers: `{"data":...}`.
    Written(Bytes),
}

impl From<Response> for Payload {
    fn from(response: Response) -> Self {
        Payload::Response(response)
    }
}

/// What an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub units: u64,
    /// It lets somebody in: its address pays, whoever's bearer it carries.
    pub at_the_door: bool,
}

/// The bucket after a charge; in every answer, and data of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateState {
    /// Whose kind of bucket it is.
    pub policy: &'static str,
    /// Units the window brings.
    pub limit: u64,
    /// Units to be had at once.
    pub remaining: u64,
    pub window: Duration,
    /// How long until the bucket is whole.
    pub reset_in: Duration,
    /// The same as an instant.
    pub reset_at: SystemTime,
}

/// What became of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Nobody counts.
    Unlimited,
    /// Enough was left.
    Granted(RateState),
    /// Not enough was left.
    Refused {
        /// How long to wait before the same operation passes.
        retry_after: Duration,
        /// The bucket, untouched.
        state: RateState,
    },
}

/// The engine's own handle on a started idempotent mutation, attached to the request as data.
#[derive(Clone)]
pub struct IdempotencyToken(pub Arc<dyn Any + Send + Sync>);

/// What the engine knows about an idempotency key.
pub enum Idempotency {
    /// Nothing yet: execute, then finish.
    Fresh(IdempotencyToken),
    Seen(Seen),
    /// This caller's keys cannot be kept, and why.
    Refused(&'static str),
}

/// What became of an idempotency key's first call.
pub enum Seen {
    /// It had the same arguments, and this is what was answered.
    Replay(Vec<u8>),
    /// It had other arguments.
    Mismatch,
    /// It is still running.
    Running,
    /// It was done, and what was answered is lost.
    Done,
}

/// Everything behind the edge: sessions, schema, limits, memory.
pub trait Engine: Send + Sync + 'static {
    /// The schema in its definition language, read once at start.
    fn sdl(&self) -> String;

    /// Finds out who is asking; no bearer is an anonymous caller, not a failure.
    fn authenticate<'a>(&'a self, bearer: Option<&'a str>, client: &'a Client) -> BoxFuture<'a, Result<Caller, AuthFailure>>;

    /// Runs one query or mutation.
    fn execute<'a>(&'a self, request: Request, caller: &'a Caller) -> BoxFuture<'a, Response>;

    /// Starts one subscription.
    fn subscribe(&self, request: Request, caller: &Caller) -> BoxStream<'static, Payload>;

    /// Whether a socket opened earlier may stay; asked about once a second.
    fn still_valid<'a>(&'a self, _caller: &'a Caller) -> BoxFuture<'a, Standing> {
        Box::pin(std::future::ready(Standing::Good))
    }

    /// Takes what one operation is worth from a bucket.
    fn charge<'a>(&'a self, _caller: &'a Caller, _client: &'a Client, _due: Due) -> BoxFuture<'a, Charge> {
        Box::pin(std::future::ready(Charge::Unlimited))
    }

    /// The bucket of a client that nobody is known behind, as far as it is known without asking.
    fn allowance(&self, _client: &Client) -> Option<RateState> {
        None
    }

    /// Opens an idempotency key for a mutation; without a memory every key is fresh. Whoever can leave a seen key without
    /// effect may find out at the end alone.
    fn idempotency_begin<'a>(&'a self, _caller: &'a Caller, _key: &'a str, _fingerprint: [u8; 32]) -> BoxFuture<'a, Idempotency> {
        Box::pin(std::future::ready(Idempotency::Fresh(IdempotencyToken(Arc::new(())))))
    }

    /// Keeps the answer of a mutation, or frees the key when there is nothing worth repeating. What was seen, if anything,
    /// is to be answered instead.
    fn idempotency_finish<'a>(&'a self, _token: IdempotencyToken, _answer: Option<Vec<u8>>) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(std::future::ready(None))
    }

    /// The text of a persisted document.
    fn lookup_document(&self, _sha256: &[u8; 32]) -> Option<Arc<str>> {
        None
    }
}
