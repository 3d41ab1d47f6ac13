//! What an organisation asks for, and of whom.

use super::*;
use crate::audit::Asked;
use crate::identity::sessions::{self, Session, sign_in, switch};
use crate::identity::tests::second_factor::shown;
use crate::identity::{Caller, ShippedRole, authenticate, change_password, second_factor};
use crate::locale::Locale;
use crate::testing::{self, Fixture, PASSWORD, refusals};
use crate::{App, Scope};
use std::sync::Arc;

fn doorway(app: &App) -> Doorway {
    Doorway::new(app, Locale::Fr)
}

fn at(app: &App, address: &str) -> Doorway {
    let asked = Asked { address: Some(address.to_owned()), user_agent: Some("Firefox".to_owned()), ..Asked::default() };
    doorway(app).asked_in(Some(Arc::new(asked)))
}

fn proved_at(fixture: &Fixture, address: &str) -> Scope {
    let scope = fixture.proved();
    scope.asked_in(Arc::new(Asked { address: Some(address.to_owned()), ..Asked::default() }));
    scope
}

#[track_caller]
fn one<T>(done: Result<T>) -> (Code, String) {
    refusals(&done.map(drop).unwrap_err()).remove(0)
}

async fn email(app: &App, caller: &Caller) -> String {
    crate::identity::users::get(&doorway(app), caller).await.unwrap().email
}

async fn enter(app: &App, caller: &Caller) -> Session {
    sign_in(&doorway(app), &email(app, caller).await, PASSWORD.to_owned(), None, None).await.unwrap().session().unwrap()
}

async fn protect(fixture: &Fixture, caller: &Caller) {
    let begun = second_factor::begin(&doorway(&fixture.app), caller, PASSWORD.to_owned()).await.unwrap();
    second_factor::confirm(&doorway(&fixture.app), caller, &shown(fixture, &begun, 0)).await.unwrap();
}

#[tokio::test]
async fn bounds_hold_and_a_stale_version_does_not() {
    let fixture = Fixture::new().await;
    for (change, path) in [
        (PoliciesChange { password_length: Some(7), ..Default::default() }, "passwordLength"),
        (PoliciesChange { password_length: Some(65), ..Default::default() }, "passwordLength"),
        (PoliciesChange { session_hours: Some(0), ..Default::default() }, "sessionHours"),
        (PoliciesChange { session_hours: Some(169), ..Default::default() }, "sessionHours"),
        (PoliciesChange { access_minutes: Some(-5), ..Default::default() }, "accessTokenMinutes"),
    ] {
        assert_eq!(one(set(&fixture.proved(), change).await), (Code::OutOfRange, path.to_owned()));
    }
    let unreadable = PoliciesChange { addresses: Some(vec!["here".to_owned()]), ..Default::default() };
    assert_eq!(one(set(&fixture.proved(), unreadable).await).0, Code::Invalid);
    let stale = PoliciesChange { expected_version: Some(99), ..Default::default() };
    assert_eq!(one(set(&fixture.proved(), stale).await).0, Code::StaleVersion);
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let theirs = employee.scope(&fixture.app, Locale::Fr).unwrap();
    assert!(matches!(set(&theirs, PoliciesChange::default()).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn sessions_and_tokens_live_as_long_as_their_organisation_says() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let before = enter(app, &fixture.caller).await;
    set(&fixture.proved(), PoliciesChange { session_hours: Some(8), access_minutes: Some(5), ..Default::default() }).await.unwrap();
    let now = app.now();
    let session = enter(app, &fixture.caller).await;
    assert_eq!(session.access_token_expires_at, now.plus(TimeDelta::minutes(5)));
    assert_eq!(session.refresh_token_expires_at, now.plus(TimeDelta::hours(8)));
    let refreshed = sessions::refresh(&doorway(app), &before.refresh_token).await.unwrap();
    assert_eq!(refreshed.refresh_token_expires_at, now.plus(TimeDelta::hours(8)), "open ones, too");
    app.clock().advance(TimeDelta::hours(8));
    assert!(sessions::refresh(&doorway(app), &refreshed.refresh_token).await.is_err());
}

#[tokio::test]
async fn an_organisation_that_asks_for_a_second_factor_lets_in_who_has_one() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let employee = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let open = enter(app, &employee).await;
    let wanted = || PoliciesChange { second_factor: Some(true), ..Default::default() };
    assert_eq!(one(set(&fixture.proved(), wanted()).await).0, Code::ForbiddenState, "not before its owner has one");
    protect(&fixture, &fixture.caller).await;
    set(&fixture.proved(), wanted()).await.unwrap();
    assert!(authenticate(app, &open.access_token).await.unwrap().is_none(), "who has none is let out");
    assert!(authenticate(app, &sessions::access_token(app, &fixture.caller).unwrap()).await.unwrap().is_some());
    let alone = enter(app, &employee).await;
    assert_eq!(alone.tenant, None, "they go on with their account");
    let me = authenticate(app, &alone.access_token).await.unwrap().unwrap();
    let tenant = fixture.scope.tenant();
    assert_eq!(one(switch(&doorway(app), &me, tenant).await), (Code::ForbiddenState, "organizationId".to_owned()));
    protect(&fixture, &me).await;
    assert_eq!(switch(&doorway(app), &me, tenant).await.unwrap().tenant, Some(tenant));
    // Nor do they go without it again.
    fixture.app.clock().advance(TimeDelta::seconds(30));
    let tx = doorway(app).read().await.unwrap();
    assert_eq!(one(check_farewell_to_factor(&tx, &doorway(app), me.user).await).0, Code::ForbiddenState);
}

#[tokio::test]
async fn an_organisation_is_open_from_the_addresses_it_names() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let office = || PoliciesChange { addresses: Some(vec!["196.1.95.0/24".to_owned()]), ..Default::default() };
    assert_eq!(one(set(&proved_at(&fixture, "41.82.0.1"), office()).await).0, Code::ForbiddenState, "not from outside");
    set(&proved_at(&fixture, "196.1.95.7"), office()).await.unwrap();
    let address = fixture.email().await;
    let from = async |place: &str| sign_in(&at(app, place), &address, PASSWORD.to_owned(), None, None).await.unwrap().session().unwrap();
    assert_eq!(from("41.82.0.1").await.tenant, None);
    let inside = from("196.1.95.9").await;
    assert_eq!(inside.tenant, Some(fixture.scope.tenant()));
    let caller = authenticate(app, &inside.access_token).await.unwrap().unwrap();
    let there = |place: &str| caller.clone().coming_from(place.parse().ok()).unwrap();
    assert_eq!(there("196.1.95.200").member, caller.member);
    for place in ["41.82.0.1", "nowhere"] {
        let alone = there(place);
        assert!(alone.member.is_none() && alone.grants.iter().next().is_none(), "at each request, too: {place}");
    }
}

#[tokio::test]
async fn a_member_chooses_a_password_as_long_as_asked_for() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    set(&fixture.proved(), PoliciesChange { password_length: Some(16), ..Default::default() }).await.unwrap();
    let me = authenticate(app, &enter(app, &fixture.caller).await.access_token).await.unwrap().unwrap();
    let change = async |new: &str| change_password(&doorway(app), &me, PASSWORD.to_owned(), new.to_owned()).await;
    assert_eq!(one(change("kora et balafon").await), (Code::WeakPassword, "newPassword".to_owned()));
    change("kora et balafons").await.unwrap();
}
