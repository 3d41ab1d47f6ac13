use async_graphql::Enum;

/// Where an alert stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::alerts::AlertState")]
pub enum StockAlertState {
    /// The condition holds, but not for long enough yet.
    Pending,
    /// People have been told.
    Firing,
    /// Somebody is at it.
    Acknowledged,
    /// Put off.
    Snoozed,
    /// Over.
    Resolved,
}

/// Why an alert is over.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::alerts::AlertResolution")]
pub enum StockAlertResolution {
    /// The condition no longer holds.
    Cleared,
    /// No rule watches it any more.
    RuleRemoved,
    /// The product is out of use.
    ProductArchived,
}
