//! The pages that mailed links lead to: one button each, without a script.
//!
//! Following a link changes nothing, for programs that read mail follow links, too; the button does. A page that is somebody
//! else's may stand at `ACCOUNT_URL` in place of these, and call the mutations.

use crate::html::{self, Safe};
use poem::http::{StatusCode, header};
use poem::web::{Data, Form, Path, Query};
use poem::{Request, Response, Route, get, handler};
use serde::Deserialize;
use services::identity::{move_to_address, reset_password, sign_up_invited, verify_email};
use services::locale::Locale;
use services::scope::retrying;
use services::{App, Doorway, Error, Result};

/// Adds the pages to the API's other routes.
pub fn routes(routes: Route) -> Route {
    routes.at("/account/:page", get(show).post(act))
}

/// What a page is for.
#[derive(Clone, Copy)]
enum Purpose {
    Verify,
    Reset,
    Address,
    /// For who has no account yet; whoever has one accepts in it.
    Invitation,
}

impl Purpose {
    fn of(name: &str) -> Option<Self> {
        match name {
            "verify" => Some(Self::Verify),
            "reset" => Some(Self::Reset),
            "address" => Some(Self::Address),
            "invitation" => Some(Self::Invitation),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Address => "address",
            Self::Invitation => "invitation",
        }
    }
}

#[derive(Deserialize)]
struct Followed {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    name: String,
}

#[handler]
fn show(request: &Request, Path(page): Path<String>, Query(followed): Query<Followed>) -> Response {
    let Some(purpose) = Purpose::of(&page) else { return StatusCode::NOT_FOUND.into() };
    html::answer(StatusCode::OK, form(language(request), purpose, &followed.token, None))
}

#[handler]
async fn act(app: Data<&App>, request: &Request, Path(page): Path<String>, Form(pressed): Form<Pressed>) -> Response {
    let Some(purpose) = Purpose::of(&page) else { return StatusCode::NOT_FOUND.into() };
    let locale = language(request);
    match perform(&html::doorway(&app, request, locale), purpose, &pressed).await {
        Ok(()) => html::answer(StatusCode::OK, done(locale, purpose)),
        Err(Error::Refused(refusals)) => {
            let why: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
            html::answer(StatusCode::BAD_REQUEST, form(locale, purpose, &pressed.token, Some(&why.join(" "))))
        }
        Err(error) => {
            tracing::error!(%error, "a page of accounts failed");
            let sorry = locale.say("account-page-failed", &[]);
            html::answer(StatusCode::INTERNAL_SERVER_ERROR, form(locale, purpose, &pressed.token, Some(&sorry)))
        }
    }
}

async fn perform(doorway: &Doorway, purpose: Purpose, Pressed { token, password, name }: &Pressed) -> Result<()> {
    match purpose {
        Purpose::Verify => retrying(|| verify_email(doorway, token)).await.map(drop),
        Purpose::Reset => retrying(|| reset_password(doorway, token, password.clone())).await,
        Purpose::Address => retrying(|| move_to_address(doorway, token)).await.map(drop),
        Purpose::Invitation => retrying(|| sign_up_invited(doorway, token, name.clone(), password.clone())).await.map(drop),
    }
}

fn form(locale: Locale, purpose: Purpose, token: &str, trouble: Option<&str>) -> String {
    let say = |part: &str| locale.say(&format!("account-page-{}{part}", purpose.name()), &[]);
    let trouble = trouble.map(|text| format!("<p class=\"said bad\" role=\"alert\">{}</p>", Safe(text))).unwrap_or_default();
    let password = match purpose {
        Purpose::Reset => format!(
            "<label>{}<input name=\"password\" type=\"password\" autocomplete=\"new-password\" minlength=\"8\" maxlength=\"128\" required autofocus></label>",
            say("-field")
        ),
        Purpose::Invitation => format!(
            "<label>{}<input name=\"name\" autocomplete=\"name\" maxlength=\"120\" required autofocus></label>\
             <label>{}<input name=\"password\" type=\"password\" autocomplete=\"new-password\" minlength=\"8\" maxlength=\"128\" required></label>",
            say("-name"),
            say("-field")
        ),
        Purpose::Verify | Purpose::Address => String::new(),
    };
    let body = format!(
        "<main class=\"door\"><form method=\"post\" class=\"card\"><p class=\"mark\">Teranga</p><h1>{}</h1><p class=\"dim\">{}</p>{trouble}{password}\
         <input type=\"hidden\" name=\"token\" value=\"{}\"><button class=\"main\">{}</button></form></main>",
        say(""),
        say("-help"),
        Safe(token),
        say("-button"),
    );
    html::frame(locale, &say(""), &body)
}

fn done(locale: Locale, purpose: Purpose) -> String {
    let say = |part: &str| locale.say(&format!("account-page-{}{part}", purpose.name()), &[]);
    let body = format!(
        "<main class=\"door\"><div class=\"card\"><p class=\"mark\">Teranga</p><h1>{}</h1><p class=\"said\" role=\"status\">{}</p></div></main>",
        say(""),
        say("-done"),
    );
    html::frame(locale, &say(""), &body)
}

fn language(request: &Request) -> Locale {
    request.header(header::ACCEPT_LANGUAGE).and_then(Locale::of_header).unwrap_or_default()
}
