//! How many SQL statements a screen sends: the same for one row, ten and fifty, and few.

use crate::site::screens;
use crate::world::World;
use api::context::Asking;
use api::ids::GlobalId;
use async_graphql::{Request, Variables};
use entities::inventory::stock_movement::StockMovementKind;
use entities::inventory::{product, warehouse};
use serde_json::{Value, json};
use services::inventory::products::NewProduct;
use services::inventory::{catalog, movements, products};
use services::locale::Locale;
use services::notifications::{Category, Channel, NewNotification, Severity, Subject};
use services::{Reads, Scope, SystemScope, alerts, testing};
use std::collections::BTreeMap;

/// A shop that grows, and what its screens cost.
struct Shop {
    world: World,
    screens: BTreeMap<String, String>,
    products: Vec<product::Model>,
    warehouses: Vec<warehouse::Model>,
}

impl Shop {
    async fn new() -> Self {
        let world = World::new().await;
        let scope = world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
        // The news of the world's import speaks of another kind of thing than the alerts do, which costs a statement.
        let told = scope.select::<entities::notifications::notification::Entity>().all().await.unwrap();
        scope.end_read().await;
        for row in told {
            services::notifications::read::archive(&scope, row.id).await.unwrap();
        }
        let warehouses = scope.select::<warehouse::Entity>().all().await.unwrap();
        Self { world, screens: screens(), products: Vec::new(), warehouses }
    }

    fn scope(&self) -> Scope {
        self.world.owner.scope(&self.world.fixture.app, Locale::Fr).unwrap()
    }

    /// Products with all a screen shows of them, each pointing at rows of its own.
    async fn grow_to(&mut self, count: usize) {
        for n in self.products.len()..count {
            let above = catalog::create_category(&self.scope(), &format!("Univers {n}"), None).await.unwrap();
            let category = catalog::create_category(&self.scope(), &format!("Rayon {n}"), Some(above.id)).await.unwrap();
            let supplier = catalog::NewSupplier { name: format!("Fournisseur {n}"), ..Default::default() };
            let supplier = catalog::create_supplier(&self.scope(), supplier).await.unwrap();
            let new = NewProduct {
                sku: format!("A-{n:03}"),
                name: format!("Article {n:03}"),
                category: Some(category.id),
                supplier: Some(supplier.id),
                cost_price: Some("100".into()),
                sale_price: Some("150".into()),
                reorder_point: Some("50".into()),
                ..Default::default()
            };
            let product = products::create(&self.scope(), new).await.unwrap();
            for warehouse in &self.warehouses {
                for (kind, units) in [(StockMovementKind::Receipt, 10), (StockMovementKind::Sale, 1)] {
                    movements::record(&self.scope(), testing::movement(&product, warehouse, kind, units)).await.unwrap();
                }
            }
            let rule = alerts::rules::NewRule {
                threshold: Some("60".into()),
                product: Some(product.id),
                ..alerts::rules::NewRule::of(entities::alerts::AlertKind::LowStock)
            };
            alerts::rules::create(&self.scope(), rule).await.unwrap();
            self.hire(n).await;
            // The first has as many movements as there are products.
            let more = self.products.first().unwrap_or(&product);
            let count = testing::movement(more, &self.warehouses[0], StockMovementKind::Receipt, 1);
            movements::record(&self.scope(), count).await.unwrap();
            self.products.push(product);
        }
        alerts::evaluate::run(&SystemScope::new(&self.world.fixture.app), Default::default()).await.unwrap();
        self.tell_of_each_alert().await;
    }

    /// A role of its own, a member who holds it, and somebody invited to hold it.
    async fn hire(&self, n: usize) {
        use services::identity::{Permission, Reach, invitations, roles};
        let grants = Some(vec![(Permission::InventoryProductRead, Reach::Org)]);
        let role = roles::NewRole { name: format!("Poste {n}"), grants, ..Default::default() };
        let role = roles::create(&self.scope(), role).await.unwrap().row.id;
        let member = testing::member_with(&self.world.fixture, &[role]).await.member.unwrap().1;
        self.team_up(n, member).await;
        let new = invitations::NewInvitation { email: format!("poste{n}@teranga.example"), roles: vec![role], ..Default::default() };
        invitations::create(&self.scope(), new).await.unwrap();
    }

    /// Three teams, one above the other, the member in the two lower ones.
    async fn team_up(&self, n: usize, member: entities::identity::MembershipId) {
        use services::identity::teams::{self, NewTeam};
        let mut parent = None;
        for place in ["Rez-de-chaussée", "Étage", "Toit"] {
            let team = teams::create(&self.scope(), NewTeam { name: format!("{place} {n}"), parent }).await.unwrap();
            if parent.is_some() {
                teams::add_members(&self.scope(), team.id, &[member], None).await.unwrap();
            }
            parent = Some(team.id);
        }
    }

    /// Somebody takes each alert in hand, and a notification speaks of each.
    async fn tell_of_each_alert(&self) {
        let scope = self.scope();
        let open = scope.select::<entities::alerts::alert::Entity>().all().await.unwrap();
        let ids: Vec<_> = open.iter().map(|alert| alert.id).collect();
        alerts::handle::acknowledge(&self.scope(), &ids, None).await.unwrap();
        let txn = scope.begin().await.unwrap();
        for alert in open {
            let new = NewNotification {
                to: scope.membership().into_iter().collect(),
                category: Category::StockAlert,
                severity: Severity::Info,
                key: "notification-test",
                params: json!({}),
                subject: Some(Subject { kind: "StockAlert", id: alert.id.0 }),
                channels: vec![Channel::InApp, Channel::Email],
                dedup_key: Some(format!("told:{}", alert.id)),
            };
            services::notifications::notify(&txn, new).await.unwrap();
        }
        txn.commit().await.unwrap();
    }

    /// The answer, and how many statements it took inside the organisation.
    async fn ask(&self, document: &str, operation: Option<&str>, variables: Value) -> (Value, u32) {
        let asking = Asking::new(&self.world.fixture.app, Some(self.world.owner.clone()), Some(Locale::Fr), Default::default());
        let scope = asking.scope.clone().unwrap();
        let mut request = Request::new(document).variables(Variables::from_json(variables)).data(asking);
        if let Some(operation) = operation {
            request = request.operation_name(operation);
        }
        let answer = serde_json::to_value(self.world.schema.execute(request).await).unwrap();
        assert!(answer["errors"].is_null(), "{operation:?}: {answer}");
        for payload in answer["data"].as_object().unwrap().values() {
            assert!(payload.get("userErrors").is_none_or(|refusals| *refusals == json!([])), "{operation:?}: {answer}");
        }
        (answer["data"].clone(), scope.statements().await)
    }

    async fn screen(&self, screen: &str, operation: &str, variables: Value) -> (Value, u32) {
        self.ask(&self.screens[screen], Some(operation), variables).await
    }

    fn id(&self) -> Value {
        json!(self.products[0].id.to_global().to_string())
    }
}

const STOCK: &str =
    "{ products(first: 50, orderBy: [{ field: SKU }], filter: { search: \"A-\" }) { nodes { sku name category { name parent { name } } supplier { name }
    onHand available stockLevels { nodes { onHand warehouse { name } } } } } }";
const SHELF: &str = "{ products(first: 50, filter: { search: \"A-\" }) { nodes { sku name category { name } supplier { name }
    stockLevels { nodes { onHand } } } } }";
const LEDGERS: &str = "{ products(first: 50, filter: { search: \"A-\" }) { nodes { sku
    stockMovements(first: 2) { nodes { quantity onHandAfter product { name } warehouse { name } } pageInfo { hasNextPage } }
    stockAlerts(first: 2) { nodes { state product { name } } streamCursor } } } }";
const MOVEMENTS: &str = "{ stockMovements(first: 50) { nodes { quantity onHandAfter product { name unit { code } onHand category { name } }
    warehouse { name } recordedBy { user { displayName } } reverses { id product { name } } } } }";
const LEVELS: &str = "{ stockLevels(first: 50) { nodes { onHand product { name unit { code } supplier { name } } warehouse { name } } } }";
const CATEGORIES: &str = "{ categories(first: 100) { nodes { name parent { name parent { name } } } } }";
const MEMBERS: &str = "{ organization { memberships(first: 50) { nodes { status version user { displayName email }
    roles { nodes { name category permissions { permission scope } } } } } } }";
const ROLES: &str = "{ organization { roles(first: 100) { totalCount nodes { name version permissions { permission } } } } }";
const TEAMS: &str = "{ teams(first: 50, filter: { search: \"Étage\" }) { nodes { name parent { name parent { name } } children { nodes { name
    children { nodes { name } } members { nodes { id } } } } members(first: 5) { nodes { status user { displayName } roles { nodes { name } }
    teams { nodes { name parent { name } members(first: 2) { nodes { id } } } } } } } } }";
const INVITATIONS: &str =
    "{ organization { invitations(first: 50) { nodes { email state roles { nodes { name permissions { permission } } }
    invitedBy { user { displayName } roles { nodes { name } } } acceptedBy { status } } } } }";
const IMPORTS: &str =
    "{ dataImports(first: 50) { nodes { state rowsTotal rowsDone file { filename } rowErrors(first: 5) { nodes { line } } } } }";

/// Every page, with the most statements it may send and where its rows are.
async fn pages(shop: &Shop) -> Vec<(&'static str, u32, u32, usize)> {
    let rows = |data: &Value, list: &str| data.pointer(list).and_then(Value::as_array).map_or(0, Vec::len);
    let mut pages = Vec::new();
    let mut note = |name, most, (data, sent): (Value, u32), list: &str| pages.push((name, most, sent, rows(&data, list)));
    note("products with stock", 5, shop.ask(STOCK, None, json!({})).await, "/products/nodes");
    note("products with category, supplier and levels", 3, shop.ask(SHELF, None, json!({})).await, "/products/nodes");
    note("products with ledgers and alerts", 8, shop.ask(LEDGERS, None, json!({})).await, "/products/nodes");
    note("movements", 8, shop.ask(MOVEMENTS, None, json!({})).await, "/stockMovements/nodes");
    note("levels", 4, shop.ask(LEVELS, None, json!({})).await, "/stockLevels/nodes");
    note("categories", 2, shop.ask(CATEGORIES, None, json!({})).await, "/categories/nodes");
    note("imports", 3, shop.ask(IMPORTS, None, json!({})).await, "/dataImports/nodes");
    note("members", 4, shop.ask(MEMBERS, None, json!({})).await, "/organization/memberships/nodes");
    note("roles", 2, shop.ask(ROLES, None, json!({})).await, "/organization/roles/nodes");
    note("teams", 15, shop.ask(TEAMS, None, json!({})).await, "/teams/nodes");
    note("invitations", 6, shop.ask(INVITATIONS, None, json!({})).await, "/organization/invitations/nodes");
    let list = shop.screen("inventory-list", "InventoryList", json!({"first": 50, "withTotal": true})).await;
    note("InventoryList", 5, list, "/products/nodes");
    note("InventoryFilters", 4, shop.screen("inventory-list", "InventoryFilters", json!({})).await, "/categories/nodes");
    note("InventoryOverview", 5, shop.screen("inventory-list", "InventoryOverview", json!({})).await, "/none");
    let page = shop.screen("product-page", "ProductPage", json!({"id": shop.id(), "movements": 50})).await;
    note("ProductPage", 18, page, "/product/stockMovements/nodes");
    let centre = shop.screen("alert-centre", "AlertCentre", json!({"first": 50})).await;
    // One of a warehouse needs a statement more.
    let everywhere = centre.0["stockAlerts"]["nodes"].as_array().unwrap().iter().find(|alert| alert["warehouse"].is_null()).unwrap();
    let alert = json!({"id": everywhere["id"]});
    note("AlertCentre", 13, centre, "/stockAlerts/nodes");
    note("AlertDetails", 15, shop.screen("alert-centre", "AlertDetails", alert).await, "/none");
    note("AlertRules", 2, shop.screen("alert-centre", "AlertRules", json!({})).await, "/stockAlertRules/nodes");
    let bell = shop.screen("notification-centre", "NotificationCentre", json!({"first": 50})).await;
    note("NotificationCentre", 6, bell, "/notifications/nodes");
    note("Viewer", 2, shop.screen("sign-in", "Viewer", json!({})).await, "/none");
    pages
}

#[tokio::test]
async fn a_screen_sends_as_many_statements_for_fifty_rows_as_for_one() {
    let mut shop = Shop::new().await;
    let mut by_size = Vec::new();
    for size in [1, 10, 50] {
        shop.grow_to(size).await;
        by_size.push(pages(&shop).await);
    }
    let mut faults = Vec::new();
    for (at, (name, most, one, first)) in by_size[0].iter().enumerate() {
        let (ten, fifty, last) = (by_size[1][at].2, by_size[2][at].2, by_size[2][at].3);
        println!("{name}: {one} / {ten} / {fifty} statements for {first} to {last} rows, at most {most}");
        if *one != ten || ten != fifty {
            faults.push(format!("{name}: {one}, {ten}, {fifty} statements"));
        }
        if fifty > *most {
            faults.push(format!("{name}: {fifty} statements are more than {most}"));
        }
        // The world's own rows are on some pages, too; a page that did not grow proves nothing.
        let alone = ["imports", "InventoryOverview", "AlertDetails", "Viewer"].contains(name);
        if !alone && last < 50 {
            faults.push(format!("{name}: only {last} rows"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn a_mutation_sends_few_statements_however_much_it_touches() {
    let mut shop = Shop::new().await;
    let mut by_size = Vec::new();
    for size in [1, 10, 50] {
        shop.grow_to(size).await;
        by_size.push(mutations(&shop).await);
    }
    let mut faults = Vec::new();
    for (at, (name, most, one)) in by_size[0].iter().enumerate() {
        let (ten, fifty) = (by_size[1][at].2, by_size[2][at].2);
        println!("{name}: {one} / {ten} / {fifty} statements, at most {most}");
        if *one != ten || ten != fifty || fifty > *most {
            faults.push(format!("{name}: {one}, {ten}, {fifty} statements, at most {most}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn mutations(shop: &Shop) -> Vec<(&'static str, u32, u32)> {
    let mut sent = Vec::new();
    let (product, places) = (shop.id(), [0, 1].map(|place| json!(shop.warehouses[place].id.to_global().to_string())));
    let receipt = json!({"productId": product, "warehouseId": places[0], "kind": "RECEIPT", "quantity": "5"});
    let (moved, n) = shop.screen("product-page", "StockMovementRecord", json!({"input": receipt})).await;
    sent.push(("StockMovementRecord", 13, n));
    let movement = &moved["stockMovementRecord"]["stockMovement"]["id"];
    let undo = json!({"input": {"id": movement, "reason": "essai"}});
    sent.push(("StockMovementReverse", 11, shop.screen("product-page", "StockMovementReverse", undo).await.1));
    const TRANSFER: &str = "mutation($input: StockTransferRecordInput!) { stockTransferRecord(input: $input) {
        out { quantity warehouse { name } } in { quantity onHandAfter product { name onHand } } userErrors { message code } } }";
    let transfer = json!({"productId": product, "fromWarehouseId": places[0], "toWarehouseId": places[1], "quantity": "1"});
    sent.push(("stockTransferRecord", 12, shop.ask(TRANSFER, None, json!({"input": transfer})).await.1));
    let change = json!({"input": {"id": product, "description": format!("{} articles", shop.products.len())}});
    sent.push(("ProductUpdate", 9, shop.screen("product-page", "ProductUpdate", change).await.1));
    let new = json!({"sku": format!("N-{}", shop.products.len()), "name": "Neuf"});
    sent.push(("ProductCreate", 7, shop.screen("product-page", "ProductCreate", json!({"input": new})).await.1));
    let open = shop.screen("alert-centre", "AlertCentre", json!({"first": 50})).await.0;
    let all: Vec<&Value> = open["stockAlerts"]["nodes"].as_array().unwrap().iter().map(|alert| &alert["id"]).collect();
    let put_off = json!({"input": {"ids": all, "untilRestock": true}});
    sent.push(("StockAlertsSnooze", 19, shop.screen("alert-centre", "StockAlertsSnooze", put_off).await.1));
    sent.push((
        "StockAlertsAcknowledge",
        19,
        shop.screen("alert-centre", "StockAlertsAcknowledge", json!({"input": {"ids": all}})).await.1,
    ));
    let told = shop.screen("notification-centre", "NotificationCentre", json!({"first": 50})).await.0;
    let told: Vec<&Value> = told["notifications"]["nodes"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    sent.push((
        "NotificationsMarkRead",
        6,
        shop.screen("notification-centre", "NotificationsMarkRead", json!({"input": {"ids": told}})).await.1,
    ));
    sent
}
