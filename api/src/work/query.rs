use super::desk;
use super::types::{Job, JobConnection, JobFilter, Schedule};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::schema::{operator, requires};
use async_graphql::{Context, Object};
use services::work::admin;

#[derive(Default)]
pub struct WorkQuery;

#[Object]
impl WorkQuery {
    /// The active organisation's jobs, the latest first; an operator sees all.
    #[graphql(directive = requires::apply("WORK_JOB_READ".into()))]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<JobFilter>,
    ) -> Result<Option<JobConnection>> {
        let filter = filter.unwrap_or_default().into();
        let page = admin::page(&desk(ctx)?, &filter, &args(ctx, first, after, last, before)).await?;
        Ok(Some(JobConnection::new(page.map(Job::from))))
    }

    /// What makes jobs by the clock.
    #[graphql(directive = operator::apply())]
    async fn schedules(&self, ctx: &Context<'_>) -> Result<Option<Vec<Schedule>>> {
        ctx.operator()?;
        let tables = admin::schedules_for(&desk(ctx)?, &worker::schedules::all()).await?;
        Ok(Some(tables.into_iter().map(Schedule::from).collect()))
    }
}
