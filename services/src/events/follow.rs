use super::hub::Listener;
use crate::{Error, Reads, Result, Scope, sql};
use entities::Timestamp;

/// One numbered event.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Event {
    pub seq: i64,
    pub kind: String,
    pub payload: String,
    pub occurred_at: Timestamp,
}

/// A reader of one stream, from a number on.
pub struct Follower {
    scope: Scope,
    stream: String,
    last: i64,
    listener: Listener,
}

/// The last number of a stream, in the same snapshot as the rows read with it.
pub async fn cursor_at(on: &impl Reads, stream: &str) -> Result<i64> {
    Ok(on.statement(sql!("cursor.sql")).bind("stream", stream).value().await?.unwrap_or(0))
}

/// Follows a stream: first what came after `after`, then what comes; without `after`, from now on.
pub async fn follow(scope: &Scope, stream: String, after: Option<i64>) -> Result<Follower> {
    // Listening begins before the table is read, so that nothing falls in between.
    let listener = scope.app().hub().listen(scope.tenant(), &stream);
    let latest = cursor_at(scope, &stream).await?;
    let last = after.unwrap_or(latest);
    if last < 0 || last > latest {
        return Err(Error::BadArgument("the cursor is not one of this stream".into()));
    }
    if last < latest && after_of(scope, &stream, last).await?.first().is_none_or(|event| event.seq != last + 1) {
        return Err(Error::CursorExpired);
    }
    scope.end_read().await;
    Ok(Follower { scope: scope.clone(), stream, last, listener })
}

impl Follower {
    /// The number of the last event given out, or where following began.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The next events, in order; waits until there are some.
    pub async fn next(&mut self) -> Result<Vec<Event>> {
        loop {
            let events = after_of(&self.scope, &self.stream, self.last).await?;
            self.scope.end_read().await;
            if let Some(event) = events.last() {
                if events[0].seq != self.last + 1 {
                    return Err(Error::CursorExpired);
                }
                self.last = event.seq;
                return Ok(events);
            }
            self.listener.heard().await;
        }
    }
}

async fn after_of(scope: &Scope, stream: &str, after: i64) -> Result<Vec<Event>> {
    scope.statement(sql!("after.sql")).bind("stream", stream).bind("after", after).all().await
}
