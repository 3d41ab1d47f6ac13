//! Background jobs, queues and schedules, for administrators and operators.

pub mod mutation;
pub mod page;
pub mod query;
pub mod types;

use crate::context::Ask;
use crate::error::Result;
use async_graphql::Context;
use services::SystemScope;
use services::work::admin::Desk;

/// The caller's desk: an operator's over all organisations, else the active organisation's.
fn desk(ctx: &Context<'_>) -> Result<Desk> {
    if ctx.operator().is_ok() {
        let system = SystemScope::new(&ctx.asking().app).called_by(ctx.asking().scope.as_ref());
        return Ok(Desk::Operator(system, ctx.locale()));
    }
    Ok(Desk::Organization(ctx.scope()?.clone()))
}
