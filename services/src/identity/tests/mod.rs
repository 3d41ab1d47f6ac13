//! Sessions: what each of their tokens is good for, and until when.

mod account_links;
mod made_up;
mod own_account;
pub(in crate::identity) mod second_factor;
mod service_accounts;
mod signing_keys;
mod takeovers;
mod timing;
mod trust;

use super::organizations::{self, UpdateOrganization};
use super::sessions::{self, Session};
use super::{Caller, authenticate};
use crate::locale::Locale;
use crate::testing::{self, Fixture, PASSWORD, refusals};
use crate::{Code, Doorway, Error, Result, Scope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::session;
use sea_orm::ActiveValue::Set;
use sea_orm::Condition;

fn doorway(fixture: &Fixture) -> Doorway {
    Doorway::new(&fixture.app, Locale::Fr)
}

async fn sign_in(fixture: &Fixture) -> Session {
    sessions::sign_in(&doorway(fixture), &fixture.email().await, PASSWORD.into(), None, None).await.unwrap().session().unwrap()
}

async fn refresh(fixture: &Fixture, token: &str) -> Result<Session> {
    sessions::refresh(&doorway(fixture), token).await
}

async fn caller(fixture: &Fixture, session: &Session) -> Option<Caller> {
    authenticate(&fixture.app, &session.access_token).await.unwrap()
}

/// The one code a call was refused with.
#[track_caller]
fn code<T>(done: Result<T>) -> Code {
    let [(code, _)] = refusals(&done.map(drop).unwrap_err()).try_into().unwrap();
    code
}

/// How many sessions there are, and how many of them were ended.
async fn sessions_and_ended(fixture: &Fixture) -> (usize, usize) {
    let all = doorway(fixture).read().await.unwrap().all::<session::Entity>(Condition::all()).await.unwrap();
    (all.len(), all.iter().filter(|session| session.revoked_at.is_some()).count())
}

/// Makes the owner a member of the stranger's organisation, too.
async fn join(fixture: &Fixture, other: &Scope) {
    let txn = other.begin().await.unwrap();
    let row = membership::ActiveModel {
        id: Set(txn.new_id()),
        user_id: Set(fixture.caller.user),
        status: Set(MembershipStatus::Active),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    txn.insert(row).await.unwrap();
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_goes_on_guessing_a_password_has_to_wait() {
    let fixture = Fixture::new().await;
    let (doorway, mine) = (doorway(&fixture), fixture.email().await);
    let with = |address: &str, secret: &str| {
        let (doorway, address, secret) = (doorway.clone(), address.to_owned(), secret.to_owned());
        async move { sessions::sign_in(&doorway, &address, secret, None, None).await }
    };
    for address in [mine.as_str(), "nobody@teranga.example"] {
        for _ in 0..5 {
            assert_eq!(code(with(address, "baobab").await), Code::InvalidCredentials);
        }
        assert_eq!(code(with(address, PASSWORD).await), Code::LimitReached, "the right one, too, or a guess would show");
    }
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert!(with(&mine, PASSWORD).await.is_ok());
    assert_eq!(code(with(&mine, "baobab").await), Code::InvalidCredentials, "all is forgiven");
}

#[tokio::test]
async fn guessing_shows_in_the_figures() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let counted = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let fixture = Fixture::new().await;
    let counted = |reason: &str| counted.render().contains(&format!("auth_failures_total{{reason=\"{reason}\"}} "));
    let with = |secret: &str| {
        let (doorway, secret) = (doorway(&fixture), secret.to_owned());
        async move { sessions::sign_in(&doorway, "nobody@teranga.example", secret, None, None).await }
    };
    sign_in(&fixture).await;
    assert!(!counted("password"), "a right one is no failure");
    for _ in 0..5 {
        code(with("baobab").await);
    }
    assert!(counted("password") && !counted("waiting"));
    code(with("baobab").await);
    assert!(counted("waiting"));
}

/// Another process on the fixture's database, that works off jobs itself.
async fn embedded(app: &crate::App) -> crate::App {
    let mut settings = app.settings().clone();
    settings.worker = crate::settings::WorkerMode::Embedded;
    crate::App::start_with(settings, app.clock().clone(), crate::scope::Random::System).await.unwrap()
}

#[tokio::test]
async fn the_first_account_of_an_embedded_installation_runs_it_and_no_later_one() {
    let (app, _place) = testing::empty_app(testing::START).await;
    let app = embedded(&app).await;
    let (_, first) = testing::organization(&app, "Boutique Awa").await;
    assert_eq!(first.operator, app.database().sqlite_path().is_some(), "a firm's own machine has SQLite");
    let (_, second) = testing::organization(&app, "Chez Modou").await;
    assert!(!second.operator);
}

#[tokio::test]
async fn where_others_have_accounts_a_stranger_does_not_become_the_operator() {
    let (app, _place) = testing::app_with(crate::scope::Clock::manual(testing::START), &[("WORKER", "off")]).await;
    let (_, first) = testing::organization(&app, "Boutique Awa").await;
    assert!(!first.operator, "an installation of several processes names its operators");
    let (_, stranger) = testing::organization(&embedded(&app).await, "Chez Modou").await;
    assert!(!stranger.operator);
}

#[tokio::test]
async fn no_role_of_an_organisation_makes_an_operator() {
    use entities::identity::{membership_role, role, role_grant};
    let (app, _place) = testing::app_with(crate::scope::Clock::manual(testing::START), &[("WORKER", "off")]).await;
    let (scope, owner) = testing::organization(&app, "Boutique Awa").await;
    let txn = scope.begin().await.unwrap();
    let row = role::ActiveModel {
        id: Set(txn.new_id()),
        key: Set(Some("operator".into())),
        name: Set("operator".into()),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    let role = txn.insert(row).await.unwrap();
    for permission in super::Permission::ALL {
        let (id, permission) = (Set(txn.new_id()), Set(permission.code().to_owned()));
        let reach = Set(super::Reach::Org.code().to_owned());
        txn.insert(role_grant::ActiveModel { id, role_id: Set(role.id), permission, reach, ..Default::default() }).await.unwrap();
    }
    let (id, membership_id) = (Set(txn.new_id()), Set(owner.member.unwrap().1));
    txn.insert(membership_role::ActiveModel { id, membership_id, role_id: Set(role.id), ..Default::default() }).await.unwrap();
    txn.commit().await.unwrap();
    app.standings().forget();
    let token = testing::token_of(&app, &owner);
    let now = authenticate(&app, &token).await.unwrap().expect("still in");
    assert!(now.grants.allow(super::Permission::IdentityOrganizationUpdate) && !now.operator);
}

#[tokio::test]
async fn a_refresh_token_is_traded_once_for_the_next() {
    let fixture = Fixture::new().await;
    let first = sign_in(&fixture).await;
    fixture.app.clock().advance(TimeDelta::minutes(31));
    assert!(caller(&fixture, &first).await.is_none(), "an access token lives for half an hour");
    let second = refresh(&fixture, &first.refresh_token).await.unwrap();
    assert_ne!((&second.refresh_token, &second.access_token), (&first.refresh_token, &first.access_token));
    assert_eq!(second.refresh_token_expires_at, first.refresh_token_expires_at, "the session ends when it would have");
    assert_eq!(caller(&fixture, &second).await.unwrap().session().unwrap(), first.id);
    let third = refresh(&fixture, &second.refresh_token).await.unwrap();
    assert!(caller(&fixture, &third).await.is_some());
    assert_eq!(code(refresh(&fixture, "of nobody").await), Code::TokenExpired);
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_session() {
    let fixture = Fixture::new().await;
    let (first, other) = (sign_in(&fixture).await, sign_in(&fixture).await);
    let second = refresh(&fixture, &first.refresh_token).await.unwrap();
    assert!(caller(&fixture, &second).await.is_some());
    fixture.app.clock().advance(TimeDelta::milliseconds(10_001));
    assert_eq!(code(refresh(&fixture, &first.refresh_token).await), Code::TokenReused);
    assert!(caller(&fixture, &second).await.is_none(), "for thief and owner alike, at once");
    assert_eq!(code(refresh(&fixture, &second.refresh_token).await), Code::TokenExpired);
    assert!(caller(&fixture, &other).await.is_some(), "another device's session goes on");
}

#[tokio::test]
async fn a_lost_answer_is_given_again_within_ten_seconds() {
    let fixture = Fixture::new().await;
    let first = sign_in(&fixture).await;
    let second = refresh(&fixture, &first.refresh_token).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(10));
    let again = refresh(&fixture, &first.refresh_token).await.unwrap();
    assert_eq!(again.refresh_token, second.refresh_token);
    assert!(caller(&fixture, &again).await.is_some());
    assert!(refresh(&fixture, &again.refresh_token).await.is_ok());
}

#[tokio::test]
async fn an_old_generation_ends_the_session_even_within_ten_seconds() {
    let fixture = Fixture::new().await;
    let first = sign_in(&fixture).await;
    let second = refresh(&fixture, &first.refresh_token).await.unwrap();
    let third = refresh(&fixture, &second.refresh_token).await.unwrap();
    assert_eq!(code(refresh(&fixture, &first.refresh_token).await), Code::TokenReused, "its successor has served");
    assert_eq!(code(refresh(&fixture, &third.refresh_token).await), Code::TokenExpired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sent_many_times_at_once_gives_one_successor() {
    let fixture = Fixture::new().await;
    let first = sign_in(&fixture).await;
    let trades = (0..5).map(|_| refresh(&fixture, &first.refresh_token));
    let sessions = futures_util::future::join_all(trades).await;
    let next: Vec<String> = sessions.into_iter().map(|session| session.unwrap().refresh_token).collect();
    assert!(next.windows(2).all(|two| two[0] == two[1]), "{next:?}");
}

#[tokio::test]
async fn a_session_is_over_after_seven_days_however_often_it_is_refreshed() {
    let fixture = Fixture::new().await;
    let mut session = sign_in(&fixture).await;
    for _ in 0..6 {
        fixture.app.clock().advance(TimeDelta::days(1));
        session = refresh(&fixture, &session.refresh_token).await.unwrap();
    }
    fixture.app.clock().advance(TimeDelta::hours(24) - TimeDelta::minutes(10));
    session = refresh(&fixture, &session.refresh_token).await.unwrap();
    assert_eq!(session.access_token_expires_at, session.refresh_token_expires_at, "no token outlives its session");
    fixture.app.clock().advance(TimeDelta::minutes(10));
    assert!(caller(&fixture, &session).await.is_none());
    assert_eq!(code(refresh(&fixture, &session.refresh_token).await), Code::TokenExpired);
}

#[tokio::test]
async fn signing_out_ends_this_session_or_all_of_the_persons() {
    let fixture = Fixture::new().await;
    let (_, stranger) = fixture.stranger().await;
    let (here, there) = (sign_in(&fixture).await, sign_in(&fixture).await);
    let me = caller(&fixture, &here).await.unwrap();
    sessions::sign_out(&doorway(&fixture), &me, false, false).await.unwrap();
    assert!(caller(&fixture, &here).await.is_none());
    assert_eq!(code(refresh(&fixture, &here.refresh_token).await), Code::TokenExpired);
    let me = caller(&fixture, &there).await.expect("the other device stays");
    let third = sign_in(&fixture).await;
    sessions::sign_out(&doorway(&fixture), &me, true, false).await.unwrap();
    for session in [&there, &third] {
        assert!(caller(&fixture, session).await.is_none());
        assert_eq!(code(refresh(&fixture, &session.refresh_token).await), Code::TokenExpired);
    }
    // The owner's first of the fixture and three more are over; the stranger's is not.
    assert_eq!(sessions_and_ended(&fixture).await, (5, 4));
    assert!(stranger.scope(&fixture.app, Locale::Fr).is_some());
}

#[tokio::test]
async fn switching_goes_on_in_a_new_session_and_ends_the_old_one() {
    let fixture = Fixture::new().await;
    let (other, _) = fixture.stranger().await;
    let here = sign_in(&fixture).await;
    let me = caller(&fixture, &here).await.unwrap();
    assert_eq!(code(sessions::switch(&doorway(&fixture), &me, other.tenant()).await), Code::NotFound, "not a member yet");
    assert!(caller(&fixture, &here).await.is_some(), "a refusal ends nothing");
    join(&fixture, &other).await;
    let there = sessions::switch(&doorway(&fixture), &me, other.tenant()).await.unwrap();
    assert_eq!(there.tenant, Some(other.tenant()));
    assert_eq!(caller(&fixture, &there).await.unwrap().member.unwrap().0, other.tenant());
    assert!(caller(&fixture, &here).await.is_none());
    assert_eq!(code(refresh(&fixture, &here.refresh_token).await), Code::TokenExpired);
    assert_eq!(sign_in(&fixture).await.tenant, Some(other.tenant()), "the last one used is the next one's");
}

#[tokio::test]
async fn a_session_that_is_over_cannot_be_switched_into_a_new_one() {
    let fixture = Fixture::new().await;
    let mine = fixture.scope.tenant();
    let (ended, late) = (sign_in(&fixture).await, sign_in(&fixture).await);
    // As another process still knows them for a moment.
    let (of_ended, of_late) = (caller(&fixture, &ended).await.unwrap(), caller(&fixture, &late).await.unwrap());
    sessions::sign_out(&doorway(&fixture), &of_ended, false, false).await.unwrap();
    let before = sessions_and_ended(&fixture).await;
    let switched = sessions::switch(&doorway(&fixture), &of_ended, mine).await;
    assert!(matches!(switched, Err(Error::Unauthenticated)), "revoked: {switched:?}");
    fixture.app.clock().advance(TimeDelta::days(7));
    let switched = sessions::switch(&doorway(&fixture), &of_late, mine).await;
    assert!(matches!(switched, Err(Error::Unauthenticated)), "expired: {switched:?}");
    assert_eq!(sessions_and_ended(&fixture).await, before, "none was opened");
}

#[tokio::test]
async fn an_organisation_changed_meanwhile_is_not_changed_over_it() {
    let fixture = Fixture::new().await;
    let change = |name: &str, version| UpdateOrganization {
        name: Some(name.into()),
        expected_version: Some(version),
        ..UpdateOrganization::default()
    };
    assert_eq!(organizations::update(&fixture.again(), change("Chez Awa", 1)).await.unwrap().version, 2);
    assert_eq!(code(organizations::update(&fixture.again(), change("Awa & fils", 1)).await), Code::StaleVersion);
    let now = organizations::get(&fixture.again()).await.unwrap();
    assert_eq!((now.name.as_str(), now.version), ("Chez Awa", 2));
}

#[tokio::test]
async fn asvs_7_2_3_what_stands_for_a_session_cannot_be_guessed() {
    let fixture = Fixture::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let session = sign_in(&fixture).await;
        let next = refresh(&fixture, &session.refresh_token).await.unwrap();
        for token in [session.refresh_token, next.refresh_token] {
            assert_eq!(URL_SAFE_NO_PAD.decode(&token).unwrap().len(), 32, "256 bits");
            assert!(seen.insert(token), "none twice");
        }
    }
}

#[tokio::test]
async fn asvs_7_2_4_each_sign_in_opens_a_session_of_its_own() {
    let fixture = Fixture::new().await;
    let (one, two) = (sign_in(&fixture).await, sign_in(&fixture).await);
    assert_ne!((one.id, &one.refresh_token), (two.id, &two.refresh_token));
    sessions::sign_out(&doorway(&fixture), &caller(&fixture, &one).await.unwrap(), false, false).await.unwrap();
    assert!(caller(&fixture, &one).await.is_none() && caller(&fixture, &two).await.is_some());
}
