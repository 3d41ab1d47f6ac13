//! The jobs of `alerts`.

use crate::Registry;
use services::SystemScope;
use services::alerts::announce::{AnnounceStockAlerts, announce};
use services::alerts::evaluate::{EvaluateStockAlerts, evaluate_all, evaluate_tenant};
use services::work::PLATFORM;

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: EvaluateStockAlerts| async move {
            match job.tenant == PLATFORM {
                true => evaluate_all(&SystemScope::new(scope.app()), &job, payload).await,
                false => evaluate_tenant(&scope, &job, payload).await,
            }
        })
        .organization(|scope, job, payload: AnnounceStockAlerts| async move { announce(&scope, &job, payload).await })
}
