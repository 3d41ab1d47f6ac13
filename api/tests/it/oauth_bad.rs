//! What the doors of codes and refresh tokens refuse, and that nothing changes by it.

use crate::oauth_portal::{BACK, PRODUCTS, Portal, STATE, VERIFIER, new_client, said};
use chrono::TimeDelta;
use reqwest::Client;
use serde_json::json;
use services::identity::{Permission, oauth};
use services::testing::Fixture;

#[tokio::test]
async fn a_code_that_is_none_is_refused_with_a_stable_code_and_changes_nothing() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let code = portal.code(&browser, &portal.query(&[])).await;
    let last = if code.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{last}", &code[..code.len() - 1]);
    let foreign = portal.tokens().await.token("refresh_token");
    for bad in [&code[..code.len() - 1], &forged, &code[1..], &format!("{code}x"), &code.to_uppercase(), &foreign, "x", "\0"] {
        assert_eq!(portal.exchange(bad).await.error(), (400, "invalid_grant"), "{bad}");
    }
    let (longer, slash) = (format!("{BACK}&x=1"), "https://portail.example/");
    for elsewhere in [longer.as_str(), slash, "https://voleur.example/", "x"] {
        let said = portal.exchange_with(&code, &[("redirect_uri", elsewhere)]).await;
        assert_eq!(said.error(), (400, "invalid_grant"), "{elsewhere}");
    }
    for missing in ["code", "redirect_uri", "code_verifier", "grant_type"] {
        assert_eq!(portal.exchange_with(&code, &[(missing, "")]).await.error(), (400, "invalid_request"), "{missing}");
    }
    for twice in ["code", "redirect_uri", "code_verifier", "client_id"] {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
            (twice, "x"),
            (twice, "x"),
        ];
        assert_eq!(portal.ask("token", &form).await.error(), (400, "invalid_request"), "{twice}");
    }
    assert_eq!(portal.exchange(&code).await.status, 200, "none of it spent the code");
}

#[tokio::test]
async fn another_clients_codes_and_refresh_tokens_are_as_if_they_were_not_there() {
    let portal = Portal::new().await;
    let scopes = [Permission::InventoryProductRead, Permission::InventoryProductWrite];
    let thief = oauth::create(&portal.fixture.proved(), new_client(&scopes)).await.unwrap();
    let public = oauth::NewClient { public: true, ..new_client(&scopes) };
    let public = oauth::create(&portal.fixture.proved(), public).await.unwrap().row.id.to_string();
    let (id, secret) = (thief.row.id.to_string(), thief.secret.unwrap());
    let steal = async |form: &[(&str, &str)]| {
        let token = format!("http://{}/oauth/token", portal.site.address);
        let with_secret = said(Client::new().post(&token).basic_auth(&id, Some(&secret)), form).await;
        assert_eq!(with_secret.error(), (400, "invalid_grant"));
        let form: Vec<(&str, &str)> = form.iter().copied().chain([("client_id", public.as_str())]).collect();
        assert_eq!(said(Client::new().post(&token), &form).await.error(), (400, "invalid_grant"));
    };
    let browser = portal.owner().await;
    let code = portal.code(&browser, &portal.query(&[])).await;
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    steal(&exchange).await;
    let tokens = portal.exchange(&code).await;
    steal(&exchange).await;
    let refresh = tokens.token("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    steal(&form).await;
    let next = portal.refresh(&refresh).await;
    portal.fixture.app.clock().advance(TimeDelta::seconds(11));
    steal(&form).await;
    assert_eq!(portal.error(&next.token("access_token"), PRODUCTS).await, "", "the rightful one goes on");
    assert_eq!(portal.refresh(&next.token("refresh_token")).await.status, 200);
    for (client, secret) in [(portal.id(), None), (portal.id(), Some("x")), (public.clone(), Some("x"))] {
        let request = Client::new().post(format!("http://{}/oauth/token", portal.site.address));
        let shown = secret.map(|secret| ("client_secret", secret));
        let form: Vec<(&str, &str)> = form.iter().copied().chain([("client_id", client.as_str())]).chain(shown).collect();
        assert_eq!(said(request, &form).await.error(), (401, "invalid_client"), "{client} {secret:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_none_is_refused_and_changes_nothing() {
    let portal = Portal::new().await;
    let refresh = portal.tokens().await.token("refresh_token");
    for bad in [&refresh[..refresh.len() - 1], &refresh[1..], &format!("{refresh}A"), "trg_refresh_", "x", "\0"] {
        assert_eq!(portal.refresh(bad).await.error(), (400, "invalid_grant"), "{bad}");
    }
    assert_eq!(portal.ask("token", &[("grant_type", "refresh_token")]).await.error(), (400, "invalid_request"));
    let twice = [("grant_type", "refresh_token"), ("refresh_token", &refresh), ("refresh_token", &refresh)];
    assert_eq!(portal.ask("token", &twice).await.error(), (400, "invalid_request"));
    assert_eq!(portal.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_to_its_client() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "work.job.read", "invalid_scope"),
        ("scope", "inventory.product.read nothing", "invalid_scope"),
        ("scope", " ", "invalid_scope"),
    ] {
        let returned = browser.visit(&portal.query(&[(name, value)])).await.returned();
        assert_eq!((returned["error"].as_str(), returned["state"].as_str()), (error, STATE), "{name} {value}");
        assert_eq!(returned["par"], "teranga", "the address is the one registered");
    }
    for twice in ["state=x", "scope=inventory.product.read", "code_challenge=x", "response_type=code"] {
        let returned = browser.visit(&format!("{}&{twice}", portal.query(&[]))).await.returned();
        assert_eq!(returned["error"], "invalid_request", "{twice}");
    }
    let denied = browser.visit(&portal.query(&[])).await;
    let denied = browser.answer(&portal.query(&[]), &denied, "deny").await.returned();
    assert_eq!((denied["error"].as_str(), denied["state"].as_str(), denied.contains_key("code")), ("access_denied", STATE, false));
    let long = portal.query(&[("state", &"x".repeat(9000))]);
    assert_eq!(browser.visit(&long).await.status, 400);
}

#[tokio::test]
async fn a_client_is_counted_for_itself_and_a_stranger_for_their_address() {
    let limits =
        [("RATE_LIMIT_ADDRESS", "100"), ("RATE_LIMIT_ADDRESS_BURST", "5"), ("RATE_LIMIT_USER", "1000"), ("RATE_LIMIT_USER_BURST", "200")];
    let portal = Portal::of(Fixture::with(&limits).await, false).await;
    let mut guessed = 0;
    while portal.post("introspect", Some("x"), &[("token", "x")]).await.status != 429 {
        guessed += 1;
        assert!(guessed <= 10, "guessing is held up");
    }
    for _ in 0..100 {
        assert_eq!(portal.ask("introspect", &[("token", "x")]).await.body, json!({"active": false}), "whatever a stranger does");
    }
    let mut refused = 0;
    for _ in 0..150 {
        refused += u32::from(portal.ask("introspect", &[("token", "x")]).await.status == 429);
    }
    assert!((40..=60).contains(&refused), "a burst of 200, of which 100 were left: {refused}");
}
