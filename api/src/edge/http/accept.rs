//! Which media type a client takes, by the weights it gives.

use http::HeaderMap;
use http::header::ACCEPT;

/// The two shapes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells what happened.
    Response,
    /// `application/json`: old clients, which drop the body of a 4xx.
    Legacy,
}

impl Media {
    /// The header value.
    pub fn content_type(self) -> &'static str {
        match self {
            Media::Response => "application/graphql-response+json; charset=utf-8",
            Media::Legacy => "application/json; charset=utf-8",
        }
    }
}

/// The best type for a client; `None` when it takes neither.
pub fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let mut named = headers.get_all(ACCEPT).iter().peekable();
    if named.peek().is_none() {
        return Some(Media::Legacy);
    }
    let (mut response, mut legacy) = (Weight::default(), Weight::default());
    for part in named.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
        weigh(part, &mut response, &mut legacy);
    }
    match (response.value, legacy.value) {
        (0, 0) => None,
        (response, legacy) if response >= legacy => Some(Media::Response),
        _ => Some(Media::Legacy),
    }
}

/// Whether a browser asks for a page.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}

/// The weight of the most specific range that matched.
#[derive(Default)]
struct Weight {
    value: u16,
    specific: u8,
}

impl Weight {
    fn set(&mut self, value: u16, specific: u8) {
        if specific > self.specific || (specific == self.specific && value > self.value) {
            *self = Weight { value, specific };
        }
    }
}

fn weigh(part: &str, response: &mut Weight, legacy: &mut Weight) {
    let mut pieces = part.split(';').map(str::trim);
    let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
    let Some(weight) = weight(pieces) else { return };
    match range.as_str() {
        "application/graphql-response+json" => response.set(weight, 3),
        "application/json" => legacy.set(weight, 3),
        "application/*" => legacy.set(weight, 2),
        "*/*" => legacy.set(weight, 1),
        _ => {}
    }
}

/// Thousandths; `None` when a parameter cannot be met.
fn weight<'a>(parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let mut weight = 1_000;
    for parameter in parameters {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => weight = thousandths(value),
            "charset" if !value.eq_ignore_ascii_case("utf-8") && !value.eq_ignore_ascii_case("utf8") => {
                return None;
            }
            _ => {}
        }
    }
    Some(weight)
}

fn thousandths(value: &str) -> u16 {
    let weight: f32 = value.parse().unwrap_or(0.0);
    (weight.clamp(0.0, 1.0) * 1_000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, value.parse().unwrap());
        negotiate(&headers)
    }

    #[test]
    fn follows_the_table() {
        use Media::{Legacy, Response};
        let table = [
            ("*/*", Some(Legacy)),
            ("application/*", Some(Legacy)),
            ("application/json", Some(Legacy)),
            ("application/graphql-response+json", Some(Response)),
            ("application/graphql-response+json; charset=utf-8, application/json", Some(Response)),
            ("application/json, application/graphql-response+json;q=0.9", Some(Legacy)),
            ("application/graphql-response+json;q=0.9, application/json;q=0.5", Some(Response)),
            ("application/graphql-response+json, */*;q=0.1", Some(Response)),
            ("application/graphql-response+json;q=0, application/json", Some(Legacy)),
            ("application/json;q=0, */*", None),
            ("application/json; charset=latin1", None),
            ("text/html", None),
            ("", None),
        ];
        for (value, media) in table {
            assert_eq!(accept(value), media, "{value}");
        }
        assert_eq!(negotiate(&HeaderMap::new()), Some(Legacy));
    }
}
