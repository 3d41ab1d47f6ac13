//! What people agree to: how far it reaches, what is remembered of it, and who is not asked.

use crate::oauth_portal::{PRODUCTS, Portal, email_of, new_client};
use chrono::TimeDelta;
use serde_json::json;
use services::identity::oauth::{self, ClientChange};
use services::identity::{Permission, ShippedRole};
use services::testing::{self, Fixture, PASSWORD};

#[tokio::test]
async fn what_a_client_may_do_for_a_person_is_living() {
    let portal = Portal::of(Fixture::new().await, false).await;
    let fixture = &portal.fixture;
    let clerk = testing::member(fixture, &[ShippedRole::Employee]).await;
    let (mut browser, query) = (portal.browser(), portal.query(&[]));
    browser.sign_in(&query, &email_of(fixture, &clerk).await, PASSWORD).await;
    let shown = browser.visit(&query).await;
    let (will, will_not) = shown.page.split_once("vous n’en avez pas le droit").or(shown.page.split_once("pas le droit")).unwrap();
    assert!(will.contains("Voir les produits") && will_not.contains("Créer, modifier et archiver"), "{}", shown.page);
    let said = portal.exchange(&browser.answer(&query, &shown, "allow").await.code()).await;
    assert_eq!(said.body["scope"], "inventory.product.read", "what they lack is not granted");
    let token = said.token("access_token");
    assert_eq!(portal.error(&token, PRODUCTS).await, "");
    let change = ClientChange { scopes: Some(vec![Permission::InventoryStockRead]), ..Default::default() };
    oauth::update(&fixture.proved(), portal.made.row.id, change).await.unwrap();
    assert_eq!(portal.error(&token, PRODUCTS).await, "FORBIDDEN", "the client may no longer");
    let scopes = vec![Permission::InventoryProductRead, Permission::InventoryStockRead];
    let change = ClientChange { scopes: Some(scopes), ..Default::default() };
    oauth::update(&fixture.proved(), portal.made.row.id, change).await.unwrap();
    let (_, membership) = clerk.member.unwrap();
    let membership = api::ids::GlobalId::to_global(membership).to_string();
    let owner = portal.site.sign_in(&fixture.email().await, PASSWORD).await;
    let status = async |verb: &str| {
        let document = format!("mutation($input: {}Input!) {{ {verb}(input: $input) {{ userErrors {{ code message }} }} }}", capital(verb));
        let answer = portal.site.ask(&owner, &document, None, json!({"input": {"id": membership}})).await;
        assert_eq!(answer["data"][verb]["userErrors"], json!([]), "{answer}");
    };
    status("memberSuspend").await;
    assert_eq!(portal.error(&token, PRODUCTS).await, "UNAUTHENTICATED");
    status("memberReactivate").await;
    assert_eq!(portal.error(&token, PRODUCTS).await, "UNAUTHENTICATED", "for good");
    assert_eq!(portal.refresh(&said.token("refresh_token")).await.error(), (400, "invalid_grant"));
}

fn capital(verb: &str) -> String {
    verb[..1].to_uppercase() + &verb[1..]
}

#[tokio::test]
async fn what_was_agreed_to_is_remembered_for_clients_that_keep_a_secret() {
    let portal = Portal::new().await;
    let browser = portal.owner().await;
    let query = portal.query(&[]);
    let silent = portal.query(&[("prompt", "none")]);
    assert_eq!(browser.visit(&silent).await.returned()["error"], "consent_required");
    assert_eq!(portal.browser().visit(&silent).await.returned()["error"], "login_required");
    portal.code(&browser, &query).await;
    assert_eq!(portal.exchange(&browser.visit(&silent).await.code()).await.status, 200, "asked once");
    let less = portal.query(&[("scope", "inventory.product.read")]);
    assert_eq!(browser.visit(&less).await.status, 303);
    for asked in
        [portal.query(&[("scope", "inventory.stock.read")]), portal.query(&[("scope", "")]), portal.query(&[("prompt", "consent")])]
    {
        assert_eq!(browser.visit(&asked).await.status, 200, "{asked}");
    }
    portal.fixture.app.clock().advance(TimeDelta::minutes(6));
    assert_eq!(browser.visit(&query).await.status, 303);
    let door = browser.visit(&portal.query(&[("scope", "inventory.stock.read")])).await;
    assert!(door.page.contains("current-password"), "what is new is not given at a device left open");
    let public = Portal::public().await;
    let browser = public.owner().await;
    public.code(&browser, &public.query(&[])).await;
    assert_eq!(browser.visit(&public.query(&[])).await.status, 200, "anybody can say to be a public client");
    assert_eq!(browser.visit(&public.query(&[("prompt", "none")])).await.returned()["error"], "consent_required");
}

#[tokio::test]
async fn who_is_no_member_of_the_clients_organisation_is_told_so() {
    let portal = Portal::new().await;
    let (_, stranger) = portal.fixture.stranger().await;
    let (mut browser, query) = (portal.browser(), portal.query(&[]));
    browser.sign_in(&query, &email_of(&portal.fixture, &stranger).await, PASSWORD).await;
    let shown = browser.visit(&query).await;
    assert!(shown.status == 403 && shown.page.contains("réservée aux membres de Boutique Awa"), "{}", shown.page);
    assert_eq!(browser.visit(&portal.query(&[("prompt", "none")])).await.returned()["error"], "access_denied");
    let scopes = [Permission::InventoryProductWrite];
    let other = oauth::create(&portal.fixture.proved(), new_client(&scopes)).await.unwrap();
    let client = testing::member(&portal.fixture, &[ShippedRole::Client]).await;
    let id = other.row.id.to_string();
    let query = portal.query(&[("client_id", &id), ("scope", "")]);
    browser.sign_in(&query, &email_of(&portal.fixture, &client).await, PASSWORD).await;
    let shown = browser.visit(&query).await;
    assert!(shown.status == 403 && shown.page.contains("Rien ne peut lui être accordé"), "{}", shown.page);
}
