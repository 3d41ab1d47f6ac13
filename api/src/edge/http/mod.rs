//! GraphQL over HTTP: one request, one answer.
//!
//! Order: method, `Accept`, `Content-Type` and size (before the body is read), JSON and its shape,
//! document, bearer, variables and cost, bucket, idempotency, execution, answer.
//!
//! Invariants: nothing is executed for a body that is not JSON, a mutation is never executed by
//! GET, every answer carries a request id and where somebody counts what is left, every error a code;
//! whatever a caller is known of takes a unit at least.

pub mod accept;
mod answer;
mod body;
pub mod client;
pub mod cors;
mod idempotency;
mod params;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use http::header::{ALLOW, HeaderValue};
use http::{Method, StatusCode};
use poem::{Request, Response};

pub use params::{Members, check_depth};

use super::Edge;
use super::engine::{AuthFailure, Caller, Client, Transport};
use super::errors::{Code, Fault};
use super::metrics;
use super::plan::{Asked, Plan};
use accept::Media;
use answer::{Answer, Refusal};
use client::Bearer;

/// Answers `/graphql`, but for the page and the preflight.
pub async fn graphql(edge: &Edge, mut request: Request) -> Response {
    let client = Arc::new(client::of(&request, &edge.settings.trusted_proxies, Transport::Http));
    edge.count_client(&client);
    let media = accept::negotiate(request.headers());
    let answer = Answer { edge, client: &client, media: media.unwrap_or(Media::Legacy) };
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return not_allowed(turn_away(&answer, Refusal::at(StatusCode::METHOD_NOT_ALLOWED, Fault::input("Use GET or POST."))));
    }
    if media.is_none() {
        let fault = Fault::input("We answer `application/graphql-response+json` or `application/json`.");
        return turn_away(&answer, Refusal::at(StatusCode::NOT_ACCEPTABLE, fault));
    }
    match asked(edge, &mut request).await {
        Ok(asked) => operate(&answer, &request, asked).await,
        Err(refusal) => turn_away(&answer, refusal),
    }
}

/// Refuses before anybody is known; that takes nothing from a bucket.
fn turn_away(answer: &Answer<'_>, refusal: Refusal) -> Response {
    answer.refuse(refusal.with_rate(answer.edge.engine.allowance(answer.client)))
}

async fn asked(edge: &Edge, request: &mut Request) -> Result<Asked, Refusal> {
    let depth = edge.settings.limits.json_depth;
    if request.method() == Method::GET {
        let pairs = request.params::<Vec<(String, String)>>();
        let pairs = pairs.map_err(|_| Refusal::shape(Fault::input("The query string cannot be read.")))?;
        let asked = params::from_query(pairs, depth).map_err(Refusal::shape)?;
        return guard_get(edge, request, asked);
    }
    body::check_type(request.headers()).map_err(Refusal::from)?;
    let body = body::read(request, edge.settings.limits.body_bytes).await.map_err(Refusal::from)?;
    params::from_json(&body, depth).map_err(Refusal::shape)
}

/// In production a text by GET needs a header no form or image of another site can send.
fn guard_get(edge: &Edge, request: &Request, asked: Asked) -> Result<Asked, Refusal> {
    let forced = ["authorization", "x-client-name", "apollographql-client-name", "apollo-require-preflight"];
    let preflighted = forced.iter().any(|name| request.headers().contains_key(*name));
    if edge.settings.production && asked.query.is_some() && !preflighted {
        let fault = Fault::input("A query by GET needs `documentId`, or one of the headers authorization and x-client-name.");
        return Err(Refusal::shape(fault));
    }
    Ok(asked)
}

async fn operate(answer: &Answer<'_>, request: &Request, asked: Asked) -> Response {
    let edge = answer.edge;
    let plan = edge.plan(asked);
    let caller = match caller(edge, request, answer.client, plan.as_ref().ok()).await {
        Ok(caller) => caller,
        Err(failure) => return turn_away(answer, refused(failure)),
    };
    let client = answer.client.clone().known_as(&*caller);
    let answer = &Answer { edge, client: &client, media: answer.media };
    let plan = plan.and_then(|plan| edge.settle(plan, &caller));
    let (rate, limited) = edge.charge(plan.as_ref().ok(), &caller, &client).await;
    if let Some(fault) = limited {
        return answer.refuse(Refusal::at(StatusCode::TOO_MANY_REQUESTS, fault).with_rate(rate));
    }
    let plan = match plan {
        Ok(plan) => plan,
        Err(faults) => return answer.refuse(Refusal::document(faults).with_rate(rate)),
    };
    match plan.operation().ty {
        OperationType::Mutation if request.method() == Method::GET => {
            let fault = Fault::input("Mutations are sent by POST.");
            not_allowed(answer.refuse(Refusal::at(StatusCode::METHOD_NOT_ALLOWED, fault).with_rate(rate)))
        }
        OperationType::Subscription => {
            let fault = Fault::invalid("Subscriptions are sent over the WebSocket at /graphql/ws.");
            answer.refuse(Refusal::document(vec![fault]).with_rate(rate))
        }
        _ => idempotency::run(answer, request.headers(), plan, &caller, rate).await,
    }
}

/// The caller; a bad bearer is nobody when the operation is about getting a good one.
async fn caller(edge: &Edge, request: &Request, client: &Client, plan: Option<&Plan>) -> Result<Caller, AuthFailure> {
    let outcome = match client::bearer(request.headers()) {
        Bearer::None => edge.engine.authenticate(None, client).await,
        Bearer::Token(token) => edge.engine.authenticate(Some(token), client).await,
        Bearer::Malformed => Err(AuthFailure::Unauthenticated),
    };
    match outcome {
        Err(AuthFailure::Unauthenticated) if plan.is_some_and(|plan| edge.session_only(plan)) => {
            edge.engine.authenticate(None, client).await
        }
        other => other,
    }
}

fn refused(failure: AuthFailure) -> Refusal {
    let (status, reason, fault) = match failure {
        // A token is over each half hour: people read this.
        AuthFailure::Unauthenticated => {
            (StatusCode::UNAUTHORIZED, "unauthenticated", Fault::said(Code::Unauthenticated, "error-bearer-over"))
        }
        AuthFailure::Forbidden => (StatusCode::FORBIDDEN, "forbidden", Fault::said(Code::Forbidden, "error-account-shut")),
        AuthFailure::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", Fault::said(Code::Internal, "error-unavailable")),
    };
    metrics::auth_failure(reason);
    Refusal::at(status, fault)
}

fn not_allowed(mut answer: Response) -> Response {
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
    answer
}
