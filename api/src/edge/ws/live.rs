//! A subscription's execution, which is let go while nothing happens.
//!
//! Executing takes several KiB, most of them the engine's, and most subscriptions wait most of the time. One that has
//! nothing to say at its start, or has said nothing for a while, *rests*: of it remain what was asked, by whom, where it
//! stands in its stream, and an ear there. When the stream has gone on it is executed again from there, so that nothing
//! is missed and nothing said twice.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_graphql::Response;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use services::tracking;
use tokio::time::{Sleep, sleep};

use super::operation::{Output, list, presenter, refused};
use super::position::Position;
use crate::edge::Edge;
use crate::edge::engine::{Caller, Client, Payload};
use crate::edge::errors::Fault;
use crate::edge::metrics;
use crate::edge::nulls;
use crate::edge::plan::{Kept, Plan};
use crate::edge::write::Writer;

/// A subscription under way.
pub struct Live {
    kept: Kept,
    caller: Caller,
    client: Arc<Client>,
    position: Arc<Position>,
    state: State,
    /// Nothing was answered yet.
    first: bool,
}

enum State {
    Running(Running),
    Resting(BoxFuture<'static, ()>),
}

struct Running {
    stream: BoxStream<'static, Payload>,
    /// Ends when it may be time to rest, after an answer; on the heap, for it is seldom there.
    pause: Option<Pin<Box<Sleep>>>,
    /// Something was answered since the pause began, or ever without one.
    busy: bool,
}

impl Live {
    /// Starts one; the position tells where it stands.
    pub fn new(edge: &Edge, plan: &Plan, caller: &Caller, client: &Arc<Client>, position: Arc<Position>) -> Live {
        let (caller, client, kept) = (caller.clone(), client.clone(), plan.keep());
        let state = State::Running(run(edge, &kept, &caller, &client, &position));
        Live { kept, caller, client, position, state, first: true }
    }

    /// The next thing to say; after anything but `Next` it must not be polled again.
    pub fn poll(&mut self, edge: &Edge, context: &mut Context<'_>) -> Poll<Output> {
        loop {
            let running = match &mut self.state {
                State::Running(running) => running,
                State::Resting(ear) => {
                    ready!(ear.poll_unpin(context));
                    self.state = State::Running(run(edge, &self.kept, &self.caller, &self.client, &self.position));
                    continue;
                }
            };
            let tags = vec![("request.id", self.client.request_id.to_string())];
            let poll = AssertUnwindSafe(|| tracking::within_now(tags, || running.stream.poll_next_unpin(context)));
            let answer = match std::panic::catch_unwind(poll) {
                Ok(Poll::Ready(answer)) => answer,
                Ok(Poll::Pending) if self.rests(edge, context) => continue,
                Ok(Poll::Pending) => return Poll::Pending,
                Err(_) => {
                    tracing::error!(request.id = &*self.client.request_id, "a subscription panicked");
                    return Poll::Ready(Output::Error(refused(edge, &self.client, &[Fault::internal()])));
                }
            };
            running.busy = true;
            self.position.take();
            return Poll::Ready(match answer {
                None => Output::Complete,
                Some(Payload::Written(bytes)) => {
                    self.first = false;
                    Output::Next(bytes)
                }
                Some(Payload::Response(response)) => self.event(edge, response),
            });
        }
    }

    /// Goes to rest when nothing was answered for a while, or yet, and nothing is known to be coming.
    fn rests(&mut self, edge: &Edge, context: &mut Context<'_>) -> bool {
        let State::Running(running) = &mut self.state else { return false };
        loop {
            match &mut running.pause {
                Some(pause) => match pause.poll_unpin(context) {
                    Poll::Pending => return false,
                    Poll::Ready(()) => running.pause = None,
                },
                None if running.busy => {
                    running.busy = false;
                    running.pause = Some(Box::pin(sleep(edge.settings.sockets.rest_after)));
                }
                None => break,
            }
        }
        let Some((last, mut ear)) = self.position.rest() else { return false };
        if ear.poll_unpin(context).is_ready() {
            return false;
        }
        self.position.resume_at(last);
        self.state = State::Resting(ear);
        true
    }

    /// No data at the start, or ever without a path: the operation itself has failed.
    fn event(&mut self, edge: &Edge, mut response: Response) -> Output {
        let client = &self.client;
        let empty = response.data == async_graphql::Value::Null && !response.errors.is_empty();
        let failed = empty && (self.first || response.errors.iter().all(|error| error.path.is_empty()));
        self.first = false;
        let order = &self.kept.operation().order;
        nulls::fill(&mut response.data, &response.errors, order);
        let shown = presenter(edge, client).server(response.errors);
        shown.iter().for_each(|error| metrics::error(error.code()));
        if failed {
            return Output::Error(list(&shown, client));
        }
        Output::Next(Writer::open(&shown, &client.request_id, Some((&response.data, order))).close().into())
    }
}

fn run(edge: &Edge, kept: &Kept, caller: &Caller, client: &Arc<Client>, position: &Arc<Position>) -> Running {
    let mut request = kept.plan().request(caller, client, None);
    request.data.insert(position.clone());
    Running { stream: edge.engine.subscribe(request, caller), pause: None, busy: false }
}
