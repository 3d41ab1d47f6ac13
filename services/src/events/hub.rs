use super::redis_wire;
use super::shelf::Channel;
use crate::{App, Result};
use entities::TenantId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};

/// Tells the readers of a stream that it has grown, in this process and, through one Redis connection, in all others.
///
/// A number heard too late or never is found by the [`tail`](super::tail), one statement a process.
#[derive(Clone)]
pub struct Hub(pub(super) Arc<Shared>);

pub(super) struct Shared {
    channels: Mutex<HashMap<(TenantId, String), Weak<Channel>>>,
    /// To the task that publishes to Redis.
    outside: Option<mpsc::Sender<String>>,
    /// That an announcement found no room on its way to Redis.
    pub(super) missed: AtomicBool,
    /// Whether the subscription at Redis stands.
    pub(super) hears: AtomicBool,
    pub(super) look: Notify,
}

/// A reader's ear at one stream.
#[derive(Clone)]
pub(super) struct Listener {
    pub channel: Arc<Channel>,
    pub numbers: watch::Receiver<i64>,
}

/// How often the tail looks while nothing can be heard, and while all should be.
const DEAF: Duration = Duration::from_secs(1);
const HEARING: Duration = Duration::from_secs(15);

impl Hub {
    /// Starts the hub; with Redis, the two tasks that speak and listen there. A Redis that is away is tried again for ever.
    pub(crate) async fn start(redis_url: Option<&str>) -> Result<Self> {
        let wire = redis_url.map(redis_wire::open).transpose()?;
        let (outside, queue) = match wire {
            Some(_) => Some(mpsc::channel(4096)).unzip(),
            None => (None, None),
        };
        let shared = Arc::new(Shared {
            channels: Mutex::default(),
            outside,
            missed: AtomicBool::new(false),
            hears: AtomicBool::new(false),
            look: Notify::new(),
        });
        if let Some((client, queue)) = wire.zip(queue) {
            tokio::spawn(redis_wire::speak(client.clone(), queue, Arc::downgrade(&shared)));
            tokio::spawn(redis_wire::listen(client, Arc::downgrade(&shared)));
        }
        Ok(Self(shared))
    }

    /// Whether other processes may write without our hearing of it: not on a SQLite file alone.
    pub(crate) fn needs_tail(&self, app: &App) -> bool {
        self.0.outside.is_some() || app.database().sqlite_path().is_none()
    }

    /// Listens to a stream from now on.
    pub(super) fn listen(&self, tenant: TenantId, stream: &str) -> Listener {
        let mut channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant, stream.to_owned());
        let channel = channels.get(&key).and_then(Weak::upgrade).unwrap_or_else(|| {
            if channels.len() % 1024 == 1023 {
                channels.retain(|_, channel| channel.strong_count() > 0);
            }
            let channel = Arc::new(Channel::default());
            channels.insert(key, Arc::downgrade(&channel));
            channel
        });
        Listener { numbers: channel.known.subscribe(), channel }
    }

    /// Announces the new last numbers of an organisation's streams.
    pub(crate) fn announce(&self, tenant: TenantId, numbered: Vec<(String, i64)>) {
        for (stream, seq) in numbered {
            if let Some(outside) = &self.0.outside
                && outside.try_send(format!("{tenant} {seq} {stream}")).is_err()
            {
                self.0.missed.store(true, Ordering::Release);
            }
            self.0.hear(tenant, stream, seq);
        }
    }

    /// The streams that somebody in this process follows.
    pub(super) fn listened(&self) -> Vec<(TenantId, String)> {
        let channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.iter().filter(|(_, channel)| channel.strong_count() > 0).map(|(key, _)| key.clone()).collect()
    }

    /// Waits until it is time to look into the table, or until something may have been missed.
    pub(super) async fn until_look(&self) {
        let pause = if self.0.hears.load(Ordering::Acquire) { HEARING } else { DEAF };
        let _ = tokio::time::timeout(pause, self.0.look.notified()).await;
    }
}

impl Shared {
    pub(super) fn hear(&self, tenant: TenantId, stream: String, seq: i64) {
        let channel = self.channels.lock().unwrap_or_else(PoisonError::into_inner).get(&(tenant, stream)).and_then(Weak::upgrade);
        if let Some(channel) = channel {
            channel.hear(seq);
        }
    }
}
