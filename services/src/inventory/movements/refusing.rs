//! What is said of a movement that cannot be.

use super::*;
use crate::inventory::products;
use crate::testing::{Fixture, movement, refusals};
use chrono::TimeDelta;

#[tokio::test]
async fn all_that_stands_against_a_movement_is_said_at_once() {
    let fixture = Fixture::new().await;
    let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
    let expected = |all: &[(Code, &str)]| all.iter().map(|(code, path)| (*code, (*path).to_owned())).collect::<Vec<_>>();
    let (late, strange) = ((Code::OutOfRange, "occurredAt"), [(Code::NotFound, "productId"), (Code::NotFound, "warehouseId")]);

    let mut nowhere = movement(&product, &warehouse, StockMovementKind::Sale, 1);
    (nowhere.product, nowhere.warehouse) = (fixture.app.new_id(), fixture.app.new_id());
    let said = async |input: RecordMovement| refusals(&record(&fixture.again(), input).await.unwrap_err());
    assert_eq!(said(nowhere.clone()).await, expected(&strange), "both references");
    nowhere.occurred_at = Some(fixture.app.now().plus(TimeDelta::days(1)));
    assert_eq!(said(nowhere.clone()).await, expected(&[late, strange[0], strange[1]]), "with what is wrong in itself");
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    let halves = RecordMovement { product: product.id, quantity: Quantity(500), ..nowhere };
    let archived = (Code::Archived, "productId");
    assert_eq!(said(halves.clone()).await, expected(&[late, strange[1], archived, (Code::OutOfRange, "quantity")]));

    let input = TypedMovement {
        said: RecordMovement { kind: StockMovementKind::TransferIn, ..halves.clone() },
        quantity: "un".into(),
        ordered_quantity: Some("deux".into()),
        unit_cost: Some("trois".into()),
    };
    let error = record_typed(&fixture.again(), input).await.unwrap_err();
    let unread = ["unitCost", "quantity", "orderedQuantity"].map(|path| (Code::OutOfRange, path));
    let all = [&[(Code::Invalid, "kind")][..], &unread, &[late, strange[1], archived]].concat();
    assert_eq!(refusals(&error), expected(&all), "each field once");

    let (to, unknown) = (warehouse.id, fixture.app.new_id());
    let said = RecordTransfer {
        product: unknown,
        from: to,
        to,
        quantity: Quantity::ZERO,
        occurred_at: None,
        reference: None,
        idempotency_key: None,
    };
    let error = transfer_typed(&fixture.again(), TypedTransfer { said: said.clone(), quantity: "1e3".into() }).await.unwrap_err();
    let all = [(Code::OutOfRange, "quantity"), (Code::Invalid, "toWarehouseId"), (Code::NotFound, "productId")];
    assert_eq!(refusals(&error), expected(&all));
    let apart = RecordTransfer { from: fixture.app.new_id(), to: fixture.app.new_id(), ..said };
    let error = transfer_typed(&fixture.again(), TypedTransfer { said: apart, quantity: "1".into() }).await.unwrap_err();
    let all = [(Code::NotFound, "productId"), (Code::NotFound, "fromWarehouseId"), (Code::NotFound, "toWarehouseId")];
    assert_eq!(refusals(&error), expected(&all), "both warehouses, the product once");
}
