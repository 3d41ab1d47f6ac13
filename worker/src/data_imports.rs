//! The jobs of `data_imports`.

use crate::Registry;
use services::data_imports::{RunImport, run};

pub fn jobs(registry: Registry) -> Registry {
    registry.organization(|scope, job, payload: RunImport| async move { run(&scope, &job, payload).await })
}
