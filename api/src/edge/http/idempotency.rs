//! `Idempotency-Key`: the same mutation twice is answered twice and done once.

use async_graphql::Value;
use async_graphql::parser::types::OperationType;
use http::{HeaderMap, StatusCode};
use poem::Response;
use sha2::{Digest, Sha256};
use std::time::Duration;

use super::answer::{Answer, Refusal};
use crate::edge::engine::{Caller, Idempotency, IdempotencyToken, RateState, Seen};
use crate::edge::errors::{Code, Fault};
use crate::edge::plan::Plan;

/// Executes, unless the key says it was done before.
pub async fn run(answer: &Answer<'_>, headers: &HeaderMap, plan: Plan, caller: &Caller, rate: Option<RateState>) -> Response {
    let key = match key(headers, &plan).and_then(|key| takes_key(answer, &plan, key)) {
        Ok(key) => key,
        Err(fault) => return answer.refuse(Refusal::at(StatusCode::BAD_REQUEST, fault).with_rate(rate)),
    };
    let Some(key) = key else {
        return once(answer, plan, caller, rate, None).await;
    };
    let print = fingerprint(&plan);
    match answer.edge.engine.idempotency_begin(caller, &key, print).await {
        Idempotency::Fresh(token) => once(answer, plan, caller, rate, Some(token)).await,
        Idempotency::Seen(seen) => again(answer, seen, &plan, rate),
        Idempotency::Refused(why) => answer.refuse(Refusal::at(StatusCode::BAD_REQUEST, Fault::input(why)).with_rate(rate)),
    }
}

/// Answers a call whose key was seen before.
fn again(answer: &Answer<'_>, seen: Seen, plan: &Plan, rate: Option<RateState>) -> Response {
    let conflict = |fault| answer.refuse(Refusal::at(StatusCode::CONFLICT, fault).with_rate(rate));
    match seen {
        Seen::Replay(core) => answer.replayed(core, plan, rate),
        Seen::Mismatch => conflict(Fault::said(Code::Conflict, "error-key-mismatch")),
        Seen::Running => conflict(Fault::said(Code::Conflict, "error-key-running").after(Duration::from_secs(1))),
        Seen::Done => conflict(Fault::said(Code::AlreadyDone, "error-already-done")),
    }
}

async fn once(answer: &Answer<'_>, mut plan: Plan, caller: &Caller, rate: Option<RateState>, token: Option<IdempotencyToken>) -> Response {
    let mut request = plan.request(caller, answer.client, rate);
    if let Some(token) = &token {
        request.data.insert(token.clone());
    }
    let (response, core) = match answer.edge.execute(request, plan.operation(), caller, answer.client).await {
        Ok(executed) => {
            let finished = answer.executed(&plan, executed, rate);
            (finished.response, finished.core)
        }
        Err(fault) => (answer.refuse(Refusal::document(vec![fault]).with_rate(rate)), None),
    };
    let Some(token) = token else { return response };
    match answer.edge.engine.idempotency_finish(token, core).await {
        Some(seen) => again(answer, seen, &plan, rate),
        None => response,
    }
}

/// The key of a mutation; queries need none, and theirs is ignored.
fn key(headers: &HeaderMap, plan: &Plan) -> Result<Option<String>, Fault> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    if plan.operation().ty != OperationType::Mutation {
        return Ok(None);
    }
    let text = value.to_str().unwrap_or_default().trim_matches('"');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    if !(8..=128).contains(&text.len()) || !text.bytes().all(allowed) {
        return Err(Fault::input("`Idempotency-Key` is 8 to 128 letters, digits, or -_.:"));
    }
    if plan.operation().roots.len() != 1 {
        return Err(Fault::input("With `Idempotency-Key` a document has exactly one mutation."));
    }
    Ok(Some(text.to_owned()))
}

/// The answers of some mutations must not be kept, for they hold what opens a session.
fn takes_key(answer: &Answer<'_>, plan: &Plan, key: Option<String>) -> Result<Option<String>, Fault> {
    let keyless = |root: &&String| answer.edge.settings.keyless.contains(root);
    match plan.operation().roots.iter().find(keyless) {
        Some(verb) if key.is_some() => Err(Fault::input(format!("`{verb}` takes no `Idempotency-Key`: its answer is not kept."))),
        _ => Ok(key),
    }
}

/// SHA-256 of document, operation name and variables; the variables are sorted by name.
fn fingerprint(plan: &Plan) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(plan.hash());
    hash.update(plan.operation().name.as_deref().unwrap_or_default());
    hash.update([0]);
    let mut variables = Vec::new();
    for (name, value) in plan.variables().iter() {
        plain(&mut variables, &Value::String(name.to_string()));
        canonical(&mut variables, value);
    }
    hash.update(variables);
    hash.finalize().into()
}

/// JSON with the keys of every object sorted.
fn canonical(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<_> = fields.iter().collect();
            names.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
            out.push(b'{');
            for (name, value) in names {
                plain(out, &Value::String(name.to_string()));
                out.push(b':');
                canonical(out, value);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::List(items) => {
            out.push(b'[');
            items.iter().for_each(|item| {
                canonical(out, item);
                out.push(b',');
            });
            out.push(b']');
        }
        other => plain(out, other),
    }
}

fn plain(out: &mut Vec<u8>, value: &Value) {
    serde_json::to_writer(out, value).expect("plain values always serialize");
}
