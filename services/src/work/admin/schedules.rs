//! The schedules, as operators see and stop them.

use super::Desk;
use crate::work::schedules::{self, Schedule, Timetable};
use crate::{Code, Error, Result};

/// The schedules, for operators.
pub async fn schedules_for(desk: &Desk, declared: &[Schedule]) -> Result<Vec<Timetable>> {
    schedules::timetables(desk.operator()?.0, declared).await
}

/// Stops a schedule, or lets it go on from now.
pub async fn pause_schedule(desk: &Desk, declared: &[Schedule], name: &str, paused: bool) -> Result<()> {
    let (system, locale) = desk.operator()?;
    if !declared.iter().any(|schedule| schedule.name == name) {
        return Err(Error::refuse(Code::NotFound, "schedule", locale.say("schedule-unknown", &[])));
    }
    schedules::pause(system, name, paused).await
}
