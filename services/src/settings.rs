//! Settings, from the environment, typed; all faults are told at once.

mod network;
mod reader;

pub use network::Network;

use crate::limits::Quotas;
use crate::scope::DatabaseOptions;
use reader::Reader;
use reqwest::Url;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How this process runs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub environment: Environment,
    pub bind: SocketAddr,
    /// How clients reach us, without a trailing slash; signed links and provider signatures are built on it.
    pub public_url: String,
    /// Where the links of letters lead: the pages that verify, reset, move and invite are below it.
    pub account_url: String,
    pub data_dir: PathBuf,
    pub database: DatabaseOptions,
    pub redis_url: Option<String>,
    pub worker: WorkerMode,
    pub migrate_on_start: bool,
    /// The master secret of a production installation; development makes its own.
    pub secret_key: Option<String>,
    pub cors_origins: Vec<String>,
    /// The names of this service, as a `Host` header has them, without a port; `*` for any.
    pub allowed_hosts: Vec<String>,
    /// How much one person, or one address, may ask.
    pub quotas: Quotas,
    pub log_format: LogFormat,
    /// What is logged, as directives of `tracing_subscriber::EnvFilter`.
    pub log_filter: String,
    pub sentry_dsn: Option<String>,
    /// Where a worker shows its health and figures; nowhere when not set.
    pub worker_bind: Option<SocketAddr>,
    /// Who bears it may read the figures; without one, only this machine may.
    pub metrics_token: Option<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// What clients may call themselves in the figures.
    pub client_names: Vec<String>,
    /// A manifest of documents that may be asked for by their hash.
    pub persisted_documents: Option<PathBuf>,
    pub import_max_bytes: u64,
    /// How long an upload may bring no byte before it is over.
    pub upload_idle: Duration,
    /// What one organisation may hold on disk.
    pub files_quota_bytes: u64,
    /// Of one file; an import remembers some twenty bytes of each.
    pub import_max_rows: u64,
    pub messaging: Messaging,
    /// Where people may sign in instead of typing a password here.
    pub issuers: Vec<Issuer>,
    /// Pages of one's own that an issuer may send people back to.
    pub sign_in_redirects: Vec<String>,
    /// Networks of one's own that may be asked where others choose the address; the public internet may be, always.
    pub outgoing_networks: Vec<Network>,
}

/// An OpenID provider that people may sign in with.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// How it is named in addresses and calls: lower case.
    pub key: String,
    /// As people know it.
    pub name: String,
    /// Exactly as its tokens say it.
    pub url: String,
    pub client_id: String,
    /// None for a public client; PKCE is used in any case.
    pub client_secret: Option<String>,
}

/// How messages leave; what is not set is written to the outbox folder below `DATA_DIR`.
#[derive(Clone, Debug)]
pub struct Messaging {
    /// `smtp://user:password@host:port` or `smtps://…`.
    pub smtp_url: Option<String>,
    pub mail_from: String,
    pub twilio: Option<Twilio>,
}

#[derive(Clone, Debug)]
pub struct Twilio {
    pub base_url: String,
    pub account_sid: String,
    pub auth_token: String,
    /// E.164 number WhatsApp messages come from.
    pub whatsapp_from: Option<String>,
    pub messaging_service_sid: Option<String>,
    /// The approved template (`HX…`) for stock alerts outside the 24-hour window.
    pub alert_content_sid: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerMode {
    /// A task inside the API process.
    Embedded,
    /// Elsewhere.
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::from_map(std::env::vars().collect())
    }

    /// Reads the process's environment; `look` tells the faults of what the settings name and only the caller can read.
    pub fn from_env_and(look: impl FnOnce(&Self) -> Vec<String>) -> Result<Self, Vec<String>> {
        Self::read(std::env::vars().collect(), look)
    }

    /// Reads the given variables; every fault is in the list.
    pub fn from_map(vars: BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        Self::read(vars, |_| Vec::new())
    }

    fn read(vars: BTreeMap<String, String>, look: impl FnOnce(&Self) -> Vec<String>) -> Result<Self, Vec<String>> {
        let mut read = Reader { vars, faults: Vec::new() };
        let environment = read.one_of("ENVIRONMENT", &[("development", Environment::Development), ("production", Environment::Production)]);
        let data_dir = PathBuf::from(read.text("DATA_DIR", "./data"));
        let redis_url = read.redis_url();
        let worker_default = if redis_url.is_some() { WorkerMode::Off } else { WorkerMode::Embedded };
        let bind = read.parsed("BIND", SocketAddr::from(([127, 0, 0, 1], 8000)), "an address such as 127.0.0.1:8000");
        let public_url = read.web_address("PUBLIC_URL", &format!("http://{bind}"));
        let account_url = read.text("ACCOUNT_URL", "");
        let settings = Self {
            environment,
            bind,
            // One fault of an address is told once.
            account_url: if account_url.is_empty() { format!("{public_url}/account") } else { read.web_address("ACCOUNT_URL", "") },
            allowed_hosts: read.hosts("ALLOWED_HOSTS", &public_url, environment),
            quotas: Quotas { user: read.quota("RATE_LIMIT_USER", 1_000, 200), address: read.quota("RATE_LIMIT_ADDRESS", 100, 50) },
            public_url,
            database: read.database(&data_dir),
            data_dir,
            worker: read.choice("WORKER", &[("embedded", WorkerMode::Embedded), ("off", WorkerMode::Off)], worker_default),
            redis_url,
            migrate_on_start: read.parsed("MIGRATE_ON_START", true, "true or false"),
            secret_key: read.secret("SECRET_KEY"),
            cors_origins: read.origins("CORS_ORIGINS"),
            log_format: read.one_of("LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
            log_filter: read.log_filter(),
            sentry_dsn: read.sentry_dsn(),
            worker_bind: read.maybe("WORKER_BIND", "an address such as 127.0.0.1:8001"),
            metrics_token: read.secret("METRICS_TOKEN"),
            trusted_proxies: read.networks("TRUSTED_PROXIES"),
            client_names: read.list("CLIENT_NAMES"),
            persisted_documents: read.raw("PERSISTED_DOCUMENTS").map(PathBuf::from),
            upload_idle: read.seconds("UPLOAD_IDLE_SECONDS", 30),
            import_max_bytes: read.limit("IMPORT_MAX_BYTES", 512 << 20, "byte"),
            files_quota_bytes: read.limit("FILES_QUOTA_BYTES", 4 << 30, "byte"),
            import_max_rows: read.limit("IMPORT_MAX_ROWS", 5_000_000, "row"),
            messaging: read.messaging(),
            issuers: read.issuers("OIDC_PROVIDERS"),
            sign_in_redirects: read.redirects("OIDC_REDIRECTS"),
            outgoing_networks: read.networks("OUTGOING_NETWORKS"),
        };
        settings.check_production(&mut read.faults);
        read.faults.extend(look(&settings));
        if read.faults.is_empty() { Ok(settings) } else { Err(read.faults) }
    }

    /// What works, but hardly as it was meant.
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.messaging.twilio.as_ref().is_some_and(|twilio| twilio.alert_content_sid.is_none()) {
            warnings.push(
                "TWILIO_ALERT_CONTENT_SID is not set: WhatsApp reaches only who has written to us within a day, the others get an e-mail",
            );
        }
        if self.messaging.twilio.is_some() && self.is_only_here() {
            warnings.push("PUBLIC_URL is this machine's own address: Twilio cannot say what became of the messages it takes");
        }
        if self.environment == Environment::Production && (self.quotas.user.is_none() || self.quotas.address.is_none()) {
            warnings.push("RATE_LIMIT_USER or RATE_LIMIT_ADDRESS is 0: who asks without end is not stopped");
        }
        warnings
    }

    /// Whether nobody but this machine reaches what is served.
    pub fn is_only_here(&self) -> bool {
        is_loopback(&self.public_url)
    }

    fn check_production(&self, faults: &mut Vec<String>) {
        if self.environment != Environment::Production {
            return;
        }
        match self.secret_key.as_deref() {
            None => faults.push("SECRET_KEY (or SECRET_KEY_FILE) is not set; production needs at least 32 random characters".into()),
            Some(key) if key.len() < 32 => faults.push("SECRET_KEY is shorter than 32 characters".into()),
            Some(_) => {}
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.len() < 16) {
            faults.push("METRICS_TOKEN is shorter than 16 characters".into());
        }
        if self.public_url.starts_with("http://") && !self.is_only_here() {
            faults.push("PUBLIC_URL is http; production needs https (or a loopback address)".into());
        }
        if self.cors_origins.iter().any(|origin| origin == "*") {
            faults.push("CORS_ORIGINS contains *; production needs a list of origins".into());
        }
        if self.allowed_hosts.iter().any(|host| host == "*") {
            faults.push("ALLOWED_HOSTS contains *; production needs a list of names".into());
        }
    }
}

/// Whether an address is this machine's own, whoever asks.
fn is_loopback(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host_str().unwrap_or_default() {
        "localhost" => true,
        host => host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests;
