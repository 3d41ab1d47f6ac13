use super::types::{AuditEvent, AuditEventConnection, AuditLogFilter};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, Object};
use services::audit;

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who did what in the active organisation, the latest first.
    #[graphql(directive = requires::apply("AUDIT_EVENT_READ".into()))]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<AuditLogFilter>,
    ) -> Result<Option<AuditEventConnection>> {
        let filter = filter.unwrap_or_default().into();
        let page = audit::page(ctx.scope()?, &filter, &args(ctx, first, after, last, before)).await?;
        Ok(Some(AuditEventConnection::new(AuditEvent::page(page))))
    }
}
