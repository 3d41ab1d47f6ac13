//! Rows of an import that was undone, when they come again.

use super::undo::{mixed, stands, undone};
use super::*;
use crate::data_imports::follow;
use crate::inventory::movements;
use entities::data_imports::data_import::DataImportUndoState::Completed;

async fn keys(fixture: &Fixture) -> Vec<String> {
    let mut keys: Vec<String> = ledger(fixture).await.into_iter().filter_map(|m| m.dedup_key).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn rows_of_an_undone_import_are_new_again_and_a_dry_run_agrees() {
    let fixture = Fixture::new().await;
    let input = |dry_run| StartImport { create_missing: true, dry_run, ..of(&mixed(40)) };
    let mut last = import(&fixture, input(false)).await.unwrap();
    let stock = stock_by_sku(&fixture).await;
    for round in 1..=2 {
        assert_eq!(counts(&import(&fixture, input(false)).await.unwrap()), (0, 40, 0), "known as long as they stand");
        assert_eq!(stands(&undone(&fixture, last.id).await), (Some(Completed), 40, 0));
        assert!(stock_by_sku(&fixture).await.values().all(|on_hand| *on_hand == 0));
        let rehearsed = import(&fixture, input(true)).await.unwrap();
        last = import(&fixture, input(false)).await.unwrap();
        assert_eq!((counts(&rehearsed), counts(&last)), ((40, 0, 0), (40, 0, 0)), "round {round}");
        assert_eq!(stock_by_sku(&fixture).await, stock);
        let chained = keys(&fixture).await.into_iter().filter(|key| key.ends_with(&format!("~{round}"))).count();
        assert_eq!(chained, 40);
    }
    assert_eq!(counts(&import(&fixture, input(true)).await.unwrap()), (0, 40, 0), "known again");
    check_sums(&fixture).await;
}

#[tokio::test]
async fn what_somebody_undid_by_hand_is_passed_over_and_stays_known() {
    let fixture = Fixture::new().await;
    let input = || StartImport { create_missing: true, ..of(&mixed(20)) };
    let done = import(&fixture, input()).await.unwrap();
    let by_hand = ledger(&fixture).await.into_iter().find(|m| m.kind == Kind::Receipt).unwrap();
    let reverse = movements::reverse(&fixture.again(), by_hand.id, "erreur").await.unwrap();
    assert_eq!(reverse.import_id, None);
    assert_eq!(stands(&undone(&fixture, done.id).await), (Some(Completed), 19, 0));
    let longer = StartImport { content: Some(mixed(20) + "A,9,,RECEIPT,2026-11-30\n"), ..input() };
    assert_eq!(counts(&import(&fixture, longer).await.unwrap()), (20, 1, 0));
    check_sums(&fixture).await;
}

#[tokio::test]
async fn what_stays_after_an_undo_is_known_and_the_rest_is_new() {
    let fixture = Fixture::new().await;
    set_policy(&fixture, NegativeStockPolicy::Forbid).await;
    let product = fixture.product().sku("A").create().await;
    let content = "sku,quantity,kind,date\nA,4,RECEIPT,2026-11-01\nA,1,RECEIPT,2026-11-02\n";
    let done = import(&fixture, of(content)).await.unwrap();
    fixture.record(&product, Kind::Sale, 2).await;
    assert_eq!(stands(&undone(&fixture, done.id).await), (Some(Completed), 1, 1));
    assert_eq!(counts(&import(&fixture, of(content)).await.unwrap()), (1, 1, 0));
}

#[tokio::test]
async fn followers_hear_each_state_of_an_undo_and_not_every_chunk() {
    let fixture = Fixture::new().await;
    let done = import(&fixture, StartImport { create_missing: true, ..of(&mixed(20)) }).await.unwrap();
    let mut follower = follow(&fixture.again(), done.id).await.unwrap().1;
    // Ids of a later millisecond are greater: the pass does not meet its own reverses.
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    undone(&fixture, done.id).await;
    let mut told = Vec::new();
    while told.last() != Some(&("COMPLETED".to_owned(), 20)) {
        for event in follower.next().await.unwrap() {
            let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
            told.push((payload["undo"].as_str().unwrap().to_owned(), payload["undone"].as_i64().unwrap()));
        }
    }
    let expected = [("QUEUED", 0), ("RUNNING", 7), ("COMPLETED", 20)];
    assert_eq!(told, expected.map(|(state, undone)| (state.to_owned(), undone)));
}
