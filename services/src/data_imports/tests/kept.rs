//! What is kept of an import, and for how long.

use super::files::{of_file, upload};
use super::*;
use crate::data_imports::cleanup;
use crate::files::{self, store};
use crate::scope::SystemScope;
use crate::testing;
use crate::work::{self, PLATFORM};
use chrono::TimeDelta;

const CSV: &[u8] = b"sku,quantity,kind\nA,1,RECEIPT\nA,x,RECEIPT\n";

#[tokio::test]
async fn a_file_goes_a_week_after_its_last_import_and_the_import_keeps_its_counts() {
    let fixture = Fixture::new().await;
    let (system, clock) = (SystemScope::new(&fixture.app), fixture.app.clock());
    let (first, twin) =
        (upload(&fixture.app, &fixture.again(), "a.csv", CSV).await, upload(&fixture.app, &fixture.again(), "b.csv", CSV).await);
    let path = {
        let file = files::find(&fixture.again(), first).await.unwrap().unwrap();
        store::path_of(&fixture.app, fixture.scope.tenant(), &file.sha256)
    };
    clock.advance(TimeDelta::days(5));
    let done = import(&fixture, of_file(twin)).await.unwrap();
    let open = start(&fixture.again(), of_file(twin)).await.unwrap();
    clock.advance(TimeDelta::days(3));
    assert_eq!(cleanup(&system).await.unwrap(), 1, "the first was never imported");
    assert!(files::find(&fixture.again(), first).await.unwrap().is_none());
    assert!(path.exists(), "its twin has the same bytes");
    clock.advance(TimeDelta::days(30));
    assert_eq!(cleanup(&system).await.unwrap(), 0, "an import of it has not ended");
    run_all(&fixture, &open, Pace::fixed(7)).await.unwrap();
    clock.advance(TimeDelta::days(6));
    assert_eq!(cleanup(&system).await.unwrap(), 0, "not a week yet");
    clock.advance(TimeDelta::days(2));
    assert_eq!(cleanup(&system).await.unwrap(), 1);
    assert_eq!(cleanup(&system).await.unwrap(), 0, "again, there is nothing left to do");
    assert!(!path.exists());
    let kept = find(&fixture.again(), done.id).await.unwrap().unwrap();
    assert_eq!((kept.file_id, counts(&kept)), (None, counts(&done)));
    assert_eq!(row_errors(&fixture, &kept).await.len(), 1);
    let again = start(&fixture.again(), of_file(twin)).await.unwrap_err();
    assert_eq!(refusals(&again), [(Code::NotFound, "fileId".into())]);
}

#[tokio::test]
async fn bytes_stay_as_long_as_their_rows_whatever_goes_wrong() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    let first = upload(&fixture.app, &fixture.again(), "a.csv", CSV).await;
    fixture.app.clock().advance(TimeDelta::minutes(1));
    let second = upload(&fixture.app, &fixture.again(), "b.csv", b"sku,quantity,kind\nB,1,RECEIPT\n").await;
    let file = files::find(&fixture.again(), first).await.unwrap().unwrap();
    let path = store::path_of(&fixture.app, fixture.scope.tenant(), &file.sha256);
    fixture.app.clock().advance(TimeDelta::days(8));
    // The second one's row cannot go, after the first one's has gone in the same transaction.
    testing::change_database(&fixture.app, &testing::refuse_to_delete(&fixture.app, "files", second.0)).await;
    cleanup(&system).await.unwrap_err();
    assert!(files::find(&fixture.again(), first).await.unwrap().is_some() && path.exists(), "the row lives on with its bytes");
    testing::change_database(&fixture.app, &testing::delete_again(&fixture.app, "files")).await;
    assert_eq!(cleanup(&system).await.unwrap(), 2);
    assert!(!path.exists());
}

#[tokio::test]
async fn row_errors_go_after_90_days_and_the_import_after_a_year() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    let done = import(&fixture, of(std::str::from_utf8(CSV).unwrap())).await.unwrap();
    let night = async || {
        let removed = work::cleanup::run(&system, &Running::detached(PLATFORM), work::cleanup::CleanUp {}).await.unwrap();
        removed.into_iter().filter(|(what, _)| what.contains("imports")).map(|(_, rows)| rows).collect::<Vec<_>>()
    };
    fixture.app.clock().advance(TimeDelta::days(89));
    assert_eq!(night().await, [0, 0]);
    fixture.app.clock().advance(TimeDelta::days(2));
    assert_eq!(night().await, [2, 0]);
    assert_eq!(counts(&find(&fixture.again(), done.id).await.unwrap().unwrap()), counts(&done));
    fixture.app.clock().advance(TimeDelta::days(300));
    assert_eq!(night().await, [0, 1]);
}
