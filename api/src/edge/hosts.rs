//! Which names we are called by: a request for another is not ours, and may be a page's that has its own name lead here.

use http::header::HOST;
use http::uri::Authority;
use poem::{Request, Response};

/// Whether a request names us, in `Host` and wherever else it names a server. Without a list any name does.
pub fn ours(request: &Request, hosts: &[String]) -> bool {
    if hosts.is_empty() || hosts.iter().any(|host| host == "*") {
        return true;
    }
    let known = |authority: &Authority| hosts.iter().any(|host| host.eq_ignore_ascii_case(authority.host()));
    let mut named = request.headers().get_all(HOST).iter().map(|host| Authority::try_from(host.as_bytes()));
    let one = matches!((named.next(), named.next()), (Some(Ok(host)), None) if known(&host));
    one && request.uri().authority().is_none_or(known)
}

/// The answer to a request for somebody else.
pub fn misdirected() -> Response {
    let answer = Response::builder().status(http::StatusCode::MISDIRECTED_REQUEST).content_type("text/plain; charset=utf-8");
    answer.body("This server is not called so (ALLOWED_HOSTS).")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(uri: &str, hosts: &[&str]) -> bool {
        let request = hosts.iter().fold(Request::builder().uri_str(uri), |request, host| request.header(HOST, *host)).finish();
        ours(&request, &["teranga.example".to_owned(), "[::1]".into()])
    }

    #[test]
    fn knows_its_names_with_any_port_and_no_others() {
        for host in ["teranga.example", "Teranga.Example:8443", "[::1]:8000"] {
            assert!(named("/graphql", &[host]), "{host}");
        }
        for host in ["evil.example", "teranga.example.evil.example", "teranga.example@evil.example", "", "a b", "::1", "127.0.0.1"] {
            assert!(!named("/graphql", &[host]), "{host}");
        }
        assert!(!named("/graphql", &[]) && !named("/graphql", &["teranga.example", "evil.example"]));
        assert!(named("http://teranga.example/graphql", &["teranga.example"]));
        assert!(!named("http://evil.example/graphql", &["teranga.example"]));
        let request = Request::builder().header(HOST, "evil.example").finish();
        assert!(ours(&request, &[]) && ours(&request, &["*".to_owned()]));
    }
}
