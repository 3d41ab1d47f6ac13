//! Messages in and out, with one queue, and buffers only while something is under way.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use poem::Upgraded;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::frames::{self, Broken, Inbox};
use super::protocol::Close;

/// Read at once; on the stack.
const READ: usize = 4096;
const GOODBYE: Duration = Duration::from_secs(1);

/// One socket's messages.
pub struct Wire {
    io: Upgraded,
    limit: usize,
    inbox: Inbox,
    queue: VecDeque<Message>,
    /// Frames on their way, and how much of them is gone.
    out: Vec<u8>,
    gone: usize,
    unflushed: bool,
    /// Since when the other end has not taken what we sent.
    pub stuck_since: Option<Instant>,
}

impl Wire {
    /// Takes over an upgraded connection; messages over `limit` bytes are refused.
    pub fn new(io: Upgraded, limit: usize) -> Wire {
        let (inbox, queue) = (Inbox::default(), VecDeque::new());
        Wire { io, limit, inbox, queue, out: Vec::new(), gone: 0, unflushed: false, stuck_since: None }
    }

    /// Puts a message behind those waiting.
    pub fn push(&mut self, message: Message) {
        self.queue.push_back(message);
    }

    /// Ready once everything pushed is with the kernel; until then nothing new is worth making.
    pub fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let drained = self.drain(context);
        self.stuck_since = match &drained {
            Poll::Pending => self.stuck_since.or_else(|| Some(Instant::now())),
            Poll::Ready(_) => None,
        };
        drained
    }

    fn drain(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            while self.gone < self.out.len() {
                match ready!(Pin::new(&mut self.io).poll_write(context, &self.out[self.gone..]))? {
                    0 => return Poll::Ready(Err(Error::from(ErrorKind::WriteZero))),
                    written => self.gone += written,
                }
                self.unflushed = true;
            }
            self.out.clear();
            self.gone = 0;
            match self.queue.pop_front() {
                Some(message) => frames::write(message, &mut self.out),
                None => break,
            }
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(context))?;
            self.unflushed = false;
            (self.queue, self.out) = Default::default(); // gives the memory back
        }
        Poll::Ready(Ok(()))
    }

    /// The next message, or the end. Pings and goodbyes are answered by the way.
    pub fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<std::result::Result<Message, Broken>>> {
        loop {
            match self.inbox.take(self.limit) {
                Ok(None) => {}
                Ok(Some(message)) => {
                    self.queue.extend(frames::reply(&message));
                    return Poll::Ready(Some(Ok(message)));
                }
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
            let mut space = [MaybeUninit::uninit(); READ];
            let mut read = ReadBuf::uninit(&mut space);
            if ready!(Pin::new(&mut self.io).poll_read(context, &mut read)).is_err() || read.filled().is_empty() {
                return Poll::Ready(None);
            }
            self.inbox.put(read.filled());
        }
    }

    /// Sends what is waiting, the answer to the other end's goodbye at last.
    pub async fn farewell(mut self) {
        let _ = tokio::time::timeout(GOODBYE, self.finish()).await;
    }

    /// Says goodbye, and reads on for a moment so that the goodbye is not lost to a reset.
    pub async fn close(mut self, close: Close) {
        self.push(Message::Close(Some(CloseFrame { code: close.code.into(), reason: close.reason.into() })));
        let _ = tokio::time::timeout(GOODBYE, self.finish()).await;
        let _ = tokio::time::timeout(GOODBYE, swallow(&mut self.io)).await;
    }

    async fn finish(&mut self) -> Result<()> {
        std::future::poll_fn(|context| self.drain(context)).await?;
        self.io.shutdown().await
    }
}

async fn swallow(io: &mut Upgraded) {
    let mut bytes = vec![0; 4096];
    while io.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}
