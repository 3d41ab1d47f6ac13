//! A whole process as its operators meet it: persisted documents, and the health of the worker inside it.

use api::server::{self, Beside};
use serde_json::{Value, json};
use services::App;
use services::scope::Clock;
use services::testing::{self, START};
use services::work::schedules::{CatchUp, Schedule};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Starts serving; until the guard is dropped.
async fn serve(app: &App, beside: Beside) -> (String, DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(app.clone(), listener, beside, stop.clone()));
    (origin, stop.drop_guard())
}

async fn send(origin: &str, body: Value) -> (u16, Value) {
    let sent = reqwest::Client::new().post(format!("{origin}/graphql")).header("accept", "application/graphql-response+json");
    let answer = sent.json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn id(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text)))
}

#[tokio::test]
async fn a_document_is_named_by_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    let own = "query Mine { __typename }";
    std::fs::write(&manifest, json!({ id(own): own }).to_string()).unwrap();
    let (app, _place) = testing::app_with(Clock::manual(START), &[("PERSISTED_DOCUMENTS", manifest.to_str().unwrap())]).await;
    let (origin, _guard) = serve(&app, Beside::default()).await;
    assert_eq!(send(&origin, json!({"documentId": id(own)})).await, (200, send(&origin, json!({"query": own})).await.1));

    let screen = include_str!("../../../docs/screens/sign-in.graphql");
    let variables = json!({"input": {
        "email": "awa@example.sn", "password": "un baobab au bord du fleuve", "displayName": "Awa Diop", "organizationName": "Boutique Awa",
    }});
    let (status, answer) = send(&origin, json!({"documentId": id(screen), "operationName": "SignUp", "variables": variables})).await;
    assert_eq!((status, answer["data"]["signUp"]["userErrors"].clone()), (200, json!([])), "{answer}");

    for (unknown, code) in [(id("query Nobody { a }"), "PERSISTED_QUERY_NOT_FOUND"), ("md5:12".to_owned(), "BAD_USER_INPUT")] {
        let (status, answer) = send(&origin, json!({"documentId": unknown})).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!(code)), "{answer}");
    }
}

#[tokio::test]
async fn a_faulty_manifest_keeps_the_process_from_starting() {
    let (app, _place) = testing::app_with(Clock::manual(START), &[("PERSISTED_DOCUMENTS", "/nowhere/manifest.json")]).await;
    let fault = server::routes(&app, Beside::default()).err().expect("it is not there");
    assert!(fault.to_string().contains("PERSISTED_DOCUMENTS: /nowhere/manifest.json"), "{fault}");
}

async fn ready(origin: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{origin}/health/ready")).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_loop_of_the_worker_inside_makes_the_process_unready() {
    let (app, _place) = testing::app_with(Clock::manual(START), &[]).await;
    let broken = Schedule {
        name: "broken",
        cron: "* * * * *",
        time_zone: chrono_tz::UTC,
        catch_up: CatchUp::Latest,
        job: |_, _| panic!("a schedule that cannot make its job"),
    };
    let options = worker::Options { schedules: vec![broken], grace: Duration::from_millis(100), ..Default::default() };
    let pulse = options.pulse.clone();
    let (origin, _guard) = serve(&app, Beside { worker: Some(pulse), ..Beside::default() }).await;
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(app.clone(), options, stop.clone()));
    let began = Instant::now();
    let up = loop {
        let (status, page) = ready(&origin).await;
        if page["checks"]["worker.schedules"] == "up" {
            break (status, page);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{page}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((up.0, &up.1["checks"]["worker.claims"]), (200, &json!("up")));
    // Its first round has seen the schedule, so that the next minute is due.
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.clock().advance(chrono::TimeDelta::minutes(2));
    let began = Instant::now();
    loop {
        let (status, page) = ready(&origin).await;
        if page["checks"]["worker.schedules"] == "down" {
            assert_eq!((status, &page["status"], &page["checks"]["worker.claims"]), (503, &json!("down"), &json!("up")));
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    working.await.unwrap().unwrap();
}
