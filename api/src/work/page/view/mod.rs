//! The page as HTML.

mod acts;
mod jobs;
mod queues;
mod schedules;

pub use jobs::Shelf;

use crate::html::{self, Safe};
use entities::Timestamp;
use entities::work::job;
use services::App;
use services::identity::external;
use services::locale::Locale;
use services::page::Page;
use services::settings::Issuer;
use services::work::admin::{OperatorAct, QueueDepth};
use services::work::schedules::Timetable;

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
    /// What operators did last.
    pub acts: Vec<OperatorAct>,
}

fn frame(locale: Locale, body: &str) -> String {
    html::frame(locale, &locale.say("jobs-page-title", &[]), body)
}

/// The form that signs in, with what went wrong before.
pub fn sign_in(app: &App, locale: Locale, trouble: Option<&str>) -> String {
    let say = |key: &str| locale.say(key, &[]);
    let trouble = trouble.map(|text| format!("<p class=\"said bad\" role=\"alert\">{}</p>", Safe(text))).unwrap_or_default();
    let body = format!(
        "<main class=\"door\"><form method=\"post\" action=\"/jobs/sign-in\" class=\"card\"><p class=\"mark\">Teranga</p><h1>{}</h1><p class=\"dim\">{}</p>{trouble}\
         <label>{}<input name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus></label>\
         <label>{}<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <label>{}<input name=\"code\" autocomplete=\"one-time-code\"></label>\
         <button class=\"main\">{}</button>{}</form></main>",
        say("jobs-page-title"),
        say("jobs-page-for-operators"),
        say("jobs-page-email"),
        say("jobs-page-password"),
        say("jobs-page-code"),
        say("jobs-page-sign-in"),
        others(app, locale),
    );
    frame(locale, &body)
}

/// A link to each issuer that people may sign in with.
fn others(app: &App, locale: Locale) -> String {
    let link = |issuer: &Issuer| {
        let words = locale.say("jobs-page-with", &[("provider", issuer.name.clone())]);
        format!("<a class=\"other\" href=\"/jobs/with?provider={}\">{}</a>", issuer.key, Safe(&words))
    };
    external::providers(app).iter().map(link).collect()
}

/// The form for a code of the second factor.
pub fn second_factor(locale: Locale, challenge: &str, trouble: Option<&str>) -> String {
    let say = |key: &str| locale.say(key, &[]);
    let trouble = trouble.map(|text| format!("<p class=\"said bad\" role=\"alert\">{}</p>", Safe(text))).unwrap_or_default();
    let body = format!(
        "<main class=\"door\"><form method=\"post\" action=\"/jobs/with/code\" class=\"card\"><p class=\"mark\">Teranga</p><h1>{}</h1>{trouble}\
         <label>{}<input name=\"code\" autocomplete=\"one-time-code\" required autofocus></label>\
         <input type=\"hidden\" name=\"challenge\" value=\"{}\"><button class=\"main\">{}</button></form></main>",
        say("jobs-page-title"),
        say("jobs-page-second-factor"),
        Safe(challenge),
        say("jobs-page-sign-in"),
    );
    frame(locale, &body)
}

/// A page that leads to the board by itself.
pub fn go_on(locale: Locale) -> String {
    let say = |key: &str| locale.say(key, &[]);
    let body = format!(
        "<meta http-equiv=\"refresh\" content=\"0;url=/jobs\"><main class=\"door\"><div class=\"card\"><p class=\"mark\">Teranga</p>\
         <h1>{}</h1><a class=\"other\" href=\"/jobs\">{}</a></div></main>",
        say("jobs-page-title"),
        say("jobs-page-go-on"),
    );
    frame(locale, &body)
}

/// The page of a signed-in operator.
pub fn board(locale: Locale, board: &Board) -> String {
    let writer = Writer { locale, board };
    let main = [writer.said(), writer.queues(), writer.jobs(), writer.schedules(), writer.acts()].concat();
    let body = format!("{}<main>{main}</main>", writer.head());
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
        self.form(act, fields, "", label, class)
    }

    /// A form of what it says, what is written into it, and a button.
    fn form(&self, act: &str, fields: &[(&str, &str)], asked: &str, label: &str, class: &str) -> String {
        let hidden = |name: &str, value: &str| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Safe(value));
        let fields: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
        let (token, show) = (hidden("token", &self.board.form_token), hidden("show", self.board.shelf.name()));
        let act = hidden("act", act);
        format!(
            "<form method=\"post\" action=\"/jobs/act\">{token}{show}{act}{fields}{asked}<button class=\"{class}\">{label}</button></form>"
        )
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
            Some("limited") => ("jobs-page-limited", "good"),
            Some("resumed") => ("jobs-page-resumed", "good"),
            Some("refused") => ("jobs-page-refused", "bad"),
            _ => return String::new(),
        };
        format!("<p class=\"said {class}\" role=\"status\">{}</p>", self.say(key))
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
