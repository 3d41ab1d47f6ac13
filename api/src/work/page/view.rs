//! The page as HTML.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entities::Timestamp;
use entities::work::job;
use services::locale::Locale;
use services::page::Page;
use services::work::PLATFORM;
use services::work::admin::{QueueDepth, Standing};
use services::work::schedules::Timetable;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

const STYLE: &str = include_str!("style.css");

/// What the page may load: its own style, and nothing else.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        format!("default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
    });
    &POLICY
}

/// Everything the page shows.
pub struct Board {
    pub now: Timestamp,
    pub form_token: String,
    /// What to say of the last action.
    pub said: Option<String>,
    pub queues: Vec<QueueDepth>,
    pub schedules: Vec<Timetable>,
    pub shelf: Shelf,
    pub jobs: Page<job::Model>,
}

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

/// Text that is safe between tags and in quoted attributes.
struct Safe<'a>(&'a str);

impl std::fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

fn frame(locale: Locale, body: &str) -> String {
    let (lang, title) = (locale.code(), locale.say("jobs-page-title", &[]));
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title} · Teranga</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

/// The form that signs in, with what went wrong before.
pub fn sign_in(locale: Locale, trouble: Option<&str>) -> String {
    let say = |key: &str| locale.say(key, &[]);
    let trouble = trouble.map(|text| format!("<p class=\"said bad\" role=\"alert\">{}</p>", Safe(text))).unwrap_or_default();
    let body = format!(
        "<main class=\"door\"><form method=\"post\" action=\"/jobs/sign-in\" class=\"card\"><p class=\"mark\">Teranga</p><h1>{}</h1><p class=\"dim\">{}</p>{trouble}\
         <label>{}<input name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus></label>\
         <label>{}<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button class=\"main\">{}</button></form></main>",
        say("jobs-page-title"),
        say("jobs-page-for-operators"),
        say("jobs-page-email"),
        say("jobs-page-password"),
        say("jobs-page-sign-in"),
    );
    frame(locale, &body)
}

/// The page of a signed-in operator.
pub fn board(locale: Locale, board: &Board) -> String {
    let writer = Writer { locale, board };
    let body = format!("{}<main>{}{}{}{}</main>", writer.head(), writer.said(), writer.queues(), writer.jobs(), writer.schedules());
    frame(locale, &body)
}

struct Writer<'a> {
    locale: Locale,
    board: &'a Board,
}

impl Writer<'_> {
    fn say(&self, key: &str) -> String {
        self.locale.say(key, &[])
    }

    /// A form of one button.
    fn button(&self, act: &str, fields: &[(&str, &str)], label: &str, class: &str) -> String {
        let hidden = |name: &str, value: &str| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Safe(value));
        let fields: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
        let (token, show) = (hidden("token", &self.board.form_token), hidden("show", self.board.shelf.name()));
        let act = hidden("act", act);
        format!("<form method=\"post\" action=\"/jobs/act\">{token}{show}{act}{fields}<button class=\"{class}\">{label}</button></form>")
    }

    fn head(&self) -> String {
        let token = Safe(&self.board.form_token);
        format!(
            "<header><div><span class=\"mark\">Teranga</span><h1>{}</h1></div><nav><a href=\"/jobs?show={}\">{}</a>\
             <form method=\"post\" action=\"/jobs/sign-out\"><input type=\"hidden\" name=\"token\" value=\"{token}\"><button class=\"plain\">{}</button></form></nav></header>",
            self.say("jobs-page-title"),
            self.board.shelf.name(),
            self.say("jobs-page-refresh"),
            self.say("jobs-page-sign-out"),
        )
    }

    fn said(&self) -> String {
        let (key, class) = match self.board.said.as_deref() {
            Some("retried") => ("jobs-page-retried", "good"),
            Some("discarded") => ("jobs-page-discarded", "good"),
            Some("paused") => ("jobs-page-was-paused", "good"),
            Some("resumed") => ("jobs-page-resumed", "good"),
            Some("refused") => ("jobs-page-refused", "bad"),
            _ => return String::new(),
        };
        format!("<p class=\"said {class}\" role=\"status\">{}</p>", self.say(key))
    }

    fn queues(&self) -> String {
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
            "<article class=\"card\"><div class=\"top\"><h3>{}</h3><span class=\"pill {}\">{}</span></div><dl>{}{}{}{}</dl><div class=\"foot\"><span class=\"dim\">{oldest}</span>{button}</div></article>",
            Safe(&queue.name),
            pill.0,
            self.say(pill.1),
            number(queue.waiting, "jobs-page-waiting", ""),
            number(queue.running, "jobs-page-running", "good"),
            number(queue.later, "jobs-page-later", ""),
            number(queue.dead, "jobs-page-failed-count", "bad"),
        )
    }

    fn jobs(&self) -> String {
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

    fn schedules(&self) -> String {
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

    /// An instant as a distance from now, with the exact one behind it.
    fn when(&self, at: Timestamp) -> String {
        let key = if at <= self.board.now { "jobs-page-ago" } else { "jobs-page-in" };
        let exact = at.to_utc().format("%Y-%m-%dT%H:%M:%SZ");
        format!("<time datetime=\"{exact}\" title=\"{exact}\">{}</time>", self.locale.say(key, &[("time", self.distance(at))]))
    }

    /// How far an instant is from now, in its largest whole unit.
    fn distance(&self, at: Timestamp) -> String {
        let seconds = (self.board.now.0 - at.0).abs() / 1_000_000;
        let (n, key) = match seconds {
            ..60 => (seconds, "jobs-page-seconds"),
            60..3600 => (seconds / 60, "jobs-page-minutes"),
            3600..86400 => (seconds / 3600, "jobs-page-hours"),
            _ => (seconds / 86400, "jobs-page-days"),
        };
        self.locale.say(key, &[("n", n.to_string())])
    }
}
