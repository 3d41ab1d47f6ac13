//! The operators' page at `/jobs`: queues, schedules and jobs, without a script.
//!
//! It signs in by itself. The access token lies in a cookie that is sent to `/jobs` alone and by this site alone; every
//! form that changes something carries a token made from the session, and its sender is checked.

mod entry;
mod view;
mod with;

use crate::html;
use entry::{Seat, cookie, is_right, sign_out_cookie};
pub use entry::{cookie_of, is_ours};
use poem::http::{StatusCode, header};
use poem::web::{Data, Form, Query};
use poem::{Request, Response, Route, get, handler, post};
use serde::Deserialize;
use services::identity::sessions::{self, Session, SignedIn};
use services::locale::Locale;
use services::page::PageArgs;
use services::tracking::{self, Trouble};
use services::work::admin::{self, Desk, JobFilter, Standing};
use services::{App, Code, Doorway, Error, Result, SystemScope};
use std::collections::HashMap;
use uuid::Uuid;
use view::{Board, Shelf};

/// Adds the page to the API's other routes.
pub fn routes(routes: Route) -> Route {
    let routes =
        routes.at("/jobs", get(show)).at("/jobs/sign-in", post(sign_in)).at("/jobs/sign-out", post(sign_out)).at("/jobs/act", post(act));
    routes.at("/jobs/with", get(with::go)).at("/jobs/with/back", get(with::back)).at("/jobs/with/code", post(with::code))
}

/// Where on the page the reader is.
#[derive(Deserialize)]
struct Place {
    show: Option<String>,
    after: Option<String>,
    said: Option<String>,
}

#[handler]
async fn show(app: Data<&App>, request: &Request, Query(place): Query<Place>) -> Response {
    let locale = language(request);
    match entry::seat(&app, request).await {
        Ok(Some(seat)) => match board(&app, locale, &seat, &place).await {
            Ok(board) => html(StatusCode::OK, &view::board(locale, &board)),
            Err(error) => failed(&app, locale, &error),
        },
        Ok(None) => html(StatusCode::UNAUTHORIZED, &view::sign_in(&app, locale, None)),
        Err(error) => failed(&app, locale, &error),
    }
}

async fn board(app: &App, locale: Locale, seat: &Seat, place: &Place) -> Result<Board> {
    let (system, registry) = (SystemScope::new(app), worker::registry());
    let desk = Desk::Operator(system.clone(), locale);
    let shelf = Shelf::of(place.show.as_deref());
    let filter = JobFilter { standings: shelf.standings(), ..JobFilter::default() };
    let args = PageArgs { first: Some(25), after: place.after.clone(), ..PageArgs::default() };
    Ok(Board {
        now: system.now(),
        form_token: seat.form_token.clone(),
        said: place.said.clone(),
        queues: admin::queues_for(&desk, &registry.queues()).await?,
        schedules: admin::schedules_for(&desk, &worker::schedules::all()).await?,
        shelf,
        jobs: admin::page(&desk, &filter, &args).await?,
        acts: admin::acts(&desk).await?,
    })
}

#[handler]
async fn sign_in(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let locale = language(request);
    let refuse = |status, key: &str| html(status, &view::sign_in(&app, locale, Some(&locale.say(key, &[]))));
    if !is_ours(&app, request) {
        return refuse(StatusCode::FORBIDDEN, "jobs-page-stale");
    }
    if !html::may_try(&app, request).await {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "jobs-page-too-many");
    }
    // No account's address holds U+0000, and not every database takes the question.
    let field = |name: &str| form.get(name).map(|text| text.replace('\0', "")).unwrap_or_default();
    let agent = request.header(header::USER_AGENT).map(str::to_owned);
    let doorway = html::doorway(&app, request, locale);
    let session = match enter(&doorway, &field("email"), field("password"), &field("code"), agent).await {
        Ok(Some(session)) => session,
        Ok(None) => return refuse(StatusCode::UNAUTHORIZED, "jobs-page-code-wanted"),
        Err(Error::Refused(why)) if why.iter().any(|refusal| refusal.code == Code::LimitReached) => {
            return refuse(StatusCode::TOO_MANY_REQUESTS, "jobs-page-too-many");
        }
        Err(Error::Refused(_)) => return refuse(StatusCode::UNAUTHORIZED, "credentials-wrong"),
        Err(error) => return failed(&app, locale, &error),
    };
    seated(&app, &doorway, &session, |cookie| to("/jobs", Some(cookie))).await
}

/// Lets an operator in with their new session's cookie; anybody else's is ended.
async fn seated(app: &App, doorway: &Doorway, session: &Session, enter: impl FnOnce(String) -> Response) -> Response {
    let locale = doorway.locale();
    let refuse = |status, key: &str| html(status, &view::sign_in(app, locale, Some(&locale.say(key, &[]))));
    match services::identity::authenticate(app, &session.access_token).await {
        Ok(Some(caller)) if caller.operator => enter(cookie(app, session)),
        Ok(Some(caller)) => match sessions::sign_out(doorway, &caller, false, false).await {
            Ok(()) => refuse(StatusCode::FORBIDDEN, "jobs-page-operators-only"),
            Err(error) => failed(app, locale, &error),
        },
        Ok(None) => refuse(StatusCode::UNAUTHORIZED, "session-over"),
        Err(error) => failed(app, locale, &error),
    }
}

/// Signs in with a password, and a code where one is wanted; none: one is wanted.
async fn enter(doorway: &Doorway, email: &str, password: String, code: &str, agent: Option<String>) -> Result<Option<Session>> {
    match sessions::sign_in(doorway, email, password, None, agent.clone()).await? {
        SignedIn::Session(session) => Ok(Some(session)),
        SignedIn::Challenge(_) if code.trim().is_empty() => Ok(None),
        SignedIn::Challenge(challenge) => sessions::complete_sign_in(doorway, &challenge.token, code, agent).await.map(Some),
    }
}

#[handler]
async fn sign_out(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let locale = language(request);
    match entry::seat(&app, request).await {
        Ok(Some(seat)) if is_ours(&app, request) && is_right(&seat, &form) => {
            match sessions::sign_out(&html::doorway(&app, request, locale), &seat.caller, false, false).await {
                Ok(()) => to("/jobs", Some(sign_out_cookie())),
                Err(error) => failed(&app, locale, &error),
            }
        }
        Ok(_) => to("/jobs", None),
        Err(error) => failed(&app, locale, &error),
    }
}

#[handler]
async fn act(app: Data<&App>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let locale = language(request);
    let seat = match entry::seat(&app, request).await {
        Ok(Some(seat)) => seat,
        Ok(None) => return to("/jobs", None),
        Err(error) => return failed(&app, locale, &error),
    };
    if !is_ours(&app, request) || !is_right(&seat, &form) {
        return html(StatusCode::FORBIDDEN, &view::sign_in(&app, locale, Some(&locale.say("jobs-page-stale", &[]))));
    }
    let shelf = Shelf::of(form.get("show").map(String::as_str));
    let system = SystemScope::new(&app).operated_by(&seat.caller, html::asked(&app, request));
    let said = match perform(Desk::Operator(system, locale), &form).await {
        Ok(said) => said,
        Err(Error::Refused(_) | Error::NotFound | Error::BadArgument(_)) => "refused",
        Err(error) => return failed(&app, locale, &error),
    };
    to(&format!("/jobs?show={}&said={said}", shelf.name()), None)
}

/// Does what a button says, and answers what to say of it.
async fn perform(desk: Desk, form: &HashMap<String, String>) -> Result<&'static str> {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let job = || Uuid::parse_str(field("job")).map(Into::into).map_err(|_| Error::NotFound);
    let (registry, schedules) = (worker::registry(), worker::schedules::all());
    match field("act") {
        "retry" => admin::retry(&desk, job()?).await.map(|_| "retried"),
        "discard" => admin::discard(&desk, job()?, None).await.map(|_| "discarded"),
        "pause" => admin::pause_queue(&desk, &registry.queues(), field("queue"), true).await.map(|()| "paused"),
        "resume" => admin::pause_queue(&desk, &registry.queues(), field("queue"), false).await.map(|()| "resumed"),
        "limit" => admin::limit_queue(&desk, &registry.queues(), field("queue"), limit(field("most"))?).await.map(|()| "limited"),
        "pause-schedule" => admin::pause_schedule(&desk, &schedules, field("schedule"), true).await.map(|()| "paused"),
        "resume-schedule" => admin::pause_schedule(&desk, &schedules, field("schedule"), false).await.map(|()| "resumed"),
        _ => Err(Error::BadArgument("act".into())),
    }
}

/// What somebody wrote into the form of a limit; nothing: none.
fn limit(text: &str) -> Result<Option<i32>> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::BadArgument("most".into())),
    }
}

fn language(request: &Request) -> Locale {
    request.header(header::ACCEPT_LANGUAGE).and_then(Locale::of_header).unwrap_or_default()
}

fn html(status: StatusCode, page: &str) -> Response {
    html::answer(status, page.to_owned())
}

fn to(place: &str, set_cookie: Option<String>) -> Response {
    let response = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, place);
    match set_cookie {
        Some(cookie) => response.header(header::SET_COOKIE, cookie).finish(),
        None => response.finish(),
    }
}

fn failed(app: &App, locale: Locale, error: &Error) -> Response {
    if let Error::BadArgument(_) = error {
        return to("/jobs", None);
    }
    tracing::error!(%error, "the jobs page could not be shown");
    tracking::report(Trouble::Internal, &error.to_string(), &[("page", "jobs")]);
    html(StatusCode::INTERNAL_SERVER_ERROR, &view::sign_in(app, locale, Some(&locale.say("jobs-page-failed", &[]))))
}

impl Shelf {
    fn standings(self) -> Vec<Standing> {
        match self {
            Self::Failed => vec![Standing::Dead],
            Self::Waiting => vec![Standing::Queued, Standing::Retrying],
            Self::Running => vec![Standing::Running],
            Self::Done => vec![Standing::Completed, Standing::Discarded],
        }
    }
}
