use super::hub::Listener;
use super::shelf::Next;
use crate::{Error, Reads, Result, Scope, sql};
use entities::Timestamp;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// One numbered event, shared by all who read it.
#[derive(Clone, Debug)]
pub struct Event(Arc<Recorded>);

/// What an event holds.
#[derive(Debug, sea_orm::FromQueryResult)]
pub struct Recorded {
    pub seq: i64,
    pub kind: String,
    pub payload: String,
    pub occurred_at: Timestamp,
}

impl Deref for Event {
    type Target = Recorded;
    fn deref(&self) -> &Recorded {
        &self.0
    }
}

/// A reader of one stream, from a number on.
pub struct Follower {
    scope: Scope,
    stream: String,
    last: i64,
    listener: Listener,
    /// Read to check the cursor, not handed out yet.
    first: Vec<Event>,
}

/// The last number of a stream, in the same snapshot as the rows read with it.
pub async fn cursor_at(on: &impl Reads, stream: &str) -> Result<i64> {
    Ok(on.statement(sql!("cursor.sql")).bind("stream", stream).value().await?.unwrap_or(0))
}

/// Follows a stream: first what came after `after`, then what comes; without `after`, from now on.
pub async fn follow(scope: &Scope, stream: String, after: Option<i64>) -> Result<Follower> {
    // Listening begins before the table is read, so that nothing falls in between.
    let listener = scope.app().hub().listen(scope.tenant(), &stream);
    scope.end_read().await;
    let latest = cursor_at(scope, &stream).await?;
    let last = after.unwrap_or(latest);
    if last < 0 || last > latest {
        return Err(Error::CursorUnknown);
    }
    let first = if last < latest { read(scope, &stream, last).await? } else { Vec::new() };
    scope.end_read().await;
    if last < latest && first.first().is_none_or(|event| event.seq != last + 1) {
        return Err(Error::CursorExpired);
    }
    listener.channel.hear(latest);
    Ok(Follower { scope: scope.clone(), stream, last, listener, first })
}

/// Follows a stream from where another follower has come to whose [`Ear`] is still held: what it knows is known.
pub fn resume(scope: &Scope, stream: String, last: i64) -> Follower {
    let listener = scope.app().hub().listen(scope.tenant(), &stream);
    Follower { scope: scope.clone(), stream, last, listener, first: Vec::new() }
}

/// What is left of a follower whose reader has nothing to read: it hears that there is something.
#[derive(Clone)]
pub struct Ear(Listener);

impl Ear {
    /// Waits until the stream is known to have gone on from this number.
    pub async fn beyond(mut self, last: i64) {
        // The one who waits listens, so the channel stays and its sender with it.
        let _ = self.0.numbers.wait_for(|known| *known > last).await;
    }
}

/// How long a number may be known before its event can be read, on a copy that lags.
const LAG: Duration = Duration::from_secs(1);

impl Follower {
    /// The number of the last event given out, or where following began.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// An ear at the same stream.
    pub fn ear(&self) -> Ear {
        Ear(self.listener.clone())
    }

    /// The next events, in order; waits until there are some. Cancelled, it has taken none.
    pub async fn next(&mut self) -> Result<Vec<Event>> {
        loop {
            let known = *self.listener.numbers.borrow_and_update();
            let events = match std::mem::take(&mut self.first) {
                first if !first.is_empty() => first,
                // On the heap: a follower mostly waits, and should not hold room for a read meanwhile.
                _ if known > self.last => Box::pin(self.fetch()).await?,
                _ => Vec::new(),
            };
            if let Some((first, last)) = events.first().zip(events.last()) {
                if first.seq != self.last + 1 {
                    return Err(Error::CursorExpired);
                }
                self.last = last.seq;
                return Ok(events);
            }
            match known > self.last {
                true => drop(tokio::time::timeout(LAG, self.listener.numbers.changed()).await),
                // The hub lives as long as this follower's scope, so a closed channel cannot be.
                false => drop(self.listener.numbers.changed().await),
            }
        }
    }

    /// What comes next: from the shelf of the stream, else read once for all who wait. Who is far behind reads alone.
    async fn fetch(&self) -> Result<Vec<Event>> {
        let channel = &self.listener.channel;
        if let Next::Here(events) = channel.after(self.last) {
            return Ok(events);
        }
        let turn = channel.reading.lock().await;
        match channel.after(self.last) {
            Next::Here(events) => Ok(events),
            Next::Ahead => {
                let events = self.read_on().await?;
                channel.put(&events);
                Ok(events)
            }
            Next::Behind => {
                drop(turn);
                self.read_on().await
            }
        }
    }

    async fn read_on(&self) -> Result<Vec<Event>> {
        // A snapshot left open would not see what was announced since.
        self.scope.end_read().await;
        let events = read(&self.scope, &self.stream, self.last).await;
        self.scope.end_read().await;
        events
    }
}

async fn read(scope: &Scope, stream: &str, after: i64) -> Result<Vec<Event>> {
    let rows: Vec<Recorded> = scope.statement(sql!("after.sql")).bind("stream", stream).bind("after", after).all().await?;
    Ok(rows.into_iter().map(|row| Event(Arc::new(row))).collect())
}
