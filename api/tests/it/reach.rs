//! A right reaches as far as it is granted: one's own rows, those of one's teams, all.
//!
//! Every field behind a right that may reach less than all is called by actors of each reach, about the rows of themselves, of a
//! team below theirs, of a team beside it and of nobody's team; what they see must be exactly what is theirs to see, and the rest
//! as if it were not there. A field of the schema without a case fails the build. With the feature `leak-canary` the predicate
//! is taken out of all statements, and the cases must fail: that is the negative control.

mod shop;

use api::ids::{Kind, global};
use api::roles_page::{self, Access};
use api::schema;
use serde_json::{Value, json};
use shop::{Actor, Shop, id, rows};
use std::collections::BTreeSet;

/// How a field is asked, and what of the answer shows which rows it reached.
enum How {
    /// A connection at this pointer, its total beside its nodes.
    List(&'static str, &'static str),
    /// A number at this pointer.
    Count(&'static str, &'static str),
    /// Once for each row, with its id; a row out of reach is not found.
    Each(&'static str),
    /// The lines of the CSV behind a link.
    Export(&'static str),
    /// Whether the first event of the product's stream, which is of the person in no team, shows its movement.
    FirstEvent(&'static str),
}

struct Case {
    field: &'static str,
    kind: Kind,
    how: How,
}

const fn case(field: &'static str, kind: Kind, how: How) -> Case {
    Case { field, kind, how }
}

/// What only makes what was not there before.
const MAKES: [&str; 1] = ["Mutation.fileUploadCreate"];

const NODE: &str = "query($id: ID!, $product: ID!) { found: node(id: $id) { id } product(id: $product) { id } }";

/// Those that read come first: those that write add rows.
const CASES: [Case; 21] = [
    case(
        "Query.stockMovements",
        Kind::StockMovement,
        How::List("{ stockMovements(first: 100) { totalCount nodes { id } } }", "/stockMovements"),
    ),
    case(
        "Product.stockMovements",
        Kind::StockMovement,
        How::List(
            "query($product: ID!) { product(id: $product) { stockMovements(first: 100) { totalCount nodes { id } } } }",
            "/product/stockMovements",
        ),
    ),
    case(
        "Product.stockMovements of a page",
        Kind::StockMovement,
        How::List("{ products(first: 1) { nodes { stockMovements(first: 100) { nodes { id } } } } }", "/products/nodes/0/stockMovements"),
    ),
    case("Query.dataImports", Kind::DataImport, How::List("{ dataImports(first: 100) { totalCount nodes { id } } }", "/dataImports")),
    case("Query.auditLog", Kind::AuditEvent, How::List("{ auditLog(first: 100) { totalCount nodes { id } } }", "/auditLog")),
    case(
        "InventoryDashboard.movementsLast30Days",
        Kind::StockMovement,
        How::Count("{ inventoryDashboard { movementsLast30Days } }", "/inventoryDashboard/movementsLast30Days"),
    ),
    case(
        "Query.dataImport",
        Kind::DataImport,
        How::Each("query($id: ID!) { found: dataImport(id: $id) { id rowErrors { nodes { id } } file { id } } }"),
    ),
    case("Query.node of a movement", Kind::StockMovement, How::Each(NODE)),
    case("Query.node of an import", Kind::DataImport, How::Each(NODE)),
    case("Query.node of a row error", Kind::DataImportRowError, How::Each(NODE)),
    case("Query.node of a file", Kind::File, How::Each(NODE)),
    case("Query.node of an upload", Kind::FileUpload, How::Each(NODE)),
    case("Query.node of an act", Kind::AuditEvent, How::Each(NODE)),
    case("Query.nodes", Kind::StockMovement, How::Each("query($id: ID!) { nodes(ids: [$id]) { id } }")),
    case(
        "Subscription.dataImportProgressed",
        Kind::DataImport,
        How::Each("subscription($id: ID!) { found: dataImportProgressed(dataImportId: $id) { dataImport { id } } }"),
    ),
    case(
        "Subscription.stockLevelChanged",
        Kind::StockMovement,
        How::FirstEvent("subscription($product: ID!) { stockLevelChanged(productId: $product, after: \"0\") { stockMovement { id } } }"),
    ),
    case("Mutation.auditExport", Kind::AuditEvent, How::Export("mutation { auditExport(input: {}) { export { url } } }")),
    case(
        "Mutation.fileUploadComplete",
        Kind::FileUpload,
        How::Each("mutation($id: ID!) { found: fileUploadComplete(input: {uploadId: $id}) { userErrors { code path } } }"),
    ),
    case(
        "Mutation.dataImportCancel",
        Kind::DataImport,
        How::Each("mutation($id: ID!) { found: dataImportCancel(input: {id: $id}) { userErrors { code path } } }"),
    ),
    case(
        "Mutation.stockMovementReverse",
        Kind::StockMovement,
        How::Each("mutation($id: ID!) { found: stockMovementReverse(input: {id: $id, reason: \"essai\"}) { userErrors { code path } } }"),
    ),
    case(
        "Mutation.dataImportUndo",
        Kind::DataImport,
        How::Each("mutation($id: ID!) { found: dataImportUndo(input: {id: $id}) { userErrors { code path } } }"),
    ),
];

const START: Case = case(
    "Mutation.dataImportStart",
    Kind::File,
    How::Each("mutation($id: ID!) { found: dataImportStart(input: {kind: STOCK_MOVEMENTS, fileId: $id}) { userErrors { code path } } }"),
);

fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain([&START])
}

#[test]
fn every_field_behind_a_right_that_may_reach_less_than_all_is_tried() {
    let cased: BTreeSet<&str> = cases().map(|case| case.field.split(" of ").next().unwrap()).chain(MAKES).collect();
    let declared = roles_page::declared(&schema::sdl(&schema::build(true)));
    let narrow = |access: &Option<Access>| matches!(access, Some(Access::Requires(permission)) if permission.reaches().len() > 1);
    let missing: Vec<&String> =
        declared.iter().filter(|(field, access)| narrow(access) && !cased.contains(field.as_str())).map(|(field, _)| field).collect();
    assert!(missing.is_empty(), "no case of reach for: {missing:#?}");
}

/// What a case shows an actor, and what it should.
async fn seen(shop: &Shop, case: &Case, actor: &Actor) -> (Value, Value) {
    let product = json!({"product": global(Kind::Product, shop.product.id.0)});
    let all = rows(shop, case.kind).await;
    let theirs = actor.sees(&all);
    match case.how {
        How::List(document, at) => {
            let answer = shop.ask(actor, document, product).await;
            let list = answer["data"].pointer(at).unwrap_or_else(|| panic!("{}: {answer}", case.field));
            let ids: BTreeSet<&str> = list["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
            let total = list.get("totalCount").cloned().unwrap_or(json!(theirs.len()));
            (json!([ids, total]), json!([theirs, theirs.len()]))
        }
        How::Count(document, at) => {
            let answer = shop.ask(actor, document, json!({})).await;
            (answer["data"].pointer(at).cloned().unwrap_or(answer), json!(theirs.len()))
        }
        How::Each(document) => {
            let mut found = BTreeSet::new();
            for row in all.keys() {
                let mut variables = product.clone();
                variables["id"] = json!(row);
                let answer = shop.ask(actor, document, variables).await;
                if is_there(&answer) {
                    found.insert(row.clone());
                }
            }
            (json!(found), json!(theirs))
        }
        How::Export(document) => {
            // What was done at the very moment is not in it.
            shop.fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
            let answer = shop.ask(actor, document, json!({})).await;
            let url = answer["data"]["auditExport"]["export"]["url"].as_str().unwrap_or_else(|| panic!("{answer}"));
            let mut export = services::audit::open_export(&shop.fixture.app, url.rsplit('/').next().unwrap()).unwrap();
            let mut lines = 0;
            while let Some(part) = export.next().await.unwrap() {
                lines += csv_lines(&part);
            }
            (json!(lines - 1), json!(theirs.len()))
        }
        How::FirstEvent(document) => {
            let answer = shop.ask(actor, document, product).await;
            let shown = answer["data"]["stockLevelChanged"]["stockMovement"]["id"].is_string();
            let theirs = actor.sees.as_ref().is_none_or(|sees| sees.contains(&id(&shop.people[3])));
            (json!(shown), json!(theirs))
        }
    }
}

fn csv_lines(part: &[u8]) -> usize {
    String::from_utf8_lossy(part).lines().count()
}

fn is_there(answer: &Value) -> bool {
    let found = answer["data"].get("found").unwrap_or(&answer["data"]["nodes"][0]);
    let refused = found["userErrors"].as_array().is_some_and(|all| all.iter().any(|error| error["code"] == "NOT_FOUND"));
    !found.is_null() && !refused
}

/// The cases that showed somebody more or less than is theirs to see, of how many.
async fn wrong() -> (Vec<String>, usize) {
    let (shop, mut wrong, mut tried) = (Shop::new().await, Vec::new(), 0);
    for case in cases() {
        for actor in shop.actors() {
            all_in_reach(true);
            let (seen, theirs) = seen(&shop, case, &actor).await;
            all_in_reach(false);
            tried += usize::from(actor.sees.is_some());
            if seen != theirs {
                wrong.push(format!("{}, {}: saw {seen}, theirs is {theirs}", case.field, actor.name));
            }
        }
    }
    (wrong, tried)
}

#[cfg(not(feature = "leak-canary"))]
fn all_in_reach(_: bool) {}

#[cfg(feature = "leak-canary")]
fn all_in_reach(all: bool) {
    services::scope::put_all_in_reach(all);
}

#[cfg(not(feature = "leak-canary"))]
#[tokio::test]
async fn a_right_reaches_exactly_as_far_as_it_is_granted() {
    let (wrong, tried) = wrong().await;
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
}

#[cfg(feature = "leak-canary")]
#[tokio::test]
async fn without_the_predicate_of_reach_the_cases_fail() {
    let (wrong, tried) = wrong().await;
    println!("negative control: {} of {tried} cases fail without the predicate", wrong.len());
    assert!(wrong.len() * 100 >= tried * 95, "the suite would not notice a missing predicate: {wrong:#?}");
}
