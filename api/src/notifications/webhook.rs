//! What Twilio sends us: statuses of our messages, and messages of people.

use poem::http::StatusCode;
use poem::web::{Data, Form};
use poem::{Body, FromRequest, Request, RequestBody, handler};
use services::tracking::{self, Trouble};
use services::{App, Error, notifications};

/// More than any callback has.
const MOST_BYTES: usize = 64 << 10;

/// Takes one callback. Its address is rebuilt from the settings, because proxies change the host.
#[handler]
pub async fn twilio(app: Data<&App>, request: &Request, body: Body) -> StatusCode {
    let Ok(bytes) = body.into_bytes_limit(MOST_BYTES).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    let path = request.original_uri().path_and_query().map_or("/webhooks/twilio", |path| path.as_str());
    let url = format!("{}{path}", app.settings().public_url);
    let signature = request.header("x-twilio-signature").unwrap_or_default();
    let params = if request.content_type().is_some_and(|kind| kind.starts_with("application/json")) {
        if !notifications::is_body_of(&url, &bytes) {
            return StatusCode::FORBIDDEN;
        }
        Vec::new()
    } else {
        let mut body = RequestBody::new(Body::from(bytes));
        match Form::<Vec<(String, String)>>::from_request(request, &mut body).await {
            Ok(Form(params)) => params,
            Err(_) => return StatusCode::BAD_REQUEST,
        }
    };
    match notifications::twilio_status(&app, &url, signature, params).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(Error::Forbidden(_)) => StatusCode::FORBIDDEN,
        Err(Error::NotFound) => StatusCode::NOT_FOUND,
        Err(error) => {
            tracing::error!(%error, "a callback of Twilio could not be taken");
            tracking::report(Trouble::Internal, &error.to_string(), &[("page", "webhook")]);
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
