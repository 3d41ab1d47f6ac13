//! Who is on the other end: address, request id, name.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT};
use poem::Request;
use services::settings::Network;

use crate::edge::engine::{Client, Transport};

const MAX_ID: usize = 64;
const MAX_TEXT: usize = 200;

/// Reads a client out of a request.
pub fn of(request: &Request, trusted: &[Network], transport: Transport) -> Client {
    let headers = request.headers();
    Client {
        ip: address_of(request, trusted),
        request_id: request_id(headers),
        name: text(headers, "x-client-name").or_else(|| text(headers, "apollographql-client-name")),
        accept_language: text(headers, ACCEPT_LANGUAGE.as_str()),
        user_agent: text(headers, USER_AGENT.as_str()),
        transport,
    }
}

/// The address a request comes from, with trusted proxies taken into account.
pub fn address_of(request: &Request, trusted: &[Network]) -> Option<IpAddr> {
    peer(request).map(|peer| address(peer, request.headers(), trusted))
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

/// The address at the other end of the connection.
pub fn peer(request: &Request) -> Option<IpAddr> {
    request.remote_addr().as_socket_addr().map(|address| address.ip().to_canonical())
}

/// Each proxy appends the address it saw. What a trusted one wrote is believed, from the end backwards to the first that
/// is no trusted proxy itself; whatever stands before that is hearsay.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let lists = headers.get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok());
    let mut told: Vec<&str> = lists.flat_map(|list| list.split(',')).collect();
    let mut client = peer;
    while trusted.iter().any(|network| network.contains(client)) {
        match told.pop().and_then(|text| text.trim().parse::<IpAddr>().ok()) {
            Some(before) => client = before.to_canonical(),
            None => break,
        }
    }
    client
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_trusted_proxies_and_nobody_else() {
        let trusted = ["10.0.0.0/8", "::1"].map(|text| text.parse().unwrap());
        for (peer, told, client) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.0.0.2", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.2", &["6.6.6.6, 198.51.100.1, 10.0.0.7"], "198.51.100.1"),
            ("10.0.0.2", &["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.2", &["198.51.100.1, unknown"], "10.0.0.2"),
            ("10.0.0.2", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("10.0.0.2", &["10.0.0.8"], "10.0.0.8"),
            ("10.0.0.2", &[], "10.0.0.2"),
        ] {
            let mut headers = HeaderMap::new();
            for list in told {
                headers.append("x-forwarded-for", list.parse().unwrap());
            }
            assert_eq!(address(peer.parse().unwrap(), &headers, &trusted), client.parse::<IpAddr>().unwrap(), "{peer} {told:?}");
            assert_eq!(address(peer.parse().unwrap(), &headers, &[]), peer.parse::<IpAddr>().unwrap(), "nobody is trusted by default");
        }
    }
}
