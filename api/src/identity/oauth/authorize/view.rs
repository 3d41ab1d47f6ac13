//! The page as HTML.

use super::Visit;
use crate::html::{self, Safe};
use entities::identity::user;
use services::identity::Permission;
use services::identity::oauth::{Question, Request as Wanted};

fn frame(visit: &Visit, inside: &str) -> String {
    let body = format!("<main class=\"door\"><div class=\"card\"><p class=\"mark\">Teranga</p>{inside}</div></main>");
    html::frame(visit.locale, &visit.say("oauth-page-title"), &body)
}

fn trouble(why: Option<&str>) -> String {
    why.map(|text| format!("<p class=\"said bad\" role=\"alert\">{}</p>", Safe(text))).unwrap_or_default()
}

fn form(visit: &Visit, act: &str, fields: &str) -> String {
    let query = Safe(&visit.query);
    format!(
        "<form method=\"post\" action=\"/oauth/authorize/{act}\" class=\"steps\">{fields}\
         <input type=\"hidden\" name=\"request\" value=\"{query}\"></form>"
    )
}

fn asking(visit: &Visit, wanted: &Wanted) -> String {
    let words = [("client", wanted.client_name.clone()), ("organization", wanted.organization.clone())];
    let help = visit.locale.say("oauth-page-sign-in-help", &words);
    format!("<h1>{}</h1><p class=\"dim\">{}</p>", visit.say("oauth-page-sign-in"), Safe(&help))
}

/// The form that signs in, with what went wrong before.
pub fn sign_in(visit: &Visit, wanted: &Wanted, why: Option<&str>) -> String {
    let fields = format!(
        "<label>{}<input name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus></label>\
         <label>{}<input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <button class=\"main\">{}</button>",
        visit.say("oauth-page-email"),
        visit.say("oauth-page-password"),
        visit.say("oauth-page-go-on"),
    );
    frame(visit, &format!("{}{}{}", asking(visit, wanted), trouble(why), form(visit, "sign-in", &fields)))
}

/// The form for a code of the second factor.
pub fn second_factor(visit: &Visit, wanted: &Wanted, challenge: &str, why: Option<&str>) -> String {
    let fields = format!(
        "<label>{}<input name=\"code\" autocomplete=\"one-time-code\" required autofocus></label>\
         <input type=\"hidden\" name=\"challenge\" value=\"{}\"><button class=\"main\">{}</button>",
        visit.say("oauth-page-code"),
        Safe(challenge),
        visit.say("oauth-page-go-on"),
    );
    frame(visit, &format!("{}{}{}", asking(visit, wanted), trouble(why), form(visit, "code", &fields)))
}

/// What the client asks of the person.
pub fn question(visit: &Visit, wanted: &Wanted, token: &str, question: &Question, person: &user::Model, why: Option<&str>) -> String {
    let (say, locale) = (|key: &str| visit.say(key), visit.locale);
    let wants = locale.say("oauth-page-wants", &[("client", wanted.client_name.clone())]);
    let who = format!("{} ({})", person.display_name, person.email);
    let whose = locale.say("oauth-page-whose", &[("organization", wanted.organization.clone()), ("person", who)]);
    let goes = locale.say("oauth-page-goes-to", &[("host", wanted.back.host())]);
    let withheld = match question.withheld.is_empty() {
        true => String::new(),
        false => format!("<p>{}</p>{}", say("oauth-page-will-not"), list(visit, &question.withheld, "rights dim")),
    };
    let fields = format!(
        "<input type=\"hidden\" name=\"token\" value=\"{}\">\
         <p class=\"answers\"><button name=\"act\" value=\"deny\">{}</button><button class=\"main\" name=\"act\" value=\"allow\">{}</button></p>\
         <button class=\"plain\" name=\"act\" value=\"leave\">{}</button>",
        Safe(token),
        say("oauth-page-deny"),
        say("oauth-page-allow"),
        say("oauth-page-other"),
    );
    frame(
        visit,
        &format!(
            "<h1 class=\"whose\">{}</h1><p class=\"dim whose\">{}</p>{}<p>{}</p>{}{withheld}<p class=\"dim whose\">{}</p>{}",
            Safe(&wants),
            Safe(&whose),
            trouble(why),
            say("oauth-page-will"),
            list(visit, &question.granted, "rights"),
            Safe(&goes),
            form(visit, "decide", &fields),
        ),
    )
}

fn list(visit: &Visit, scopes: &[Permission], class: &str) -> String {
    let line = |scope: &Permission| format!("<li>{}</li>", Safe(&scope.describe(visit.locale)));
    format!("<ul class=\"{class}\">{}</ul>", scopes.iter().map(line).collect::<String>())
}

/// Why the request goes no further, with the way back where there is one.
pub fn told(visit: &Visit, why: &str, back: Option<&str>) -> String {
    let back = back.map(|back| format!("<a class=\"other\" href=\"{}\">{}</a>", Safe(back), visit.say("oauth-page-back")));
    let body = format!("<h1>{}</h1><p class=\"said bad\" role=\"alert\">{}</p>", visit.say("oauth-page-refused"), Safe(why));
    frame(visit, &format!("{body}{}", back.unwrap_or_default()))
}
