use crate::context::Ask;
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, SimpleObject};
use entities::work::job;
use services::work::admin::{self, Standing};
use services::work::schedules::{CatchUp, Timetable};

/// Work that happens later, and what became of it.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Job {
    #[graphql(skip)]
    row: job::Model,
    /// What it does, such as `notifications.deliver`.
    kind: String,
    /// Who does it.
    queue: String,
    /// Where it stands.
    state: JobState,
    /// 0 first, 3 last.
    priority: i32,
    /// How often it was begun.
    attempts: i32,
    /// After so many it is dead.
    max_attempts: i32,
    /// When it starts, or should have.
    run_at: DateTime,
    /// When it was last begun.
    started_at: Option<DateTime>,
    /// When it ended for good.
    finished_at: Option<DateTime>,
    /// The `x-request-id` of the call that led to it; null for a schedule's.
    request_id: Option<String>,
    /// When it was asked for.
    created_at: DateTime,
}

#[ComplexObject]
impl Job {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }

    /// Why it last failed, or was given up: a code and a sentence; for an operator, the whole text.
    pub async fn last_error(&self, ctx: &Context<'_>) -> Option<String> {
        admin::why(&self.row, ctx.operator().is_ok(), ctx.locale())
    }
}

impl From<job::Model> for Job {
    fn from(row: job::Model) -> Self {
        Self {
            state: Standing::of(&row).into(),
            kind: row.kind.clone(),
            queue: row.queue.clone(),
            priority: row.priority,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            run_at: row.run_at.into(),
            started_at: row.started_at.map(Into::into),
            finished_at: row.finished_at.map(Into::into),
            request_id: row.trace.clone(),
            created_at: row.created_at.into(),
            row,
        }
    }
}

connection!(Job, JobConnection, JobEdge, "jobs");

/// Where a job stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Standing")]
pub enum JobState {
    /// Waits for its first attempt.
    Queued,
    /// Is being done.
    Running,
    /// Failed, and waits for its next attempt.
    Retrying,
    /// Done.
    Completed,
    /// Failed for good; it can be retried by hand.
    Dead,
    /// Given up by hand.
    Discarded,
}

/// Narrows the list of jobs.
#[derive(InputObject, Default)]
pub struct JobFilter {
    /// Of this queue.
    queue: Option<String>,
    /// Of this kind.
    kind: Option<String>,
    /// In one of these states.
    state: Option<Vec<JobState>>,
}

impl From<JobFilter> for admin::JobFilter {
    fn from(filter: JobFilter) -> Self {
        let standings = filter.state.unwrap_or_default().into_iter().map(Into::into).collect();
        Self { queue: filter.queue, kind: filter.kind, standings }
    }
}

/// A timetable that makes jobs.
#[derive(SimpleObject)]
pub struct Schedule {
    /// Its name, as the worker's command line knows it.
    name: String,
    /// Minute, hour, day of the month, month, day of the week.
    cron: String,
    /// The clock the timetable is read by.
    time_zone: String,
    /// What becomes of instants missed while no worker ran.
    catch_up: CatchUpPolicy,
    /// When it last made a job.
    last_fired_at: Option<DateTime>,
    /// When it makes the next, unless it is paused.
    next_fire_at: DateTime,
    /// Whether an operator stopped it.
    paused: bool,
}

impl From<Timetable> for Schedule {
    fn from(table: Timetable) -> Self {
        Self {
            name: table.schedule.name.to_owned(),
            cron: table.schedule.cron.to_owned(),
            time_zone: table.schedule.time_zone.name().to_owned(),
            catch_up: table.schedule.catch_up.into(),
            last_fired_at: table.last_fired_at.map(Into::into),
            next_fire_at: table.next_fire_at.into(),
            paused: table.paused,
        }
    }
}

/// What becomes of the instants of a schedule that were missed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CatchUp")]
pub enum CatchUpPolicy {
    /// They are let go.
    Skip,
    /// The latest is made up for.
    Latest,
    /// All are made up for.
    All,
}
