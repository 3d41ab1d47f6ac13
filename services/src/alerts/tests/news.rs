//! What of many alerts is news, and how it is said at once.

use super::{evaluate, tell, told};
use crate::alerts::announce::FLOOD;
use crate::alerts::evaluate::{Extent, run};
use crate::alerts::read;
use crate::locale::Locale;
use crate::notifications::Category;
use crate::notifications::read::NotificationFilter;
use crate::page::PageArgs;
use crate::testing::Fixture;
use crate::{Reads, SystemScope};
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::notifications::notification;

#[tokio::test]
async fn tells_each_thing_once_and_names_what_is_new() {
    let fixture = Fixture::new().await;
    let [rice, oil] = [fixture.product(), fixture.product()].map(|p| p.reorder_point(5).on_hand(9));
    let (rice, oil) = (rice.with(|p| p.name = "Riz".into()).create().await, oil.with(|p| p.name = "Huile".into()).create().await);
    fixture.record(&rice, Sale, 6).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await, [("stock-alert-low-stock".into(), "Riz".into())]);
    evaluate(&fixture).await;
    run(&SystemScope::new(&fixture.app), Extent { tenant: None, full: true }).await.unwrap();
    tell(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 1, "the same facts are no news");

    fixture.record(&oil, Sale, 5).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await[1..], [("stock-alert-low-stock".into(), "Huile".into())], "only the new one is named");
    let last = fixture.again().select::<notification::Entity>().all().await.unwrap().into_iter().max_by_key(|row| row.id).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&last.params).unwrap()["still"], "1", "and one still");
    assert_eq!(
        crate::notifications::words(&last, Locale::Fr, "Africa/Dakar").body,
        "À réapprovisionner : Huile (4\u{a0}pièces, seuil 5). Et 1 produit toujours bas."
    );

    fixture.record(&oil, Receipt, 20).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 2, "a smaller set is no news");
    fixture.record(&rice, Receipt, 20).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await[2..], [("stock-alert-over".into(), "Riz".into())], "an empty one is");
}

#[tokio::test]
async fn a_flood_is_one_digest() {
    let fixture = Fixture::new().await;
    for _ in 0..=FLOOD {
        let product = fixture.product().reorder_point(5).on_hand(3).create().await;
        fixture.record(&product, Sale, 3).await;
    }
    evaluate(&fixture).await;
    let told = told(&fixture).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "stock-alert-digest");
    let filter = NotificationFilter { category: Some(vec![Category::Digest]), ..NotificationFilter::default() };
    let digests = crate::notifications::read::page(&fixture.again(), &filter, &PageArgs::default()).await.unwrap();
    assert_eq!(digests.items().count(), 1, "found where people look for digests");
    assert_eq!(read::count_open(&fixture.again()).await.unwrap(), 2 * (FLOOD as i64 + 1), "stock-outs and the low stocks they mute");
}
