//! The jobs of `data_imports`.

use crate::Registry;
use services::data_imports::{FailStranded, RunImport, fail_stranded, run};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: RunImport| async move { run(&scope, &job, payload).await })
        .platform(|system, _, _: FailStranded| async move { fail_stranded(&system).await.map(drop) })
}
