use super::{Extent, Failures, passes};
use crate::{Error, Result, SystemScope, sql};
use entities::TenantId;
use sea_orm::DbBackend;

#[derive(sea_orm::FromQueryResult)]
struct Tenant {
    tenant_id: TenantId,
}

/// Evaluates one organisation after the other and tells of those that fail; when all do, it is not their fault.
pub(super) async fn run(system: &SystemScope, extent: Extent, mut error: Error) -> Result<Failures> {
    tracing::warn!("the organisations are evaluated one by one, because all at once failed: {error}");
    // On SQLite what is full is marked already.
    let full = extent.full && system.app().database().backend() == DbBackend::Postgres;
    let tenants: Vec<Tenant> = system.read().await?.statement(sql!("tenants_apart.sql")).all().await?;
    let mut failed = Vec::new();
    for Tenant { tenant_id } in &tenants {
        if let Err(fault) = passes(system, Extent { tenant: Some(*tenant_id), full }).await {
            failed.push(*tenant_id);
            error = fault;
            tell(*tenant_id, &error);
        }
    }
    if failed.len() < tenants.len() { Ok(Failures { failed: failed.len(), of: tenants.len() }) } else { Err(error) }
}

fn tell(tenant: TenantId, error: &Error) {
    metrics::counter!("alert_evaluations_failed_total").increment(1);
    tracing::error!(tenant.id = %tenant, "the alerts of organisation {tenant} could not be evaluated: {error}");
}
