//! The jobs of `work` itself.

use crate::Registry;
use services::work::cleanup::{CleanUp, run};

pub fn jobs(registry: Registry) -> Registry {
    registry.platform(|system, job, payload: CleanUp| async move { run(&system, &job, payload).await.map(drop) })
}
