//! Connections kept aside between the lone statements of a tenant, which is thus said once and not before each.

use entities::TenantId;
use sea_orm::sqlx::Postgres;
use sea_orm::sqlx::pool::PoolConnection;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

type Connection = PoolConnection<Postgres>;

/// The connections kept aside, the longest kept first. They count among those of the pool: half of it at most.
pub(super) struct Parked {
    most: usize,
    /// None: the pool closes, and waits for all of its connections.
    kept: Mutex<Option<VecDeque<(TenantId, Connection, Instant)>>>,
}

/// One that waited longer goes back to the pool, which knows how to tell whether it still lives.
const FRESH: Duration = Duration::from_secs(20);

impl Parked {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(Some(VecDeque::new())) }
    }

    /// One that acts for the tenant.
    pub(super) fn take(&self, tenant: TenantId) -> Option<Connection> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_mut()?;
        kept.retain(|(_, _, since)| since.elapsed() < FRESH);
        let at = kept.iter().rposition(|(of, _, _)| *of == tenant)?;
        kept.remove(at).map(|(_, connection, _)| connection)
    }

    /// Keeps one aside; the longest kept gives way to it.
    fn keep(&self, tenant: TenantId, connection: Connection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = kept.as_mut().filter(|_| self.most > 0) else { return };
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back((tenant, connection, Instant::now()));
    }

    /// Gives the longest kept back to the pool.
    pub(super) fn give_back(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        drop(kept.as_mut().and_then(VecDeque::pop_front));
    }

    /// Gives all back, and keeps none from here on.
    pub(super) fn close(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A connection that acts for a tenant. It is kept aside when its statement ends well, and goes back to the pool otherwise.
pub(super) struct Lone {
    tenant: TenantId,
    connection: Option<Connection>,
    parked: Arc<Parked>,
    ended_well: bool,
}

impl Lone {
    pub(super) fn new(tenant: TenantId, connection: Connection, parked: Arc<Parked>) -> Self {
        Self { tenant, connection: Some(connection), parked, ended_well: false }
    }

    /// The connection, for a statement that has yet to end well.
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.ended_well = false;
        self.connection.as_mut().expect("it is let go of by the drop alone")
    }

    pub(super) fn end<T, E>(&mut self, done: Result<T, E>) -> Result<T, E> {
        self.ended_well = done.is_ok();
        done
    }
}

impl Drop for Lone {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.ended_well && !super::leak::leaking()) {
            self.parked.keep(self.tenant, connection);
        }
    }
}
