use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use services::locale::Locale;
use services::work::{JobKind, Running};
use services::{App, Error, Result, Scope, SystemScope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

type Handler = Arc<dyn Fn(App, Running) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What runs the jobs of one kind.
#[derive(Clone)]
pub struct Entry {
    pub kind: &'static str,
    pub queue: &'static str,
    pub timeout: Duration,
    at_once: usize,
    handler: Handler,
}

impl Entry {
    /// Runs one job.
    pub async fn run(&self, app: App, job: Running) -> Result<()> {
        (self.handler)(app, job).await
    }
}

/// The kinds of job this process can run, and thereby the queues it serves.
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Entry>);

impl Registry {
    /// Jobs of one organisation: `.organization(|scope, job, payload: P| async move { domain::act(&scope, &job, payload).await })`.
    #[must_use]
    pub fn organization<P, F>(self, run: impl Fn(Scope, Running, P) -> F + Send + Sync + 'static) -> Self
    where
        P: JobKind + DeserializeOwned + Send,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.add::<P>(move |app, job, payload| {
            let scope = Scope::system(&app, job.tenant, Locale::default());
            if let Some(request_id) = &job.trace {
                scope.trace(request_id.as_str().into());
            }
            Box::pin(run(scope, job, payload))
        })
    }

    /// Jobs of the platform, over all organisations.
    #[must_use]
    pub fn platform<P, F>(self, run: impl Fn(SystemScope, Running, P) -> F + Send + Sync + 'static) -> Self
    where
        P: JobKind + DeserializeOwned + Send,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.add::<P>(move |app, job, payload| Box::pin(run(SystemScope::new(&app), job, payload)))
    }

    fn add<P: JobKind + DeserializeOwned + Send>(
        mut self,
        run: impl Fn(App, Running, P) -> BoxFuture<'static, Result<()>> + Send + Sync + 'static,
    ) -> Self {
        let handler: Handler = Arc::new(move |app, job| match serde_json::from_str::<P>(&job.payload) {
            Ok(payload) => run(app, job, payload),
            Err(error) => Box::pin(async move { Err(Error::BadArgument(format!("the payload cannot be read: {error}"))) }),
        });
        self.0.insert(P::KIND, Entry { kind: P::KIND, queue: P::QUEUE, timeout: P::TIMEOUT, at_once: P::AT_ONCE, handler });
        self
    }

    pub fn get(&self, kind: &str) -> Option<&Entry> {
        self.0.get(kind)
    }

    /// How many jobs of a queue may run here at the same time.
    pub fn at_once(&self, queue: &str) -> usize {
        self.0.values().filter(|entry| entry.queue == queue).map(|entry| entry.at_once).min().unwrap_or(usize::MAX)
    }

    /// The queues of its kinds, by name.
    pub fn queues(&self) -> Vec<&'static str> {
        let queues: BTreeSet<&'static str> = self.0.values().map(|entry| entry.queue).collect();
        queues.into_iter().collect()
    }
}
