//! The HTTP server: the edge, and the pages beside it.

use crate::edge::health::{Checks, Health, Report};
use crate::edge::{self, Edge, Pages, Readers, Routes};
use crate::engine::Engine;
use crate::notifications::webhook;
use anyhow::Context;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, Response, Route, get, handler, post};
use services::App;
use services::settings::Environment;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Every route of the API for one process.
pub fn routes(app: &App, metrics: Option<PrometheusHandle>) -> anyhow::Result<Routes> {
    let settings = app.settings();
    let production = settings.environment == Environment::Production;
    let engine = Arc::new(Engine::new(app.clone(), !production, HashMap::new()));
    let edge = Edge::new(
        engine,
        edge::Settings {
            production,
            origins: settings.cors_origins.clone(),
            session_verbs: ["signUp", "signIn", "signOut", "sessionRefresh"].map(str::to_owned).to_vec(),
            weights: weights(),
            shared: shared(),
            environment: if production { "production" } else { "development" }.to_owned(),
            ..edge::Settings::default()
        },
    )
    .context("the edge cannot be built")?;
    let pages = Pages { checks: Some(Arc::new(Parts(app.clone()))), metrics, others: Some(others(app)) };
    Ok(Routes::new(edge, pages))
}

/// What a password check costs in points: it takes a core for a tenth of a second.
fn weights() -> HashMap<String, u64> {
    ["signUp", "signIn"].map(|verb| (format!("Mutation.{verb}"), 50)).into()
}

/// The streams whose events are executed once for all who read alike.
fn shared() -> HashMap<String, Readers> {
    let shared = [("stockAlertChanged", Readers::All), ("stockLevelChanged", Readers::All), ("notificationReceived", Readers::OnePerson)];
    shared.map(|(field, readers)| (field.to_owned(), readers)).into()
}

/// Serves until the process is told to stop.
pub async fn serve(app: App, listener: TcpListener, metrics: Option<PrometheusHandle>, stop: CancellationToken) -> anyhow::Result<()> {
    Ok(edge::serve(listener, routes(&app, metrics)?, stop).await?)
}

fn others(app: &App) -> BoxEndpoint<'static, Response> {
    let routes = Route::new()
        .at("/.well-known/jwks.json", get(jwks))
        .at("/webhooks/twilio", post(webhook::twilio))
        .at("/files/uploads/:token", crate::files::upload::endpoint());
    crate::work::page::routes(routes).data(app.clone()).map_to_response().boxed()
}

#[handler]
fn jwks(app: poem::web::Data<&App>) -> Response {
    Response::builder().content_type("application/json").header("cache-control", "public, max-age=300").body(app.keys().jwks().to_string())
}

/// What this process cannot work without, and what it can.
struct Parts(App);

impl Checks for Parts {
    fn check(&self) -> BoxFuture<'_, Report> {
        Box::pin(async {
            let mut report = Report::new();
            let database = tokio::time::timeout(Duration::from_secs(1), self.0.database().ping()).await;
            report.insert("database", if matches!(database, Ok(Ok(()))) { Health::Up } else { Health::Down });
            let current = tokio::time::timeout(Duration::from_secs(1), self.0.database().pending_migrations()).await;
            report.insert("migrations", if matches!(current, Ok(Ok(0))) { Health::Up } else { Health::Down });
            if let Some(url) = &self.0.settings().redis_url {
                let there = services::work::redis_answers(url).await;
                report.insert("redis", if there { Health::Up } else { Health::Degraded });
            }
            report
        })
    }
}
