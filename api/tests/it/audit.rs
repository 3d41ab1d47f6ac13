//! The audit log over HTTP, and the command that verifies it.

use crate::site::Site;
use api::ids::GlobalId;
use serde_json::json;
use services::SystemScope;
use services::audit::{SweepUnsealed, sweep};
use services::testing::{self, Fixture, PASSWORD};
use services::work::{PLATFORM, Running};
use std::process::Command;

const LOG: &str = "query Journal { auditLog(first: 10) { nodes { action outcome actorKind actor { user { displayName } }
    targetType targetId changes { field old new } operationName requestId address userAgent } } }";
const CREATE: &str = "mutation NewPlace { warehouseCreate(input: {name: \"Annexe\"}) { warehouse { id } userErrors { code } } }";
const EXPORT: &str = "mutation Take { auditExport(input: {outcome: DONE}) { export { url } userErrors { code } } }";

#[tokio::test]
async fn an_act_is_in_the_log_with_its_request_and_the_log_is_taken_away_as_a_csv() {
    let fixture = Fixture::new().await;
    let site = Site::start(&fixture.app).await;
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    let bearer = site.sign_in(&fixture.email().await, PASSWORD).await;
    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    let made = site.ask(&bearer, CREATE, Some("NewPlace"), json!({})).await;
    let log = site.ask(&bearer, LOG, Some("Journal"), json!({})).await;
    let nodes = &log["data"]["auditLog"]["nodes"];
    assert_eq!(nodes.as_array().map(Vec::len), Some(3), "{log}");
    let expected = json!({
        "action": "inventory.warehouse.create", "outcome": "DONE", "actorKind": "USER", "actor": {"user": {"displayName": "Awa Diop"}},
        "targetType": "Warehouse", "targetId": made["data"]["warehouseCreate"]["warehouse"]["id"],
        "changes": [{"field": "name", "old": null, "new": "Annexe"}],
        "operationName": "NewPlace", "requestId": "screen-NewPlace", "address": "127.0.0.1", "userAgent": null
    });
    assert_eq!(nodes[0], expected);
    assert_eq!((&nodes[1]["action"], &nodes[1]["address"]), (&json!("identity.session.open"), &json!("127.0.0.1")), "of nobody yet");

    fixture.app.clock().advance(chrono::TimeDelta::seconds(1));
    let taken = site.ask(&bearer, EXPORT, Some("Take"), json!({})).await;
    let url = taken["data"]["auditExport"]["export"]["url"].as_str().unwrap_or_else(|| panic!("{taken}")).to_owned();
    let path = url.split_once("/audit/").expect("a link of ours").1;
    let get = async |path: &str| reqwest::get(format!("http://{}/audit/{path}", site.address)).await.expect("answered");
    let answer = get(path).await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"audit.csv\"");
    let csv = answer.text().await.expect("text");
    assert_eq!(csv.lines().count(), 1 + 3, "{csv}");
    assert!(csv.contains("name:  → Annexe") && csv.contains("NewPlace"), "{csv}");
    assert_eq!(get("exports/forged").await.status().as_u16(), 404);
    let log = site.ask(&bearer, LOG, Some("Journal"), json!({})).await;
    assert!(log.to_string().contains("audit.event.export"), "{log}");
}

/// How `api audit verify` ended, and what it said.
fn verify(fixture: &Fixture, arguments: &[&str]) -> (Option<i32>, String) {
    let settings = fixture.app.settings();
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.args(["audit", "verify"]).args(arguments).env_remove("REDIS_URL");
    let ended = command.env("DATABASE_URL", &settings.database.url).env("DATA_DIR", &settings.data_dir).output().expect("it runs");
    (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_that_a_chain_holds_and_where_it_does_not() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    fixture.warehouse().await;
    sweep(&SystemScope::new(&fixture.app), &Running::detached(PLATFORM), SweepUnsealed::default()).await.unwrap();
    let (code, said) = verify(&fixture, &[]);
    assert_eq!((code, said.matches("1 sealed, 0 unsealed, holds up to 1:").count()), (Some(0), 2), "{said}");
    let id = neighbour.scope.tenant();
    let head = said.lines().find(|line| line.starts_with(&id.to_string())).and_then(|line| line.rsplit(' ').next()).unwrap().to_owned();
    assert_eq!(verify(&fixture, &["--organization", &id.to_global(), "--anchor", &head]).0, Some(0));
    let (code, said) = verify(&fixture, &["--organization", &id.to_string(), "--anchor", &format!("2:{}", &head[2..])]);
    assert!(code == Some(1) && said.contains("BROKEN at seal 2: it is not the anchor that was given"), "{said}");

    let loosen = match fixture.app.database().sqlite_path() {
        Some(_) => "DROP TRIGGER audit_events_no_update",
        None => "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    };
    testing::change_database(&fixture.app, loosen).await;
    testing::change_database(&fixture.app, "UPDATE audit_events SET action = 'x' WHERE changes LIKE '%Modou%'").await;
    let (code, said) = verify(&fixture, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BROKEN at seal 1 (event ") && said.contains("the event is not what was sealed"), "{said}");
    assert!(said.contains("1 of 2 chains are broken"), "{said}");
    assert_eq!(verify(&fixture, &["--organization", &fixture.scope.tenant().to_string()]).0, Some(0), "the other's holds");
}
