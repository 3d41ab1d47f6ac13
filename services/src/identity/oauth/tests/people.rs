//! Clients that ask people: who registers which, and what becomes of what they were let do.

use super::*;
use crate::identity::{account_export, erasure, sessions};
use serde_json::Value;

const BACK: &str = "https://portail.example/retour";

fn asking(scopes: &[Permission]) -> NewClient {
    NewClient { name: "Portail".into(), scopes: scopes.to_vec(), redirect_uris: vec![BACK.into()], ..NewClient::default() }
}

fn doorway(fixture: &Fixture) -> Doorway {
    Doorway::new(&fixture.app, Locale::Fr)
}

/// The first tokens of a client that this person lets in.
async fn let_in(fixture: &Fixture, caller: &Caller, made: &MadeClient) -> Issued {
    let doorway = doorway(fixture);
    let (id, challenge) = (made.row.id, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let query = format!("response_type=code&client_id={id}&redirect_uri={BACK}&code_challenge={challenge}&code_challenge_method=S256");
    let Judged::Good(request) = judge(&doorway, &query).await.unwrap() else { panic!("a good request") };
    let asked = question(&doorway, caller, &request).await.unwrap();
    let code = allow(&doorway, caller, &request, &asked).await.unwrap();
    let credentials = Credentials { client: id.to_string(), secret: made.secret.clone() };
    let client = super::super::authenticate(&doorway, &credentials).await.unwrap_or_else(|error| panic!("{error:?}"));
    let shown = Exchange { code: &code, redirect_uri: BACK, verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" };
    exchange(&doorway, &client, &shown).await.unwrap()
}

#[tokio::test]
async fn a_client_is_registered_with_a_way_to_tokens_that_is_its_own() {
    let fixture = Fixture::new().await;
    let account = account(&fixture, ShippedRole::Employee).await;
    let scopes = [InventoryProductRead];
    let make = async |new: NewClient| create(&fixture.proved(), new).await;
    let nowhere = NewClient { redirect_uris: Vec::new(), ..asking(&scopes) };
    assert_eq!(refused(make(nowhere).await), one(Code::Required, "redirectUris"));
    let public = NewClient { public: true, account: Some(account), ..asking(&scopes) };
    assert_eq!(refused(make(public).await), one(Code::ForbiddenState, "serviceAccountId"));
    let bad = NewClient { redirect_uris: vec![BACK.into(), "http://portail.example/".into()], ..asking(&scopes) };
    assert_eq!(refused(make(bad).await), one(Code::Invalid, "redirectUris"));
    let many = (0..11).map(|at| format!("{BACK}/{at}")).collect();
    assert_eq!(refused(make(NewClient { redirect_uris: many, ..asking(&scopes) }).await), one(Code::LimitReached, "redirectUris"));
    let grants = [IdentityOauthClientWrite, InventoryProductRead].map(|permission| (permission, Reach::Org)).to_vec();
    let clerk = roles::NewRole { name: "Greffier".into(), grants: Some(grants), ..Default::default() };
    let clerk = roles::create(&fixture.proved(), clerk).await.unwrap().row.id;
    let clerk = scope(&fixture, &testing::member_with(&fixture, &[clerk]).await);
    let beyond = create(&clerk, asking(&[InventoryProductWrite])).await;
    assert_eq!(refused(beyond), one(Code::ForbiddenState, "permissions"), "no more than one may oneself");

    let public = make(NewClient { public: true, ..asking(&scopes) }).await.unwrap();
    assert!(public.secret.is_none());
    assert_eq!(refused(renew_secret(&fixture.proved(), public.row.id).await), one(Code::ForbiddenState, "id"));
    assert_eq!(grant_types_of(&public.row), [GrantType::AuthorizationCode, GrantType::RefreshToken]);
    let none = ClientChange { redirect_uris: Some(Vec::new()), ..Default::default() };
    assert_eq!(refused(update(&fixture.proved(), public.row.id, none.clone()).await), one(Code::Required, "redirectUris"));
    let both = make(NewClient { account: Some(account), ..asking(&scopes) }).await.unwrap();
    assert_eq!(grant_types_of(&both.row).len(), 3);
    let alone = update(&fixture.proved(), both.row.id, none).await.unwrap();
    assert_eq!((grant_types_of(&alone), alone.version), (vec![GrantType::ClientCredentials], 2));
    let log = audit::page(&fixture.again(), &Default::default(), &PageArgs::default()).await.unwrap();
    let last = log.items().find(|event| event.action == "identity.oauth_client.update").unwrap();
    assert!(last.changes.contains("redirectUris") && last.changes.contains(BACK), "{}", last.changes);
}

#[tokio::test]
async fn what_acts_for_a_person_is_in_their_data_and_ends_with_their_account() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), asking(&[InventoryProductRead])).await.unwrap();
    let awa = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let tokens = let_in(&fixture, &awa, &made).await;
    let announced = account_export::announce(&doorway(&fixture), &awa).await.unwrap();
    let mut export = account_export::open(&fixture.app, announced.url.rsplit('/').next().unwrap()).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        text.extend(piece);
    }
    let found: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(found["authorizedApps"][0]["permissions"], serde_json::json!(["inventory.product.read"]), "{found}");
    let email = crate::identity::users::get(&doorway(&fixture), &awa).await.unwrap().email;
    erasure::request(&doorway(&fixture), &awa, &email).await.unwrap();
    fixture.app.clock().advance(TimeDelta::days(7));
    let running = Running::detached(fixture.scope.tenant());
    erasure::erase_due(&SystemScope::new(&fixture.app), &running, erasure::EraseAccounts {}).await.unwrap();
    let credentials = Credentials { client: made.row.id.to_string(), secret: made.secret.clone() };
    let client = super::super::authenticate(&doorway(&fixture), &credentials).await.unwrap_or_else(|error| panic!("{error:?}"));
    let again = refresh(&doorway(&fixture), &client, &tokens.refresh_token.unwrap(), None).await;
    assert!(matches!(again, Err(OauthError::InvalidGrant)), "{again:?}");
    assert!(apps_of(&doorway(&fixture), awa.user).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_signs_out_everywhere_with_their_tokens_ends_what_acts_for_them() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), asking(&[InventoryProductRead])).await.unwrap();
    let awa = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let (mine, others) = (let_in(&fixture, &awa, &made).await, let_in(&fixture, &fixture.caller, &made).await);
    let good = async |issued: &Issued| authenticate(&fixture.app, &issued.access_token).await.unwrap().is_some();
    sessions::sign_out(&doorway(&fixture), &awa, true, false).await.unwrap();
    assert!(good(&mine).await, "as API tokens go on");
    sessions::sign_out(&doorway(&fixture), &awa, true, true).await.unwrap();
    assert_eq!((good(&mine).await, good(&others).await), (false, true));
}

#[tokio::test]
async fn codes_go_after_a_day_and_grants_with_what_they_hold() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), asking(&[InventoryProductRead])).await.unwrap();
    let_in(&fixture, &fixture.caller, &made).await;
    let night = async || {
        let removed = cleanup::run(&SystemScope::new(&fixture.app), &Running::detached(PLATFORM), CleanUp {}).await.unwrap();
        let many = |what: &str| removed.iter().find(|(name, _)| *name == what).unwrap().1;
        (many("codes of clients"), many("grants to clients"), many("consents to clients"))
    };
    fixture.app.clock().advance(TimeDelta::hours(24));
    assert_eq!(night().await, (0, 0, 0), "a code that comes back within a day is known");
    fixture.app.clock().advance(TimeDelta::hours(1));
    assert_eq!(night().await, (1, 0, 0));
    fixture.app.clock().advance(TimeDelta::days(90));
    assert_eq!(night().await, (0, 1, 1));
}
