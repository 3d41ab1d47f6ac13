use crate::api::{Api, text};
use crate::report::{Row, percentile};
use crate::stage::Stage;
use crate::world::{S, World};
use crate::{cpu, floor, http};
use anyhow::Result;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the floor builds, in our words.
const PAGE: &str = "query Page($after: String) { products(first: 50, after: $after, orderBy: [{field: NAME}]) { nodes {
  id sku name unit { code } salePrice { amount } reorderPoint category { id name } supplier { id name leadTimeDays }
  stockLevels(first: 10) { nodes { onHand warehouse { id code name } } } } pageInfo { hasNextPage endCursor } } }";

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let world = World::of(stage, S).await?;
    let api = Api::start(stage, &world.home).await?;
    let pages = Arc::new(pages(&api).await?);
    let address = api.address;
    let next = move |client: usize, turn: u64| pages[(client * 7919 + turn as usize * 31) % pages.len()].clone();
    http::load(address, 8, stage.load / 5, next.clone()).await?;
    let before = (cpu::of(api.process.pid()), cpu::of_postgres());
    let ours = http::load(address, 8, stage.load, next).await?;
    let spent = (cpu::of(api.process.pid()) - before.0, cpu::of_postgres() - before.1);
    drop(api);
    let variables = [("tenants", S.tenants), ("per", S.products)];
    let floor = floor::pgbench(&world.url, &stage.floors.join("q1.sql"), &variables, stage.load)?;
    let ratio = ours.per_second / floor.per_second;
    let each = |seconds: f64| 1000.0 * seconds / ours.count as f64;
    let cost = format!("{:.2} + {:.2} ms CPU (API + PostgreSQL)", each(spent.0), each(spent.1));
    Ok(vec![
        Row::new(
            "page of 50 products with category, supplier, stock by warehouse",
            format!("{:.0}/s, p99 {:.1} ms", ours.per_second, 1000.0 * percentile(&ours.seconds, 99)),
            format!("{:.0}/s", floor.per_second),
            format!("{ratio:.2}"),
            "≥ 0.6 of the rate",
            ratio >= 0.6,
        ),
        Row::new("… CPU of one", cost, format!("{:.2} ms", 1000.0 * floor.cpu), "—", "—", true),
    ])
}

/// A request for every page of every organisation.
pub(super) async fn pages(api: &Api) -> Result<Vec<Vec<u8>>> {
    let mut requests = Vec::new();
    for tenant in 1..=S.tenants {
        let token = api.sign_in(&World::owner(tenant)).await?;
        let mut after = Value::Null;
        loop {
            let variables = json!({ "after": after });
            let data = api.ask(Some(&token), PAGE, variables.clone()).await?;
            if data["products"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 50) {
                requests.push(http::request(api.address, Some(&token), &[], PAGE, &variables));
            }
            if data["products"]["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = json!(text(&data["products"]["pageInfo"]["endCursor"])?);
        }
    }
    Ok(requests)
}
