//! What nobody sends in good faith is refused as bad input, on both databases alike, and is never a fault of ours.

use crate::site::Site;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use services::testing::PASSWORD;

struct Door {
    world: World,
    site: Site,
    token: String,
}

impl Door {
    async fn new() -> Self {
        let world = World::new().await;
        let site = Site::start(&world.fixture.app).await;
        let token = site.sign_in(&world.fixture.email().await, PASSWORD).await;
        Self { world, site, token }
    }

    async fn ask(&self, document: &str, variables: Value) -> Value {
        self.site.ask(&self.token, document, None, variables).await
    }
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_text_with_the_null_character_is_refused() {
    let door = Door::new().await;
    let things = &door.world.victim;
    let sale = |field: &str| {
        let mut input = json!({"productId": things.product, "warehouseId": things.warehouse, "kind": "SALE", "quantity": "1"});
        input[field] = json!("a\0b");
        json!({"input": input})
    };
    let record = "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) { userErrors { code } } }";
    let sign_in = "mutation($e: String!) { signIn(input: {email: $e, password: \"x\"}) { userErrors { code } } }";
    let nul = json!({"e": "awa\0@teranga.example"});
    assert_eq!(code(&door.site.ask("", sign_in, None, nul).await), "BAD_USER_INPUT", "from nobody, too");
    for (document, variables) in [
        ("query($s: String!) { productBySku(sku: $s) { id } }", json!({"s": "\0"})),
        ("{ productBySku(sku: \"a\\u0000\") { id } }", json!({})),
        ("query($s: String = \"\\u0000\") { products(filter: {search: $s}) { totalCount } }", json!({})),
        ("query($f: ProductFilter) { products(filter: $f) { totalCount } }", json!({"f": {"search": "riz\0"}})),
        ("query($f: StockMovementFilter) { stockMovements(filter: $f) { totalCount } }", json!({"f": {"reference": "\0"}})),
        (record, sale("reason")),
        (record, sale("reference")),
        (record, sale("idempotencyKey")),
    ] {
        let answer = door.ask(document, variables).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{document}: {answer}");
    }
}

/// Every list with pages, and where its cursor stands.
const LISTS: &[&str] = &[
    "categories",
    "suppliers",
    "units",
    "warehouses",
    "products",
    "products(orderBy: [{field: CREATED_AT, direction: DESC}, {field: SKU}])",
    "stockLevels",
    "stockLevels(orderBy: [{field: SKU}])",
    "stockMovements",
    "stockAlerts",
    "stockAlerts(orderBy: [{field: SEVERITY}])",
    "stockAlertRules",
    "notifications",
    "dataImports",
    "jobs",
];

#[tokio::test]
async fn a_forged_cursor_is_refused() {
    let door = Door::new().await;
    for list in LISTS {
        let answer = door.ask(&format!("{{ list: {list} {{ pageInfo {{ endCursor }} }} }}"), json!({})).await;
        let cursor = answer["data"]["list"]["pageInfo"]["endCursor"].as_str().unwrap_or_else(|| panic!("{list}: {answer}"));
        let genuine: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        let after = async |cursor: &Value| {
            let text = URL_SAFE_NO_PAD.encode(cursor.to_string());
            let (name, rest) = list.split_once('(').map_or((*list, ""), |(name, rest)| (name, rest.trim_end_matches(')')));
            let document = format!("query($after: String) {{ list: {name}(after: $after {rest}) {{ pageInfo {{ endCursor }} }} }}");
            door.ask(&document, json!({"after": text})).await
        };
        assert_eq!(code(&after(&genuine).await), "none", "{list}");
        let values = genuine[2].as_array().unwrap();
        for place in 0..values.len() {
            let kind = |value: &Value| value.as_object().unwrap().keys().next().unwrap().clone();
            let forged = [json!({"i": 7}), json!({"t": "x"}), json!({"u": "01a230d5-1280-7000-9f87-e137e6ba7d27"}), json!({"t": "\0"})];
            for value in forged {
                let good = kind(&value) == kind(&values[place]) && value["t"] != "\0";
                let mut cursor = genuine.clone();
                cursor[2][place] = value;
                let answer = after(&cursor).await;
                assert_eq!(code(&answer), if good { "none" } else { "BAD_USER_INPUT" }, "{list} {cursor}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_or_an_order_too_long_is_refused() {
    let door = Door::new().await;
    let things = &door.world.victim;
    for (document, list, id) in [
        ("query($f: ProductFilter) { products(filter: $f) { totalCount } }", "categoryIds", things.category.clone()),
        ("query($f: ProductFilter) { products(filter: $f) { totalCount } }", "supplierIds", things.supplier.clone()),
        ("query($f: ProductFilter) { products(filter: $f) { totalCount } }", "warehouseIds", things.warehouse.clone()),
        ("query($f: ProductFilter) { products(filter: $f) { totalCount } }", "stockStatus", "LOW_STOCK".into()),
        ("query($f: StockLevelFilter) { stockLevels(filter: $f) { totalCount } }", "productIds", things.product.clone()),
        ("query($f: StockLevelFilter) { stockLevels(filter: $f) { totalCount } }", "stockStatus", "LOW_STOCK".into()),
        ("query($f: StockMovementFilter) { stockMovements(filter: $f) { totalCount } }", "warehouseIds", things.warehouse.clone()),
        ("query($f: StockMovementFilter) { stockMovements(filter: $f) { totalCount } }", "kind", "RECEIPT".into()),
        ("query($f: StockAlertFilter) { stockAlerts(filter: $f) { totalCount } }", "productIds", things.product.clone()),
        ("query($f: StockAlertFilter) { stockAlerts(filter: $f) { totalCount } }", "state", "FIRING".into()),
        ("query($f: NotificationFilter) { notifications(filter: $f) { totalCount } }", "category", "STOCK_ALERT".into()),
    ] {
        let send = async |length| door.ask(document, json!({"f": {list: vec![id.clone(); length]}})).await;
        let (most, over) = (send(100).await, send(101).await);
        assert_eq!((code(&most), code(&over)), ("none", "BAD_USER_INPUT"), "{list}: {most} {over}");
        assert!(most["data"].as_object().is_some_and(|data| data.values().all(|list| list["totalCount"].is_u64())), "{list}: {most}");
    }
    let ordered = async |columns: usize| {
        let order = vec![json!({"field": "NAME"}); columns];
        door.ask("query($o: [ProductSort!]) { products(orderBy: $o) { totalCount } }", json!({"o": order})).await
    };
    let (most, over) = (ordered(5).await, ordered(6).await);
    assert_eq!((code(&most), code(&over)), ("none", "BAD_USER_INPUT"), "{most} {over}");
}
