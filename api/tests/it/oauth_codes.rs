//! Clients that ask people, from the way there to the end of what they were given.

use crate::oauth_portal::{BACK, LOOPBACK, PRODUCTS, Portal, STATE, VERIFIER, challenge};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use services::testing::PASSWORD;

const CREATE: &str = "mutation { supplierCreate(input: {name: \"Autre\"}) { userErrors { code } } }";

#[tokio::test]
async fn a_person_lets_a_client_in_and_it_acts_as_them() {
    let portal = Portal::new().await;
    let mut browser = portal.browser();
    let query = portal.query(&[]);
    let door = browser.visit(&query).await;
    assert_eq!((door.status, door.field("request")), (200, query.clone()), "whoever is nobody yet says who they are");
    let policy = door.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://portail.example;") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(door.headers["x-frame-options"], "DENY");
    let entered = browser.sign_in(&query, &portal.fixture.email().await, PASSWORD).await;
    assert_eq!((entered.status, entered.location()), (303, format!("/oauth/authorize?{query}").as_str()));
    let cookie = entered.headers["set-cookie"].to_str().unwrap();
    assert!(["HttpOnly", "SameSite=Lax", "Path=/oauth/authorize"].iter().all(|part| cookie.contains(part)), "{cookie}");
    let shown = browser.visit(&query).await;
    for said in
        ["Portail &lt;Awa&gt; veut agir", "Boutique Awa", "portail.example", "Voir les produits", "Créer, modifier et archiver", "90 jours"]
    {
        assert!(shown.page.contains(said), "{said}: {}", shown.page);
    }
    assert!(!shown.page.contains("Voir les stocks"), "not asked for");
    let back = browser.answer(&query, &shown, "allow").await;
    assert!(back.location().starts_with(&format!("{BACK}&code=trg_code_")), "{}", back.location());
    assert_eq!((back.returned()["state"].as_str(), &back.returned()["iss"]), (STATE, &portal.fixture.app.settings().public_url));
    assert_eq!(back.headers["cache-control"], "no-store");
    let said = portal.exchange(&back.code()).await;
    assert_eq!((said.status, &said.body["token_type"], &said.body["expires_in"]), (200, &json!("Bearer"), &json!(1800)), "{}", said.body);
    assert_eq!(said.body["scope"], "inventory.product.read inventory.product.write");
    let token = said.token("access_token");
    assert_eq!((portal.error(&token, PRODUCTS).await, portal.error(&token, CREATE).await), (String::new(), String::new()));
    assert_eq!(portal.error(&token, "{ viewer { sessions { totalCount } } }").await, "FORBIDDEN", "it is no session");
    assert_eq!(
        portal.error(&token, "mutation { organizationLeave(input: {organizationId: \"x\"}) { userErrors { code } } }").await,
        "FORBIDDEN"
    );
    let seen = portal.ask("introspect", &[("token", &token)]).await.body;
    assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!(portal.fixture.caller.user.to_string())), "{seen}");
    let log = services::audit::page(&portal.fixture.again(), &Default::default(), &Default::default()).await.unwrap();
    let allowed = log.items().find(|event| event.action == "identity.oauth_grant.allow").expect("written down");
    assert_eq!((allowed.address.as_deref(), allowed.actor_membership_id), (Some("127.0.0.1"), portal.fixture.scope.membership()));
}

#[tokio::test]
async fn asvs_10_4_1_people_are_sent_back_to_registered_addresses_alone() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let longer = format!("{BACK}x");
    for bad in ["", "https://voleur.example/", &longer, &BACK[..BACK.len() - 1], "http://127.0.0.1/autre", "http://localhost/retour"] {
        let shown = browser.visit(&portal.query(&[("redirect_uri", bad)])).await;
        assert_eq!((shown.status, shown.location()), (400, ""), "{bad}");
        assert!(shown.page.contains("pas inscrite") && !shown.page.contains("href"), "{}", shown.page);
    }
    for bad in ["", "x", "00000000-0000-0000-0000-000000000000"] {
        let shown = browser.visit(&portal.query(&[("client_id", bad)])).await;
        assert_eq!((shown.status, shown.location()), (400, ""), "{bad}");
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fvoleur.example%2F", portal.query(&[]));
    assert_eq!(browser.visit(&twice).await.status, 400);
    let own = "http://127.0.0.1:50123/retour";
    let code = portal.code(&browser, &portal.query(&[("redirect_uri", own)])).await;
    assert_eq!(portal.exchange_with(&code, &[("redirect_uri", LOOPBACK)]).await.error(), (400, "invalid_grant"), "another port");
    assert_eq!(portal.exchange_with(&code, &[("redirect_uri", own)]).await.status, 200);
}

#[tokio::test]
async fn asvs_10_4_2_a_code_serves_once_and_its_return_ends_what_it_gave() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let code = portal.code(&browser, &portal.query(&[])).await;
    let said = portal.exchange(&code).await;
    let (access, refresh) = (said.token("access_token"), said.token("refresh_token"));
    assert_eq!(portal.error(&access, PRODUCTS).await, "");
    assert_eq!(portal.exchange(&code).await.error(), (400, "invalid_grant"));
    assert_eq!(portal.error(&access, PRODUCTS).await, "UNAUTHENTICATED", "what the first was given is over");
    assert_eq!(portal.refresh(&refresh).await.error(), (400, "invalid_grant"));
    assert!(portal.acts().await.contains(&"identity.oauth_grant.revoke".to_owned()));
    // Whoever has a code, and not what belongs to it, ends it all the same.
    let code = portal.code(&browser, &portal.query(&[("prompt", "consent")])).await;
    let access = portal.exchange(&code).await.token("access_token");
    assert_eq!(portal.exchange_with(&code, &[("code_verifier", &"x".repeat(43))]).await.error(), (400, "invalid_grant"));
    assert_eq!(portal.error(&access, PRODUCTS).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn of_sixteen_who_come_with_one_code_at_once_one_is_given_tokens_and_they_are_over() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let code = portal.code(&browser, &portal.query(&[])).await;
    let all = join_all((0..16).map(|_| portal.exchange(&code))).await;
    let good: Vec<_> = all.iter().filter(|said| said.status == 200).collect();
    assert_eq!(good.len(), 1, "{:?}", all.iter().map(|said| said.body.to_string()).collect::<Vec<_>>());
    assert!(all.iter().all(|said| said.status == 200 || said.error() == (400, "invalid_grant")));
    assert_eq!(portal.error(&good[0].token("access_token"), PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(portal.refresh(&good[0].token("refresh_token")).await.error(), (400, "invalid_grant"));
    let revoked = portal.acts().await.into_iter().filter(|act| act == "identity.oauth_grant.revoke").count();
    assert_eq!(revoked, 1, "written down once");
}

#[tokio::test]
async fn asvs_10_4_3_a_code_is_over_after_a_minute() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let clock = portal.fixture.app.clock().clone();
    let code = portal.code(&browser, &portal.query(&[])).await;
    clock.advance(TimeDelta::seconds(59));
    assert_eq!(portal.exchange(&code).await.status, 200);
    let code = portal.code(&browser, &portal.query(&[])).await;
    clock.advance(TimeDelta::seconds(60));
    assert_eq!(portal.exchange(&code).await.error(), (400, "invalid_grant"));
    clock.advance(TimeDelta::seconds(-30));
    assert_eq!(portal.exchange(&code).await.status, 200, "a clock that went wrong for a moment spends nothing");
}

#[tokio::test]
async fn asvs_10_4_4_a_client_comes_to_tokens_in_its_own_ways_alone() {
    let portal = Portal::new().await;
    assert_eq!(portal.ask("token", &[("grant_type", "client_credentials")]).await.error(), (400, "unauthorized_client"));
    for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"] {
        assert_eq!(portal.ask("token", &[("grant_type", grant)]).await.error(), (400, "unsupported_grant_type"), "{grant}");
    }
    let browser = portal.owner().await;
    for wanted in ["token", "code token", "id_token", "CODE"] {
        let shown = browser.visit(&portal.query(&[("response_type", wanted)])).await;
        assert_eq!(shown.returned()["error"], "unsupported_response_type", "{wanted}");
    }
    let public = Portal::public().await;
    let form = [("grant_type", "client_credentials")];
    assert_eq!(public.ask("token", &form).await.error(), (400, "unauthorized_client"));
    let owner = public.fixture.email().await;
    let bearer = public.site.sign_in(&owner, PASSWORD).await;
    let ways = "{ oauthClients { nodes { grantTypes confidential redirectUris } } }";
    let client = public.site.ask(&bearer, ways, None, json!({})).await["data"]["oauthClients"]["nodes"][0].clone();
    let expected = json!({
        "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], "confidential": false, "redirectUris": [BACK, LOOPBACK],
    });
    assert_eq!(client, expected);
}

#[tokio::test]
async fn asvs_10_4_6_a_code_is_nothing_without_its_verifier() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    for (name, value) in [
        ("code_challenge", ""),
        ("code_challenge_method", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge_method", "s256"),
        ("code_challenge", "short"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
    ] {
        let returned = browser.visit(&portal.query(&[(name, value)])).await.returned();
        assert_eq!((returned["error"].as_str(), returned["state"].as_str()), ("invalid_request", STATE), "{name} {value}");
        assert!(returned.contains_key("iss"));
    }
    let code = portal.code(&browser, &portal.query(&[])).await;
    let (challenge, longer) = (challenge(), format!("{VERIFIER}x"));
    for wrong in [challenge.as_str(), &longer, &VERIFIER[1..], &VERIFIER.to_lowercase(), "x"] {
        assert_eq!(portal.exchange_with(&code, &[("code_verifier", wrong)]).await.error(), (400, "invalid_grant"), "{wrong}");
    }
    assert_eq!(portal.exchange_with(&code, &[("code_verifier", "")]).await.error(), (400, "invalid_request"));
    assert_eq!(portal.exchange(&code).await.status, 200, "none of it changed anything");
}
