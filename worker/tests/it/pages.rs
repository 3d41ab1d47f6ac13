//! What a worker shows on WORKER_BIND.

use crate::jobs::{self, Nothing};
use crate::world::World;
use services::measuring;
use services::work::JobKind;
use services::work::admin::Standing;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use worker::listen::{self, Pages};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_shows_its_health_and_its_figures() {
    let world = World::with(&[("METRICS_TOKEN", "a token of the house")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (options, stop) = (jobs::options(), CancellationToken::new());
    let metrics = measuring::install();
    tokio::spawn(listen::serve(listener, Pages { app: world.app.clone(), pulse: options.pulse.clone(), metrics }, stop.clone()));
    let worker = tokio::spawn(worker::run(world.app.clone(), options, stop.clone()));
    world.enqueue([Nothing {}]).await;
    world.until(Nothing::KIND, Standing::Completed, 1, 20).await;
    let client = reqwest::Client::new();
    let get = |path: &str, token: &str| {
        let asked = client.get(format!("{origin}{path}")).bearer_auth(token).send();
        async move {
            let answer = asked.await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    assert_eq!(get("/health/live", "").await.0, 200);
    let (status, ready) = get("/health/ready", "").await;
    assert_eq!(status, 200, "{ready}");
    for part in ["database", "migrations", "worker.claims", "worker.ends", "worker.leases", "worker.suspects", "worker.sweep"] {
        assert!(ready.contains(&format!("\"{part}\":\"up\"")), "{part} in {ready}");
    }
    let (status, page) = get("/metrics", "a token of the house").await;
    assert_eq!(status, 200);
    for name in ["jobs_finished_total", "job_duration_seconds_bucket", "job_queue_wait_seconds_bucket", "job_queue_depth"] {
        assert!(page.contains(name), "{name} is not in:\n{page}");
    }
    assert_eq!(get("/metrics", "another").await.0, 401);
    assert_eq!(get("/graphql", "").await.0, 404);
    assert_eq!(client.post(format!("{origin}/metrics")).send().await.unwrap().status().as_u16(), 405);
    stop.cancel();
    worker.await.unwrap().unwrap();
}
