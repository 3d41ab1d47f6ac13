//! Tests of the API from the outside, in one binary.

mod edge_http;
mod edge_kit;
mod edge_ws;
