//! What things cost is seen by a right of its own, wherever it stands.

use crate::world::{World, send};
use api::roles_page::{self, Access};
use api::schema;
use serde_json::{Value, json};
use services::identity::{Caller, Grants, Permission, ShippedRole};
use services::inventory::products::ProductChange;
use services::locale::Locale;
use services::testing;

const COSTS: &str =
    "{ products(first: 1, filter: { search: \"RIZ\" }) { nodes { sku salePrice { amount } costPrice { amount } stockValue { amount }
    stockMovements(first: 1) { nodes { quantity unitCost { amount } } } } } inventoryDashboard { productCount onHandValue { amount } } }";

/// The paths that were refused, and whether each was for want of this right.
fn refused(answer: &Value) -> Vec<(String, bool)> {
    let path = |error: &Value| {
        error["path"].as_array().unwrap().iter().map(|part| part.to_string().replace('"', "")).collect::<Vec<_>>().join(".")
    };
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<(String, bool)> = errors.iter().map(|error| (path(error), error["extensions"]["code"] == "FORBIDDEN")).collect();
    all.sort();
    all
}

fn without(caller: &Caller, permission: Permission) -> Caller {
    let mut grants = Grants::default();
    Grants::all().iter().filter(|(one, _)| *one != permission).for_each(|(one, reach)| grants.add(one, reach));
    Caller { grants: grants.into(), ..caller.clone() }
}

#[tokio::test]
async fn costs_are_null_with_a_code_for_whoever_may_not_see_them_and_the_rest_is_there() {
    let world = World::new().await;
    let scope = || world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    let product = api::ids::GlobalId::of_global(&async_graphql::ID(world.victim.product.clone()));
    let prices = ProductChange { cost_price: Some(Some("700".into())), sale_price: Some(Some("900".into())), ..Default::default() };
    services::inventory::products::update(&scope(), product, prices).await.unwrap();
    let whole = world.send(Some(&world.owner), COSTS, json!({})).await;
    assert!(whole["errors"].is_null() && whole.to_string().contains("\"7000\""), "{whole}");
    let intern = testing::member(&world.fixture, &[ShippedRole::Intern]).await;
    for reader in [without(&world.owner, Permission::InventoryCostRead), intern] {
        let answer = world.send(Some(&reader), COSTS, json!({})).await;
        let mut paths = vec!["inventoryDashboard.onHandValue", "products.nodes.0.costPrice", "products.nodes.0.stockValue"];
        let movement = answer.pointer("/data/products/nodes/0/stockMovements/nodes/0");
        // An intern sees no movement but their own.
        paths.extend(movement.map(|_| "products.nodes.0.stockMovements.nodes.0.unitCost"));
        paths.sort_unstable();
        let wanted: Vec<(String, bool)> = paths.into_iter().map(|path| (path.to_owned(), true)).collect();
        assert_eq!(refused(&answer), wanted, "{answer}");
        for shown in ["/data/products/nodes/0/salePrice", "/data/inventoryDashboard/productCount", "/data/products/nodes/0/sku"] {
            assert_eq!(answer.pointer(shown), whole.pointer(shown), "{shown}");
        }
        assert!(!answer.to_string().contains("700"), "{answer}");
    }
}

#[tokio::test]
async fn the_log_says_that_a_cost_changed_and_not_from_what_to_what() {
    const LOG: &str = "{ auditLog(filter: {actions: [\"inventory.product.update\"]}) { nodes { changes { field old new } } } }";
    let world = World::new().await;
    let scope = world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    let product = api::ids::GlobalId::of_global(&async_graphql::ID(world.victim.product.clone()));
    let prices = ProductChange { cost_price: Some(Some("700".into())), ..Default::default() };
    services::inventory::products::update(&scope, product, prices).await.unwrap();
    for (reader, new) in [(world.owner.clone(), json!("700")), (without(&world.owner, Permission::InventoryCostRead), Value::Null)] {
        let answer = send(&world.fixture.app, &world.schema, Some(&reader), LOG, json!({})).await;
        let cost = json!({"field": "costPrice", "old": null, "new": new});
        assert!(answer["data"]["auditLog"]["nodes"][0]["changes"].as_array().is_some_and(|all| all.contains(&cost)), "{answer}");
        // What was done at the very moment is not in it.
        world.fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
        let export =
            services::audit::announce_export(&reader.scope(&world.fixture.app, Locale::Fr).unwrap(), Default::default()).await.unwrap();
        let mut csv = services::audit::open_export(&world.fixture.app, export.url.rsplit('/').next().unwrap()).unwrap();
        let text = String::from_utf8(csv.next().await.unwrap().unwrap()).unwrap();
        assert_eq!(text.contains("costPrice:  → 700"), new == "700", "{text}");
    }
}

/// Nobody finds out by sorting or narrowing what they may not see.
#[test]
fn every_field_of_a_cost_declares_the_right_and_nothing_is_sorted_or_found_by_it() {
    let sdl = schema::sdl(&schema::build(true));
    let needed = Access::Requires(Permission::InventoryCostRead);
    let declared: Vec<String> =
        roles_page::declared(&sdl).into_iter().filter(|(_, access)| *access == Some(needed)).map(|(field, _)| field).collect();
    assert_eq!(declared, ["InventoryDashboard.onHandValue", "Product.costPrice", "Product.stockValue", "StockMovement.unitCost"]);
    let by_it = |kind: &str| {
        sdl.split(kind).skip(1).filter_map(|rest| rest.split('}').next()).any(|body| {
            let body = body.to_lowercase();
            body.contains("cost") || body.contains("value:")
        })
    };
    assert!(!by_it("SortField {") && !by_it("Filter {"));
}
