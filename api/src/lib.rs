//! The GraphQL API of Teranga.

pub mod edge;
