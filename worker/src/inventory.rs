//! The jobs of `inventory`.

use crate::Registry;
use services::inventory::service_days::{RebuildServiceDays, rebuild};

pub fn jobs(registry: Registry) -> Registry {
    registry.organization(|scope, job, payload: RebuildServiceDays| async move { rebuild(&scope, &job, payload).await })
}
