//! The page for people, in development.

use poem::{Request, Response};

use super::settings::Settings;

/// Where its parts are.
pub const PREFIX: &str = "/graphiql/";

/// The page.
pub fn page(_request: &Request) -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .body("<!doctype html><title>GraphiQL</title>")
}

/// One part of it.
pub fn asset(_settings: &Settings, _request: &Request) -> Response {
    Response::builder()
        .status(http::StatusCode::NOT_FOUND)
        .finish()
}
