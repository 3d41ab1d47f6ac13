use crate::jobs::{self, Nothing};
use crate::world::World;
use services::testing::long_tests;
use services::work::JobKind;
use services::work::admin::{self, Standing};
use services::{SystemScope, Timestamp};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The figures are told, and asserted only as far as a slow machine and an unoptimised build allow.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_queue_is_drained_in_batches() {
    let world = World::new().await;
    let jobs = if long_tests("20,000 jobs in place of 2,000") { 20_000 } else { 2_000 };
    for _ in 0..jobs / 1000 {
        world.enqueue((0..1000).map(|_| Nothing {})).await;
    }
    let (stop, began) = (CancellationToken::new(), Instant::now());
    let worker = tokio::spawn(worker::run(world.app.clone(), jobs::options(), stop.clone()));
    loop {
        let queues = admin::queues(&SystemScope::new(&world.app), &[]).await.unwrap();
        if queues.iter().all(|queue| queue.waiting + queue.running == 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rate = f64::from(jobs) / began.elapsed().as_secs_f64();
    stop.cancel();
    worker.await.unwrap().unwrap();
    println!("{jobs} no-op jobs at {rate:.0} a second");
    assert_eq!(world.count(Nothing::KIND, &[Standing::Completed]).await, jobs as u64);
    assert!(rate > 200.0, "{rate} a second");
}

/// When each of the jobs of the latency test started.
pub static STARTS: Mutex<Vec<Timestamp>> = Mutex::new(Vec::new());

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_starts_a_job_at_once() {
    let world = World::new().await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(world.app.clone(), jobs::options(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut waits = Vec::new();
    for n in 0..if long_tests("200 starts in place of 40") { 200 } else { 40 } {
        let asked = world.app.now();
        world.enqueue([jobs::Clocked {}]).await;
        while STARTS.lock().unwrap().len() <= n {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        waits.push(STARTS.lock().unwrap()[n].since(asked));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    worker.await.unwrap().unwrap();
    waits.sort();
    let (half, most) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
    println!("from the call to the start: p50 {} µs, p99 {} µs", half.num_microseconds().unwrap(), most.num_microseconds().unwrap());
    assert!(half < chrono::TimeDelta::milliseconds(500), "it is woken, not found: {half}");
}
