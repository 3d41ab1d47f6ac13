//! A right reaches as far as it is granted: one's own rows, those of one's teams, all.
//!
//! Every field behind a right that may reach less than all is called by actors of each reach, about the rows of themselves, of a
//! team below theirs, of a team beside it and of nobody's team; what they see must be exactly what is theirs to see, and the rest
//! as if it were not there. A field of the schema without a case fails the build. With the feature `leak-canary` the predicate
//! is taken out of all statements, and the cases must fail: that is the negative control.

use crate::world::send;
use api::ids::{Kind, global};
use api::roles_page::{self, Access};
use api::schema::{self, TerangaSchema};
use entities::data_imports::{data_import, row_error};
use entities::files::{file, file_upload};
use entities::identity::MembershipId;
use entities::inventory::stock_movement::{self, StockMovementKind};
use entities::inventory::{product, warehouse};
use serde_json::{Value, json};
use services::data_imports::{self, RunImport, StartImport};
use services::files::{self, NewUpload};
use services::identity::teams::{self, NewTeam};
use services::identity::{Caller, Grants, Permission, Reach, ShippedRole};
use services::inventory::movements;
use services::locale::Locale;
use services::testing::{self, Fixture};
use services::{Reads, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// A row, and whose it is; nobody's: the organisation's.
type Rows = BTreeMap<String, Option<MembershipId>>;

struct Shop {
    fixture: Fixture,
    schema: TerangaSchema,
    product: product::Model,
    /// In the upper team, in the team below it, in one beside it, in none.
    people: [Caller; 4],
}

/// Somebody who asks, how far their rights reach, and whose rows are theirs to see: all, or those of some of the people.
struct Actor {
    caller: Caller,
    name: String,
    sees: Option<BTreeSet<MembershipId>>,
}

impl Actor {
    fn sees(&self, rows: &Rows) -> BTreeSet<String> {
        let theirs = |owner: &Option<MembershipId>| self.sees.as_ref().is_none_or(|sees| owner.is_some_and(|owner| sees.contains(&owner)));
        rows.iter().filter(|(_, owner)| theirs(owner)).map(|(id, _)| id.clone()).collect()
    }
}

fn id(caller: &Caller) -> MembershipId {
    caller.member.unwrap().1
}

fn reaching(reach: Reach) -> Arc<Grants> {
    let mut grants = Grants::default();
    for permission in Permission::ALL {
        grants.add(*permission, if permission.reaches().contains(&reach) { reach } else { Reach::Org });
    }
    Arc::new(grants)
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let manager = || testing::member(&fixture, &[ShippedRole::Manager]);
        let people = [manager().await, manager().await, manager().await, manager().await];
        let (product, warehouse) = (fixture.product().create().await, fixture.warehouse().await);
        let team = async |name: &str, parent, member: &Caller| {
            let team = teams::create(&fixture.again(), NewTeam { name: name.into(), parent }).await.unwrap().id;
            teams::add_members(&fixture.again(), team, &[id(member)], None).await.unwrap();
            team
        };
        let upper = team("Boutique", None, &people[0]).await;
        team("Caisse", Some(upper), &people[1]).await;
        team("Dépôt", None, &people[2]).await;
        // Who is in no team records first: the stream of the product begins with theirs.
        for person in people.iter().rev() {
            furnish(&fixture, person, &product, &warehouse).await;
        }
        Self { fixture, schema: schema::build(true), product, people }
    }

    fn system(&self) -> Scope {
        Scope::system(&self.fixture.app, self.fixture.scope.tenant(), Locale::Fr)
    }

    fn actors(&self) -> Vec<Actor> {
        let actor = |person: usize, reach: Reach, sees: &[usize]| Actor {
            caller: Caller { grants: reaching(reach), ..self.people[person].clone() },
            name: format!("{} of person {person}", reach.code()),
            sees: (reach != Reach::Org).then(|| sees.iter().map(|person| id(&self.people[*person])).collect()),
        };
        let mut actors = vec![actor(0, Reach::Own, &[0]), actor(0, Reach::Team, &[0, 1]), actor(0, Reach::Org, &[])];
        actors.extend([actor(1, Reach::Team, &[1]), actor(3, Reach::Team, &[3]), actor(3, Reach::Own, &[3])]);
        actors
    }

    async fn ask(&self, actor: &Actor, document: &str, variables: Value) -> Value {
        send(&self.fixture.app, &self.schema, Some(&actor.caller), document, variables).await
    }
}

/// A movement, an import with a row that failed, its file, and a file on its way; each is an act, too.
async fn furnish(fixture: &Fixture, person: &Caller, product: &product::Model, warehouse: &warehouse::Model) {
    let scope = || person.scope(&fixture.app, Locale::Fr).unwrap();
    movements::record(&scope(), testing::movement(product, warehouse, StockMovementKind::Receipt, 5)).await.unwrap();
    let bytes = format!("sku,quantity,kind\n{},1,RECEIPT\nNOWHERE,1,RECEIPT\n", product.sku);
    let mut uploads = Vec::new();
    for _ in 0..2 {
        let new = NewUpload {
            filename: "entrees.csv".into(),
            content_type: "text/csv".into(),
            size_bytes: bytes.len() as i64,
            sha256: None,
            purpose: file::FilePurpose::Import,
        };
        let upload = files::create(&scope(), new).await.unwrap();
        let token = upload.url.rsplit('/').next().unwrap();
        files::receive(&fixture.app, None, token, bytes.as_bytes()).await.unwrap();
        uploads.push(upload.id);
    }
    let file = files::complete(&scope(), uploads[0]).await.unwrap();
    let input = StartImport { file: Some(file.id), ..StartImport::of(data_import::DataImportKind::StockMovements) };
    let import = data_imports::start(&scope(), input).await.unwrap();
    let job = services::work::Running::detached(fixture.scope.tenant());
    let system = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    data_imports::run(&system, &job, RunImport { import: import.id }).await.unwrap();
}

/// The rows of a kind as they are, whoever may see them.
async fn rows(shop: &Shop, kind: Kind) -> Rows {
    let scope = shop.system();
    let rows: Vec<(Uuid, Option<MembershipId>)> = match kind {
        Kind::StockMovement => {
            let all = scope.select::<stock_movement::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.recorded_by)).collect()
        }
        Kind::DataImport => {
            let all = scope.select::<data_import::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        Kind::DataImportRowError => {
            let imports = scope.select::<data_import::Entity>().all().await.unwrap();
            let owner = |of| imports.iter().find(|import| import.id == of).and_then(|import| import.created_by);
            let all = scope.select::<row_error::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, owner(row.import_id))).collect()
        }
        Kind::File => {
            let all = scope.select::<file::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        Kind::FileUpload => {
            let all = scope.select::<file_upload::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.created_by)).collect()
        }
        _ => {
            let all = scope.select::<entities::audit::event::Entity>().all().await.unwrap();
            all.into_iter().map(|row| (row.id.0, row.actor_membership_id)).collect()
        }
    };
    rows.into_iter().map(|(id, owner)| (global(kind, id).to_string(), owner)).collect()
}

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
