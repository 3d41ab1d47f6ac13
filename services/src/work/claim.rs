use super::{LEASE, Running};
use crate::scope::{SystemScope, SystemTx};
use crate::{App, Result, sql};
use chrono::TimeDelta;
use entities::{TenantId, Timestamp};
use uuid::Uuid;

/// The most jobs one claim takes.
pub const LARGEST_CLAIM: usize = 100;

/// How many organisations a claim chooses among at each priority; the rest have their turn in the next claims.
const WINDOW: usize = 16;

/// How often jobs whose time has come are looked for.
const PROMOTE_EVERY: TimeDelta = TimeDelta::milliseconds(500);

/// Takes the best due jobs of one queue out of the ledger, for one process.
///
/// Best is: the highest priority; then the organisations with the fewest jobs running; then the oldest. What a claim
/// costs grows with the jobs it takes, not with those that wait: it probes an index once for each of a window of
/// organisations, and the window moves on when there are more.
pub struct Claimer {
    system: SystemScope,
    queue: String,
    /// Where the window begins.
    first: TenantId,
    promoted_at: Option<Timestamp>,
}

/// An organisation with due jobs at one priority.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
struct Turn {
    priority: i32,
    tenant_id: TenantId,
    running: i64,
    /// Whether the queue is paused or has a limit.
    held: bool,
}

#[derive(sea_orm::FromQueryResult)]
struct Limits {
    paused: bool,
    tenant_limit: Option<i32>,
}

impl Claimer {
    pub fn new(app: &App, queue: &str) -> Self {
        Self { system: SystemScope::new(app), queue: queue.to_owned(), first: TenantId::NIL, promoted_at: None }
    }

    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// Claims up to `room` jobs, the best first. None while the queue is paused.
    pub async fn claim(&mut self, room: usize) -> Result<Vec<Running>> {
        let tx = self.system.alone().await?;
        self.promote(&tx).await?;
        let first = self.first;
        let turns = self.turns(&tx).await?;
        // The usual claim is for one organisation in a queue nobody holds back: one statement more, and no transaction.
        if turns.iter().any(|turn| turn.held) {
            tx.commit().await?;
            self.first = first;
            return self.claim_held(room).await;
        }
        let tx = if turns.len() > 1 { self.together(tx).await? } else { tx };
        self.claim_of(tx, turns, room, i64::MAX).await
    }

    /// The same for a queue that has a limit or is paused: nobody else counts its running jobs meanwhile.
    async fn claim_held(&mut self, room: usize) -> Result<Vec<Running>> {
        let tx = self.system.begin().await?;
        let Some(limit) = self.limit(&tx).await? else {
            tx.commit().await?;
            return Ok(Vec::new());
        };
        let turns = self.turns(&tx).await?;
        self.claim_of(tx, turns, room, limit).await
    }

    /// A transaction for several statements in the place of one that is for one.
    async fn together(&self, alone: SystemTx) -> Result<SystemTx> {
        alone.commit().await?;
        self.system.begin().await
    }

    async fn claim_of(&self, tx: SystemTx, turns: Vec<Turn>, room: usize, limit: i64) -> Result<Vec<Running>> {
        let mut room = room.min(LARGEST_CLAIM);
        let mut claimed = Vec::new();
        for priority in 0..=3 {
            let turns = turns.iter().filter(|turn| turn.priority == priority).cloned().collect();
            let taken = self.claim_at(&tx, priority, turns, room, limit).await?;
            room -= taken.len();
            claimed.extend(taken);
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Claims one job that some process died holding; one that died so more than once only where it is alone, so that the
    /// one that kills takes no other along to its end.
    pub async fn claim_suspect(&self, alone: bool) -> Result<Option<Running>> {
        let tx = self.system.begin().await?;
        let Some(most) = self.limit(&tx).await? else { return Ok(None) };
        let claim = tx.statement(sql!("claim_suspect.sql")).bind("queue", self.queue.clone()).bind("token", self.token());
        let job = claim.bind("alone", alone).bind("most", most).bind("now", tx.now()).bind("until", tx.now().plus(LEASE)).one().await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Marks the jobs whose time has come.
    async fn promote(&mut self, tx: &SystemTx) -> Result<()> {
        let now = tx.now();
        if self.promoted_at.is_some_and(|at| now.since(at).abs() < PROMOTE_EVERY) {
            return Ok(());
        }
        tx.statement(sql!("promote.sql")).bind("queue", self.queue.clone()).bind("now", now).run().await?;
        self.promoted_at = Some(now);
        Ok(())
    }

    /// The most jobs of one organisation at once; none while the queue is paused.
    async fn limit(&self, tx: &SystemTx) -> Result<Option<i64>> {
        let limits = tx.statement(sql!("limits.sql")).bind("queue", self.queue.clone()).one::<Limits>().await?;
        Ok(match limits {
            Some(Limits { paused: true, .. }) => None,
            Some(Limits { tenant_limit: Some(limit), .. }) => Some(limit.into()),
            _ => Some(i64::MAX),
        })
    }

    /// The organisations of this claim's window. When a window was full, the next one begins where it ended.
    async fn turns(&mut self, tx: &SystemTx) -> Result<Vec<Turn>> {
        let mut turns = self.turns_from(tx, self.first).await?;
        if self.first != TenantId::NIL {
            let before = self.turns_from(tx, TenantId::NIL).await?;
            turns.extend(before.into_iter().filter(|turn| turn.tenant_id.0 < self.first.0));
        }
        self.first = TenantId::NIL;
        let mut window = Vec::new();
        for priority in 0..=3 {
            let mut here = turns.iter().filter(|turn| turn.priority == priority);
            window.extend(here.by_ref().take(WINDOW).cloned());
            if let (Some(next), TenantId::NIL) = (here.next(), self.first) {
                self.first = next.tenant_id;
            }
        }
        Ok(window)
    }

    async fn turns_from(&self, tx: &SystemTx, first: TenantId) -> Result<Vec<Turn>> {
        let turns = tx.statement(sql!("turns.sql")).bind("queue", self.queue.clone());
        turns.bind("first", first).bind("window", WINDOW as i64 + 1).all().await
    }

    /// Claims at one priority, giving each organisation its share until the room or the jobs are used up.
    async fn claim_at(&self, tx: &SystemTx, priority: i32, mut turns: Vec<Turn>, room: usize, limit: i64) -> Result<Vec<Running>> {
        let mut ranked: Vec<(usize, Running)> = Vec::new();
        while ranked.len() < room {
            let shares = shares(&turns, room - ranked.len(), limit);
            if shares.iter().all(|share| *share == 0) {
                break;
            }
            for (turn, share) in turns.iter_mut().zip(shares).filter(|(_, share)| *share > 0) {
                let taken = self.take(tx, priority, turn.tenant_id, share).await?;
                // An organisation that gave less than its share has no more.
                turn.running = if taken.len() < share { i64::MAX } else { turn.running + share as i64 };
                ranked.extend(taken.into_iter().enumerate());
            }
        }
        ranked.sort_by_key(|(rank, job)| (*rank, job.run_at));
        Ok(ranked.into_iter().map(|(_, job)| job).collect())
    }

    async fn take(&self, tx: &SystemTx, priority: i32, tenant: TenantId, quota: usize) -> Result<Vec<Running>> {
        let now = tx.now();
        let claim = tx.statement(sql!("claim.sql")).bind("queue", self.queue.clone()).bind("priority", priority).bind("tenant", tenant);
        let claim = claim.bind("quota", quota as i64).bind("token", self.token()).bind("now", now).bind("until", now.plus(LEASE));
        let mut jobs: Vec<Running> = claim.all().await?;
        jobs.sort_by_key(|job| (job.run_at, *job.id.0.as_bytes()));
        Ok(jobs)
    }

    fn token(&self) -> Uuid {
        self.system.new_id()
    }
}

/// Shares `room` so that the numbers running end as equal as they can; none beyond the limit.
fn shares(turns: &[Turn], room: usize, limit: i64) -> Vec<usize> {
    let mut shares = vec![0; turns.len()];
    for _ in 0..room {
        let load = |at: usize| turns[at].running.saturating_add(shares[at] as i64);
        let Some(least) = (0..turns.len()).filter(|at| load(*at) < limit).min_by_key(|at| load(*at)) else { break };
        shares[least] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_level_the_running() {
        let turns = |running: &[i64]| -> Vec<Turn> {
            running.iter().map(|n| Turn { priority: 1, tenant_id: TenantId::NIL, running: *n, held: false }).collect()
        };
        for (running, room, limit, expected) in [
            (&[0, 0][..], 10, i64::MAX, &[5, 5][..]),
            (&[8, 0], 10, i64::MAX, &[1, 9]),
            (&[8, 0], 4, i64::MAX, &[0, 4]),
            (&[0], 16, 3, &[3]),
            (&[5, 2], 16, 5, &[0, 3]),
            (&[i64::MAX, 0], 2, i64::MAX, &[0, 2]),
            (&[], 4, i64::MAX, &[]),
        ] {
            assert_eq!(shares(&turns(running), room, limit), expected, "{running:?}, room for {room}");
        }
    }
}
