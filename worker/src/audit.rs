//! The jobs of `audit`.

use crate::Registry;
use services::audit::{SealEvents, SweepUnsealed, WriteAnchors, seal, sweep, write_anchors};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .organization(|scope, job, payload: SealEvents| async move { seal(&scope, &job, payload).await })
        .platform(|system, job, payload: SweepUnsealed| async move { sweep(&system, &job, payload).await })
        .platform(|system, _, _: WriteAnchors| async move { write_anchors(&system).await })
}
