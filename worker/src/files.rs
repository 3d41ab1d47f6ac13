//! The jobs of `files`.

use crate::Registry;
use services::files::{Sweep, sweep};

pub fn jobs(registry: Registry) -> Registry {
    registry.platform(|system, _, _: Sweep| async move { sweep(&system).await.map(drop) })
}
