//! What is answered where, and what every answer carries.

use std::sync::Arc;
use std::time::Instant;

use http::header::{HeaderName, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, Request, Response, Result};
use services::measuring::{Admission, FORWARDED, PrometheusHandle, admit};

use super::health::{self, Checks};
use super::http::client::{self, Bearer};
use super::http::{accept, cors, graphql};
use super::{Edge, compress, graphiql, hosts, metrics, ws};

/// What the rest of the program adds to the edge.
#[derive(Default)]
pub struct Pages {
    /// What `/health/ready` asks.
    pub checks: Option<Arc<dyn Checks>>,
    /// What `/metrics` shows.
    pub metrics: Option<PrometheusHandle>,
    /// Everything else: files, web hooks, calendars.
    pub others: Option<BoxEndpoint<'static, Response>>,
}

/// Every route of the API.
pub struct Routes {
    pub(super) edge: Arc<Edge>,
    checks: Arc<dyn Checks>,
    metrics: Option<PrometheusHandle>,
    others: Option<BoxEndpoint<'static, Response>>,
}

impl Routes {
    /// Puts an edge and the pages beside it together.
    pub fn new(edge: Arc<Edge>, pages: Pages) -> Routes {
        let checks = pages.checks.unwrap_or_else(|| Arc::new(()));
        Routes { edge, checks, metrics: pages.metrics, others: pages.others }
    }

    async fn answer(&self, request: Request) -> (&'static str, Response) {
        let environment = &self.edge.settings.environment;
        match request.uri().path() {
            // What watches over us asks each process by its address.
            "/health/live" | "/health/startup" => ("/health", health::live(environment)),
            "/health" | "/health/" | "/health/ready" | "/api/health/" => ("/health", health::ready(&self.checks, environment).await),
            "/metrics" => ("/metrics", self.metrics(&request)),
            _ if !hosts::ours(&request, &self.edge.settings.hosts) => ("other", hosts::misdirected()),
            "/graphql" => ("/graphql", self.graphql(request).await),
            "/graphql/ws" => ("/graphql/ws", ws::upgrade(&self.edge, &request)),
            path if path.starts_with(graphiql::PREFIX) => ("/graphiql", graphiql::asset(&self.edge.settings, &request)),
            _ => ("other", self.other(request).await),
        }
    }

    async fn graphql(&self, request: Request) -> Response {
        let settings = &self.edge.settings;
        if *request.method() == Method::OPTIONS {
            return cors::preflight(cors::judge(request.headers(), settings));
        }
        let page = *request.method() == Method::GET && request.uri().query().is_none();
        if page && !settings.production && accept::wants_page(request.headers()) {
            return graphiql::page();
        }
        graphql(&self.edge, request).await
    }

    fn metrics(&self, request: &Request) -> Response {
        let Some(handle) = &self.metrics else { return not_found() };
        let headers = request.headers();
        let bearer = match client::bearer(headers) {
            Bearer::Token(token) => Some(token),
            Bearer::None | Bearer::Malformed => None,
        };
        let forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
        match admit(self.edge.settings.metrics_token.as_deref(), bearer, client::peer(request), forwarded) {
            Admission::Admitted => Response::builder().content_type("text/plain; version=0.0.4").body(handle.render()),
            Admission::Unknown => Response::builder().status(StatusCode::UNAUTHORIZED).header(WWW_AUTHENTICATE, "Bearer").finish(),
            Admission::Hidden => not_found(),
        }
    }

    async fn other(&self, request: Request) -> Response {
        match &self.others {
            Some(others) => others.get_response(request).await,
            None => not_found(),
        }
    }
}

impl Endpoint for Routes {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let started = Instant::now();
        let method = method_label(request.method());
        let origin = request.headers().get(ORIGIN).cloned();
        let verdict = cors::judge(request.headers(), &self.edge.settings);
        let encodings = compress::accepted(request.headers());
        let (route, mut response) = self.answer(request).await;
        cors::allow(&mut response, verdict, origin.as_ref());
        protect(response.headers_mut(), self.edge.settings.secure);
        metrics::http(route, method, response.status().as_u16(), started.elapsed());
        Ok(if route == "/graphql" { compress::answer(response, encodings.as_ref()) } else { response })
    }
}

/// Headers every answer has, unless a page sets its own.
fn protect(headers: &mut HeaderMap, over_tls: bool) {
    let always = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-site"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ];
    let secure = ("strict-transport-security", "max-age=31536000; includeSubDomains");
    for (name, value) in always.into_iter().chain(over_tls.then_some(secure)) {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn not_found() -> Response {
    Response::builder().status(StatusCode::NOT_FOUND).content_type("text/plain; charset=utf-8").body("Not found")
}
