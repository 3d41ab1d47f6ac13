//! From an outcome to status, headers and bytes.

use std::sync::Arc;

use async_graphql::Response as Executed;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use poem::Response;

use super::accept::Media;
use crate::edge::Edge;
use crate::edge::engine::{Client, RateState};
use crate::edge::errors::{Fault, Presenter, is_request_error, whole_seconds};
use crate::edge::extensions::CostReport;
use crate::edge::metrics;
use crate::edge::nulls;
use crate::edge::plan::Plan;
use crate::edge::write::Writer;

/// Why nothing was executed, and how loudly to say it.
pub struct Refusal {
    status: StatusCode,
    faults: Vec<Fault>,
    /// Old clients get 200 for what is wrong with a document, never for anything else.
    softened: bool,
    rate: Option<RateState>,
}

impl Refusal {
    /// A fault with its own status.
    pub fn at(status: StatusCode, fault: Fault) -> Self {
        Refusal { status, faults: vec![fault], softened: false, rate: None }
    }

    /// A body that is not what it should be.
    pub fn shape(fault: Fault) -> Self {
        Refusal::at(fault.code.status(), fault)
    }

    /// A document, its variables or its cost.
    pub fn document(faults: Vec<Fault>) -> Self {
        let status = faults.first().map_or(StatusCode::BAD_REQUEST, |fault| fault.code.status());
        Refusal { status, faults, softened: true, rate: None }
    }

    /// The same, with the bucket it left.
    pub fn with_rate(mut self, rate: Option<RateState>) -> Self {
        self.rate = rate;
        self
    }
}

impl From<(StatusCode, Fault)> for Refusal {
    fn from((status, fault): (StatusCode, Fault)) -> Self {
        Refusal::at(status, fault)
    }
}

/// An answer, and the same without what is true of one request only.
pub struct Finished {
    /// What goes out.
    pub response: Response,
    /// What may be repeated; nothing when the operation may be tried again.
    pub core: Option<Vec<u8>>,
}

/// Writes the answers of one request.
pub struct Answer<'a> {
    /// The edge it came in by.
    pub edge: &'a Edge,
    /// Who asked.
    pub client: &'a Arc<Client>,
    /// The type they take.
    pub media: Media,
}

impl Answer<'_> {
    /// Says why nothing was executed.
    pub fn refuse(&self, refusal: Refusal) -> Response {
        let shown = self.presenter().faults(&refusal.faults);
        shown.iter().for_each(|error| metrics::error(error.code()));
        let mut writer = Writer::open(&shown, &self.client.request_id, None);
        writer.member("extensions", &CostReport::refused(refusal.rate));
        let soft = refusal.softened && self.media == Media::Legacy && refusal.status == StatusCode::BAD_REQUEST;
        let status = if soft { StatusCode::OK } else { refusal.status };
        let mut response = self.respond(status, writer.close(), refusal.rate);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"teranga\", error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        let wait = refusal.faults.iter().find_map(|fault| fault.retry_after);
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait).max(1)));
        }
        response
    }

    /// Says what came of an operation.
    pub fn executed(&self, plan: &Plan, mut executed: Executed, rate: Option<RateState>) -> Finished {
        let refused = is_request_error(&executed.data, &executed.errors);
        nulls::fill(&mut executed.data, &executed.errors, &plan.operation().order);
        let shown = self.presenter().server(executed.errors);
        shown.iter().for_each(|error| metrics::error(error.code()));
        let data = (!refused).then_some((&executed.data, &plan.operation().order));
        let mut writer = Writer::open(&shown, &self.client.request_id, data);
        let lasting = !refused && shown.iter().all(|error| error.code().lasts());
        let core = lasting.then(|| writer.so_far());
        let report = CostReport::executed(plan.cost, writer.objects(), rate, executed.extensions);
        writer.member("extensions", &report);
        let status = match shown.first() {
            Some(error) if refused && (self.media == Media::Response || error.code().status() != StatusCode::BAD_REQUEST) => {
                error.code().status()
            }
            _ => StatusCode::OK,
        };
        let mut response = self.respond(status, writer.close(), rate);
        response.headers_mut().extend(executed.http_headers);
        Finished { response, core }
    }

    /// Says again what was said before.
    pub fn replayed(&self, core: Vec<u8>, plan: &Plan, rate: Option<RateState>) -> Response {
        let mut writer = Writer::reopen(core);
        writer.member("extensions", &CostReport::executed(plan.cost, 0, rate, Default::default()));
        let mut response = self.respond(StatusCode::OK, writer.close(), rate);
        let replayed = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
        response
    }

    fn presenter(&self) -> Presenter<'_> {
        Presenter { request_id: &self.client.request_id, suggestions: !self.edge.settings.production, locale: self.client.locale() }
    }

    fn respond(&self, status: StatusCode, body: Vec<u8>, rate: Option<RateState>) -> Response {
        let length = HeaderValue::from(body.len());
        let mut response = Response::builder().status(status).body(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media.content_type()));
        headers.insert(CONTENT_LENGTH, length);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.append(VARY, HeaderValue::from_static("Accept, Authorization"));
        if let Ok(id) = HeaderValue::from_str(&self.client.request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        if let Some(rate) = rate {
            rate_headers(headers, &rate);
        }
        response
    }
}

/// `RateLimit` and `RateLimit-Policy` as draft-ietf-httpapi-ratelimit-headers-11 has them.
fn rate_headers(headers: &mut HeaderMap, rate: &RateState) {
    let policy = format!("\"{}\";q={};w={}", rate.policy, rate.limit, rate.window.as_secs());
    let state = format!("\"{}\";r={};t={}", rate.policy, rate.remaining, whole_seconds(rate.reset_in));
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
