//! Where people are sent back to: addresses that a client registered, compared to the letter (RFC 9700 section 2.1).

use crate::locale::Locale;
use crate::{Code, Refusals};
use reqwest::Url;

/// Most addresses of a client.
const MOST: usize = 10;
/// In bytes.
const LONGEST: usize = 500;

/// The addresses as a client's row keeps them, where all of them may be.
pub(super) fn check(uris: &[String], locale: Locale, refusals: &mut Refusals) -> String {
    if uris.len() > MOST {
        refusals.add(Code::LimitReached, "redirectUris", locale.say("list-full", &[("most", MOST.to_string())]));
    }
    for uri in uris.iter().filter(|uri| !is_good(uri)) {
        let shown = uri.chars().take(LONGEST).collect();
        refusals.add(Code::Invalid, "redirectUris", locale.say("oauth-redirect-uri", &[("uri", shown)]));
    }
    let mut once: Vec<&str> = Vec::new();
    for uri in uris {
        if !once.contains(&uri.as_str()) {
            once.push(uri);
        }
    }
    once.join(" ")
}

/// Whether a client with these addresses may have people sent to this one.
pub(super) fn allow(registered: &str, asked: &str) -> bool {
    registered.split_whitespace().any(|uri| uri == asked || differs_in_port(uri, asked))
}

/// A program on the person's own machine is given its port by the system, each time another one (RFC 8252 section 7.3).
fn differs_in_port(registered: &str, asked: &str) -> bool {
    let (Ok(mut mine), Ok(theirs)) = (Url::parse(registered), Url::parse(asked)) else { return false };
    let by_address = mine.scheme() == "http" && matches!(mine.host_str(), Some("127.0.0.1" | "[::1]"));
    by_address && is_good(asked) && mine.set_port(theirs.port()).is_ok() && mine == theirs
}

/// An address that leads to one place whoever reads it: written in full and as every parser writes it, over TLS or on the person's
/// own machine, and with nothing in it that could be filled in later.
fn is_good(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let plain = url.as_str() == text || url.path() == "/" && url.as_str().strip_suffix('/') == Some(text);
    let reached = match url.scheme() {
        "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
        _ => false,
    };
    let whole = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    plain && reached && whole && text.len() <= LONGEST && !text.contains(['*', '\\'])
}

/// An address with more parameters behind those it has.
pub(super) fn with(uri: &str, params: &[(&str, &str)]) -> String {
    match Url::parse(uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(params);
            url.into()
        }
        Err(_) => uri.to_owned(),
    }
}

/// The parameters of a query.
pub(super) fn params_of(query: &str) -> Vec<(String, String)> {
    let mut url = Url::parse("https://localhost/").ok();
    url.iter_mut().for_each(|url| url.set_query(Some(query)));
    url.iter().flat_map(Url::query_pairs).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Scheme, host and port of an address.
pub fn origin_of(uri: &str) -> Option<String> {
    Url::parse(uri).ok().map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_one_place_or_is_refused() {
        for good in [
            "https://app.example/back",
            "https://app.example",
            "https://app.example/",
            "https://app.example:8443/back?kind=teranga",
            "http://127.0.0.1:4321/back",
            "http://[::1]/back",
            "http://localhost:3000/back",
        ] {
            assert!(is_good(good), "{good}");
        }
        for bad in [
            "",
            "app.example",
            "/back",
            "//app.example/back",
            "http://app.example/back",
            "https://*.app.example/back",
            "https://app.example/*",
            "https://app.example/back#",
            "https://app.example/back#x",
            "https://me@app.example/back",
            "https://me:it@app.example/back",
            "https://app.example\\@other.example/",
            "https:app.example/back",
            "https:///app.example/back",
            "https://APP.example/back",
            "https://app.example:443/back",
            "https://app.example/a/../back",
            "https://app.example/two words",
            " https://app.example/back",
            "https://app.example/back\n",
            "http://127.0.0.1.other.example/",
            "http://127.1/back",
            "http://localhost.other.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:/back",
            &format!("https://app.example/{}", "a".repeat(LONGEST)),
        ] {
            assert!(!is_good(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_registered_is_compared_to_the_letter_but_for_ports_of_the_own_machine() {
        let registered = "https://app.example/back http://127.0.0.1/back http://[::1]:8000/back http://localhost:3000/back";
        for good in ["https://app.example/back", "http://127.0.0.1/back", "http://127.0.0.1:50123/back", "http://[::1]:9/back"] {
            assert!(allow(registered, good), "{good}");
        }
        for bad in [
            "https://app.example/back/",
            "https://app.example/back?x=1",
            "https://app.example:8443/back",
            "https://app.example/Back",
            "https://app.example/back https://app.example/back",
            "http://127.0.0.1:50123/back/x",
            "http://127.0.0.1:50123/back?x=1",
            "http://127.0.0.1:50123/back#x",
            "https://127.0.0.1:50123/back",
            "http://me@127.0.0.1:50123/back",
            "http://127.0.0.2/back",
            "http://localhost:3001/back",
            "",
            " ",
        ] {
            assert!(!allow(registered, bad), "{bad}");
        }
        assert!(!allow("", ""), "a client without an address has nowhere");
    }

    #[test]
    fn what_an_address_says_already_stays() {
        let sent = with("https://app.example/back?kind=teranga", &[("code", "a+b"), ("state", "é&x=1")]);
        assert_eq!(sent, "https://app.example/back?kind=teranga&code=a%2Bb&state=%C3%A9%26x%3D1");
        assert_eq!(with("https://app.example", &[("code", "a")]), "https://app.example/?code=a");
        assert_eq!(origin_of("https://app.example:8443/back?x").as_deref(), Some("https://app.example:8443"));
    }
}
