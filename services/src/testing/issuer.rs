//! An OpenID provider of this machine, spoken to over HTTP: it checks what a provider checks, signs with RS256 as Google does, and
//! lies only where a test tells it to.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKey, KeySize};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use poem::http::{StatusCode, header};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Form, Json, Query};
use poem::{EndpointExt, Request, Response, Route, Server, get, handler, post};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A person at the provider's, and what it says of them.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub subject: String,
    pub email: Option<String>,
    pub verified: Value,
    pub name: Option<String>,
}

impl Visitor {
    pub fn new(subject: &str, email: &str) -> Self {
        let name = Some("Awa Diop".to_owned());
        Self { subject: subject.to_owned(), email: Some(email.to_owned()), verified: json!(true), name }
    }
}

/// What changes an ID token before it is signed.
pub type Lie = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

struct Key {
    kid: String,
    pair: RsaKey,
}

#[derive(Default)]
struct State {
    visitor: Option<Visitor>,
    codes: HashMap<String, Code>,
    keys: Vec<Key>,
    lie: Option<Lie>,
    lax: bool,
    now: i64,
    asked: HashMap<&'static str, u32>,
}

#[derive(Clone)]
struct Code {
    visitor: Visitor,
    challenge: String,
    nonce: String,
    redirect: String,
    used: bool,
}

/// The provider; it answers until the test is over.
#[derive(Clone)]
pub struct FakeIssuer {
    pub url: String,
    state: Arc<Mutex<State>>,
}

const CLIENT: &str = "teranga";
const SECRET: &str = "un secret: à encoder";
/// The page of an application that people are sent back to.
pub const BACK: &str = "https://app.example.sn/back";

impl FakeIssuer {
    pub async fn start() -> Self {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let url = format!("http://{}", acceptor.local_addr()[0].as_socket_addr().unwrap());
        let issuer = Self { url, state: Arc::default() };
        issuer.rotate();
        let routes = Route::new()
            .at("/.well-known/openid-configuration", get(discovery))
            .at("/keys", get(keys))
            .at("/authorize", get(authorize))
            .at("/token", post(token))
            .data(issuer.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
        issuer
    }

    /// The settings of an installation that people may sign in to with this provider.
    pub fn settings(&self) -> Vec<(String, String)> {
        let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            one("OIDC_PROVIDERS", "lycee"),
            one("OIDC_LYCEE_ISSUER", &self.url),
            one("OIDC_LYCEE_NAME", "Lycée Lamine Guèye"),
            one("OIDC_LYCEE_CLIENT_ID", CLIENT),
            one("OIDC_LYCEE_CLIENT_SECRET", SECRET),
            one("OIDC_REDIRECTS", BACK),
            one("OUTGOING_NETWORKS", "127.0.0.0/8"),
        ]
    }

    /// Its tokens are of this instant, in seconds.
    pub fn at(&self, now: i64) {
        self.lock().now = now;
    }

    /// From here on a key of another id signs; those of before are still shown, where they are two.
    pub fn rotate(&self) {
        let mut state = self.lock();
        let kid = format!("key-{}", state.asked.entry("rotated").and_modify(|times| *times += 1).or_default());
        state.keys.insert(0, Key { kid, pair: RsaKey::generate(KeySize::Rsa2048).unwrap() });
        state.keys.truncate(2);
    }

    /// What it says is changed before it is signed: the header, then the claims.
    pub fn lies(&self, lie: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) {
        self.lock().lie = Some(Arc::new(lie));
    }

    pub fn tells_the_truth(&self) {
        self.lock().lie = None;
    }

    /// Takes a code as often as it is shown.
    pub fn is_lax(&self) {
        self.lock().lax = true;
    }

    /// How often one of its pages was asked for.
    pub fn asked(&self, page: &'static str) -> u32 {
        self.lock().asked.get(page).copied().unwrap_or(0)
    }

    /// A person follows the link to the provider, agrees, and is sent back: the parts of the address they come back to.
    pub async fn visit(&self, link: &str, visitor: Visitor) -> HashMap<String, String> {
        self.lock().visitor = Some(visitor);
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let answer = browser.get(link).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 302, "{}", answer.text().await.unwrap());
        let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        back.query_pairs().into_owned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, page: &'static str) {
        *self.lock().asked.entry(page).or_default() += 1;
    }

    fn id_token(&self, code: &Code) -> String {
        let state = self.lock();
        let key = &state.keys[0];
        let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": key.kid});
        let visitor = &code.visitor;
        let mut claims = json!({
            "iss": self.url, "aud": CLIENT, "sub": visitor.subject, "iat": state.now, "exp": state.now + 3600, "nonce": code.nonce,
            "email": visitor.email, "email_verified": visitor.verified, "name": visitor.name, "locale": "fr-SN",
        });
        if let Some(lie) = &state.lie {
            lie(&mut header, &mut claims);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; key.pair.public_modulus_len()];
        key.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[handler]
fn discovery(issuer: Data<&FakeIssuer>) -> Json<Value> {
    issuer.count("discovery");
    let url = &issuer.url;
    Json(json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}

#[handler]
fn keys(issuer: Data<&FakeIssuer>) -> Json<Value> {
    issuer.count("keys");
    let shown = |key: &Key| {
        let public = key.pair.public_key();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (n, e) = (public.modulus(), public.exponent());
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid,
            "n": part(n.big_endian_without_leading_zero()), "e": part(e.big_endian_without_leading_zero())})
    };
    let keys: Vec<Value> = issuer.lock().keys.iter().map(shown).collect();
    Json(json!({ "keys": keys }))
}

#[handler]
fn authorize(issuer: Data<&FakeIssuer>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let said = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let right = said("response_type") == "code" && said("client_id") == CLIENT && said("code_challenge_method") == "S256";
    if !right || !said("scope").split(' ').any(|scope| scope == "openid") || said("state").is_empty() {
        return Response::builder().status(StatusCode::BAD_REQUEST).body(format!("{asked:?}"));
    }
    let mut state = issuer.lock();
    let code = format!("code-{}", state.codes.len());
    let visitor = state.visitor.clone().expect("somebody is there");
    let kept = Code { visitor, challenge: said("code_challenge"), nonce: said("nonce"), redirect: said("redirect_uri"), used: false };
    state.codes.insert(code.clone(), kept);
    let mut back = Url::parse(&said("redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &said("state")).append_pair("iss", &issuer.url);
    Response::builder().status(StatusCode::FOUND).header(header::LOCATION, back.as_str()).finish()
}

#[handler]
fn token(issuer: Data<&FakeIssuer>, request: &Request, Form(form): Form<HashMap<String, String>>) -> Response {
    let fault = |status, error: &str| Response::builder().status(status).body(json!({ "error": error }).to_string());
    let given = request.header(header::AUTHORIZATION).and_then(|given| given.strip_prefix("Basic "));
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    if given != Some(&STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)))) {
        return fault(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let said = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if said("grant_type") != "authorization_code" {
        return fault(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let mut state = issuer.lock();
    let lax = state.lax;
    let verifier = URL_SAFE_NO_PAD.encode(Sha256::digest(said("code_verifier")));
    let good = |code: &&mut Code| (lax || !code.used) && code.redirect == said("redirect_uri") && code.challenge == verifier;
    let Some(code) = state.codes.get_mut(said("code")).filter(good) else { return fault(StatusCode::BAD_REQUEST, "invalid_grant") };
    code.used = true;
    let code = code.clone();
    drop(state);
    let tokens = json!({"access_token": "unused", "token_type": "Bearer", "expires_in": 3600, "id_token": issuer.id_token(&code)});
    Response::builder().content_type("application/json").body(tokens.to_string())
}
