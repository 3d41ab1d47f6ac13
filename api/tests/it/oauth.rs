//! The authorization server, as programs of others meet it.

use crate::site::Site;
use entities::identity::{OauthClientId, ServiceAccountId};
use serde_json::{Value, json};
use services::identity::oauth::{self, ClientChange, MadeClient, NewClient};
use services::identity::service_accounts::{self, NewServiceAccount, ServiceAccountChange};
use services::identity::{Permission, ShippedRole};
use services::testing::{self, Fixture, PASSWORD};

const PRODUCTS: &str = "{ products { totalCount } }";

struct Shop {
    fixture: Fixture,
    site: Site,
    account: ServiceAccountId,
    client: MadeClient,
}

/// What a door answered.
struct Said {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Said {
    fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
}

impl Shop {
    async fn new() -> Self {
        Self::of(Fixture::new().await).await
    }

    async fn of(fixture: Fixture) -> Self {
        let site = Site::start(&fixture.app).await;
        let roles = vec![testing::shipped_role(&fixture, ShippedRole::Employee).await];
        let new = NewServiceAccount { name: "Portail".into(), roles };
        let account = ServiceAccountId(service_accounts::create(&fixture.proved(), new).await.unwrap().id.0);
        let scopes = vec![Permission::InventoryProductRead, Permission::InventoryProductWrite, Permission::InventoryStockRead];
        let client =
            oauth::create(&fixture.proved(), NewClient { name: "Portail".into(), scopes, account: Some(account), ..Default::default() })
                .await
                .unwrap();
        Self { fixture, site, account, client }
    }

    fn id(&self) -> String {
        self.client.row.id.to_string()
    }

    fn secret(&self) -> &str {
        self.client.secret.as_deref().unwrap()
    }

    async fn post(&self, door: &str, basic: Option<(&str, &str)>, form: &[(&str, &str)]) -> Said {
        let request = reqwest::Client::new().post(format!("http://{}/oauth/{door}", self.site.address));
        let request = match basic {
            Some((name, secret)) => request.basic_auth(name, Some(secret)),
            None => request,
        };
        let encoded = form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect::<Vec<_>>().join("&");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(encoded);
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Said { status, headers, body: serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default() }
    }

    /// As the client, by the header.
    async fn ask(&self, door: &str, form: &[(&str, &str)]) -> Said {
        self.post(door, Some((&self.id(), self.secret())), form).await
    }

    async fn token(&self, scope: Option<&str>) -> String {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(scope.map(|scope| ("scope", scope)));
        let said = self.ask("token", &form).await;
        said.body["access_token"].as_str().unwrap_or_else(|| panic!("{} {}", said.status, said.body)).to_owned()
    }

    async fn code(&self, bearer: &str, document: &str) -> String {
        let answer = self.site.ask(bearer, document, None, json!({})).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_client_is_given_a_token_and_acts_as_its_service_account() {
    let shop = Shop::new().await;
    let said = shop.ask("token", &[("grant_type", "client_credentials")]).await;
    assert_eq!((said.status, &said.body["token_type"], &said.body["expires_in"]), (200, &json!("Bearer"), &json!(1800)), "{}", said.body);
    assert_eq!(said.body["scope"], "inventory.product.read inventory.product.write inventory.stock.read");
    assert_eq!((&said.headers["cache-control"], &said.headers["pragma"]), (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap()));
    let token = said.body["access_token"].as_str().unwrap();
    assert_eq!(shop.site.ask(token, PRODUCTS, None, json!({})).await["data"]["products"]["totalCount"], 0);
    let by_body = [("grant_type", "client_credentials"), ("client_id", &shop.id()), ("client_secret", shop.secret())];
    assert_eq!(shop.post("token", None, &by_body).await.status, 200, "of the body, too");
    let metadata = format!("http://{}/.well-known/oauth-authorization-server", shop.site.address);
    let metadata: Value = serde_json::from_str(&reqwest::get(metadata).await.unwrap().text().await.unwrap()).unwrap();
    let issuer = shop.fixture.app.settings().public_url.clone();
    assert_eq!((&metadata["issuer"], &metadata["token_endpoint"]), (&json!(issuer), &json!(format!("{issuer}/oauth/token"))));
}

#[tokio::test]
async fn asvs_10_3_2_what_a_client_may_do_is_where_all_its_bounds_meet() {
    let shop = Shop::new().await;
    let (whole, narrow) = (shop.token(None).await, shop.token(Some("inventory.stock.read")).await);
    assert_eq!(shop.code(&whole, PRODUCTS).await, "");
    assert_eq!(shop.code(&narrow, PRODUCTS).await, "FORBIDDEN", "not asked for");
    let create = "mutation { supplierCreate(input: {name: \"Autre\"}) { userErrors { code } } }";
    assert_eq!(shop.code(&whole, create).await, "FORBIDDEN", "an employee edits no catalogue, whatever the client may");
    let change = ClientChange { scopes: Some(vec![Permission::InventoryStockRead]), ..Default::default() };
    oauth::update(&shop.fixture.proved(), shop.client.row.id, change).await.unwrap();
    assert_eq!(shop.code(&whole, PRODUCTS).await, "FORBIDDEN", "at once");
    for bad in ["inventory.product.read", "inventory.stock.read nothing", " "] {
        let said = shop.ask("token", &[("grant_type", "client_credentials"), ("scope", bad)]).await;
        assert_eq!(said.error(), (400, "invalid_scope"), "{bad}");
    }
    assert_eq!(shop.code(&whole, "mutation { viewerUpdate(input: {displayName: \"X\"}) { userErrors { code } } }").await, "FORBIDDEN");
}

#[tokio::test]
async fn who_shows_no_right_secret_is_answered_alike() {
    let shop = Shop::new().await;
    let form = [("grant_type", "client_credentials")];
    let (id, secret) = (shop.id(), shop.secret().to_owned());
    let cut = &secret[..secret.len() - 1];
    let nobody = OauthClientId::NIL.to_string();
    let mut answers = Vec::new();
    for (client, secret) in [(id.as_str(), cut), (&id, ""), (&id, "x"), (&nobody, &secret), ("x", &secret), ("", "")] {
        let said = shop.post("token", Some((client, secret)), &form).await;
        assert_eq!(said.error(), (401, "invalid_client"), "{client} {secret}");
        assert!(said.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
        answers.push(said.body);
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]));
    assert_eq!(shop.post("token", None, &form).await.error(), (401, "invalid_client"));
    let twice = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    assert_eq!(shop.ask("token", &twice).await.error(), (400, "invalid_request"));
    let doubled = [("grant_type", "client_credentials"), ("grant_type", "client_credentials")];
    assert_eq!(shop.ask("token", &doubled).await.error(), (400, "invalid_request"));
    assert_eq!(shop.ask("token", &[]).await.error(), (400, "invalid_request"));
    for grant in ["password", "implicit", "x"] {
        assert_eq!(shop.ask("token", &[("grant_type", grant)]).await.error(), (400, "unsupported_grant_type"), "{grant}");
    }
    for (grant, shown) in [("authorization_code", "code"), ("refresh_token", "refresh_token")] {
        let form = [("grant_type", grant), (shown, "x"), ("redirect_uri", "x"), ("code_verifier", "x")];
        assert_eq!(shop.ask("token", &form).await.error(), (400, "unauthorized_client"), "it asks nobody: {grant}");
    }
    let renewed = oauth::renew_secret(&shop.fixture.proved(), shop.client.row.id).await.unwrap();
    assert_eq!(shop.ask("token", &form).await.error(), (401, "invalid_client"), "the old one is good for nothing");
    assert_eq!(shop.post("token", Some((&id, renewed.secret.as_deref().unwrap())), &form).await.status, 200);
}

#[tokio::test]
async fn a_token_is_looked_at_and_ended_by_its_own_client_alone() {
    let shop = Shop::new().await;
    let scopes = vec![Permission::InventoryProductRead];
    let other = NewClient { name: "Autre".into(), scopes, account: Some(shop.account), ..Default::default() };
    let other = oauth::create(&shop.fixture.proved(), other).await.unwrap();
    let other_id = other.row.id.to_string();
    let token = shop.token(None).await;
    let active = async |token: &str| shop.ask("introspect", &[("token", token)]).await.body;
    let seen = active(&token).await;
    assert_eq!((&seen["active"], &seen["client_id"], &seen["aud"]), (&json!(true), &json!(shop.id()), &json!("teranga-clients")), "{seen}");
    let person = shop.site.sign_in(&shop.fixture.email().await, PASSWORD).await;
    for bad in [&token[..token.len() - 1], "x", &person] {
        assert_eq!(active(bad).await, json!({"active": false}), "{bad}");
    }
    let by_other = shop.post("introspect", Some((&other_id, other.secret.as_deref().unwrap())), &[("token", &token)]).await;
    assert_eq!(by_other.body, json!({"active": false}), "another's");
    assert_eq!(shop.post("revoke", Some((&other_id, other.secret.as_deref().unwrap())), &[("token", &token)]).await.status, 200);
    assert_eq!(shop.code(&token, PRODUCTS).await, "", "another's goes on");
    assert_eq!(shop.ask("revoke", &[("token", "x")]).await.status, 200, "nothing is said of it");
    assert_eq!(shop.ask("revoke", &[]).await.error(), (400, "invalid_request"));
    assert_eq!(shop.ask("revoke", &[("token", &token)]).await.status, 200);
    assert_eq!(shop.code(&token, PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(active(&token).await, json!({"active": false}));
}

#[tokio::test]
async fn what_a_client_was_given_ends_with_its_time_its_account_and_itself() {
    let shop = Shop::new().await;
    let form = [("grant_type", "client_credentials")];
    let token = shop.token(None).await;
    let suspend = |yes| ServiceAccountChange { suspended: Some(yes), ..Default::default() };
    service_accounts::update(&shop.fixture.proved(), shop.account, suspend(true)).await.unwrap();
    assert_eq!(shop.code(&token, PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(shop.ask("token", &form).await.error(), (400, "unauthorized_client"));
    service_accounts::update(&shop.fixture.proved(), shop.account, suspend(false)).await.unwrap();
    assert_eq!(shop.code(&token, PRODUCTS).await, "");
    oauth::delete(&shop.fixture.proved(), shop.client.row.id).await.unwrap();
    assert_eq!(shop.code(&token, PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(shop.ask("token", &form).await.error(), (401, "invalid_client"));
    let shop = Shop::new().await;
    let token = shop.token(None).await;
    shop.fixture.app.clock().advance(chrono::TimeDelta::minutes(31));
    assert_eq!(shop.code(&token, PRODUCTS).await, "UNAUTHENTICATED", "it is over");
}

#[tokio::test]
async fn an_address_asks_the_authorization_server_so_often() {
    let shop = Shop::of(Fixture::with(&[("RATE_LIMIT_ADDRESS", "100"), ("RATE_LIMIT_ADDRESS_BURST", "5")]).await).await;
    let mut refused = None;
    for _ in 0..10 {
        let said = shop.post("token", Some((&shop.id(), "x")), &[("grant_type", "client_credentials")]).await;
        if said.status == 429 {
            refused = Some(said);
            break;
        }
    }
    let refused = refused.expect("guessing is held up");
    assert!(refused.headers.contains_key("retry-after"));
}
