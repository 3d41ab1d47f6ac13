//! Who is at the page: the cookie, and what binds an answer to what was asked.

use super::Visit;
use crate::work::page::cookie_of;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::Request;
use services::Result;
use services::identity::oauth::Question;
use services::identity::sessions::Session;
use services::identity::{Caller, Purpose, authenticate};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const COOKIE: &str = "teranga_oauth";
/// How long a person may think, in seconds, before they are asked anew.
const THINKING: i64 = 600;
/// How long ago a person may have signed in to be asked, in seconds: as for whatever is sensitive.
const FRESH: i64 = 300;

/// A person at the page.
pub struct Seat {
    pub caller: Caller,
}

/// The person whom the request's cookie signs in.
pub async fn of(visit: &Visit, request: &Request) -> Result<Option<Seat>> {
    let Some(token) = cookie_of(request, COOKIE) else { return Ok(None) };
    let caller = authenticate(&visit.app, &token).await?;
    let here = caller.filter(|caller| caller.session().is_ok()).and_then(|caller| caller.coming_from(visit.address));
    Ok(here.map(|caller| Seat { caller }))
}

/// The cookie of a session: for this page alone and out of reach of scripts. It comes along when a client sends the person here,
/// and with no form of another site.
pub fn cookie(visit: &Visit, session: &Session) -> String {
    let seconds = session.access_token_expires_at.since(visit.app.now()).num_seconds().max(0);
    let secure = if visit.app.settings().public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={}; Path=/oauth/authorize; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", session.access_token)
}

pub fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/oauth/authorize; Max-Age=0; HttpOnly; SameSite=Lax")
}

impl Seat {
    /// Whether the person said a moment ago who they are.
    pub fn is_fresh(&self, visit: &Visit) -> bool {
        visit.app.now().since(self.caller.proved_at).num_seconds() <= FRESH
    }

    /// What an answer must carry: it is of this session, to this request, and to what was shown.
    pub fn form_token(&self, visit: &Visit, question: &Question) -> Result<String> {
        let now = visit.app.now().0 / 1_000_000;
        Ok(format!("{now}.{}", self.mac(visit, question, now)?))
    }

    /// Whether an answer carries it.
    pub fn is_right(&self, visit: &Visit, question: &Question, token: &str) -> Result<bool> {
        let Some((then, mac)) = token.split_once('.') else { return Ok(false) };
        let now = visit.app.now().0 / 1_000_000;
        let Some(then) = then.parse::<i64>().ok().filter(|then| (now - THINKING..=now).contains(then)) else { return Ok(false) };
        Ok(self.mac(visit, question, then)?.as_bytes().ct_eq(mac.as_bytes()).into())
    }

    fn mac(&self, visit: &Visit, question: &Question, at: i64) -> Result<String> {
        let codes: Vec<&str> = question.granted.iter().map(|scope| scope.code()).collect();
        let shown = Sha256::digest(format!("{}\n{at}\n{}", codes.join(" "), visit.query));
        let message = [self.caller.session()?.0.as_bytes().as_slice(), shown.as_slice()].concat();
        Ok(URL_SAFE_NO_PAD.encode(visit.app.keys().mac(Purpose::Consent, &message)))
    }
}
