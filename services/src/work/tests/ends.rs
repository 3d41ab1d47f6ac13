//! How a run ends, and whether there is another.

use super::*;
use crate::{Code, Error, SystemScope};
use entities::work::job::JobState;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_failed_job_comes_back_later_each_time_and_is_dead_after_its_attempts() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let system = SystemScope::new(app);
    let (mut longest, mut delays) = ([TimeDelta::zero(); 10], BTreeSet::new());
    for attempts in 1..=10 {
        let job = Running { attempts, max_attempts: 20, ..Running::detached(scope.tenant()) };
        for _ in 0..50 {
            let Outcome::Retry(at, _) = Outcome::of_failure(app, &job, "x".into()) else { panic!("it has attempts left") };
            let delay = at.since(app.now());
            longest[attempts as usize - 1] = longest[attempts as usize - 1].max(delay);
            delays.insert(delay);
            assert!(delay <= TimeDelta::seconds(2 << (attempts - 1)).min(TimeDelta::minutes(15)), "attempt {attempts}: {delay}");
        }
    }
    assert!(longest.windows(3).all(|three| three[0] < three[2]) && longest[9] > TimeDelta::minutes(10), "they grow: {longest:?}");
    assert!(delays.len() > 490, "no two alike");

    enqueue(scope, [sweep(app, 1)]).await;
    let mut claimer = Claimer::new(app, "test");
    for left in [true, true, false] {
        let job = claimer.claim(1).await.unwrap().remove(0);
        let outcome = Outcome::of_error(app, &job, &Error::internal("the printer is on fire"));
        assert_eq!(matches!(outcome, Outcome::Retry(..)), left);
        settle(&system, &[(held(&job), outcome)]).await.unwrap();
        let row = read(scope, job.id).await;
        assert_eq!(
            (row.state, row.last_error.as_deref()),
            match left {
                true => (JobState::Queued, Some("internal: the printer is on fire")),
                false => (JobState::Dead, Some("internal: the printer is on fire")),
            }
        );
        app.clock().advance(TimeDelta::minutes(15));
    }
}

#[tokio::test]
async fn what_a_rule_refused_is_not_tried_again() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let job = Running { max_attempts: 10, ..Running::detached(scope.tenant()) };
    let refused = Error::refuse(Code::Invalid, "", "no");
    for (error, dead) in [(Error::NotFound, true), (refused, true), (Error::Forbidden("x"), true), (Error::Conflict, false)] {
        assert_eq!(matches!(Outcome::of_error(app, &job, &error), Outcome::Dead(_)), dead, "{error}");
    }
}

#[tokio::test]
async fn what_was_not_started_is_given_back_whole() {
    let Fixture { app, scope, .. } = &Fixture::new().await;
    let system = SystemScope::new(app);
    enqueue(scope, (0..3).map(|n| sweep(app, n))).await;
    let jobs = claim(app, 3).await;
    let unknown = Outcome::of_unknown_kind(app);
    let ends = [(held(&jobs[0]), Outcome::Unstarted), (held(&jobs[1]), Outcome::Interrupted), (held(&jobs[2]), unknown)];
    assert!(settle(&system, &ends).await.unwrap().is_empty());
    let mut claimer = Claimer::new(app, "test");
    let again = claimer.claim(3).await.unwrap();
    assert_eq!(again.iter().map(|job| job.attempts).collect::<Vec<_>>(), [1, 2], "an unknown kind waits for a newer version");
    app.clock().advance(TimeDelta::minutes(1));
    assert_eq!(claimer.claim(3).await.unwrap()[0].attempts, 1);
}
