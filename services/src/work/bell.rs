use super::NewJob;
use crate::{Error, Result};
use entities::Timestamp;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Wakes workers after a commit: in this process, and through Redis lists in the others.
///
/// It carries hints, never truth: a lost ring costs at most a second, because workers also ask the ledger by themselves.
#[derive(Clone)]
pub struct Bell(Arc<Shared>);

struct Shared {
    queues: Mutex<HashMap<String, Arc<Notify>>>,
    outside: Option<mpsc::Sender<(&'static str, String)>>,
    client: Option<redis::Client>,
}

impl Bell {
    pub(crate) async fn start(redis_url: Option<&str>) -> Result<Self> {
        let Some(url) = redis_url else {
            return Ok(Self(Arc::new(Shared { queues: Mutex::default(), outside: None, client: None })));
        };
        let client = redis::Client::open(url).map_err(Error::internal)?;
        let (outside, rings) = mpsc::channel(8192);
        tokio::spawn(push(client.clone(), rings));
        Ok(Self(Arc::new(Shared { queues: Mutex::default(), outside: Some(outside), client: Some(client) })))
    }

    /// Rings for the jobs that are due; never waits, and drops the ring when Redis is away.
    pub(crate) fn announce(&self, jobs: &[NewJob], now: Timestamp) {
        for job in jobs.iter().filter(|job| job.run_at.is_none_or(|at| at <= now)) {
            match &self.0.outside {
                Some(outside) => drop(outside.try_send((job.queue, job.id.to_string()))),
                None => self.notify(job.queue).notify_one(),
            }
        }
    }

    /// An ear for the rings of one queue.
    pub async fn waiter(&self, queue: &str) -> Waiter {
        match &self.0.client {
            Some(client) => Waiter::Redis { client: client.clone(), key: key(queue), connection: Box::default() },
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
    Redis { client: redis::Client, key: String, connection: Box<Option<redis::aio::MultiplexedConnection>> },
}

impl Waiter {
    /// Waits for a ring, at most a second.
    pub async fn wait(&mut self, batch: usize) {
        match self {
            Self::Local(notify) => drop(tokio::time::timeout(Duration::from_secs(1), notify.notified()).await),
            Self::Redis { client, key, connection } => {
                if let Err(error) = pop(client, key, connection, batch).await {
                    **connection = None;
                    tracing::debug!(%error, "no ring from Redis; asking the ledger instead");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

async fn pop(
    client: &redis::Client,
    key: &str,
    connection: &mut Option<redis::aio::MultiplexedConnection>,
    batch: usize,
) -> redis::RedisResult<()> {
    if connection.is_none() {
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(5)));
        *connection = Some(client.get_multiplexed_async_connection_with_config(&config).await?);
    }
    let Some(open) = connection else { return Ok(()) };
    let mut command = redis::cmd("BLMPOP");
    command.arg(1).arg(1).arg(key).arg("LEFT").arg("COUNT").arg(batch.max(1));
    command.query_async::<redis::Value>(open).await.map(drop)
}

fn key(queue: &str) -> String {
    format!("teranga:queue:{queue}")
}

async fn push(client: redis::Client, mut rings: mpsc::Receiver<(&'static str, String)>) {
    let config = || ConnectionManagerConfig::new().set_number_of_retries(1).set_response_timeout(Some(Duration::from_secs(5)));
    let mut connection: Option<ConnectionManager> = None;
    let mut batch = Vec::new();
    while rings.recv_many(&mut batch, 512).await > 0 {
        if connection.is_none() {
            connection = client.get_connection_manager_with_config(config()).await.ok();
        }
        let mut pipe = redis::pipe();
        for (queue, id) in batch.drain(..) {
            pipe.rpush(key(queue), id).ignore();
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
