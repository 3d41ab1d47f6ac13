//! A client of the authorization server that asks people.

use crate::oauth_browser::Browser;
use crate::site::Site;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};
use services::identity::oauth::{self, MadeClient, NewClient};
use services::identity::{Caller, Permission, users};
use services::testing::{Fixture, PASSWORD};
use services::{Doorway, locale::Locale};
use sha2::{Digest, Sha256};

pub const BACK: &str = "https://portail.example/retour?par=teranga";
pub const LOOPBACK: &str = "http://127.0.0.1/retour";
pub const PRODUCTS: &str = "{ products { totalCount } }";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const STATE: &str = "état & signe";

/// A served shop with a registered client.
pub struct Portal {
    pub fixture: Fixture,
    pub site: Site,
    pub made: MadeClient,
}

/// What a door answered.
pub struct Said {
    pub status: u16,
    pub body: Value,
}

impl Said {
    pub fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
    #[track_caller]
    pub fn token(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("{} {}", self.status, self.body)).to_owned()
    }
}

pub fn new_client(scopes: &[Permission]) -> NewClient {
    let redirect_uris = vec![BACK.to_owned(), LOOPBACK.to_owned()];
    NewClient { name: "Portail <Awa>".into(), scopes: scopes.to_vec(), redirect_uris, ..NewClient::default() }
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

pub async fn email_of(fixture: &Fixture, caller: &Caller) -> String {
    users::get(&Doorway::new(&fixture.app, Locale::Fr), caller).await.unwrap().email
}

impl Portal {
    pub async fn new() -> Self {
        Self::of(Fixture::new().await, false).await
    }

    /// One in the hands of people.
    pub async fn public() -> Self {
        Self::of(Fixture::new().await, true).await
    }

    pub async fn of(fixture: Fixture, public: bool) -> Self {
        let scopes = [Permission::InventoryProductRead, Permission::InventoryProductWrite, Permission::InventoryStockRead];
        let made = oauth::create(&fixture.proved(), NewClient { public, ..new_client(&scopes) }).await.unwrap();
        Self { site: Site::start(&fixture.app).await, fixture, made }
    }

    pub fn id(&self) -> String {
        self.made.row.id.to_string()
    }

    /// A good request, with some parameters changed; an empty one is not sent.
    pub fn query(&self, changes: &[(&str, &str)]) -> String {
        let (id, challenge) = (self.id(), challenge());
        let good = [
            ("response_type", "code"),
            ("client_id", &id),
            ("redirect_uri", BACK),
            ("scope", "inventory.product.read inventory.product.write"),
            ("state", STATE),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let mut url = Url::parse("http://x/").unwrap();
        url.query_pairs_mut().extend_pairs(kept.chain(changes).filter(|(_, value)| !value.is_empty()));
        url.query().unwrap().to_owned()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(format!("http://{}", self.site.address))
    }

    /// The owner's, signed in at the page.
    pub async fn owner(&self) -> Browser {
        let mut browser = self.browser();
        assert_eq!(browser.sign_in(&self.query(&[]), &self.fixture.email().await, PASSWORD).await.status, 303);
        browser
    }

    /// A code for a request that the browser's person allows.
    pub async fn code(&self, browser: &Browser, query: &str) -> String {
        let shown = browser.visit(query).await;
        if shown.status == 303 { shown.code() } else { browser.answer(query, &shown, "allow").await.code() }
    }

    pub async fn post(&self, door: &str, secret: Option<&str>, form: &[(&str, &str)]) -> Said {
        let request = Client::new().post(format!("http://{}/oauth/{door}", self.site.address));
        let request = match secret {
            Some(secret) => request.basic_auth(self.id(), Some(secret)),
            None => request,
        };
        said(request, form).await
    }

    /// As the client registered.
    pub async fn ask(&self, door: &str, form: &[(&str, &str)]) -> Said {
        let (id, mut form) = (self.id(), form.to_vec());
        if self.made.secret.is_none() {
            form.push(("client_id", &id));
        }
        self.post(door, self.made.secret.as_deref(), &form).await
    }

    pub async fn exchange(&self, code: &str) -> Said {
        self.exchange_with(code, &[]).await
    }

    pub async fn exchange_with(&self, code: &str, changes: &[(&str, &str)]) -> Said {
        let good = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
        let kept = good.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let form: Vec<(&str, &str)> = kept.chain(changes).filter(|(_, value)| !value.is_empty()).copied().collect();
        self.ask("token", &form).await
    }

    pub async fn refresh(&self, token: &str) -> Said {
        self.ask("token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The tokens of a new grant of the owner's.
    pub async fn tokens(&self) -> Said {
        let browser = self.owner().await;
        let said = self.exchange(&self.code(&browser, &self.query(&[])).await).await;
        assert_eq!(said.status, 200, "{}", said.body);
        said
    }

    /// The code of the first error of a document sent with a token; nothing where it was answered.
    pub async fn error(&self, bearer: &str, document: &str) -> String {
        let answer = self.site.ask(bearer, document, None, json!({})).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The actions in the audit log of the shop, the newest first.
    pub async fn acts(&self) -> Vec<String> {
        let log = services::audit::page(&self.fixture.again(), &Default::default(), &Default::default()).await.unwrap();
        log.items().map(|event| event.action.clone()).collect()
    }
}

pub async fn said(request: RequestBuilder, form: &[(&str, &str)]) -> Said {
    let answer = request.form(form).send().await.unwrap();
    let status = answer.status().as_u16();
    Said { status, body: serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default() }
}
