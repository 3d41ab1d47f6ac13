//! The jobs of `identity`.

use crate::Registry;
use services::identity::erasure::{EraseAccounts, erase_due};
use services::identity::{RotateKeys, SendReset, run_rotation, send_reset};

pub fn jobs(registry: Registry) -> Registry {
    registry
        .platform(|system, job, payload: SendReset| async move { send_reset(&system, &job, payload).await })
        .platform(|system, job, payload: RotateKeys| async move { run_rotation(&system, &job, payload).await })
        .platform(|system, job, payload: EraseAccounts| async move { erase_due(&system, &job, payload).await })
}
