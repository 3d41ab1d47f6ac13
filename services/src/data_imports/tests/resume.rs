//! Runs that are cut off, cancelled, followed.

use super::*;
use crate::data_imports::{cancel, follow};
use chrono::TimeDelta;
use entities::Timestamp;
use std::pin::pin;
use std::task::Poll;

/// Lets a future take so many steps, then drops it where it stands: the nearest thing to a kill inside one process.
pub(super) async fn cut_off<T>(future: impl Future<Output = T>, steps: u32) -> Option<T> {
    let mut future = pin!(future);
    let mut left = steps;
    std::future::poll_fn(move |cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

fn content(rows: usize) -> String {
    let row = |n: usize| format!("P{},{},{},2026-11-{:02}\n", n % 11, 1 + n % 4, ["RECEIPT", "SALE", "SALE", "?"][n * n % 4], 1 + n % 28);
    // Equal rows far apart, so that counting them must survive the cut.
    format!("sku,quantity,kind,date\n{0}{0}", (0..rows / 2).map(row).collect::<String>())
}

#[tokio::test]
async fn a_run_cut_off_anywhere_goes_on_exactly_there() {
    let whole = Fixture::new().await;
    let input = |dry_run| StartImport { create_missing: true, dry_run, ..of(&content(300)) };
    let expected = import(&whole, input(false)).await.unwrap();
    let expected = (counts(&expected), expected.errors_kept, stock_by_sku(&whole).await, faults(&whole, &expected).await);
    for (steps, dry_run) in [(3, false), (11, false), (24, false), (47, true)] {
        let fixture = Fixture::new().await;
        let import = start(&fixture.again(), input(dry_run)).await.unwrap();
        let mut cuts = 0;
        for attempt in 0..2000 {
            let job = Running::detached(import.tenant_id);
            let steps = if dry_run && attempt > 3 { u32::MAX } else { steps + attempt % 29 };
            match cut_off(run_paced(&fixture.again(), &job, import.id, Pace::fixed(9)), steps).await {
                Some(Ok(())) => break,
                // A commit that was on its way when its run was cut off arrives after all; the job is tried again.
                Some(Err(Error::Conflict)) | None => cuts += 1,
                Some(Err(other)) => panic!("{other}"),
            }
        }
        assert!(cuts > 2, "it was cut off {cuts} times");
        let done = find(&fixture.again(), import.id).await.unwrap().unwrap();
        assert_eq!((done.state, counts(&done), done.errors_kept), (DataImportState::Completed, expected.0, expected.1), "{steps}");
        assert_eq!(faults(&fixture, &done).await, expected.3, "{steps}");
        if dry_run {
            assert!(ledger(&fixture).await.is_empty());
        } else {
            assert_eq!(stock_by_sku(&fixture).await, expected.2, "{steps}");
            check_sums(&fixture).await;
        }
    }
}

#[tokio::test]
async fn a_cancelled_import_stops_between_chunks_and_keeps_what_it_applied() {
    let fixture = Fixture::new().await;
    let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content(300)) }).await.unwrap();
    let job = Running::detached(import.tenant_id);
    let scope = fixture.again();
    let running = run_paced(&scope, &job, import.id, Pace::fixed(5));
    let (mut followed, canceller) = (follow(&fixture.again(), import.id).await.unwrap().1, fixture.again());
    let watching = async {
        loop {
            let events = followed.next().await.unwrap();
            fixture.app.clock().advance(TimeDelta::milliseconds(500));
            if events.last().unwrap().payload.contains("\"applied\":") && events.last().unwrap().seq > 1 {
                return cancel(&canceller, import.id).await.unwrap();
            }
        }
    };
    let (done, cancelled) = tokio::join!(running, watching);
    done.unwrap();
    let import = find(&fixture.again(), import.id).await.unwrap().unwrap();
    assert_eq!((import.state, counts(&import)), (DataImportState::Cancelled, counts(&cancelled)));
    assert!(import.rows_done() > 0 && Some(import.rows_done()) < import.rows_total);
    assert_eq!(ledger(&fixture).await.len() as i64, import.rows_applied);
    check_sums(&fixture).await;
    assert_eq!(cancel(&fixture.again(), import.id).await.unwrap().state, DataImportState::Cancelled, "again");
}

#[tokio::test]
async fn an_import_cancelled_before_its_first_row_does_nothing() {
    let fixture = Fixture::new().await;
    let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content(20)) }).await.unwrap();
    cancel(&fixture.again(), import.id).await.unwrap();
    let done = run_all(&fixture, &import, Pace::fixed(5)).await.unwrap();
    assert_eq!((done.state, done.rows_total), (DataImportState::Cancelled, None));
    assert!(ledger(&fixture).await.is_empty());
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled() {
    let fixture = Fixture::new().await;
    let done = import(&fixture, of(&content(20))).await.unwrap();
    assert_eq!(refusals(&cancel(&fixture.again(), done.id).await.unwrap_err()), [(Code::ForbiddenState, "id".into())]);
}

/// Runs an import of 40 chunks and answers what its followers hear; each time they do, so much time passes.
async fn heard(passes: TimeDelta) -> Vec<(i64, Timestamp, serde_json::Value)> {
    let fixture = Fixture::new().await;
    let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content(200)) }).await.unwrap();
    let (present, mut follower) = follow(&fixture.again(), import.id).await.unwrap();
    assert_eq!(present.state, DataImportState::Queued);
    let scope = fixture.again();
    let job = Running::detached(import.tenant_id);
    let running = run_paced(&scope, &job, import.id, Pace::fixed(5));
    let watching = async {
        let mut seen: Vec<(i64, Timestamp, serde_json::Value)> = Vec::new();
        while seen.last().is_none_or(|(_, _, payload)| payload["state"] != "COMPLETED") {
            let events = follower.next().await.unwrap();
            fixture.app.clock().advance(passes);
            seen.extend(events.into_iter().map(|event| (event.seq, event.occurred_at, serde_json::from_str(&event.payload).unwrap())));
        }
        seen
    };
    let (done, seen) = tokio::join!(running, watching);
    done.unwrap();
    assert_eq!(find(&fixture.again(), import.id).await.unwrap().unwrap().rows_done(), 200, "whatever is told, all is counted");
    seen
}

#[tokio::test]
async fn followers_hear_how_far_it_has_come_without_a_gap_and_twice_a_second_at_most() {
    let seen = heard(TimeDelta::milliseconds(500)).await;
    assert!(seen.iter().map(|(seq, ..)| *seq).eq(1..=seen.len() as i64), "numbered from 1 without a gap");
    let rows =
        |payload: &serde_json::Value| ["applied", "skipped", "failed"].map(|name| payload[name].as_i64().unwrap()).iter().sum::<i64>();
    assert!(seen.windows(2).all(|pair| rows(&pair[0].2) <= rows(&pair[1].2)));
    let (last, before) = seen.split_last().unwrap();
    assert_eq!((rows(&last.2), last.2["total"].as_i64()), (200, Some(200)));
    assert!(before.len() > 1, "chunks are told of");
    assert!(before.windows(2).all(|pair| pair[1].1.since(pair[0].1) >= TimeDelta::milliseconds(500)), "{before:?}");
}

#[tokio::test]
async fn followers_of_a_quick_import_hear_its_states() {
    let states: Vec<_> = heard(TimeDelta::zero()).await.into_iter().map(|(_, _, payload)| payload["state"].clone()).collect();
    assert_eq!(states, ["RUNNING", "COMPLETED"]);
}
