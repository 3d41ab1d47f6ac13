//! Undoing an import, from the outside.

use crate::world::World;
use api::context::Asking;
use api::ids::GlobalId;
use async_graphql::{ID, Request};
use futures_util::StreamExt;
use serde_json::{Value, json};
use services::data_imports::{UndoImport, run_undo};
use services::identity::{Grants, Permission};
use services::locale::Locale;
use services::work::Running;
use std::time::Duration;

const UNDO: &str = "mutation($input: DataImportUndoInput!) { dataImportUndo(input: $input) {
    dataImport { undoState rowsUndone rowsNotUndone undoneAt } userErrors { code path message } } }";
const SEEN: &str = "query($id: ID!) { dataImport(id: $id) { undoState rowsUndone rowsNotUndone undoneAt }
    stockMovements(filter: {importId: $id}) { nodes { quantity reason reverses { quantity } recordedBy { id } } } }";

#[tokio::test]
async fn an_import_is_undone_and_seen_to_be() {
    let world = World::new().await;
    let id = &world.victim.imported;
    let asked = world.send(Some(&world.owner), UNDO, json!({"input": {"id": id}})).await;
    let queued = json!({"undoState": "QUEUED", "rowsUndone": 0, "rowsNotUndone": 0, "undoneAt": null});
    assert_eq!(asked["data"]["dataImportUndo"], json!({"dataImport": queued, "userErrors": []}));

    let document = format!("subscription {{ dataImportProgressed(dataImportId: \"{id}\") {{ dataImport {{ undoState rowsUndone }} }} }}");
    let asking = Asking::new(&world.fixture.app, Some(world.owner.clone()), Some(Locale::Fr), Default::default());
    let mut events = Box::pin(world.schema.execute_stream(Request::new(document).data(asking)));
    let mut next = async || -> Option<Value> {
        let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.expect("in time")?;
        Some(serde_json::to_value(event).unwrap()["data"]["dataImportProgressed"]["dataImport"].clone())
    };
    assert_eq!(next().await, Some(json!({"undoState": "QUEUED", "rowsUndone": 0})), "live, though the import is over");
    let scope = world.owner.scope(&world.fixture.app, Locale::Fr).unwrap();
    let undo = UndoImport { import: GlobalId::of_global(&ID::from(id)) };
    run_undo(&scope, &Running::detached(scope.tenant()), undo).await.unwrap();
    assert_eq!(next().await, Some(json!({"undoState": "COMPLETED", "rowsUndone": 1})));
    assert_eq!(next().await, None, "and ends with the undo");

    let seen = world.send(Some(&world.owner), SEEN, json!({"id": id})).await;
    let now = &seen["data"]["dataImport"];
    assert_eq!((&now["undoState"], &now["rowsUndone"], now["undoneAt"].is_string()), (&json!("COMPLETED"), &json!(1), true), "{seen}");
    let nodes = seen["data"]["stockMovements"]["nodes"].as_array().unwrap();
    let reverse = nodes.iter().find(|node| !node["reverses"].is_null()).unwrap();
    assert_eq!((nodes.len(), &reverse["quantity"], &reverse["reverses"]["quantity"]), (2, &json!("-1"), &json!("1")));
    assert!(reverse["reason"] == "Importation annulée" && reverse["recordedBy"]["id"].is_string(), "{reverse}");
}

#[tokio::test]
async fn an_undo_that_is_refused_says_why() {
    let world = World::new().await;
    let open = world.send(Some(&world.owner), UNDO, json!({"input": {"id": world.victim.import}})).await;
    let error = &open["data"]["dataImportUndo"]["userErrors"][0];
    assert_eq!((&error["code"], &error["path"]), (&json!("FORBIDDEN_STATE"), &json!(["id"])), "{open}");
    let unknown = world.send(Some(&world.stranger), UNDO, json!({"input": {"id": world.victim.imported}})).await;
    assert_eq!(unknown["data"]["dataImportUndo"]["userErrors"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn who_may_not_reverse_movements_may_not_undo_their_import() {
    let world = World::new().await;
    let mut caller = world.owner.clone();
    let mut grants = Grants::default();
    let others = Grants::all();
    let others = others.iter().filter(|(permission, _)| *permission != Permission::InventoryStockMovementReverse);
    others.for_each(|(permission, reach)| grants.add(permission, reach));
    (caller.grants, caller.operator) = (grants.into(), false);
    let answer = world.send(Some(&caller), UNDO, json!({"input": {"id": world.victim.imported}})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}
