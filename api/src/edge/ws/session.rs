//! The life of one socket.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::Upgraded;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::caps::Seat;
use super::frames::Broken;
use super::operation::{Operation, Output, refused, slow};
use super::protocol::{self, Close, Said};
use super::wire::Wire;
use crate::edge::Edge;
use crate::edge::engine::{AuthFailure, Caller, Client, Standing};
use crate::edge::errors::{Code, Fault};
use crate::edge::http::client::{Bearer, bearer_text};
use crate::edge::metrics;
use crate::edge::plan::Asked;

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
        self.caller = Some(caller);
        self.wire.push(protocol::ack());
        Ok(())
    }

    fn heard(&mut self, message: Option<Result<Message, Broken>>) -> Result<bool, End> {
        let message = message.ok_or(End::Gone)?.map_err(broken)?;
        self.pinged = None; // any sign of life will do
        match message {
            Message::Text(text) => self.said(text.as_str())?,
            Message::Binary(_) => return Err(End::Close(Close::INVALID)),
            Message::Close(_) => return Err(End::Closed),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(true)
    }

    fn said(&mut self, text: &str) -> Result<(), End> {
        let depth = self.edge.settings.limits.json_depth;
        match protocol::read(text, depth).ok_or(End::Close(Close::INVALID))? {
            Said::Init(_) if self.initialised => return Err(End::Close(Close::TOO_MANY_INITS)),
            Said::Init(authorization) => self.introduced(authorization),
            Said::Ping => self.wire.push(protocol::pong()),
            Said::Pong => {}
            Said::Complete(id) => self.operations.retain(|operation| operation.id != id),
            Said::Subscribe(id, asked) => self.subscribe(id, *asked)?,
        }
        Ok(())
    }

    fn introduced(&mut self, authorization: Option<String>) {
        self.initialised = true;
        let (edge, client) = (self.edge.clone(), self.client.clone());
        self.asking = Asking::Identity(Box::pin(async move {
            match authorization.as_deref().map(bearer_text) {
                None => edge.engine.authenticate(None, &client).await,
                Some(Bearer::Token(token)) => edge.engine.authenticate(Some(token), &client).await,
                Some(_) => Err(AuthFailure::Unauthenticated),
            }
        }));
    }

    fn subscribe(&mut self, id: Box<str>, asked: Asked) -> Result<(), End> {
        let Some(caller) = self.caller.clone() else {
            return Err(End::Close(Close::UNAUTHORIZED));
        };
        if self.operations.iter().any(|operation| operation.id == id) {
            return Err(End::Close(Close::DUPLICATE));
        }
        let over = match &self.seat {
            None => Some("Too many open sockets."),
            Some(_) if self.operations.len() >= self.edge.settings.sockets.operations => Some("Too many operations on this socket."),
            Some(_) => None,
        };
        if let Some(message) = over {
            metrics::rejected();
            self.fail(&id, Fault::new(Code::RateLimited, message));
            return Ok(());
        }
        self.edge.count_client(&self.client);
        if self.operations.is_empty() {
            self.operations.reserve_exact(1); // most sockets have one
        }
        self.operations.push(Operation::start(id, self.edge.clone(), caller, self.client.clone(), asked));
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

    /// Everything that depends on time.
    fn ticked(&mut self, now: Instant) -> Result<(), End> {
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

fn broken(broken: Broken) -> End {
    End::Close(match broken {
        Broken::TooBig => Close::TOO_BIG,
        Broken::NotText => Close::NOT_TEXT,
        Broken::Framing => Close::PROTOCOL,
    })
}
