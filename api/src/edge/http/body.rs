//! Reads a body no further than its limit, and no longer than its time.

use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use poem::Request;
use poem::error::ReadBodyError;
use tokio_tungstenite::tungstenite::Bytes;

use crate::edge::errors::{Code, Fault};

const TIME: Duration = Duration::from_secs(15);

/// Only JSON in UTF-8; anything else could be sent by a form of another site.
pub fn check_type(headers: &HeaderMap) -> Result<(), (StatusCode, Fault)> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut pieces = given.split(';').map(str::trim);
    let json = pieces.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let utf8 = pieces
        .filter_map(|piece| piece.split_once('='))
        .all(|(name, value)| !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if json && utf8 {
        return Ok(());
    }
    let fault = Fault::input("The body must be `application/json` in UTF-8.");
    Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, fault))
}

/// Reads a body of at most `limit` bytes.
pub async fn read(request: &mut Request, limit: usize) -> Result<Bytes, (StatusCode, Fault)> {
    let too_large = || (StatusCode::PAYLOAD_TOO_LARGE, Fault::complex(format!("The body is over {limit} bytes.")));
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    match tokio::time::timeout(TIME, request.take_body().into_bytes_limit(limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(too_large()),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, Fault::new(Code::ParseFailed, "The body could not be read."))),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, Fault::said(Code::ParseFailed, "error-body-late"))),
    }
}
