mod claims;
mod cleaning;
mod desk;
mod ends;
mod leases;
mod timetable;
mod turns;

use super::*;
use crate::testing::Fixture;
use crate::{Reads, Scope};
use entities::work::job;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Sweep {
    n: i64,
}

impl JobKind for Sweep {
    const KIND: &'static str = "test.sweep";
    const QUEUE: &'static str = "test";
    const MAX_ATTEMPTS: i32 = 3;
}

fn sweep(app: &App, n: i64) -> NewJob {
    NewJob::new(app, &Sweep { n }).unwrap()
}

async fn enqueue(scope: &Scope, jobs: impl IntoIterator<Item = NewJob>) {
    let txn = scope.begin().await.unwrap();
    for job in jobs {
        txn.enqueue(job);
    }
    txn.commit().await.unwrap();
}

async fn claim(app: &App, room: usize) -> Vec<Running> {
    Claimer::new(app, "test").claim(room).await.unwrap()
}

fn held(job: &Running) -> Held {
    (job.id, job.lease_token.unwrap())
}

async fn read(scope: &Scope, id: JobId) -> job::Model {
    scope.end_read().await;
    scope.get::<job::Entity>(id).await.unwrap()
}

fn numbers(jobs: &[Running]) -> Vec<i64> {
    jobs.iter().map(|job| serde_json::from_str::<Sweep>(&job.payload).unwrap().n).collect()
}
