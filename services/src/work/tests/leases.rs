//! What becomes of a job whose worker is gone.

use super::*;
use crate::{Error, SystemScope};
use entities::work::job::JobState;

async fn sweep_states(system: &SystemScope) -> Vec<String> {
    crate::work::sweep(system).await.unwrap().into_iter().map(|swept| swept.state).collect()
}

#[tokio::test]
async fn who_lost_the_lease_cannot_finish() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let system = SystemScope::new(app);
    enqueue(scope, [sweep(app, 1)]).await;
    let zombie = claim(app, 1).await.remove(0);
    app.clock().advance(TimeDelta::seconds(11));
    assert_eq!(sweep_states(&system).await, ["QUEUED"]);
    assert!(claim(app, 1).await.is_empty(), "a suspect is not taken among others");
    let heir = Claimer::new(app, "test").claim_suspect(true).await.unwrap().unwrap();
    assert_eq!((heir.id, heir.attempts), (zombie.id, 2));

    let txn = scope.begin().await.unwrap();
    assert!(matches!(zombie.complete(&txn).await, Err(Error::Conflict)), "its effects must not be committed");
    drop(txn);
    assert_eq!(settle(&system, &[(held(&zombie), Outcome::Completed)]).await.unwrap(), [zombie.id]);
    assert_eq!(renew(&system, &[held(&zombie), held(&heir)]).await.unwrap(), [zombie.id]);
    assert_eq!(read(scope, heir.id).await.state, JobState::Running);
    assert!(settle(&system, &[(held(&heir), Outcome::Completed)]).await.unwrap().is_empty());
    assert_eq!(read(scope, heir.id).await.state, JobState::Completed);
}

#[tokio::test]
async fn a_renewed_lease_does_not_run_out() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let system = SystemScope::new(app);
    enqueue(scope, [sweep(app, 1)]).await;
    let job = claim(app, 1).await.remove(0);
    for _ in 0..5 {
        app.clock().advance(TimeDelta::seconds(9));
        assert!(renew(&system, &[held(&job)]).await.unwrap().is_empty());
        assert!(sweep_states(&system).await.is_empty());
    }
}

#[tokio::test]
async fn a_job_whose_process_dies_each_time_is_dead_after_its_attempts() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let system = SystemScope::new(app);
    enqueue(scope, [sweep(app, 1)]).await;
    let job = claim(app, 1).await.remove(0);
    for (expected, beside_others) in [("QUEUED", true), ("QUEUED", false), ("DEAD", false)] {
        app.clock().advance(TimeDelta::seconds(11));
        assert_eq!(sweep_states(&system).await, [expected]);
        let suspect = Claimer::new(app, "test").claim_suspect(false).await.unwrap();
        assert_eq!(suspect.is_some(), beside_others, "who died again runs alone");
        if suspect.is_none() {
            Claimer::new(app, "test").claim_suspect(true).await.unwrap();
        }
    }
    let row = read(scope, job.id).await;
    assert_eq!((row.state, row.attempts, row.crashes), (JobState::Dead, 3, 3));
}
