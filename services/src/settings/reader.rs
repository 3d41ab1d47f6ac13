//! Reading one variable: its form, its default, and what is told when it is none.

use super::{Environment, Issuer, Messaging, Network, Twilio};
use crate::limits::Quota;
use crate::scope::DatabaseOptions;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::Url;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// An address that pages and callbacks can be built on.
fn is_web(text: &str) -> bool {
    let plain = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none() && url.fragment().is_none();
    Url::parse(text).is_ok_and(plain)
}

/// What a browser says of a page: scheme, host and port, without a path.
fn is_origin(text: &str) -> bool {
    is_web(text) && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

/// The name in an address, as a `Host` header has it: in small letters, an address of IPv6 in brackets.
fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// A name alone, as [`host_of`] has it.
fn is_host(text: &str) -> bool {
    host_of(&format!("http://{text}/")).is_some_and(|host| host == text)
}

/// Reads variables one by one and keeps what is wrong with them.
pub(super) struct Reader {
    pub vars: BTreeMap<String, String>,
    pub faults: Vec<String>,
}

impl Reader {
    pub fn raw(&self, name: &str) -> Option<String> {
        self.vars.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub fn text(&self, name: &str, default: &str) -> String {
        self.raw(name).unwrap_or_else(|| default.to_owned())
    }

    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.raw(name).unwrap_or_default();
        text.split(',').map(|one| one.trim().trim_end_matches('/').to_owned()).filter(|one| !one.is_empty()).collect()
    }

    /// Without a trailing slash.
    pub fn web_address(&mut self, name: &str, default: &str) -> String {
        let text = self.text(name, default).trim_end_matches('/').to_owned();
        if !is_web(&text) {
            self.faults.push(format!("{name} is `{text}`, not an address such as https://teranga.example"));
        }
        text
    }

    pub fn origins(&mut self, name: &str) -> Vec<String> {
        let origins = self.list(name);
        let bad = origins.iter().filter(|origin| *origin != "*" && !is_origin(origin));
        let bad: Vec<String> =
            bad.map(|origin| format!("{name} has `{origin}`, not an origin such as https://app.teranga.example")).collect();
        self.faults.extend(bad);
        origins
    }

    /// The names given, and always that of our own address; while developing those of this machine, too.
    pub fn hosts(&mut self, name: &str, public_url: &str, environment: Environment) -> Vec<String> {
        let mut hosts: Vec<String> = self.list(name).iter().map(|host| host.to_lowercase()).collect();
        let bad = hosts.iter().filter(|host| *host != "*" && !is_host(host));
        let bad: Vec<String> = bad.map(|host| format!("{name} has `{host}`, not a name such as teranga.example, without a port")).collect();
        self.faults.extend(bad);
        hosts.extend(host_of(public_url));
        if environment == Environment::Development {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        hosts
    }

    /// So many units an hour, and at once; none an hour counts nothing.
    pub fn quota(&mut self, name: &str, hourly: u32, burst: u32) -> Option<Quota> {
        let hourly = self.parsed(name, hourly, "a number of units an hour, 0 for no limit");
        let burst_name = format!("{name}_BURST");
        let burst = self.parsed(&burst_name, burst, "a number of units");
        if burst == 0 {
            self.faults.push(format!("{burst_name} is 0; one unit at least"));
        }
        Quota::new(hourly, burst)
    }

    /// The value, or the content of the file that `NAME_FILE` names.
    pub fn secret(&mut self, name: &str) -> Option<String> {
        let Some(path) = self.raw(&format!("{name}_FILE")) else { return self.raw(name) };
        let fault = match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Some(text.trim().to_owned()),
            Ok(_) => format!("{name}_FILE: {path} is empty; write the secret into it, or unset {name}_FILE"),
            Err(e) => format!("{name}_FILE: {path} cannot be read: {e}"),
        };
        self.faults.push(fault);
        None
    }

    pub fn maybe<T: FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let text = self.raw(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.faults.push(format!("{name} is `{text}`, not {wanted}"));
        }
        value
    }

    pub fn networks(&mut self, name: &str) -> Vec<Network> {
        let (networks, bad): (Vec<_>, Vec<_>) =
            self.list(name).into_iter().map(|text| text.parse().map_err(|()| text)).partition(Result::is_ok);
        let bad = bad.into_iter().filter_map(Result::err);
        self.faults.extend(bad.map(|text| format!("{name} has `{text}`, not an address or a range such as 10.0.0.0/8")));
        networks.into_iter().flatten().collect()
    }

    pub fn sentry_dsn(&mut self) -> Option<String> {
        let dsn = self.secret("SENTRY_DSN")?;
        if dsn.parse::<sentry::types::Dsn>().is_err() {
            self.faults.push("SENTRY_DSN is not an address such as https://key@sentry.example/1".into());
        }
        Some(dsn)
    }

    pub fn parsed<T: FromStr>(&mut self, name: &str, default: T, wanted: &str) -> T {
        let Some(text) = self.raw(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{name} is `{text}`, not {wanted}"));
            default
        })
    }

    pub fn log_filter(&mut self) -> String {
        let filter = self.text("RUST_LOG", "info,sqlx=warn,apalis_core=warn");
        if let Err(why) = EnvFilter::try_new(&filter) {
            self.faults.push(format!("RUST_LOG is `{filter}`, not a list of levels such as info,sqlx=warn: {why}"));
        }
        filter
    }

    pub fn seconds(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_secs(self.limit(name, default, "second"))
    }

    /// A limit of none would let nothing through.
    pub fn limit(&mut self, name: &str, default: u64, unit: &str) -> u64 {
        let limit = self.parsed(name, default, &format!("a number of {unit}s"));
        if limit == 0 {
            self.faults.push(format!("{name} is 0; one {unit} at least"));
        }
        limit
    }

    pub fn one_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        self.choice(name, choices, choices[0].1)
    }

    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
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

    pub fn database(&mut self, data_dir: &std::path::Path) -> DatabaseOptions {
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

    pub fn redis_url(&mut self) -> Option<String> {
        let url = self.secret("REDIS_URL")?;
        if !["redis://", "rediss://", "unix:"].iter().any(|scheme| url.starts_with(scheme)) {
            self.faults.push("REDIS_URL is not redis://…, rediss://… or unix:…".into());
        }
        Some(url)
    }

    pub fn messaging(&mut self) -> Messaging {
        Messaging { smtp_url: self.smtp_url(), mail_from: self.mail_from(), twilio: self.twilio() }
    }

    /// The providers named in a list, each with variables of its own; Google's address is known.
    pub fn issuers(&mut self, list: &str) -> Vec<Issuer> {
        let keys = self.list(list);
        let good = |key: &str| {
            key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let bad = keys.iter().filter(|key| !good(key)).map(|key| format!("{list} has `{key}`, not a word of small letters such as google"));
        let bad: Vec<String> = bad.collect();
        self.faults.extend(bad);
        keys.iter().filter(|key| good(key)).filter_map(|key| self.issuer(key)).collect()
    }

    fn issuer(&mut self, key: &str) -> Option<Issuer> {
        let variable = |part: &str| format!("OIDC_{}_{part}", key.to_uppercase());
        let known = if key == "google" { "https://accounts.google.com" } else { "" };
        let url = self.text(&variable("ISSUER"), known);
        // Compared letter by letter with what tokens say: a slash at its end is part of it.
        if !is_web(&url) {
            self.faults.push(format!("{} is `{url}`, not an address such as https://accounts.google.com", variable("ISSUER")));
        }
        let client_id = self.raw(&variable("CLIENT_ID"));
        if client_id.is_none() {
            self.faults.push(format!("{} is not set; the provider gives one for this installation", variable("CLIENT_ID")));
        }
        let client_secret = self.secret(&variable("CLIENT_SECRET"));
        let name = self.text(&variable("NAME"), &format!("{}{}", key[..1].to_uppercase(), &key[1..]));
        Some(Issuer { key: key.to_owned(), name, url, client_id: client_id?, client_secret })
    }

    /// Pages compared letter by letter, so each as it is, with its slash.
    pub fn redirects(&mut self, name: &str) -> Vec<String> {
        let text = self.raw(name).unwrap_or_default();
        let pages: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
        let bad = pages
            .iter()
            .filter(|page| !is_web(page))
            .map(|page| format!("{name} has `{page}`, not an address such as https://app.teranga.example/back"));
        let bad: Vec<String> = bad.collect();
        self.faults.extend(bad);
        pages
    }

    /// Its faults do not repeat it: it holds a password.
    pub fn smtp_url(&mut self) -> Option<String> {
        let url = self.secret("SMTP_URL")?;
        let good = Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
        if !good || AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).is_err() {
            self.faults.push("SMTP_URL is not smtp://user:password@host:port or smtps://…".into());
        }
        Some(url)
    }

    pub fn mail_from(&mut self) -> String {
        let from = self.text("MAIL_FROM", "Teranga <ne-pas-repondre@teranga.example>");
        if from.parse::<Mailbox>().is_err() {
            self.faults.push(format!("MAIL_FROM is `{from}`, not a sender such as Teranga <bonjour@teranga.example>"));
        }
        from
    }

    pub fn twilio(&mut self) -> Option<Twilio> {
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
