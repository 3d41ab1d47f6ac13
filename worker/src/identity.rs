//! The jobs of `identity`.

use crate::Registry;
use services::identity::{SendReset, send_reset};

pub fn jobs(registry: Registry) -> Registry {
    registry.platform(|system, job, payload: SendReset| async move { send_reset(&system, &job, payload).await })
}
