//! Jobs that wait, run or failed; queues; and the schedules that make jobs.

pub mod job;
pub mod queue;
pub mod schedule;

crate::id!(JobId);
