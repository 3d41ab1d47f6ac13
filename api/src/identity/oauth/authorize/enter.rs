//! Signing in at the page: the same password, second factor, guesses and known devices as everywhere, and an ordinary session.

use super::{Visit, failed, judged, meet, page, seat, to, view};
use crate::work::page::is_ours;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::{Data, Form};
use poem::{Request, Response, handler};
use services::identity::oauth::Request as Wanted;
use services::identity::sessions::{self, Session, SignedIn};
use services::limits::{Bucket, Taken};
use services::scope::retrying;
use services::{App, Code, Error};
use std::collections::HashMap;

/// A form, sent.
pub(super) struct Sent(pub HashMap<String, String>);

impl Sent {
    /// No account's address holds U+0000, and not every database takes the question.
    pub fn field(&self, name: &str) -> String {
        self.0.get(name).map(|text| text.replace('\0', "")).unwrap_or_default()
    }
}

#[handler]
pub(super) async fn sign_in(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let sent = Sent(form);
    let visit = Visit::of(&app, request, sent.field("request"));
    let wanted = match judged(&visit).await {
        Ok(wanted) => wanted,
        Err(answer) => return answer,
    };
    let again = |status, why: &str| page(status, &wanted, view::sign_in(&visit, &wanted, Some(why)));
    if let Some((status, key)) = held_up(&visit, request).await {
        return again(status, &visit.say(key));
    }
    let (email, password) = (sent.field("email"), sent.field("password"));
    match sessions::sign_in(&visit.doorway, &email, password, None, visit.user_agent.clone()).await {
        Ok(SignedIn::Session(session)) => entered(&visit, &session),
        Ok(SignedIn::Challenge(challenge)) => page(StatusCode::OK, &wanted, view::second_factor(&visit, &wanted, &challenge.token, None)),
        Err(error) => unsure(&visit, error, again),
    }
}

#[handler]
pub(super) async fn code(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let sent = Sent(form);
    let visit = Visit::of(&app, request, sent.field("request"));
    let wanted = match judged(&visit).await {
        Ok(wanted) => wanted,
        Err(answer) => return answer,
    };
    let (challenge, code) = (sent.field("challenge"), sent.field("code"));
    let again = |status, why: &str| page(status, &wanted, view::second_factor(&visit, &wanted, &challenge, Some(why)));
    if let Some((status, key)) = held_up(&visit, request).await {
        return again(status, &visit.say(key));
    }
    let complete = || sessions::complete_sign_in(&visit.doorway, &challenge, &code, visit.user_agent.clone());
    match retrying(complete).await {
        Ok(session) => entered(&visit, &session),
        Err(Error::Refused(why)) if why.iter().any(|refusal| refusal.code == Code::TokenExpired) => over(&visit, &wanted, why).await,
        Err(error) => unsure(&visit, error, again),
    }
}

/// The sign-in took too long: it begins anew.
async fn over(visit: &Visit, wanted: &Wanted, why: Vec<services::Refusal>) -> Response {
    let why: Vec<String> = why.into_iter().map(|refusal| refusal.message).collect();
    meet(visit, wanted, None, Some(&why.join(" "))).await
}

/// Why a password or a code is not looked at: the form is of elsewhere, or the address asked too often.
async fn held_up(visit: &Visit, request: &Request) -> Option<(StatusCode, &'static str)> {
    if !is_ours(&visit.app, request) {
        return Some((StatusCode::FORBIDDEN, "oauth-page-stale"));
    }
    match visit.app.limiter().take(Bucket::address(visit.address), 1, visit.app.now()).await {
        Taken::Refused { .. } => Some((StatusCode::TOO_MANY_REQUESTS, "oauth-page-too-many")),
        _ => None,
    }
}

fn entered(visit: &Visit, session: &Session) -> Response {
    with_cookie(to(&visit.begin()), &seat::cookie(visit, session))
}

pub(super) fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

fn unsure(visit: &Visit, error: Error, again: impl Fn(StatusCode, &str) -> Response) -> Response {
    let Error::Refused(why) = error else { return failed(visit, &error) };
    let slow = why.iter().any(|refusal| refusal.code == Code::LimitReached);
    let words: Vec<&str> = why.iter().map(|refusal| refusal.message.as_str()).collect();
    again(if slow { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED }, &words.join(" "))
}
