//! Telling a Sentry server of errors that are ours, when SENTRY_DSN names one; without it nothing here does anything.
//!
//! What leaves the house: the kind of trouble, a sentence about its cause from which everything is taken out that could be
//! somebody's ([`scrub`]), the place in the code of a panic, ids of the request or the job, release and environment. There
//! are no variables, bodies, addresses, users, host names, breadcrumbs or stack frames, because none are ever collected.

mod scrub;

use crate::settings::{Environment, Settings};
use sentry::protocol::{Event, Exception};
use sentry::transports::DefaultTransportFactory;
use sentry::{Client, ClientOptions, Level};
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use scrub::scrub;

/// Where a library logs values of `DATABASE_URL` that it does not know; nowhere, whatever `RUST_LOG` asks for.
pub const NEVER_LOGGED: &str = "sqlx_postgres::options=off";

static CLIENT: OnceLock<Arc<Client>> = OnceLock::new();

tokio::task_local! {
    static TAGS: Vec<Tag>;
}

/// The name and value of an id by which an event is found again in the log.
pub type Tag = (&'static str, String);

/// What kind of trouble is told of.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// An error that the client saw as INTERNAL.
    Internal,
    /// A defect met in the middle of something.
    Panic,
    /// A job given up.
    DeadJob,
}

impl Trouble {
    fn name(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::Panic => "PANIC",
            Self::DeadJob => "DEAD_JOB",
        }
    }
}

/// Sends what is still waiting when the process ends.
pub struct Guard(Arc<Client>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.close(Some(Duration::from_secs(2)));
    }
}

/// Begins to tell, where a server is named; once in a process.
pub fn start(settings: &Settings, release: &'static str) -> Option<Guard> {
    let dsn = settings.sentry_dsn.as_deref()?.parse().ok()?;
    let mut options = ClientOptions::default();
    options.dsn = Some(dsn);
    options.release = Some(release.into());
    options.environment = Some(if settings.environment == Environment::Production { "production" } else { "development" }.into());
    options.default_integrations = false;
    options.send_default_pii = false;
    options.attach_stacktrace = false;
    options.max_breadcrumbs = 0;
    options.server_name = None;
    options.transport = Some(Arc::new(DefaultTransportFactory));
    let client = Arc::new(Client::from(options));
    CLIENT.set(client.clone()).ok()?;
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        previous(info);
        report_panic(info);
    }));
    Some(Guard(client))
}

/// Does some work whose troubles carry these tags.
pub async fn within<F: Future>(tags: Vec<Tag>, work: F) -> F::Output {
    TAGS.scope(tags, work).await
}

/// The same for work that does not wait.
pub fn within_now<T>(tags: Vec<Tag>, work: impl FnOnce() -> T) -> T {
    TAGS.sync_scope(tags, work)
}

/// Tells of one trouble; its cause is scrubbed here.
pub fn report(trouble: Trouble, cause: &str, tags: &[(&'static str, &str)]) {
    let Some(client) = CLIENT.get() else { return };
    let exception = Exception { ty: trouble.name().to_owned(), value: Some(scrub(cause)), ..Default::default() };
    let mut event = Event { level: Level::Error, exception: vec![exception].into(), ..Default::default() };
    let mut tag = |name: &str, value: &str| drop(event.tags.insert(name.to_owned(), value.to_owned()));
    let _ = TAGS.try_with(|all| all.iter().for_each(|(name, value)| tag(name, value)));
    tags.iter().for_each(|(name, value)| tag(name, value));
    client.capture_event(event, None);
}

fn report_panic(info: &PanicHookInfo<'_>) {
    let text = info.payload_as_str().unwrap_or("a panic without words");
    let place = info.location().map_or_else(String::new, |place| format!("{}:{}", place.file(), place.line()));
    report(Trouble::Panic, text, &[("place", &place)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_server_nothing_is_begun() {
        let settings = Settings::from_map(Default::default()).unwrap();
        assert!(start(&settings, "test").is_none() && CLIENT.get().is_none());
        report(Trouble::Internal, "nobody hears it", &[]);
    }
}
