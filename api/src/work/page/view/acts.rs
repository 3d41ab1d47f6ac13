//! What operators did last.

use super::Writer;
use crate::html::Safe;
use services::work::admin::OperatorAct;

impl Writer<'_> {
    pub(super) fn acts(&self) -> String {
        let rows: String = self.board.acts.iter().map(|act| self.act(act)).collect();
        let rows = if rows.is_empty() { format!("<p class=\"empty\">{}</p>", self.say("jobs-page-nothing")) } else { rows };
        format!("<section><h2>{}</h2><div class=\"list card\">{rows}</div></section>", self.say("jobs-page-acts"))
    }

    fn act(&self, act: &OperatorAct) -> String {
        let target = act.target_id.map(|id| id.to_string()).unwrap_or_default();
        format!(
            "<article class=\"job\"><div><div class=\"top\"><h3>{}</h3></div>\
             <p class=\"dim\">{} · {} · <code>{}</code> <span class=\"whose\">{target}</span></p></div></article>",
            Safe(&act.action),
            Safe(act.display_name.as_deref().unwrap_or("—")),
            self.when(act.at),
            Safe(&act.changes),
        )
    }
}
