//! One operation of a socket, from `subscribe` to `complete`.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use services::tracking;
use tokio_tungstenite::tungstenite::Bytes;

use super::alike::alike;
use super::group::{Gone, Joined, Member, Position};
use crate::edge::Edge;
use crate::edge::engine::{Caller, Client, Payload};
use crate::edge::errors::{Code, Fault, Presenter, Shown};
use crate::edge::extensions::CostReport;
use crate::edge::metrics;
use crate::edge::nulls;
use crate::edge::plan::{Asked, Plan};
use crate::edge::prepass::Checked;
use crate::edge::write::Writer;

/// What an operation has to say next.
pub enum Output {
    /// An answer; more may follow.
    Next(Bytes),
    /// The only answer.
    Last(Bytes),
    /// Errors; nothing follows.
    Error(Bytes),
    /// Nothing follows.
    Complete,
}

/// An operation under way.
pub struct Operation {
    /// The id the client gave it.
    pub id: Box<str>,
    stage: Stage,
}

enum Stage {
    Starting(BoxFuture<'static, Started>),
    Live(Live),
    Member(Member),
}

enum Started {
    Over(Output),
    Live(Live),
    Member(Member),
}

struct Live {
    stream: BoxStream<'static, Payload>,
    checked: Arc<Checked>,
    index: usize,
    first: bool,
}

impl Operation {
    /// Starts one; nothing happens before it is polled.
    pub fn start(id: Box<str>, edge: Arc<Edge>, caller: Caller, client: Arc<Client>, asked: Asked) -> Operation {
        let starting = async move {
            match begin(&edge, &caller, &client, asked).await {
                Ok(started) => started,
                Err(faults) => Started::Over(Output::Error(refused(&edge, &client, &faults))),
            }
        };
        Operation { id, stage: Stage::Starting(starting.boxed()) }
    }

    /// The next thing to say; after anything but `Next` it must not be polled again.
    pub fn poll(&mut self, edge: &Edge, client: &Client, context: &mut Context<'_>) -> Poll<Output> {
        loop {
            match &mut self.stage {
                Stage::Starting(starting) => match starting.poll_unpin(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Started::Over(output)) => return Poll::Ready(output),
                    Poll::Ready(Started::Live(live)) => self.stage = Stage::Live(live),
                    Poll::Ready(Started::Member(member)) => self.stage = Stage::Member(member),
                },
                Stage::Live(live) => return live.poll(edge, client, context),
                Stage::Member(member) => {
                    return member
                        .poll(context)
                        .map(|output| output.unwrap_or_else(|Gone| Output::Error(refused(edge, client, &[slow()]))));
                }
            }
        }
    }
}

impl Live {
    fn poll(&mut self, edge: &Edge, client: &Client, context: &mut Context<'_>) -> Poll<Output> {
        let tags = vec![("request.id", client.request_id.to_string())];
        let poll = AssertUnwindSafe(|| tracking::within_now(tags, || self.stream.poll_next_unpin(context)));
        let polled = std::panic::catch_unwind(poll);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(None)) => Poll::Ready(Output::Complete),
            Ok(Poll::Ready(Some(Payload::Written(bytes)))) => {
                self.first = false;
                Poll::Ready(Output::Next(bytes))
            }
            Ok(Poll::Ready(Some(Payload::Response(response)))) => Poll::Ready(self.event(edge, client, response)),
            Err(_) => {
                tracing::error!(request.id = &*client.request_id, "a subscription panicked");
                Poll::Ready(Output::Error(refused(edge, client, &[Fault::internal()])))
            }
        }
    }

    /// No data at the start, or ever without a path: the operation itself has failed.
    fn event(&mut self, edge: &Edge, client: &Client, mut response: Response) -> Output {
        let empty = response.data == async_graphql::Value::Null && !response.errors.is_empty();
        let failed = empty && (self.first || response.errors.iter().all(|error| error.path.is_empty()));
        self.first = false;
        let order = &self.checked.operations()[self.index].order;
        nulls::fill(&mut response.data, &response.errors, order);
        let shown = presenter(edge, client).server(response.errors);
        shown.iter().for_each(|error| metrics::error(error.code()));
        if failed {
            return Output::Error(list(&shown, client));
        }
        Output::Next(Writer::open(&shown, &client.request_id, Some((&response.data, order))).close().into())
    }
}

async fn begin(edge: &Arc<Edge>, caller: &Caller, client: &Arc<Client>, asked: Asked) -> Result<Started, Vec<Fault>> {
    let mut plan = edge.plan(asked)?;
    edge.settle(&mut plan, caller)?;
    let (rate, refused) = edge.charge(&plan, caller, client).await;
    if let Some(fault) = refused {
        return Err(vec![fault]);
    }
    if plan.operation().ty == OperationType::Subscription {
        return Ok(subscribe(edge, caller, client, plan));
    }
    let request = plan.request(caller, client);
    let response = edge.execute(request, plan.operation(), caller, client).await.map_err(|fault| vec![fault])?;
    Ok(Started::Over(answered(edge, client, &plan, response, rate)))
}

/// Joins those who read alike, or reads alone.
fn subscribe(edge: &Arc<Edge>, caller: &Caller, client: &Arc<Client>, mut plan: Plan) -> Started {
    let Some((likeness, after)) = alike(edge, caller, &plan) else {
        return Started::Live(live(edge, caller, client, &mut plan, None));
    };
    match edge.groups.join(likeness, after) {
        Joined::Alone => Started::Live(live(edge, caller, client, &mut plan, None)),
        Joined::Member(member) => Started::Member(member),
        Joined::First(member, group) => {
            let live = live(edge, caller, client, &mut plan, Some(group.position.clone()));
            let (edge, client) = (edge.clone(), client.clone());
            edge.clone().tasks.spawn(async move {
                let outputs = stream::unfold(live, |mut live| async { Some((poll_fn(|cx| live.poll(&edge, &client, cx)).await, live)) });
                let outputs = std::pin::pin!(outputs);
                tokio::select! {
                    () = edge.groups.run(likeness, group, outputs) => {}
                    () = edge.stop.cancelled() => {}
                }
            });
            Started::Member(member)
        }
    }
}

fn live(edge: &Edge, caller: &Caller, client: &Arc<Client>, plan: &mut Plan, position: Option<Arc<Position>>) -> Live {
    let mut request = plan.request(caller, client);
    if let Some(position) = position {
        request.data.insert(position);
    }
    let (checked, index) = plan.keep();
    Live { stream: edge.engine.subscribe(request, caller), checked, index, first: true }
}

/// Why a reader is cut off.
pub fn slow() -> Fault {
    Fault::new(Code::RateLimited, "The reader is too slow.")
}

fn answered(edge: &Edge, client: &Client, plan: &Plan, mut response: Response, rate: Option<crate::edge::engine::RateState>) -> Output {
    let failed = crate::edge::errors::is_request_error(&response.data, &response.errors);
    nulls::fill(&mut response.data, &response.errors, &plan.operation().order);
    let shown = presenter(edge, client).server(response.errors);
    shown.iter().for_each(|error| metrics::error(error.code()));
    if failed {
        return Output::Error(list(&shown, client));
    }
    let data = Some((&response.data, &plan.operation().order));
    let mut writer = Writer::open(&shown, &client.request_id, data);
    let report = CostReport::executed(plan.cost, writer.objects(), rate, response.extensions);
    writer.member("extensions", &report);
    Output::Last(writer.close().into())
}

/// Faults of ours as the list an `error` carries.
pub fn refused(edge: &Edge, client: &Client, faults: &[Fault]) -> Bytes {
    let shown = presenter(edge, client).faults(faults);
    shown.iter().for_each(|error| metrics::error(error.code()));
    list(&shown, client)
}

fn list(shown: &[Shown], client: &Client) -> Bytes {
    let mut out = vec![b'['];
    for (index, error) in shown.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        error.write(&mut out, &client.request_id);
    }
    out.push(b']');
    out.into()
}

fn presenter<'a>(edge: &Edge, client: &'a Client) -> Presenter<'a> {
    Presenter { request_id: &client.request_id, suggestions: !edge.settings.production }
}
