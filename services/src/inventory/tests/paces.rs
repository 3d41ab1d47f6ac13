//! How fast products sell.

use crate::inventory::catalog;
use crate::inventory::stock::{SalesPace, sales_paces};
use crate::testing::{Fixture, movement};
use chrono::TimeDelta;
use entities::Quantity;
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;

async fn pace(fixture: &Fixture, product: &product::Model) -> Option<SalesPace> {
    sales_paces(&fixture.again(), &[product.id]).await.unwrap().remove(&product.id)
}

#[tokio::test]
async fn the_pace_of_a_young_product_is_that_of_its_own_days() {
    let fixture = Fixture::new().await;
    let old = fixture.product().on_hand(700).create().await;
    let second = catalog::create_warehouse(&fixture.again(), "Dépôt", None).await.unwrap();
    fixture.app.clock().advance(TimeDelta::days(362));
    let young = fixture.product().on_hand(100).create().await;
    fixture.app.clock().advance(TimeDelta::days(3));
    let new = fixture.product().on_hand(100).create().await;
    let unsold = fixture.product().on_hand(100).create().await;
    // The first movement counts, in whichever warehouse it was.
    for product in [&old, &young] {
        crate::inventory::movements::record(&fixture.again(), movement(product, &second, Receipt, 5)).await.unwrap();
    }
    for product in [&old, &young, &new] {
        fixture.record(product, Sale, 10).await;
    }
    let sold = |days| Some(SalesPace { sold: 10_000, days });
    assert_eq!(pace(&fixture, &old).await, sold(30), "a year old");
    assert_eq!(pace(&fixture, &young).await, sold(3), "three days old");
    assert_eq!(pace(&fixture, &new).await, sold(1), "of today");
    assert_eq!(pace(&fixture, &unsold).await, None);
    let (available, none) = (Quantity(90_000), Quantity(-5_000));
    assert_eq!(sold(30).unwrap().tenths_of_days(available), 2_700);
    assert_eq!(sold(3).unwrap().tenths_of_days(available), 270);
    assert_eq!(sold(3).unwrap().tenths_of_days(none), 0);
}
