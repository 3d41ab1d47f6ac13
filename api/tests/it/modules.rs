//! Parts of the product switched off: nobody may call anything of them, nothing of them runs, and nothing is lost.

use crate::cases;
use crate::edge_ws::Heard;
use crate::schema::declared;
use crate::site::Site;
use crate::world::World;
use api::context::Asking;
use api::roles_page::Access;
use async_graphql::Request;
use serde_json::{Value, json};
use services::identity::modules::Module;
use services::identity::{Caller, ShippedRole, authenticate};
use services::locale::Locale;
use services::testing::{self, Fixture};
use services::{SystemScope, alerts};

const SET: &str =
    "mutation($on: [Module!]!) { organizationModulesSet(input: {modules: $on}) { organization { modules } userErrors { code path } } }";
const VIEW: &str = "{ products { nodes { id onHand } } stockMovements { totalCount } stockAlerts { nodes { id state } } dataImports { nodes { id state } } }";

/// The caller as the next request finds them.
async fn again(fixture: &Fixture, caller: &Caller) -> Caller {
    authenticate(&fixture.app, &testing::token_of(&fixture.app, caller)).await.unwrap().unwrap()
}

async fn set(world: &World, on: &[&str]) -> Value {
    let mut answer = world.send(Some(&again(&world.fixture, &world.owner).await), SET, json!({"on": on})).await;
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"]["organizationModulesSet"].take()
}

fn is_off(answer: &Value) -> bool {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().any(|error| error["extensions"] == json!({"code": "FORBIDDEN", "hint": "MODULE_OFF"}))
}

/// World with no import under way, and its owner's view of it.
async fn world() -> (World, Value) {
    let world = World::new().await;
    const CANCEL: &str = "mutation($id: ID!) { dataImportCancel(input: {id: $id}) { userErrors { code } } }";
    let refused = set(&world, &["INVENTORY"]).await;
    assert_eq!(refused["userErrors"], json!([{"code": "FORBIDDEN_STATE", "path": ["modules"]}]), "one is under way");
    world.send(Some(&world.owner), CANCEL, json!({"id": world.victim.import})).await;
    let view = world.send(Some(&world.owner), VIEW, json!({})).await;
    assert!(view["errors"].is_null(), "{view}");
    (world, view)
}

#[tokio::test]
async fn of_a_module_that_is_off_nobody_may_call_anything_and_on_again_nothing_is_lost() {
    let (world, view) = world().await;
    for (on, off) in [(&["INVENTORY"][..], &[Module::DataImports][..]), (&[], &Module::ALL[..])] {
        assert_eq!(set(&world, on).await, json!({"organization": {"modules": on}, "userErrors": []}));
        let owner = again(&world.fixture, &world.owner).await;
        for (field, access) in declared() {
            let Some(Access::Requires(permission)) = access else { continue };
            let case = cases::all().into_iter().find(|case| case.field == field).expect("a case");
            let expected = permission.module().is_some_and(|module| off.contains(&module));
            // What is only looked at here changes nothing.
            if !expected && field.starts_with("Mutation") {
                continue;
            }
            let answer = world.send(Some(&owner), case.document, (case.variables)(&world.victim)).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            assert_eq!((is_off(&answer), code.filter(|code| *code == "FORBIDDEN").is_some()), (expected, expected), "{field}: {answer}");
        }
        let asking = Asking::new(&world.fixture.app, Some(owner), Some(Locale::Fr), Default::default());
        let scope = asking.scope.clone().unwrap();
        world.schema.execute(Request::new("{ dataImports { nodes { id } } }").data(asking)).await;
        assert_eq!(scope.statements().await, 0, "it is known of the organisation");
    }
    set(&world, &["DATA_IMPORTS", "INVENTORY"]).await;
    assert_eq!(world.send(Some(&again(&world.fixture, &world.owner).await), VIEW, json!({})).await, view);
    let bare = json!({"code": "FORBIDDEN_STATE", "path": ["modules"]});
    assert_eq!(set(&world, &["DATA_IMPORTS"]).await["userErrors"], json!([bare]), "it needs the stock");
    assert_eq!(set(&world, &["INVENTORY", "LEARNING"]).await["userErrors"][0]["code"], "INVALID", "still to come");
}

#[tokio::test]
async fn alerts_of_who_has_no_stock_wait_until_it_is_on_again() {
    let (world, view) = world().await;
    let scope = || world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    let product = api::ids::GlobalId::of_global(&async_graphql::ID(world.victim.product.clone()));
    let everything = services::inventory::products::ProductChange { reorder_point: Some(Some("1".into())), ..Default::default() };
    set(&world, &[]).await;
    // A change that was under way as the module went off leaves its mark.
    services::inventory::products::update(&scope(), product, everything).await.unwrap();
    alerts::rules::update(
        &scope(),
        api::ids::GlobalId::of_global(&async_graphql::ID(world.victim.rule.clone())),
        alerts::rules::RuleChange { enabled: Some(false), ..Default::default() },
    )
    .await
    .unwrap();
    let system = SystemScope::new(&world.fixture.app);
    for full in [false, true] {
        alerts::evaluate::run(&system, alerts::evaluate::Extent { tenant: None, full }).await.unwrap();
    }
    let states = async || {
        set(&world, &["INVENTORY", "DATA_IMPORTS"]).await;
        world.send(Some(&again(&world.fixture, &world.owner).await), VIEW, json!({})).await["data"]["stockAlerts"].clone()
    };
    assert_eq!(states().await, view["data"]["stockAlerts"], "passed over");
    alerts::evaluate::run(&system, Default::default()).await.unwrap();
    assert_ne!(states().await, view["data"]["stockAlerts"], "made up for");
}

#[tokio::test]
async fn streams_of_a_module_end_when_it_goes_off() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    let member = testing::member(&fixture, &[ShippedRole::Employee]).await;
    let mut socket = site.socket(&testing::token_of(&fixture.app, &member)).await;
    socket.subscribe("s", "subscription { stockAlertChanged { alert { id } } }").await;
    let owner = testing::token_of(&fixture.app, &fixture.caller);
    let answer = site.ask(&owner, SET, None, json!({"on": []})).await;
    assert_eq!(answer["data"]["organizationModulesSet"]["organization"]["modules"], json!([]), "{answer}");
    assert!(matches!(socket.hear().await, Heard::Close(_)), "rights are not those of its beginning");
}
