//! The HTTP server: the edge, and the pages beside it.

use crate::documents;
use crate::edge::health::{Checks, Report};
use crate::edge::{self, Edge, Pages, Readers, Routes};
use crate::engine::Engine;
use crate::notifications::webhook;
use anyhow::Context;
use futures_util::future::BoxFuture;
use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, Response, Route, get, handler, post};
use services::App;
use services::measuring::PrometheusHandle;
use services::settings::Environment;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What a process has beside the API.
#[derive(Default)]
pub struct Beside {
    /// What `/metrics` shows.
    pub metrics: Option<PrometheusHandle>,
    /// The loops of the worker inside this process.
    pub worker: Option<worker::Pulse>,
}

/// Every route of the API for one process.
pub fn routes(app: &App, beside: Beside) -> anyhow::Result<Routes> {
    let settings = app.settings();
    let production = settings.environment == Environment::Production;
    let documents = documents::load(settings.persisted_documents.as_deref()).map_err(|faults| anyhow::anyhow!(faults.join("\n")))?;
    let engine = Arc::new(Engine::new(app.clone(), !production, documents));
    let edge = Edge::new(
        engine,
        edge::Settings {
            production,
            secure: settings.public_url.starts_with("https://"),
            hosts: settings.allowed_hosts.clone(),
            origins: settings.cors_origins.clone(),
            session_verbs: SESSION_VERBS.map(str::to_owned).to_vec(),
            doors: DOORS.map(str::to_owned).to_vec(),
            self_counting: vec!["sessionRefresh".to_owned()],
            keyless: SESSION_VERBS.into_iter().chain(KEYLESS).map(str::to_owned).collect(),
            weights: weights(),
            shared: shared(),
            environment: services::health::environment(app).to_owned(),
            trusted_proxies: settings.trusted_proxies.clone(),
            metrics_token: settings.metrics_token.clone(),
            client_names: settings.client_names.clone(),
            ..edge::Settings::default()
        },
    )
    .context("the edge cannot be built")?;
    let parts = Parts { app: app.clone(), worker: beside.worker };
    let pages = Pages { checks: Some(Arc::new(parts)), metrics: beside.metrics, others: Some(others(app)) };
    Ok(Routes::new(edge, pages))
}

/// Mutations about having a session at all.
const SESSION_VERBS: [&str; 7] =
    ["signUp", "signIn", "signInComplete", "externalSignInBegin", "externalSignInComplete", "signOut", "sessionRefresh"];

/// Mutations that open an account to whoever says the right thing.
const DOORS: [&str; 9] = [
    "signUp",
    "signIn",
    "signInComplete",
    "externalSignInBegin",
    "externalSignInComplete",
    "passwordResetRequest",
    "passwordReset",
    "emailVerify",
    "emailChange",
];

/// Further mutations that refuse an idempotency key: what they open or end is not to be had twice, and nothing of a password
/// or of another secret is kept with a key.
const KEYLESS: [&str; 17] = [
    "accountExport",
    "sessionProve",
    "organizationSwitch",
    "sessionRevoke",
    "passwordChange",
    "passwordReset",
    "passwordResetRequest",
    "emailVerify",
    "emailChange",
    "emailChangeRequest",
    "secondFactorBegin",
    "secondFactorConfirm",
    "secondFactorRemove",
    "recoveryCodesRenew",
    "apiTokenCreate",
    "oauthClientCreate",
    "oauthClientSecretRenew",
];

/// What a password check costs in points: it takes a core for a tenth of a second.
fn weights() -> HashMap<String, u64> {
    ["signUp", "signIn", "passwordChange", "passwordReset", "emailChangeRequest", "secondFactorBegin", "secondFactorRemove", "sessionProve"]
        .map(|verb| (format!("Mutation.{verb}"), 50))
        .into()
}

/// The streams whose events are executed once for all who read alike.
fn shared() -> HashMap<String, Readers> {
    let shared = [("stockAlertChanged", Readers::All), ("stockLevelChanged", Readers::All), ("notificationReceived", Readers::OnePerson)];
    shared.map(|(field, readers)| (field.to_owned(), readers)).into()
}

/// Serves until the process is told to stop, and keeps what answers are still to be kept.
pub async fn serve(app: App, listener: TcpListener, beside: Beside, stop: CancellationToken) -> anyhow::Result<()> {
    edge::serve(listener, routes(&app, beside)?, stop).await?;
    if let Err(error) = services::idempotency::settle(&app).await {
        tracing::error!(%error, "the last answers of idempotency keys are not kept");
    }
    Ok(())
}

fn others(app: &App) -> BoxEndpoint<'static, Response> {
    let routes = Route::new()
        .at("/.well-known/jwks.json", get(jwks))
        .at("/webhooks/twilio", post(webhook::twilio))
        .at("/files/uploads/:token", crate::files::upload::endpoint())
        .at("/audit/exports/:token", crate::audit::download::endpoint())
        .at("/account/exports/:token", crate::identity::own_data::endpoint());
    let routes = crate::identity::oauth::endpoints::routes(crate::identity::page::routes(routes));
    crate::work::page::routes(routes).data(app.clone()).map_to_response().boxed()
}

#[handler]
async fn jwks(app: poem::web::Data<&App>) -> Response {
    services::identity::look_at_keys(&app).await;
    Response::builder()
        .content_type("application/json")
        .header("cache-control", "public, max-age=300")
        .body(app.keys().jwks(app.now().0).to_string())
}

/// What this process cannot work without, and what it can; the loops of a worker inside it are among the former.
struct Parts {
    app: App,
    worker: Option<worker::Pulse>,
}

impl Checks for Parts {
    fn check(&self) -> BoxFuture<'_, Report> {
        Box::pin(async {
            let mut report = services::health::check(&self.app).await;
            report.extend(self.worker.iter().flat_map(worker::Pulse::report));
            report
        })
    }
}
