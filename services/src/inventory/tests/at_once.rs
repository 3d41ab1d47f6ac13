//! Movements that many record at the same time.

use super::on_hand;
use crate::inventory::movements;
use crate::testing::{Fixture, movement};
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn forty_sales_at_once_never_oversell_and_each_key_counts_once() {
    use crate::identity::organizations::{self, UpdateOrganization};
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().on_hand(10).create().await, fixture.warehouse().await);
    let forbid = entities::identity::organization::NegativeStockPolicy::Forbid;
    organizations::update(&fixture.again(), UpdateOrganization { negative_stock_policy: Some(forbid), ..Default::default() })
        .await
        .unwrap();
    let sales = (0..40).map(|n| {
        let mut input = movement(&product, &warehouse, Sale, 1);
        // Each key is sent twice.
        input.idempotency_key = Some(format!("sale-{}", n / 2));
        let scope = fixture.again();
        tokio::spawn(async move { crate::scope::retrying(|| movements::record(&scope, input.clone())).await.is_ok() })
    });
    let done = futures_util::future::join_all(sales.collect::<Vec<_>>()).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
    assert_eq!(on_hand(&fixture, &product).await, 0);
    assert!((10..=20).contains(&done), "ten keys of two calls each at most: {done}");
}

/// What was counted is what is there, whoever else counts it at the same time.
#[tokio::test]
async fn first_counts_at_once_do_not_add_up() {
    let fixture = Fixture::new().await;
    let warehouse = fixture.warehouse().await;
    for _ in 0..10 {
        let product = fixture.product().create().await;
        let counts = (0..4).map(|_| {
            let (input, scope) = (movement(&product, &warehouse, Count, 10), fixture.again());
            tokio::spawn(async move { crate::scope::retrying(|| movements::record(&scope, input.clone())).await.map(drop) })
        });
        for done in futures_util::future::join_all(counts.collect::<Vec<_>>()).await {
            done.unwrap().unwrap();
        }
        assert_eq!(on_hand(&fixture, &product).await, 10);
    }
}
