//! What the other end says.

use tokio_tungstenite::tungstenite::Message;

use super::{Asking, End, Session};
use crate::edge::engine::AuthFailure;
use crate::edge::errors::{Code, Fault};
use crate::edge::http::client::{Bearer, bearer_text};
use crate::edge::metrics;
use crate::edge::plan::Asked;
use crate::edge::ws::frames::Broken;
use crate::edge::ws::operation::Operation;
use crate::edge::ws::protocol::{self, Close, Said};

impl Session {
    pub(super) fn heard(&mut self, message: Option<Result<Message, Broken>>) -> Result<bool, End> {
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
        // Too many sockets, or too many operations on this one.
        if self.seat.is_none() || self.operations.len() >= self.edge.settings.sockets.operations {
            metrics::rejected("sockets");
            self.fail(&id, Fault::said(Code::RateLimited, "error-too-many-live"));
            return Ok(());
        }
        self.edge.count_client(&self.client);
        if self.operations.is_empty() {
            self.operations.reserve_exact(1); // most sockets have one
        }
        self.operations.push(Operation::start(id, self.edge.clone(), caller, self.client.clone(), asked));
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
