//! The steps of an alert's life, as its timeline shows them.

use super::life::{alerts_of, evaluate};
use crate::alerts::handle::{Snooze, acknowledge, snooze};
use crate::alerts::read::{self, MOST_STEPS};
use crate::testing::Fixture;
use entities::alerts::AlertId;
use entities::inventory::product;

async fn low(fixture: &Fixture) -> product::Model {
    fixture.product().reorder_point(5).on_hand(4).create().await
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
