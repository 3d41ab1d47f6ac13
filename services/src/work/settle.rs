use super::{LEASE, Running};
use crate::scope::{Column, SystemScope};
use crate::{App, Error, Result, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::work::JobId;
use entities::work::job::JobFailure;
use sea_orm::ActiveEnum;
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

/// The first retry comes within this time.
const BACKOFF_BASE: TimeDelta = TimeDelta::seconds(2);
/// No retry is later than this.
const BACKOFF_CAP: TimeDelta = TimeDelta::minutes(15);
/// When a job of an unknown kind is looked at again, by a version that may know it.
const UNKNOWN_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// Why a claim did not end well: a word for everybody, and the whole text for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: JobFailure,
    pub text: String,
}

impl<T: Into<String>> From<T> for Failure {
    fn from(text: T) -> Self {
        Self { code: JobFailure::Internal, text: text.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How a claim ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Completed,
    /// Tried again at the instant.
    Retry(Timestamp, Failure),
    /// Never again by itself; an operator may retry it.
    Dead(Failure),
    /// Given back unstarted, as if it had never been claimed.
    Unstarted,
    /// Given back at the end of the process's grace; the attempt counts.
    Interrupted,
    /// Given back by a process that does not know its kind.
    UnknownKind(Timestamp),
}

impl Outcome {
    /// What follows from a job's error: what a rule refused ends the job, what may pass is tried again.
    pub fn of_error(app: &App, job: &Running, error: &Error) -> Self {
        let lasting = matches!(
            error,
            Error::NotFound
                | Error::Unauthenticated
                | Error::Forbidden(_)
                | Error::OutOfScope(_)
                | Error::Refused(_)
                | Error::BadArgument(_)
                | Error::CursorUnknown
                | Error::CursorExpired
        );
        let text = in_full(error);
        if lasting { Self::Dead(Failure { code: JobFailure::Refused, text }) } else { Self::of_failure(app, job, text.into()) }
    }

    /// What follows from a failure that may pass, such as a panic or a timeout.
    pub fn of_failure(app: &App, job: &Running, error: Failure) -> Self {
        match job.attempts >= job.max_attempts {
            true => Self::Dead(error),
            false => Self::Retry(app.now().plus(backoff(app, job.attempts)), error),
        }
    }

    /// A job whose kind this version does not know is kept for one that does.
    pub fn of_unknown_kind(app: &App) -> Self {
        Self::UnknownKind(app.now().plus(UNKNOWN_AGAIN))
    }

    /// How it reads in metrics and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Retry(..) => "retry",
            Self::Dead(_) => "dead",
            Self::Unstarted => "unstarted",
            Self::Interrupted => "interrupted",
            Self::UnknownKind(_) => "unknown_kind",
        }
    }

    fn state(&self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::Dead(_) => "DEAD",
            _ => "QUEUED",
        }
    }
    fn run_at(&self) -> Option<i64> {
        match self {
            Self::Retry(at, _) | Self::UnknownKind(at) => Some(at.0),
            _ => None,
        }
    }
    fn given_back(&self) -> i64 {
        i64::from(matches!(self, Self::Unstarted | Self::UnknownKind(_)))
    }
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Retry(_, failure) | Self::Dead(failure) => Some(failure),
            _ => None,
        }
    }
}

/// An error with its causes.
fn in_full(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error).and_then(std::error::Error::source);
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

/// Full jitter: any time up to a bound that doubles with each attempt, so that jobs that failed together come back apart.
fn backoff(app: &App, attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    let bound = (BACKOFF_BASE * 2i32.pow(doublings)).min(BACKOFF_CAP);
    TimeDelta::microseconds(app.random().up_to(bound.num_microseconds().unwrap_or(0)))
}

/// A claim: the job and the token that proves it.
pub type Held = (JobId, Uuid);

#[derive(sea_orm::FromQueryResult)]
struct Id {
    id: JobId,
}

fn columns(held: &[Held]) -> Vec<Column> {
    vec![Column::uuids(held.iter().map(|(id, _)| *id)), Column::uuids(held.iter().map(|(_, token)| *token))]
}

/// Writes how claims ended, in one statement; answers the jobs that were no longer the claimer's, whose end counts for nothing.
pub async fn settle(system: &SystemScope, ends: &[(Held, Outcome)]) -> Result<Vec<JobId>> {
    if ends.is_empty() {
        return Ok(Vec::new());
    }
    let held: Vec<Held> = ends.iter().map(|(held, _)| *held).collect();
    let outcomes = || ends.iter().map(|(_, outcome)| outcome);
    let mut rows = columns(&held);
    rows.push(Column::texts(outcomes().map(Outcome::state)));
    rows.push(Column::maybe_ints(outcomes().map(Outcome::run_at)));
    rows.push(Column::ints(outcomes().map(Outcome::given_back)));
    let failures = || outcomes().map(Outcome::failure);
    rows.push(Column::maybe_texts(failures().map(|failure| failure.map(|failure| failure.text.chars().take(2000).collect::<String>()))));
    rows.push(Column::maybe_texts(failures().map(|failure| failure.map(|failure| failure.code.to_value()))));
    let tx = system.begin().await?;
    let settled: Vec<Id> = tx.statement(sql!("settle.sql")).rows("r", rows).bind("now", tx.now()).all().await?;
    tx.commit().await?;
    let settled: HashSet<JobId> = settled.into_iter().map(|row| row.id).collect();
    Ok(held.iter().map(|(id, _)| *id).filter(|id| !settled.contains(id)).collect())
}

/// Renews the leases of what a process holds; answers the jobs it has lost, whose work must stop.
pub async fn renew(system: &SystemScope, held: &[Held]) -> Result<Vec<JobId>> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let tx = system.begin().await?;
    let until = tx.now().plus(LEASE);
    tx.statement(sql!("renew.sql")).rows("r", columns(held)).bind("until", until).run().await?;
    let lost: Vec<Id> = tx.statement(sql!("lost.sql")).rows("r", columns(held)).all().await?;
    tx.commit().await?;
    Ok(lost.into_iter().map(|row| row.id).collect())
}

/// A job whose process died.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Swept {
    pub id: JobId,
    pub kind: String,
    pub state: String,
}

/// Takes back the jobs whose lease ran out: queued again as suspects, or dead when their attempts are used up.
pub async fn sweep(system: &SystemScope) -> Result<Vec<Swept>> {
    let tx = system.begin().await?;
    let error = "the worker that held it died, or lost the database";
    let swept = tx.statement(sql!("sweep.sql")).bind("now", tx.now()).bind("error", error).all().await?;
    tx.commit().await?;
    Ok(swept)
}
