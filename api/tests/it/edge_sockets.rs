//! What an idle subscribed socket costs, measured from outside the server's process.
//!
//! `cargo test -p api --test it -- --ignored idle_sockets --nocapture`

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::edge_kit::{settings, start};
use crate::edge_ws::Socket;

const SOCKETS: usize = 2_000;

/// The server's half: prints its port and serves until its input ends.
#[tokio::test]
#[ignore = "a helper of the measurement"]
async fn serves_a_measurement() {
    let mut settings = settings();
    settings.sockets.sockets_per_user = SOCKETS * 2;
    settings.sockets.ping_every = Duration::from_secs(5);
    let server = start(settings).await;
    println!("port {}", server.address.port());
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop)).await;
}

fn resident_kib(pid: u32) -> usize {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).expect("a process");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half a minute"]
async fn idle_sockets_cost_little() {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "edge_sockets::serves_a_measurement", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let port = lines.find_map(|line| line.ok()?.strip_prefix("port ")?.parse::<u16>().ok()).expect("a port");
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let warm = open(address, 200).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = resident_kib(child.id());
    let sockets = open(address, SOCKETS).await;
    tokio::time::sleep(Duration::from_secs(12)).await; // two pings and some standing checks
    let after = resident_kib(child.id());
    let each = (after - before) as f64 / SOCKETS as f64;
    println!("{SOCKETS} idle subscribed sockets: {before} -> {after} KiB resident, {each:.2} KiB each");
    drop((warm, sockets));
    drop(child.stdin.take());
    let _ = child.wait();
    assert!(each <= 14.0, "{each} KiB a socket");
}

async fn open(address: std::net::SocketAddr, count: usize) -> Vec<Socket> {
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        let mut socket = Socket::at(address, "good").await;
        socket.subscribe("a", "subscription Watch { things { id name } }").await;
        socket.message().await;
        sockets.push(socket);
    }
    sockets
}
