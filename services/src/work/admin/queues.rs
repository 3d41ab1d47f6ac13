//! How full the queues are, and what holds them back.

use super::Desk;
use crate::scope::SystemScope;
use crate::{Code, Error, Result, sql};
use entities::Timestamp;
use std::collections::HashMap;

/// What waits, runs and failed in one queue.
#[derive(Clone, Debug, Default)]
pub struct QueueDepth {
    pub name: String,
    pub paused: bool,
    /// Due and not yet taken.
    pub waiting: i64,
    /// For later: planned, or between two attempts.
    pub later: i64,
    pub running: i64,
    pub dead: i64,
    /// When the oldest waiting job should have started.
    pub oldest: Option<Timestamp>,
}

#[derive(sea_orm::FromQueryResult)]
struct Depth {
    queue: String,
    waiting: i64,
    later: i64,
    running: i64,
    dead: i64,
    oldest: Option<Timestamp>,
}

#[derive(sea_orm::FromQueryResult)]
struct QueueState {
    name: String,
    paused: bool,
}

/// The declared queues and those that hold jobs, by name. For operators and the worker's gauges.
pub async fn queues(system: &SystemScope, declared: &[&str]) -> Result<Vec<QueueDepth>> {
    let tx = system.read().await?;
    let depths: Vec<Depth> = tx.statement(sql!("queue_depths.sql")).all().await?;
    let states: Vec<QueueState> = tx.statement(sql!("queue_states.sql")).all().await?;
    let mut queues: HashMap<String, QueueDepth> = HashMap::new();
    for name in declared {
        queues.insert((*name).to_owned(), QueueDepth::default());
    }
    for Depth { queue, waiting, later, running, dead, oldest } in depths {
        queues.insert(queue, QueueDepth { waiting, later, running, dead, oldest, ..Default::default() });
    }
    for QueueState { name, paused } in states {
        queues.entry(name).or_default().paused = paused;
    }
    let mut queues: Vec<QueueDepth> = queues.into_iter().map(|(name, depth)| QueueDepth { name, ..depth }).collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(queues)
}

/// The same for a person, who must be an operator.
pub async fn queues_for(desk: &Desk, declared: &[&str]) -> Result<Vec<QueueDepth>> {
    queues(desk.operator()?.0, declared).await
}

/// Stops claims from a queue, or lets them go on. What runs, runs on.
pub async fn pause_queue(desk: &Desk, declared: &[&str], name: &str, paused: bool) -> Result<()> {
    let (system, locale) = desk.operator()?;
    if !queues(system, declared).await?.iter().any(|queue| queue.name == name) {
        return Err(Error::refuse(Code::NotFound, "queue", locale.say("queue-unknown", &[])));
    }
    let tx = system.begin().await?;
    tx.statement(sql!("queue_pause.sql")).bind("name", name).bind("paused", paused).bind("now", tx.now()).run().await?;
    tx.commit().await?;
    if !paused {
        system.app().bell().ring(name, "resumed");
    }
    Ok(())
}

/// Bounds how many jobs of one organisation run at once in a queue; none lifts the bound.
pub async fn limit_queue(desk: &Desk, name: &str, most: Option<i32>) -> Result<()> {
    let (system, _) = desk.operator()?;
    let tx = system.begin().await?;
    tx.statement(sql!("queue_limit.sql")).bind("name", name).bind("most", most).bind("now", tx.now()).run().await?;
    tx.commit().await
}
