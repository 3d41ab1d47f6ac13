//! `Idempotency-Key` over the whole way: one effect, one answer, whatever is sent again and when.

use crate::cases;
use crate::site::Site;
use crate::world::World;
use api::ids::GlobalId;
use entities::inventory::{product, warehouse};
use serde_json::{Value, json};
use services::inventory::stock;
use services::scope::Sql;
use services::testing::{Fixture, PASSWORD};
use services::{Doorway, Reads};
use std::sync::Arc;

const RECORD: &str = "mutation($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) {
  stockMovement { id onHandAfter } userErrors { code } } }";

struct Shop {
    fixture: Fixture,
    site: Arc<Site>,
    token: String,
    product: product::Model,
    warehouse: warehouse::Model,
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let site = Arc::new(Site::start(&fixture.app).await);
        let token = site.sign_in(&fixture.email().await, PASSWORD).await;
        let (product, warehouse) = (fixture.product().on_hand(10).create().await, fixture.warehouse().await);
        Self { fixture, site, token, product, warehouse }
    }

    fn sale(&self, units: &str) -> Value {
        let (product, warehouse) = (self.product.id.to_global(), self.warehouse.id.to_global());
        json!({"input": {"productId": product, "warehouseId": warehouse, "kind": "SALE", "quantity": units}})
    }

    async fn send(&self, key: &str, variables: Value) -> (u16, bool, Value) {
        self.site.send_once(&self.token, key, RECORD, variables).await
    }

    async fn on_hand(&self) -> i64 {
        let levels = stock::levels_of(&self.fixture.again(), &[self.product.id]).await.unwrap();
        stock::totals(&levels[&self.product.id]).on_hand.0 / 1000
    }
}

#[tokio::test]
async fn what_is_sent_again_is_answered_again_and_done_once() {
    let shop = Shop::new().await;
    let (status, replayed, first) = shop.send("order-0001", shop.sale("2")).await;
    assert_eq!((status, replayed), (200, false), "{first}");
    assert!(first["data"]["stockMovementRecord"]["stockMovement"]["onHandAfter"].is_string(), "{first}");
    let (status, replayed, again) = shop.send("order-0001", shop.sale("2")).await;
    assert_eq!((status, replayed, &again["data"]), (200, true, &first["data"]));
    let (status, _, other) = shop.send("order-0001", shop.sale("3")).await;
    assert_eq!((status, &other["errors"][0]["extensions"]["code"]), (409, &json!("CONFLICT")), "{other}");
    assert_eq!(shop.on_hand().await, 8);
}

#[tokio::test]
async fn a_refusal_frees_the_key() {
    let shop = Shop::new().await;
    let (status, _, refused) = shop.send("order-0002", shop.sale("0")).await;
    assert_eq!((status, &refused["data"]["stockMovementRecord"]["userErrors"][0]["code"]), (200, &json!("OUT_OF_RANGE")));
    let (status, replayed, done) = shop.send("order-0002", shop.sale("1")).await;
    assert_eq!((status, replayed), (200, false), "{done}");
    assert_eq!(shop.on_hand().await, 9);
}

#[tokio::test]
async fn one_of_many_at_the_same_time_is_done() {
    let shop = Arc::new(Shop::new().await);
    let calls = (0..24).map(|n| {
        let shop = shop.clone();
        tokio::spawn(async move { shop.send(&format!("order-100{}", n % 4), shop.sale("1")).await })
    });
    let answers = futures_util::future::join_all(calls.collect::<Vec<_>>()).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|(status, replayed, _)| *status == 200 && !replayed).count(), 4, "{answers:?}");
    assert!(answers.iter().all(|(status, _, _)| matches!(status, 200 | 409)), "{answers:?}");
    assert_eq!(shop.on_hand().await, 6);
    for key in 0..4 {
        let (status, replayed, _) = shop.send(&format!("order-100{key}"), shop.sale("1")).await;
        assert_eq!((status, replayed), (200, true));
    }
}

#[tokio::test]
async fn other_mutations_are_done_once_too() {
    let shop = Shop::new().await;
    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code } } }";
    let input = json!({"input": {"sku": "ONCE", "name": "Once"}});
    let (_, replayed, first) = shop.site.send_once(&shop.token, "product-0001", create, input.clone()).await;
    assert!(!replayed && first["data"]["productCreate"]["product"]["id"].is_string(), "{first}");
    let (_, replayed, again) = shop.site.send_once(&shop.token, "product-0001", create, input).await;
    assert_eq!((replayed, &again["data"]), (true, &first["data"]), "not that the SKU is taken");
}

static FORGET: Sql = Sql::new("forget", "UPDATE idempotency_keys SET response = NULL WHERE tenant_id = :tenant AND key = :key");

#[tokio::test]
async fn what_was_done_and_never_answered_is_said_to_be_done() {
    let shop = Shop::new().await;
    let told = async |units: &str| {
        let (status, _, answer) = shop.send("order-0003", shop.sale(units)).await;
        let extensions = &answer["errors"][0]["extensions"];
        (status, extensions["code"].as_str().unwrap_or_default().to_owned(), extensions["retryAfter"].as_i64())
    };
    shop.send("order-0003", shop.sale("2")).await;
    services::idempotency::settle(&shop.fixture.app).await.unwrap();
    // The process died between the commit and the answer.
    let txn = shop.fixture.scope.begin().await.unwrap();
    assert_eq!(txn.statement(&FORGET).bind("key", "order-0003").run().await.unwrap(), 1);
    txn.commit().await.unwrap();
    assert_eq!(told("2").await, (409, "CONFLICT".into(), Some(1)), "it may still be running");
    shop.fixture.app.clock().advance(chrono::TimeDelta::minutes(1));
    for _ in 0..2 {
        assert_eq!(told("2").await, (409, "ALREADY_DONE".into(), None));
        assert_eq!(told("3").await, (409, "CONFLICT".into(), None), "other content is still other content");
    }
    assert_eq!(shop.on_hand().await, 8);
}

/// Mutations that change nothing the way the cases send them.
const NOTHING_DONE: &[&str] = &["stockAlertsEvaluate"];
/// Mutations whose answers are not kept.
const KEYLESS: &[&str] = &[
    "accountExport",
    "signUp",
    "signIn",
    "signInComplete",
    "externalSignInBegin",
    "externalSignInComplete",
    "sessionRefresh",
    "signOut",
    "organizationSwitch",
    "sessionRevoke",
    "passwordChange",
    "passwordReset",
    "passwordResetRequest",
    "emailVerify",
    "emailChange",
    "emailChangeRequest",
    "sessionProve",
    "secondFactorBegin",
    "secondFactorConfirm",
    "secondFactorRemove",
    "recoveryCodesRenew",
    "apiTokenCreate",
    "oauthClientCreate",
    "oauthClientSecretRenew",
];

#[tokio::test]
async fn every_mutation_honours_its_key_or_refuses_it() {
    let world = World::new().await;
    let site = Site::start(&world.fixture.app).await;
    let token = site.sign_in(&world.fixture.email().await, PASSWORD).await;
    for (n, case) in cases::all().into_iter().enumerate() {
        let Some(name) = case.field.strip_prefix("Mutation.") else { continue };
        let variables = (case.variables)(&world.victim);
        let (key, send) = (format!("mutation-{n}"), |key| site.send_once(&token, key, case.document, variables.clone()));
        let (status, _, first) = send(&key).await;
        if KEYLESS.contains(&name) {
            assert_eq!((status, &first["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")), "{name}: {first}");
            continue;
        }
        let refused = first["data"][name]["userErrors"].as_array().is_none_or(|errors| !errors.is_empty());
        let (_, replayed, again) = send(&key).await;
        let expected = !refused && !NOTHING_DONE.contains(&name);
        assert_eq!(replayed, expected, "{name}: {first} and {again}");
        assert!(!expected || first["data"] == again["data"], "{name}: {first} and {again}");
    }
}

#[tokio::test]
async fn a_version_that_was_right_is_not_stale_when_it_is_sent_again() {
    let shop = Shop::new().await;
    let update =
        "mutation($input: OrganizationUpdateInput!) { organizationUpdate(input: $input) { organization { name } userErrors { code } } }";
    let version = services::identity::organizations::get(&shop.fixture.again()).await.unwrap().version;
    let input = json!({"input": {"name": "Chez Awa", "expectedVersion": version}});
    let (_, _, first) = shop.site.send_once(&shop.token, "rename-0001", update, input.clone()).await;
    assert_eq!(first["data"]["organizationUpdate"]["organization"]["name"], "Chez Awa", "{first}");
    let (_, replayed, again) = shop.site.send_once(&shop.token, "rename-0001", update, input).await;
    assert_eq!((replayed, &again["data"]), (true, &first["data"]));
}

#[tokio::test]
async fn an_account_alone_is_told_that_its_keys_are_not_kept() {
    let shop = Shop::new().await;
    let doorway = Doorway::new(&shop.fixture.app, services::locale::Locale::Fr);
    let input = services::identity::SignUp {
        email: "seule@teranga.example".into(),
        password: PASSWORD.into(),
        display_name: "Seule".into(),
        ..Default::default()
    };
    let token = services::identity::sign_up(&doorway, input).await.unwrap().session.access_token;
    let update = "mutation { viewerUpdate(input: {displayName: \"Awa\"}) { user { displayName } userErrors { code } } }";
    let (status, _, refused) = shop.site.send_once(&token, "name-0001", update, json!({})).await;
    assert_eq!((status, &refused["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")), "{refused}");
}
