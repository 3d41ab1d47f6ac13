use crate::jobs::{SCHEDULE, Tick, each_minute};
use crate::world::World;
use chrono::TimeDelta;
use services::SystemScope;
use services::page::PageArgs;
use services::scope::Clock;
use services::testing;
use services::work::JobKind;
use services::work::admin::{self, Desk, JobFilter, Standing};
use services::work::schedules::fire_due;
use std::time::{Duration, Instant};

const MISSED: i64 = 40;

/// Two processes find the same minutes missed at the same time, and share them without a double.
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_fire_each_instant_of_a_schedule_once() {
    let world = World::new().await;
    // Long ago some worker saw the schedule for the first time, and no worker ran since.
    let then = world.app.now().plus(TimeDelta::minutes(-MISSED));
    let vars = world.vars();
    let vars: Vec<(&str, &str)> = vars.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (past, _place) = testing::app_with(Clock::manual(then), &vars[..1]).await;
    assert_eq!(fire_due(&SystemScope::new(&past), &each_minute()).await.unwrap(), 0, "it starts from then");

    let workers = [(); 2].map(|()| world.start_worker_with(&[(SCHEDULE, "1")]));
    let (began, most) = (Instant::now(), Duration::from_secs(30));
    while (world.count(Tick::KIND, &[Standing::Completed]).await as i64) < MISSED {
        assert!(began.elapsed() < most, "not all were fired and run after {most:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A third that comes later finds nothing left to make up for.
    let third = world.start_worker_with(&[(SCHEDULE, "1")]);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    drop((workers, third));

    let desk = Desk::Operator(SystemScope::new(&world.app), Default::default());
    let filter = JobFilter { kind: Some(Tick::KIND.into()), ..Default::default() };
    let page = admin::page(&desk, &filter, &PageArgs { first: Some(100), ..Default::default() }).await.unwrap();
    let mut instants: Vec<i64> = page.items().map(|job| serde_json::from_str::<Tick>(&job.payload).unwrap().at.0).collect();
    instants.sort_unstable();
    assert!(instants.len() as i64 >= MISSED, "{} instants", instants.len());
    assert!(instants.windows(2).all(|two| two[1] - two[0] == 60_000_000), "each minute once: {instants:?}");
}
