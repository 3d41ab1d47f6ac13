//! What alerts say of themselves.

use crate::world::World;
use serde_json::{Value, json};
use services::{SystemScope, alerts};

async fn done(world: &World, document: &str, input: Value) -> Value {
    let answer = world.send(Some(&world.owner), document, json!({"input": input})).await;
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).unwrap_or_else(|| panic!("{answer}")).clone();
    assert_eq!(payload["userErrors"], json!([]), "{answer}");
    payload
}

#[tokio::test]
async fn a_service_level_is_told_by_the_definition_it_was_judged_by() {
    const CREATE: &str = "mutation($input: StockAlertRuleCreateInput!) { stockAlertRuleCreate(input: $input) {
        stockAlertRule { id } userErrors { code path } } }";
    const DELETE: &str = "mutation($input: StockAlertRuleDeleteInput!) { stockAlertRuleDelete(input: $input) { userErrors { code } } }";
    const RECORD: &str = "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) { userErrors { code path } } }";
    const ALERTS: &str = "query($f: StockAlertFilter) { stockAlerts(filter: $f) { nodes { state rule { id } available
        serviceLevel { definition numerator denominator ratio windowDays } } } }";
    let world = World::new().await;
    let product = &world.victim.product;
    let rule = json!({"kind": "SERVICE_LEVEL_DROP", "productId": product, "serviceLevelDefinition": "UNIT_FILL_RATE",
        "windowDays": 7, "minimumLines": 1});
    let shipped = world.send(Some(&world.owner), "{ stockAlertRules { nodes { id kind } } }", json!({})).await;
    let of_its_kind = |rule: &&Value| rule["kind"] == "SERVICE_LEVEL_DROP";
    for shipped in shipped["data"]["stockAlertRules"]["nodes"].as_array().unwrap().iter().filter(of_its_kind) {
        done(&world, DELETE, json!({"id": shipped["id"]})).await;
    }
    let rule = done(&world, CREATE, rule).await["stockAlertRule"]["id"].clone();
    let sale =
        json!({"productId": product, "warehouseId": world.victim.warehouse, "kind": "SALE", "quantity": "3", "orderedQuantity": "4"});
    done(&world, RECORD, sale).await;
    let listed = async || {
        alerts::evaluate::run(&SystemScope::new(&world.fixture.app), Default::default()).await.unwrap();
        let filter = json!({"f": {"kind": ["SERVICE_LEVEL_DROP"]}});
        world.send(Some(&world.owner), ALERTS, filter).await["data"]["stockAlerts"]["nodes"][0].clone()
    };
    let level = listed().await["serviceLevel"].clone();
    assert_eq!((&level["definition"], &level["windowDays"]), (&json!("UNIT_FILL_RATE"), &json!(7)), "{level}");
    done(&world, DELETE, json!({"id": rule})).await;
    let over = listed().await;
    let expected = json!({"state": "RESOLVED", "rule": null, "available": null, "serviceLevel": level});
    assert_eq!(over, expected, "its rule is gone");
}
