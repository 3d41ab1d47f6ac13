//! Who sees how to reach a person.

use crate::world::World;
use serde_json::{Value, json};
use services::identity::{Caller, Grants, Permission, Reach};
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
