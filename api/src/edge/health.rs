//! `/health`, `/health/live`, `/health/ready`: whether to send us work.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use poem::Response;

pub use services::health::{Health, Report};

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

/// `/health/live`: the process answers.
pub fn live(environment: &str) -> Response {
    answer(&Report::new(), environment)
}

/// `/health/ready` and `/health`: every part we cannot do without answers.
pub async fn ready(checks: &Arc<dyn Checks>, environment: &str) -> Response {
    answer(&checks.check().await, environment)
}

fn answer(report: &Report, environment: &str) -> Response {
    let (ready, body) = services::health::page(report, environment);
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = Response::builder().status(code).content_type("application/json; charset=utf-8").body(body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
