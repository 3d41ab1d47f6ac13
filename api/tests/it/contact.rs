//! Who sees how to reach a person.

use crate::world::World;
use api::ids::GlobalId;
use serde_json::{Value, json};
use services::identity::{Caller, Grants, Permission, Reach, ShippedRole, members};
use services::locale::Locale;
use services::{Doorway, testing};
use std::sync::Arc;

/// The names of colleagues stand beside what they did; their addresses are for whoever may see the members.
#[tokio::test]
async fn contact_data_is_for_oneself_and_for_who_may_see_the_members() {
    const MOVEMENTS: &str = "{ stockMovements(first: 1) { nodes { recordedBy { user { displayName email phone whatsAppConsent } } } } }";
    let world = World::new().await;
    let mut reader = world.owner.clone();
    let seen = async |reader: Caller| {
        let answer = world.send(Some(&reader), MOVEMENTS, json!({})).await;
        answer.pointer("/data/stockMovements/nodes/0/recordedBy/user").cloned().unwrap_or_else(|| panic!("{answer}"))
    };
    let whole = seen(reader.clone()).await;
    assert!(whole["email"].is_string() && whole["whatsAppConsent"].is_boolean(), "{whole}");
    let mut few = Grants::default();
    few.add(Permission::InventoryStockMovementRead, Reach::Org);
    reader.grants = Arc::new(few.clone());
    assert_eq!(seen(reader.clone()).await, whole, "oneself");
    reader.user = world.stranger.user;
    let name = json!({"displayName": whole["displayName"], "email": null, "phone": null, "whatsAppConsent": null});
    assert_eq!(seen(reader.clone()).await, name);
    few.add(Permission::IdentityMemberRead, Reach::Org);
    reader.grants = Arc::new(few);
    assert_ne!(seen(reader.clone()).await["email"], Value::Null);
}

/// Where somebody is reached now who left is none of the organisation's business; their name stays beside what they did.
#[tokio::test]
async fn of_who_left_the_name_is_seen_and_not_how_to_reach_them() {
    const MEMBERS: &str =
        "{ organization { memberships(first: 50, includeLeft: true) { nodes { status user { id displayName email } } } } }";
    const NODE: &str = "query($id: ID!) { node(id: $id) { ... on User { displayName email emailVerified phone whatsAppConsent } } }";
    let world = World::new().await;
    let gone = testing::member(&world.fixture, &[ShippedRole::Employee]).await;
    let id = json!({"id": gone.user.to_global()});
    assert!(world.send(Some(&world.owner), NODE, id.clone()).await["data"]["node"]["email"].is_string());
    members::leave(&Doorway::new(&world.fixture.app, Locale::Fr), &gone, world.fixture.scope.tenant()).await.unwrap();
    let all = world.send(Some(&world.owner), MEMBERS, json!({})).await;
    let all = all["data"]["organization"]["memberships"]["nodes"].as_array().unwrap().clone();
    let left = all.iter().find(|node| node["user"]["id"] == id["id"]).unwrap();
    assert_eq!((&left["status"], &left["user"]["email"]), (&json!("LEFT"), &Value::Null));
    let node = world.send(Some(&world.owner), NODE, id).await;
    let node = &node["data"]["node"];
    assert_eq!(node, &json!({"displayName": "Fatou Ndiaye", "email": null, "emailVerified": null, "phone": null, "whatsAppConsent": null}));
}

/// Which roles somebody has is seen by whoever may see the members, wherever a membership stands.
#[tokio::test]
async fn the_roles_of_others_are_null_with_a_code_for_who_may_not_see_the_members() {
    const MOVEMENTS: &str = "{ stockMovements(first: 1) { nodes { recordedBy { id status roles { nodes { name } } } } } }";
    let world = World::new().await;
    let mut few = Grants::default();
    few.add(Permission::InventoryStockMovementRead, Reach::Org);
    let mine = Caller { grants: Arc::new(few.clone()), ..world.owner.clone() };
    let whole = world.send(Some(&mine), MOVEMENTS, json!({})).await;
    assert!(whole["errors"].is_null(), "one's own: {whole}");
    let other = testing::member(&world.fixture, &[ShippedRole::Employee]).await;
    let answer = world.send(Some(&Caller { grants: Arc::new(few.clone()), ..other.clone() }), MOVEMENTS, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    assert_eq!(answer["data"]["stockMovements"]["nodes"][0]["recordedBy"]["roles"], Value::Null);
    few.add(Permission::IdentityMemberRead, Reach::Org);
    let answer = world.send(Some(&Caller { grants: Arc::new(few), ..other }), MOVEMENTS, json!({})).await;
    assert_eq!(answer, whole);
}
