//! Who takes which job, and when.

use super::*;
use crate::SystemScope;
use std::collections::HashMap;

#[tokio::test]
async fn the_priority_decides_then_the_age() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    for (n, priority) in [(1, 2), (2, 0), (3, 2), (4, 0), (5, 1)] {
        enqueue(scope, [NewJob { priority, ..sweep(app, n) }]).await;
        app.clock().advance(TimeDelta::seconds(1));
    }
    assert_eq!(numbers(&claim(app, 10).await), [2, 4, 5, 1, 3]);
    assert!(claim(app, 10).await.is_empty(), "all are taken");
}

#[tokio::test]
async fn a_key_is_held_by_one_unfinished_job() {
    let fixture = Fixture::new().await;
    let (app, (other, _)) = (&fixture.app, fixture.stranger().await);
    let keyed = || sweep(app, 1).unique("monthly");
    enqueue(&fixture.scope, [keyed(), keyed()]).await;
    enqueue(&fixture.scope, [keyed()]).await;
    enqueue(&other, [keyed()]).await;
    let jobs = claim(app, 10).await;
    assert_eq!(jobs.len(), 2, "one for each organisation");
    let mine = jobs.iter().find(|job| job.tenant == fixture.scope.tenant()).unwrap();
    settle(&SystemScope::new(app), &[(held(mine), Outcome::Completed)]).await.unwrap();
    enqueue(&fixture.scope, [keyed()]).await;
    assert_eq!(claim(app, 10).await.len(), 1, "the key is free again");
}

#[tokio::test]
async fn a_later_job_waits_for_its_hour() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    enqueue(scope, [sweep(app, 1).at(scope.now().plus(TimeDelta::minutes(10)))]).await;
    let mut claimer = Claimer::new(app, "test");
    assert!(claimer.claim(10).await.unwrap().is_empty());
    app.clock().advance(TimeDelta::minutes(10));
    assert_eq!(claimer.claim(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_job_is_not_there_when_its_transaction_is_not() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let txn = scope.begin().await.unwrap();
    txn.enqueue(sweep(app, 1));
    drop(txn);
    assert!(claim(app, 10).await.is_empty());
}

#[tokio::test]
async fn two_claimers_never_take_the_same_job() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    enqueue(scope, (0..200).map(|n| sweep(app, n))).await;
    let claimers = (0..8).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { claim(&app, 25).await })
    });
    let mut times: HashMap<JobId, usize> = HashMap::new();
    for jobs in futures_util::future::join_all(claimers).await {
        for job in jobs.unwrap() {
            *times.entry(job.id).or_default() += 1;
        }
    }
    assert!(times.values().all(|n| *n == 1), "a job was claimed twice");
    while let [job, ..] = claim(app, 25).await.as_slice() {
        assert!(times.insert(job.id, 1).is_none());
    }
}
