use super::NewJob;
use crate::{Error, Result};
use entities::Timestamp;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

/// Wakes workers after a commit: in this process, and through Redis lists in the others.
///
/// It carries hints, never truth: a lost ring costs at most a second, because workers also ask the ledger by themselves.
#[derive(Clone)]
pub struct Bell(Arc<Shared>);

struct Shared {
    queues: Mutex<HashMap<String, Arc<Notify>>>,
    outside: Option<mpsc::Sender<(String, String)>>,
    client: Option<redis::Client>,
    /// Keeps installations that share one Redis from waking each other's workers.
    installation: String,
}

/// The most rings a queue keeps; more would only wake workers that already look.
const MOST_RINGS: isize = 1000;

/// How long a wait for a ring blocks, and how often the ledger is asked without one.
const WAIT: Duration = Duration::from_secs(1);
/// How long an answer to a command is waited for: a Redis that hangs must not keep workers from the ledger.
const PATIENCE: Duration = Duration::from_millis(1500);

impl Bell {
    pub(crate) async fn start(redis_url: Option<&str>, database_url: &str) -> Result<Self> {
        let installation = installation(database_url);
        let Some(url) = redis_url else {
            return Ok(Self(Arc::new(Shared { queues: Mutex::default(), outside: None, client: None, installation })));
        };
        let client = redis::Client::open(url).map_err(Error::internal)?;
        let (outside, rings) = mpsc::channel(8192);
        tokio::spawn(push(client.clone(), rings));
        Ok(Self(Arc::new(Shared { queues: Mutex::default(), outside: Some(outside), client: Some(client), installation })))
    }

    /// Rings for the jobs that are due; never waits, and drops the ring when Redis is away.
    pub(crate) fn announce(&self, jobs: &[NewJob], now: Timestamp) {
        for job in jobs.iter().filter(|job| job.run_at.is_none_or(|at| at <= now)) {
            self.ring(job.queue, &job.id.to_string());
        }
    }

    /// Rings once, for a job that is already in the ledger.
    pub(crate) fn ring(&self, queue: &str, hint: &str) {
        match &self.0.outside {
            Some(outside) => drop(outside.try_send((self.key(queue), hint.to_owned()))),
            None => self.notify(queue).notify_one(),
        }
    }

    fn key(&self, queue: &str) -> String {
        format!("teranga:{}:queue:{queue}", self.0.installation)
    }

    /// An ear for the rings of one queue.
    pub async fn waiter(&self, queue: &str) -> Waiter {
        match &self.0.client {
            Some(client) => Waiter::Redis(Box::new(Ear { client: client.clone(), key: self.key(queue), connection: None, deaf: false })),
            None => Waiter::Local(self.notify(queue)),
        }
    }

    fn notify(&self, queue: &str) -> Arc<Notify> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner).entry(queue.to_owned()).or_default().clone()
    }
}

/// Waits for rings of one queue.
pub enum Waiter {
    Local(Arc<Notify>),
    Redis(Box<Ear>),
}

/// An ear at one list of Redis, on a connection of its own because it blocks.
pub struct Ear {
    client: redis::Client,
    key: String,
    connection: Option<redis::aio::MultiplexedConnection>,
    /// Whether Redis was away the last time, and has been told of.
    deaf: bool,
}

impl Waiter {
    /// Waits for a ring, at most a second.
    pub async fn wait(&mut self, batch: usize) {
        match self {
            Self::Local(notify) => drop(tokio::time::timeout(WAIT, notify.notified()).await),
            Self::Redis(ear) => ear.wait(batch).await,
        }
    }
}

impl Ear {
    async fn wait(&mut self, batch: usize) {
        let began = Instant::now();
        match self.pop(batch).await {
            Ok(()) if self.deaf => {
                tracing::info!("Redis is back: jobs start at once again");
                self.deaf = false;
            }
            Ok(()) => {}
            Err(error) => {
                if !self.deaf {
                    tracing::warn!("Redis is away, so jobs are found by asking the ledger each second: {error}");
                }
                (self.connection, self.deaf) = (None, true);
                tokio::time::sleep(WAIT.saturating_sub(began.elapsed())).await;
            }
        }
    }

    async fn pop(&mut self, batch: usize) -> redis::RedisResult<()> {
        if self.connection.is_none() {
            let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE)).set_connection_timeout(Some(WAIT));
            let open = tokio::time::timeout(WAIT, self.client.get_multiplexed_async_connection_with_config(&config)).await;
            self.connection = Some(open.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??);
        }
        let Some(open) = &mut self.connection else { return Ok(()) };
        let mut command = redis::cmd("BLMPOP");
        command.arg(1).arg(1).arg(&self.key).arg("LEFT").arg("COUNT").arg(batch.max(1));
        command.query_async::<redis::Value>(open).await.map(drop)
    }
}

/// The name of the database, the same for every process of an installation however it spells the address.
pub(crate) fn installation(database_url: &str) -> String {
    let path = database_url.split('?').next().unwrap_or_default();
    path.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

async fn push(client: redis::Client, mut rings: mpsc::Receiver<(String, String)>) {
    let config = || {
        let config = ConnectionManagerConfig::new().set_number_of_retries(1).set_response_timeout(Some(PATIENCE));
        config.set_connection_timeout(Some(PATIENCE))
    };
    let mut connection: Option<ConnectionManager> = None;
    let mut batch = Vec::new();
    while rings.recv_many(&mut batch, 512).await > 0 {
        if connection.is_none() {
            connection = client.get_connection_manager_with_config(config()).await.ok();
        }
        let mut pipe = redis::pipe();
        let mut keys = std::collections::BTreeSet::new();
        for (key, id) in batch.drain(..) {
            pipe.rpush(&key, id).ignore();
            keys.insert(key);
        }
        for key in keys {
            pipe.ltrim(key, -MOST_RINGS, -1).ignore();
        }
        if let Some(open) = &mut connection
            && let Err(error) = pipe.query_async::<()>(open).await
        {
            tracing::warn!(%error, "could not ring for jobs through Redis; workers find them within a second");
            connection = None;
        }
    }
}

/// Whether Redis answers within a second.
pub async fn redis_answers(url: &str) -> bool {
    let ping = async {
        let mut open = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut open).await
    };
    matches!(tokio::time::timeout(Duration::from_secs(1), ping).await, Ok(Ok(_)))
}
