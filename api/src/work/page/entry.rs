//! Who may see the page: the cookie, and the token of its forms.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::Request;
use poem::http::header;
use services::identity::{Caller, Purpose, authenticate, sessions::Session};
use services::{App, Result};
use std::collections::HashMap;
use subtle::ConstantTimeEq;

const COOKIE: &str = "teranga_jobs";

/// An operator at the page.
pub struct Seat {
    pub caller: Caller,
    /// What the forms of this session carry.
    pub form_token: String,
}

/// The operator whom the request's cookie signs in.
pub async fn seat(app: &App, request: &Request) -> Result<Option<Seat>> {
    let Some(token) = token_of(request) else { return Ok(None) };
    let Some(caller) = authenticate(app, &token).await?.filter(|caller| caller.operator) else { return Ok(None) };
    let form_token = URL_SAFE_NO_PAD.encode(app.keys().mac(Purpose::Form, caller.session()?.0.as_bytes()));
    Ok(Some(Seat { caller, form_token }))
}

fn token_of(request: &Request) -> Option<String> {
    cookie_of(request, COOKIE)
}

/// What the browser keeps under this name.
pub fn cookie_of(request: &Request, name: &str) -> Option<String> {
    let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// The cookie of a session: for this page alone, out of reach of scripts and of other sites.
pub fn cookie(app: &App, session: &Session) -> String {
    let seconds = session.access_token_expires_at.since(app.now()).num_seconds().max(0);
    let secure = if app.settings().public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={}; Path=/jobs; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", session.access_token)
}

pub fn sign_out_cookie() -> String {
    format!("{COOKIE}=; Path=/jobs; Max-Age=0; HttpOnly; SameSite=Strict")
}

/// Whether a form was sent from this page: browsers say so themselves, the older ones at least name the origin.
pub fn is_ours(app: &App, request: &Request) -> bool {
    if let Some(site) = request.header("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = request.header(header::ORIGIN) else { return true };
    let host = request.header(header::HOST).unwrap_or_default();
    origin == app.settings().public_url || origin.split_once("://").is_some_and(|(_, sender)| sender == host)
}

/// Whether a form carries the token of this session.
pub fn is_right(seat: &Seat, form: &HashMap<String, String>) -> bool {
    form.get("token").is_some_and(|token| token.as_bytes().ct_eq(seat.form_token.as_bytes()).into())
}
