//! A card for each queue.

use super::Writer;
use crate::html::Safe;
use services::work::admin::{MOST_PER_ORGANIZATION, QueueDepth};

impl Writer<'_> {
    pub(super) fn queues(&self) -> String {
        let cards: String = self.board.queues.iter().map(|queue| self.queue(queue)).collect();
        format!("<section><h2>{}</h2><div class=\"cards\">{cards}</div></section>", self.say("jobs-page-queues"))
    }

    fn queue(&self, queue: &QueueDepth) -> String {
        let (act, label) = if queue.paused { ("resume", "jobs-page-resume") } else { ("pause", "jobs-page-pause") };
        let button = self.button(act, &[("queue", &queue.name)], &self.say(label), if queue.paused { "main" } else { "" });
        let pill = if queue.paused { ("bad", "jobs-page-paused") } else { ("good", "jobs-page-open") };
        let number = |count: i64, key: &str, class: &str| {
            let class = if count == 0 { "none" } else { class };
            format!("<div class=\"{class}\"><dd>{}</dd><dt>{}</dt></div>", self.locale.number(&count.to_string()), self.say(key))
        };
        let oldest = queue.oldest.filter(|_| queue.waiting > 0);
        let oldest = oldest.map(|at| self.locale.say("jobs-page-oldest", &[("since", self.distance(at))])).unwrap_or_default();
        format!(
            "<article class=\"card\"><div class=\"top\"><h3>{}</h3><span class=\"pill {}\">{}</span></div><dl>{}{}{}{}</dl><div class=\"foot\"><span class=\"dim\">{oldest}</span>{button}</div>{}</article>",
            Safe(&queue.name),
            pill.0,
            self.say(pill.1),
            number(queue.waiting, "jobs-page-waiting", ""),
            number(queue.running, "jobs-page-running", "good"),
            number(queue.later, "jobs-page-later", ""),
            number(queue.dead, "jobs-page-failed-count", "bad"),
            self.limit(queue),
        )
    }

    /// How many jobs of one organisation the queue runs at once, to be changed.
    fn limit(&self, queue: &QueueDepth) -> String {
        let limit = queue.per_organization.map(|most| most.to_string()).unwrap_or_default();
        let field = format!(
            "<label>{}<input name=\"most\" type=\"number\" min=\"1\" max=\"{MOST_PER_ORGANIZATION}\" value=\"{limit}\" placeholder=\"{}\"></label>",
            self.say("jobs-page-limit"),
            self.say("jobs-page-no-limit"),
        );
        self.form("limit", &[("queue", &queue.name)], &field, &self.say("jobs-page-set"), "")
    }
}
