//! A served installation, and clients that reach it over HTTP and sockets.

use crate::edge_ws::Socket;
use serde_json::{Value, json};
use services::App;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub struct Site {
    pub address: SocketAddr,
    client: reqwest::Client,
    _stop: DropGuard,
}

impl Site {
    pub async fn start(app: &App) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), app)
    }

    pub fn on(listener: TcpListener, app: &App) -> Self {
        let (address, stop) = (listener.local_addr().expect("bound"), CancellationToken::new());
        tokio::spawn(api::server::serve(app.clone(), listener, api::server::Beside::default(), stop.clone()));
        Self { address, client: reqwest::Client::new(), _stop: stop.drop_guard() }
    }

    /// A document sent by somebody who reads a language.
    pub async fn ask_in(&self, language: &str, bearer: &str, document: &str) -> Value {
        let request = self.client.post(format!("http://{}/graphql", self.address)).header("accept-language", language);
        let request = if bearer.is_empty() { request } else { request.bearer_auth(bearer) };
        request.json(&json!({"query": document})).send().await.expect("answered").json().await.expect("JSON")
    }

    /// One operation of a document, sent as frontends send it.
    pub async fn ask(&self, bearer: &str, document: &str, operation: Option<&str>, variables: Value) -> Value {
        let body = json!({"query": document, "operationName": operation, "variables": variables});
        let mut request = self.client.post(format!("http://{}/graphql", self.address)).header("content-type", "application/json");
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        request = request.header("x-request-id", format!("screen-{}", operation.unwrap_or("none")));
        let answer = request.body(body.to_string()).send().await.expect("answered").text().await.expect("text");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// A mutation with an idempotency key: the status, whether it is an answer said again, and the answer.
    pub async fn send_once(&self, bearer: &str, key: &str, document: &str, variables: Value) -> (u16, bool, Value) {
        let body = json!({"query": document, "variables": variables}).to_string();
        let request = self.client.post(format!("http://{}/graphql", self.address)).header("content-type", "application/json");
        let answer = request.bearer_auth(bearer).header("idempotency-key", key).body(body).send().await.expect("answered");
        let (status, replayed) = (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed"));
        (status, replayed, serde_json::from_str(&answer.text().await.expect("text")).expect("JSON"))
    }

    /// An access token.
    pub async fn sign_in(&self, email: &str, password: &str) -> String {
        const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { message } } }";
        let answer = self.ask("", SIGN_IN, None, json!({"input": {"email": email, "password": password}})).await;
        let token = answer["data"]["signIn"]["session"]["accessToken"].as_str();
        token.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub async fn socket(&self, bearer: &str) -> Socket {
        Socket::at(self.address, bearer).await
    }
}

/// The screens' documents, by name.
pub fn screens() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens");
    let files = std::fs::read_dir(folder).expect("docs/screens").map(|file| file.expect("readable").path());
    let screens = files.filter(|path| path.extension().is_some_and(|extension| extension == "graphql"));
    screens.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())).collect()
}
