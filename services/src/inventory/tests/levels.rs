//! Levels in order, and how far they go.

use super::on_hand;
use crate::inventory::movements::{self, RecordTransfer};
use crate::inventory::{catalog, stock};
use crate::page::PageArgs;
use crate::testing::{Fixture, movement, refusals};
use crate::{Code, Error, Reads};
use entities::Quantity;
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::inventory::{product, stock_level, warehouse};

#[tokio::test]
async fn levels_are_paged_by_the_sku_of_their_product() {
    let fixture = Fixture::new().await;
    let here = fixture.warehouse().await;
    let elsewhere = catalog::create_warehouse(&fixture.again(), "Annexe", None).await.unwrap();
    // Made in another order than the SKUs', each in two warehouses, so that every SKU stands twice.
    for sku in ["D", "b", "A", "É", "C", "B-2", "10", "9"] {
        let product = fixture.product().sku(sku).create().await;
        for warehouse in [&elsewhere, &here] {
            movements::record(&fixture.again(), movement(&product, warehouse, Receipt, 4)).await.unwrap();
        }
    }
    let (other, _) = fixture.stranger().await;
    let skus = |rows: Vec<stock_level::Model>| {
        let scope = fixture.again();
        async move {
            let ids: Vec<_> = rows.iter().map(|row| row.product_id).collect();
            let products = scope.by_ids::<product::Entity>(&ids).await.unwrap();
            rows.iter().map(|row| (products[&row.product_id].sku.clone(), row.id)).collect::<Vec<_>>()
        }
    };
    let page = |descending: bool, args: PageArgs| {
        let scope = fixture.again();
        async move { stock::page(&scope, &Default::default(), &[(stock::LevelOrder::Sku, descending)], &args).await.unwrap() }
    };
    let mut orders = Vec::new();
    for descending in [false, true] {
        let whole = page(descending, PageArgs { with_total: true, ..Default::default() }).await;
        assert_eq!((whole.rows.len(), whole.total), (16, Some(16)));
        let whole = skus(whole.items().cloned().collect()).await;
        assert!(whole.chunks(2).all(|pair| pair[0].0 == pair[1].0 && (pair[0].1 < pair[1].1) != descending), "{whole:?}");
        let (mut there, mut after) = (Vec::new(), None);
        while there.len() < 16 {
            let next = page(descending, PageArgs { first: Some(3), after: after.clone(), ..Default::default() }).await;
            after = next.rows.last().map(|row| row.cursor());
            assert_eq!(next.has_next, there.len() + next.rows.len() < 16);
            there.extend(next.items().cloned());
        }
        assert_eq!(skus(there).await, whole, "three at a time, ties split over pages");
        let (mut back, mut before) = (Vec::new(), None);
        while back.len() < 16 {
            let next = page(descending, PageArgs { last: Some(5), before: before.clone(), ..Default::default() }).await;
            before = next.rows.first().map(|row| row.cursor());
            back.splice(..0, next.items().cloned());
        }
        assert_eq!(skus(back).await, whole, "and from the end");
        orders.push(whole);
    }
    orders[1].reverse();
    assert_eq!(orders[0], orders[1]);
    assert!(orders[0].is_sorted_by_key(|(sku, _)| sku.as_bytes()), "a SKU is a code, compared by its bytes");
    let foreign = stock::page(&other, &Default::default(), &[(stock::LevelOrder::Sku, false)], &PageArgs::default()).await.unwrap();
    assert_eq!(foreign.rows.len(), 0);
    let cursor = page(false, PageArgs { first: Some(1), ..Default::default() }).await.rows[0].cursor();
    let args = PageArgs { after: Some(cursor), ..Default::default() };
    let mixed = [(stock::LevelOrder::UpdatedAt, true)];
    assert!(matches!(stock::page(&fixture.again(), &Default::default(), &mixed, &args).await, Err(Error::CursorUnknown)));
}

#[tokio::test]
async fn a_level_goes_up_to_its_bound_and_down_to_it_and_no_further() {
    let fixture = Fixture::new().await;
    let (product, here) = (fixture.product().create().await, fixture.warehouse().await);
    let there = catalog::create_warehouse(&fixture.again(), "Thiès", None).await.unwrap();
    let record = async |kind, units| movements::record(&fixture.again(), movement(&product, &here, kind, units)).await;
    let (largest, beyond) = (1_000_000_000, vec![(Code::OutOfRange, "quantity".to_owned())]);
    for _ in 0..100 {
        record(Receipt, largest).await.unwrap();
    }
    assert_eq!(refusals(&record(Receipt, 1).await.unwrap_err()), beyond);
    assert_eq!(refusals(&record(Adjustment, 1).await.unwrap_err()), beyond);
    let transfer = |from: &warehouse::Model, to: &warehouse::Model| RecordTransfer {
        product: product.id,
        from: from.id,
        to: to.id,
        quantity: Quantity(1000),
        occurred_at: None,
        reference: None,
        idempotency_key: None,
    };
    movements::record(&fixture.again(), movement(&product, &there, Receipt, 1)).await.unwrap();
    assert_eq!(refusals(&movements::transfer(&fixture.again(), transfer(&there, &here)).await.unwrap_err()), beyond);
    let sold = record(Sale, 1).await.unwrap().movement;
    record(Receipt, 1).await.unwrap();
    let again = movements::reverse(&fixture.again(), sold.id, "Erreur").await.unwrap_err();
    assert_eq!(refusals(&again), [(Code::OutOfRange, "id".into())], "undoing is a movement like another");
    for _ in 0..200 {
        record(WriteOff, largest).await.unwrap();
    }
    assert_eq!(refusals(&record(Sale, 1).await.unwrap_err()), beyond);
    assert_eq!(on_hand(&fixture, &product).await, -100 * largest + 1);
    let Error::Refused(said) = record(Sale, 1).await.unwrap_err() else { panic!("refused") };
    assert!(said[0].message.starts_with("Trop pour un entrepôt"), "{said:?}");
}
