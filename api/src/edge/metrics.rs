//! What the edge counts, and the page it is read from.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use services::measuring::{self, PrometheusHandle};

use super::errors::Code;

/// Installs the recorder of this process; the handle renders the page.
pub fn install() -> Option<PrometheusHandle> {
    let handle = measuring::install()?;
    describe();
    Some(handle)
}

fn describe() {
    describe_histogram!("http_request_duration_seconds", Unit::Seconds, "Time from request to answer.");
    describe_histogram!("graphql_operation_duration_seconds", Unit::Seconds, "Time to execute an operation.");
    describe_counter!("graphql_errors_total", "Errors in answers, by code.");
    describe_counter!("graphql_clients_total", "Operations, by what the client calls itself.");
    describe_counter!("auth_failures_total", "Bearers and passwords that were not accepted, by why.");
    describe_counter!("ratelimit_rejections_total", "Operations refused by a bucket (user, address) or a cap (sockets).");
    describe_gauge!("ws_connections", "Open sockets.");
    describe_counter!("ws_closes_total", "Sockets we closed, by code.");
}

pub(super) fn http(route: &'static str, method: &'static str, status: u16, took: Duration) {
    let status = status.to_string();
    histogram!("http_request_duration_seconds", "route" => route, "method" => method, "status" => status).record(took);
}

pub(super) fn operation(name: String, ty: OperationType, took: Duration) {
    histogram!("graphql_operation_duration_seconds", "operation" => name, "type" => ty.to_string()).record(took);
}

pub(super) fn error(code: Code) {
    counter!("graphql_errors_total", "code" => code.as_str()).increment(1);
}

pub(super) fn client(name: String) {
    counter!("graphql_clients_total", "client" => name).increment(1);
}

pub(super) fn auth_failure(reason: &'static str) {
    counter!("auth_failures_total", "reason" => reason).increment(1);
}

pub(super) fn rejected(by: &'static str) {
    counter!("ratelimit_rejections_total", "by" => by).increment(1);
}

pub(super) fn socket_opened() {
    gauge!("ws_connections").increment(1.0);
}

pub(super) fn socket_closed() {
    gauge!("ws_connections").decrement(1.0);
}

pub(super) fn socket_close_code(code: u16) {
    counter!("ws_closes_total", "code" => code.to_string()).increment(1);
}
