//! Watching stock: rules say what to look for, alerts say what was found.
//!
//! A *rule* watches for one kind of trouble (*stock-out*, *low stock*, *service level drop*) in the whole organisation, a
//! category, a warehouse, a product, or a product or category in a warehouse. It looks at the sum of all warehouses or at
//! each of them. An *alert* says that a rule's condition holds for a *subject*: a product in all warehouses, or in one. A
//! *transition* is one step of an alert's life; all of them are its timeline.
//!
//! ```text
//! (none) → PENDING → FIRING ⇄ ACKNOWLEDGED | SNOOZED → RESOLVED
//! ```
//!
//! Boundaries: available = on hand − reserved. Stock-out: available ≤ 0. Low stock: available ≤ the rule's threshold, else
//! the product's reorder point, else never. Service level drop: in the last `window days` local days, today included, at
//! least `minimum lines` lines, and served / asked for < target (lines delivered complete by default, or units). What has
//! never moved is no subject.
//!
//! Rules that always hold:
//! - Of the enabled rules that speak of a subject, the most specific counts: product and warehouse, product, category and
//!   warehouse, category, warehouse, organisation; then the newest. A category's rule covers that category, not the ones
//!   below it. A rule for a warehouse looks at that warehouse; a service level has no warehouse.
//! - A condition that holds for `pending for` fires. One that stops before was never more than a thought: it leaves nothing,
//!   and since nobody could be told that it went, nobody is told that it came. The stream of events begins with the firing.
//! - An open alert clears above the threshold × (100 + clear percent) %, or at the target + clear percent points, and
//!   resolves when it has been clear for `keep for`; between the two lines it stays. Without rule or subject it resolves at
//!   once. A changed rule restarts these timers, not the alert. A re-fire is a new alert that names the one before.
//! - At most one alert of a kind is open for a subject. A low stock is *muted* while the stock-out of the same subject is
//!   open: it says nothing, and speaks up when the stock-out is over.
//! - Acknowledged, it is quiet until it resolves, turns more severe, or a day has passed; snoozed, until the time given, or
//!   until it resolves. Acknowledged again, the day begins anew and the note is kept. Quiet over and still firing: people are
//!   told again.
//! - People are told when it fires, when it fires again after quiet, each `repeat every`, and when nothing of a group is open
//!   any more, in hand or not; newly affected products are named first, and more than [`announce::FLOOD`] of them make one
//!   digest. A message goes over the channels of the rules of what it names, and over no others; that it is over goes only
//!   into the application where the rule tells there, else over all its channels.
//! - An alert keeps what it was last judged by: its numbers, threshold, and of a service level the definition and the window.
//!   What becomes of its rule later changes nothing of what it says.
//! - Two evaluations of the same facts write nothing twice; a full one and an incremental one leave the same rows.
//!
//! Lock order: `alert_tenants`, `alert_marks`, `alerts`. Whoever records stock writes its mark last and waits for no run.

pub mod announce;
pub mod evaluate;
pub mod explain;
pub mod handle;
pub mod read;
pub mod rules;

pub(crate) use rules::furnish;

#[cfg(test)]
mod tests;
