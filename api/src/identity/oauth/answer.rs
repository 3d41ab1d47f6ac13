//! What the doors of the authorization server say (RFC 6749 sections 5.1 and 5.2).

use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::{Value, json as value};
use services::identity::oauth::{Introspected, Issued, OauthError};
use services::tracking::{self, Trouble};
use std::time::Duration;

pub type Answer = Result<Value, OauthError>;

/// An answer that nobody keeps.
pub fn json(status: StatusCode, said: &Value) -> Response {
    let response = Response::builder().status(status).content_type("application/json");
    response.header(header::CACHE_CONTROL, "no-store").header(header::PRAGMA, "no-cache").body(said.to_string())
}

/// The tokens a client is given.
pub fn tokens(issued: Issued) -> Value {
    let mut said = value!({
        "access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in, "scope": issued.scope,
    });
    if let Some(refresh_token) = issued.refresh_token {
        said["refresh_token"] = refresh_token.into();
    }
    said
}

/// What a token is (RFC 7662); of one that is none of the client's own, or no good, nothing more.
pub fn introspected(found: Option<Introspected>) -> Value {
    let Some(found) = found else { return value!({ "active": false }) };
    let mut said = value!({
        "active": true, "scope": found.scope, "client_id": found.client.to_string(), "sub": found.subject, "aud": found.audience,
        "iss": found.issuer, "iat": found.issued_at, "exp": found.expires_at,
    });
    if let Some(id) = found.id {
        (said["token_type"], said["jti"]) = ("Bearer".into(), id.to_string().into());
    }
    said
}

/// Why not, by the codes of RFC 6749. Who showed a secret in the header is told how to do so.
pub fn failed(error: &OauthError, by_header: bool) -> Response {
    let (status, code, why) = said(error);
    let mut response = json(status, &value!({ "error": code, "error_description": why }));
    if status == StatusCode::UNAUTHORIZED && by_header {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic realm=\"teranga\", charset=\"UTF-8\""));
    }
    response
}

fn said(error: &OauthError) -> (StatusCode, &'static str, &'static str) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        OauthError::InvalidRequest(why) => (bad, "invalid_request", *why),
        OauthError::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown, or its secret is wrong"),
        OauthError::InvalidGrant => (bad, "invalid_grant", "the code or the refresh token is not good, or not with what came with it"),
        OauthError::UnauthorizedClient => (bad, "unauthorized_client", "this way is not open to the client, or its account may not act"),
        OauthError::UnsupportedGrantType => {
            (bad, "unsupported_grant_type", "authorization_code, refresh_token and client_credentials are supported")
        }
        OauthError::InvalidScope => (bad, "invalid_scope", "the client may not have this scope"),
        OauthError::Failed(error) => {
            tracing::error!(%error, "the authorization server failed");
            tracking::report(Trouble::Internal, &error.to_string(), &[("page", "oauth")]);
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "something went wrong here")
        }
    }
}

/// Asked too often.
pub fn too_many(wait: Duration) -> Response {
    let mut response =
        json(StatusCode::TOO_MANY_REQUESTS, &value!({ "error": "temporarily_unavailable", "error_description": "too many requests" }));
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(wait.as_secs() + 1));
    response
}
