use crate::jobs::{self, Endless, Mark, NARROW, Narrow, Panic, Unknown};
use crate::world::World;
use services::work::JobKind;
use services::work::admin::Standing;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_inside_another_process_runs_and_stops_with_it() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(world.app.clone(), jobs::options(), stop.clone()));
    world.enqueue((0..50).map(|n| Mark { n, millis: 1 })).await;
    world.until(Mark::KIND, Standing::Completed, 50, 20).await;
    assert_eq!(world.marks().await, 50);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), worker).await.expect("it stops").unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_and_an_endless_job_end_as_failures_and_an_unknown_kind_waits() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(world.app.clone(), jobs::options(), stop.clone()));
    world.enqueue([Panic {}]).await;
    world.enqueue([Endless {}]).await;
    world.enqueue([Unknown {}]).await;
    world.until(Panic::KIND, Standing::Dead, 1, 20).await;
    world.until(Endless::KIND, Standing::Dead, 1, 20).await;
    assert!(world.only(Panic::KIND).await.last_error.unwrap().contains("the roof is on fire"));
    assert_eq!(world.only(Endless::KIND).await.last_error.as_deref(), Some("it ran longer than it may"));
    let unknown = world.only(Unknown::KIND).await;
    assert_eq!((Standing::of(&unknown), unknown.attempts), (Standing::Queued, 0), "a newer version may know it");
    stop.cancel();
    worker.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_runs_no_more_of_a_kind_at_once_than_the_kind_allows() {
    let world = World::new().await;
    world.enqueue((0..30).map(|_| Narrow {})).await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(world.app.clone(), jobs::options(), stop.clone()));
    world.until(Narrow::KIND, Standing::Completed, 30, 20).await;
    assert_eq!(*NARROW.lock().unwrap(), (0, Narrow::AT_ONCE), "as many as it may, and never more");
    stop.cancel();
    worker.await.unwrap().unwrap();
}
