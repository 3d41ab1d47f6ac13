//! The edge: HTTP and WebSockets around an engine that executes GraphQL.
//!
//! Nouns. A *client* is the other end of a connection; a *caller* is who the engine says it is. A
//! *document* is checked once and remembered ([`prepass`]); a *plan* is a document, one of its
//! operations and variables for it. A *fault* is our reason not to execute, an *error* is what
//! came of executing; both leave as JSON with a code and a request id ([`errors`]). A *session* is
//! one graphql-transport-ws socket ([`ws`]).
//!
//! Order of the checks, cheapest first: name of the server, method, media types, bytes while reading, JSON depth and
//! shape, tokens, definitions, expanded selections, depth, aliases, directives, root fields,
//! variables in their places, bearer, values of variables, cost by page sizes, bucket, idempotency
//! key, time while executing.
//!
//! Always true:
//! - work before execution is linear in the bytes received, whatever they stand for;
//! - every answer has a request id and `extensions.cost`, every error a code of the closed list;
//! - what is internal is logged and masked; a panic costs one operation, never the process;
//! - request errors have no `data`; `errors` stands before `data`; fields stand as they were asked;
//! - an idle socket holds a few KiB, a slow reader is cut, no buffer grows without a bound.
//!
//! The edge knows no domain, no database and no token format: that is the engine's ([`engine`]).

mod compress;
pub mod engine;
pub mod errors;
mod extensions;
mod graphiql;
pub mod health;
mod hosts;
mod http;
pub mod metrics;
mod nulls;
mod plan;
pub mod prepass;
mod routes;
pub mod schema_map;
mod serve;
pub mod settings;
mod write;
mod ws;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use engine::{
    AuthFailure, Caller, Charge, Client, Due, Engine, Idempotency, IdempotencyToken, Identity, Payload, RateState, Seen, Standing,
    Transport,
};
pub use http::client::address_of;
pub use plan::DocumentHash;
pub use routes::{Pages, Routes};
pub use serve::serve;
pub use settings::{Limits, Readers, Settings, SocketSettings};
pub use ws::{Position, likeness};

use prepass::Prepass;
use schema_map::SchemaMap;

/// One edge: an engine, its settings, and what is shared between requests.
pub struct Edge {
    engine: Arc<dyn Engine>,
    settings: Settings,
    prepass: Prepass,
    caps: Arc<ws::Caps>,
    groups: Arc<ws::Groups>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Why an edge cannot be built.
#[derive(Debug)]
pub enum BuildError {
    /// Settings that must not be used like this.
    Settings(Vec<String>),
    /// The engine's schema cannot be read.
    Schema(String),
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BuildError::Settings(faults) => formatter.write_str(&faults.join("; ")),
            BuildError::Schema(error) => write!(formatter, "the schema cannot be read: {error}"),
        }
    }
}

impl std::error::Error for BuildError {}

impl Edge {
    /// Builds an edge around an engine.
    pub fn new(engine: Arc<dyn Engine>, settings: Settings) -> Result<Arc<Edge>, BuildError> {
        let faults = settings.faults();
        if !faults.is_empty() {
            return Err(BuildError::Settings(faults));
        }
        let schema = SchemaMap::read(&engine.sdl(), &settings).map_err(|error| BuildError::Schema(error.to_string()))?;
        let prepass = Prepass::new(schema, settings.limits.clone());
        let (caps, stop, tasks) = (Arc::default(), CancellationToken::new(), TaskTracker::new());
        Ok(Arc::new(Edge { engine, settings, prepass, caps, groups: Arc::default(), stop, tasks }))
    }

    /// Counts an operation for its client; unknown names share one label.
    fn count_client(&self, client: &Client) {
        let known = self.settings.client_names.iter().find(|name| client.name.as_deref() == Some(name.as_str()));
        let label = match (known, &client.name) {
            (Some(name), _) => name.clone(),
            (None, Some(_)) => "other".to_owned(),
            (None, None) => "none".to_owned(),
        };
        metrics::client(label);
    }
}
