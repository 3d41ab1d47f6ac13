//! The business rules, one folder a domain; they know nothing of HTTP, GraphQL or apalis.
//!
//! Start at the page on top of a domain's `mod.rs`. What all domains share: [`scope`] (who asks, and the way to the
//! database), [`error`], [`page`] (lists), [`events`] (numbered streams), [`work`] (jobs), [`locale`] (languages); and how a
//! process is seen from outside: [`health`], [`measuring`], [`tracking`]; how much it lets through: [`limits`]; and where it goes
//! itself, at somebody's word: [`outgoing`].

pub mod alerts;
pub mod app;
pub mod audit;
pub mod data_imports;
pub mod demo;
pub mod error;
pub mod events;
pub mod files;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod inventory;
pub mod limits;
pub mod locale;
pub mod measuring;
pub mod notifications;
pub mod outgoing;
pub mod page;
pub mod scope;
pub mod settings;
pub mod tracking;
pub mod work;

#[cfg(any(test, feature = "test-support"))]
pub mod testing;

pub use app::App;
pub use entities::{TenantId, Timestamp};
pub use error::{Code, Error, Refusal, Refusals, Result};
pub use scope::{Actor, Doorway, Reads, Scope, SystemScope};
