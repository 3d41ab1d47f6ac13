//! GraphiQL: the page for people, in development only, from our own bytes.

use std::io::Read;

use flate2::read::GzDecoder;
use http::StatusCode;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, VARY};
use poem::{Request, Response};

use super::settings::Settings;

/// Where the parts of the page are.
pub const PREFIX: &str = "/graphiql/";

const PAGE: &str = include_str!("../../assets/graphiql/index.html");
const WELCOME: &str = include_str!("../../assets/graphiql/welcome.graphql");
const VERSION: HeaderValue = HeaderValue::from_static("\"graphiql-2.4.7-3\"");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct Part {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
    packed: bool,
}

macro_rules! parts {
    ($($name:literal $media:literal $packed:literal $file:literal,)*) => {
        &[$(Part { name: $name, media: $media, packed: $packed, bytes: include_bytes!(concat!("../../assets/graphiql/", $file)) },)*]
    };
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const PARTS: &[Part] = parts! {
    "graphiql.min.js" "js" true "graphiql.min.js.gz",
    "graphiql.min.css" "css" true "graphiql.min.css.gz",
    "react.production.min.js" "js" true "react.production.min.js.gz",
    "react-dom.production.min.js" "js" true "react-dom.production.min.js.gz",
    "graphql-ws.min.js" "js" true "graphql-ws.min.js.gz",
    "upload.js" "js" false "upload.js",
    "page.js" "js" false "page.js",
    "page.css" "css" false "page.css",
};

/// The page, with a welcome in the editor.
pub fn page() -> Response {
    let html = PAGE.replace("{{welcome}}", WELCOME);
    let mut response = Response::builder().content_type("text/html; charset=utf-8").body(html);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("content-security-policy"), HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// One part of the page; the parts are kept packed, and unpacked for whoever cannot read that.
pub fn asset(settings: &Settings, request: &Request) -> Response {
    let name = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
    let part = PARTS.iter().find(|part| part.name == name && !settings.production);
    let Some(part) = part else {
        return Response::builder().status(StatusCode::NOT_FOUND).finish();
    };
    if request.headers().get(IF_NONE_MATCH) == Some(&VERSION) {
        return cached(Response::builder().status(StatusCode::NOT_MODIFIED).finish());
    }
    let accepts = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let reads_gzip = accepts.is_some_and(|value| value.contains("gzip"));
    let body = if part.packed && !reads_gzip { unpacked(part.bytes) } else { part.bytes.to_vec() };
    let media = if part.media == "css" { STYLE } else { SCRIPT };
    let mut response = Response::builder().content_type(media).body(body);
    if part.packed && reads_gzip {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    cached(response)
}

fn cached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ETAG, VERSION);
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut out).expect("our own bytes are sound");
    out
}
