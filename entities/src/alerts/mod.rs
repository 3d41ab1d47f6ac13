//! What stock is watched for, what was found, and what became of it.

pub mod alert;
pub mod rule;
pub mod rule_recipient;
pub mod transition;

crate::id!(AlertId, AlertRuleId, AlertRuleRecipientId, AlertTransitionId);

pub use alert::{AlertKind, AlertResolution, AlertState, Severity};
pub use rule::ServiceLevelDefinition;
pub use transition::Notice;
