//! What can be turned at the edge.

use std::collections::HashMap;
use std::time::Duration;

use services::settings::Network;

/// The ceilings of one operation, in the order they are checked.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of an HTTP body or a socket message.
    pub body_bytes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Nesting of the JSON around it.
    pub json_depth: usize,
    /// Lexical tokens.
    pub tokens: usize,
    /// Nesting of brackets of any kind in the document.
    pub brackets: usize,
    /// Operations and fragments.
    pub definitions: usize,
    /// Variables of one operation.
    pub variables: usize,
    /// Selections once every fragment is expanded.
    pub selections: u64,
    /// Nesting of fields, introspection apart.
    pub depth: u32,
    /// Nesting of fields below `__schema` and `__type`.
    pub introspection_depth: u32,
    /// Lists inside lists below `__schema` and `__type`.
    pub introspection_lists: u32,
    /// Aliases once every fragment is expanded.
    pub aliases: u64,
    /// Directives on one node.
    pub directives_per_node: usize,
    /// Directives once every fragment is expanded.
    pub directives: u64,
    /// Root fields of a query.
    pub root_fields: u64,
    /// Root fields of a mutation.
    pub mutations: u64,
    /// Cost by page sizes.
    pub cost: u64,
    /// The cost that takes one unit from a bucket; begun counts as whole.
    pub points_a_unit: u64,
    /// Page size when none is asked for.
    pub default_page: u64,
    /// Largest page a resolver gives; larger asks are refused there, so they cost no more than this.
    pub max_page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 256 * 1024,
            document_bytes: 32 * 1024,
            json_depth: 64,
            tokens: 2_000,
            brackets: 64,
            definitions: 50,
            variables: 100,
            selections: 2_000,
            depth: 12,
            introspection_depth: 15,
            introspection_lists: 1,
            aliases: 50,
            directives_per_node: 5,
            directives: 50,
            root_fields: 20,
            mutations: 10,
            cost: 10_000,
            points_a_unit: 200,
            default_page: 50,
            max_page: 100,
        }
    }
}

/// How long and how much a socket may.
#[derive(Clone, Debug)]
pub struct SocketSettings {
    /// Time to send `connection_init`.
    pub init_timeout: Duration,
    /// Pause between our pings.
    pub ping_every: Duration,
    /// Time to answer a ping.
    pub pong_timeout: Duration,
    /// How often the caller's standing is asked for.
    pub standing_every: Duration,
    /// Time a reader may leave our bytes unread before its operations are cut.
    pub slow_reader: Duration,
    /// Time after an answer without another, after which a subscription lets go of what executes it; before its first it
    /// does so at once.
    pub rest_after: Duration,
    /// Operations at once on one socket.
    pub operations: usize,
    /// Sockets at once of one user, or of one address when anonymous.
    pub sockets_per_user: usize,
}

impl Default for SocketSettings {
    fn default() -> Self {
        SocketSettings {
            init_timeout: Duration::from_secs(5),
            ping_every: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(10),
            standing_every: Duration::from_secs(1),
            slow_reader: Duration::from_secs(5),
            rest_after: Duration::from_secs(1),
            operations: 100,
            sockets_per_user: 50,
        }
    }
}

/// Whose readings of a stream are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Those of all who may see the same.
    All,
    /// Those of one person.
    OnePerson,
}

/// Everything the edge is told at start.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Turns GraphiQL, anonymous introspection and suggestions off.
    pub production: bool,
    /// Clients reach us over TLS, and are told to do so for good.
    pub secure: bool,
    /// The names we are called by, without a port; any when there is none.
    pub hosts: Vec<String>,
    /// Browser origins that may call us; `*` for all, in development only.
    pub origins: Vec<String>,
    /// Proxies in front of us whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Who bears it may read `/metrics`; without one, only this machine may.
    pub metrics_token: Option<String>,
    /// Root fields that a bad bearer does not stop.
    pub session_verbs: Vec<String>,
    /// Mutations that let somebody in: each of them is a unit at least, and the address pays for it.
    pub doors: Vec<String>,
    /// Mutations that count themselves where nothing else is asked for: whoever asks is known when they are done.
    pub self_counting: Vec<String>,
    /// Mutations whose answers are not kept: they take no idempotency key.
    pub keyless: Vec<String>,
    /// Cost of single fields, by `Type.field`, in place of the usual 0 or 1.
    pub weights: HashMap<String, u64>,
    /// Client names that may appear in metrics; others are counted as `other`.
    pub client_names: Vec<String>,
    /// The word for this installation in `/health`.
    pub environment: String,
    /// Subscriptions whose events are executed once for all like readers.
    pub shared: HashMap<String, Readers>,
    /// The ceilings of one operation.
    pub limits: Limits,
    /// The ceilings of one socket.
    pub sockets: SocketSettings,
    /// Time for a query; five seconds when zero.
    pub query_timeout: Duration,
    /// Time for a mutation; fifteen seconds when zero.
    pub mutation_timeout: Duration,
}

impl Settings {
    /// Everything that must not go into production like this, all at once.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for origin in &self.origins {
            if origin == "*" {
                if self.production {
                    faults.push("a wildcard origin is refused in production".to_owned());
                }
            } else if !well_formed(origin) {
                faults.push(format!("`{origin}` is not an origin (scheme://host[:port])"));
            }
        }
        faults
    }

    pub(super) fn query_time(&self) -> Duration {
        or_seconds(self.query_timeout, 5)
    }

    pub(super) fn mutation_time(&self) -> Duration {
        or_seconds(self.mutation_timeout, 15)
    }
}

fn or_seconds(given: Duration, seconds: u64) -> Duration {
    if given.is_zero() { Duration::from_secs(seconds) } else { given }
}

fn well_formed(origin: &str) -> bool {
    let Some((scheme, rest)) = origin.split_once("://") else {
        return false;
    };
    matches!(scheme, "http" | "https") && !rest.is_empty() && !rest.contains(['/', '?', '#', '@', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_wildcard_origin_in_production() {
        let mut settings = Settings { origins: vec!["*".into()], ..Settings::default() };
        assert!(settings.faults().is_empty());
        settings.production = true;
        assert_eq!(settings.faults().len(), 1);
    }

    #[test]
    fn lists_every_malformed_origin() {
        let origins = ["https://a.sn", "a.sn", "https://b.sn/", "ftp://c.sn"].map(str::to_owned).to_vec();
        assert_eq!(Settings { origins, ..Settings::default() }.faults().len(), 3);
    }
}
