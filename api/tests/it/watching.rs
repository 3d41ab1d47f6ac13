//! A product's page that stays open.

use crate::world::World;
use entities::data_imports::data_import::DataImportKind;
use serde_json::json;
use services::data_imports::{self, RunImport, StartImport};
use services::work::Running;

#[tokio::test]
async fn what_an_import_brings_is_seen_on_an_open_page() {
    const LEVEL: &str =
        "subscription($id: ID!) { stockLevelChanged(productId: $id) { stockMovement { id } stockLevel { product { onHand } } } }";
    let world = World::new().await;
    let before = "query($id: ID!) { product(id: $id) { onHand } }";
    let id = json!({"id": world.victim.product});
    let before = world.send(Some(&world.owner), before, id.clone()).await["data"]["product"]["onHand"].take();
    let content = "sku,quantity,kind\nRIZ-25,7,RECEIPT\n".to_owned();
    let input = StartImport { content: Some(content), ..StartImport::of(DataImportKind::StockMovements) };
    let import = data_imports::start(&world.fixture.again(), input).await.unwrap();
    let importing = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let job = Running::detached(world.fixture.scope.tenant());
        data_imports::run(&world.fixture.again(), &job, RunImport { import: import.id }).await.unwrap();
    };
    let (seen, ()) = tokio::join!(world.send(Some(&world.owner), LEVEL, id), importing);
    let after = before.as_str().unwrap().parse::<f64>().unwrap() + 7.0;
    let seen = &seen["data"]["stockLevelChanged"];
    assert!(seen["stockMovement"].is_null(), "{seen}");
    assert!(
        (seen["stockLevel"]["product"]["onHand"].as_str().unwrap().parse::<f64>().unwrap() - after).abs() < 1e-9,
        "{seen} after {before}"
    );
}
