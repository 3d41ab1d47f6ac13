//! One operation of a socket, from `subscribe` to `complete`.

use std::sync::Arc;
use std::task::{Context, Poll};

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_tungstenite::tungstenite::Bytes;

use super::alike::alike;
use super::group::{Joined, Member};
use super::live::Live;
use super::ring::Gone;
use crate::edge::Edge;
use crate::edge::engine::{Caller, Client};
use crate::edge::errors::{Code, Fault, Presenter, Shown};
use crate::edge::extensions::CostReport;
use crate::edge::metrics;
use crate::edge::nulls;
use crate::edge::plan::{Asked, Plan};
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
    Live(Box<Live>),
    Member(Member),
}

enum Started {
    Over(Output),
    Live(Box<Live>),
    Member(Member),
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
                Stage::Live(live) => return live.poll(edge, context),
                Stage::Member(member) => {
                    return member
                        .poll(context)
                        .map(|output| output.unwrap_or_else(|Gone| Output::Error(refused(edge, client, &[slow()]))));
                }
            }
        }
    }
}

async fn begin(edge: &Arc<Edge>, caller: &Caller, client: &Arc<Client>, asked: Asked) -> Result<Started, Vec<Fault>> {
    let plan = edge.plan(asked).and_then(|plan| edge.settle(plan, caller));
    let (rate, refused) = edge.charge(plan.as_ref().ok(), caller, client).await;
    if let Some(fault) = refused {
        return Err(vec![fault]);
    }
    let mut plan = plan?;
    if plan.operation().ty == OperationType::Subscription {
        return Ok(subscribe(edge, caller, client, plan));
    }
    let request = plan.request(caller, client, rate);
    let response = edge.execute(request, plan.operation(), caller, client).await.map_err(|fault| vec![fault])?;
    Ok(Started::Over(answered(edge, client, &plan, response, rate)))
}

/// Joins those who read alike, or reads alone.
fn subscribe(edge: &Arc<Edge>, caller: &Caller, client: &Arc<Client>, plan: Plan) -> Started {
    let live = |position| Box::new(Live::new(edge, &plan, caller, client, position));
    let Some((likeness, after)) = alike(edge, caller, &plan) else {
        return Started::Live(live(Arc::default()));
    };
    match edge.groups.join(likeness, after) {
        Joined::Alone => Started::Live(live(Arc::default())),
        Joined::Member(member) => Started::Member(member),
        Joined::First(member, group) => {
            let mut live = live(group.position.clone());
            let edge = edge.clone();
            // Ends with its readers, who end when we stop.
            edge.clone().tasks.spawn(async move { edge.groups.run(group, |context| live.poll(&edge, context)).await });
            Started::Member(member)
        }
    }
}

/// Why a reader is cut off.
pub fn slow() -> Fault {
    Fault::said(Code::RateLimited, "error-reader-slow")
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

pub fn list(shown: &[Shown], client: &Client) -> Bytes {
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

pub fn presenter<'a>(edge: &Edge, client: &'a Client) -> Presenter<'a> {
    Presenter { request_id: &client.request_id, suggestions: !edge.settings.production, locale: client.locale() }
}
