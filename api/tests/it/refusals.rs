//! Rules that say no, as a client reads them: which rule, and where in the input.

use crate::edge_ws::Heard;
use crate::site::Site;
use crate::world::World;
use serde_json::{Value, json};
use services::testing::{self, Fixture};

/// The refusals of a mutation's one root field.
async fn refused(world: &World, document: &str, variables: Value) -> Value {
    let answer = world.send(Some(&world.owner), document, variables).await;
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).unwrap_or_else(|| panic!("{answer}"));
    payload["userErrors"].clone()
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_changed_over_it() {
    const RENAME: &str = "mutation($input: OrganizationUpdateInput!) { organizationUpdate(input: $input) {
        organization { version } userErrors { code path } } }";
    const ARCHIVE: &str = "mutation($input: ProductArchiveInput!) { productArchive(input: $input) {
        product { version } userErrors { code path } } }";
    const NAME: &str = "mutation($input: ProductUpdateInput!) { productUpdate(input: $input) { product { version } userErrors { code } } }";
    let world = World::new().await;
    let stale = json!([{"code": "STALE_VERSION", "path": ["expectedVersion"]}]);
    assert_eq!(refused(&world, RENAME, json!({"input": {"name": "Chez Awa", "expectedVersion": 1}})).await, json!([]));
    assert_eq!(refused(&world, RENAME, json!({"input": {"name": "Awa & fils", "expectedVersion": 1}})).await, stale);
    let id = &world.victim.product;
    assert_eq!(refused(&world, NAME, json!({"input": {"id": id, "name": "Riz brisé"}})).await, json!([]));
    assert_eq!(refused(&world, ARCHIVE, json!({"input": {"id": id, "expectedVersion": 1}})).await, stale);
    let now =
        world.send(Some(&world.owner), "query($id: ID!) { product(id: $id) { name archivedAt } organization { name } }", json!({"id": id}));
    let now = now.await;
    assert_eq!(now["data"], json!({"product": {"name": "Riz brisé", "archivedAt": null}, "organization": {"name": "Chez Awa"}}), "{now}");
    assert_eq!(refused(&world, ARCHIVE, json!({"input": {"id": id, "expectedVersion": 2}})).await, json!([]));
}

#[tokio::test]
async fn a_stale_version_is_answered_with_the_present_object() {
    let world = World::new().await;
    let (product, rule) = (&world.victim.product, &world.victim.rule);
    let name = json!({"name": "Riz brisé", "expectedVersion": 1});
    let with_id = |id: &str, mut input: Value| {
        input["id"] = json!(id);
        input
    };
    // The first changes it, the second comes too late.
    for (field, kind, object, input) in [
        ("organizationUpdate", "OrganizationUpdateInput", "organization { version name }", name.clone()),
        ("productUpdate", "ProductUpdateInput", "product { version name }", with_id(product, name)),
        ("productArchive", "ProductArchiveInput", "product { version name archivedAt }", with_id(product, json!({"expectedVersion": 2}))),
        (
            "productUnarchive",
            "ProductUnarchiveInput",
            "product { version name archivedAt }",
            with_id(product, json!({"expectedVersion": 3})),
        ),
        (
            "stockAlertRuleUpdate",
            "StockAlertRuleUpdateInput",
            "stockAlertRule { version }",
            with_id(rule, json!({"enabled": false, "expectedVersion": 1})),
        ),
    ] {
        let document = format!("mutation($input: {kind}!) {{ {field}(input: $input) {{ {object} userErrors {{ code path }} }} }}");
        let done = world.send(Some(&world.owner), &document, json!({"input": input})).await["data"][field].take();
        assert_eq!(done["userErrors"], json!([]), "{field}: {done}");
        let mut late = world.send(Some(&world.owner), &document, json!({"input": input})).await["data"][field].take();
        assert_eq!(late["userErrors"].take(), json!([{"code": "STALE_VERSION", "path": ["expectedVersion"]}]), "{field}");
        let word = object.split(' ').next().unwrap();
        assert_eq!(late[word], done[word], "{field}: as it is now, to be merged with");
    }
}

#[tokio::test]
async fn a_refusal_says_the_bound_and_what_to_do() {
    let world = World::new().await;
    let ask = async |document: &str, input: Value| {
        let answer = world.send(Some(&world.owner), document, json!({"input": input})).await;
        let payload = answer["data"].as_object().and_then(|data| data.values().next()).unwrap_or_else(|| panic!("{answer}"));
        let refusal = &payload["userErrors"][0];
        (refusal["path"].clone(), refusal["message"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned())
    };
    const RULE: &str =
        "mutation($input: StockAlertRuleCreateInput!) { stockAlertRuleCreate(input: $input) { userErrors { path message } } }";
    let (path, message) = ask(RULE, json!({"kind": "SERVICE_LEVEL_DROP", "windowDays": 0})).await;
    assert!(path == json!(["windowDays"]) && message.contains("de 1 à 366"), "{message}");
    const RECORD: &str = "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) {
        stockMovement { id } userErrors { path message } } }";
    let sale = json!({"productId": world.victim.product, "warehouseId": world.victim.warehouse, "kind": "RECEIPT", "quantity": "1"});
    let with = |name: &str, value: Value| {
        let mut input = sale.clone();
        input[name] = value;
        input
    };
    let (path, message) = ask(RECORD, with("reference", json!(""))).await;
    assert!(path == json!(["reference"]) && message.contains("de 1 à 200"), "{message}");
    let (path, message) = ask(RECORD, with("occurredAt", json!("1960-04-04T00:00:00Z"))).await;
    assert!(path == json!(["occurredAt"]) && message.contains("1970"), "{message}");
    const READ: &str =
        "mutation($input: NotificationsMarkReadInput!) { notificationsMarkRead(input: $input) { userErrors { path message } } }";
    let (path, message) = ask(READ, json!({"ids": vec![&world.victim.notification; 251]})).await;
    assert!(path == json!(["ids"]) && message.contains("250") && message.contains("Envoyez les autres"), "{message}");
}

#[tokio::test]
async fn all_that_stands_against_a_movement_or_a_transfer_comes_at_once() {
    const RECORD: &str = "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) {
        stockMovement { id } userErrors { code path } } }";
    const MOVE: &str =
        "mutation($input: StockTransferRecordInput!) { stockTransferRecord(input: $input) { out { id } userErrors { code path } } }";
    let world = World::new().await;
    let errors = |all: &[(&str, &str)]| all.iter().map(|(code, path)| json!({"code": code, "path": [path]})).collect::<Vec<_>>();
    let (product, unknown) = (&world.victim.product, &world.victim.rule);
    let input = json!({"productId": product, "warehouseId": unknown, "kind": "TRANSFER_IN", "quantity": "1.2345", "orderedQuantity": "1.2345",
        "unitCost": "1.5", "occurredAt": "2099-01-01T00:00:00Z", "reference": ""});
    let all = [
        ("INVALID", "kind"),
        ("OUT_OF_RANGE", "unitCost"),
        ("OUT_OF_RANGE", "quantity"),
        ("OUT_OF_RANGE", "orderedQuantity"),
        ("OUT_OF_RANGE", "occurredAt"),
        ("INVALID", "reference"),
        ("NOT_FOUND", "warehouseId"),
    ];
    assert_eq!(refused(&world, RECORD, json!({"input": input})).await, json!(errors(&all)));
    let input = json!({"productId": unknown, "fromWarehouseId": unknown, "toWarehouseId": unknown, "quantity": "99999999999"});
    let all = [("OUT_OF_RANGE", "quantity"), ("INVALID", "toWarehouseId"), ("NOT_FOUND", "productId"), ("NOT_FOUND", "fromWarehouseId")];
    assert_eq!(refused(&world, MOVE, json!({"input": input})).await, json!(errors(&all)));
}

#[tokio::test]
async fn what_cannot_be_undone_for_want_of_stock_is_refused_of_the_movement() {
    const POLICY: &str = "mutation($input: OrganizationUpdateInput!) { organizationUpdate(input: $input) { userErrors { code } } }";
    const RECORD: &str =
        "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) { stockMovement { id } userErrors { code } } }";
    const REVERSE: &str =
        "mutation($input: StockMovementReverseInput!) { stockMovementReverse(input: $input) { userErrors { code path } } }";
    let world = World::new().await;
    refused(&world, POLICY, json!({"input": {"negativeStockPolicy": "FORBID"}})).await;
    let count = json!({"productId": world.victim.product, "warehouseId": world.victim.warehouse, "kind": "COUNT", "quantity": "0"});
    refused(&world, RECORD, json!({"input": count})).await;
    let mut moved = count.clone();
    (moved["kind"], moved["quantity"]) = (json!("RECEIPT"), json!("5"));
    let receipt = world.send(Some(&world.owner), RECORD, json!({"input": moved})).await;
    let id = receipt["data"]["stockMovementRecord"]["stockMovement"]["id"].clone();
    moved["kind"] = json!("SALE");
    assert_eq!(refused(&world, RECORD, json!({"input": moved})).await, json!([]), "{receipt}");
    let short = refused(&world, REVERSE, json!({"input": {"id": id, "reason": "erreur"}})).await;
    assert_eq!(short, json!([{"code": "INSUFFICIENT_STOCK", "path": ["id"]}]));
}

#[test]
fn a_mutation_tries_again_what_got_in_the_way_of_another() {
    let (mut alone, mut open) = (Vec::new(), vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = open.pop() {
        open.extend(std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
        let Ok(text) = std::fs::read_to_string(folder.join("mutation.rs")) else { continue };
        let resolvers = text.split("#[Object]").nth(1).unwrap().split("\n}\n").next().unwrap();
        for resolver in resolvers.split("    async fn ").skip(1) {
            if !resolver.contains("retrying(") {
                alone.push(resolver.split('(').next().unwrap().to_owned());
            }
        }
    }
    alone.sort();
    assert_eq!(alone, ONCE, "each of these is weighed one by one");
}

/// A sign-in writes rows of its own alone, and a second try would count as a second guess.
const ONCE: [&str; 1] = ["sign_in"];

#[tokio::test]
async fn a_definition_that_stock_does_not_know_is_refused_where_it_stands() {
    const CREATE: &str = "mutation($input: StockAlertRuleCreateInput!) { stockAlertRuleCreate(input: $input) {
        stockAlertRule { id } userErrors { code path } } }";
    const UPDATE: &str = "mutation($input: StockAlertRuleUpdateInput!) { stockAlertRuleUpdate(input: $input) {
        stockAlertRule { id } userErrors { code path } } }";
    let world = World::new().await;
    let refusal = json!([{"code": "INVALID", "path": ["serviceLevelDefinition"]}]);
    for (kind, definition) in [
        ("SERVICE_LEVEL_DROP", "ORDER_FILL_RATE"),
        ("SERVICE_LEVEL_DROP", "CYCLE"),
        ("SERVICE_LEVEL_DROP", "ON_TIME_IN_FULL"),
        ("LOW_STOCK", "AVAILABILITY"),
        ("STOCK_OUT", "LINE_FILL_RATE"),
    ] {
        let input = json!({"input": {"kind": kind, "serviceLevelDefinition": definition}});
        assert_eq!(refused(&world, CREATE, input).await, refusal, "{kind} {definition}");
    }
    let input = json!({"input": {"id": world.victim.rule, "serviceLevelDefinition": "CYCLE"}});
    assert_eq!(refused(&world, UPDATE, input).await, refusal);
    let input = json!({"input": {"kind": "SERVICE_LEVEL_DROP", "serviceLevelDefinition": "UNIT_FILL_RATE"}});
    assert_eq!(refused(&world, CREATE, input).await, json!([]));
}

/// The sentence and the code of an answer's one error.
fn told(answer: &Value) -> (&str, &str) {
    let error = &answer["errors"][0];
    (error["message"].as_str().unwrap_or_default(), error["extensions"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn errors_are_told_in_the_readers_language_and_in_french_to_whom_nobody_knows() {
    const SHOP: &str = "{ organization { id } }";
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    for (language, message) in
        [("", "Connectez-vous d'abord."), ("pt", "Connectez-vous d'abord."), ("en-GB", "Sign in first."), ("wo", "Duggal ba noppi.")]
    {
        let answer = site.ask_in(language, "", SHOP).await;
        assert_eq!(told(&answer), (message, "UNAUTHENTICATED"), "{answer}");
    }
    for (language, words) in [("", "Connectez-vous de nouveau."), ("en", "Sign in again.")] {
        let answer = site.ask_in(language, "a-token-that-is-over", SHOP).await;
        let (message, code) = told(&answer);
        assert!(message.ends_with(words) && code == "UNAUTHENTICATED", "{answer}");
    }
}

#[tokio::test]
async fn whose_language_is_known_is_told_in_it_over_sockets_too() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let (_, stranger) = fixture.stranger().await;
    let token = testing::token_of(&fixture.app, &stranger);
    let english = site.ask(&token, "mutation { viewerUpdate(input: {locale: \"en\"}) { userErrors { code } } }", None, json!({})).await;
    assert_eq!(english["data"]["viewerUpdate"]["userErrors"], json!([]), "{english}");
    let schedules = "{ schedules { name } }";
    for (language, words) in [("", "Only the operators"), ("fr", "Seuls les opérateurs")] {
        let answer = site.ask_in(language, &token, schedules).await;
        let (message, code) = told(&answer);
        assert!(message.starts_with(words) && code == "FORBIDDEN", "{answer}");
    }
    let mut socket = site.socket(&token).await;
    socket.subscribe("s", "subscription { dataImportProgressed(dataImportId: \"nothing\") { dataImport { id } } }").await;
    let Heard::Message(message) = socket.hear().await else { panic!("it is told what is wrong") };
    assert!(message.to_string().contains("\"Not found.\""), "{message}");
}
