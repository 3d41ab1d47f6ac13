//! Who is erased, when, and what stays.

use super::*;
use crate::identity::invitations::NewInvitation;
use crate::identity::sessions::sign_in;
use crate::identity::{ShippedRole, SignUp, authenticate, members, sign_up, users};
use crate::locale::Locale;
use crate::notifications::Letter;
use crate::testing::{self, Fixture, PASSWORD};
use crate::work::{Claimer, JobKind, Running};
use crate::{App, Reads, Scope, SystemScope};
use entities::audit::event;
use entities::identity::invitation;
use entities::identity::membership::{self, MembershipStatus};
use entities::notifications::notification;
use entities::work::job;
use sea_orm::ColumnTrait;

fn doorway(app: &App) -> Doorway {
    Doorway::new(app, Locale::Fr)
}

async fn run(fixture: &Fixture) {
    erase_due(&SystemScope::new(&fixture.app), &Running::detached(fixture.scope.tenant()), EraseAccounts {}).await.unwrap();
}

async fn row(app: &App, id: UserId) -> user::Model {
    doorway(app).read().await.unwrap().find::<user::Entity>(id).await.unwrap().unwrap()
}

async fn refused<T>(done: impl Future<Output = Result<T>>) -> Code {
    match done.await {
        Err(Error::Refused(refusals)) => refusals[0].code,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it went through"),
    }
}

async fn address(app: &App, caller: &Caller) -> String {
    row(app, caller.user).await.email
}

async fn letters(fixture: &Fixture) -> Vec<String> {
    let jobs = Claimer::new(&fixture.app, "notifications").claim(100).await.unwrap();
    let letters = jobs.iter().filter(|job| job.kind == Letter::KIND);
    letters.map(|job| serde_json::from_str::<Letter>(&job.payload).unwrap().key).collect()
}

#[tokio::test]
async fn an_account_is_erased_after_seven_days_and_what_its_person_did_stays() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let awa = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let (email, scope) = (address(app, &awa).await, awa.scope(app, Locale::Fr).unwrap());
    crate::notifications::test_send(&scope, crate::notifications::Channel::InApp).await.unwrap();
    testing::external_identity(app, &awa).await;
    assert_eq!(refused(request(&doorway(app), &awa, "other@teranga.example")).await, Code::Invalid);
    request(&doorway(app), &awa, &format!(" {} ", email.to_uppercase())).await.unwrap();
    assert_eq!(refused(request(&doorway(app), &awa, &email)).await, Code::ForbiddenState);
    run(&fixture).await;
    assert_eq!(address(app, &awa).await, email, "not before its day");
    app.clock().advance(NOTICE);
    for _ in 0..2 {
        run(&fixture).await;
    }
    let gone = row(app, awa.user).await;
    assert!(gone.email.ends_with("@erased.invalid") && gone.erased_at.is_some() && gone.erase_at.is_none());
    assert_eq!((gone.display_name.as_str(), gone.phone, gone.password_hash), ("Compte supprimé", None, None));
    assert!(crate::identity::external::list(&doorway(app), awa.user).await.unwrap().is_empty());
    assert!(crate::identity::devices::of(&doorway(app), awa.user).await.unwrap().is_empty());
    let left = fixture.again().get::<membership::Entity>(awa.member.unwrap().1).await.unwrap();
    assert_eq!(left.status, MembershipStatus::Left, "the row stays: what they did names it");
    let told = fixture.again().select::<notification::Entity>().filter(notification::Column::UserId.eq(awa.user)).count().await;
    assert_eq!(told.unwrap(), 0);
    assert!(sign_in(&doorway(app), &email, PASSWORD.to_owned(), None, None).await.is_err());
    let acts = crate::audit::page(&fixture.again(), &Default::default(), &Default::default()).await.unwrap();
    let acts: Vec<String> = acts.items().map(|act| act.action.clone()).collect();
    for act in ["identity.account.erase_ask", "identity.member.erase"] {
        assert_eq!(acts.iter().filter(|one| *one == act).count(), 1, "{act} in {acts:?}");
    }
    let letters = letters(&fixture).await;
    assert!(letters.contains(&"letter-erasure".to_owned()) && letters.contains(&"letter-erased".to_owned()), "{letters:?}");
}

#[tokio::test]
async fn whoever_thinks_again_keeps_their_account() {
    let fixture = Fixture::new().await;
    let (app, awa) = (&fixture.app, testing::member(&fixture, &[ShippedRole::Employee]).await);
    assert_eq!(refused(cancel(&doorway(app), &awa)).await, Code::ForbiddenState);
    request(&doorway(app), &awa, &address(app, &awa).await).await.unwrap();
    cancel(&doorway(app), &awa).await.unwrap();
    app.clock().advance(NOTICE);
    run(&fixture).await;
    assert!(row(app, awa.user).await.erased_at.is_none());
}

#[tokio::test]
async fn it_is_asked_for_by_who_proved_who_they_are_a_moment_ago() {
    let fixture = Fixture::new().await;
    let awa = testing::member(&fixture, &[ShippedRole::Employee]).await;
    fixture.app.clock().advance(TimeDelta::minutes(6));
    let email = address(&fixture.app, &awa).await;
    assert_eq!(refused(request(&doorway(&fixture.app), &awa, &email)).await, Code::ProofRequired);
}

#[tokio::test]
async fn an_organisation_with_other_members_keeps_an_owner() {
    let fixture = Fixture::new().await;
    let (app, owner) = (&fixture.app, &fixture.caller);
    let second = testing::member(&fixture, &[ShippedRole::Owner]).await;
    let email = address(app, owner).await;
    request(&doorway(app), owner, &email).await.unwrap();
    // Meanwhile the other owner goes, and a member comes.
    members::leave(&doorway(app), &second, fixture.scope.tenant()).await.unwrap();
    let third = testing::member(&fixture, &[ShippedRole::Employee]).await;
    app.clock().advance(NOTICE);
    run(&fixture).await;
    let still = row(app, owner.user).await;
    assert!(still.erased_at.is_none() && still.erase_at == Some(app.now().plus(NOTICE)), "put off");
    assert!(letters(&fixture).await.contains(&"letter-erasure-put-off".to_owned()));
    cancel(&doorway(app), owner).await.unwrap();
    let now = Caller { proved_at: app.now(), ..owner.clone() };
    assert_eq!(refused(request(&doorway(app), &now, &email)).await, Code::ForbiddenState, "asked for, it is said at once");
    // Alone, they may close the door behind them.
    members::leave(&doorway(app), &third, fixture.scope.tenant()).await.unwrap();
    request(&doorway(app), &now, &email).await.unwrap();
    app.clock().advance(NOTICE);
    run(&fixture).await;
    assert!(row(app, owner.user).await.erased_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_go_at_once_one_stays() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let second = testing::member(&fixture, &[ShippedRole::Owner]).await;
    testing::member(&fixture, &[ShippedRole::Employee]).await;
    for who in [&fixture.caller, &second] {
        request(&doorway(app), who, &address(app, who).await).await.unwrap();
    }
    app.clock().advance(NOTICE);
    futures_util::future::join(run(&fixture), run(&fixture)).await;
    let (one, other) = (row(app, fixture.caller.user).await, row(app, second.user).await);
    assert_eq!([one, other].iter().filter(|user| user.erased_at.is_some()).count(), 1);
}

#[tokio::test]
async fn an_open_session_ends_with_its_account() {
    let fixture = Fixture::new().await;
    let (app, awa) = (&fixture.app, testing::member(&fixture, &[ShippedRole::Employee]).await);
    let email = address(app, &awa).await;
    request(&doorway(app), &awa, &email).await.unwrap();
    app.clock().advance(NOTICE - TimeDelta::minutes(1));
    let session = sign_in(&doorway(app), &email, PASSWORD.to_owned(), None, None).await.unwrap().session().unwrap();
    assert!(authenticate(app, &session.access_token).await.unwrap().is_some());
    app.clock().advance(TimeDelta::minutes(1));
    run(&fixture).await;
    assert!(authenticate(app, &session.access_token).await.unwrap().is_none());
}

#[tokio::test]
async fn whoever_thinks_again_while_it_is_carried_out_loses_nothing() {
    let fixture = Fixture::new().await;
    let (app, awa) = (&fixture.app, testing::member(&fixture, &[ShippedRole::Employee]).await);
    request(&doorway(app), &awa, &address(app, &awa).await).await.unwrap();
    app.clock().advance(NOTICE);
    // What the worker read when it began.
    let due = row(app, awa.user).await;
    cancel(&doorway(app), &awa).await.unwrap();
    carry_out::erase(app, &due).await.unwrap();
    let member = fixture.again().get::<membership::Entity>(awa.member.unwrap().1).await.unwrap();
    assert_eq!((member.status, row(app, awa.user).await.erased_at), (MembershipStatus::Active, None));
}

async fn invite(fixture: &Fixture, email: &str) -> String {
    let roles = vec![testing::shipped_role(fixture, ShippedRole::Employee).await];
    testing::invited(&fixture.proved(), NewInvitation { email: email.into(), roles, ..NewInvitation::default() }).await.1
}

/// Whatever is kept that holds these words, in the tables that held an address.
async fn kept(fixture: &Fixture, words: &str) -> Vec<String> {
    let scope = fixture.again();
    let invitations = scope.select::<invitation::Entity>().all().await.unwrap().into_iter().map(|row| format!("{row:?}"));
    let told = scope.select::<notification::Entity>().all().await.unwrap().into_iter().map(|row| format!("{row:?}"));
    let acts = scope.select::<event::Entity>().all().await.unwrap().into_iter().map(|row| format!("{row:?}"));
    let jobs = Scope::system(&fixture.app, crate::work::PLATFORM, Locale::Fr).select::<job::Entity>().all().await.unwrap();
    let jobs = jobs.into_iter().map(|row| format!("{row:?}"));
    invitations.chain(told).chain(acts).chain(jobs).filter(|row| row.contains(words)).collect()
}

#[tokio::test]
async fn an_address_and_a_name_go_wherever_they_were_kept() {
    let fixture = Fixture::new().await;
    let (app, neighbour) = (&fixture.app, fixture.neighbour().await);
    let email = "coumba@teranga.example";
    let account = SignUp {
        email: email.into(),
        password: PASSWORD.into(),
        display_name: "Coumba Sarr".into(),
        invitation_token: Some(invite(&fixture, email).await),
        ..SignUp::default()
    };
    let coumba = sign_up(&doorway(app), account).await.unwrap();
    // An organisation they never joined, a link that waits, and another name.
    invite(&neighbour, email).await;
    crate::identity::ask_for_reset(&doorway(app), email).await.unwrap();
    let caller = authenticate(app, &coumba.session.access_token).await.unwrap().unwrap();
    let renamed = users::UpdateViewer { display_name: Some("Coumba Fall".into()), ..Default::default() };
    users::update(&doorway(app), &caller, renamed).await.unwrap();
    assert!(!kept(&fixture, "Coumba Sarr").await.is_empty() && !kept(&neighbour, email).await.is_empty());
    request(&doorway(app), &caller, email).await.unwrap();
    app.clock().advance(NOTICE);
    run(&fixture).await;
    for (place, words) in [(&fixture, email), (&neighbour, email), (&fixture, "Coumba Sarr")] {
        let mut left = kept(place, words).await;
        left.retain(|row| !row.contains("letter-erased"));
        assert!(left.is_empty(), "{words}: {left:?}");
    }
}
