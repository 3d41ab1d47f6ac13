//! The page on which people let a client act for them: who they are, what is asked for, and their answer. Without a script.
//!
//! The request travels along as it stood in the address, and is judged anew at each step: nothing is kept of it until the person has
//! agreed. Nobody is sent to an address that is not the client's; what is wrong with a request is said to its client, where that is
//! known, and else to the person.

mod decide;
mod enter;
mod seat;
mod view;

use crate::edge::address_of;
use crate::html;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Request, Response, Route, get, handler, post};
use seat::Seat;
use services::identity::oauth::{self, Judged, NotSent, Prompt, Question, Request as Wanted};
use services::limits::{Bucket, Taken};
use services::locale::Locale;
use services::tracking::{self, Trouble};
use services::{App, Doorway, Error, Result};
use std::net::IpAddr;

const PATH: &str = "/oauth/authorize";

/// Adds the page to the API's other routes.
pub fn routes(routes: Route) -> Route {
    let routes = routes.at(PATH, get(show)).at("/oauth/authorize/sign-in", post(enter::sign_in));
    routes.at("/oauth/authorize/code", post(enter::code)).at("/oauth/authorize/decide", post(decide::decide))
}

/// Somebody at the page.
pub(super) struct Visit {
    pub app: App,
    pub doorway: Doorway,
    pub locale: Locale,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// What the client asks for, as it stood in the address.
    pub query: String,
}

impl Visit {
    fn of(app: &App, request: &Request, query: String) -> Self {
        let locale = request.header(header::ACCEPT_LANGUAGE).and_then(Locale::of_header).unwrap_or_default();
        let address = address_of(request, &app.settings().trusted_proxies);
        let user_agent = request.header(header::USER_AGENT).map(str::to_owned);
        let doorway = html::doorway(app, request, locale);
        Self { app: app.clone(), doorway, locale, address, user_agent, query }
    }

    fn say(&self, key: &str) -> String {
        self.locale.say(key, &[])
    }

    /// The page on which this request begins.
    fn begin(&self) -> String {
        format!("{PATH}?{}", self.query)
    }
}

#[handler]
async fn show(app: Data<&App>, request: &Request) -> Response {
    let visit = Visit::of(&app, request, request.uri().query().unwrap_or_default().to_owned());
    let seat = match seat::of(&visit, request).await {
        Ok(seat) => seat,
        Err(error) => return failed(&visit, &error),
    };
    if let Some(seat) = &seat
        && asks_too_often(&visit, seat).await
    {
        return html::answer(StatusCode::TOO_MANY_REQUESTS, view::told(&visit, &visit.say("oauth-page-too-many"), None));
    }
    match judged(&visit).await {
        Ok(wanted) => meet(&visit, &wanted, seat, None).await,
        Err(answer) => answer,
    }
}

/// Each look of a person is a unit of theirs: what they agreed to before is given at once, and written down.
async fn asks_too_often(visit: &Visit, seat: &Seat) -> bool {
    let bucket = Bucket::User(seat.caller.user.0);
    matches!(visit.app.limiter().take(bucket, 1, visit.app.now()).await, Taken::Refused { .. })
}

/// What the client asks for; or the answer to who asks nothing that can be answered.
async fn judged(visit: &Visit) -> Result<Wanted, Response> {
    match oauth::judge(&visit.doorway, &visit.query).await {
        Ok(Judged::Good(wanted)) => Ok(wanted),
        Ok(Judged::SentBack { back, error, why }) => Err(to(&back.with_error(error, why))),
        Ok(Judged::NotSent(why)) => {
            let key = match why {
                NotSent::UnknownClient => "oauth-page-unknown-client",
                NotSent::UnknownAddress => "oauth-page-unknown-address",
            };
            tracing::info!(?why, "a person was sent here by a client that is not known like this");
            Err(html::answer(StatusCode::BAD_REQUEST, view::told(visit, &visit.say(key), None)))
        }
        Err(error) => Err(failed(visit, &error)),
    }
}

/// The next step for this person: signing in, the question, or the way back.
async fn meet(visit: &Visit, wanted: &Wanted, seat: Option<Seat>, trouble: Option<&str>) -> Response {
    let Some(seat) = seat else {
        return match wanted.prompt {
            Prompt::None => to(&wanted.back.with_error("login_required", "nobody is signed in")),
            _ => page(StatusCode::OK, wanted, view::sign_in(visit, wanted, trouble)),
        };
    };
    match oauth::question(&visit.doorway, &seat.caller, wanted).await {
        Ok(question) => ask(visit, wanted, &seat, &question, trouble).await,
        Err(error) => refused(visit, wanted, error),
    }
}

async fn ask(visit: &Visit, wanted: &Wanted, seat: &Seat, question: &Question, trouble: Option<&str>) -> Response {
    if !question.is_open() {
        return allowed(visit, wanted, seat, question).await;
    }
    if wanted.prompt == Prompt::None {
        return to(&wanted.back.with_error("consent_required", "the person has to be asked"));
    }
    if question.granted.is_empty() {
        return told(visit, wanted, &visit.say("oauth-page-nothing"));
    }
    // What lasts for months is not given at a device that somebody left open.
    if !seat.is_fresh(visit) {
        return page(StatusCode::OK, wanted, view::sign_in(visit, wanted, trouble));
    }
    let token = seat.form_token(visit, question);
    match services::identity::users::get(&visit.doorway, &seat.caller).await.and_then(|person| Ok((person, token?))) {
        Ok((person, token)) => page(StatusCode::OK, wanted, view::question(visit, wanted, &token, question, &person, trouble)),
        Err(error) => failed(visit, &error),
    }
}

/// Sends the person back with a code.
async fn allowed(visit: &Visit, wanted: &Wanted, seat: &Seat, question: &Question) -> Response {
    let allow = || oauth::allow(&visit.doorway, &seat.caller, wanted, question);
    match services::scope::retrying(allow).await {
        Ok(code) => to(&wanted.back.with_code(&code)),
        Err(error) => refused(visit, wanted, error),
    }
}

/// Tells the person why not, with a way back to the client that tells it no more than that.
fn refused(visit: &Visit, wanted: &Wanted, error: Error) -> Response {
    match error {
        Error::Refused(why) if wanted.prompt != Prompt::None => {
            let why: Vec<&str> = why.iter().map(|refusal| refusal.message.as_str()).collect();
            told(visit, wanted, &why.join(" "))
        }
        Error::Refused(_) => to(&wanted.back.with_error("access_denied", "the person may not let the client in")),
        error => failed(visit, &error),
    }
}

fn told(visit: &Visit, wanted: &Wanted, why: &str) -> Response {
    let back = wanted.back.with_error("access_denied", "nothing was granted");
    page(StatusCode::FORBIDDEN, wanted, view::told(visit, why, Some(&back)))
}

/// A page whose forms may end at the client: browsers look at where the answer to a form leads, too.
fn page(status: StatusCode, wanted: &Wanted, body: String) -> Response {
    html::answer_leading_to(status, body, &oauth::origin_of(&wanted.back.uri).unwrap_or_default())
}

/// Leads on; nobody keeps the address, which may have a code in it.
fn to(place: &str) -> Response {
    let response = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, place);
    response.header(header::CACHE_CONTROL, "no-store").finish()
}

fn failed(visit: &Visit, error: &Error) -> Response {
    tracing::error!(%error, "the page of the authorization server could not be shown");
    tracking::report(Trouble::Internal, &error.to_string(), &[("page", "oauth")]);
    html::answer(StatusCode::INTERNAL_SERVER_ERROR, view::told(visit, &visit.say("oauth-page-failed"), None))
}
