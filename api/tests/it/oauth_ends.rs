//! How what a client was given is renewed, and how it ends.

use crate::oauth_portal::{PRODUCTS, Portal, email_of};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use services::identity::oauth;
use services::identity::{Caller, ShippedRole, members};
use services::testing::{self, PASSWORD};
use services::{Doorway, locale::Locale};

const APPS: &str = "{ viewer { authorizedApps { nodes { id name organization { name } permissions lastUsedAt expiresAt } } } }";
const REVOKE: &str = "mutation($input: AuthorizedAppRevokeInput!) { authorizedAppRevoke(input: $input) { viewer { authorizedApps { totalCount } } userErrors { code } } }";

#[tokio::test]
async fn asvs_10_4_5_a_refresh_token_that_comes_back_ends_the_grant() {
    for portal in [Portal::new().await, Portal::public().await] {
        let first = portal.tokens().await.token("refresh_token");
        let second = portal.refresh(&first).await;
        let again = portal.refresh(&first).await;
        assert_eq!(second.token("refresh_token"), again.token("refresh_token"), "a lost answer is given again");
        assert_ne!(second.token("access_token"), again.token("access_token"));
        let third = portal.refresh(&second.token("refresh_token")).await;
        assert_eq!(portal.error(&third.token("access_token"), PRODUCTS).await, "");
        assert_eq!(portal.refresh(&first).await.error(), (400, "invalid_grant"), "the one before the last, within ten seconds");
        assert_eq!(portal.refresh(&third.token("refresh_token")).await.error(), (400, "invalid_grant"));
        assert_eq!(portal.error(&third.token("access_token"), PRODUCTS).await, "UNAUTHENTICATED");
        assert!(portal.acts().await.contains(&"identity.oauth_grant.revoke".to_owned()));
        let first = portal.tokens().await.token("refresh_token");
        let second = portal.refresh(&first).await.token("refresh_token");
        portal.fixture.app.clock().advance(TimeDelta::seconds(11));
        assert_eq!(portal.refresh(&first).await.error(), (400, "invalid_grant"), "too late for a lost answer");
        assert_eq!(portal.refresh(&second).await.error(), (400, "invalid_grant"));
    }
}

#[tokio::test]
async fn sixteen_who_refresh_at_once_are_given_the_same_successor() {
    let portal = Portal::new().await;
    let first = portal.tokens().await.token("refresh_token");
    let all = join_all((0..16).map(|_| portal.refresh(&first))).await;
    let next: std::collections::HashSet<String> = all.iter().map(|said| said.token("refresh_token")).collect();
    assert_eq!(next.len(), 1);
    assert_eq!(portal.refresh(next.iter().next().unwrap()).await.status, 200);
}

#[tokio::test]
async fn asvs_10_4_8_nothing_outlives_ninety_days() {
    let portal = Portal::new().await;
    let clock = portal.fixture.app.clock().clone();
    let mut said = portal.tokens().await;
    for _ in 0..3 {
        clock.advance(TimeDelta::days(29));
        said = portal.refresh(&said.token("refresh_token")).await;
    }
    clock.advance(TimeDelta::days(3) - TimeDelta::minutes(10));
    said = portal.refresh(&said.token("refresh_token")).await;
    assert_eq!(said.body["expires_in"], 600, "an access token ends with it, too");
    let owner = portal.owner().await;
    let remembered = portal.exchange(&owner.visit(&portal.query(&[])).await.code()).await;
    clock.advance(TimeDelta::minutes(10));
    assert_eq!(portal.refresh(&said.token("refresh_token")).await.error(), (400, "invalid_grant"));
    assert_eq!(portal.refresh(&remembered.token("refresh_token")).await.error(), (400, "invalid_grant"), "what is remembered is no longer");
    assert_eq!(owner.visit(&portal.query(&[])).await.status, 200, "the person is asked again");
}

#[tokio::test]
async fn a_scope_is_narrowed_and_never_widened() {
    let portal = Portal::new().await;
    let said = portal.tokens().await;
    let refresh = said.token("refresh_token");
    let form = |scope: &'static str| vec![("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("scope", scope)];
    for wider in ["inventory.stock.read", "inventory.product.read inventory.stock.read", "work.job.read", " "] {
        assert_eq!(portal.ask("token", &form(wider)).await.error(), (400, "invalid_scope"), "{wider}");
    }
    let less = portal.ask("token", &form("inventory.product.write")).await;
    assert_eq!(less.body["scope"], "inventory.product.write");
    assert_eq!(portal.error(&less.token("access_token"), PRODUCTS).await, "FORBIDDEN", "narrower than the grant");
    assert_eq!(portal.error(&said.token("access_token"), PRODUCTS).await, "");
    let whole = portal.refresh(&less.token("refresh_token")).await;
    assert_eq!(whole.body["scope"], "inventory.product.read inventory.product.write", "once is not for good");
}

#[tokio::test]
async fn asvs_10_4_9_a_person_sees_what_acts_for_them_and_ends_it() {
    let portal = Portal::new().await;
    let said = portal.tokens().await;
    let bearer = portal.site.sign_in(&portal.fixture.email().await, PASSWORD).await;
    let access = said.token("access_token");
    assert_eq!(portal.error(&access, PRODUCTS).await, "");
    let mut app = Value::Null;
    for _ in 0..100 {
        let answer = portal.site.ask(&bearer, APPS, None, json!({})).await;
        app = answer["data"]["viewer"]["authorizedApps"]["nodes"][0].clone();
        if !app["lastUsedAt"].is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!((&app["name"], &app["organization"]["name"]), (&json!("Portail <Awa>"), &json!("Boutique Awa")), "{app}");
    assert_eq!(app["permissions"], json!(["INVENTORY_PRODUCT_READ", "INVENTORY_PRODUCT_WRITE"]));
    assert!(app["lastUsedAt"].is_string() && app["expiresAt"].is_string(), "{app}");
    let clerk = testing::member(&portal.fixture, &[ShippedRole::Administrator]).await;
    let theirs = portal.site.sign_in(&email_of(&portal.fixture, &clerk).await, PASSWORD).await;
    let revoke = async |bearer: &str| portal.site.ask(bearer, REVOKE, None, json!({"input": {"id": app["id"]}})).await;
    assert_eq!(revoke(&theirs).await["data"]["authorizedAppRevoke"]["userErrors"][0]["code"], "NOT_FOUND", "somebody else's");
    assert_eq!(portal.error(&access, APPS).await, "FORBIDDEN", "not the client itself");
    let done = revoke(&bearer).await;
    assert_eq!(done["data"]["authorizedAppRevoke"]["viewer"]["authorizedApps"]["totalCount"], 0, "{done}");
    assert_eq!(portal.error(&access, PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(portal.refresh(&said.token("refresh_token")).await.error(), (400, "invalid_grant"));
    let owner = portal.owner().await;
    assert_eq!(owner.visit(&portal.query(&[])).await.status, 200, "nothing of it is remembered");
}

#[tokio::test]
async fn a_client_ends_what_it_was_given_by_either_token() {
    let portal = Portal::new().await;
    for kind in ["refresh_token", "access_token"] {
        let said = portal.tokens().await;
        let (access, refresh) = (said.token("access_token"), said.token("refresh_token"));
        let seen = portal.ask("introspect", &[("token", &refresh)]).await.body;
        assert_eq!((&seen["active"], &seen["client_id"]), (&json!(true), &json!(portal.id())), "{seen}");
        assert!(seen.get("token_type").is_none() && seen["exp"].as_i64() > Some(0));
        assert_eq!(portal.ask("revoke", &[("token", &said.token(kind))]).await.status, 200);
        assert_eq!(portal.error(&access, PRODUCTS).await, "UNAUTHENTICATED", "{kind}");
        assert_eq!(portal.refresh(&refresh).await.error(), (400, "invalid_grant"));
        for token in [&access, &refresh] {
            assert_eq!(portal.ask("introspect", &[("token", token)]).await.body, json!({"active": false}));
        }
    }
    let public = Portal::public().await;
    let said = public.tokens().await;
    let (refresh, id) = (said.token("refresh_token"), public.id());
    let looked = public.post("introspect", None, &[("token", &refresh), ("client_id", &id)]).await;
    assert_eq!(looked.error(), (401, "invalid_client"), "whoever has no secret looks at nothing");
    assert_eq!(public.ask("revoke", &[("token", &refresh)]).await.status, 200);
    assert_eq!(public.refresh(&refresh).await.error(), (400, "invalid_grant"));
}

/// The tokens of a member who lets the client in.
async fn of_member(portal: &Portal) -> (Caller, crate::oauth_portal::Said) {
    let member = testing::member(&portal.fixture, &[ShippedRole::Manager]).await;
    let (mut browser, query) = (portal.browser(), portal.query(&[]));
    browser.sign_in(&query, &email_of(&portal.fixture, &member).await, PASSWORD).await;
    let said = portal.exchange(&portal.code(&browser, &query).await).await;
    (member, said)
}

#[tokio::test]
async fn what_acts_for_a_member_ends_when_they_leave_and_with_the_client() {
    let portal = Portal::new().await;
    let app = &portal.fixture.app;
    let doorway = Doorway::new(app, Locale::Fr);
    let (member, said) = of_member(&portal).await;
    members::leave(&doorway, &member, member.member.unwrap().0).await.unwrap();
    assert_eq!(portal.error(&said.token("access_token"), PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(portal.refresh(&said.token("refresh_token")).await.error(), (400, "invalid_grant"));
    assert!(oauth::apps_of(&doorway, member.user).await.unwrap().is_empty());
    let (_, said) = of_member(&portal).await;
    oauth::delete(&portal.fixture.proved(), portal.made.row.id).await.unwrap();
    assert_eq!(portal.error(&said.token("access_token"), PRODUCTS).await, "UNAUTHENTICATED");
    assert_eq!(portal.refresh(&said.token("refresh_token")).await.error(), (401, "invalid_client"));
}
