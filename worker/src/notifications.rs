//! The jobs of `notifications`.

use crate::Registry;
use services::notifications::{CleanUp, Deliver, Letter, carry_letter, cleanup, deliver};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: Deliver| async move { deliver(&scope, &job, payload).await })
        .platform(|system, job, letter: Letter| async move { carry_letter(&system, &job, letter).await })
        .platform(|system, _, _: CleanUp| async move { cleanup(&system).await.map(drop) })
}
