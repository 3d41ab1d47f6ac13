use crate::api::{Api, Home};
use crate::cpu;
use crate::report::Row;
use crate::sockets::Socket;
use crate::stage::Stage;
use anyhow::Result;
use serde_json::json;
use std::time::Duration;

const USERS: usize = 40;
/// As many as one user may have.
const SOCKETS: usize = 50;

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    stage.fresh_database("teranga_bench_idle")?;
    let mut home = Home::served(stage, "teranga_bench_idle")?;
    home.set("WORKER", "off");
    // The issuer of the tokens, which outlive the first process.
    home.set("PUBLIC_URL", "http://teranga.example");
    let api = Api::start(stage, &home).await?;
    let mut tokens = Vec::new();
    for user in 0..USERS {
        tokens.push(api.sign_up(&format!("idle{user}@teranga.example"), &format!("Idle {user}")).await?);
    }
    let document = "subscription { notificationReceived { cursor unreadCount notification { id title body } } }";
    // Another process on the same keys: hashing the passwords has left its mark on the memory of this one.
    drop(api);
    let api = Api::start(stage, &home).await?;
    // A variable of its own keeps each socket alone: those who read alike would share most of it.
    let open = |n: usize| {
        let (address, token) = (api.address, tokens[n % USERS].clone());
        async move { Socket::subscribed(address, &token, document, json!({ "reader": n })).await }
    };
    // What the first sockets bring into memory is not the others'.
    let mut _first = Vec::new();
    for n in 0..USERS {
        _first.push(open(n).await?);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = cpu::resident(api.process.pid())?;
    let mut sockets = Vec::new();
    for n in USERS..USERS * SOCKETS {
        sockets.push(open(n).await?);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let each = (cpu::resident(api.process.pid())?.saturating_sub(before)) as f64 / sockets.len() as f64 / 1024.0;
    let what = format!("idle subscription ({} of them), memory of the API", sockets.len());
    Ok(vec![Row::new(&what, format!("{each:.1} KiB"), "—", "—", "≤ 14 KiB", each <= 14.0)])
}
