//! The life of one socket.
//!
//! Its turns are here; what comes in is heard in `incoming`, and what only time brings about is in `upkeep`.

mod incoming;
mod upkeep;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::Upgraded;
use tokio::time::{Interval, MissedTickBehavior};

use super::caps::Seat;
use super::operation::{Operation, Output, refused};
use super::protocol::{self, Close};
use super::wire::Wire;
use crate::edge::Edge;
use crate::edge::engine::{AuthFailure, Caller, Client, Standing};
use crate::edge::errors::Fault;
use crate::edge::metrics;

/// How a session ends.
enum End {
    /// We close.
    Close(Close),
    /// The other end closes.
    Closed,
    /// The other end is gone.
    Gone,
}

/// What a session waits for besides messages and operations.
enum Asking {
    Nothing,
    Identity(BoxFuture<'static, Result<Caller, AuthFailure>>),
    Standing(BoxFuture<'static, Standing>),
}

/// One socket.
pub struct Session {
    edge: Arc<Edge>,
    client: Arc<Client>,
    wire: Wire,
    caller: Option<Caller>,
    seat: Option<Seat>,
    asking: Asking,
    operations: Vec<Operation>,
    tick: Interval,
    stop: BoxFuture<'static, ()>,
    opened: Instant,
    initialised: bool,
    pinged: Option<Instant>,
    next_ping: Instant,
    next_standing: Instant,
}

impl Session {
    /// Serves one socket to its end. The task of an open socket holds little but the session.
    pub async fn run(mut self: Box<Self>) {
        let end = poll_fn(|context| self.poll(context)).await;
        Box::pin(self.end(end)).await;
    }

    async fn end(self: Box<Self>, end: End) {
        metrics::socket_closed();
        let Session { wire, operations, seat, .. } = *self;
        drop((operations, seat));
        match end {
            End::Gone => {}
            End::Closed => wire.farewell().await,
            End::Close(close) => {
                metrics::socket_close_code(close.code);
                wire.close(close).await;
            }
        }
    }

    /// Takes over an upgraded connection.
    pub fn start(edge: Arc<Edge>, io: Upgraded, client: Arc<Client>) -> Box<Session> {
        metrics::socket_opened();
        let wire = Wire::new(io, edge.settings.limits.body_bytes);
        let now = Instant::now();
        let sockets = &edge.settings.sockets;
        let pace = sockets.standing_every.min(Duration::from_secs(1)).max(Duration::from_millis(10));
        let mut tick = tokio::time::interval_at((now + pace).into(), pace);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Box::new(Session {
            stop: Box::pin(edge.stop.clone().cancelled_owned()),
            next_ping: now + sockets.ping_every,
            next_standing: now + sockets.standing_every,
            caller: None,
            seat: None,
            asking: Asking::Nothing,
            operations: Vec::new(),
            opened: now,
            initialised: false,
            pinged: None,
            tick,
            edge,
            client,
            wire,
        })
    }

    /// What is waiting to go out comes first; while it waits, nothing new is made.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        loop {
            if self.stop.poll_unpin(context).is_ready() {
                return Poll::Ready(End::Close(Close::GOING_AWAY));
            }
            while self.tick.poll_tick(context).is_ready() {
                if let Err(end) = self.ticked(Instant::now()) {
                    return Poll::Ready(end);
                }
            }
            match self.wire.poll_drained(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(End::Gone),
                Poll::Pending => return Poll::Pending,
            }
            match self.step(context) {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(end) => return Poll::Ready(end),
            }
        }
    }

    /// One round over everything that may be ready; true when something happened.
    fn step(&mut self, context: &mut Context<'_>) -> Result<bool, End> {
        let asked = self.poll_asking(context)?;
        let heard = match self.wire.poll_message(context) {
            Poll::Ready(message) => self.heard(message)?,
            Poll::Pending => false,
        };
        Ok(self.poll_operations(context) || heard || asked)
    }

    fn poll_asking(&mut self, context: &mut Context<'_>) -> Result<bool, End> {
        match &mut self.asking {
            Asking::Nothing => return Ok(false),
            Asking::Identity(identity) => match identity.poll_unpin(context) {
                Poll::Pending => return Ok(false),
                Poll::Ready(outcome) => self.identified(outcome)?,
            },
            Asking::Standing(standing) => match standing.poll_unpin(context) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Standing::Good) => {}
                Poll::Ready(Standing::Ended) => return Err(End::Close(Close::ENDED)),
                Poll::Ready(Standing::Revoked) => return Err(End::Close(Close::FORBIDDEN)),
            },
        }
        self.asking = Asking::Nothing;
        Ok(true)
    }

    fn identified(&mut self, outcome: Result<Caller, AuthFailure>) -> Result<(), End> {
        let caller = outcome.map_err(|failure| {
            metrics::auth_failure("socket");
            End::Close(if failure == AuthFailure::Unavailable { Close::UNAVAILABLE } else { Close::FORBIDDEN })
        })?;
        let most = self.edge.settings.sockets.sockets_per_user;
        self.seat = self.edge.caps.enter(&*caller, &self.client, most);
        self.client = self.client.clone().known_as(&*caller);
        self.caller = Some(caller);
        self.wire.push(protocol::ack());
        Ok(())
    }

    fn fail(&mut self, id: &str, fault: Fault) {
        let errors = refused(&self.edge, &self.client, &[fault]);
        self.wire.push(protocol::error(id, &errors));
    }

    /// At most one message of each operation, so that none starves the others.
    fn poll_operations(&mut self, context: &mut Context<'_>) -> bool {
        let (edge, client, wire) = (&self.edge, &self.client, &mut self.wire);
        let mut spoke = false;
        self.operations.retain_mut(|operation| {
            let Poll::Ready(output) = operation.poll(edge, client, context) else {
                return true;
            };
            spoke = true;
            match output {
                Output::Next(payload) => {
                    wire.push(protocol::next(&operation.id, &payload));
                    return true;
                }
                Output::Last(payload) => {
                    wire.push(protocol::next(&operation.id, &payload));
                    wire.push(protocol::complete(&operation.id));
                }
                Output::Error(errors) => wire.push(protocol::error(&operation.id, &errors)),
                Output::Complete => wire.push(protocol::complete(&operation.id)),
            }
            false
        });
        spoke
    }
}
