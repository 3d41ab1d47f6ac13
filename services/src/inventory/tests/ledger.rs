//! What was recorded is undone, never rewritten.

use super::on_hand;
use crate::Code;
use crate::inventory::movements::{self, RecordTransfer, Transferred, Warning};
use crate::inventory::{catalog, dashboard, stock};
use crate::testing::{Fixture, refusals};
use entities::Quantity;
use entities::inventory::stock_level;
use entities::inventory::stock_movement::StockMovementKind::*;

#[tokio::test]
async fn a_movement_is_undone_once() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let sale = fixture.record(&product, Sale, 2).await.movement;
    let undone = movements::reverse(&fixture.again(), sale.id, "erreur de saisie").await.unwrap();
    assert_eq!((undone.quantity, undone.reverses_id), (Quantity(2000), Some(sale.id)));
    assert_eq!(on_hand(&fixture, &product).await, 5);
    let error = movements::reverse(&fixture.again(), sale.id, "encore").await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::AlreadyExists, "id".into())]);
    let error = movements::reverse(&fixture.again(), undone.id, "encore").await.unwrap_err();
    assert_eq!(refusals(&error), [(Code::ForbiddenState, "id".into())]);
    assert_eq!(dashboard::get(&fixture.again()).await.unwrap().service_level.lines, 0, "its line is undone too");
}

#[tokio::test]
async fn a_transfer_moves_and_is_undone_whole() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let (from, to) = (fixture.warehouse().await, catalog::create_warehouse(&fixture.again(), "Thiès", Some("THS")).await.unwrap());
    let input = RecordTransfer {
        product: product.id,
        from: from.id,
        to: to.id,
        quantity: Quantity(2000),
        occurred_at: None,
        reference: None,
        idempotency_key: Some("camion-1".into()),
    };
    let Transferred { out, into, warnings } = movements::transfer(&fixture.again(), input.clone()).await.unwrap();
    assert_eq!((out.kind, out.quantity, into.kind, into.quantity), (TransferOut, Quantity(-2000), TransferIn, Quantity(2000)));
    assert!(warnings.is_empty());
    assert_eq!(movements::transfer(&fixture.again(), input.clone()).await.unwrap().into.id, into.id, "the key gives the same transfer");
    let more = RecordTransfer { quantity: Quantity(4000), idempotency_key: None, ..input };
    let short = movements::transfer(&fixture.again(), more).await.unwrap();
    assert_eq!(short.warnings, [Warning::NegativeStock(Quantity(-1000))], "recorded, and told");
    movements::reverse(&fixture.again(), short.out.id, "trop").await.unwrap();
    let levels = |scope: crate::Scope| async move { stock::levels_of(&scope, &[product.id]).await.unwrap().remove(&product.id).unwrap() };
    let at = |levels: &[stock_level::Model], w| levels.iter().find(|l| l.warehouse_id == w).unwrap().on_hand.0 / 1000;
    let now = levels(fixture.again()).await;
    assert_eq!((at(&now, from.id), at(&now, to.id)), (3, 2));
    movements::reverse(&fixture.again(), into.id, "mauvais camion").await.unwrap();
    let now = levels(fixture.again()).await;
    assert_eq!((at(&now, from.id), at(&now, to.id)), (5, 0));
}

#[tokio::test]
async fn the_ledger_refuses_to_be_rewritten() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let row = fixture.record(&product, Sale, 1).await.movement;
    let txn = fixture.scope.begin().await.unwrap();
    let forged = entities::inventory::stock_movement::ActiveModel {
        tenant_id: sea_orm::ActiveValue::Unchanged(row.tenant_id),
        id: sea_orm::ActiveValue::Unchanged(row.id),
        quantity: sea_orm::ActiveValue::Set(Quantity(0)),
        ..Default::default()
    };
    assert!(format!("{:?}", txn.update(forged).await.unwrap_err()).contains("append-only"));
}
