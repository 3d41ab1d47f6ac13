//! Who is on the other end: address, request id, name.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT};
use poem::Request;

use crate::edge::engine::{Client, Transport};

const MAX_ID: usize = 64;
const MAX_TEXT: usize = 200;

/// Reads a client out of a request.
pub fn of(request: &Request, trusted_proxies: usize, transport: Transport) -> Client {
    let headers = request.headers();
    Client {
        ip: address(request, trusted_proxies),
        request_id: request_id(headers),
        name: text(headers, "x-client-name").or_else(|| text(headers, "apollographql-client-name")),
        accept_language: text(headers, ACCEPT_LANGUAGE.as_str()),
        user_agent: text(headers, USER_AGENT.as_str()),
        transport,
    }
}

/// The bearer of a request, or what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer<'a> {
    /// No `Authorization` at all.
    None,
    /// A token.
    Token(&'a str),
    /// Something that is no bearer token.
    Malformed,
}

/// Reads `Authorization: Bearer ...`.
pub fn bearer(headers: &HeaderMap) -> Bearer<'_> {
    match headers.get(AUTHORIZATION) {
        None => Bearer::None,
        Some(value) => value.to_str().map_or(Bearer::Malformed, bearer_text),
    }
}

/// Reads the value of an `Authorization` header.
pub fn bearer_text(value: &str) -> Bearer<'_> {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Bearer::Token(token.trim()),
        _ => Bearer::Malformed,
    }
}

/// Proxies append the address they saw; only as many of them as we run are believed.
fn address(request: &Request, trusted_proxies: usize) -> Option<IpAddr> {
    let peer = request.remote_addr().as_socket_addr().map(|address| address.ip());
    if trusted_proxies == 0 {
        return peer;
    }
    let lists = request.headers().get_all("x-forwarded-for");
    let seen: Vec<&str> = lists.iter().filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).collect();
    let nth = seen.len().checked_sub(trusted_proxies).and_then(|index| seen.get(index));
    nth.and_then(|text| text.trim().parse().ok()).or(peer)
}

/// A sane id from outside is kept, so that logs of several services meet; else one is made.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let sane =
        |id: &&str| (8..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    match headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(sane) {
        Some(id) => id.into(),
        None => uuid::Uuid::now_v7().to_string().into(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<Box<str>> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text[..text.floor_char_boundary(MAX_TEXT)].into())
}
