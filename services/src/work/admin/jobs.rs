//! The jobs of a desk: how each stands, and why it failed.

use super::Desk;
use crate::identity::Permission;
use crate::locale::Locale;
use crate::page::{Cursor, LARGEST_TOTAL, Page, PageArgs, Sort, listed, order_name};
use crate::scope::{SystemScope, SystemStatement};
use crate::{Error, Reads, Result, sql};
use entities::work::JobId;
use entities::work::job::{self, JobFailure, JobState};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

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
