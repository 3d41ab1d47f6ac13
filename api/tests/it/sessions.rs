//! Sessions over HTTP: what a client holds, and what a thief or a tired person would send.

use crate::edge_ws::Heard;
use crate::site::Site;
use api::ids::GlobalId;
use chrono::TimeDelta;
use serde_json::{Value, json};
use services::testing::{self, FakeIssuer, Fixture, PASSWORD, Visitor};
use std::time::{Duration, Instant};

const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken refreshToken } userErrors { code } } }";
const REFRESH: &str = "mutation($input: SessionRefreshInput!) { sessionRefresh(input: $input) { session { accessToken refreshToken } userErrors { code path } } }";
const SIGN_OUT: &str = "mutation($everywhere: Boolean!) { signOut(input: {everywhere: $everywhere}) { userErrors { code } } }";
const SWITCH: &str =
    "mutation($id: ID!) { organizationSwitch(input: {organizationId: $id}) { session { accessToken } userErrors { code } } }";
const VIEWER: &str = "{ viewer { user { id } } }";

struct Shop {
    fixture: Fixture,
    site: Site,
}

/// What a signed-in device holds.
#[derive(Clone, Debug)]
struct Device {
    access: String,
    refresh: String,
}

impl Device {
    fn of(session: &Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap_or_else(|| panic!("{name} in {session}")).to_owned();
        Self { access: text("accessToken"), refresh: text("refreshToken") }
    }
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let site = Site::start(&fixture.app).await;
        Self { fixture, site }
    }

    async fn sign_in(&self) -> Device {
        let input = json!({"input": {"email": self.fixture.email().await, "password": PASSWORD}});
        Device::of(&self.site.ask("", SIGN_IN, None, input).await["data"]["signIn"]["session"])
    }

    /// With a bearer that may be stale, as clients send it.
    async fn refresh(&self, device: &Device) -> Value {
        let input = json!({"input": {"refreshToken": device.refresh}});
        self.site.ask(&device.access, REFRESH, None, input).await["data"]["sessionRefresh"].clone()
    }

    async fn sign_out(&self, device: &Device, everywhere: bool) -> Value {
        self.site.ask(&device.access, SIGN_OUT, None, json!({"everywhere": everywhere})).await
    }

    async fn is_in(&self, device: &Device) -> bool {
        let answer = self.site.ask(&device.access, VIEWER, None, json!({})).await;
        let id = answer["data"]["viewer"]["user"]["id"].is_string();
        assert!(id || code(&answer) == "UNAUTHENTICATED", "{answer}");
        id
    }
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_when_it_comes_back() {
    let shop = Shop::new().await;
    let first = shop.sign_in().await;
    let second = Device::of(&shop.refresh(&first).await["session"]);
    assert!(shop.is_in(&second).await);
    shop.fixture.app.clock().advance(TimeDelta::seconds(11));
    let stolen = shop.refresh(&first).await;
    assert_eq!(stolen, json!({"session": null, "userErrors": [{"code": "TOKEN_REUSED", "path": ["refreshToken"]}]}));
    assert!(!shop.is_in(&second).await);
    assert_eq!(shop.refresh(&second).await["userErrors"][0]["code"], "TOKEN_EXPIRED");
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_answered_again() {
    let shop = Shop::new().await;
    let first = shop.sign_in().await;
    shop.fixture.app.clock().advance(TimeDelta::minutes(31));
    assert!(!shop.is_in(&first).await, "the access token is over, the session is not");
    let second = Device::of(&shop.refresh(&first).await["session"]);
    let again = Device::of(&shop.refresh(&first).await["session"]);
    assert_eq!(again.refresh, second.refresh);
    assert!(shop.is_in(&again).await);
}

#[tokio::test]
async fn signing_out_with_an_access_token_that_is_over_is_no_false_success() {
    let shop = Shop::new().await;
    let device = shop.sign_in().await;
    shop.fixture.app.clock().advance(TimeDelta::minutes(31));
    let answer = shop.sign_out(&device, false).await;
    assert_eq!((code(&answer), &answer["data"]["signOut"]), ("UNAUTHENTICATED", &Value::Null), "{answer}");
    let fresh = Device::of(&shop.refresh(&device).await["session"]);
    assert_eq!(shop.sign_out(&fresh, false).await["data"]["signOut"]["userErrors"], json!([]));
    assert!(!shop.is_in(&fresh).await);
    assert_eq!(shop.refresh(&fresh).await["userErrors"][0]["code"], "TOKEN_EXPIRED");
    let nobody = shop.site.ask("", SIGN_OUT, None, json!({"everywhere": true})).await;
    assert_eq!(code(&nobody), "UNAUTHENTICATED", "{nobody}");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_none_is_switched_out_of_it() {
    let shop = Shop::new().await;
    let (here, there) = (shop.sign_in().await, shop.sign_in().await);
    assert_eq!(shop.sign_out(&here, true).await["data"]["signOut"]["userErrors"], json!([]));
    for device in [&here, &there] {
        assert!(!shop.is_in(device).await);
        assert_eq!(shop.refresh(device).await["userErrors"][0]["code"], "TOKEN_EXPIRED");
        let id = shop.fixture.scope.tenant().to_global();
        assert_eq!(code(&shop.site.ask(&device.access, SWITCH, None, json!({"id": id})).await), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn all_open_sockets_of_a_process_ask_by_one_statement_a_second_and_still_close_at_once() {
    let shop = Shop::new().await;
    let elsewhere = testing::second_process(&shop.fixture).await;
    let site = Site::start(&elsewhere).await;
    let (mut sockets, mut last) = (Vec::new(), String::new());
    for _ in 0..50 {
        last = testing::device(&shop.fixture).await;
        sockets.push(site.socket(&last).await);
    }
    let before = testing::statements_for_sessions(&elsewhere);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let sent = testing::statements_for_sessions(&elsewhere) - before;
    assert!((2..=5).contains(&sent), "{sent} statements in three seconds for 50 open sessions");
    // Ended in another process, and nobody tells this one.
    let (revoked, device) = (Instant::now(), Device { access: last, refresh: String::new() });
    assert_eq!(shop.sign_out(&device, false).await["data"]["signOut"]["userErrors"], json!([]));
    assert_eq!(sockets.pop().expect("the last").hear().await, Heard::Close(4401));
    assert!(revoked.elapsed() < Duration::from_secs(2), "{:?}", revoked.elapsed());
    let mut other = sockets.pop().expect("another session");
    other.say(json!({"type": "ping"})).await;
    assert_eq!(other.message().await, json!({"type": "pong"}), "the others stay");
}

#[tokio::test]
async fn signs_in_with_another_issuer_and_founds_an_organisation() {
    let issuer = FakeIssuer::start().await;
    issuer.at(testing::START.0 / 1_000_000);
    let vars = issuer.settings();
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let fixture = Fixture::with(&vars).await;
    let site = Site::start(&fixture.app).await;
    let offered = site.ask("", "{ signInProviders { key name } }", None, json!({})).await;
    assert_eq!(offered["data"]["signInProviders"], json!([{"key": "lycee", "name": "Lycée Lamine Guèye"}]));
    const BEGIN: &str = "mutation($input: ExternalSignInBeginInput!) { externalSignInBegin(input: $input) { authorizationUrl flow expiresAt userErrors { code path } } }";
    let begin = json!({"input": {"provider": "lycee", "redirectUri": testing::BACK}});
    let begun = site.ask("", BEGIN, None, begin.clone()).await["data"]["externalSignInBegin"].take();
    let back = issuer.visit(begun["authorizationUrl"].as_str().unwrap(), Visitor::new("subject-1", "awa@lycee.sn")).await;
    const COMPLETE: &str = "mutation($input: ExternalSignInCompleteInput!) { externalSignInComplete(input: $input) { session { accessToken organization { id } } userErrors { code path } } }";
    let input = json!({"input": {"flow": begun["flow"], "state": back["state"], "code": back["code"], "iss": back["iss"]}});
    let done = site.ask("", COMPLETE, None, input.clone()).await["data"]["externalSignInComplete"].take();
    assert_eq!((&done["userErrors"], &done["session"]["organization"]), (&json!([]), &Value::Null), "{done}");
    let token = done["session"]["accessToken"].as_str().unwrap();
    let again = site.ask("", COMPLETE, None, input).await["data"]["externalSignInComplete"].take();
    assert_eq!(again["userErrors"][0]["code"], "INVALID_CREDENTIALS", "{again}");

    let me = "{ viewer { user { displayName emailVerified } externalIdentities { provider email } organizations { nodes { name } } } }";
    let shown = site.ask(token, me, None, json!({})).await["data"]["viewer"].take();
    assert_eq!(shown["externalIdentities"], json!([{"provider": "lycee", "email": "awa@lycee.sn"}]));
    const FOUND: &str = "mutation($input: OrganizationCreateInput!) { organizationCreate(input: $input) { organization { id name currency locale timeZone } userErrors { code path } } }";
    let founded = site.ask(token, FOUND, None, json!({"input": {"name": " Lycée "}})).await["data"]["organizationCreate"].take();
    let organization = &founded["organization"];
    assert_eq!(
        (&organization["name"], &organization["currency"], &organization["timeZone"]),
        (&json!("Lycée"), &json!("XOF"), &json!("Africa/Dakar"))
    );
    let there = site.ask(token, SWITCH, None, json!({"id": organization["id"]})).await["data"]["organizationSwitch"].take();
    let there = there["session"]["accessToken"].as_str().unwrap();
    let mine = "{ viewer { membership { roles { nodes { name isSystem } } } permissions { permission } } units { nodes { code } } warehouses { nodes { name } } }";
    let mine = site.ask(there, mine, None, json!({})).await["data"].take();
    assert_eq!(mine["viewer"]["membership"]["roles"]["nodes"], json!([{"name": "Propriétaire", "isSystem": true}]), "{mine}");
    assert!(!mine["units"]["nodes"].as_array().unwrap().is_empty() && !mine["warehouses"]["nodes"].as_array().unwrap().is_empty());
    for (input, code, path) in [
        (json!({"name": "  "}), "REQUIRED", json!(["name"])),
        (json!({"name": "x", "currency": "ZZZ"}), "INVALID", json!(["currency"])),
        (json!({"name": "x", "timeZone": "Dakar"}), "INVALID", json!(["timeZone"])),
        (json!({"name": "x", "locale": "xx"}), "INVALID", json!(["locale"])),
    ] {
        let refused = site.ask(there, FOUND, None, json!({"input": input})).await["data"]["organizationCreate"]["userErrors"][0].take();
        assert_eq!((&refused["code"], &refused["path"]), (&json!(code), &path), "{refused}");
    }
}
