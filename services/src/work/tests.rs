mod timetable;
mod turns;

use super::admin::{self, Desk, JobFilter, Standing};
use super::cleanup::{self, CleanUp};
use super::schedules::{self, CatchUp, Schedule};
use super::*;
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::testing::Fixture;
use crate::{Code, Error, Reads, Scope, SystemScope};
use chrono_tz::Tz;
use entities::work::job::{self, JobFailure, JobState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

#[derive(Serialize, Deserialize)]
struct Sweep {
    n: i64,
}

impl JobKind for Sweep {
    const KIND: &'static str = "test.sweep";
    const QUEUE: &'static str = "test";
    const MAX_ATTEMPTS: i32 = 3;
}

fn sweep(app: &App, n: i64) -> NewJob {
    NewJob::new(app, &Sweep { n }).unwrap()
}

async fn enqueue(scope: &Scope, jobs: impl IntoIterator<Item = NewJob>) {
    let txn = scope.begin().await.unwrap();
    for job in jobs {
        txn.enqueue(job);
    }
    txn.commit().await.unwrap();
}

async fn claim(app: &App, room: usize) -> Vec<Running> {
    Claimer::new(app, "test").claim(room).await.unwrap()
}

fn held(job: &Running) -> Held {
    (job.id, job.lease_token.unwrap())
}

async fn read(scope: &Scope, id: JobId) -> job::Model {
    scope.end_read().await;
    scope.get::<job::Entity>(id).await.unwrap()
}

fn numbers(jobs: &[Running]) -> Vec<i64> {
    jobs.iter().map(|job| serde_json::from_str::<Sweep>(&job.payload).unwrap().n).collect()
}

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
async fn a_paused_queue_gives_nothing_until_it_goes_on() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let desk = Desk::Operator(SystemScope::new(app), Default::default());
    enqueue(&fixture.scope, [sweep(app, 1)]).await;
    admin::pause_queue(&desk, &[], "test", true).await.unwrap();
    assert!(claim(app, 10).await.is_empty());
    let queues = admin::queues(&SystemScope::new(app), &["other"]).await.unwrap();
    let seen: Vec<_> = queues.iter().map(|queue| (queue.name.as_str(), queue.paused, queue.waiting)).collect();
    assert_eq!(seen, [("imports", false, 0), ("other", false, 0), ("test", true, 1)]);
    admin::pause_queue(&desk, &[], "test", false).await.unwrap();
    assert_eq!(claim(app, 10).await.len(), 1);
    assert!(matches!(admin::pause_queue(&desk, &[], "tset", true).await, Err(Error::Refused(_))), "a slip of the pen");
    let member = Desk::Organization(fixture.again());
    assert!(matches!(admin::pause_queue(&member, &[], "test", true).await, Err(Error::Forbidden(_))));
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

async fn sweep_states(system: &SystemScope) -> Vec<String> {
    super::sweep(system).await.unwrap().into_iter().map(|swept| swept.state).collect()
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

#[tokio::test]
async fn a_dead_job_is_replayed_and_a_waiting_one_given_up() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let desk = || Desk::Organization(fixture.again());
    enqueue(&fixture.scope, [sweep(app, 1).unique("k")]).await;
    let job = claim(app, 1).await.remove(0);
    let state = |error: Error| matches!(&error, Error::Refused(all) if all[0].code == Code::ForbiddenState);
    assert!(state(admin::retry(&desk(), job.id).await.unwrap_err()), "it runs");
    assert!(state(admin::discard(&desk(), job.id, None).await.unwrap_err()), "it runs");
    settle(&system, &[(held(&job), Outcome::Dead("no".into()))]).await.unwrap();

    let replayed = admin::retry(&desk(), job.id).await.unwrap();
    assert_eq!((replayed.state, replayed.attempts, replayed.crashes), (JobState::Queued, 0, 0));
    assert_eq!(claim(app, 1).await.len(), 1, "and it is due");
    app.clock().advance(TimeDelta::seconds(11));
    super::sweep(&system).await.unwrap();
    let given_up = admin::discard(&desk(), job.id, Some(" no use ".into())).await.unwrap();
    assert_eq!((given_up.state, given_up.last_error.as_deref()), (JobState::Discarded, Some("no use")));
    enqueue(&fixture.scope, [sweep(app, 2).unique("k")]).await;
    assert!(state(admin::retry(&desk(), job.id).await.unwrap_err()), "another has its key now");
}

#[tokio::test]
async fn an_organisation_is_told_a_code_and_a_sentence_and_an_operator_the_whole_text() {
    let fixture = Fixture::new().await;
    let (app, scope, system) = (&fixture.app, &fixture.scope, SystemScope::new(&fixture.app));
    const SECRET: &str = "error returned from database: relation \"users\" does not exist at /srv/teranga/x.db";
    type End = fn(&App, &Running) -> Outcome;
    let ends: [(End, &str); 3] = [
        (|app, job| Outcome::of_error(app, job, &Error::internal(SECRET)), "INTERNAL"),
        (|app, job| Outcome::of_error(app, job, &Error::refuse(Code::Invalid, "sku", "non")), "REFUSED"),
        (|_, _| Outcome::Dead(Failure { code: JobFailure::TimedOut, text: SECRET.into() }), "TIMED_OUT"),
    ];
    for (end, code) in ends {
        enqueue(scope, [sweep(app, 1)]).await;
        let job = claim(app, 1).await.remove(0);
        settle(&system, &[(held(&job), end(app, &job))]).await.unwrap();
        let row = read(scope, job.id).await;
        let told = admin::why(&row, false, Locale::Fr).unwrap();
        assert!(told.starts_with(code) && !told.contains("users") && !told.contains("/srv") && !told.contains("Refusal"), "{told}");
        assert_eq!(admin::why(&row, true, Locale::Fr), row.last_error);
        admin::discard(&Desk::Organization(fixture.again()), job.id, None).await.unwrap();
    }
    enqueue(scope, [sweep(app, 1)]).await;
    let job = claim(app, 1).await.remove(0);
    app.clock().advance(TimeDelta::seconds(11));
    super::sweep(&system).await.unwrap();
    let row = read(scope, job.id).await;
    assert!(admin::why(&row, false, Locale::En).unwrap().starts_with("WORKER_DIED"));
    let given_up = admin::discard(&Desk::Organization(fixture.again()), job.id, Some("twice the same".into())).await.unwrap();
    assert_eq!(admin::why(&given_up, false, Locale::Fr).as_deref(), Some("twice the same"), "a person's own words");
}

#[tokio::test]
async fn a_member_sees_the_organisations_jobs_and_an_operator_all() {
    let fixture = Fixture::new().await;
    let (app, (other, _)) = (&fixture.app, fixture.stranger().await);
    enqueue(&fixture.scope, (0..5).map(|n| sweep(app, n))).await;
    enqueue(&other, (0..3).map(|n| sweep(app, n))).await;
    let theirs = claim(app, 100).await.into_iter().find(|job| job.tenant == other.tenant()).unwrap();
    let (mine, all) = (Desk::Organization(fixture.again()), Desk::Operator(SystemScope::new(app), Default::default()));
    let args = PageArgs { with_total: true, ..Default::default() };
    for (desk, total) in [(&mine, 5), (&all, 8)] {
        assert_eq!(admin::page(desk, &JobFilter::default(), &args).await.unwrap().total, Some(total));
    }
    let dead = JobFilter { standings: vec![Standing::Dead], ..Default::default() };
    assert_eq!(admin::page(&all, &dead, &args).await.unwrap().total, Some(0));
    assert!(admin::find(&mine, theirs.id).await.unwrap().is_none() && admin::find(&all, theirs.id).await.unwrap().is_some());
    for answer in [admin::retry(&mine, theirs.id).await, admin::discard(&mine, theirs.id, None).await] {
        assert!(matches!(answer, Err(Error::NotFound)), "another organisation's job does not exist");
    }
    for desk in [&mine, &all] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let args = PageArgs { first: Some(2), after: after.clone(), ..Default::default() };
            let page = admin::page(desk, &JobFilter::default(), &args).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.row.id));
            after = page.rows.last().map(|row| row.cursor());
            if !page.has_next {
                break;
            }
        }
        assert!(seen.windows(2).all(|two| two[0].0.as_bytes() > two[1].0.as_bytes()), "the latest first, none twice");
        let back = PageArgs { last: Some(3), before: after, ..Default::default() };
        let page = admin::page(desk, &JobFilter::default(), &back).await.unwrap();
        assert_eq!(page.items().map(|job| job.id).collect::<Vec<_>>(), seen[seen.len() - 4..seen.len() - 1]);
    }
}
