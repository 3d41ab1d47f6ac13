use crate::jobs::{self, Mark};
use crate::world::World;
use services::work::JobKind;
use services::work::admin::Standing;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_running_jobs_end() {
    let world = World::new().await;
    world.enqueue((0..4).map(|n| Mark { n, millis: 1500 })).await;
    let mut worker = world.start_worker();
    world.until(Mark::KIND, Standing::Running, 4, 20).await;
    worker.terminate();
    assert!(worker.ended(Duration::from_secs(5)).await, "and ends well");
    assert_eq!(world.count(Mark::KIND, &[Standing::Completed]).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_gives_back_what_outlasts_the_grace() {
    let world = World::new().await;
    world.enqueue([Mark { n: 0, millis: 60_000 }]).await;
    let mut worker = world.start_worker_with(&[(jobs::PROCESS, "500")]);
    world.until(Mark::KIND, Standing::Running, 1, 20).await;
    worker.terminate();
    assert!(worker.ended(Duration::from_secs(4)).await, "it does not wait for the job");
    let job = world.only(Mark::KIND).await;
    assert_eq!((Standing::of(&job), job.attempts, job.crashes), (Standing::Retrying, 1, 0), "queued again, and no suspect");
    assert!(job.due && job.lease_token.is_none(), "another worker may take it at once");
}
