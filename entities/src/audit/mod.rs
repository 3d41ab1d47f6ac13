//! Who did what, and the chain that seals it.

pub mod event;
pub mod operator_act;
pub mod seal;

crate::id!(
    /// One act, or one refusal of it.
    AuditEventId,
    /// One act of somebody who runs the installation.
    OperatorActId,
);
