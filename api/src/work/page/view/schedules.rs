//! A line for each schedule.

use super::Writer;
use services::work::schedules::Timetable;

impl Writer<'_> {
    pub(super) fn schedules(&self) -> String {
        let rows: String = self.board.schedules.iter().map(|table| self.schedule(table)).collect();
        format!("<section><h2>{}</h2><div class=\"list card\">{rows}</div></section>", self.say("jobs-page-schedules"))
    }

    fn schedule(&self, table: &Timetable) -> String {
        let schedule = &table.schedule;
        let (act, label) = if table.paused { ("resume-schedule", "jobs-page-resume") } else { ("pause-schedule", "jobs-page-pause") };
        let button = self.button(act, &[("schedule", schedule.name)], &self.say(label), if table.paused { "main" } else { "" });
        let last = |at| format!("{} {}", self.say("jobs-page-last"), self.when(at));
        let last = table.last_fired_at.map_or_else(|| self.say("jobs-page-never"), last);
        let pill = if table.paused { format!("<span class=\"pill bad\">{}</span>", self.say("jobs-page-paused")) } else { String::new() };
        let next = if table.paused { "—".to_owned() } else { self.when(table.next_fire_at) };
        format!(
            "<article class=\"job\"><div><div class=\"top\"><h3>{}</h3>{pill}</div><p class=\"dim\"><code>{}</code> {} · {} {next} · {last}</p></div><div class=\"acts\">{button}</div></article>",
            schedule.name,
            schedule.cron,
            schedule.time_zone.name(),
            self.say("jobs-page-next"),
        )
    }
}
