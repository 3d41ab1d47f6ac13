//! The buckets all processes share, in Redis.

use super::Bucket;
use super::quota::Ask;
use crate::scope::Random;
use crate::{Error, Result};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisResult, Script, ScriptInvocation};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long an operation, or a try to find Redis again, waits for an answer.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often a process says that it counts here, or looks whether Redis is back.
const BEAT: Duration = Duration::from_secs(1);

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));
static PROCESSES: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("processes.lua")));

/// The way to Redis; opened when first asked, so that processes that count nothing are not counted.
pub(super) struct Link {
    client: redis::Client,
    prefix: String,
    /// What this process is called among those that count.
    name: String,
    patience: Duration,
    begun: OnceCell<()>,
    open: Mutex<Option<Open>>,
    serial: AtomicU64,
    processes: AtomicU32,
}

/// A connection that answered; numbered, so that what failed on one before does not close it.
#[derive(Clone)]
struct Open {
    serial: u64,
    connection: MultiplexedConnection,
}

impl Link {
    pub fn to(url: &str, installation: &str) -> Result<Self> {
        let client = redis::Client::open(url).map_err(Error::internal)?;
        let prefix = format!("teranga:{installation}:limit");
        let name = hex::encode(Random::System.bytes::<8>());
        let (begun, open) = (OnceCell::new(), Mutex::default());
        Ok(Self { client, prefix, name, patience: PATIENCE, begun, open, serial: AtomicU64::new(0), processes: AtomicU32::new(1) })
    }

    /// For tests on machines so busy that Redis is late without being away.
    #[cfg(test)]
    pub fn patient(self) -> Self {
        Self { patience: Duration::from_secs(20), ..self }
    }

    #[cfg(test)]
    pub fn is_open(&self) -> bool {
        self.open().is_some()
    }

    /// How many processes counted together when last heard of, this one among them.
    pub fn processes(&self) -> u32 {
        self.processes.load(Ordering::Relaxed).max(1)
    }

    /// Whether units were granted, and the debt of the bucket now; nothing when Redis is away.
    pub async fn take(self: &Arc<Self>, bucket: Bucket, ask: &Ask, unsaid: i64) -> Option<(bool, i64)> {
        self.begun.get_or_init(|| self.begin()).await;
        let mut open = self.open()?;
        let mut script = TAKE.key(self.key(bucket));
        script.arg(ask.cost).arg(ask.room).arg(unsaid).arg(ask.longest);
        match self.answer::<(bool, i64)>(&script, &mut open.connection).await {
            Ok(decided) => Some(decided),
            Err(error) => {
                self.lose(open.serial, &error);
                None
            }
        }
    }

    fn key(&self, bucket: Bucket) -> String {
        match bucket {
            Bucket::User(user) => format!("{}:user:{user}", self.prefix),
            Bucket::Address(address) => format!("{}:address:{address}", self.prefix),
        }
    }

    async fn begin(self: &Arc<Self>) {
        self.beat().await;
        let link = Arc::downgrade(self);
        tokio::spawn(beat_while_alive(link));
    }

    /// Says that this process counts, on the connection there is or a new one.
    async fn beat(&self) {
        let known = self.open();
        match self.introduce(known.as_ref().map(|open| open.connection.clone())).await {
            Ok((connection, processes)) => {
                self.processes.store(processes, Ordering::Relaxed);
                if known.is_none() {
                    tracing::info!("limits are counted together through Redis");
                    let serial = self.serial.fetch_add(1, Ordering::Relaxed);
                    *self.slot() = Some(Open { serial, connection });
                }
            }
            Err(error) => known.iter().for_each(|open| self.lose(open.serial, &error)),
        }
    }

    async fn introduce(&self, connection: Option<MultiplexedConnection>) -> RedisResult<(MultiplexedConnection, u32)> {
        let mut connection = match connection {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut script = PROCESSES.key(format!("{}:processes", self.prefix));
        script.arg(&self.name);
        let processes = self.answer(&script, &mut connection).await?;
        Ok((connection, processes))
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(self.patience)).set_connection_timeout(Some(self.patience));
        let opening = self.client.get_multiplexed_async_connection_with_config(&config);
        tokio::time::timeout(self.patience, opening).await.unwrap_or_else(|_| Err(late()))
    }

    /// One round trip; a second one when Redis does not know the script yet.
    async fn answer<T: redis::FromRedisValue>(&self, script: &ScriptInvocation<'_>, to: &mut MultiplexedConnection) -> RedisResult<T> {
        let answer = tokio::time::timeout(self.patience, script.invoke_async(to)).await;
        answer.unwrap_or_else(|_| Err(late()))
    }

    fn lose(&self, serial: u64, error: &redis::RedisError) {
        let mut open = self.slot();
        if open.as_ref().is_some_and(|open| open.serial == serial) {
            *open = None;
            tracing::warn!(%error, "Redis is away, so this process limits by itself at its share of {}", self.processes());
        }
    }

    fn open(&self) -> Option<Open> {
        self.slot().clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn beat_while_alive(link: Weak<Link>) {
    loop {
        tokio::time::sleep(BEAT).await;
        let Some(link) = link.upgrade() else { return };
        link.beat().await;
    }
}

fn late() -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
