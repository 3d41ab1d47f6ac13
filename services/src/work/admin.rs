//! What people see of jobs and queues, and what they may do about them.

use super::schedules::{self, Schedule, Timetable};
use crate::identity::{Caller, Permission};
use crate::locale::Locale;
use crate::page::{Cursor, LARGEST_TOTAL, Page, PageArgs, Sort, listed, order_name};
use crate::scope::{SystemScope, SystemStatement};
use crate::{Code, Error, Reads, Result, Scope, sql};
use entities::work::JobId;
pub use entities::work::job;
use entities::work::job::{JobFailure, JobState};
use entities::{TenantId, Timestamp};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;
use uuid::Uuid;

/// Who looks at the jobs: an operator at all, a member at their organisation's.
pub enum Desk {
    Operator(SystemScope, Locale),
    Organization(Scope),
}

impl Desk {
    /// The desk of a signed-in person; an operator's wherever they are an operator.
    pub fn of(caller: &Caller, system: SystemScope, locale: Locale) -> Result<Self> {
        if caller.operator {
            return Ok(Self::Operator(system, locale));
        }
        let scope = caller.scope(system.app(), locale).ok_or(Error::Forbidden(Permission::WorkJobRead.code()))?;
        Ok(Self::Organization(scope))
    }

    /// The system, for what only operators may do.
    fn operator(&self) -> Result<(&SystemScope, Locale)> {
        match self {
            Self::Operator(system, locale) => Ok((system, *locale)),
            Self::Organization(_) => Err(Error::Forbidden("operator")),
        }
    }

    /// A scope that may write the job, if there is such a job for this desk.
    async fn scope_of(&self, id: JobId) -> Result<Scope> {
        match self {
            Self::Organization(scope) => {
                scope.require(Permission::WorkJobManage)?;
                Ok(scope.clone())
            }
            Self::Operator(system, locale) => {
                let tx = system.read().await?;
                let tenant: Option<TenantId> = tx.statement(sql!("job_tenant.sql")).bind("id", id).value::<Uuid>().await?.map(TenantId);
                let scope = Scope::system(system.app(), tenant.ok_or(Error::NotFound)?, *locale);
                if let Some(caller) = system.caller() {
                    scope.called_by(caller.clone());
                }
                Ok(scope)
            }
        }
    }
}

/// How a job stands in the eyes of people: a queued job with attempts behind it is retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Queued,
    Running,
    Retrying,
    Completed,
    Dead,
    Discarded,
}

impl Standing {
    pub fn of(job: &job::Model) -> Self {
        match job.state {
            JobState::Queued if job.attempts > 0 => Self::Retrying,
            JobState::Queued => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Completed => Self::Completed,
            JobState::Dead => Self::Dead,
            JobState::Discarded => Self::Discarded,
        }
    }

    fn condition(self) -> Condition {
        let state = |state: JobState| Condition::all().add(job::Column::State.eq(state));
        match self {
            Self::Queued => state(JobState::Queued).add(job::Column::Attempts.eq(0)),
            Self::Retrying => state(JobState::Queued).add(job::Column::Attempts.gt(0)),
            Self::Running => state(JobState::Running),
            Self::Completed => state(JobState::Completed),
            Self::Dead => state(JobState::Dead),
            Self::Discarded => state(JobState::Discarded),
        }
    }
}

/// Narrows a list of jobs; what is absent does not.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    pub queue: Option<String>,
    pub kind: Option<String>,
    pub standings: Vec<Standing>,
}

/// Jobs, the latest first.
pub async fn page(desk: &Desk, filter: &JobFilter, args: &PageArgs) -> Result<Page<job::Model>> {
    match desk {
        Desk::Organization(scope) => {
            scope.require(Permission::WorkJobRead)?;
            let mut jobs = scope.select::<job::Entity>();
            if let Some(queue) = &filter.queue {
                jobs = jobs.filter(job::Column::Queue.eq(queue));
            }
            if let Some(kind) = &filter.kind {
                jobs = jobs.filter(job::Column::Kind.eq(kind));
            }
            if !filter.standings.is_empty() {
                let standings = listed(&filter.standings)?;
                jobs = jobs.filter(standings.iter().fold(Condition::any(), |any, standing| any.add(standing.condition())));
            }
            jobs.page(args, LATEST).await
        }
        Desk::Operator(system, _) => page_of_all(system, filter, args).await,
    }
}

/// Ids carry the time of their making.
const LATEST: &[Sort<job::Entity>] = &[Sort::new(job::Column::Id, true)];

async fn page_of_all(system: &SystemScope, filter: &JobFilter, args: &PageArgs) -> Result<Page<job::Model>> {
    let tx = system.read().await?;
    let (first, backwards) = args.window()?;
    let (statement, from) = if backwards { (sql!("jobs_after.sql"), Uuid::nil()) } else { (sql!("jobs_before.sql"), Uuid::max()) };
    let cursor = args.cursor(LATEST)?.map(|cursor| cursor.values::<job::Entity>(LATEST)).transpose()?;
    let from = cursor.and_then(|values| values.into_iter().next()).unwrap_or(from.into());
    let total = match args.with_total {
        true => filtered(tx.statement(sql!("jobs_count.sql")), filter)
            .bind("most", LARGEST_TOTAL as i64)
            .value::<i64>()
            .await?
            .and_then(|n| u64::try_from(n).ok()),
        false => None,
    };
    let rows = filtered(tx.statement(statement), filter).bind("id", from).bind("rows", first as i64 + 1).all().await?;
    let order = order_name(LATEST);
    Ok(Page::new(rows, total, args, first, backwards, |row| Cursor::of(row, None, &order, LATEST)))
}

fn filtered<'a>(statement: SystemStatement<'a>, filter: &JobFilter) -> SystemStatement<'a> {
    let names = ["queued", "retrying", "running", "completed", "dead", "discarded"];
    let standings = [Standing::Queued, Standing::Retrying, Standing::Running, Standing::Completed, Standing::Dead, Standing::Discarded];
    let statement = statement.bind("queue", filter.queue.clone()).bind("kind", filter.kind.clone());
    let statement = statement.bind("any_state", filter.standings.is_empty());
    names
        .into_iter()
        .zip(standings)
        .fold(statement, |statement, (name, standing)| statement.bind(name, filter.standings.contains(&standing)))
}

/// One job the desk may see.
pub async fn find(desk: &Desk, id: JobId) -> Result<Option<job::Model>> {
    match desk {
        Desk::Organization(scope) => {
            scope.require(Permission::WorkJobRead)?;
            scope.find::<job::Entity>(id).await
        }
        Desk::Operator(..) => match desk.scope_of(id).await {
            Ok(scope) => scope.find::<job::Entity>(id).await,
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        },
    }
}

/// Why a job last failed or was given up: the whole text for an operator, else a code and a sentence. The text may name
/// our tables, files and providers, which are no organisation's business; a person's reason is shown to all.
pub fn why(job: &job::Model, operator: bool, locale: Locale) -> Option<String> {
    let key = match job.failure? {
        _ if operator => return job.last_error.clone(),
        JobFailure::GivenUp => return job.last_error.clone(),
        JobFailure::Internal => "job-failure-internal",
        JobFailure::TimedOut => "job-failure-timed-out",
        JobFailure::WorkerDied => "job-failure-worker-died",
        JobFailure::Refused => "job-failure-refused",
    };
    Some(locale.say(key, &[]))
}

/// Runs a job again: a dead or discarded one from the beginning, a waiting retry at once.
pub async fn retry(desk: &Desk, id: JobId) -> Result<job::Model> {
    let scope = desk.scope_of(id).await?;
    let txn = scope.begin().await?;
    let job = txn.lock::<job::Entity>(id).await?;
    let now = txn.now();
    let mut row = job::ActiveModel { id: Unchanged(id), run_at: Set(now), due: Set(true), ..Default::default() };
    match Standing::of(&job) {
        Standing::Dead | Standing::Discarded => {
            (row.state, row.finished_at) = (Set(JobState::Queued), Set(None));
            (row.attempts, row.crashes) = (Set(0), Set(0));
        }
        Standing::Retrying => {}
        Standing::Queued | Standing::Running | Standing::Completed => return Err(wrong_state(&scope, "job-retry-state")),
    }
    let taken = |error: Error| if error.duplicates("unique_key") { wrong_state(&scope, "job-retry-unique") } else { error };
    let job = txn.update(row).await.map_err(taken)?;
    txn.commit().await?;
    scope.app().bell().ring(&job.queue, &job.id.to_string());
    Ok(job)
}

/// Gives a job up that waits or is dead.
pub async fn discard(desk: &Desk, id: JobId, reason: Option<String>) -> Result<job::Model> {
    let scope = desk.scope_of(id).await?;
    let txn = scope.begin().await?;
    let job = txn.lock::<job::Entity>(id).await?;
    if !matches!(job.state, JobState::Queued | JobState::Dead) {
        return Err(wrong_state(&scope, "job-discard-state"));
    }
    let mut row = job::ActiveModel { id: Unchanged(id), state: Set(JobState::Discarded), ..Default::default() };
    row.finished_at = Set(Some(txn.now()));
    if let Some(reason) = reason.map(|text| text.trim().chars().take(500).collect::<String>()).filter(|text| !text.is_empty()) {
        (row.failure, row.last_error) = (Set(Some(JobFailure::GivenUp)), Set(Some(reason)));
    }
    let job = txn.update(row).await?;
    txn.commit().await?;
    Ok(job)
}

fn wrong_state(scope: &Scope, sentence: &str) -> Error {
    Error::refuse(Code::ForbiddenState, "id", scope.locale().say(sentence, &[]))
}

/// What waits, runs and failed in one queue.
#[derive(Clone, Debug, Default)]
pub struct QueueDepth {
    pub name: String,
    pub paused: bool,
    /// Due and not yet taken.
    pub waiting: i64,
    /// For later: planned, or between two attempts.
    pub later: i64,
    pub running: i64,
    pub dead: i64,
    /// When the oldest waiting job should have started.
    pub oldest: Option<Timestamp>,
}

#[derive(sea_orm::FromQueryResult)]
struct Depth {
    queue: String,
    waiting: i64,
    later: i64,
    running: i64,
    dead: i64,
    oldest: Option<Timestamp>,
}

#[derive(sea_orm::FromQueryResult)]
struct QueueState {
    name: String,
    paused: bool,
}

/// The declared queues and those that hold jobs, by name. For operators and the worker's gauges.
pub async fn queues(system: &SystemScope, declared: &[&str]) -> Result<Vec<QueueDepth>> {
    let tx = system.read().await?;
    let depths: Vec<Depth> = tx.statement(sql!("queue_depths.sql")).all().await?;
    let states: Vec<QueueState> = tx.statement(sql!("queue_states.sql")).all().await?;
    let mut queues: HashMap<String, QueueDepth> = HashMap::new();
    for name in declared {
        queues.insert((*name).to_owned(), QueueDepth::default());
    }
    for Depth { queue, waiting, later, running, dead, oldest } in depths {
        queues.insert(queue, QueueDepth { waiting, later, running, dead, oldest, ..Default::default() });
    }
    for QueueState { name, paused } in states {
        queues.entry(name).or_default().paused = paused;
    }
    let mut queues: Vec<QueueDepth> = queues.into_iter().map(|(name, depth)| QueueDepth { name, ..depth }).collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(queues)
}

/// The same for a person, who must be an operator.
pub async fn queues_for(desk: &Desk, declared: &[&str]) -> Result<Vec<QueueDepth>> {
    queues(desk.operator()?.0, declared).await
}

/// Stops claims from a queue, or lets them go on. What runs, runs on.
pub async fn pause_queue(desk: &Desk, declared: &[&str], name: &str, paused: bool) -> Result<()> {
    let (system, locale) = desk.operator()?;
    if !queues(system, declared).await?.iter().any(|queue| queue.name == name) {
        return Err(Error::refuse(Code::NotFound, "queue", locale.say("queue-unknown", &[])));
    }
    let tx = system.begin().await?;
    tx.statement(sql!("queue_pause.sql")).bind("name", name).bind("paused", paused).bind("now", tx.now()).run().await?;
    tx.commit().await?;
    if !paused {
        system.app().bell().ring(name, "resumed");
    }
    Ok(())
}

/// Bounds how many jobs of one organisation run at once in a queue; none lifts the bound.
pub async fn limit_queue(desk: &Desk, name: &str, most: Option<i32>) -> Result<()> {
    let (system, _) = desk.operator()?;
    let tx = system.begin().await?;
    tx.statement(sql!("queue_limit.sql")).bind("name", name).bind("most", most).bind("now", tx.now()).run().await?;
    tx.commit().await
}

/// The schedules, for operators.
pub async fn schedules_for(desk: &Desk, declared: &[Schedule]) -> Result<Vec<Timetable>> {
    schedules::timetables(desk.operator()?.0, declared).await
}

/// Stops a schedule, or lets it go on from now.
pub async fn pause_schedule(desk: &Desk, declared: &[Schedule], name: &str, paused: bool) -> Result<()> {
    let (system, locale) = desk.operator()?;
    if !declared.iter().any(|schedule| schedule.name == name) {
        return Err(Error::refuse(Code::NotFound, "schedule", locale.say("schedule-unknown", &[])));
    }
    schedules::pause(system, name, paused).await
}
