//! The import of the real shop's file.

use crate::api::{Api, text};
use crate::stage::Stage;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const ROWS: u64 = 525_461;

/// The codes of what is on a bill and is no goods: postage, fees, tests.
const NO_GOODS: &str = include_str!("../../docs/demo/online_retail_not_goods.txt");

/// Uploads the file, whole, and starts its import; answers the import's id.
pub async fn start(stage: &Stage, api: &Api, token: &str) -> Result<String> {
    let policy = "mutation($input: OrganizationUpdateInput!) { organizationUpdate(input: $input) { userErrors { code message } } }";
    api.ask(Some(token), policy, json!({ "input": { "negativeStockPolicy": "ALLOW" } })).await?;
    let name = "online_retail_2009-12_2010-12.csv.gz";
    let bytes = std::fs::read(stage.data.join(name)).with_context(|| name.to_owned())?;
    let file = api.upload(token, name, "application/gzip", bytes).await?;
    let columns = [
        ("stock_code", "SKU"),
        ("description", "NAME"),
        ("quantity", "QUANTITY"),
        ("invoice_date", "OCCURRED_AT"),
        ("invoice", "REFERENCE"),
    ];
    let columns: Vec<Value> = columns.iter().map(|(column, field)| json!({ "column": column, "field": field })).collect();
    let input = json!({
        "kind": "STOCK_MOVEMENTS", "fileId": file, "createMissing": true, "timeZone": "Europe/London", "columns": columns,
        "rules": [
            { "column": "stock_code", "oneOf": NO_GOODS.lines().collect::<Vec<_>>(), "skip": true, "reason": "not goods" },
            { "column": "stock_code", "startsWith": "gift_", "skip": true, "reason": "a voucher" },
            { "column": "invoice", "startsWith": "C", "kind": "CUSTOMER_RETURN" },
            { "column": "quantity", "lessThan": "0", "kind": "WRITE_OFF" },
            { "column": "invoice", "kind": "SALE" },
        ],
    });
    let document =
        "mutation($input: DataImportStartInput!) { dataImportStart(input: $input) { dataImport { id } userErrors { code message } } }";
    let data = api.ask(Some(token), document, json!({ "input": input })).await?;
    Ok(text(&data["dataImportStart"]["dataImport"]["id"])?.to_owned())
}

/// Waits for the end and answers the seconds since `began`; every row must be accounted for.
pub async fn finish(api: &Api, token: &str, import: &str, began: Instant, mut meanwhile: impl FnMut(u64)) -> Result<f64> {
    let document = "query($id: ID!) { dataImport(id: $id) { state rowsTotal rowsDone rowsApplied rowsSkipped rowsFailed } }";
    loop {
        let data = api.ask(Some(token), document, json!({ "id": import })).await?;
        let found = &data["dataImport"];
        let count = |field: &str| found[field].as_u64().unwrap_or_default();
        meanwhile(count("rowsDone"));
        match text(&found["state"])? {
            "QUEUED" | "RUNNING" => tokio::time::sleep(Duration::from_millis(200)).await,
            "COMPLETED" if count("rowsApplied") + count("rowsSkipped") == ROWS && count("rowsFailed") == 0 => {
                return Ok(began.elapsed().as_secs_f64());
            }
            _ => bail!("the import ended otherwise: {found}"),
        }
    }
}
