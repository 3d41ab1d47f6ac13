mod people;

use super::*;
use crate::identity::service_accounts::{self, NewServiceAccount};
use crate::identity::{Caller, Permission, Reach, ShippedRole, authenticate, roles};
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::testing::{self, Fixture, refusals};
use crate::work::cleanup::{self, CleanUp};
use crate::work::{PLATFORM, Running};
use crate::{Code, Doorway, Error, Result, Scope, SystemScope, audit};
use Permission::{IdentityOauthClientWrite, IdentityServiceAccountWrite, InventoryProductRead, InventoryProductWrite};
use chrono::TimeDelta;
use entities::audit::event::ActorKind;
use entities::identity::{OauthClientId, ServiceAccountId};

fn scope(fixture: &Fixture, caller: &Caller) -> Scope {
    caller.scope(&fixture.app, Locale::Fr).unwrap()
}

async fn account(fixture: &Fixture, shipped: ShippedRole) -> ServiceAccountId {
    let roles = vec![testing::shipped_role(fixture, shipped).await];
    let made = service_accounts::create(&fixture.proved(), NewServiceAccount { name: "Portail".into(), roles }).await.unwrap();
    ServiceAccountId(made.id.0)
}

fn new(account: ServiceAccountId, scopes: &[Permission]) -> NewClient {
    NewClient { name: "Portail".into(), scopes: scopes.to_vec(), account: Some(account), ..Default::default() }
}

async fn token(fixture: &Fixture, made: &MadeClient) -> String {
    let credentials = Credentials { client: made.row.id.to_string(), secret: made.secret.clone() };
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let client = super::authenticate(&doorway, &credentials).await.unwrap_or_else(|error| panic!("{error:?}"));
    issue(&doorway, &client, None).await.unwrap().access_token
}

#[track_caller]
fn refused<T>(done: Result<T>) -> Vec<(Code, String)> {
    refusals(&done.map(drop).unwrap_err())
}

fn one(code: Code, path: &str) -> Vec<(Code, String)> {
    vec![(code, path.to_owned())]
}

#[tokio::test]
async fn nobody_registers_a_client_of_more_than_they_may() {
    let fixture = Fixture::new().await;
    let grants = [IdentityOauthClientWrite, IdentityServiceAccountWrite, InventoryProductRead].map(|p| (p, Reach::Org)).to_vec();
    let clerk = roles::NewRole { name: "Greffier".into(), grants: Some(grants), ..Default::default() };
    let clerk = roles::create(&fixture.proved(), clerk).await.unwrap().row.id;
    let clerk = testing::member_with(&fixture, &[clerk]).await;
    let theirs = || scope(&fixture, &clerk);
    let (weak, strong) = (account(&fixture, ShippedRole::Client).await, account(&fixture, ShippedRole::Manager).await);
    let stolen = create(&theirs(), new(strong, &[InventoryProductRead])).await;
    assert_eq!(refused(stolen), one(Code::ForbiddenState, "serviceAccountId"));
    let beyond = create(&theirs(), new(weak, &[InventoryProductWrite])).await;
    assert_eq!(refused(beyond), one(Code::ForbiddenState, "permissions"));
    assert_eq!(refused(create(&theirs(), new(weak, &[])).await), one(Code::Required, "permissions"));
    let made = create(&fixture.proved(), new(strong, &[InventoryProductRead])).await.unwrap();
    assert!(!format!("{:?}", made.row).contains(made.secret.as_ref().unwrap()), "the secret is not kept");
    let (id, change) = (made.row.id, ClientChange::default());
    assert_eq!(refused(update(&theirs(), id, change.clone()).await), one(Code::ForbiddenState, "id"));
    assert_eq!(refused(renew_secret(&theirs(), id).await), one(Code::ForbiddenState, "id"), "a secret is a way to its rights");
    let stale = ClientChange { expected_version: Some(7), ..change };
    assert_eq!(refused(update(&fixture.proved(), id, stale).await), one(Code::StaleVersion, "expectedVersion"));
    assert_eq!(refused(delete(&fixture.proved(), OauthClientId::NIL).await), one(Code::NotFound, "id"));
    let (stranger, _) = fixture.stranger().await;
    assert_eq!(refused(delete(&stranger, id).await), one(Code::NotFound, "id"));
    let manager = testing::member(&fixture, &[ShippedRole::Manager]).await;
    let lacked = create(&scope(&fixture, &manager), new(weak, &[InventoryProductRead])).await;
    assert!(matches!(lacked, Err(Error::Forbidden("identity.oauth_client.write"))));
    fixture.app.clock().advance(TimeDelta::minutes(6));
    assert_eq!(refused(create(&fixture.again(), new(weak, &[InventoryProductRead])).await), one(Code::ProofRequired, ""));
}

#[tokio::test]
async fn what_a_client_does_is_written_down_as_such() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), new(account(&fixture, ShippedRole::Employee).await, &[InventoryProductRead])).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    let program = authenticate(&fixture.app, &token(&fixture, &made).await).await.unwrap().expect("good");
    assert!(matches!(scope(&fixture, &program).require(InventoryProductWrite), Err(Error::Forbidden(_))));
    for _ in 0..500 {
        let log = audit::page(&fixture.again(), &Default::default(), &PageArgs::default()).await.unwrap();
        // The token was given in the same instant.
        if let Some(refusal) = log.items().find(|event| event.action == "inventory.product.write") {
            assert_eq!((refusal.actor_kind, refusal.actor_membership_id), (ActorKind::ApiKey, program.member.map(|(_, id)| id)));
            return assert!(refusal.changes.contains(&format!("client {}", made.row.id)), "{}", refusal.changes);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("a refusal is written down");
}

#[tokio::test]
async fn grants_that_are_over_go_after_a_day() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), new(account(&fixture, ShippedRole::Employee).await, &[InventoryProductRead])).await.unwrap();
    token(&fixture, &made).await;
    let night = async || {
        let removed = cleanup::run(&SystemScope::new(&fixture.app), &Running::detached(PLATFORM), CleanUp {}).await.unwrap();
        removed.into_iter().find(|(what, _)| *what == "grants to clients").unwrap().1
    };
    fixture.app.clock().advance(TimeDelta::hours(24));
    assert_eq!(night().await, 0, "they ended half an hour after they were given");
    fixture.app.clock().advance(TimeDelta::hours(1));
    assert_eq!(night().await, 1);
}

#[tokio::test]
async fn what_a_client_is_given_is_in_the_log_once_a_minute_and_lives_as_the_policy_says() {
    let fixture = Fixture::new().await;
    let made = create(&fixture.proved(), new(account(&fixture, ShippedRole::Employee).await, &[InventoryProductRead])).await.unwrap();
    testing::change_database(&fixture.app, "UPDATE organizations SET policies = '{\"access_minutes\":5}'").await;
    let doorway = Doorway::new(&fixture.app, Locale::Fr);
    let credentials = Credentials { client: made.row.id.to_string(), secret: made.secret.clone() };
    let issue = async |shown: &Credentials| issue(&doorway, &super::authenticate(&doorway, shown).await?, None).await;
    let logged = async || {
        let log = audit::page(&fixture.again(), &Default::default(), &PageArgs::default()).await.unwrap();
        log.items().filter(|event| event.action == "identity.oauth_client.issue").count()
    };
    for _ in 0..3 {
        assert_eq!(issue(&credentials).await.unwrap().expires_in, 300);
    }
    assert_eq!(logged().await, 1);
    let wrong = Credentials { secret: Some("wrong".into()), ..credentials.clone() };
    assert!(matches!(issue(&wrong).await, Err(OauthError::InvalidClient)));
    fixture.app.clock().advance(TimeDelta::minutes(1));
    issue(&credentials).await.unwrap();
    assert_eq!(logged().await, 2);
}
