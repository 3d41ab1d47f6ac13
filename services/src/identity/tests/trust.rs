//! What signing in, right and wrong, does to the limits of an address, and what its person sees of it.

use super::{code, refresh};
use crate::audit::{self, Asked, AuditFilter};
use crate::identity::sessions::{self, SignedIn};
use crate::identity::{authenticate, change_password, security_events};
use crate::limits::{Bucket, Taken};
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::testing::{Fixture, PASSWORD};
use crate::{App, Code, Doorway};
use chrono::TimeDelta;
use entities::identity::UserId;
use entities::identity::security_event::SecurityEventKind as Kind;
use std::sync::Arc;

/// A fixture whose addresses may try twenty times at once.
async fn limited() -> Fixture {
    let (many, few) = ([("RATE_LIMIT_USER", "1000"), ("RATE_LIMIT_USER_BURST", "200")], ("RATE_LIMIT_ADDRESS", "100"));
    Fixture::with(&[many[0], many[1], few, ("RATE_LIMIT_ADDRESS_BURST", "20")]).await
}

fn asked(address: &str, program: &str) -> Arc<Asked> {
    Arc::new(Asked { address: Some(address.to_owned()), user_agent: Some(program.to_owned()), ..Asked::default() })
}

fn at(app: &App, address: &str, program: &str) -> Doorway {
    Doorway::new(app, Locale::Fr).asked_in(Some(asked(address, program)))
}

fn address(text: &str) -> Bucket {
    Bucket::address(text.parse().ok())
}

async fn left(app: &App, bucket: Bucket) -> u64 {
    match app.limiter().take(bucket, 0, app.now()).await {
        Taken::Granted(allowance) => allowance.remaining,
        other => panic!("{other:?}"),
    }
}

/// What the edge takes for an attempt to sign in.
async fn knock(app: &App, place: &str) -> bool {
    matches!(app.limiter().take(address(place), 1, app.now()).await, Taken::Granted(_))
}

async fn enter(fixture: &Fixture, place: &str, program: &str, secret: &str) -> crate::Result<SignedIn> {
    assert!(knock(&fixture.app, place).await, "the address has units left");
    sessions::sign_in(&at(&fixture.app, place, program), &fixture.email().await, secret.to_owned(), None, None).await
}

#[tokio::test]
async fn whoever_is_let_in_counts_for_themselves_and_not_for_their_neighbours() {
    let fixture = limited().await;
    let app = &fixture.app;
    let school = "196.1.95.7";
    for _ in 0..30 {
        enter(&fixture, school, "Firefox", PASSWORD).await.unwrap();
    }
    assert_eq!(left(app, address(school)).await, 20, "thirty came in, of twenty that may try at once");
    assert_eq!(left(app, Bucket::User(fixture.caller.user.0)).await, 170);
}

#[tokio::test]
async fn a_refresh_counts_for_its_person_and_a_made_up_token_for_its_address() {
    let fixture = limited().await;
    let (app, place) = (&fixture.app, "196.1.95.8");
    let session = enter(&fixture, place, "Firefox", PASSWORD).await.unwrap().session().unwrap();
    // A neighbour used everything up.
    while knock(app, place).await {}
    let here = at(app, place, "Firefox");
    let mine = left(app, Bucket::User(fixture.caller.user.0)).await;
    sessions::refresh(&here, &session.refresh_token).await.expect("nobody's neighbour keeps them out");
    assert_eq!(left(app, Bucket::User(fixture.caller.user.0)).await, mine - 1);
    let (other, there) = ("196.1.95.9", at(app, "196.1.95.9", "curl"));
    assert_eq!(code(sessions::refresh(&there, "made up").await), Code::TokenExpired);
    assert_eq!(left(app, address(other)).await, 19);
    refresh(&fixture, &session.refresh_token).await.expect("a lost answer");
}

#[tokio::test]
async fn who_goes_on_guessing_has_fewer_tries_and_who_mistypes_at_home_has_not() {
    let fixture = limited().await;
    let (app, home, elsewhere) = (&fixture.app, "196.1.95.10", "41.82.0.1");
    enter(&fixture, home, "Firefox", PASSWORD).await.unwrap();
    let mut tries = 0;
    while knock(app, elsewhere).await {
        let (there, name) = (at(app, elsewhere, "curl"), format!("a{tries}@teranga.example"));
        assert_eq!(code(sessions::sign_in(&there, &name, "baobab".into(), None, None).await), Code::InvalidCredentials);
        tries += 1;
    }
    assert!((11..=13).contains(&tries), "ten at one unit each, and five units from there on: {tries}");
    for wrong in 1..=4 {
        assert_eq!(code(enter(&fixture, home, "Firefox", "baobab").await), Code::InvalidCredentials);
        assert_eq!(left(app, address(home)).await, 20 - wrong);
    }
    while left(app, address(home)).await > 5 {
        knock(app, home).await;
    }
    app.clock().advance(TimeDelta::seconds(2));
    let before = left(app, address(home)).await;
    enter(&fixture, home, "Firefox", "baobab").await.unwrap_err();
    assert_eq!(left(app, address(home)).await, before - 1, "at a device of theirs a mistake stays one");
}

#[tokio::test]
async fn a_person_sees_what_happened_to_their_account_and_the_organisation_its_side_of_it() {
    let fixture = limited().await;
    let (app, home) = (&fixture.app, "196.1.95.11");
    let mine = async || security_events::of(&at(app, home, "Firefox"), fixture.caller.user).await.unwrap();
    let session = enter(&fixture, home, "Firefox", PASSWORD).await.unwrap().session().unwrap();
    assert!(mine().await.is_empty(), "a first sign-in is no news");
    enter(&fixture, home, "curl", PASSWORD).await.unwrap();
    let me = authenticate(app, &session.access_token).await.unwrap().unwrap();
    app.clock().advance(TimeDelta::minutes(1));
    change_password(&at(app, home, "Firefox"), &me, PASSWORD.into(), "kora et balafon".into()).await.unwrap();
    let all = mine().await;
    assert_eq!(all.iter().map(|event| event.kind).collect::<Vec<_>>(), [Kind::PasswordChanged, Kind::NewDevice]);
    assert_eq!((all[1].address.as_deref(), all[1].user_agent.as_deref()), (Some(home), Some("curl")));
    let (stranger, _) = fixture.stranger().await;
    assert!(security_events::of(&at(app, home, "Firefox"), stranger.user().unwrap()).await.unwrap().is_empty());
    let filter = AuditFilter { security: true, ..AuditFilter::default() };
    let theirs = audit::page(&fixture.again(), &filter, &PageArgs::default()).await.unwrap();
    assert_eq!(theirs.items().map(|event| event.action.as_str()).collect::<Vec<_>>(), ["identity.password.change"]);
}

async fn told(fixture: &Fixture, user: UserId, kind: Kind) -> usize {
    let here = Doorway::new(&fixture.app, Locale::Fr);
    let all = security_events::of(&here, user).await.unwrap();
    all.iter().filter(|event| event.kind == kind).count()
}

#[tokio::test]
async fn guesses_and_refused_requests_are_told_once_a_day() {
    let fixture = limited().await;
    let (app, me) = (&fixture.app, fixture.caller.user);
    for _ in 0..8 {
        let (there, name) = (at(app, "41.82.0.2", "curl"), fixture.email().await);
        sessions::sign_in(&there, &name, "baobab".into(), None, None).await.unwrap_err();
        security_events::requests_refused(app, asked("196.1.95.12", "Caisse"), me);
    }
    for kind in [Kind::PasswordGuessed, Kind::RequestsRefused] {
        for _ in 0..200 {
            if told(&fixture, me, kind).await > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(told(&fixture, me, kind).await, 1, "{kind:?}");
    }
    app.clock().advance(TimeDelta::hours(25));
    security_events::requests_refused(app, asked("196.1.95.12", "Caisse"), me);
    for _ in 0..200 {
        if told(&fixture, me, Kind::RequestsRefused).await == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the next day it is news again");
}
