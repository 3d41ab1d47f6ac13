//! What people do with alerts.

use super::{alerts_of, evaluate, later, rule_of, told};
use crate::alerts::handle::{self, ACKNOWLEDGED_FOR, Snooze, acknowledge, snooze};
use crate::alerts::read;
use crate::alerts::rules::{self, RuleChange};
use crate::testing::Fixture;
use crate::{Code, Error};
use chrono::TimeDelta;
use entities::alerts::AlertKind;
use entities::alerts::{AlertState, Severity};
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn acknowledged_it_is_quiet_for_a_day_or_until_it_gets_worse() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    let id = alerts_of(&fixture, &product).await[0].id;
    let done = acknowledge(&fixture.again(), &[id], Some("Commande passée")).await.unwrap();
    assert_eq!((done.alerts[0].state, done.alerts[0].acknowledged_by), (AlertState::Acknowledged, fixture.scope.membership()));
    later(&fixture, ACKNOWLEDGED_FOR - TimeDelta::minutes(1)).await;
    assert_eq!(told(&fixture).await.len(), 1);

    let other = fixture.product().reorder_point(5).on_hand(2).create().await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 2, "a new product in an acknowledged set is news");
    assert!(told(&fixture).await[1].1.starts_with(&other.name));
    later(&fixture, TimeDelta::minutes(1)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Firing, "a day is over");
    assert_eq!(told(&fixture).await.len(), 3);

    acknowledge(&fixture.again(), &[id], None).await.unwrap();
    evaluate(&fixture).await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    rules::update(&fixture.again(), low.id, RuleChange { severity: Some(Severity::Critical), ..RuleChange::default() }).await.unwrap();
    evaluate(&fixture).await;
    let worse = &alerts_of(&fixture, &product).await[0];
    assert_eq!((worse.state, worse.severity), (AlertState::Firing, Severity::Critical));
    let timeline = &read::timelines(&fixture.again(), &[id]).await.unwrap()[&id];
    let steps: Vec<AlertState> = timeline.iter().map(|step| step.to_state).collect();
    use AlertState::{Acknowledged, Firing};
    assert_eq!(steps, [Firing, Acknowledged, Firing, Acknowledged, Firing]);
    assert_eq!((timeline[1].note.as_deref(), timeline[1].by_membership_id), (Some("Commande passée"), fixture.scope.membership()));
}

#[tokio::test]
async fn acknowledged_again_it_keeps_the_note_and_is_quiet_for_longer() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    let id = alerts_of(&fixture, &product).await[0].id;
    let acknowledged = async |note| acknowledge(&fixture.again(), &[id], note).await.unwrap().alerts.remove(0);
    let steps = async || read::timelines(&fixture.again(), &[id]).await.unwrap().remove(&id).unwrap();
    let first = acknowledged(None).await;
    let same = acknowledged(None).await;
    assert_eq!((&same, steps().await.len()), (&first, 2), "the same again changes nothing");
    let noted = acknowledged(Some("Livraison jeudi")).await;
    assert_eq!((noted.state, noted.quiet_until), (AlertState::Acknowledged, first.quiet_until));
    let last = steps().await.pop().unwrap();
    assert_eq!((last.note.as_deref(), last.to_state), (Some("Livraison jeudi"), AlertState::Acknowledged));

    later(&fixture, TimeDelta::hours(20)).await;
    let renewed = acknowledged(None).await;
    assert_eq!(renewed.quiet_until, Some(fixture.app.now().plus(ACKNOWLEDGED_FOR)));
    assert_eq!(steps().await.len(), 4);
    later(&fixture, TimeDelta::hours(23)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Acknowledged, "quiet from the second time on");
    later(&fixture, TimeDelta::hours(1)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Firing);
}

#[tokio::test]
async fn snoozed_it_sleeps_until_then_or_until_restock() {
    let fixture = Fixture::new().await;
    let (a, b) =
        (fixture.product().reorder_point(5).on_hand(4).create().await, fixture.product().reorder_point(5).on_hand(4).create().await);
    evaluate(&fixture).await;
    let ids = [alerts_of(&fixture, &a).await[0].id, alerts_of(&fixture, &b).await[0].id];
    let until = fixture.app.now().plus(TimeDelta::hours(40));
    snooze(&fixture.again(), &ids[..1], Snooze::Until(until)).await.unwrap();
    snooze(&fixture.again(), &ids[1..], Snooze::UntilRestock).await.unwrap();
    later(&fixture, TimeDelta::hours(39)).await;
    assert_eq!(told(&fixture).await.len(), 1, "nothing repeats while it sleeps");
    later(&fixture, TimeDelta::hours(1)).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Firing);
    assert_eq!(told(&fixture).await.len(), 2, "told as it wakes");
    later(&fixture, TimeDelta::days(9)).await;
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Snoozed);
    snooze(&fixture.again(), &ids[1..], Snooze::WakeUp).await.unwrap();
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Firing);
    snooze(&fixture.again(), &ids[1..], Snooze::UntilRestock).await.unwrap();
    fixture.record(&b, Receipt, 10).await;
    evaluate(&fixture).await;
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Resolved);
}

#[tokio::test]
async fn answers_one_result_for_each_id() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    let (id, unknown) = (alerts_of(&fixture, &product).await[0].id, fixture.app.new_id());
    let (stranger, _) = fixture.stranger().await;
    assert_eq!(acknowledge(&stranger, &[id], None).await.unwrap().refusals[0].code, Code::NotFound, "not theirs to see");
    let done = acknowledge(&fixture.again(), &[unknown, id], None).await.unwrap();
    assert_eq!((done.alerts.len(), done.refusals[0].code, done.refusals[0].path.join(".")), (1, Code::NotFound, "ids.0".into()));
    let many = vec![id; handle::MOST + 1];
    assert!(matches!(acknowledge(&fixture.again(), &many, None).await, Err(Error::Refused(why)) if why[0].code == Code::LimitReached));
    let past = Snooze::Until(fixture.app.now());
    assert!(matches!(snooze(&fixture.again(), &[id], past).await, Err(Error::Refused(why)) if why[0].code == Code::OutOfRange));
}
