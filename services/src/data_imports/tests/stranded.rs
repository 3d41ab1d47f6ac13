//! Imports whose job came to an end before they did.

use super::*;
use crate::data_imports::standstill::unless_still;
use crate::data_imports::{RunImport, fail_stranded, run};
use crate::locale::Locale;
use crate::scope::SystemScope;
use crate::work::{Claimer, Held, Outcome, settle};
use std::time::Duration;

const CONTENT: &str = "sku,quantity,kind\nA,1,RECEIPT\n";

async fn begun(fixture: &Fixture, dry_run: bool) -> (data_import::Model, Running) {
    let import = start(&fixture.again(), StartImport { create_missing: true, dry_run, ..of(CONTENT) }).await.unwrap();
    let job = Claimer::new(&fixture.app, "imports").claim(1).await.unwrap().remove(0);
    (import, job)
}

fn held(job: &Running) -> Held {
    (job.id, job.lease_token.unwrap())
}

/// As a run leaves it that is cut off after its first look at the file.
async fn set_running(fixture: &Fixture, import: &data_import::Model) {
    use sea_orm::ActiveValue::{Set, Unchanged};
    let scope = fixture.again();
    let txn = scope.begin().await.unwrap();
    let layout = Set(Some("{\"encoding\":\"Utf8\",\"delimiter\":44}".to_owned()));
    let (state, rows_total) = (Set(DataImportState::Running), Set(Some(1)));
    txn.update(data_import::ActiveModel { id: Unchanged(import.id), state, layout, rows_total, ..Default::default() }).await.unwrap();
    txn.commit().await.unwrap();
}

async fn end_of(fixture: &Fixture, import: &data_import::Model) -> (DataImportState, Vec<String>) {
    let now = find(&fixture.again(), import.id).await.unwrap().unwrap();
    (now.state, row_errors(fixture, &now).await.into_iter().map(|error| error.message).collect())
}

fn given_up() -> (DataImportState, Vec<String>) {
    (DataImportState::Failed, vec![Locale::Fr.say("import-gave-up", &[])])
}

#[tokio::test]
async fn an_import_whose_job_died_is_failed_and_says_so_and_a_living_one_goes_on() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    let (import, job) = begun(&fixture, false).await;
    set_running(&fixture, &import).await;
    assert_eq!(fail_stranded(&system).await.unwrap(), 0, "its job is at work");
    settle(&system, &[(held(&job), Outcome::Retry(fixture.app.now(), "timed out".into()))]).await.unwrap();
    assert_eq!(fail_stranded(&system).await.unwrap(), 0, "its job is tried again");
    let job = Claimer::new(&fixture.app, "imports").claim(1).await.unwrap().remove(0);
    settle(&system, &[(held(&job), Outcome::Dead("timed out".into()))]).await.unwrap();
    let (waiting, _) = begun(&fixture, false).await;
    assert_eq!(fail_stranded(&system).await.unwrap(), 1);
    assert_eq!(end_of(&fixture, &import).await, given_up());
    assert_eq!(end_of(&fixture, &waiting).await, (DataImportState::Queued, vec![]), "another's job lives");
    assert_eq!(fail_stranded(&system).await.unwrap(), 0, "once");
}

#[tokio::test]
async fn an_error_that_ends_the_job_ends_the_import() {
    let fixture = Fixture::new().await;
    let (import, mut job) = begun(&fixture, false).await;
    set_running(&fixture, &import).await;
    let scope = fixture.again();
    let txn = scope.begin().await.unwrap();
    use sea_orm::ActiveValue::{Set, Unchanged};
    let mapping = Set("not JSON".to_owned());
    txn.update(data_import::ActiveModel { id: Unchanged(import.id), mapping, ..Default::default() }).await.unwrap();
    txn.commit().await.unwrap();
    job.attempts = job.max_attempts - 1;
    run(&fixture.again(), &job, RunImport { import: import.id }).await.unwrap_err();
    assert_eq!(end_of(&fixture, &import).await.0, DataImportState::Running, "it is tried again");
    job.attempts = job.max_attempts;
    run(&fixture.again(), &job, RunImport { import: import.id }).await.unwrap_err();
    assert_eq!(end_of(&fixture, &import).await, given_up());
}

#[tokio::test]
async fn a_dry_run_does_not_start_over_for_ever() {
    let fixture = Fixture::new().await;
    let (import, mut job) = begun(&fixture, true).await;
    set_running(&fixture, &import).await;
    job.attempts = 4;
    run(&fixture.again(), &job, RunImport { import: import.id }).await.unwrap();
    assert_eq!(end_of(&fixture, &import).await, given_up());
}

#[tokio::test]
async fn what_stands_still_is_stopped() {
    let fixture = Fixture::new().await;
    let (import, _) = begun(&fixture, false).await;
    let stopped = unless_still(&fixture.again(), import.id, Duration::from_millis(5), std::future::pending::<Result<()>>()).await;
    assert!(matches!(stopped, Err(Error::Internal(_))));
}
