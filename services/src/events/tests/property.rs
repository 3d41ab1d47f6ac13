//! Readers that come and go, of one stream or another, in one process or two, while eight writers write: each sees every
//! event once and in order, whatever becomes of Redis.

use super::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const WRITERS: i64 = 8;
const EACH: i64 = 30;
const STREAMS: [&str; 3] = ["alerts", "notifications:a", "notifications:b"];

/// A Redis of one's own, ended with the test.
struct Redis {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Redis {
    fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let folder = tempfile::tempdir().ok()?;
        let child = Self::spawn(port, &folder);
        if child.is_none() {
            println!("skipped: redis-server is not installed");
        }
        Some(Self { child: child?, port, folder })
    }

    fn spawn(port: u16, folder: &tempfile::TempDir) -> Option<Child> {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops it where it stands, or lets it go on: its connections stay open all the while.
    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    fn restart(&mut self) {
        self.child = Self::spawn(self.port, &self.folder).expect("it started before");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

async fn write_all(scope: Scope, seed: u64) {
    let mut rng = rng(seed);
    for n in 0..EACH {
        // Every stream gets the same number, in a random order within one transaction now and then.
        let mut streams = STREAMS;
        streams.rotate_left(rng.random_range(0..3));
        if rng.random_bool(0.3) {
            let done = crate::scope::retrying(|| async {
                let txn = scope.begin().await?;
                for stream in streams {
                    txn.record(NewEvent::new(stream, "Written", serde_json::json!(n)));
                }
                txn.commit().await
            });
            done.await.unwrap();
        } else {
            for stream in streams {
                write(&scope, stream, "x").await;
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..12))).await;
    }
}

/// Follows to the end, going away at random, also in the middle of a read, and coming back with its cursor.
async fn read_all(world: Arc<World>, seed: u64) {
    let mut rng = rng(seed);
    let stream = STREAMS[rng.random_range(0..3)];
    let mut last = 0;
    while last < WRITERS * EACH {
        let scope = world.scope(rng.random_range(0..world.apps.len()));
        let mut follower = follow(&scope, stream.into(), Some(last)).await.unwrap();
        for _ in 0..rng.random_range(1..20) {
            let patience = Duration::from_millis(if rng.random_bool(0.2) { rng.random_range(0..8) } else { 30_000 });
            let Ok(events) = tokio::time::timeout(patience, follower.next()).await else { break };
            for event in events.unwrap() {
                assert_eq!(event.seq, last + 1, "{stream} of seed {seed}");
                last = event.seq;
            }
            if last == WRITERS * EACH {
                break;
            }
        }
    }
}

/// Announcements of numbers that are old, doubled or out of order change nothing.
async fn announce_nonsense(world: Arc<World>, seed: u64) {
    let mut rng = rng(seed);
    for _ in 0..100 {
        let app = &world.apps[rng.random_range(0..world.apps.len())];
        let stream = STREAMS[rng.random_range(0..3)].to_owned();
        app.hub().announce(world.scope(0).tenant(), vec![(stream, rng.random_range(0..60))]);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn run(world: World, meanwhile: impl Future<Output = ()>) {
    let seed = u64::from(rand::random::<u32>());
    println!("seed {seed}");
    let world = Arc::new(world);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..12 {
        tasks.spawn(read_all(world.clone(), seed + n));
    }
    for n in 0..WRITERS.unsigned_abs() {
        let process = usize::try_from(n).unwrap() % world.apps.len();
        tasks.spawn(write_all(world.scope(process), seed + 100 + n));
    }
    tasks.spawn(announce_nonsense(world.clone(), seed + 1000));
    meanwhile.await;
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_miss_and_double_nothing_without_redis() {
    let alone = std::env::var("DATABASE_URL").is_ok_and(|url| url.starts_with("postgres"));
    run(World::new(if alone { 2 } else { 1 }, None).await, async {}).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_miss_and_double_nothing_when_redis_dies_and_comes_back() {
    let Some(mut redis) = Redis::start() else { return };
    let world = World::new(2, Some(&redis.url())).await;
    run(world, async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        redis.kill();
        tokio::time::sleep(Duration::from_millis(150)).await;
        redis.restart();
        tokio::time::sleep(Duration::from_millis(1500)).await;
    })
    .await;
}

/// With Redis, what one process writes is heard in another long before any table is looked into.
#[tokio::test]
async fn another_process_hears_through_redis() {
    let Some(redis) = Redis::start() else { return };
    let world = World::new(2, Some(&redis.url())).await;
    let mut follower = follow(&world.scope(1), "s".into(), None).await.unwrap();
    // The first may come by a look of the table, while the subscription is being made.
    let mut quickest = Duration::MAX;
    for _ in 0..8 {
        let start = std::time::Instant::now();
        write(&world.scope(0), "s", "x").await;
        next(&mut follower).await;
        quickest = quickest.min(start.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(quickest < Duration::from_millis(250), "{quickest:?}");
}

/// A Redis that hangs closes no connection; it is noticed all the same, and the table is looked into each second.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_is_noticed_and_events_come_within_a_second_or_two() {
    let Some(redis) = Redis::start() else { return };
    let world = World::new(2, Some(&redis.url())).await;
    let mut follower = follow(&world.scope(1), "s".into(), None).await.unwrap();
    let mut waited = async || {
        let began = std::time::Instant::now();
        write(&world.scope(0), "s", "x").await;
        next(&mut follower).await;
        began.elapsed()
    };
    while waited().await > Duration::from_millis(250) {}
    redis.signal("-STOP");
    // The time it takes to notice; meanwhile the table is looked into less often.
    tokio::time::sleep(Duration::from_secs(7)).await;
    for _ in 0..3 {
        let took = waited().await;
        assert!(took < Duration::from_millis(2500), "{took:?} while Redis hangs");
    }
    redis.signal("-CONT");
    let back = std::time::Instant::now();
    while waited().await > Duration::from_millis(250) {
        assert!(back.elapsed() < Duration::from_secs(10), "it is heard again");
    }
}
