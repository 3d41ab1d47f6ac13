use super::{NewJob, PLATFORM};
use crate::audit::NewAudit;
use crate::scope::{SystemScope, SystemTx};
use crate::{App, Error, Result, sql};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entities::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::str::FromStr;

/// A timetable and the job it makes. The timetable is code; what fired, and whether it is paused, is in the database.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub name: &'static str,
    /// Minute, hour, day of the month, month, day of the week (by name, such as `Mon`).
    pub cron: &'static str,
    pub time_zone: Tz,
    pub catch_up: CatchUp,
    /// Makes the platform's job for one instant.
    pub job: fn(&App, Timestamp) -> Result<NewJob>,
}

/// What becomes of the instants that passed while no worker ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatchUp {
    /// They are let go.
    Skip,
    /// The latest fires, the others are let go.
    Latest,
    /// All fire, at most the last thousand.
    All,
}

impl CatchUp {
    /// The contract's word for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Skip => "SKIP",
            Self::Latest => "LATEST",
            Self::All => "ALL",
        }
    }
}

/// An instant noticed later than this was missed, not just noticed.
const PUNCTUAL: TimeDelta = TimeDelta::minutes(1);
const MOST_MISSED: usize = 1000;

impl Schedule {
    /// The first instant after `at`.
    pub fn next_after(&self, at: Timestamp) -> Result<Timestamp> {
        self.instants_after(at)?.next().ok_or_else(|| Error::internal(format!("schedule {} never fires", self.name)))
    }

    fn instants_after(&self, at: Timestamp) -> Result<impl Iterator<Item = Timestamp> + use<>> {
        let timetable = cron::Schedule::from_str(&format!("0 {}", self.cron)).map_err(Error::internal)?;
        let local: DateTime<Tz> = at.to_utc().with_timezone(&self.time_zone);
        Ok(timetable.after_owned(local).map(|instant| Timestamp::from(instant.with_timezone(&Utc))))
    }

    /// The instants to fire now, given the last one dealt with, and the last one that is dealt with by that.
    fn due(&self, last: Timestamp, now: Timestamp) -> Result<Option<(Vec<Timestamp>, Timestamp)>> {
        let mut passed = VecDeque::new();
        for instant in self.instants_after(last)?.take_while(|instant| *instant <= now) {
            passed.push_back(instant);
            if passed.len() > MOST_MISSED {
                passed.pop_front();
            }
        }
        let Some(latest) = passed.back().copied() else { return Ok(None) };
        let fire = match self.catch_up {
            CatchUp::All => passed.into(),
            CatchUp::Latest => vec![latest],
            CatchUp::Skip if now.since(latest) <= PUNCTUAL => vec![latest],
            CatchUp::Skip => Vec::new(),
        };
        Ok(Some((fire, latest)))
    }
}

#[derive(sea_orm::FromQueryResult)]
struct State {
    paused: bool,
    last_fire_at: Option<Timestamp>,
}

/// Fires what is due of one schedule and answers how often it fired. A schedule never seen before starts from now.
pub async fn fire_due(system: &SystemScope, schedule: &Schedule) -> Result<usize> {
    let now = system.now();
    let tx = system.begin().await?;
    tx.statement(sql!("schedule_new.sql")).bind("name", schedule.name).bind("now", now).run().await?;
    let state = tx.statement(sql!("schedule_lock.sql")).bind("name", schedule.name).one::<State>().await?;
    let mut fired = 0;
    if let Some(State { paused: false, last_fire_at }) = state
        && let Some((instants, seen)) = schedule.due(last_fire_at.unwrap_or(now), now)?
    {
        for instant in instants {
            fired += usize::from(fire(&tx, schedule, instant).await?);
        }
        tx.statement(sql!("schedule_seen.sql")).bind("name", schedule.name).bind("seen", seen).bind("now", now).run().await?;
    }
    tx.commit().await?;
    Ok(fired)
}

/// Writes one instant and its job; false when that instant has fired before.
async fn fire(tx: &SystemTx, schedule: &Schedule, instant: Timestamp) -> Result<bool> {
    let job = (schedule.job)(tx.app(), instant)?;
    let fire = tx.statement(sql!("schedule_fire.sql")).bind("name", schedule.name).bind("fire_at", instant).bind("job", job.id);
    let first = fire.run().await? == 1;
    if first {
        tx.enqueue(PLATFORM, job);
    }
    Ok(first)
}

/// Stops a schedule, or lets it go on from now.
pub async fn pause(system: &SystemScope, name: &str, paused: bool) -> Result<()> {
    let tx = system.begin().await?;
    tx.audit(NewAudit::of(if paused { "work.schedule.pause" } else { "work.schedule.resume" }).with("schedule", name));
    let pause = tx.statement(sql!("schedule_pause.sql")).bind("name", name).bind("paused", paused);
    pause.bind("now", tx.now()).run().await?;
    tx.commit().await
}

/// A schedule as operators see it.
#[derive(Clone, Debug)]
pub struct Timetable {
    pub schedule: Schedule,
    pub last_fired_at: Option<Timestamp>,
    /// When it fires next, were it not paused.
    pub next_fire_at: Timestamp,
    pub paused: bool,
}

#[derive(sea_orm::FromQueryResult)]
struct Known {
    name: String,
    paused: bool,
    fired_at: Option<Timestamp>,
}

/// The declared schedules with what the database knows of them.
pub async fn timetables(system: &SystemScope, declared: &[Schedule]) -> Result<Vec<Timetable>> {
    let tx = system.read().await?;
    let known: Vec<Known> = tx.statement(sql!("schedule_states.sql")).all().await?;
    let known: HashMap<String, Known> = known.into_iter().map(|row| (row.name.clone(), row)).collect();
    let timetable = |schedule: &Schedule| {
        let known = known.get(schedule.name);
        Ok(Timetable {
            schedule: schedule.clone(),
            last_fired_at: known.and_then(|row| row.fired_at),
            next_fire_at: schedule.next_after(system.now())?,
            paused: known.is_some_and(|row| row.paused),
        })
    };
    declared.iter().map(timetable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &'static str, time_zone: Tz, catch_up: CatchUp) -> Schedule {
        Schedule { name: "test", cron, time_zone, catch_up, job: |_, _| Err(Error::NotFound) }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from(text.parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn instants_follow_the_clock_of_their_place() {
        for (cron, zone, after, next) in [
            ("*/5 * * * *", Tz::UTC, "2026-12-01T09:00:00Z", "2026-12-01T09:05:00Z"),
            ("0 3 * * *", Tz::UTC, "2026-12-01T03:00:00Z", "2026-12-02T03:00:00Z"),
            ("0 7 * * *", Tz::Africa__Dakar, "2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z"),
            // Paris goes to summer time on that night.
            ("0 7 * * *", Tz::Europe__Paris, "2027-03-27T06:00:00Z", "2027-03-28T05:00:00Z"),
            ("0 0 29 2 *", Tz::UTC, "2026-12-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            assert_eq!(schedule(cron, zone, CatchUp::Skip).next_after(at(after)).unwrap(), at(next), "{cron} {zone}");
        }
    }

    #[test]
    fn what_was_missed_is_caught_up_by_policy() {
        let (last, now) = (at("2026-12-01T09:00:00Z"), at("2026-12-01T09:32:10Z"));
        let fired = |catch_up, now| schedule("*/5 * * * *", Tz::UTC, catch_up).due(last, now).unwrap().map(|(fire, _)| fire.len());
        assert_eq!((fired(CatchUp::Skip, now), fired(CatchUp::Latest, now), fired(CatchUp::All, now)), (Some(0), Some(1), Some(6)));
        let punctual = at("2026-12-01T09:05:01Z");
        assert_eq!(fired(CatchUp::Skip, punctual), Some(1));
        assert_eq!(fired(CatchUp::All, last), None);
        assert_eq!(fired(CatchUp::All, at("2027-12-01T09:00:00Z")), Some(MOST_MISSED));
    }
}
