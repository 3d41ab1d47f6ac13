use crate::api::{Api, Home, text};
use crate::figures::movement::RECORD;
use crate::http::{self, Connection};
use crate::report::{Row, percentile};
use crate::shop;
use crate::stage::Stage;
use anyhow::{Result, ensure};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    let home = Home::embedded()?;
    let api = Api::start(stage, &home).await?;
    let token = api.sign_up("petit@teranga.example", "Petit").await?;
    let create = "mutation($input: ProductCreateInput!) { productCreate(input: $input) { product { id } userErrors { code message } } }";
    let product = api.ask(Some(&token), create, json!({ "input": { "sku": "LIVE-1", "name": "Riz" } })).await?;
    let warehouse = api.ask(Some(&token), "{ warehouses(first: 1) { nodes { id } } }", json!({})).await?;
    let input = json!({
        "productId": text(&product["productCreate"]["product"]["id"])?,
        "warehouseId": text(&warehouse["warehouses"]["nodes"][0]["id"])?,
        "kind": "RECEIPT", "quantity": "1",
    });
    let request = http::request(api.address, Some(&token), &[], RECORD, &json!({ "input": input }));
    let began = Instant::now();
    let import = shop::start(stage, &api, &token).await?;
    let over = CancellationToken::new();
    let recording = tokio::spawn(record(api.address, request, over.clone()));
    let seconds = shop::finish(&api, &token, &import, began, |_| {}).await?;
    over.cancel();
    let millis = recording.await??;
    let most = percentile(&millis, 99);
    let ours = format!("p50 {:.1} ms, p99 {most:.1} ms, {} recorded, none refused", percentile(&millis, 50), millis.len());
    let rate = format!("{:.0} rows/s", shop::ROWS as f64 / seconds);
    Ok(vec![
        Row::new("a movement during the import of 525,461 rows, SQLite", ours, "—", "—", "p99 < 500 ms, none refused", most < 500.0),
        Row::new("… that import", rate, "—", "—", "—", true),
    ])
}

/// Records one movement after the other, with a breath between, until it is over.
async fn record(address: SocketAddr, request: Vec<u8>, over: CancellationToken) -> Result<Vec<f64>> {
    let mut connection = Connection::open(address).await?;
    let mut millis = Vec::new();
    while !over.is_cancelled() {
        let began = Instant::now();
        let answer = connection.send(&request).await?;
        millis.push(1000.0 * began.elapsed().as_secs_f64());
        ensure!(!http::refused(answer), "refused: {}", String::from_utf8_lossy(answer));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    millis.sort_by(f64::total_cmp);
    Ok(millis)
}
