//! When schedules fire.

use super::*;
use crate::SystemScope;
use crate::work::admin::{self, Desk};
use crate::work::schedules::{self, CatchUp, Schedule};
use chrono_tz::Tz;
use std::collections::BTreeSet;

pub fn every_five_minutes(catch_up: CatchUp) -> Schedule {
    let job = |app: &App, at: Timestamp| Ok(NewJob { queue: "test", ..NewJob::new(app, &Sweep { n: at.0 })? });
    Schedule { name: "test", cron: "*/5 * * * *", time_zone: Tz::UTC, catch_up, job }
}

#[tokio::test]
async fn two_workers_never_fire_an_instant_twice() {
    let fixture = Fixture::new().await;
    let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
    let schedule = every_five_minutes(CatchUp::All);
    assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 0, "a new schedule starts from now");
    let mut fired = 0;
    for _ in 0..5 {
        app.clock().advance(TimeDelta::minutes(5));
        let workers = (0..4).map(|_| schedules::fire_due(&system, &schedule));
        fired += futures_util::future::join_all(workers).await.into_iter().map(Result::unwrap).sum::<usize>();
    }
    assert_eq!(fired, 5);
    let numbers: BTreeSet<i64> = numbers(&claim(app, 100).await).into_iter().collect();
    assert_eq!(numbers.len(), 5, "five instants, five jobs");
}

#[tokio::test]
async fn a_worker_back_from_half_an_hour_catches_up_by_policy() {
    for (catch_up, expected) in [(CatchUp::Skip, 0), (CatchUp::Latest, 1), (CatchUp::All, 6)] {
        let fixture = Fixture::new().await;
        let (app, system) = (&fixture.app, SystemScope::new(&fixture.app));
        let schedule = every_five_minutes(catch_up);
        schedules::fire_due(&system, &schedule).await.unwrap();
        app.clock().advance(TimeDelta::minutes(30) + TimeDelta::seconds(90));
        assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), expected, "{catch_up:?}");
        assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 0, "once");
        app.clock().advance(TimeDelta::minutes(5) - TimeDelta::seconds(90));
        assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 1, "{catch_up:?} goes on punctually");
    }
}

#[tokio::test]
async fn a_paused_schedule_goes_on_from_the_end_of_its_pause() {
    let fixture = Fixture::new().await;
    let app = &fixture.app;
    let (system, schedule) = (SystemScope::new(app), every_five_minutes(CatchUp::All));
    let desk = Desk::Operator(system.clone(), Default::default());
    schedules::fire_due(&system, &schedule).await.unwrap();
    admin::pause_schedule(&desk, std::slice::from_ref(&schedule), "test", true).await.unwrap();
    app.clock().advance(TimeDelta::hours(1));
    assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 0);
    let seen = admin::schedules_for(&desk, std::slice::from_ref(&schedule)).await.unwrap().remove(0);
    assert!(seen.paused && seen.last_fired_at.is_none() && seen.next_fire_at == system.now().plus(TimeDelta::minutes(5)));
    admin::pause_schedule(&desk, std::slice::from_ref(&schedule), "test", false).await.unwrap();
    assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 0, "what fell into the pause is let go");
    app.clock().advance(TimeDelta::minutes(5));
    assert_eq!(schedules::fire_due(&system, &schedule).await.unwrap(), 1);
}
