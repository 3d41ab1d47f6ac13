//! What people see of jobs, and do about them.

use super::*;
use crate::audit::Asked;
use crate::identity::Caller;
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::work::admin::{self, Desk, JobFilter, Standing};
use crate::work::schedules::CatchUp;
use crate::{Code, Error, SystemScope};
use entities::audit::event::{self, ActorKind};
use entities::audit::operator_act;
use entities::work::job::{JobFailure, JobState};
use sea_orm::ColumnTrait;
use std::sync::Arc;

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
    crate::work::sweep(&system).await.unwrap();
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
    crate::work::sweep(&system).await.unwrap();
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

#[tokio::test]
async fn what_an_operator_does_is_written_down_whatever_organisation_they_are_in() {
    let fixture = Fixture::new().await;
    let (app, scope) = (&fixture.app, &fixture.scope);
    // Signed in to an account alone, as at the page.
    let operator = Caller { user: app.new_id(), member: None, operator: true, ..fixture.caller.clone() };
    let asked = Asked { address: Some("192.0.2.7".into()), ..Asked::default() };
    let system = SystemScope::new(app).operated_by(&operator, Arc::new(asked));
    let desk = Desk::Operator(system, Locale::Fr);
    enqueue(scope, [sweep(app, 1)]).await;
    let job = claim(app, 1).await.remove(0);
    settle(&SystemScope::new(app), &[(held(&job), Outcome::Dead("no".into()))]).await.unwrap();

    app.clock().advance(TimeDelta::seconds(1));
    admin::retry(&desk, job.id).await.unwrap();
    admin::discard(&desk, job.id, None).await.unwrap();
    admin::pause_queue(&desk, &["test"], "test", true).await.unwrap();
    admin::pause_queue(&desk, &["test"], "test", false).await.unwrap();
    admin::limit_queue(&desk, &["test"], "test", Some(2)).await.unwrap();
    admin::pause_schedule(&desk, &[timetable::every_five_minutes(CatchUp::All)], "test", true).await.unwrap();

    let doorway = crate::Doorway::new(app, Locale::Fr).read().await.unwrap();
    let acts = doorway.all::<operator_act::Entity>(operator_act::Column::UserId.eq(operator.user)).await.unwrap();
    let mut said: Vec<_> = acts.iter().map(|act| (act.action.as_str(), act.organization_id)).collect();
    said.sort_unstable();
    let (theirs, ours) = (Some(scope.tenant()), None);
    let wanted = [
        ("work.job.discard", theirs),
        ("work.job.retry", theirs),
        ("work.queue.limit", ours),
        ("work.queue.pause", ours),
        ("work.queue.resume", ours),
        ("work.schedule.pause", ours),
    ];
    assert_eq!(said, wanted);
    assert!(acts.iter().all(|act| act.address.as_deref() == Some("192.0.2.7")));
    assert_eq!(admin::acts(&desk).await.unwrap().len(), 6);
    let log = fixture.again().select::<event::Entity>().filter(event::Column::TargetId.eq(job.id.0)).all().await.unwrap();
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|event| (event.actor_kind, event.impersonator_id) == (ActorKind::Support, Some(operator.user))), "{log:?}");
    assert!(app.database().change("DELETE FROM operator_acts").await.is_err(), "nobody takes it back");
}
