//! `extensions.cost`, on every answer.

use std::collections::BTreeMap;

use async_graphql::Value;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::engine::RateState;

/// The extensions of an answer: what it cost, and what the engine adds.
#[derive(Serialize)]
pub struct CostReport {
    cost: Cost,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    requested: u64,
    actual: u64,
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_at: Option<String>,
}

impl CostReport {
    /// For what was not executed.
    pub fn refused(rate: Option<RateState>) -> Self {
        CostReport::executed(0, 0, rate, BTreeMap::new())
    }

    /// For what was: the cost charged, and the objects that came of it.
    pub fn executed(requested: u64, actual: u64, rate: Option<RateState>, mut more: BTreeMap<String, Value>) -> Self {
        more.remove("cost");
        let reset_at = rate.map(|rate| DateTime::<Utc>::from(rate.reset_at).to_rfc3339_opts(SecondsFormat::Millis, true));
        let (limit, remaining) = (rate.map(|rate| rate.limit), rate.map(|rate| rate.remaining));
        CostReport { cost: Cost { requested, actual, limit, remaining, reset_at }, more }
    }
}
