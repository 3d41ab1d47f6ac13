//! The GraphQL API of Teranga: thin rooms over `services`, behind the [`edge`].
//!
//! A request goes: `edge` (HTTP, WebSocket, limits) → [`engine`] (who asks, which scope) → [`schema`] (the rooms'
//! roots, merged once) → a resolver, which translates, calls one service function and translates back.
//!
//! What the rooms share: [`context`] (the scope of a request), [`error`] (how a service's error is shown), [`ids`]
//! (opaque global ids), [`page`] (connections), `html` (pages for people), [`payload`] (mutation payloads), [`together`] (rows loaded for a whole
//! page at once), [`in_place`] (objects read field after field), [`scalars`], [`live`] (subscriptions over a numbered stream).

// The roots are merged into one future of a future of a future, whose layout the compiler computes to its depth.
#![recursion_limit = "256"]

#[macro_use]
pub mod page;
#[macro_use]
pub mod payload;
#[macro_use]
pub mod ids;

pub mod context;
pub mod documents;
pub mod edge;
pub mod engine;
pub mod error;
mod html;
pub mod in_place;
pub mod live;
pub mod node;
pub mod roles_page;
pub mod scalars;
pub mod schema;
pub mod server;
mod shared;
pub mod together;

pub mod alerts;
pub mod audit;
pub mod data_imports;
pub mod files;
pub mod identity;
pub mod inventory;
pub mod notifications;
pub mod work;
