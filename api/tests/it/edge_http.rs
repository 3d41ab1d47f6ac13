//! GraphQL over HTTP, rule by rule.

use serde_json::json;

use crate::edge_kit::{settings, start};

#[tokio::test]
async fn answers_a_query() {
    let server = start(settings()).await;
    let answer = server.ask("{ hello }").await;
    assert_eq!(
        (answer.status, answer.json()["data"].clone()),
        (200, json!({"hello": "hello world"})),
        "{}",
        answer.text
    );
    assert_eq!(answer.json()["extensions"]["cost"]["requested"], 1);
}
