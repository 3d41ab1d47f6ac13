//! Announcements between processes, over Redis publish and subscribe.

use super::hub::Shared;
use crate::{Error, Result};
use entities::TenantId;
use futures_util::StreamExt;
use redis::AsyncCommands;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

const CHANNEL: &str = "teranga:streams";
/// Something was lost: look into the table.
const LOOK: &str = "*";
/// The least time between two messages: what is announced meanwhile goes with the next, a line each.
const GATHER: Duration = Duration::from_millis(2);
/// The most announcements of one message.
const MOST: usize = 256;
const PAUSE: Duration = Duration::from_millis(500);
/// How long a Redis that hangs is waited for.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often a subscription is tried, and how long three tries are waited for: a Redis that hangs closes nothing.
const BEAT: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(4);

pub(super) fn open(url: &str) -> Result<redis::Client> {
    redis::Client::open(url).map_err(Error::internal)
}

/// Publishes what the queue brings. Whatever is lost on the way is made good by one [`LOOK`] as soon as Redis answers.
pub(super) async fn speak(client: redis::Client, mut queue: mpsc::Receiver<String>, shared: Weak<Shared>) {
    let mut connection = None;
    let (mut batch, mut spoken) = (Vec::new(), Instant::now());
    loop {
        if batch.is_empty() && queue.recv_many(&mut batch, MOST).await == 0 || queue.is_closed() {
            return;
        }
        tokio::time::sleep_until(spoken + GATHER).await;
        batch.extend(std::iter::from_fn(|| queue.try_recv().ok()).take(MOST.saturating_sub(batch.len())));
        if shared.upgrade().is_some_and(|shared| shared.missed.swap(false, Ordering::AcqRel)) {
            batch.push(LOOK.to_owned());
        }
        match publish(&client, &mut connection, &batch).await {
            Ok(()) => (batch, spoken) = (Vec::new(), Instant::now()),
            Err(error) => {
                tracing::warn!(%error, "could not announce events through Redis");
                (connection, batch) = (None, vec![LOOK.to_owned()]);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn publish(client: &redis::Client, connection: &mut Option<MultiplexedConnection>, batch: &[String]) -> redis::RedisResult<()> {
    if connection.is_none() {
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE)).set_connection_timeout(Some(PATIENCE));
        *connection = Some(in_time(PATIENCE, client.get_multiplexed_async_connection_with_config(&config)).await?);
    }
    match connection {
        Some(open) => open.publish(CHANNEL, batch.join("\n")).await,
        None => Ok(()),
    }
}

/// Hears what other processes announce, for as long as the hub lives.
pub(super) async fn listen(client: redis::Client, shared: Weak<Shared>) {
    while shared.strong_count() > 0 {
        let cut = hear_until_cut(&client, &shared).await;
        let Some(shared) = shared.upgrade() else { return };
        shared.hears.store(false, Ordering::Release);
        shared.look.notify_one();
        drop(shared);
        if let Err(error) = cut {
            tracing::warn!(%error, "lost the Redis subscription; the table is looked into meanwhile");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear_until_cut(client: &redis::Client, shared: &Weak<Shared>) -> redis::RedisResult<()> {
    let mut subscription = in_time(PATIENCE, client.get_async_pubsub()).await?;
    in_time(PATIENCE, subscription.subscribe(CHANNEL)).await?;
    if let Some(shared) = shared.upgrade() {
        shared.hears.store(true, Ordering::Release);
        // What was announced while we were away is in the table.
        shared.look.notify_one();
    }
    let (sink, messages) = subscription.split();
    tokio::select! {
        ended = hear(messages, shared) => ended,
        silent = beat(sink) => silent,
    }
}

async fn hear(mut messages: PubSubStream, shared: &Weak<Shared>) -> redis::RedisResult<()> {
    while let Some(message) = messages.next().await {
        let Some(shared) = shared.upgrade() else { return Ok(()) };
        let text: String = message.get_payload()?;
        for line in text.lines() {
            match parse(line) {
                Some((tenant, seq, stream)) => shared.hear(tenant, stream.to_owned(), seq),
                None => shared.look.notify_one(),
            }
        }
    }
    Ok(())
}

/// Asks over the subscription's own connection whether Redis is still there, until it is not.
async fn beat(mut sink: PubSubSink) -> redis::RedisResult<()> {
    loop {
        tokio::time::sleep(BEAT).await;
        in_time(SILENCE, sink.ping::<redis::Value>()).await?;
    }
}

async fn in_time<T>(patience: Duration, asked: impl Future<Output = redis::RedisResult<T>>) -> redis::RedisResult<T> {
    let answer = tokio::time::timeout(patience, asked).await;
    answer.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

fn parse(text: &str) -> Option<(TenantId, i64, &str)> {
    let (tenant, rest) = text.split_once(' ')?;
    let (seq, stream) = rest.split_once(' ')?;
    Some((TenantId(Uuid::parse_str(tenant).ok()?), seq.parse().ok()?, stream))
}
