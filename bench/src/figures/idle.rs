use crate::api::{Api, Home};
use crate::cpu;
use crate::report::Row;
use crate::sockets::Socket;
use crate::stage::Stage;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;

const USERS: usize = 40;
/// As many as one user may have.
const SOCKETS: usize = 50;
const DOCUMENT: &str = "subscription { notificationReceived { cursor unreadCount notification { id title body } } }";

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
    // Other processes on the same keys: hashing the passwords has left its mark on the memory of this one.
    drop(api);
    // A variable of its own keeps a socket alone: those who read alike share most of it.
    let alone = each(&Api::start(stage, &home).await?, &tokens, |n| json!({ "reader": n })).await?;
    let alike = each(&Api::start(stage, &home).await?, &tokens, |_| json!({})).await?;
    let row = |who: &str, kib: f64| {
        let what = format!("idle subscription, {who} ({} of them), memory of the API", USERS * (SOCKETS - 1));
        Row::new(&what, format!("{kib:.1} KiB"), "—", "—", "≤ 14 KiB", kib <= 14.0)
    };
    Ok(vec![row("nobody reading alike", alone), row("among those who read alike", alike)])
}

/// KiB of one more socket.
async fn each(api: &Api, tokens: &[String], variables: impl Fn(usize) -> Value) -> Result<f64> {
    // What the first sockets bring into memory is not the others'.
    let mut sockets = Vec::new();
    let mut before = 0;
    for n in 0..USERS * SOCKETS {
        if n == USERS {
            tokio::time::sleep(Duration::from_secs(2)).await;
            before = cpu::resident(api.process.pid())?;
        }
        sockets.push(Socket::subscribed(api.address, &tokens[n % USERS], DOCUMENT, variables(n)).await?);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let more = cpu::resident(api.process.pid())?.saturating_sub(before);
    Ok(more as f64 / (sockets.len() - USERS) as f64 / 1024.0)
}
