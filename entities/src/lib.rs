//! What is stored: one folder a domain, one file a table, and the few types every row shares.
//!
//! A row holds values, no rules. Every table belongs to one organisation ([`TenantScoped`]) or, for a short
//! closed list, to nobody ([`Global`]).

mod tenancy;
pub mod types;

pub mod alerts;
pub mod audit;
pub mod data_imports;
pub mod files;
pub mod identity;
pub mod inventory;
pub mod notifications;
pub mod work;

pub use tenancy::{Global, Owned, TenantScoped};
pub use types::{MinorUnits, Quantity, TenantId, Timestamp};
