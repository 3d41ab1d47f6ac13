//! The page on which people let clients in, as those meet it who would misuse it.

use crate::oauth_browser::Browser;
use crate::oauth_portal::{BACK, PRODUCTS, Portal};
use chrono::TimeDelta;
use serde_json::json;
use services::identity::second_factor;
use services::testing::{self, PASSWORD};
use services::{Doorway, locale::Locale};

#[tokio::test]
async fn an_answer_is_of_this_session_to_this_request_and_from_this_page() {
    let portal = Portal::new().await;
    let (browser, other) = (portal.owner().await, portal.owner().await);
    let query = portal.query(&[]);
    let shown = browser.visit(&query).await;
    let (token, wider) = (shown.field("token"), portal.query(&[("scope", "")]));
    let form = |token: &str, query: &str| [("act", "allow".to_owned()), ("token", token.to_owned()), ("request", query.to_owned())];
    let send = async |browser: &Browser, from: &str, token: &str, query: &str| {
        let form = form(token, query);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("decide", from, &form).await
    };
    assert_eq!(send(&browser, "same-origin", &token, &wider).await.location(), "", "of another request");
    assert_eq!(send(&other, "same-origin", &token, &query).await.location(), "", "of another session");
    assert_eq!(send(&portal.browser(), "same-origin", &token, &query).await.location(), "", "of nobody");
    for from in ["cross-site", "same-site", "none"] {
        assert_eq!(send(&browser, from, &token, &query).await.location(), "", "{from}");
    }
    for bad in ["", "x", "0.x", &token[..token.len() - 1], &format!("9{token}")] {
        assert_eq!(send(&browser, "same-origin", bad, &query).await.location(), "", "{bad}");
    }
    assert!(!portal.acts().await.contains(&"identity.oauth_grant.allow".to_owned()), "nothing was let in");
    assert!(send(&browser, "same-origin", &token, &query).await.location().starts_with(BACK));
    portal.fixture.app.clock().advance(TimeDelta::minutes(11));
    let late = browser.post("decide", "same-origin", &[("act", "allow"), ("token", &token), ("request", &query)]).await;
    assert_eq!((late.status, late.location()), (200, ""), "eleven minutes later");
}

#[tokio::test]
async fn signing_in_at_the_page_is_as_strict_as_anywhere() {
    let portal = Portal::new().await;
    let app = &portal.fixture.app;
    let (email, query) = (portal.fixture.email().await, portal.query(&[]));
    let mut browser = portal.browser();
    let wrong = browser.sign_in(&query, &email, "tamarin").await;
    assert_eq!((wrong.status, browser.cookie.as_str()), (401, ""));
    assert!(!wrong.page.contains("tamarin"), "{}", wrong.page);
    let foreign = browser.post("sign-in", "cross-site", &[("email", &email), ("password", PASSWORD), ("request", &query)]).await;
    assert_eq!(foreign.status, 403);
    let doorway = Doorway::new(app, Locale::Fr);
    let begun = second_factor::begin(&doorway, &portal.fixture.caller, PASSWORD.into()).await.unwrap();
    let device = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&begun.secret).unwrap()).build().unwrap();
    let now = u64::try_from(app.now().0 / 1_000_000).unwrap();
    let codes = second_factor::confirm(&doorway, &portal.fixture.caller, &device.generate(now).to_string()).await.unwrap();
    let asked = browser.sign_in(&query, &email, PASSWORD).await;
    assert_eq!((asked.status, browser.cookie.as_str()), (200, ""), "a code is wanted, too");
    let challenge = asked.field("challenge");
    let with = |code: &str| [("challenge", challenge.clone()), ("code", code.to_owned()), ("request", query.clone())];
    let post = async |browser: &Browser, code: &str| {
        let form = with(code);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("code", "same-origin", &form).await
    };
    assert_eq!(post(&browser, "000000").await.status, 401);
    let entered = post(&browser, &codes[0]).await;
    assert_eq!(entered.status, 303);
    browser.keep(&entered);
    let devices = services::identity::devices::of(&doorway, portal.fixture.caller.user).await.unwrap();
    assert!(devices.len() >= 2, "an ordinary session, which its person sees and ends");
    let shown = browser.visit(&query).await;
    assert_eq!(browser.answer(&query, &shown, "leave").await.location(), format!("/oauth/authorize?{query}"));
    assert!(browser.visit(&query).await.page.contains("current-password"), "signed out");
}

#[tokio::test]
async fn policies_of_the_organisation_hold_at_the_page_and_for_what_was_let_in() {
    let portal = Portal::new().await;
    let said = portal.tokens().await;
    let browser = portal.owner().await;
    let change = |addresses: &[&str]| {
        let policies = json!({"addresses": addresses});
        format!("UPDATE organizations SET policies = '{policies}' WHERE name = 'Boutique Awa'")
    };
    testing::change_database(&portal.fixture.app, &change(&["196.1.95.0/24"])).await;
    portal.fixture.app.clock().advance(TimeDelta::seconds(1));
    tokio::time::sleep(std::time::Duration::from_millis(1000)).await;
    assert_ne!(portal.error(&said.token("access_token"), PRODUCTS).await, "");
    let shown = browser.visit(&portal.query(&[("prompt", "consent")])).await;
    assert_eq!(shown.location(), "", "{}", shown.page);
    assert!(!shown.page.contains("value=\"allow\""), "{}", shown.page);
    let factor = "UPDATE organizations SET policies = '{\"second_factor\":true}' WHERE name = 'Boutique Awa'";
    testing::change_database(&portal.fixture.app, factor).await;
    let shown = portal.owner().await.visit(&portal.query(&[("prompt", "consent")])).await;
    assert!(shown.status == 403 && shown.page.contains("double vérification"), "{}", shown.page);
}
