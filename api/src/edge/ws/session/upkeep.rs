//! What only time brings about: sockets that never introduce themselves, sessions that end, readers that are gone or slow.

use std::time::Instant;

use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::{Asking, End, Session};
use crate::edge::ws::operation::slow;
use crate::edge::ws::protocol::Close;

impl Session {
    /// Everything that depends on time.
    pub(super) fn ticked(&mut self, now: Instant) -> Result<(), End> {
        let edge = self.edge.clone();
        let sockets = &edge.settings.sockets;
        let Some(caller) = &self.caller else {
            let late = now >= self.opened + sockets.init_timeout;
            return if late { Err(End::Close(Close::INIT_TIMEOUT)) } else { Ok(()) };
        };
        if caller.expires_at().is_some_and(|end| end <= now) {
            return Err(End::Close(Close::ENDED));
        }
        if now >= self.next_standing && matches!(self.asking, Asking::Nothing) {
            let (edge, caller) = (self.edge.clone(), caller.clone());
            // A tick on time after one that came late comes a little early.
            self.next_standing = now + sockets.standing_every.mul_f32(0.9);
            self.asking = Asking::Standing(Box::pin(async move { edge.engine.still_valid(&caller).await }));
        }
        self.keep_alive(now)?;
        self.cut_slow(now)
    }

    fn keep_alive(&mut self, now: Instant) -> Result<(), End> {
        let sockets = &self.edge.settings.sockets;
        if self.pinged.is_some_and(|pinged| now >= pinged + sockets.pong_timeout) {
            return Err(End::Gone);
        }
        if now >= self.next_ping && self.wire.stuck_since.is_none() {
            self.next_ping = now + sockets.ping_every;
            self.pinged = Some(self.pinged.unwrap_or(now));
            self.wire.push(Message::Ping(Bytes::new()));
        }
        Ok(())
    }

    /// A reader that does not read loses its operations first, and then the socket.
    fn cut_slow(&mut self, now: Instant) -> Result<(), End> {
        let Some(since) = self.wire.stuck_since else {
            return Ok(());
        };
        let patience = self.edge.settings.sockets.slow_reader;
        if now >= since + patience * 3 {
            return Err(End::Gone);
        }
        if now >= since + patience {
            for operation in std::mem::take(&mut self.operations) {
                self.fail(&operation.id, slow());
            }
        }
        Ok(())
    }
}
