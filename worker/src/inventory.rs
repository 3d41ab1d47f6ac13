//! The jobs of `inventory`.

use crate::Registry;
use services::inventory::names::{FoldNames, fold};
use services::inventory::service_days::{RebuildServiceDays, rebuild};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: RebuildServiceDays| async move { rebuild(&scope, &job, payload).await })
        .platform(|system, _, _: FoldNames| async move { fold(&system).await.map(drop) })
}
