//! The jobs, on four shelves.

use super::Writer;
use crate::html::Safe;
use entities::work::job;
use services::work::PLATFORM;
use services::work::admin::Standing;

/// Which jobs are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Failed,
    Waiting,
    Running,
    Done,
}

impl Shelf {
    const ALL: [Self; 4] = [Self::Failed, Self::Waiting, Self::Running, Self::Done];

    pub fn of(name: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|shelf| Some(shelf.name()) == name).unwrap_or(Self::Failed)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
        }
    }
}

impl Writer<'_> {
    pub(super) fn jobs(&self) -> String {
        let tabs: String = Shelf::ALL
            .into_iter()
            .map(|shelf| {
                let here = if shelf == self.board.shelf { " aria-current=\"page\"" } else { "" };
                format!("<a href=\"/jobs?show={0}\"{here}>{1}</a>", shelf.name(), self.say(&format!("jobs-page-shelf-{}", shelf.name())))
            })
            .collect();
        let rows: String = self.board.jobs.items().map(|job| self.job(job)).collect();
        let rows = if rows.is_empty() { format!("<p class=\"empty\">{}</p>", self.say("jobs-page-nothing")) } else { rows };
        let more = self.board.jobs.rows.last().filter(|_| self.board.jobs.has_next);
        let more = more.map(|row| {
            let (shelf, cursor, label) = (self.board.shelf.name(), row.cursor(), self.say("jobs-page-more"));
            let after = Safe(&cursor);
            format!("<a class=\"more\" href=\"/jobs?show={shelf}&amp;after={after}\">{label}</a>")
        });
        format!(
            "<section><h2>{}</h2><nav class=\"tabs\">{tabs}</nav><div class=\"list card\">{rows}</div>{}</section>",
            self.say("jobs-page-jobs"),
            more.unwrap_or_default(),
        )
    }

    fn job(&self, job: &job::Model) -> String {
        let standing = Standing::of(job);
        let (class, key) = match standing {
            Standing::Dead => ("bad", "jobs-page-dead"),
            Standing::Discarded => ("", "jobs-page-given-up"),
            Standing::Retrying => ("warn", "jobs-page-retrying"),
            Standing::Queued => ("", "jobs-page-waiting"),
            Standing::Running => ("good", "jobs-page-running"),
            Standing::Completed => ("good", "jobs-page-done"),
        };
        let id = job.id.to_string();
        let mut buttons = String::new();
        if matches!(standing, Standing::Dead | Standing::Discarded | Standing::Retrying) {
            buttons += &self.button("retry", &[("job", &id)], &self.say("jobs-page-retry"), "main");
        }
        if matches!(standing, Standing::Dead | Standing::Queued | Standing::Retrying) {
            buttons += &self.button("discard", &[("job", &id)], &self.say("jobs-page-discard"), "");
        }
        let error = job.last_error.as_deref().map(|text| format!("<p class=\"error\">{}</p>", Safe(text))).unwrap_or_default();
        let whose = if job.tenant_id == PLATFORM { self.say("jobs-page-platform") } else { job.tenant_id.to_string() };
        let request = job.trace.as_deref().map(|id| self.locale.say("jobs-page-request", &[("id", id.to_owned())]));
        let request = request.map(|text| format!(" · <span class=\"whose\">{}</span>", Safe(&text))).unwrap_or_default();
        let attempts = [("attempts", job.attempts.to_string()), ("most", job.max_attempts.to_string())];
        format!(
            "<article class=\"job\"><div><div class=\"top\"><h3>{}</h3><span class=\"pill {class}\">{}</span></div>\
             <p class=\"dim\">{} · {} · {} · <span class=\"whose\">{whose}</span>{request}</p>{error}</div><div class=\"acts\">{buttons}</div></article>",
            Safe(&job.kind),
            self.say(key),
            Safe(&job.queue),
            self.locale.say("jobs-page-attempts", &attempts),
            self.when(job.finished_at.or(job.started_at).unwrap_or(job.run_at)),
        )
    }
}
