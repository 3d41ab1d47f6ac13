use crate::{Error, Result};
use entities::TenantId;
use futures_util::StreamExt;
use redis::aio::ConnectionManager;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// Tells the readers of a stream that it has grown, in this process and, through one Redis connection, in all others.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    streams: Mutex<HashMap<(TenantId, String), Weak<watch::Sender<i64>>>>,
    /// To the task that publishes to Redis; full or gone, the announcement is dropped and readers look by themselves.
    outside: Option<mpsc::Sender<String>>,
}

/// A reader's ear at one stream: wakes with the latest known number.
pub struct Listener {
    numbers: watch::Receiver<i64>,
    // Keeps the stream's entry alive while anyone listens.
    _sender: Arc<watch::Sender<i64>>,
}

impl Listener {
    /// Waits for a new number, at most a second: a lost announcement costs no more.
    pub async fn heard(&mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.numbers.changed()).await;
    }
}

const CHANNEL: &str = "teranga:streams";

impl Hub {
    /// Starts the hub; with Redis, the two tasks that speak and listen there. A Redis that is away is tried again for ever.
    pub(crate) async fn start(redis_url: Option<&str>) -> Result<Self> {
        let Some(url) = redis_url else {
            return Ok(Self(Arc::new(Shared { streams: Mutex::default(), outside: None })));
        };
        let client = redis::Client::open(url).map_err(Error::internal)?;
        let (outside, queue) = mpsc::channel(4096);
        let shared = Arc::new(Shared { streams: Mutex::default(), outside: Some(outside) });
        tokio::spawn(speak(client.clone(), queue));
        tokio::spawn(listen(client, Arc::downgrade(&shared)));
        Ok(Self(shared))
    }

    /// Listens to a stream from now on.
    pub(crate) fn listen(&self, tenant: TenantId, stream: &str) -> Listener {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant, stream.to_owned());
        let sender = streams.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            if streams.len() % 1024 == 1023 {
                streams.retain(|_, sender| sender.strong_count() > 0);
            }
            let sender = Arc::new(watch::Sender::new(0));
            streams.insert(key, Arc::downgrade(&sender));
            sender
        });
        Listener { numbers: sender.subscribe(), _sender: sender }
    }

    /// Announces the new last numbers of an organisation's streams.
    pub(crate) fn announce(&self, tenant: TenantId, numbered: Vec<(String, i64)>) {
        for (stream, seq) in numbered {
            if let Some(outside) = &self.0.outside {
                let _ = outside.try_send(format!("{tenant} {seq} {stream}"));
            }
            self.0.hear(tenant, stream, seq);
        }
    }
}

impl Shared {
    fn hear(&self, tenant: TenantId, stream: String, seq: i64) {
        let sender = self.streams.lock().unwrap_or_else(PoisonError::into_inner).get(&(tenant, stream)).and_then(Weak::upgrade);
        if let Some(sender) = sender {
            sender.send_if_modified(|known| std::mem::replace(known, seq.max(*known)) < seq);
        }
    }

    fn wake_all(&self) {
        for sender in self.streams.lock().unwrap_or_else(PoisonError::into_inner).values().filter_map(Weak::upgrade) {
            sender.send_modify(|_| {});
        }
    }
}

async fn speak(client: redis::Client, mut queue: mpsc::Receiver<String>) {
    let mut connection: Option<ConnectionManager> = None;
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, 256).await > 0 {
        if connection.is_none() {
            connection = client.get_connection_manager().await.ok();
        }
        let mut pipe = redis::pipe();
        for message in batch.drain(..) {
            pipe.publish(CHANNEL, message).ignore();
        }
        if let Some(open) = &mut connection
            && let Err(error) = pipe.query_async::<()>(open).await
        {
            tracing::warn!(%error, "could not announce events through Redis");
            connection = None;
        }
    }
}

async fn listen(client: redis::Client, shared: Weak<Shared>) {
    while shared.strong_count() > 0 {
        if let Err(error) = hear_until_cut(&client, &shared).await {
            tracing::warn!(%error, "lost the Redis subscription; readers look into the table meanwhile");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn hear_until_cut(client: &redis::Client, shared: &Weak<Shared>) -> redis::RedisResult<()> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    // What was announced while we were away is in the table: everybody looks.
    if let Some(shared) = shared.upgrade() {
        shared.wake_all();
    }
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        let Some(shared) = shared.upgrade() else { return Ok(()) };
        let text: String = message.get_payload()?;
        if let Some((tenant, seq, stream)) = parse(&text) {
            shared.hear(tenant, stream.to_owned(), seq);
        }
    }
    Ok(())
}

fn parse(text: &str) -> Option<(TenantId, i64, &str)> {
    let (tenant, rest) = text.split_once(' ')?;
    let (seq, stream) = rest.split_once(' ')?;
    Some((TenantId(Uuid::parse_str(tenant).ok()?), seq.parse().ok()?, stream))
}
