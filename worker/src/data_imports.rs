//! The jobs of `data_imports`.

use crate::Registry;
use services::data_imports::{CleanUp, FailStranded, RunImport, UndoImport, cleanup, fail_stranded, run, run_undo};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: RunImport| async move { run(&scope, &job, payload).await })
        .organization(|scope, job, payload: UndoImport| async move { run_undo(&scope, &job, payload).await })
        .platform(|system, _, _: FailStranded| async move { fail_stranded(&system).await.map(drop) })
        .platform(|system, _, _: CleanUp| async move { cleanup(&system).await.map(drop) })
}
