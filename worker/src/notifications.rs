//! The jobs of `notifications`.

use crate::Registry;
use services::notifications::{CleanUp, Deliver, cleanup, deliver};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: Deliver| async move { deliver(&scope, &job, payload).await })
        .platform(|system, _, _: CleanUp| async move { cleanup(&system).await.map(drop) })
}
