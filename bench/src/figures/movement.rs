use crate::api::{Api, text};
use crate::report::{Row, percentile};
use crate::stage::{Stage, psql};
use crate::world::{S, World};
use crate::{cpu, floor, http};
use anyhow::Result;
use serde_json::{Value, json};
use std::sync::Arc;

pub const RECORD: &str = "mutation Record($input: StockMovementRecordInput!) { stockMovementRecord(input: $input) {
  stockMovement { id onHandAfter } userErrors { code message } } }";

/// Where one organisation can record.
struct Shop {
    token: String,
    products: Vec<String>,
    warehouses: Vec<String>,
}

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let world = World::of(stage, S).await?;
    let api = Api::start(stage, &world.home).await?;
    let (next, address) = (requests(&api).await?, api.address);
    // Else the servers tidy up after one load while the next is measured.
    let tidy = || psql(&world.url, &[], "VACUUM ANALYZE");
    http::load(address, 8, stage.load / 5, next.clone()).await?;
    tidy()?;
    let before = (cpu::of(api.process.pid()), cpu::of_postgres());
    let ours = http::load(address, 8, stage.load, next).await?;
    let spent = (cpu::of(api.process.pid()) - before.0, cpu::of_postgres() - before.1);
    drop(api);
    tidy()?;
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), include_str!("../../sql/movement.pgbench"))?;
    let variables = [("tenants", S.tenants), ("per", S.products)];
    let floor = floor::pgbench(&world.url, script.path(), &variables, stage.load)?;
    let ratio = ours.per_second / floor.per_second;
    let each = |seconds: f64| 1000.0 * seconds / ours.count as f64;
    let cost = format!("{:.2} + {:.2} ms CPU (API + PostgreSQL)", each(spent.0), each(spent.1));
    Ok(vec![
        Row::new(
            "record a movement",
            format!("{:.0}/s, p99 {:.1} ms", ours.per_second, 1000.0 * percentile(&ours.seconds, 99)),
            format!("{:.0}/s", floor.per_second),
            format!("{ratio:.2}"),
            "≥ 0.5 of the rate",
            ratio >= 0.5,
        ),
        Row::new("… CPU of one", cost, format!("{:.2} ms", 1000.0 * floor.cpu), "—", "—", true),
    ])
}

/// Receipts and sales of one piece, of every organisation in turn.
pub(super) async fn requests(api: &Api) -> Result<impl Fn(usize, u64) -> Vec<u8> + Send + Sync + Clone + 'static> {
    let mut shops = Vec::new();
    for tenant in 1..=S.tenants {
        shops.push(shop(api, &World::owner(tenant)).await?);
    }
    let (shops, address, run) = (Arc::new(shops), api.address, std::process::id());
    Ok(move |client: usize, turn: u64| {
        let n = client * 7919 + turn as usize * 31;
        let shop = &shops[n % shops.len()];
        let (product, warehouse) = (&shop.products[n * 17 % shop.products.len()], &shop.warehouses[n % shop.warehouses.len()]);
        let kind = if n.is_multiple_of(2) { "RECEIPT" } else { "SALE" };
        let input = json!({ "productId": product, "warehouseId": warehouse, "kind": kind, "quantity": "1" });
        let key = format!("{run}-{client}-{turn}-{}", stamp());
        http::request(address, Some(&shop.token), &[("Idempotency-Key", &key)], RECORD, &json!({ "input": input }))
    })
}

/// So that no key of an earlier load comes again.
fn stamp() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

async fn shop(api: &Api, owner: &str) -> Result<Shop> {
    let token = api.sign_in(owner).await?;
    let (mut products, mut after) = (Vec::new(), Value::Null);
    let list = "query($after: String) { products(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
        warehouses(first: 10) { nodes { id code } } }";
    loop {
        let data = api.ask(Some(&token), list, json!({ "after": after })).await?;
        for node in data["products"]["nodes"].as_array().into_iter().flatten() {
            products.push(text(&node["id"])?.to_owned());
        }
        if data["products"]["pageInfo"]["hasNextPage"] != true {
            let all = data["warehouses"]["nodes"].as_array().into_iter().flatten();
            let named = all.filter(|node| node["code"].as_str().is_some_and(|code| ["W1", "W2", "W3"].contains(&code)));
            let warehouses = named.map(|node| text(&node["id"]).map(str::to_owned)).collect::<Result<_>>()?;
            return Ok(Shop { token, products, warehouses });
        }
        after = data["products"]["pageInfo"]["endCursor"].clone();
    }
}
