use super::*;
use crate::identity::organizations::{self, UpdateOrganization};
use crate::identity::users::{self, UpdateViewer};
use crate::inventory::catalog::create_warehouse;
use crate::testing::Fixture;
use crate::{Doorway, locale::Locale};

fn claim(key: &str) -> Claim {
    Claim { key: key.into(), fingerprint: [7; 32] }
}

/// An operation under a key.
async fn under(fixture: &Fixture, key: &str) -> Scope {
    let scope = fixture.again();
    scope.claim_idempotency(claim(key)).await;
    scope
}

fn named(name: &str) -> UpdateOrganization {
    UpdateOrganization { name: Some(name.into()), ..Default::default() }
}

#[tokio::test]
async fn what_has_no_answer_in_its_time_was_done_and_its_answer_is_lost() {
    let fixture = Fixture::new().await;
    let known = async |fingerprint| look(&fixture.again(), &Claim { fingerprint, ..claim("order-1") }).await.unwrap();
    assert_eq!(known([7; 32]).await, Known::Fresh);
    create_warehouse(&under(&fixture, "order-1").await, "Annexe", None).await.unwrap();
    assert_eq!(known([7; 32]).await, Known::Running);
    fixture.app.clock().advance(TimeDelta::seconds(59));
    assert_eq!(known([7; 32]).await, Known::Running);
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert_eq!((known([7; 32]).await, known([8; 32]).await), (Known::Done, Known::Mismatch));
    answer(&fixture.again(), &claim("order-1"), "{}".into());
    let told = (Known::Answered("{}".into()), Known::Mismatch);
    assert_eq!((known([7; 32]).await, known([8; 32]).await), told, "late, but told, by this process at once");
    settle(&fixture.app).await.unwrap();
    assert_eq!((known([7; 32]).await, known([8; 32]).await), told, "and then by any");
    fixture.app.clock().advance(LIFE);
    assert_eq!(known([7; 32]).await, Known::Fresh);
}

#[tokio::test]
async fn an_answer_that_is_known_to_be_lost_is_not_waited_for() {
    let fixture = Fixture::new().await;
    create_warehouse(&under(&fixture, "order-1").await, "Annexe", None).await.unwrap();
    lose(&fixture.again(), &claim("order-1"));
    assert_eq!(look(&fixture.again(), &claim("order-1")).await.unwrap(), Known::Done);
}

#[tokio::test]
async fn what_belongs_to_no_organisation_is_done_once_under_a_key_too() {
    let fixture = Fixture::new().await;
    let doorway = |scope: &Scope| Doorway::new(&fixture.app, Locale::Fr).called_by(Some(scope));
    let rename = |name: &str| UpdateViewer { display_name: Some(name.into()), ..Default::default() };
    let scope = under(&fixture, "name-1").await;
    users::update(&doorway(&scope), &fixture.caller, rename("Awa Ndiaye")).await.unwrap();
    assert!(scope.claimed_idempotency().await.is_none(), "the key is spent");
    let again = users::update(&doorway(&under(&fixture, "name-1").await), &fixture.caller, rename("Awa Fall")).await;
    assert!(matches!(again, Err(Error::KeyTaken)), "{again:?}");
    let user = users::get(&Doorway::new(&fixture.app, Locale::Fr), &fixture.caller).await.unwrap();
    assert_eq!(user.display_name, "Awa Ndiaye");
    let organization = async |key: &str, name: &str| organizations::update(&under(&fixture, key).await, named(name)).await;
    organization("shop-1", "Chez Awa").await.unwrap();
    assert!(matches!(organization("shop-1", "Chez Fatou").await, Err(Error::KeyTaken)));
    assert_eq!(organizations::get(&fixture.again()).await.unwrap().name, "Chez Awa");
}

#[tokio::test]
async fn what_an_operator_does_for_another_organisation_is_done_once_under_their_own_key() {
    use crate::work::admin::{self, Desk};
    let fixture = Fixture::new().await;
    let (stranger, _) = fixture.stranger().await;
    let job = crate::alerts::evaluate::request(&stranger, false).await.unwrap();
    let desk = async |key| {
        let scope = under(&fixture, key).await;
        Desk::Operator(crate::SystemScope::new(&fixture.app).called_by(Some(&scope)), Locale::Fr)
    };
    admin::discard(&desk("job-1").await, job.id, None).await.unwrap();
    assert!(matches!(admin::retry(&desk("job-1").await, job.id).await, Err(Error::KeyTaken)));
    assert_eq!(look(&fixture.again(), &claim("job-1")).await.unwrap(), Known::Running, "it is a key of the operator's organisation");
    admin::pause_queue(&desk("queue-1").await, &["default"], "default", true).await.unwrap();
    assert!(matches!(admin::pause_queue(&desk("queue-1").await, &["default"], "default", false).await, Err(Error::KeyTaken)));
}

/// Waits until another process knows the answer, or for ten seconds.
async fn found_by(other: &App, fixture: &Fixture, key: &str) -> Known {
    let scope = || fixture.caller.scope(other, Locale::Fr).unwrap();
    for _ in 0..500 {
        let known = look(&scope(), &claim(key)).await.unwrap();
        if known != Known::Running {
            return known;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Known::Running
}

#[tokio::test]
async fn another_process_learns_the_answer_soon_also_after_the_database_failed() {
    let fixture = Fixture::new().await;
    let other = crate::testing::second_process(&fixture).await;
    create_warehouse(&under(&fixture, "order-1").await, "Annexe", None).await.unwrap();
    answer(&fixture.again(), &claim("order-1"), "{}".into());
    assert_eq!(found_by(&other, &fixture, "order-1").await, Known::Answered("{}".into()));

    create_warehouse(&under(&fixture, "order-2").await, "Entrepôt", None).await.unwrap();
    crate::testing::change_database(&fixture.app, "ALTER TABLE idempotency_keys RENAME TO elsewhere").await;
    answer(&fixture.again(), &claim("order-2"), "[]".into());
    assert!(settle(&fixture.app).await.is_err());
    assert_eq!(look(&fixture.again(), &claim("order-2")).await.unwrap(), Known::Answered("[]".into()), "told from memory");
    crate::testing::change_database(&fixture.app, "ALTER TABLE elsewhere RENAME TO idempotency_keys").await;
    assert_eq!(found_by(&other, &fixture, "order-2").await, Known::Answered("[]".into()), "kept when the database was back");
}

#[tokio::test]
async fn many_and_long_answers_are_kept_by_several_statements() {
    let fixture = Fixture::new().await;
    let keys: Vec<String> = (0..12).map(|n| format!("order-{n}")).collect();
    for key in &keys {
        create_warehouse(&under(&fixture, key).await, key, None).await.unwrap();
        answer(&fixture.again(), &claim(key), "x".repeat(200_000));
    }
    settle(&fixture.app).await.unwrap();
    let other = crate::testing::second_process(&fixture).await;
    for key in &keys {
        assert_eq!(found_by(&other, &fixture, key).await, Known::Answered("x".repeat(200_000)));
    }
}

#[tokio::test]
async fn an_answer_is_told_to_the_same_program_and_to_no_other() {
    use crate::identity::{Permission, api_tokens, authenticate};
    let fixture = Fixture::new().await;
    let program = async || {
        let scopes = vec![Permission::InventoryProductRead, Permission::InventoryProductWrite];
        let new = api_tokens::NewToken { name: "Caisse".into(), scopes, ..Default::default() };
        let secret = api_tokens::create(&fixture.proved(), new).await.unwrap().secret;
        authenticate(&fixture.app, &secret).await.unwrap().unwrap()
    };
    let (one, other) = (program().await, program().await);
    let scope = |caller: &crate::identity::Caller| caller.scope(&fixture.app, Locale::Fr).unwrap();
    let first = scope(&one);
    first.claim_idempotency(claim("order-1")).await;
    create_warehouse(&first, "Annexe", None).await.unwrap();
    answer(&scope(&one), &claim("order-1"), "{}".into());
    settle(&fixture.app).await.unwrap();
    let known = async |scope: Scope| look(&scope, &claim("order-1")).await.unwrap();
    assert_eq!(known(scope(&one)).await, Known::Answered("{}".into()));
    assert_eq!((known(scope(&other)).await, known(fixture.again()).await), (Known::Fresh, Known::Fresh));
}
