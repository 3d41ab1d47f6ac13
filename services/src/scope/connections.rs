//! The connections to PostgreSQL: those in use, and those at hand for the next.
//!
//! The pool asks each connection it gets back whether it lives, which costs as much as a short statement. One whose work
//! ended well is kept at hand instead; the pool takes back the others, and opens what is missing.

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgPool;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Postgres};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Raw = PoolConnection<Postgres>;

/// One at hand.
struct Kept {
    raw: Raw,
    since: Instant,
    born: Instant,
}

/// One that waited longer goes back to the pool, which knows how to tell whether it still lives.
const FRESH: Duration = Duration::from_secs(20);
/// One that is older goes back, too, and is closed there.
const OLD: Duration = Duration::from_secs(30 * 60);

#[derive(Clone)]
pub(super) struct Connections {
    pool: PgPool,
    /// As many as the pool has connections: whoever has one finds a connection at hand or in the pool.
    places: Arc<Semaphore>,
    /// The longest kept first. None: the pool closes, and waits for all of its connections.
    at_hand: Arc<Mutex<Option<Vec<Kept>>>>,
}

impl Connections {
    pub(super) fn of(pool: PgPool) -> Self {
        let places = Arc::new(Semaphore::new(pool.options().get_max_connections() as usize));
        Self { pool, places, at_hand: Arc::new(Mutex::new(Some(Vec::new()))) }
    }

    /// A connection, in the order of asking; an error when none is free in the time the pool gives.
    pub(super) async fn take(&self) -> Result<Connection, sqlx::Error> {
        let taken = tokio::time::timeout(self.pool.options().get_acquire_timeout(), self.take_in_turn()).await;
        taken.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn take_in_turn(&self) -> Result<Connection, sqlx::Error> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let (raw, born) = match self.next_at_hand() {
            Some(kept) => (kept.raw, kept.born),
            None => (self.pool.acquire().await?, Instant::now()),
        };
        Ok(Connection { raw: Some(raw), born, after: After::Return, home: self.clone(), place: Some(place) })
    }

    /// A connection in a transaction begun by this statement.
    pub(super) async fn begin(&self, statement: String) -> Result<Connection, sqlx::Error> {
        let mut connection = self.take().await?;
        connection.after = After::Rollback;
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
        Ok(connection)
    }

    fn next_at_hand(&self) -> Option<Kept> {
        let mut at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let all = at_hand.as_mut()?;
        let stale = all.iter().take_while(|kept| kept.since.elapsed() >= FRESH).count();
        all.drain(..stale);
        all.pop()
    }

    fn keep(&self, raw: Raw, born: Instant) {
        let mut at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = at_hand.as_mut().filter(|_| born.elapsed() < OLD) {
            all.push(Kept { raw, since: Instant::now(), born });
        }
    }

    /// Ends the transaction of a connection that nobody waits for.
    fn roll_back(&self, mut raw: Raw, born: Instant, place: Option<OwnedSemaphorePermit>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return drop(raw.detach()) };
        let home = self.clone();
        let ending = async move {
            match sqlx::raw_sql("ROLLBACK").execute(&mut *raw).await {
                Ok(_) => home.keep(raw, born),
                Err(_) => raw.close_on_drop(),
            }
            drop(place);
        };
        runtime.spawn(ending);
    }

    /// Waits for those in use, and closes all.
    pub(super) async fn close(&self) {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.pool.close().await;
    }
}

/// A connection in use.
pub(super) struct Connection {
    raw: Option<Raw>,
    born: Instant,
    after: After,
    home: Connections,
    place: Option<OwnedSemaphorePermit>,
}

/// What becomes of a connection after its use.
enum After {
    /// It is fit for the next.
    Keep,
    /// Its transaction ends first.
    Rollback,
    /// To the pool, which asks whether it lives.
    Return,
    /// Nobody knows what it is in.
    Close,
}

impl Connection {
    /// Commits what was begun.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql("COMMIT").execute(&mut *self).await?;
        self.after = After::Keep;
        Ok(())
    }

    /// For a statement without a transaction around it, which has yet to end well.
    pub(super) fn alone(&mut self) -> &mut PgConnection {
        if matches!(self.after, After::Keep) {
            self.after = After::Return;
        }
        self
    }

    /// How a statement without a transaction around it ended.
    pub(super) fn ended<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if done.is_ok() && matches!(self.after, After::Return) {
            self.after = After::Keep;
        }
        done
    }

    /// It is of no use to anybody else.
    pub(super) fn spend(&mut self) {
        self.after = After::Close;
    }
}

impl Deref for Connection {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        self.raw.as_ref().expect("it is let go of by the drop alone")
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.raw.as_mut().expect("it is let go of by the drop alone")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut raw) = self.raw.take() else { return };
        match self.after {
            After::Keep => self.home.keep(raw, self.born),
            After::Rollback => self.home.roll_back(raw, self.born, self.place.take()),
            After::Return => {}
            After::Close => raw.close_on_drop(),
        }
    }
}
