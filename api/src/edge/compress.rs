//! Compresses answers when the client can read them so and it is worth it.

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};
use poem::web::{Compress, CompressionAlgo, CompressionLevel};
use poem::{IntoResponse, Response};

/// Below this the headers weigh more than what is won.
const WORTH_IT: usize = 1024;
/// Brotli at 4 is as quick as gzip at 6, and smaller.
const BROTLI_LEVEL: i32 = 4;

/// Compresses an answer, or leaves it.
pub fn answer(response: Response, accept: Option<&HeaderValue>) -> Response {
    let mut response = response;
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
    let plain = response.status() != StatusCode::SWITCHING_PROTOCOLS && !response.headers().contains_key(CONTENT_ENCODING);
    let Some(algo) = accept.and_then(|accept| accept.to_str().ok()).and_then(best) else {
        return response;
    };
    if !plain || length(&response) < WORTH_IT {
        return response;
    }
    let level = match algo {
        CompressionAlgo::BR => CompressionLevel::Precise(BROTLI_LEVEL),
        _ => CompressionLevel::Default,
    };
    response.headers_mut().remove(CONTENT_LENGTH);
    Compress::new(response, algo).with_quality(level).into_response()
}

/// What the client accepts, from its headers.
pub fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ACCEPT_ENCODING).cloned()
}

/// Bodies of ours are whole, and say how long they are.
fn length(response: &Response) -> usize {
    let size = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    size.and_then(|size| size.parse().ok()).unwrap_or(0)
}

fn best(accept: &str) -> Option<CompressionAlgo> {
    let weight = |wanted: &str| {
        accept
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.split(';').map(str::trim);
                let name = pieces.next()?;
                let quality = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
                name.eq_ignore_ascii_case(wanted).then_some(quality)
            })
            .fold(0.0_f32, f32::max)
    };
    let (brotli, gzip) = (weight("br"), weight("gzip"));
    match () {
        () if brotli > 0.0 && brotli >= gzip => Some(CompressionAlgo::BR),
        () if gzip > 0.0 => Some(CompressionAlgo::GZIP),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_what_the_client_prefers() {
        assert_eq!(best("gzip, deflate, br"), Some(CompressionAlgo::BR));
        assert_eq!(best("gzip;q=1, br;q=0.5"), Some(CompressionAlgo::GZIP));
        assert_eq!(best("br;q=0, gzip"), Some(CompressionAlgo::GZIP));
        assert_eq!(best("identity"), None);
        assert_eq!(best("zstd;q=1, *;q=0"), None);
    }
}
