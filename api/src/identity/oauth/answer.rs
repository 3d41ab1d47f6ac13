//! What the doors of the authorization server say (RFC 6749 sections 5.1 and 5.2).

use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::{Value, json as value};
use services::identity::oauth::OauthError;
use services::tracking::{self, Trouble};
use std::time::Duration;

pub type Answer = Result<Value, OauthError>;

/// An answer that nobody keeps.
pub fn json(status: StatusCode, said: &Value) -> Response {
    let response = Response::builder().status(status).content_type("application/json");
    response.header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache").body(said.to_string())
}

/// Why not, by the codes of RFC 6749. Who showed a secret in the header is told how to do so.
pub fn failed(error: &OauthError, by_header: bool) -> Response {
    let (status, code, why) = match error {
        OauthError::InvalidRequest(why) => (StatusCode::BAD_REQUEST, "invalid_request", *why),
        OauthError::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown, or its secret is wrong"),
        OauthError::UnauthorizedClient => (StatusCode::BAD_REQUEST, "unauthorized_client", "the service account may not act"),
        OauthError::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type", "client_credentials is supported"),
        OauthError::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope", "the client may not have this scope"),
        OauthError::Failed(error) => {
            tracing::error!(%error, "the authorization server failed");
            tracking::report(Trouble::Internal, &error.to_string(), &[("page", "oauth")]);
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "something went wrong here")
        }
    };
    let mut response = json(status, &value!({ "error": code, "error_description": why }));
    if status == StatusCode::UNAUTHORIZED && by_header {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic realm=\"teranga\", charset=\"UTF-8\""));
    }
    response
}

/// The address asked too often.
pub fn too_many(wait: Duration) -> Response {
    let mut response =
        json(StatusCode::TOO_MANY_REQUESTS, &value!({ "error": "temporarily_unavailable", "error_description": "too many requests" }));
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(wait.as_secs() + 1));
    response
}
