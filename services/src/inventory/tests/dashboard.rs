//! The figures of the whole organisation.

use crate::inventory::{dashboard, movements};
use crate::testing::{Fixture, movement};
use entities::Quantity;
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn a_service_level_without_lines_has_no_ratio() {
    let fixture = Fixture::new().await;
    assert_eq!(dashboard::get(&fixture.again()).await.unwrap().service_level.ratio(), None);
    let (product, warehouse) = (fixture.product().on_hand(10).create().await, fixture.warehouse().await);
    for (units, ordered) in [(1, 1), (2, 2), (1, 4)] {
        let mut input = movement(&product, &warehouse, Sale, units);
        input.ordered_quantity = Some(Quantity(ordered * 1000));
        movements::record(&fixture.again(), input).await.unwrap();
    }
    let level = dashboard::get(&fixture.again()).await.unwrap().service_level;
    assert_eq!((level.lines, level.full_lines, level.ratio().as_deref()), (3, 2, Some("0.6667")));
}

#[tokio::test]
async fn no_price_is_too_much_for_the_dashboard() {
    let fixture = Fixture::new().await;
    let value = async || dashboard::get(&fixture.again()).await.unwrap().on_hand_value.0;
    fixture.product().with(|new| new.cost_price = Some("6001".into())).on_hand(3).create().await;
    assert_eq!(value().await, 3 * 6001);
    // A barcode in the column of prices.
    fixture.product().with(|new| new.cost_price = Some("6001234567891".into())).on_hand(2000).create().await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891);
    let dearest = fixture.product().with(|new| new.cost_price = Some("999999999999999".into())).on_hand(1000).create().await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891 + 1000 * 999_999_999_999_999);
    fixture.record(&dearest, Receipt, 1_000_000_000).await;
    assert_eq!(value().await, i64::MAX);
    fixture.record(&dearest, Adjustment, -1_000_000_000).await;
    fixture.record(&dearest, Adjustment, -2000).await;
    assert_eq!(value().await, 3 * 6001 + 2000 * 6_001_234_567_891 - 1000 * 999_999_999_999_999);
}
