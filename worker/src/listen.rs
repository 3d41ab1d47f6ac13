//! The pages of a worker: `/health/live`, `/health/ready` and `/metrics`, on `WORKER_BIND`.

use crate::Pulse;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use services::App;
use services::health::{self, Report};
use services::measuring::{Admission, FORWARDED, PrometheusHandle, admit};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What the pages are made of.
pub struct Pages {
    pub app: App,
    pub pulse: Pulse,
    pub metrics: Option<PrometheusHandle>,
}

/// Serves the pages until `stop`.
pub async fn serve(listener: TcpListener, pages: Pages, stop: CancellationToken) {
    let pages = Arc::new(pages);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let (pages, peer) = (pages.clone(), peer.ip());
                let service = service_fn(move |request| {
                    let pages = pages.clone();
                    async move { Ok::<_, Infallible>(pages.answer(&request, peer).await) }
                });
                let mut builder = http1::Builder::new();
                builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10)).max_buf_size(16 * 1024);
                let serving = builder.serve_connection(TokioIo::new(stream), service);
                let stop = stop.clone();
                tokio::spawn(async move { stop.run_until_cancelled(serving).await });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Pages {
    async fn answer(&self, request: &Request<Incoming>, peer: IpAddr) -> Response<String> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        match request.uri().path() {
            "/health/live" => self.health(&Report::new()),
            "/health" | "/health/ready" => {
                let mut report = health::check(&self.app).await;
                report.extend(self.pulse.report());
                self.health(&report)
            }
            "/metrics" => self.metrics(request.headers(), peer),
            _ => plain(StatusCode::NOT_FOUND),
        }
    }

    fn health(&self, report: &Report) -> Response<String> {
        let (ready, body) = health::page(report, health::environment(&self.app));
        let mut response = plain(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE });
        response.headers_mut().insert(CONTENT_TYPE, "application/json; charset=utf-8".parse().expect("plain text"));
        *response.body_mut() = String::from_utf8(body).unwrap_or_default();
        response
    }

    fn metrics(&self, headers: &HeaderMap, peer: IpAddr) -> Response<String> {
        let Some(handle) = &self.metrics else { return plain(StatusCode::NOT_FOUND) };
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|text| text.strip_prefix("Bearer "));
        let forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
        match admit(self.app.settings().metrics_token.as_deref(), bearer, Some(peer), forwarded) {
            Admission::Admitted => {
                let mut response = plain(StatusCode::OK);
                response.headers_mut().insert(CONTENT_TYPE, "text/plain; version=0.0.4".parse().expect("plain text"));
                *response.body_mut() = handle.render();
                response
            }
            Admission::Unknown => {
                let mut response = plain(StatusCode::UNAUTHORIZED);
                response.headers_mut().insert(WWW_AUTHENTICATE, "Bearer".parse().expect("plain text"));
                response
            }
            Admission::Hidden => plain(StatusCode::NOT_FOUND),
        }
    }
}

fn plain(status: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, "no-store".parse().expect("plain text"));
    response
}
