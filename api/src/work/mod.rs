//! Background jobs, queues and schedules, for administrators and operators.

pub mod mutation;
pub mod page;
pub mod query;
pub mod types;

use crate::context::{Ask, Asking};
use crate::error::Result;
use async_graphql::Context;
use services::SystemScope;
use services::work::admin::Desk;

/// The caller's desk: an operator's over all organisations, else the active organisation's.
fn desk(ctx: &Context<'_>) -> Result<Desk> {
    if let Ok(operator) = ctx.operator() {
        let Asking { app, scope, asked, .. } = ctx.asking();
        let system = SystemScope::new(app).called_by(scope.as_ref()).operated_by(operator, asked.clone());
        return Ok(Desk::Operator(system, ctx.locale()));
    }
    Ok(Desk::Organization(ctx.scope()?.clone()))
}
