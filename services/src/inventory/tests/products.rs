//! Products in pages, changed, and by how their stock stands.

use crate::inventory::products::{self, ProductChange, ProductFilter, ProductOrder};
use crate::page::PageArgs;
use crate::testing::{Fixture, refusals};
use crate::{Code, Error};
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn pages_neither_skip_nor_repeat_when_rows_come_and_go() {
    let fixture = Fixture::new().await;
    for n in 0..7 {
        fixture.product().sku(&format!("B-{n}")).create().await;
    }
    let order = [(ProductOrder::Sku, false)];
    let list = |after: Option<String>, before: Option<String>, n| {
        let scope = fixture.again();
        let args = match &before {
            None => PageArgs { first: Some(n), after, ..Default::default() },
            Some(_) => PageArgs { last: Some(n), before, ..Default::default() },
        };
        async move { products::page(&scope, &ProductFilter::default(), &order, &args).await.unwrap() }
    };
    let first = list(None, None, 3).await;
    assert_eq!((first.has_next, first.has_previous), (true, false));
    fixture.product().sku("A-0").create().await;
    let second = list(Some(first.rows[2].cursor()), None, 3).await;
    let skus: Vec<&str> = second.items().map(|product| product.sku.as_str()).collect();
    assert_eq!(skus, ["B-3", "B-4", "B-5"]);
    let back = list(None, Some(second.rows[0].cursor()), 2).await;
    assert_eq!(back.items().map(|product| product.sku.as_str()).collect::<Vec<_>>(), ["B-1", "B-2"]);
    assert_eq!((back.has_next, back.has_previous), (true, true));
    let wrong = PageArgs { after: Some(first.rows[0].cursor()), ..Default::default() };
    let other_order = products::page(&fixture.again(), &ProductFilter::default(), &[(ProductOrder::Name, false)], &wrong).await;
    assert!(matches!(other_order, Err(Error::CursorUnknown)), "a cursor belongs to its order");
}

#[tokio::test]
async fn a_stale_version_is_refused_and_absent_is_not_null() {
    let fixture = Fixture::new().await;
    let product = fixture.product().with(|new| new.barcode = Some("6001".into())).reorder_point(4).create().await;
    let change = ProductChange { name: Some("Riz".into()), reorder_point: Some(None), expected_version: Some(1), ..Default::default() };
    let changed = products::update(&fixture.again(), product.id, change.clone()).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.reorder_point, changed.barcode.as_deref(), changed.version), ("Riz", None, Some("6001"), 2));
    let error = products::update(&fixture.again(), product.id, change).await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::StaleVersion, "expectedVersion".into())]);
}

#[tokio::test]
async fn filters_by_how_stock_stands() {
    use crate::inventory::products::StockStatus::{self, *};
    let fixture = Fixture::new().await;
    fixture.product().sku("out").on_hand(2).create().await;
    let out = products::find_by_sku(&fixture.again(), "out").await.unwrap().unwrap();
    fixture.record(&out, Sale, 2).await;
    fixture.product().sku("low").reorder_point(3).on_hand(3).create().await;
    fixture.product().sku("plenty").reorder_point(3).on_hand(4).create().await;
    fixture.product().sku("new").create().await;
    let list = |status: StockStatus| {
        let scope = fixture.again();
        let filter = ProductFilter { stock_status: Some(vec![status]), ..Default::default() };
        async move {
            let page = products::page(&scope, &filter, &[], &PageArgs::default()).await.unwrap();
            page.items().map(|product| product.sku.clone()).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(StockOut).await, ["out"]);
    assert_eq!(list(LowStock).await, ["low"]);
    assert_eq!(list(InStock).await, ["plenty"]);
    assert_eq!(list(NoMovement).await, ["new"]);
}
