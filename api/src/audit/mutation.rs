use super::types::AuditOutcome;
use crate::context::Ask;
use crate::error::Result;
use crate::scalars::{DateTime, Url};
use crate::schema::requires;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use services::audit::{self, AuditFilter};
use services::scope::retrying;

/// Which part of the audit log to take away; nothing given: all of it.
#[derive(InputObject)]
pub struct AuditExportInput {
    /// One of these actions.
    actions: Option<Vec<String>>,
    /// From this instant on.
    from: Option<DateTime>,
    /// Before this instant.
    to: Option<DateTime>,
    /// Ended so.
    outcome: Option<AuditOutcome>,
}

/// Where the CSV is to be had.
#[derive(SimpleObject)]
pub struct AuditExport {
    /// Whoever holds it may download it.
    url: Url,
    /// When the URL dies.
    expires_at: DateTime,
}

payload! {
    AuditExportPayload {
        /// The export.
        export: AuditExport
    },
}

#[derive(Default)]
pub struct AuditMutation;

#[Object]
impl AuditMutation {
    /// Answers a link to the audit log as a CSV, the latest first. That it was taken is in the log.
    #[graphql(directive = requires::apply("AUDIT_EVENT_READ".into()))]
    async fn audit_export(&self, ctx: &Context<'_>, input: AuditExportInput) -> Result<Option<AuditExportPayload>> {
        let filter = AuditFilter {
            actions: input.actions.unwrap_or_default(),
            from: input.from.map(|at| at.0),
            to: input.to.map(|at| at.0),
            denied: input.outcome.map(AuditOutcome::is_denied),
            ..AuditFilter::default()
        };
        let scope = ctx.scope()?;
        let announced = retrying(|| audit::announce_export(scope, filter.clone())).await;
        let export = announced.map(|made| AuditExport { url: Url(made.url), expires_at: made.expires_at.into() });
        Ok(Some(AuditExportPayload::of(export)?))
    }
}
