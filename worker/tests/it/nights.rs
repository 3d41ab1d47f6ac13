//! What the schedules of the night do, run as the worker runs them.

use services::files::{self, NewUpload};
use services::locale::Locale;
use services::testing::Fixture;
use services::work::{PLATFORM, Running};

async fn run(fixture: &Fixture, name: &str) {
    let all = worker::schedules::all();
    let schedule = all.iter().find(|schedule| schedule.name == name).expect("a schedule of that name");
    let job = (schedule.job)(&fixture.app, fixture.app.now()).unwrap();
    let entry = worker::registry().get(job.kind).expect("somebody runs its jobs").clone();
    entry.run(fixture.app.clone(), Running::detached_of(PLATFORM, job)).await.unwrap();
}

#[tokio::test]
async fn the_night_collects_what_was_announced_and_never_completed_and_may_come_twice() {
    let fixture = Fixture::new().await;
    let bytes = &b"sku,quantity\nA,1\n"[..];
    let new = NewUpload {
        filename: "ventes.csv".into(),
        content_type: "text/csv".into(),
        size_bytes: bytes.len() as i64,
        sha256: None,
        purpose: entities::files::file::FilePurpose::Import,
    };
    let upload = files::create(&fixture.again(), new).await.unwrap();
    let token = upload.url.rsplit('/').next().unwrap();
    files::receive(&fixture.app, Some(Locale::Fr), token, bytes).await.unwrap();
    run(&fixture, "files-sweep").await;
    assert!(files::find_upload(&fixture.again(), upload.id).await.unwrap().is_some(), "its link still lives");
    fixture.app.clock().advance(chrono::TimeDelta::hours(26));
    for _ in 0..2 {
        run(&fixture, "files-sweep").await;
        assert!(files::find_upload(&fixture.again(), upload.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn every_schedule_makes_a_job_that_somebody_runs() {
    let fixture = Fixture::new().await;
    for schedule in worker::schedules::all() {
        run(&fixture, schedule.name).await;
    }
}
