//! Settings, from the environment, typed; all faults are told at once.

mod network;

pub use network::Network;

use crate::scope::DatabaseOptions;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::Url;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// How this process runs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub environment: Environment,
    pub bind: SocketAddr,
    /// How clients reach us, without a trailing slash; signed links and provider signatures are built on it.
    pub public_url: String,
    pub data_dir: PathBuf,
    pub database: DatabaseOptions,
    pub redis_url: Option<String>,
    pub worker: WorkerMode,
    pub migrate_on_start: bool,
    /// The master secret of a production installation; development makes its own.
    pub secret_key: Option<String>,
    pub cors_origins: Vec<String>,
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
        let settings = Self {
            environment,
            bind,
            public_url: read.web_address("PUBLIC_URL", &format!("http://{bind}")),
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
        warnings
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
        if self.public_url.starts_with("http://") && !is_loopback(&self.public_url) {
            faults.push("PUBLIC_URL is http; production needs https (or a loopback address)".into());
        }
        if self.cors_origins.iter().any(|origin| origin == "*") {
            faults.push("CORS_ORIGINS contains *; production needs a list of origins".into());
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

/// An address that pages and callbacks can be built on.
fn is_web(text: &str) -> bool {
    let plain = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none();
    Url::parse(text).is_ok_and(plain)
}

/// What a browser says of a page: scheme, host and port, without a path.
fn is_origin(text: &str) -> bool {
    is_web(text) && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

struct Reader {
    vars: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Reader {
    fn raw(&self, name: &str) -> Option<String> {
        self.vars.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.raw(name).unwrap_or_else(|| default.to_owned())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = self.raw(name).unwrap_or_default();
        text.split(',').map(|one| one.trim().trim_end_matches('/').to_owned()).filter(|one| !one.is_empty()).collect()
    }

    /// Without a trailing slash.
    fn web_address(&mut self, name: &str, default: &str) -> String {
        let text = self.text(name, default).trim_end_matches('/').to_owned();
        if !is_web(&text) {
            self.faults.push(format!("{name} is `{text}`, not an address such as https://teranga.example"));
        }
        text
    }

    fn origins(&mut self, name: &str) -> Vec<String> {
        let origins = self.list(name);
        let bad = origins.iter().filter(|origin| *origin != "*" && !is_origin(origin));
        let bad: Vec<String> =
            bad.map(|origin| format!("{name} has `{origin}`, not an origin such as https://app.teranga.example")).collect();
        self.faults.extend(bad);
        origins
    }

    /// The value, or the content of the file that `NAME_FILE` names.
    fn secret(&mut self, name: &str) -> Option<String> {
        let Some(path) = self.raw(&format!("{name}_FILE")) else { return self.raw(name) };
        let fault = match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Some(text.trim().to_owned()),
            Ok(_) => format!("{name}_FILE: {path} is empty; write the secret into it, or unset {name}_FILE"),
            Err(e) => format!("{name}_FILE: {path} cannot be read: {e}"),
        };
        self.faults.push(fault);
        None
    }

    fn maybe<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let text = self.raw(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.faults.push(format!("{name} is `{text}`, not {wanted}"));
        }
        value
    }

    fn networks(&mut self, name: &str) -> Vec<Network> {
        let (networks, bad): (Vec<_>, Vec<_>) =
            self.list(name).into_iter().map(|text| text.parse().map_err(|()| text)).partition(Result::is_ok);
        let bad = bad.into_iter().filter_map(Result::err);
        self.faults.extend(bad.map(|text| format!("{name} has `{text}`, not an address or a range such as 10.0.0.0/8")));
        networks.into_iter().flatten().collect()
    }

    fn sentry_dsn(&mut self) -> Option<String> {
        let dsn = self.secret("SENTRY_DSN")?;
        if dsn.parse::<sentry::types::Dsn>().is_err() {
            self.faults.push("SENTRY_DSN is not an address such as https://key@sentry.example/1".into());
        }
        Some(dsn)
    }

    fn parsed<T: FromStr>(&mut self, name: &str, default: T, wanted: &str) -> T {
        let Some(text) = self.raw(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{name} is `{text}`, not {wanted}"));
            default
        })
    }

    fn log_filter(&mut self) -> String {
        let filter = self.text("RUST_LOG", "info,sqlx=warn,apalis_core=warn");
        if let Err(why) = EnvFilter::try_new(&filter) {
            self.faults.push(format!("RUST_LOG is `{filter}`, not a list of levels such as info,sqlx=warn: {why}"));
        }
        filter
    }

    fn seconds(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_secs(self.limit(name, default, "second"))
    }

    /// A limit of none would let nothing through.
    fn limit(&mut self, name: &str, default: u64, unit: &str) -> u64 {
        let limit = self.parsed(name, default, &format!("a number of {unit}s"));
        if limit == 0 {
            self.faults.push(format!("{name} is 0; one {unit} at least"));
        }
        limit
    }

    fn one_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        self.choice(name, choices, choices[0].1)
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(text) = self.raw(name) else { return default };
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => *value,
            None => {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                self.faults.push(format!("{name} is `{text}`, not one of {}", words.join(", ")));
                default
            }
        }
    }

    fn database(&mut self, data_dir: &std::path::Path) -> DatabaseOptions {
        let url = self.secret("DATABASE_URL").unwrap_or_else(|| format!("sqlite:{}", data_dir.join("teranga.db").display()));
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            self.faults.push("DATABASE_URL is neither postgres://… nor sqlite:path".into());
        }
        let max_connections = self.parsed("DATABASE_MAX_CONNECTIONS", 20, "a number of connections");
        let least = if url.starts_with("sqlite:") { 2 } else { 3 };
        if max_connections < least {
            let why = "one writes, one reads, and on PostgreSQL one is the system's";
            self.faults.push(format!("DATABASE_MAX_CONNECTIONS is {max_connections}; {least} at least: {why}"));
        }
        DatabaseOptions { url, max_connections, durable: self.parsed("SQLITE_DURABLE", true, "true or false") }
    }

    fn redis_url(&mut self) -> Option<String> {
        let url = self.secret("REDIS_URL")?;
        if !["redis://", "rediss://", "unix:"].iter().any(|scheme| url.starts_with(scheme)) {
            self.faults.push("REDIS_URL is not redis://…, rediss://… or unix:…".into());
        }
        Some(url)
    }

    fn messaging(&mut self) -> Messaging {
        Messaging { smtp_url: self.smtp_url(), mail_from: self.mail_from(), twilio: self.twilio() }
    }

    /// Its faults do not repeat it: it holds a password.
    fn smtp_url(&mut self) -> Option<String> {
        let url = self.secret("SMTP_URL")?;
        let good = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
        if !good || AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).is_err() {
            self.faults.push("SMTP_URL is not smtp://user:password@host:port or smtps://…".into());
        }
        Some(url)
    }

    fn mail_from(&mut self) -> String {
        let from = self.text("MAIL_FROM", "Teranga <ne-pas-repondre@teranga.example>");
        if from.parse::<Mailbox>().is_err() {
            self.faults.push(format!("MAIL_FROM is `{from}`, not a sender such as Teranga <bonjour@teranga.example>"));
        }
        from
    }

    fn twilio(&mut self) -> Option<Twilio> {
        let (account, token) = (self.raw("TWILIO_ACCOUNT_SID"), self.secret("TWILIO_AUTH_TOKEN"));
        if account.is_some() != token.is_some() {
            self.faults.push("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN go together; one is missing".into());
        }
        let base_url = self.web_address("TWILIO_BASE_URL", "https://api.twilio.com");
        let twilio = Twilio {
            base_url,
            account_sid: account?,
            auth_token: token?,
            whatsapp_from: self.raw("TWILIO_WHATSAPP_FROM"),
            messaging_service_sid: self.raw("TWILIO_MESSAGING_SERVICE_SID"),
            alert_content_sid: self.raw("TWILIO_ALERT_CONTENT_SID"),
        };
        if twilio.whatsapp_from.is_none() && twilio.messaging_service_sid.is_none() {
            self.faults.push("TWILIO_WHATSAPP_FROM or TWILIO_MESSAGING_SERVICE_SID must say who sends".into());
        }
        Some(twilio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(vars: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::from_map(vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn needs_no_setting_at_all() {
        let settings = of(&[]).unwrap();
        assert_eq!(settings.database.url, "sqlite:./data/teranga.db");
        assert_eq!((settings.worker, settings.public_url.as_str()), (WorkerMode::Embedded, "http://127.0.0.1:8000"));
    }

    #[test]
    fn tells_all_faults_at_once() {
        let faults = of(&[
            ("ENVIRONMENT", "production"),
            ("PUBLIC_URL", "http://teranga.example"),
            ("CORS_ORIGINS", "*"),
            ("BIND", "here"),
            ("DATABASE_URL", "mysql://x"),
            ("TWILIO_ACCOUNT_SID", "AC1"),
            ("SENTRY_DSN", "there"),
            ("WORKER_BIND", "8001"),
            ("METRICS_TOKEN", "short"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, the-proxy"),
            ("SMTP_URL", "mail"),
            ("MAIL_FROM", "nobody"),
            ("TWILIO_BASE_URL", "twilio"),
            ("RUST_LOG", "info,sqlx=loud"),
            ("IMPORT_MAX_BYTES", "0"),
            ("IMPORT_MAX_ROWS", "0"),
            ("FILES_QUOTA_BYTES", "0"),
        ])
        .unwrap_err();
        for name in ["SECRET_KEY", "PUBLIC_URL", "CORS_ORIGINS", "BIND is", "DATABASE_URL", "TWILIO_AUTH_TOKEN"] {
            assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
        }
        for name in ["SENTRY_DSN", "WORKER_BIND", "METRICS_TOKEN", "`the-proxy`", "SMTP_URL", "MAIL_FROM", "TWILIO_BASE_URL"] {
            assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
        }
        for name in ["RUST_LOG is", "IMPORT_MAX_BYTES is 0", "IMPORT_MAX_ROWS is 0", "FILES_QUOTA_BYTES is 0"] {
            assert!(faults.iter().any(|fault| fault.contains(name)), "{name} is not told: {faults:?}");
        }
    }

    #[test]
    fn logs_by_default_where_nothing_is_said() {
        let default = of(&[]).unwrap().log_filter;
        assert_eq!(of(&[("RUST_LOG", "")]).unwrap().log_filter, default);
        assert!(default.starts_with("info,"));
        assert_eq!(of(&[("RUST_LOG", "debug,sqlx=off")]).unwrap().log_filter, "debug,sqlx=off");
    }

    #[test]
    fn what_only_the_caller_can_read_is_told_with_the_rest() {
        let vars = [("BIND".to_owned(), "here".to_owned()), ("PERSISTED_DOCUMENTS".to_owned(), "/there".to_owned())];
        let faults = Settings::read(vars.into(), |settings| vec![format!("{:?} is bad", settings.persisted_documents)]).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn tells_which_addresses_are_none() {
        let bad: &[(&str, &str)] = &[
            ("PUBLIC_URL", "teranga.example"),
            ("PUBLIC_URL", "ftp://teranga.example"),
            ("PUBLIC_URL", "https://teranga.example/?from=here"),
            ("CORS_ORIGINS", "app.teranga.example"),
            ("CORS_ORIGINS", "https://app.teranga.example/page"),
            ("SMTP_URL", "mail.teranga.example:587"),
            ("SMTP_URL", "http://mail.teranga.example"),
            ("MAIL_FROM", "Teranga ne-pas-repondre at teranga"),
            ("TWILIO_BASE_URL", "api.twilio.com"),
        ];
        for (name, value) in bad {
            let all = [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t"), ("TWILIO_WHATSAPP_FROM", "+1415"), (*name, *value)];
            let faults = of(&all).expect_err(value);
            assert!(faults.len() == 1 && faults[0].starts_with(name), "{name}={value}: {faults:?}");
        }
        let secret = of(&[("SMTP_URL", "smtp:geheim")]).unwrap_err();
        assert!(!secret[0].contains("geheim"), "{secret:?}");
        let good = of(&[
            ("PUBLIC_URL", "https://teranga.example/shop/"),
            ("CORS_ORIGINS", "https://app.teranga.example, http://localhost:5173/"),
            ("SMTP_URL", "smtps://awa:pass@mail.teranga.example:465"),
            ("MAIL_FROM", "bonjour@teranga.example"),
        ]);
        assert_eq!(good.unwrap().public_url, "https://teranga.example/shop");
    }

    #[test]
    fn warns_of_whatsapp_without_a_template() {
        let twilio = [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "t"), ("TWILIO_WHATSAPP_FROM", "+1415")];
        let warned = of(&twilio).unwrap().warnings();
        assert!(warned.len() == 1 && warned[0].contains("TWILIO_ALERT_CONTENT_SID"), "{warned:?}");
        let whole: Vec<_> = twilio.into_iter().chain([("TWILIO_ALERT_CONTENT_SID", "HX1")]).collect();
        assert!(of(&whole).unwrap().warnings().is_empty() && of(&[]).unwrap().warnings().is_empty());
    }

    #[test]
    fn bounds_of_none_are_told() {
        for (name, value) in [("DATABASE_MAX_CONNECTIONS", "0"), ("DATABASE_MAX_CONNECTIONS", "1"), ("UPLOAD_IDLE_SECONDS", "0")] {
            let faults = of(&[(name, value)]).unwrap_err();
            assert!(faults.len() == 1 && faults[0].starts_with(&format!("{name} is {value}")), "{faults:?}");
        }
        assert_eq!(of(&[("DATABASE_MAX_CONNECTIONS", "2")]).unwrap().database.max_connections, 2);
        let server = ("DATABASE_URL", "postgres://teranga@db/teranga");
        assert!(of(&[("DATABASE_MAX_CONNECTIONS", "2"), server]).unwrap_err()[0].starts_with("DATABASE_MAX_CONNECTIONS is 2; 3 at least"));
    }

    #[test]
    fn an_empty_file_is_no_secret() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), " \n").unwrap();
        for name in ["SECRET_KEY", "METRICS_TOKEN", "TWILIO_AUTH_TOKEN", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SENTRY_DSN"] {
            let variable = format!("{name}_FILE");
            let faults = of(&[(&variable, file.path().to_str().unwrap()), ("TWILIO_WHATSAPP_FROM", "+1415")]).unwrap_err();
            assert!(faults.len() == 1 && faults[0].starts_with(&variable) && faults[0].contains("is empty"), "{faults:?}");
        }
        std::fs::write(file.path(), "redis://127.0.0.1\n").unwrap();
        let good = of(&[("REDIS_URL_FILE", file.path().to_str().unwrap())]).unwrap();
        assert_eq!(good.redis_url.as_deref(), Some("redis://127.0.0.1"));
    }

    #[test]
    fn only_this_machine_may_be_spoken_to_without_tls_in_production() {
        let with = |url| of(&[("ENVIRONMENT", "production"), ("SECRET_KEY", &"k".repeat(32)), ("PUBLIC_URL", url)]);
        for own in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "https://teranga.example"] {
            assert!(with(own).is_ok(), "{own}");
        }
        for elsewhere in ["http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://127.evil.example", "http://10.0.0.1"] {
            assert!(with(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn reads_the_ranges_of_trusted_proxies() {
        let settings = of(&[("TRUSTED_PROXIES", "10.0.0.0/8, ::1")]).unwrap();
        assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
    }

    #[test]
    fn leaves_the_worker_out_of_an_api_with_redis() {
        assert_eq!(of(&[("REDIS_URL", "redis://127.0.0.1")]).unwrap().worker, WorkerMode::Off);
    }
}
