//! Whose turn it is.

use super::*;
use crate::SystemScope;
use crate::work::admin::{self, Desk};
use std::collections::BTreeSet;
use uuid::Uuid;

#[tokio::test]
async fn a_flood_of_one_organisation_holds_up_no_other() {
    let fixture = Fixture::new().await;
    let (app, (other, _)) = (&fixture.app, fixture.stranger().await);
    enqueue(&fixture.scope, (0..5000).map(|n| sweep(app, n))).await;
    enqueue(&other, (0..10).map(|n| sweep(app, n))).await;
    let mut claimer = Claimer::new(app, "test");
    let (mut claims, mut served) = (0, 0);
    while served < 10 {
        let jobs = claimer.claim(16).await.unwrap();
        assert_eq!(jobs.len(), 16);
        served += jobs.iter().filter(|job| job.tenant == other.tenant()).count();
        claims += 1;
    }
    assert_eq!(claims, 2, "eight and two of sixteen each");
}

#[tokio::test]
async fn a_claim_prefers_who_has_least_running() {
    let fixture = Fixture::new().await;
    let (app, (other, _)) = (&fixture.app, fixture.stranger().await);
    enqueue(&fixture.scope, (0..40).map(|n| sweep(app, n))).await;
    claim(app, 20).await;
    enqueue(&other, (0..40).map(|n| sweep(app, n))).await;
    let theirs = claim(app, 24).await.iter().filter(|job| job.tenant == other.tenant()).count();
    assert_eq!(theirs, 22, "twenty to draw level, and half of the rest");
}

#[tokio::test]
async fn every_organisation_has_its_turn_however_many_they_are() {
    all_have_their_turn(&Fixture::new().await, 50).await;
}

#[tokio::test]
async fn every_organisation_has_its_turn_in_a_queue_with_a_limit_too() {
    let fixture = Fixture::new().await;
    let desk = Desk::Operator(SystemScope::new(&fixture.app), Default::default());
    admin::limit_queue(&desk, &["test"], "test", Some(100)).await.unwrap();
    // Two windows.
    all_have_their_turn(&fixture, 32).await;
}

async fn all_have_their_turn(fixture: &Fixture, organizations: u128) {
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let tx = system.begin().await.unwrap();
    for tenant in 1..=organizations {
        for n in 0..40 {
            tx.enqueue(TenantId(Uuid::from_u128(tenant)), sweep(app, n));
        }
    }
    tx.commit().await.unwrap();
    let mut claimer = Claimer::new(app, "test");
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        seen.extend(claimer.claim(16).await.unwrap().iter().map(|job| job.tenant.0));
    }
    assert_eq!(seen.len() as u128, organizations, "a window of sixteen moves on with each claim");
}

#[tokio::test]
async fn a_limit_bounds_what_one_organisation_runs() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let desk = Desk::Operator(SystemScope::new(app), Default::default());
    admin::limit_queue(&desk, &["test"], "test", Some(3)).await.unwrap();
    enqueue(&fixture.scope, (0..10).map(|n| sweep(app, n))).await;
    let (one, two) = tokio::join!(claim(app, 10), claim(app, 10));
    assert_eq!(one.len() + two.len(), 3, "two workers at once, too");
    let first = one.iter().chain(&two).next().unwrap();
    settle(&SystemScope::new(app), &[(held(first), Outcome::Completed)]).await.unwrap();
    assert_eq!(claim(app, 10).await.len(), 1, "one ended, one more may run");
}

#[tokio::test]
async fn two_imports_of_an_organisation_run_at_once_and_leave_others_room() {
    let fixture = Fixture::new().await;
    let (app, (other, _)) = (&fixture.app, fixture.stranger().await);
    let import = || NewJob::new(app, &crate::data_imports::RunImport { import: app.new_id() }).unwrap();
    enqueue(&fixture.scope, (0..5).map(|_| import())).await;
    enqueue(&other, [import()]).await;
    let taken = Claimer::new(app, "imports").claim(10).await.unwrap();
    let of = |scope: &Scope| taken.iter().filter(|job| job.tenant == scope.tenant()).count();
    assert_eq!((of(&fixture.scope), of(&other)), (2, 1));
}
