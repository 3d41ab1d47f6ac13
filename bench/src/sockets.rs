//! WebSocket readers that cost as little as they can, for whoever writes to them.

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Socket {
    /// Connects, introduces itself and subscribes.
    pub async fn subscribed(address: SocketAddr, token: &str, document: &str, variables: Value) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, buffer: Vec::new() };
        let upgrade = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        socket.stream.write_all(upgrade.as_bytes()).await?;
        socket.upgraded().await?;
        socket.say(&json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })).await?;
        let ack = socket.hear().await?;
        ensure!(ack.windows(14).any(|w| w == b"connection_ack"), "{}", String::from_utf8_lossy(&ack));
        let payload = json!({ "query": document, "variables": variables });
        socket.say(&json!({ "id": "1", "type": "subscribe", "payload": payload })).await?;
        Ok(socket)
    }

    async fn upgraded(&mut self) -> Result<()> {
        loop {
            if let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                ensure!(self.buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&self.buffer[..head]));
                self.buffer.drain(..head + 4);
                return Ok(());
            }
            self.more().await?;
        }
    }

    /// A text frame; the mask is zero, which leaves the text as it is.
    async fn say(&mut self, message: &Value) -> Result<()> {
        let text = message.to_string();
        let mut frame = vec![0x81];
        match u16::try_from(text.len())? {
            short if short < 126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        Ok(self.stream.write_all(&frame).await?)
    }

    /// The next text that comes; pings are passed over, because no run lasts until their answer is due.
    pub async fn hear(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some((start, end)) = frame(&self.buffer) {
                let kind = self.buffer[0] & 0x0f;
                let payload = self.buffer[start..end].to_vec();
                self.buffer.drain(..end);
                match kind {
                    1 => return Ok(payload),
                    8 => bail!("closed: {}", String::from_utf8_lossy(&payload)),
                    _ => continue,
                }
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
        Ok(())
    }
}

/// Where the payload of a whole frame lies.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = usize::from(*bytes.get(1)? & 0x7f);
    let (start, length) = match length {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, short),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}
