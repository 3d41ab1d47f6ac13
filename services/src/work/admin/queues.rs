//! How full the queues are, and what holds them back.

use super::Desk;
use crate::audit::NewAudit;
use crate::scope::SystemScope;
use crate::{Code, Error, Result, sql};
use entities::Timestamp;
use std::collections::HashMap;

/// What waits, runs and failed in one queue.
#[derive(Clone, Debug, Default)]
pub struct QueueDepth {
    pub name: String,
    pub paused: bool,
    /// How many jobs of one organisation run at once; none: as many as there are workers.
    pub per_organization: Option<i32>,
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
    tenant_limit: Option<i32>,
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
    for QueueState { name, paused, tenant_limit } in states {
        let queue = queues.entry(name).or_default();
        (queue.paused, queue.per_organization) = (paused, tenant_limit);
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
    let system = known(desk, declared, name).await?;
    let tx = system.begin().await?;
    tx.audit(NewAudit::of(if paused { "work.queue.pause" } else { "work.queue.resume" }).with("queue", name));
    tx.statement(sql!("queue_pause.sql")).bind("name", name).bind("paused", paused).bind("now", tx.now()).run().await?;
    tx.commit().await?;
    if !paused {
        system.app().bell().ring(name, "resumed");
    }
    Ok(())
}

/// The most that a limit of a queue says.
pub const MOST_PER_ORGANIZATION: i32 = 1000;

/// Bounds how many jobs of one organisation run at once in a queue; none lifts the bound. What runs, runs on.
pub async fn limit_queue(desk: &Desk, declared: &[&str], name: &str, most: Option<i32>) -> Result<()> {
    let system = known(desk, declared, name).await?;
    if most.is_some_and(|most| !(1..=MOST_PER_ORGANIZATION).contains(&most)) {
        let (_, locale) = desk.operator()?;
        let range = locale.say("queue-limit-range", &[("most", MOST_PER_ORGANIZATION.to_string())]);
        return Err(Error::refuse(Code::OutOfRange, "perOrganization", range));
    }
    let tx = system.begin().await?;
    tx.audit(NewAudit::of("work.queue.limit").with("queue", name).with("perOrganization", most));
    tx.statement(sql!("queue_limit.sql")).bind("name", name).bind("most", most).bind("now", tx.now()).run().await?;
    tx.commit().await?;
    system.app().bell().ring(name, "limited");
    Ok(())
}

/// Refuses who is no operator, and a queue that is not there.
async fn known<'a>(desk: &'a Desk, declared: &[&str], name: &str) -> Result<&'a SystemScope> {
    let (system, locale) = desk.operator()?;
    if !queues(system, declared).await?.iter().any(|queue| queue.name == name) {
        return Err(Error::refuse(Code::NotFound, "queue", locale.say("queue-unknown", &[])));
    }
    Ok(system)
}
