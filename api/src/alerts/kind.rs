use async_graphql::Enum;

/// What is wrong.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::alerts::AlertKind")]
pub enum StockAlertKind {
    /// Nothing is available.
    StockOut,
    /// What is available is at or below the threshold.
    LowStock,
    /// Too few orders were served in full.
    ServiceLevelDrop,
}

/// How bad something is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::alerts::Severity")]
pub enum AlertSeverity {
    /// Good to know.
    Info,
    /// To be looked at.
    Warning,
    /// To be acted on now.
    Critical,
}
