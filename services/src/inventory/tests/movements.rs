//! What may be recorded, and what it does to a level.

use super::on_hand;
use crate::inventory::movements::{self, MovementFilter, on_hand_after};
use crate::inventory::{products, stock};
use crate::page::PageArgs;
use crate::testing::{Fixture, movement, refusals};
use crate::{Code, Reads};
use chrono::TimeDelta;
use entities::Quantity;
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn movements_add_up_to_the_level() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(10).create().await;
    for (kind, units, left) in
        [(Sale, 3, 7), (CustomerReturn, 1, 8), (WriteOff, 2, 6), (SupplierReturn, 1, 5), (Adjustment, -2, 3), (Count, 9, 9)]
    {
        let recorded = fixture.record(&product, kind, units).await;
        assert_eq!(on_hand(&fixture, &product).await, left, "{kind:?}");
        assert!(recorded.warnings.is_empty());
    }
}

#[tokio::test]
async fn refuses_what_cannot_be_a_movement() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    let refused = |kind, units, change: fn(&mut movements::RecordMovement)| {
        let mut input = movement(&product, &warehouse, kind, units);
        change(&mut input);
        let scope = fixture.again();
        async move { refusals(&movements::record(&scope, input).await.unwrap_err()) }
    };
    assert_eq!(refused(Sale, -1, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Receipt, 0, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Sale, 1, |m| m.quantity = Quantity(500)).await, [(Code::OutOfRange, "quantity".into())], "a piece has no halves");
    assert_eq!(refused(Receipt, 2_000_000_000, |_| ()).await, [(Code::OutOfRange, "quantity".into())]);
    assert_eq!(refused(Receipt, 1, |m| m.ordered_quantity = Some(Quantity(1000))).await, [(Code::Invalid, "orderedQuantity".into())]);
    assert_eq!(refused(Sale, 2, |m| m.ordered_quantity = Some(Quantity(1000))).await, [(Code::OutOfRange, "orderedQuantity".into())]);
    let tomorrow = fixture.scope.now().plus(TimeDelta::days(1));
    let mut late = movement(&product, &warehouse, Sale, 1);
    late.occurred_at = Some(tomorrow);
    let error = movements::record(&fixture.again(), late).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::OutOfRange, "occurredAt".into())]);
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    assert_eq!(refused(Sale, 1, |_| ()).await, [(Code::Archived, "productId".into())]);
    assert_eq!(on_hand(&fixture, &product).await, 5, "nothing moved");
    products::unarchive(&fixture.again(), product.id, None).await.unwrap();
    fixture.record(&product, Sale, 1).await;
    assert_eq!(on_hand(&fixture, &product).await, 4, "it moves again");
}

#[tokio::test]
async fn the_policy_decides_below_zero() {
    use crate::identity::organizations::{self, UpdateOrganization};
    use entities::identity::organization::NegativeStockPolicy;
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    for (policy, recorded, warned) in
        [(NegativeStockPolicy::Forbid, false, false), (NegativeStockPolicy::Warn, true, true), (NegativeStockPolicy::Allow, true, false)]
    {
        let change = UpdateOrganization { negative_stock_policy: Some(policy), ..Default::default() };
        organizations::update(&fixture.again(), change).await.unwrap();
        match movements::record(&fixture.again(), movement(&product, &warehouse, Sale, 6)).await {
            Ok(done) => assert_eq!((true, !done.warnings.is_empty()), (recorded, warned), "{policy:?}"),
            Err(error) => {
                assert!(!recorded, "{policy:?}");
                assert_eq!(refusals(&error), [(Code::InsufficientStock, "quantity".into())]);
            }
        }
    }
    assert_eq!(on_hand(&fixture, &product).await, 5 - 12);
}

#[tokio::test]
async fn the_same_key_gives_the_same_movement_once() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(5).create().await, fixture.warehouse().await);
    let mut input = movement(&product, &warehouse, Sale, 2);
    input.idempotency_key = Some("ticket-17".into());
    let first = movements::record(&fixture.again(), input.clone()).await.unwrap().movement;
    let second = movements::record(&fixture.again(), input.clone()).await.unwrap().movement;
    assert_eq!(first, second);
    assert_eq!(on_hand(&fixture, &product).await, 3);
    input.quantity = Quantity(3000);
    let error = movements::record(&fixture.again(), input).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::IdempotencyMismatch, "idempotencyKey".into())]);
}

#[tokio::test]
async fn on_hand_after_follows_the_order_of_occurrence() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
    let now = fixture.scope.now();
    for (kind, units, days_ago) in [(Receipt, 10, 5), (Sale, 4, 1), (Receipt, 3, 9), (Sale, 1, 3)] {
        let mut input = movement(&product, &warehouse, kind, units);
        input.occurred_at = Some(now.minus(TimeDelta::days(days_ago)));
        movements::record(&fixture.again(), input).await.unwrap();
    }
    let filter = MovementFilter { products: Some(vec![product.id]), ..Default::default() };
    let scope = fixture.again();
    let rows: Vec<_> = movements::page(&scope, &filter, &PageArgs::default()).await.unwrap().items().cloned().collect();
    let after = on_hand_after(&scope, &rows).await.unwrap();
    let seen: Vec<i64> = rows.iter().map(|row| after[&row.id].0 / 1000).collect();
    assert_eq!(seen, [8, 12, 13, 3], "the latest first");
}

#[tokio::test]
async fn another_organisations_rows_are_not_there() {
    let fixture = Fixture::new().await;
    let mine = fixture.product().on_hand(5).create().await;
    let warehouse = fixture.warehouse().await;
    let (stranger, caller) = fixture.stranger().await;
    assert_eq!(products::find(&stranger, mine.id).await.unwrap(), None);
    assert!(stock::levels_of(&stranger, &[mine.id]).await.unwrap().is_empty());
    let stranger = caller.scope(&fixture.app, crate::locale::Locale::Fr).unwrap();
    let error = movements::record(&stranger, movement(&mine, &warehouse, Sale, 1)).await.unwrap_err();
    assert_eq!(refusals(&error), ["productId", "warehouseId"].map(|path| (Code::NotFound, path.to_owned())));
    assert_eq!(stranger.select::<product::Entity>().count().await.unwrap(), 0);
}
