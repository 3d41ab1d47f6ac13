use sea_orm::DbBackend;
use std::time::Duration;

/// How many rows a chunk has.
///
/// On PostgreSQL a chunk keeps people waiting only where they move its own products, and the more rows it has, the more of
/// them fall on the same level and day. SQLite has one writer, so there the size follows how long the last chunk held it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    rows: usize,
    adapts: bool,
}

/// People's movements wait for a chunk; a few of these in a row they do not notice.
const AIM: Duration = Duration::from_millis(30);
const SMALLEST: usize = 20;
const LARGEST: usize = 2000;

impl Pace {
    pub(super) fn of(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Postgres => Self { rows: 8000, adapts: false },
            _ => Self { rows: 100, adapts: true },
        }
    }

    #[cfg(test)]
    pub(super) fn fixed(rows: usize) -> Self {
        Self { rows, adapts: false }
    }

    pub(super) fn rows(self) -> usize {
        self.rows
    }

    /// Learns from a chunk that took this long; grows slowly, shrinks at once.
    pub(super) fn learn(&mut self, rows: usize, took: Duration) {
        if self.adapts && rows >= self.rows {
            let fitting = rows as f64 * AIM.as_secs_f64() / took.as_secs_f64().max(0.001);
            let most = (self.rows + self.rows / 4 + 1).min(LARGEST);
            self.rows = (fitting as usize).clamp(SMALLEST, most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_chunk_shrinks_the_next_at_once_and_a_fast_one_grows_it_slowly() {
        let mut pace = Pace::of(DbBackend::Sqlite);
        pace.learn(100, Duration::from_millis(3));
        assert_eq!(pace.rows(), 126);
        pace.learn(126, Duration::from_millis(126));
        assert_eq!(pace.rows(), 30);
        pace.learn(30, Duration::from_secs(3));
        assert_eq!(pace.rows(), SMALLEST);
    }
}
