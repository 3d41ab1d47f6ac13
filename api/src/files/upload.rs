//! `PUT /files/uploads/<token>`: the bytes of an announced upload, streamed to disk as they come.

use http::header::{ACCEPT_LANGUAGE, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ALLOW};
use http::{Method, StatusCode};
use poem::web::{Data, Path};
use poem::{Body, Request, Response, RouteMethod, handler};
use services::files::NotReceived;
use services::locale::Locale;
use services::tracking::{self, Trouble};
use services::{App, Code, Error};

pub fn endpoint() -> RouteMethod {
    RouteMethod::new().put(put).options(preflight).get(other).post(other).delete(other).patch(other)
}

#[handler]
async fn put(app: Data<&App>, Path(token): Path<String>, request: &Request, body: Body) -> Response {
    let language = language(request);
    let locale = language.unwrap_or_default();
    match services::files::receive(app.0, language, &token, body.into_async_read()).await {
        Ok(()) => Response::builder().status(StatusCode::NO_CONTENT).finish(),
        Err(NotReceived::Other(error)) => show(error, locale),
        Err(why) => broken_off(&why, locale),
    }
}

fn language(request: &Request) -> Option<Locale> {
    request.headers().get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok()).and_then(Locale::of_header)
}

/// Which origins may ask is the edge's to say, as for every answer.
#[handler]
fn preflight() -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(ACCESS_CONTROL_ALLOW_METHODS, Method::PUT.as_str())
        .header(ACCESS_CONTROL_ALLOW_HEADERS, "content-type, content-encoding, content-length")
        .header(ACCESS_CONTROL_MAX_AGE, "7200")
        .finish()
}

#[handler]
fn other(request: &Request) -> Response {
    let message = language(request).unwrap_or_default().say("file-transfer-by-put", &[]);
    let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", &message);
    response.headers_mut().insert(ALLOW, http::HeaderValue::from_static("PUT, OPTIONS"));
    response
}

/// Links break every day: that is no fault, and nobody need look at it. A broken transfer may be repeated.
fn broken_off(why: &NotReceived, locale: Locale) -> Response {
    tracing::debug!(%why, "an upload broke off");
    match why {
        NotReceived::Silent(wait) => {
            let message = locale.say("file-transfer-silent", &[("seconds", wait.as_secs().to_string())]);
            answer(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", &message)
        }
        _ => answer(StatusCode::BAD_REQUEST, "BAD_REQUEST", &locale.say("file-transfer-broken-off", &[])),
    }
}

fn show(error: Error, locale: Locale) -> Response {
    match error {
        Error::NotFound => answer(StatusCode::NOT_FOUND, "NOT_FOUND", &locale.say("file-upload-unknown", &[])),
        Error::Refused(refusals) => {
            let (status, code) = match refusals.first().map(|refusal| refusal.code) {
                Some(Code::FileTooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE"),
                Some(Code::LimitReached) => (StatusCode::TOO_MANY_REQUESTS, "LIMIT_REACHED"),
                Some(Code::TokenExpired) => (StatusCode::GONE, "TOKEN_EXPIRED"),
                _ => (StatusCode::CONFLICT, "FORBIDDEN_STATE"),
            };
            answer(status, code, &refusals.first().map(|refusal| refusal.message.clone()).unwrap_or_default())
        }
        Error::Conflict => answer(StatusCode::CONFLICT, "CONFLICT", &locale.say("error-conflict", &[])),
        error => {
            tracing::error!(%error, "an upload failed");
            tracking::report(Trouble::Internal, &error.to_string(), &[("page", "upload")]);
            answer(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", &locale.say("error-internal", &[]))
        }
    }
}

fn answer(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({"error": {"code": code, "message": message}});
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}
