//! A load generator that costs as little as it can: prepared requests over kept connections.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bytes of one GraphQL request.
pub fn request(address: SocketAddr, token: Option<&str>, headers: &[(&str, &str)], document: &str, variables: &Value) -> Vec<u8> {
    let body = json!({ "query": document, "variables": variables }).to_string();
    let mut head =
        format!("POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    if let Some(token) = token {
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.push_str(&body);
    head.into_bytes()
}

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and answers the body of what comes back.
    pub async fn send(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the connection was closed");
            }
            let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let length = content_length(&self.buffer[..head]).context("an answer without a length")?;
            while self.buffer.len() < head + 4 + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("the connection was closed");
                }
            }
            return Ok(&self.buffer[head + 4..head + 4 + length]);
        }
    }
}

/// Whether an answer holds an error of any kind.
pub fn refused(answer: &[u8]) -> bool {
    let holds = |needle: &[u8]| answer.windows(needle.len()).any(|window| window == needle);
    holds(b"\"errors\":[") || holds(b"\"userErrors\":[{")
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
}

/// What a load did, as the clients saw it.
pub struct Answered {
    pub per_second: f64,
    pub count: u64,
    /// Seconds from sending to the whole answer, sorted.
    pub seconds: Vec<f64>,
}

/// Keeps so many connections busy with the requests `next` makes, and counts the answers. Any answer that holds an
/// error ends the run.
pub async fn load(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    next: impl Fn(usize, u64) -> Vec<u8> + Send + Sync + Clone + 'static,
) -> Result<Answered> {
    paced(address, connections, time, Duration::ZERO, next).await
}

/// The same where each connection asks again no sooner than after this pause; what it waited for beyond counts as the answer's time.
pub async fn paced(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    pause: Duration,
    next: impl Fn(usize, u64) -> Vec<u8> + Send + Sync + Clone + 'static,
) -> Result<Answered> {
    let began = Instant::now();
    let until = began + time;
    let clients: Vec<_> = (0..connections).map(|client| tokio::spawn(one(address, client, until, pause, next.clone()))).collect();
    let mut seconds = Vec::new();
    for client in clients {
        seconds.extend(client.await??);
    }
    let took = began.elapsed().as_secs_f64();
    seconds.sort_by(f64::total_cmp);
    Ok(Answered { per_second: seconds.len() as f64 / took, count: seconds.len() as u64, seconds })
}

async fn one(
    address: SocketAddr,
    client: usize,
    until: Instant,
    pause: Duration,
    next: impl Fn(usize, u64) -> Vec<u8>,
) -> Result<Vec<f64>> {
    let mut connection = Connection::open(address).await?;
    let mut seconds = Vec::new();
    // Those who ask at a pace do not all ask at once.
    let mut due = Instant::now() + pause.mul_f64(client as f64 / 8.0 % 1.0);
    while Instant::now() < until {
        let request = next(client, seconds.len() as u64);
        tokio::time::sleep_until(due.into()).await;
        let began = if pause.is_zero() { Instant::now() } else { due };
        due = if pause.is_zero() { Instant::now() } else { due + pause };
        let answer = connection.send(&request).await?;
        seconds.push(began.elapsed().as_secs_f64());
        if refused(answer) {
            bail!("refused: {}", String::from_utf8_lossy(&answer[..answer.len().min(500)]));
        }
    }
    Ok(seconds)
}
