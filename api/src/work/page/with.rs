//! Signing in at the page with another issuer: there and back.
//!
//! What the trip is bound to lies in a cookie for ten minutes; it comes along when the issuer sends the person back, which the
//! session's own would not: that one never comes from another site. So the page says "go on" by itself once the person is back.

use super::{entry, failed, html, language, seated, to, view};
use crate::html::{doorway as doorway_of, may_try};
use poem::http::{StatusCode, header};
use poem::web::{Data, Form, Query};
use poem::{Request, Response, handler};
use serde::Deserialize;
use services::identity::external::{self, Returned};
use services::identity::sessions::{self, SignedIn};
use services::locale::Locale;
use services::scope::retrying;
use services::{App, Error};
use std::collections::HashMap;

const COOKIE: &str = "teranga_trip";

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    provider: String,
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
}

/// Sends the person to the issuer.
#[handler]
pub(super) async fn go(app: Data<&App>, request: &Request, Query(chosen): Query<Chosen>) -> Response {
    let locale = language(request);
    match external::begin(&doorway_of(&app, request, locale), &chosen.provider, &external::own_redirect(&app), None).await {
        Ok(begun) => to(&begun.url, Some(cookie(&app, &begun.flow, 600))),
        Err(error) => refused(&app, locale, error),
    }
}

/// The person is back.
#[handler]
pub(super) async fn back(app: Data<&App>, request: &Request, Query(back): Query<Back>) -> Response {
    let locale = language(request);
    let doorway = doorway_of(&app, request, locale);
    let flow = entry::cookie_of(request, COOKIE).unwrap_or_default();
    let agent = request.header(header::USER_AGENT).map(str::to_owned);
    let returned = Returned { flow, state: back.state, code: back.code, issuer: back.iss };
    let mut answer = match external::sign_in(&doorway, &returned, None, agent).await {
        Ok(SignedIn::Session(session)) => seated(&app, &doorway, &session, |cookie| go_on(locale, cookie)).await,
        Ok(SignedIn::Challenge(challenge)) => html(StatusCode::OK, &view::second_factor(locale, &challenge.token, None)),
        Err(error) => refused(&app, locale, error),
    };
    if let Ok(over) = cookie(&app, "", 0).parse() {
        answer.headers_mut().append(header::SET_COOKIE, over);
    }
    answer
}

/// The code of the second factor, after the issuer vouched for the person.
#[handler]
pub(super) async fn code(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let locale = language(request);
    let field = |name: &str| form.get(name).map(|text| text.replace('\0', "")).unwrap_or_default();
    let again = |status, key: &str| html(status, &view::second_factor(locale, &field("challenge"), Some(&locale.say(key, &[]))));
    if !entry::is_ours(&app, request) {
        return again(StatusCode::FORBIDDEN, "jobs-page-stale");
    }
    if !may_try(&app, request).await {
        return again(StatusCode::TOO_MANY_REQUESTS, "jobs-page-too-many");
    }
    let (doorway, agent) = (doorway_of(&app, request, locale), request.header(header::USER_AGENT).map(str::to_owned));
    let (challenge, code) = (field("challenge"), field("code"));
    match retrying(|| sessions::complete_sign_in(&doorway, &challenge, &code, agent.clone())).await {
        Ok(session) => seated(&app, &doorway, &session, |cookie| to("/jobs", Some(cookie))).await,
        Err(Error::Refused(_)) => again(StatusCode::UNAUTHORIZED, "jobs-page-code-wanted"),
        Err(error) => failed(&app, locale, &error),
    }
}

/// A page that goes on by itself: what this site asks for brings the new cookie along.
fn go_on(locale: Locale, cookie: String) -> Response {
    let mut answer = html(StatusCode::OK, &view::go_on(locale));
    if let Ok(cookie) = cookie.parse() {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

fn refused(app: &App, locale: Locale, error: Error) -> Response {
    match error {
        Error::Refused(why) => {
            let why: Vec<&str> = why.iter().map(|refusal| refusal.message.as_str()).collect();
            html(StatusCode::UNAUTHORIZED, &view::sign_in(app, locale, Some(&why.join(" "))))
        }
        error => failed(app, locale, &error),
    }
}

/// Sent along when another site leads here, unlike the session's.
fn cookie(app: &App, flow: &str, seconds: u32) -> String {
    let secure = if app.settings().public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={flow}; Path=/jobs/with; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
