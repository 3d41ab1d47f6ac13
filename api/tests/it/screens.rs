//! Every operation of every screen, sent over HTTP and sockets as frontends send it, with the answers a firm would see.

use crate::edge_ws::Socket;
use crate::site::{Site, screens};
use api::edge::Limits;
use api::edge::prepass::Prepass;
use api::edge::schema_map::SchemaMap;
use api::schema;
use async_graphql::Variables;
use async_graphql::parser::parse_query;
use chrono::TimeDelta;
use serde_json::{Value, json};
use services::alerts::announce::AnnounceStockAlerts;
use services::locale::Locale;
use services::scope::Clock;
use services::testing::{self, Place};
use services::work::Running;
use services::{App, Scope, SystemScope, alerts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const EMAIL: &str = "fatou@example.sn";
const PASSWORD: &str = "un baobab au bord du fleuve";

/// A firm in the making, and which operations were sent for it.
struct Firm {
    app: App,
    site: Site,
    screens: BTreeMap<String, String>,
    bearer: String,
    sent: BTreeSet<String>,
    /// The units each operation took, the most of those it was sent with.
    units: BTreeMap<String, u64>,
    _place: Arc<Place>,
}

impl Firm {
    async fn new() -> Self {
        // Under the limits as they come.
        let vars = [("RATE_LIMIT_USER", ""), ("RATE_LIMIT_ADDRESS", "")];
        let (app, place) = testing::app_with(Clock::manual(testing::START), &vars).await;
        let site = Site::start(&app).await;
        let (bearer, sent, units) = Default::default();
        Self { app, site, screens: screens(), bearer, sent, units, _place: place }
    }

    /// What an operation answers: its data, without an error and without a refusal.
    async fn show(&mut self, screen: &str, operation: &str, variables: Value) -> Value {
        // Things happen one after the other.
        self.app.clock().advance(TimeDelta::minutes(1));
        self.sent.insert(operation.to_owned());
        let mut answer = self.site.ask(&self.bearer, &self.screens[screen], Some(operation), variables).await;
        assert!(answer["errors"].is_null(), "{operation}: {answer}");
        let points = answer["extensions"]["cost"]["requested"].as_u64().unwrap_or_else(|| panic!("{operation}: {answer}"));
        self.took(operation, points);
        for (_, payload) in answer["data"].as_object().unwrap_or_else(|| panic!("{operation}: {answer}")) {
            assert!(!payload.is_null() && payload.get("userErrors").is_none_or(|refusals| *refusals == json!([])), "{operation}: {answer}");
        }
        answer["data"].take()
    }

    fn took(&mut self, operation: &str, points: u64) {
        let units = self.units.entry(operation.to_owned()).or_default();
        *units = points.div_ceil(Limits::default().points_a_unit).max(*units);
    }

    async fn follow(&mut self, screen: &str, operation: &str, variables: Value) -> Socket {
        self.sent.insert(operation.to_owned());
        // A subscription's events do not say what it cost.
        let schema = SchemaMap::read(&schema::sdl(&schema::build(true)), &Default::default()).unwrap();
        let prepass = Prepass::new(schema, Limits::default());
        let document = prepass.document(&self.screens[screen]).unwrap();
        let asked = &document.operations()[prepass.operation(&document, Some(operation)).unwrap()];
        self.took(operation, prepass.request(&document, asked, &Variables::from_json(variables.clone())).unwrap());
        let mut socket = self.site.socket(&self.bearer).await;
        let payload = json!({"query": self.screens[screen], "operationName": operation, "variables": variables});
        socket.say(json!({"type": "subscribe", "id": operation, "payload": payload})).await;
        socket
    }

    /// What the worker does about the alerts.
    async fn evaluate(&self) {
        let system = SystemScope::new(&self.app);
        alerts::evaluate::run(&system, Default::default()).await.expect("evaluated");
        let caller = services::identity::authenticate(&self.app, &self.bearer).await.expect("readable").expect("signed in");
        let scope = Scope::system(&self.app, caller.scope(&self.app, Locale::Fr).expect("a firm").tenant(), Locale::Fr);
        let job = Running::detached(scope.tenant());
        alerts::announce::announce(&scope, &job, AnnounceStockAlerts {}).await.expect("announced");
    }
}

async fn event(socket: &mut Socket) -> Value {
    let message = socket.message().await;
    assert_eq!(message["type"], "next", "{message}");
    assert!(message["payload"]["errors"].is_null(), "{message}");
    message["payload"]["data"].as_object().unwrap().values().next().unwrap().clone()
}

/// Asserts that `told` holds all of `expected`: objects may have more fields, the rest is equal.
#[track_caller]
fn shows(told: &Value, expected: Value) {
    fn holds(told: &Value, expected: &Value) -> bool {
        match (told, expected) {
            (Value::Object(told), Value::Object(expected)) => {
                expected.iter().all(|(name, value)| told.get(name).is_some_and(|t| holds(t, value)))
            }
            (Value::Array(told), Value::Array(expected)) => {
                told.len() == expected.len() && told.iter().zip(expected).all(|(told, expected)| holds(told, expected))
            }
            _ => told == expected,
        }
    }
    assert!(holds(told, &expected), "shown: {told:#}\nexpected: {expected:#}");
}

fn operations(screens: &BTreeMap<String, String>) -> BTreeSet<String> {
    let names = screens.values().flat_map(|text| {
        let document = parse_query(text).expect("a document");
        document.operations.iter().map(|(name, _)| name.expect("a name").to_string()).collect::<Vec<_>>()
    });
    names.collect()
}

#[tokio::test]
async fn every_operation_of_every_screen_shows_what_is_there() {
    let mut firm = Firm::new().await;
    opens_an_account(&mut firm).await;
    let product = fills_the_shelves(&mut firm).await;
    sells_out_and_hears_of_it(&mut firm, &product).await;
    reads_what_it_was_told(&mut firm).await;
    shows(&firm.show("sign-in", "SignOut", json!({"input": {}})).await, json!({"signOut": {"userErrors": []}}));
    let after = firm.site.ask(&firm.bearer, &firm.screens["sign-in"], Some("Viewer"), json!({})).await;
    assert_eq!(after["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{after}");
    let never: Vec<String> = operations(&firm.screens).difference(&firm.sent).cloned().collect();
    assert!(never.is_empty(), "no answer was looked at for {never:?}");
    an_hour_of_them_stays_under_a_hundred_units(&firm);
}

/// A busy hour in a shop: pages turned and goods received, each other operation once.
fn an_hour_of_them_stays_under_a_hundred_units(firm: &Firm) {
    let times = |operation: &str| match operation {
        "InventoryList" | "ProductPage" | "StockMovementRecord" => 8,
        "InventoryOverview" | "AlertCentre" | "NotificationCentre" | "Viewer" => 4,
        // An access token lives for half an hour.
        "SessionRefresh" => 2,
        _ => 1,
    };
    let together: u64 = firm.units.iter().map(|(operation, units)| units * times(operation)).sum();
    assert_eq!(firm.units.keys().collect::<Vec<_>>(), firm.sent.iter().collect::<Vec<_>>());
    assert!(together < 100, "{together} units: {:?}", firm.units);
}

async fn opens_an_account(firm: &mut Firm) {
    let input = json!({"email": EMAIL, "password": PASSWORD, "displayName": "Fatou Sow", "organizationName": "Boutique Fatou",
        "phone": "+221771234568"});
    let made = firm.show("sign-in", "SignUp", json!({"input": input})).await;
    let firm_shown = json!({"name": "Boutique Fatou", "currency": "XOF"});
    let user = json!({"displayName": "Fatou Sow", "email": EMAIL, "locale": "fr"});
    shows(&made["signUp"], json!({"user": user, "session": {"organization": firm_shown}}));
    let entered = firm.show("sign-in", "SignIn", json!({"input": {"email": EMAIL, "password": PASSWORD}})).await;
    shows(&entered["signIn"], json!({"challenge": null, "session": {"organization": firm_shown}}));
    let refresh = &entered["signIn"]["session"]["refreshToken"];
    let on = firm.show("sign-in", "SessionRefresh", json!({"input": {"refreshToken": refresh}})).await;
    let session = &on["sessionRefresh"]["session"];
    assert_ne!(&session["refreshToken"], refresh, "it is good for one trade");
    assert!(session["accessTokenExpiresAt"].as_str().unwrap() > "2026-12-01T09", "{session}");
    session["accessToken"].as_str().unwrap().clone_into(&mut firm.bearer);
    let shell = firm.show("sign-in", "Viewer", json!({})).await;
    let user = json!({"displayName": "Fatou Sow", "phone": "+221771234568", "timeZone": "Africa/Dakar", "whatsAppConsent": false});
    shows(&shell["viewer"], json!({"user": user, "organizations": {"nodes": [{"name": "Boutique Fatou"}]}, "unreadNotificationCount": 0}));
    let may = shell["viewer"]["permissions"].as_array().unwrap();
    assert!(may.contains(&json!({"permission": "INVENTORY_PRODUCT_WRITE", "scope": "ORG"})), "{may:?}");
    shows(
        &shell["organization"],
        json!({"version": 1, "currency": "XOF", "timeZone": "Africa/Dakar", "modules": ["INVENTORY", "DATA_IMPORTS"]}),
    );
}

/// What products are filtered by, whole and page after page.
async fn fills_the_filters(firm: &mut Firm) -> Value {
    const MORE: &str = "mutation { categoryCreate(input: {name: \"Épices\"}) { category { id } } }";
    firm.site.ask(&firm.bearer, MORE, None, json!({})).await;
    let first = firm.show("inventory-list", "InventoryFilters", json!({"first": 1})).await;
    shows(&first["categories"], json!({"nodes": [{"name": "Céréales", "parent": null}], "pageInfo": {"hasNextPage": true}}));
    shows(&first["suppliers"], json!({"nodes": [{"name": "Grossiste Ndar"}], "pageInfo": {"hasNextPage": false}}));
    shows(&first["warehouses"], json!({"nodes": [{"name": "Entrepôt principal", "code": "MAIN"}], "pageInfo": {"hasNextPage": false}}));
    let after = |list: &str| first[list]["pageInfo"]["endCursor"].clone();
    let next =
        json!({"categoriesAfter": after("categories"), "suppliersAfter": after("suppliers"), "warehousesAfter": after("warehouses")});
    let next = firm.show("inventory-list", "InventoryFilters", next).await;
    shows(&next["categories"], json!({"nodes": [{"name": "Épices"}], "pageInfo": {"hasNextPage": false}}));
    assert!(["suppliers", "warehouses"].iter().all(|list| next[*list]["nodes"] == json!([])), "{next}");
    let whole = firm.show("inventory-list", "InventoryFilters", json!({})).await;
    shows(&whole["categories"], json!({"nodes": [{"name": "Céréales"}, {"name": "Épices"}], "pageInfo": {"hasNextPage": false}}));
    whole
}

/// A product with 40 on hand, an error of the till undone, and every page that shows it.
async fn fills_the_shelves(firm: &mut Firm) -> Value {
    const AROUND: &str = "mutation { categoryCreate(input: {name: \"Céréales\"}) { category { id } }
        supplierCreate(input: {name: \"Grossiste Ndar\", leadTimeDays: 4, phone: \"+221338200000\"}) { supplier { id } } }";
    let around = firm.site.ask(&firm.bearer, AROUND, None, json!({})).await["data"].clone();
    let filters = fills_the_filters(firm).await;
    let warehouse = &filters["warehouses"]["nodes"][0]["id"];
    let input = json!({"sku": "RIZ-25", "name": "Riz brisé 25 kg", "description": "En sac", "barcode": "6001",
        "categoryId": around["categoryCreate"]["category"]["id"], "supplierId": around["supplierCreate"]["supplier"]["id"],
        "costPrice": "10000", "salePrice": "12500", "reorderPoint": "10", "safetyStock": "2", "leadTimeDays": 3});
    let made = firm.show("product-page", "ProductCreate", json!({"input": input})).await["productCreate"]["product"].clone();
    let details = json!({"version": 1, "sku": "RIZ-25", "name": "Riz brisé 25 kg", "description": "En sac", "barcode": "6001",
        "category": {"name": "Céréales"}, "supplier": {"name": "Grossiste Ndar", "leadTimeDays": 4, "phone": "+221338200000"},
        "unit": {"code": "PIECE", "name": "Pièce", "decimals": 0}, "costPrice": {"amount": "10000", "currency": "XOF"},
        "salePrice": {"amount": "12500", "currency": "XOF"}, "reorderPoint": "10", "safetyStock": "2", "leadTimeDays": 3,
        "onHand": "0", "stockStatus": "NO_MOVEMENT", "daysOfCover": null, "archivedAt": null});
    shows(&made, details);
    let id = made["id"].clone();

    let receipt = json!({"productId": id, "warehouseId": warehouse, "kind": "RECEIPT", "quantity": "40", "unitCost": "9500",
        "reference": "BL-1", "reason": "Livraison"});
    let received = firm.show("product-page", "StockMovementRecord", json!({"input": receipt})).await;
    let by = json!({"user": {"displayName": "Fatou Sow"}});
    let movement = json!({"kind": "RECEIPT", "quantity": "40", "onHandAfter": "40", "unitCost": {"amount": "9500", "currency": "XOF"},
        "reason": "Livraison", "reference": "BL-1", "recordedBy": by, "reverses": null, "warehouse": {"name": "Entrepôt principal"},
        "product": {"id": id, "onHand": "40", "available": "40", "stockStatus": "IN_STOCK", "daysOfCover": null}});
    shows(&received["stockMovementRecord"]["stockMovement"], movement);
    let sale = json!({"productId": id, "warehouseId": warehouse, "kind": "SALE", "quantity": "25", "orderedQuantity": "30"});
    let sold =
        firm.show("product-page", "StockMovementRecord", json!({"input": sale})).await["stockMovementRecord"]["stockMovement"].clone();
    shows(
        &sold,
        json!({"quantity": "-25", "onHandAfter": "15", "orderedQuantity": "30", "product": {"onHand": "15", "daysOfCover": "0.6"}}),
    );
    let undo = json!({"input": {"id": sold["id"], "reason": "Erreur de caisse"}});
    let undone = firm.show("product-page", "StockMovementReverse", undo).await;
    let reverse = json!({"quantity": "25", "onHandAfter": "40", "reason": "Erreur de caisse", "reverses": {"id": sold["id"]}});
    shows(&undone["stockMovementReverse"]["stockMovement"], reverse);
    let change = json!({"input": {"id": id, "expectedVersion": 1, "name": "Riz 25 kg"}});
    let changed = firm.show("product-page", "ProductUpdate", change).await;
    shows(
        &changed["productUpdate"]["product"],
        json!({"version": 2, "name": "Riz 25 kg", "stockValue": {"amount": "400000", "currency": "XOF"}}),
    );

    let list = firm.show("inventory-list", "InventoryList", json!({"withTotal": true})).await;
    let row = json!({"sku": "RIZ-25", "name": "Riz 25 kg", "category": {"name": "Céréales"}, "supplier": {"name": "Grossiste Ndar"},
        "unit": {"code": "PIECE"}, "onHand": "40", "available": "40", "stockStatus": "IN_STOCK", "reorderPoint": "10"});
    shows(&list["products"], json!({"nodes": [row], "totalCount": 1, "pageInfo": {"hasNextPage": false}}));
    let figures = firm.show("inventory-list", "InventoryOverview", json!({})).await;
    let expected = json!({"productCount": 1, "onHandValue": {"amount": "400000", "currency": "XOF"}, "stockOutCount": 0, "lowStockCount": 0,
        "openAlertCount": 0, "movementsLast30Days": 3, "unitsSoldLast30Days": "0"});
    shows(&figures["inventoryDashboard"], expected);
    json!({"id": id, "warehouse": warehouse})
}

/// The last piece goes: the alert arrives on the open screen, is read, taken in hand and put off.
async fn sells_out_and_hears_of_it(firm: &mut Firm, product: &Value) {
    let before = firm.show("alert-centre", "AlertCentre", json!({})).await;
    assert_eq!(before["stockAlerts"]["nodes"], json!([]));
    let after = json!({"after": before["stockAlerts"]["streamCursor"]});
    let mut alerts = firm.follow("alert-centre", "StockAlertChanged", after).await;
    let sale =
        json!({"productId": product["id"], "warehouseId": product["warehouse"], "kind": "SALE", "quantity": "40", "orderedQuantity": "45"});
    firm.show("product-page", "StockMovementRecord", json!({"input": sale})).await;
    let asked = firm.show("alert-centre", "StockAlertsEvaluate", json!({"input": {}})).await;
    assert_eq!(asked["stockAlertsEvaluate"]["job"]["state"], "QUEUED");
    const JOB: &str = "query($id: ID!) { node(id: $id) { ... on Job { kind requestId } } }";
    let job = firm.site.ask(&firm.bearer, JOB, None, json!({"id": asked["stockAlertsEvaluate"]["job"]["id"]})).await;
    assert_eq!(job["data"]["node"]["requestId"], "screen-StockAlertsEvaluate", "{job}");
    firm.evaluate().await;

    let out = json!({"kind": "STOCK_OUT", "severity": "CRITICAL", "muted": false, "available": "0", "threshold": "0", "daysOfCover": "0",
        "product": {"sku": "RIZ-25", "name": "Riz 25 kg", "unit": {"code": "PIECE"}}, "warehouse": null, "resolvedAt": null});
    let heard = [event(&mut alerts).await, event(&mut alerts).await];
    let heard = heard.iter().find(|event| event["alert"]["kind"] == "STOCK_OUT").expect("both alerts were told");
    shows(heard, json!({"transition": {"state": "FIRING", "available": "0", "by": null}, "alert": out}));
    let centre = firm.show("alert-centre", "AlertCentre", json!({})).await;
    shows(&centre["stockAlerts"], json!({"nodes": [out], "streamCursor": "2", "pageInfo": {"hasNextPage": false}}));
    let alert = &centre["stockAlerts"]["nodes"][0];
    let explanation = alert["explanation"].as_str().unwrap();
    assert!(explanation.starts_with("Rupture de stock : Riz 25 kg, disponible : 0\u{a0}pièce, constatée le 1"), "{explanation}");

    let ids = json!([alert["id"]]);
    let taken = firm.show("alert-centre", "StockAlertsAcknowledge", json!({"input": {"ids": ids, "note": "Commandé"}})).await;
    let by = json!({"user": {"displayName": "Fatou Sow"}});
    shows(&taken["stockAlertsAcknowledge"]["stockAlerts"], json!([{"state": "ACKNOWLEDGED", "acknowledgedBy": by}]));
    let details = firm.show("alert-centre", "AlertDetails", json!({"id": alert["id"]})).await;
    let rule = json!({"kind": "STOCK_OUT", "enabled": true, "granularity": "PRODUCT", "channels": ["IN_APP", "EMAIL", "WHATSAPP"]});
    let timeline = json!([{"state": "FIRING", "by": null}, {"state": "ACKNOWLEDGED", "by": by, "note": "Commandé"}]);
    shows(&details["stockAlert"], json!({"rule": rule, "previous": null, "timeline": timeline}));
    let put_off = firm.show("alert-centre", "StockAlertsSnooze", json!({"input": {"ids": ids, "untilRestock": true}})).await;
    shows(&put_off["stockAlertsSnooze"]["stockAlerts"], json!([{"state": "SNOOZED", "snoozedUntil": null}]));
    let rules = firm.show("alert-centre", "AlertRules", json!({})).await;
    let drop = json!({"kind": "SERVICE_LEVEL_DROP", "serviceLevelTarget": "0.9", "windowDays": 30, "minimumLines": 20});
    // Made in the same instant: their order is nobody's business.
    let mut shown = rules["stockAlertRules"]["nodes"].as_array().unwrap().clone();
    shown.sort_by_key(|rule| rule["kind"].to_string());
    let shipped = json!([{"kind": "LOW_STOCK", "clearPercent": "10"}, drop, {"kind": "STOCK_OUT", "severity": "CRITICAL"}]);
    shows(&json!(shown), shipped);

    let page = firm.show("product-page", "ProductPage", json!({"id": product["id"]})).await["product"].clone();
    shows(&page, json!({"version": 2, "onHand": "0", "stockStatus": "STOCK_OUT", "stockValue": {"amount": "0", "currency": "XOF"}}));
    shows(&page["stockLevels"], json!({"nodes": [{"onHand": "0", "available": "0", "warehouse": {"code": "MAIN"}}]}));
    let moved =
        json!([{"quantity": "-40", "onHandAfter": "0"}, {"quantity": "25"}, {"quantity": "-25"}, {"quantity": "40", "recordedBy": by}]);
    let kinds: BTreeSet<&str> =
        page["stockMovements"]["nodes"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["RECEIPT", "SALE"]));
    assert_eq!(page["stockMovements"]["nodes"].as_array().unwrap().len(), moved.as_array().unwrap().len());
    shows(&page["stockMovements"]["nodes"][0], moved[0].clone());
    let wrong: BTreeSet<&str> = page["stockAlerts"]["nodes"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(wrong, BTreeSet::from(["LOW_STOCK", "STOCK_OUT"]));
    let figures = firm.show("inventory-list", "InventoryOverview", json!({})).await;
    let level = json!({"definition": "LINE_FILL_RATE", "numerator": "0", "denominator": "1", "ratio": "0", "windowDays": 30});
    let expected =
        json!({"stockOutCount": 1, "openAlertCount": 2, "serviceLevel": level, "movementsLast30Days": 4, "unitsSoldLast30Days": "40"});
    shows(&figures["inventoryDashboard"], expected);
}

async fn reads_what_it_was_told(firm: &mut Firm) {
    let agreed = firm.show("notification-centre", "WhatsAppConsentSet", json!({"input": {"granted": true}})).await;
    shows(&agreed["whatsAppConsentSet"]["user"], json!({"phone": "+221771234568", "whatsAppConsent": true}));
    let bell = firm.show("notification-centre", "NotificationCentre", json!({})).await;
    let why = "Non envoyé : les messages WhatsApp n'ont pas été acceptés.";
    let deliveries = json!([{"channel": "EMAIL", "state": "QUEUED"}, {"channel": "IN_APP", "state": "DELIVERED"},
        {"channel": "WHATSAPP", "state": "SUPPRESSED", "error": why}]);
    let told = json!({"category": "STOCK_ALERT", "severity": "CRITICAL", "title": "Rupture de stock : Riz 25 kg", "readAt": null,
        "subject": {"__typename": "StockAlert", "kind": "STOCK_OUT", "alertState": "SNOOZED"}, "deliveries": deliveries});
    shows(&bell, json!({"viewer": {"unreadNotificationCount": 1}, "notifications": {"nodes": [told], "streamCursor": "1"}}));
    let after = json!({"after": bell["notifications"]["streamCursor"]});
    let mut notices = firm.follow("notification-centre", "NotificationReceived", after).await;
    let sent = firm.show("notification-centre", "NotificationTestSend", json!({"input": {"channel": "IN_APP"}})).await;
    let test = sent["notificationTestSend"]["notification"].clone();
    shows(&test, json!({"category": "SYSTEM", "title": "[Test] Alerte d'essai", "subject": null, "deliveries": [{"channel": "IN_APP"}]}));
    shows(&event(&mut notices).await, json!({"change": "CREATED", "unreadCount": 2, "notification": {"id": test["id"]}}));
    let read = firm.show("notification-centre", "NotificationsMarkRead", json!({"input": {"ids": [test["id"]]}})).await;
    assert!(read["notificationsMarkRead"]["notifications"][0]["readAt"].is_string(), "{read}");
    shows(&event(&mut notices).await, json!({"change": "READ", "unreadCount": 1}));
    let away = firm.show("notification-centre", "NotificationArchive", json!({"input": {"id": test["id"]}})).await;
    assert!(away["notificationArchive"]["notification"]["archivedAt"].is_string(), "{away}");
}
