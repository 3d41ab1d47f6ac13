use crate::jobs::Mark;
use crate::world::World;
use services::work::JobKind;
use services::work::admin::Standing;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
    let world = World::with(&[("REDIS_URL", &redis.url())]).await;
    let mut worker = world.start_worker();
    let mut sent = 0;
    for step in 0..60 {
        world.enqueue((sent..sent + 5).map(|n| Mark { n, millis: 5 })).await;
        sent += 5;
        match step {
            10 | 15 => redis.flush().await,
            20 => redis.stop(),
            45 => redis = Redis::start_on(redis.port).unwrap(),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    world.until(Mark::KIND, Standing::Completed, sent as u64, 20).await;
    assert_eq!(world.marks().await, sent as i64);
    assert!(worker.is_alive(), "the worker lived through it");
}
