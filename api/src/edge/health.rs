//! `/health`, `/health/live`, `/health/ready`: whether to send us work.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use poem::Response;
use serde::Serialize;

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Up,
    /// Missed, but we can do without.
    Degraded,
    /// Missed, and we cannot.
    Down,
}

/// What every part says, by its name.
pub type Report = BTreeMap<&'static str, Health>;

/// Something that can be asked how it is.
pub trait Checks: Send + Sync + 'static {
    /// Asks every part; a part that is slow is down.
    fn check(&self) -> BoxFuture<'_, Report>;
}

/// Checks without parts.
impl Checks for () {
    fn check(&self) -> BoxFuture<'_, Report> {
        Box::pin(std::future::ready(Report::new()))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    status: &'static str,
    environment: &'a str,
    checks: &'a Report,
}

/// `/health/live`: the process answers.
pub fn live(environment: &str) -> Response {
    answer(StatusCode::OK, "ok", environment, &Report::new())
}

/// `/health/ready` and `/health`: every part we cannot do without answers.
pub async fn ready(checks: &Arc<dyn Checks>, environment: &str) -> Response {
    let report = checks.check().await;
    let worst = report.values().copied().max_by_key(|health| *health as u8);
    match worst {
        Some(Health::Down) => answer(StatusCode::SERVICE_UNAVAILABLE, "down", environment, &report),
        Some(Health::Degraded) => answer(StatusCode::OK, "degraded", environment, &report),
        _ => answer(StatusCode::OK, "ok", environment, &report),
    }
}

fn answer(code: StatusCode, status: &'static str, environment: &str, checks: &Report) -> Response {
    let body = serde_json::to_vec(&Body { status, environment, checks }).unwrap_or_default();
    let mut response = Response::builder().status(code).content_type("application/json; charset=utf-8").body(body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
