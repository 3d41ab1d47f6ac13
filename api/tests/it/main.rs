//! Tests of the API from the outside, in one binary.

mod cases;
mod edge_cop;
mod edge_fuzz;
mod edge_groups;
mod edge_http;
mod edge_kit;
mod edge_limits;
mod edge_pages;
mod edge_sockets;
mod edge_ws;
mod hostile;
mod idempotency;
mod jobs_page;
mod notifications;
mod process;
mod refusals;
mod schema;
mod screens;
mod sessions;
mod site;
mod statements;
mod tenant_isolation;
mod tenant_sockets;
mod tracking;
mod uploads;
mod world;
