//! Which browser origins may call us: a list, compared whole, never with credentials.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, HOST, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, StatusCode};
use poem::Response;

use crate::edge::settings::Settings;

const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, x-request-id, x-client-name, apollographql-client-name";
const ANSWER_HEADERS: &str = "x-request-id, ratelimit, ratelimit-policy, retry-after, idempotency-replayed";

/// What the list says about an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not a browser, or our own page.
    Same,
    /// On the list.
    Listed,
    /// Any origin is let in.
    Any,
    /// Not on the list.
    Stranger,
}

/// Looks an origin up.
pub fn judge(headers: &HeaderMap, settings: &Settings) -> Verdict {
    let Some(origin) = headers.get(ORIGIN) else {
        return Verdict::Same;
    };
    let Ok(origin) = origin.to_str() else {
        return Verdict::Stranger;
    };
    if settings.origins.iter().any(|listed| listed == origin) {
        return Verdict::Listed;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host) {
        return Verdict::Same;
    }
    if !settings.production && settings.origins.iter().any(|listed| listed == "*") {
        return Verdict::Any;
    }
    Verdict::Stranger
}

/// The answer to a browser asking first.
pub fn preflight(verdict: Verdict) -> Response {
    let mut answer = Response::builder().status(StatusCode::NO_CONTENT).finish();
    if matches!(verdict, Verdict::Listed | Verdict::Any) {
        let headers = answer.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    }
    answer
}

/// Lets the page read the answer.
pub fn allow(answer: &mut Response, verdict: Verdict, origin: Option<&HeaderValue>) {
    answer.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    let allowed = match verdict {
        Verdict::Any => HeaderValue::from_static("*"),
        Verdict::Listed => match origin {
            Some(origin) => origin.clone(),
            None => return,
        },
        Verdict::Same | Verdict::Stranger => return,
    };
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
}
