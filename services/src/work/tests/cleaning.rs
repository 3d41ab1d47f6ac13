//! What is not kept.

use super::*;
use crate::events::{self, NewEvent};
use crate::idempotency::{self, Claim, Known};
use crate::inventory::catalog::create_warehouse;
use crate::work::cleanup::{self, CleanUp};
use crate::work::schedules::{self, CatchUp, Schedule};
use crate::{Error, SystemScope};
use entities::work::job::JobState;

/// How many of these a night removes.
async fn a_night(fixture: &Fixture, what: &str) -> u64 {
    fixture.scope.end_read().await;
    let removed = cleanup::run(&SystemScope::new(&fixture.app), &Running::detached(PLATFORM), CleanUp {}).await.unwrap();
    removed.into_iter().find(|(swept, _)| *swept == what).unwrap_or_else(|| panic!("{what} are not swept")).1
}

#[tokio::test]
async fn dead_jobs_go_after_90_days() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let die = async |n| {
        enqueue(&fixture.scope, [sweep(app, n)]).await;
        let job = claim(app, 1).await.remove(0);
        settle(&system, &[(held(&job), Outcome::Dead("no".into()))]).await.unwrap();
        job.id
    };
    let old = die(1).await;
    app.clock().advance(TimeDelta::days(2));
    let young = die(2).await;
    app.clock().advance(TimeDelta::days(87));
    assert_eq!(a_night(&fixture, "dead jobs").await, 0, "89 days are not 90");
    app.clock().advance(TimeDelta::days(2));
    assert_eq!(a_night(&fixture, "dead jobs").await, 1);
    assert_eq!(read(&fixture.again(), young).await.state, JobState::Dead);
    assert!(fixture.again().find::<job::Entity>(old).await.unwrap().is_none());
    assert_eq!(a_night(&fixture, "dead jobs").await, 0, "twice removes nothing more");
}

#[tokio::test]
async fn idempotency_keys_go_after_a_day() {
    let fixture = Fixture::new().await;
    let claim = |key: &str| Claim { key: key.into(), fingerprint: [7; 32] };
    let act = async |key: &str| {
        let scope = fixture.again();
        scope.claim_idempotency(claim(key)).await;
        create_warehouse(&scope, key, None).await.unwrap();
    };
    act("order-one").await;
    fixture.app.clock().advance(TimeDelta::hours(2));
    act("order-two").await;
    fixture.app.clock().advance(TimeDelta::hours(21));
    assert_eq!(a_night(&fixture, "idempotency keys").await, 0, "23 hours are not a day");
    fixture.app.clock().advance(TimeDelta::hours(2));
    assert_eq!(a_night(&fixture, "idempotency keys").await, 1);
    let known = async |key| idempotency::look(&fixture.again(), &claim(key)).await.unwrap();
    assert_eq!((known("order-one").await, known("order-two").await), (Known::Fresh, Known::Done));
}

#[tokio::test]
async fn api_tokens_go_90_days_after_they_ended() {
    use crate::identity::{Permission, api_tokens};
    let fixture = Fixture::new().await;
    let scopes = vec![Permission::InventoryProductRead];
    let new = api_tokens::NewToken { name: "Caisse".into(), scopes, ..Default::default() };
    let token = api_tokens::create(&fixture.proved(), new).await.unwrap().row.id;
    fixture.app.clock().advance(TimeDelta::days(90 + 89));
    assert_eq!(a_night(&fixture, "API tokens that are over").await, 0, "89 days are not 90");
    assert!(api_tokens::find(&fixture.again(), token).await.unwrap().is_some());
    fixture.app.clock().advance(TimeDelta::days(2));
    assert_eq!(a_night(&fixture, "API tokens that are over").await, 1);
    assert!(api_tokens::find(&fixture.again(), token).await.unwrap().is_none());
}

#[tokio::test]
async fn links_go_30_days_and_invitations_90_days_after_they_ended() {
    use crate::identity::{ShippedRole, invitations, send_verification};
    let fixture = Fixture::new().await;
    let role = crate::testing::shipped_role(&fixture, ShippedRole::Employee).await;
    let new = invitations::NewInvitation { email: "awa@teranga.example".into(), roles: vec![role], ..Default::default() };
    invitations::create(&fixture.scope, new).await.unwrap();
    send_verification(&crate::Doorway::new(&fixture.app, Default::default()), &fixture.caller).await.unwrap();
    fixture.app.clock().advance(TimeDelta::days(31));
    // The one of the sign-up, too; a day they were good.
    assert_eq!(a_night(&fixture, "links to accounts").await, 0);
    fixture.app.clock().advance(TimeDelta::seconds(1));
    assert_eq!(a_night(&fixture, "links to accounts").await, 2);
    fixture.app.clock().advance(TimeDelta::days(97 - 31));
    assert_eq!(a_night(&fixture, "invitations that are over").await, 1);
    assert_eq!(a_night(&fixture, "invitations that are over").await, 0, "twice removes nothing more");
}

#[tokio::test]
async fn stream_events_go_after_a_week() {
    let fixture = Fixture::new().await;
    let happen = async || {
        let scope = fixture.again();
        let txn = scope.begin().await.unwrap();
        txn.record(NewEvent::new("test", "happened", serde_json::json!({})));
        txn.commit().await.unwrap();
    };
    happen().await;
    fixture.app.clock().advance(TimeDelta::days(2));
    happen().await;
    fixture.app.clock().advance(TimeDelta::days(4));
    assert_eq!(a_night(&fixture, "stream events").await, 0, "six days are not a week");
    fixture.app.clock().advance(TimeDelta::days(2));
    assert_eq!(a_night(&fixture, "stream events").await, 1);
    let stale = events::follow(&fixture.again(), "test".into(), Some(0)).await;
    assert!(matches!(stale, Err(Error::CursorExpired)), "what comes after it is gone");
    let mut follower = events::follow(&fixture.again(), "test".into(), Some(1)).await.unwrap();
    assert_eq!(follower.next().await.unwrap().len(), 1, "the second is kept");
}

#[tokio::test]
async fn fires_of_schedules_go_after_30_days() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let job = |app: &App, at: Timestamp| Ok(NewJob { queue: "test", ..NewJob::new(app, &Sweep { n: at.0 })? });
    let daily = Schedule { name: "test", cron: "0 12 * * *", time_zone: chrono_tz::Tz::UTC, catch_up: CatchUp::Latest, job };
    schedules::fire_due(&system, &daily).await.unwrap();
    for _ in 0..2 {
        app.clock().advance(TimeDelta::days(1));
        assert_eq!(schedules::fire_due(&system, &daily).await.unwrap(), 1);
    }
    app.clock().advance(TimeDelta::days(28));
    assert_eq!(a_night(&fixture, "schedule fires").await, 0, "29 days and 21 hours are not 30 days");
    app.clock().advance(TimeDelta::days(1));
    assert_eq!(a_night(&fixture, "schedule fires").await, 1);
    assert_eq!(schedules::fire_due(&system, &daily).await.unwrap(), 1, "it goes on");
}

#[tokio::test]
async fn the_cleanup_removes_what_is_past_its_time_and_nothing_else() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    enqueue(&fixture.scope, (0..2503).map(|n| sweep(app, n))).await;
    loop {
        let ends: Vec<_> = claim(app, 100).await.iter().map(|job| (held(job), Outcome::Completed)).collect();
        if ends.is_empty() {
            break;
        }
        settle(&system, &ends).await.unwrap();
    }
    enqueue(&fixture.scope, [sweep(app, 1)]).await;
    let removed = |system: SystemScope| async move {
        let removed = cleanup::run(&system, &Running::detached(PLATFORM), CleanUp {}).await.unwrap();
        removed.into_iter().filter(|(_, rows)| *rows > 0).collect::<Vec<_>>()
    };
    app.clock().advance(TimeDelta::days(6));
    assert_eq!(removed(system.clone()).await, [], "all is still wanted");
    app.clock().advance(TimeDelta::days(3));
    assert_eq!(removed(system.clone()).await, [("finished jobs", 2503), ("expired sessions", 1)]);
    assert_eq!(claim(app, 10).await.len(), 1, "what waits is kept");
}
