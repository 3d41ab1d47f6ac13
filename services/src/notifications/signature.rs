//! That a callback comes from Twilio: HMAC-SHA1 over our public address and the fields.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Whether the signature is right for this address, with its port or without.
pub fn is_genuine(token: &str, url: &str, params: &[(String, String)], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature) else { return false };
    spellings(url).iter().any(|url| bool::from(expected(token, url, params).ct_eq(&given)))
}

/// Whether a JSON body is the one whose hash the signed address carries; its fields take no part in the signature.
pub fn is_body_of(url: &str, body: &[u8]) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let given = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="));
    let hash = hex::encode(Sha256::digest(body));
    given.is_some_and(|given| bool::from(hash.as_bytes().ct_eq(given.to_ascii_lowercase().as_bytes())))
}

fn expected(token: &str, url: &str, params: &[(String, String)]) -> Vec<u8> {
    // Sorted by name; a name's values sorted, each once.
    let mut sorted: BTreeMap<&str, std::collections::BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in params {
        sorted.entry(name).or_default().insert(value);
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("a key of any length will do");
    mac.update(url.as_bytes());
    for (name, values) in sorted {
        for value in values {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
    }
    mac.finalize().into_bytes().to_vec()
}

/// The address as given, without its port, and with the port its scheme implies.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    match authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())) {
        Some((host, _)) => all.push(format!("{scheme}://{host}{path}")),
        None => all.push(format!("{scheme}://{authority}:{}{path}", if scheme == "https" { 443 } else { 80 })),
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn fields(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn agrees_with_the_golden_vectors() {
        let call = fields(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ]);
        assert!(is_genuine("12345", URL, &call, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        let repeated = fields(&[("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]);
        assert!(is_genuine("12345", URL, &repeated, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        assert!(is_body_of(&format!("{URL}&bodySHA256={hash}"), br#"{"property": "value", "boolean": true}"#));
        assert!(!is_body_of(&format!("{URL}&bodySHA256={hash}"), b"{}") && !is_body_of(URL, b"{}"));
    }

    #[test]
    fn takes_the_address_with_its_port_or_without() {
        let params = fields(&[("A", "1")]);
        let sign = |url: &str| STANDARD.encode(expected("t", url, &params));
        for (ours, signed) in [
            ("https://a.example/x?q=1", "https://a.example:443/x?q=1"),
            ("https://a.example:8443/x", "https://a.example/x"),
            ("http://a.example/x", "http://a.example:80/x"),
        ] {
            assert!(is_genuine("t", ours, &params, &sign(signed)), "{signed}");
        }
        assert!(!is_genuine("t", "https://a.example/x", &params, &sign("https://b.example/x")));
        assert!(!is_genuine("u", "https://a.example/x", &params, &sign("https://a.example/x")));
        assert!(!is_genuine("t", "https://a.example/x", &fields(&[("A", "2")]), &sign("https://a.example/x")));
        assert!(!is_genuine("t", "https://a.example/x", &params, "not base64"));
    }
}
