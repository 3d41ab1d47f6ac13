//! Who did what, and the chain that seals it.

pub mod event;
pub mod seal;

crate::id!(
    /// One act, or one refusal of it.
    AuditEventId
);
