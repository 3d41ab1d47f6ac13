//! Frames in and out, with small buffers and one queue.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::{Sink, SinkExt, StreamExt};
use poem::Upgraded;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::protocol::Close;

const READ_BUFFER: usize = 1024;
const GOODBYE: Duration = Duration::from_secs(1);

/// One socket's frames.
pub struct Wire {
    socket: WebSocketStream<Upgraded>,
    queue: VecDeque<Message>,
    unflushed: bool,
    /// Since when the other end has not taken what we sent.
    pub stuck_since: Option<Instant>,
}

impl Wire {
    /// Takes over an upgraded connection.
    pub async fn new(io: Upgraded, limit: usize) -> Wire {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        Wire { socket, queue: VecDeque::new(), unflushed: false, stuck_since: None }
    }

    /// Puts a message behind those waiting.
    pub fn push(&mut self, message: Message) {
        self.queue.push_back(message);
    }

    /// Ready once everything pushed is with the kernel; until then nothing new is worth making.
    pub fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let drained = self.drain(context);
        self.stuck_since = match &drained {
            Poll::Pending => self.stuck_since.or_else(|| Some(Instant::now())),
            Poll::Ready(_) => None,
        };
        drained
    }

    fn drain(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.queue.is_empty() {
            std::task::ready!(Pin::new(&mut self.socket).poll_ready(context))?;
            if let Some(message) = self.queue.pop_front() {
                Pin::new(&mut self.socket).start_send(message)?;
                self.unflushed = true;
            }
        }
        if self.unflushed {
            std::task::ready!(Pin::new(&mut self.socket).poll_flush(context))?;
            self.unflushed = false;
            self.queue = VecDeque::new(); // gives the memory back
        }
        Poll::Ready(Ok(()))
    }

    /// The next message, or the end.
    pub fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        self.socket.poll_next_unpin(context)
    }

    /// Answers the other end's goodbye.
    pub async fn farewell(mut self) {
        let _ = tokio::time::timeout(GOODBYE, SinkExt::close(&mut self.socket)).await;
    }

    /// Says goodbye, and reads on for a moment so that the goodbye is not lost to a reset.
    pub async fn close(mut self, close: Close) {
        let frame = CloseFrame { code: close.code.into(), reason: close.reason.into() };
        let goodbye = async {
            while let Some(message) = self.queue.pop_front() {
                self.socket.feed(message).await?;
            }
            self.socket.close(Some(frame)).await
        };
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
        let _ = tokio::time::timeout(GOODBYE, swallow(self.socket.get_mut())).await;
    }
}

async fn swallow(io: &mut Upgraded) {
    let mut bytes = vec![0; 4096];
    while io.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}
