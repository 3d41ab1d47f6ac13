//! The steps of an alert's life, as its timeline shows them and as the stream tells them.

use super::{alerts_of, evaluate, later, rule_of, tell, told};
use crate::alerts::announce::{AnnounceStockAlerts, STREAM, record_waiting};
use crate::alerts::evaluate::{Extent, run};
use crate::alerts::handle::{Snooze, acknowledge, snooze};
use crate::alerts::read::{self, MOST_STEPS};
use crate::alerts::rules::{self, RuleChange};
use crate::events::{Follower, follow};
use crate::testing::Fixture;
use crate::work::JobKind;
use crate::{Reads, SystemScope};
use chrono::TimeDelta;
use entities::alerts::{AlertId, AlertKind, AlertState};
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::Receipt;
use entities::work::job;
use sea_orm::ColumnTrait;

async fn low(fixture: &Fixture) -> product::Model {
    fixture.product().reorder_point(5).on_hand(4).create().await
}

/// What a reader of the stream hears next: so many steps, each with its alert.
async fn heard(follower: &mut Follower, steps: usize) -> Vec<(AlertId, String)> {
    let mut heard = Vec::new();
    while heard.len() < steps {
        let patience = std::time::Duration::from_secs(40);
        for event in tokio::time::timeout(patience, follower.next()).await.expect("events come").unwrap() {
            let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
            let alert = payload["alert"].as_str().unwrap().parse().unwrap();
            heard.push((AlertId(alert), payload["state"].as_str().unwrap().to_owned()));
        }
    }
    heard
}

#[tokio::test]
async fn a_timeline_is_the_newest_steps_of_each_alert_in_their_order() {
    let fixture = Fixture::new().await;
    let (first, second, quiet) = (low(&fixture).await, low(&fixture).await, low(&fixture).await);
    evaluate(&fixture).await;
    let id = async |product: &product::Model| alerts_of(&fixture, product).await[0].id;
    let (first, second, quiet) = (id(&first).await, id(&second).await, id(&quiet).await);
    for place in 0..MOST_STEPS + 5 {
        let ids = if place % 2 == 0 { &[first, second][..] } else { &[first][..] };
        snooze(&fixture.again(), ids, Snooze::UntilRestock).await.unwrap();
    }
    acknowledge(&fixture.again(), &[first], Some("Enfin")).await.unwrap();
    let all = read::timelines(&fixture.again(), &[first, second, quiet]).await.unwrap();
    let versions = |id: AlertId| all[&id].iter().map(|step| step.alert_version).collect::<Vec<_>>();
    assert_eq!(versions(first), (8..=MOST_STEPS + 7).collect::<Vec<_>>(), "the oldest seven are left out");
    assert_eq!(all[&first].last().unwrap().note.as_deref(), Some("Enfin"));
    assert_eq!(versions(second), (1..=MOST_STEPS / 2 + 4).collect::<Vec<_>>());
    assert_eq!(versions(quiet), [1]);
    let alone = read::timelines(&fixture.again(), &[first]).await.unwrap();
    assert_eq!(alone[&first], all[&first], "on one's own as on a page");
}

#[tokio::test]
async fn an_alerts_steps_are_heard_in_their_order_though_somebody_acts_before_they_are_announced() {
    let fixture = Fixture::new().await;
    let (handled, other) = (low(&fixture).await, low(&fixture).await);
    let mut follower = follow(&fixture.again(), STREAM.into(), Some(0)).await.unwrap();
    run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    let (id, other) = (alerts_of(&fixture, &handled).await[0].id, alerts_of(&fixture, &other).await[0].id);
    acknowledge(&fixture.again(), &[id], None).await.unwrap();
    let step = |id: AlertId, state: &str| (id, state.to_owned());
    assert_eq!(heard(&mut follower, 2).await, [step(id, "FIRING"), step(id, "ACKNOWLEDGED")]);
    snooze(&fixture.again(), &[id], Snooze::WakeUp).await.unwrap();
    assert!(told(&fixture).await.is_empty(), "people are told by the job");
    tell(&fixture).await;
    assert_eq!(heard(&mut follower, 2).await, [step(id, "FIRING"), step(other, "FIRING")], "and nothing twice");
    let messages = told(&fixture).await;
    assert!(messages.len() == 1 && messages[0].1.contains(&handled.name), "{messages:?}");
    tell(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 1, "exactly once");
    assert_eq!(read::stream_cursor(&fixture.again()).await.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acts_while_an_announcement_is_written_is_heard_after_it() {
    let fixture = Fixture::new().await;
    let product = low(&fixture).await;
    run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    let id = alerts_of(&fixture, &product).await[0].id;
    let (announcing, acting) = (fixture.again(), fixture.again());
    let txn = announcing.begin().await.unwrap();
    record_waiting(&txn, &[id]).await.unwrap();
    let mut acts = tokio::spawn(async move { acknowledge(&acting, &[id], None).await.map(drop) });
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), &mut acts).await.is_err(), "they wait for it");
    txn.commit().await.unwrap();
    acts.await.unwrap().unwrap();
    let mut follower = follow(&fixture.again(), STREAM.into(), Some(0)).await.unwrap();
    assert_eq!(heard(&mut follower, 2).await.into_iter().map(|step| step.1).collect::<Vec<_>>(), ["FIRING", "ACKNOWLEDGED"]);
}

#[tokio::test]
async fn nobody_hears_of_a_pending_alert_before_it_fires() {
    let fixture = Fixture::new().await;
    let rule = rule_of(&fixture, AlertKind::LowStock).await;
    rules::update(&fixture.again(), rule.id, RuleChange { pending_for_minutes: Some(60), ..RuleChange::default() }).await.unwrap();
    let (stays, goes) = (low(&fixture).await, low(&fixture).await);
    let mut follower = follow(&fixture.again(), STREAM.into(), Some(0)).await.unwrap();
    run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    let id = alerts_of(&fixture, &stays).await[0].id;
    let scope = fixture.again();
    let announcements = scope.select::<job::Entity>().filter(job::Column::Kind.eq(AnnounceStockAlerts::KIND));
    assert_eq!(announcements.count().await.unwrap(), 0, "there is nothing to announce");
    scope.end_read().await;
    fixture.record(&goes, Receipt, 10).await;
    evaluate(&fixture).await;
    assert!(alerts_of(&fixture, &goes).await.is_empty());
    assert_eq!(read::stream_cursor(&fixture.again()).await.unwrap(), 0, "one that goes away need not be taken off a screen");
    later(&fixture, TimeDelta::minutes(60)).await;
    assert_eq!(heard(&mut follower, 1).await, [(id, "FIRING".to_owned())]);
    let steps: Vec<AlertState> = read::timelines(&fixture.again(), &[id]).await.unwrap()[&id].iter().map(|step| step.to_state).collect();
    assert_eq!(steps, [AlertState::Pending, AlertState::Firing], "its timeline knows since when");
}
