use crate::jobs::Mark;
use crate::world::World;
use services::health::{self, Health};
use services::testing::long_tests;
use services::work::JobKind;
use services::work::admin::Standing;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Redis of the test's own.
struct Redis {
    port: u16,
    server: Child,
}

impl Redis {
    /// None where there is no Redis to start.
    fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::start_on(port)
    }

    fn start_on(port: u16) -> Option<Self> {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--save", "", "--appendonly", "no"]).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().ok()?;
        Some(Self { port, server })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn flush(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut open = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL").query_async::<()>(&mut open).await.unwrap();
    }

    /// Stops it where it stands, or lets it go on: its connections stay open all the while.
    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.server.id().to_string()]).status().unwrap().success());
    }

    fn stop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_forgets_and_dies_and_no_job_is_lost() {
    let Some(mut redis) = Redis::start() else {
        println!("skipped: there is no redis-server on this machine");
        return;
    };
    while !services::work::redis_answers(&redis.url()).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let steps_away = if long_tests("20 s without Redis in place of 2.5 s") { 200 } else { 25 };
    let world = World::with(&[("REDIS_URL", &redis.url())]).await;
    let mut worker = world.start_worker();
    let (dies, back) = (20, 20 + steps_away);
    let (mut sent, mut done_when_it_died) = (0, 0);
    for step in 0..back + 15 {
        let began = Instant::now();
        world.enqueue((sent..sent + 5).map(|n| Mark { n, millis: 5 })).await;
        sent += 5;
        if step == 10 || step == 15 {
            redis.flush().await;
        } else if step == dies {
            done_when_it_died = world.marks().await;
            redis.stop();
        } else if step == back {
            assert!(world.marks().await > done_when_it_died, "jobs were done while it was away");
            redis = Redis::start_on(redis.port).unwrap();
        }
        if (dies..back).contains(&step) {
            stays_up(&world).await;
            assert!(began.elapsed() < Duration::from_secs(2), "asking for jobs waits for no Redis: {:?}", began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.until(Mark::KIND, Standing::Completed, sent as u64, 20).await;
    assert_eq!(world.marks().await, sent as i64, "each job left one mark: none is lost, none was done twice");
    assert!(worker.is_alive(), "the worker lived through it");
    assert_eq!(health::check(&world.app).await["redis"], Health::Up);
}

/// The process that takes orders, as the API is one: it reads, and says that it can work without Redis.
async fn stays_up(world: &World) {
    let report = health::check(&world.app).await;
    assert_eq!((report["database"], report["redis"]), (Health::Up, Health::Degraded));
    assert!(health::page(&report, "test").0, "the balancer leaves it in");
    assert_eq!(world.count(Mark::KIND, &[Standing::Dead]).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_hangs_and_jobs_start_within_two_seconds() {
    let Some(redis) = Redis::start() else {
        println!("skipped: there is no redis-server on this machine");
        return;
    };
    while !services::work::redis_answers(&redis.url()).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let world = World::with(&[("REDIS_URL", &redis.url())]).await;
    let mut worker = world.start_worker();
    world.enqueue([Mark { n: 0, millis: 1 }]).await;
    world.until(Mark::KIND, Standing::Completed, 1, 30).await;
    redis.signal("-STOP");
    for n in 1..6 {
        let began = Instant::now();
        world.enqueue([Mark { n, millis: 1 }]).await;
        world.until(Mark::KIND, Standing::Completed, n as u64 + 1, 30).await;
        assert!(began.elapsed() < Duration::from_millis(2500), "job {n} took {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    redis.signal("-CONT");
    let quick = async || {
        let (began, there) = (Instant::now(), world.marks().await);
        world.enqueue([Mark { n: 9, millis: 1 }]).await;
        world.soon("it is done", 10, async || world.marks().await > there).await;
        began.elapsed() < Duration::from_millis(300)
    };
    world.soon("rings are heard again", 10, quick).await;
    assert!(worker.is_alive());
}
