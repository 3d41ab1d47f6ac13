use super::desk;
use super::types::Job;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::schema::{operator, requires};
use async_graphql::{Context, ID, InputObject, Object};
use entities::work::JobId;
use services::Error;
use services::scope::retrying;
use services::work::admin;

/// Which job to run again.
#[derive(InputObject)]
pub struct JobRetryInput {
    /// The job.
    id: ID,
}

/// Which job to give up.
#[derive(InputObject)]
pub struct JobDiscardInput {
    /// The job.
    id: ID,
    /// Why; kept with the job.
    reason: Option<String>,
}

/// Which queue to stop.
#[derive(InputObject)]
pub struct QueuePauseInput {
    /// Its name.
    queue: String,
}

/// Which queue to let go on.
#[derive(InputObject)]
pub struct QueueResumeInput {
    /// Its name.
    queue: String,
}

/// How many jobs of one organisation a queue runs at once.
#[derive(InputObject)]
pub struct QueueLimitInput {
    /// Its name.
    queue: String,
    /// From 1 to 1,000; none: no bound.
    per_organization: Option<i32>,
}

payload! {
    JobRetryPayload {
        /// The job, waiting again.
        job: Job
    },
    JobDiscardPayload {
        /// The job, given up.
        job: Job
    },
    QueuePausePayload {
        /// The queue that no longer gives out jobs.
        queue: String
    },
    QueueResumePayload {
        /// The queue that gives out jobs again.
        queue: String
    },
    QueueLimitPayload {
        /// The queue whose bound is changed.
        queue: String
    },
}

#[derive(Default)]
pub struct WorkMutation;

#[Object]
impl WorkMutation {
    /// Runs a dead or discarded job again from the beginning, or a waiting retry at once.
    #[graphql(directive = requires::apply("WORK_JOB_MANAGE".into()))]
    async fn job_retry(&self, ctx: &Context<'_>, input: JobRetryInput) -> Result<Option<JobRetryPayload>> {
        let (desk, id) = (desk(ctx)?, JobId::of_global(&input.id));
        let retried = retrying(|| admin::retry(&desk, id)).await.map_err(|error| unknown(ctx, error));
        Ok(Some(JobRetryPayload::of(retried.map(Job::from))?))
    }

    /// Gives up a job that waits or is dead.
    #[graphql(directive = requires::apply("WORK_JOB_MANAGE".into()))]
    async fn job_discard(&self, ctx: &Context<'_>, input: JobDiscardInput) -> Result<Option<JobDiscardPayload>> {
        let (desk, id) = (desk(ctx)?, JobId::of_global(&input.id));
        let discarded = retrying(|| admin::discard(&desk, id, input.reason.clone())).await.map_err(|error| unknown(ctx, error));
        Ok(Some(JobDiscardPayload::of(discarded.map(Job::from))?))
    }

    /// Stops giving out jobs of a queue; those that run go on.
    #[graphql(directive = operator::apply())]
    async fn queue_pause(&self, ctx: &Context<'_>, input: QueuePauseInput) -> Result<Option<QueuePausePayload>> {
        Ok(Some(QueuePausePayload::of(retrying(|| pause(ctx, &input.queue, true)).await)?))
    }

    /// Gives out jobs of a queue again.
    #[graphql(directive = operator::apply())]
    async fn queue_resume(&self, ctx: &Context<'_>, input: QueueResumeInput) -> Result<Option<QueueResumePayload>> {
        Ok(Some(QueueResumePayload::of(retrying(|| pause(ctx, &input.queue, false)).await)?))
    }

    /// Bounds how many jobs of one organisation run at once in a queue, or lifts the bound.
    #[graphql(directive = operator::apply())]
    async fn queue_limit(&self, ctx: &Context<'_>, input: QueueLimitInput) -> Result<Option<QueueLimitPayload>> {
        Ok(Some(QueueLimitPayload::of(retrying(|| limit(ctx, &input)).await)?))
    }
}

async fn limit(ctx: &Context<'_>, input: &QueueLimitInput) -> services::Result<String> {
    let desk = desk(ctx).map_err(|failure| failure.0)?;
    admin::limit_queue(&desk, &worker::registry().queues(), &input.queue, input.per_organization).await?;
    Ok(input.queue.clone())
}

async fn pause(ctx: &Context<'_>, queue: &str, paused: bool) -> services::Result<String> {
    let desk = desk(ctx).map_err(|failure| failure.0)?;
    admin::pause_queue(&desk, &worker::registry().queues(), queue, paused).await?;
    Ok(queue.to_owned())
}

fn unknown(ctx: &Context<'_>, error: Error) -> Error {
    error.or_refuse_missing("id", ctx.locale().say("job-unknown", &[]))
}
