use crate::jobs::{Abort, Mark, Slow};
use crate::world::World;
use chrono::TimeDelta;
use entities::work::job::JobState;
use services::App;
use services::alerts::evaluate::EvaluateStockAlerts;
use services::scope::{Clock, Random};
use services::testing::long_tests;
use services::work::admin::Standing;
use services::work::{Claimer, JobKind};
use std::time::Duration;

/// A number that differs from run to run; the test's facts hold for all of them.
fn chance(world: &World, below: i64) -> u64 {
    u64::try_from(world.app.random().up_to(below - 1)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_workers_loses_no_job_and_doubles_no_effect() {
    let world = World::new().await;
    let long = long_tests("10,000 jobs and 20 kills in place of 300 and 3");
    let (jobs, kills) = if long { (10_000, 20) } else { (300, 3) };
    for batch in (0..jobs).collect::<Vec<_>>().chunks(500) {
        world.enqueue(batch.iter().map(|n| Mark { n: *n, millis: 20 + (*n as u64 % 60) })).await;
    }
    let mut workers = [world.start_worker(), world.start_worker()];
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(300 + chance(&world, 400))).await;
        let victim = chance(&world, 2) as usize;
        workers[victim].kill();
        workers[victim] = world.start_worker();
    }
    world.until(Mark::KIND, Standing::Completed, jobs as u64, if long { 600 } else { 60 }).await;
    assert_eq!(world.marks().await, jobs as i64, "each completed job left its mark, and none left two");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_process_dies_alone() {
    let world = World::new().await;
    world.enqueue((0..40).map(|n| Mark { n, millis: 30 })).await;
    world.enqueue([Abort {}]).await;
    world.enqueue((40..80).map(|n| Mark { n, millis: 30 })).await;
    let (mut worker, mut deaths) = (world.start_worker(), 0);
    while world.count(Abort::KIND, &[Standing::Dead]).await == 0 || world.count(Mark::KIND, &[Standing::Completed]).await < 80 {
        if !worker.is_alive() {
            deaths += 1;
            assert!(deaths <= 3, "it died after its last attempt, too");
            worker = world.start_worker();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(deaths, 3, "one for each attempt");
    assert_eq!(world.marks().await, 80, "the others all ran, once");
    let job = world.only(Abort::KIND).await;
    assert_eq!((job.attempts, job.crashes), (3, 3));
}

/// Jobs of a kind that run, having been started so often.
async fn running(world: &World, kind: &str, attempts: i32) -> usize {
    world.all(kind).await.iter().filter(|job| job.state == JobState::Running && job.attempts == attempts).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_held_runs_again_when_its_lease_is_over() {
    let world = World::new().await;
    world.enqueue([Slow { millis: 60_000 }]).await;
    let mut worker = world.start_worker();
    world.soon("it runs", 30, async || running(&world, Slow::KIND, 1).await == 1).await;
    worker.kill();
    let (killed, _worker) = (world.app.now(), world.start_worker());
    world.soon("it runs again", 40, async || running(&world, Slow::KIND, 2).await == 1).await;
    let again = world.only(Slow::KIND).await.started_at.unwrap();
    // Twelve seconds are promised; three more are for a machine that starts a dozen processes for its tests meanwhile.
    assert!(again <= killed.plus(TimeDelta::seconds(15)), "killed at {killed:?}, again at {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_died_beside_a_long_job_does_not_wait_for_it() {
    let world = World::new().await;
    world.enqueue((0..2).map(|_| Slow { millis: 60_000 })).await;
    let mut worker = world.start_worker();
    world.soon("both run", 30, async || running(&world, Slow::KIND, 1).await == 2).await;
    worker.kill();
    // An evaluation in the hands of a process that died eight seconds later.
    world.enqueue([EvaluateStockAlerts::default()]).await;
    let later = Clock::manual(world.app.now().plus(TimeDelta::seconds(8)));
    let dead = App::start_with(world.app.settings().clone(), later, Random::System).await.unwrap();
    assert_eq!(Claimer::new(&dead, "default").claim(1).await.unwrap().len(), 1);
    let _worker = world.start_worker();
    world.soon("the first long one runs again", 20, async || running(&world, Slow::KIND, 2).await >= 1).await;
    assert_eq!(world.only(EvaluateStockAlerts::KIND).await.state, JobState::Running, "still thought to be in hand");
    world.until(EvaluateStockAlerts::KIND, Standing::Completed, 1, 20).await;
    world.soon("the second does not wait for the first", 15, async || running(&world, Slow::KIND, 2).await == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_process_takes_no_long_one_along_to_its_end() {
    let world = World::new().await;
    world.enqueue([Slow { millis: 3000 }]).await;
    let mut worker = world.start_worker();
    world.soon("it runs", 30, async || running(&world, Slow::KIND, 1).await == 1).await;
    world.enqueue([Abort {}]).await;
    world
        .soon("one is dead and the other through", 120, async || {
            if !worker.is_alive() {
                worker = world.start_worker();
            }
            world.count(Abort::KIND, &[Standing::Dead]).await + world.count(Slow::KIND, &[Standing::Completed]).await == 2
        })
        .await;
    let (poison, long) = (world.only(Abort::KIND).await, world.only(Slow::KIND).await);
    assert_eq!((poison.attempts, poison.crashes), (3, 3));
    assert!(long.crashes <= 2, "from then on it ran alone: {long:?}");
}
