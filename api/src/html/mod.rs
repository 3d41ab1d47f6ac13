//! Pages for people: one frame and one style, and no script.

mod door;
mod safe;

pub use door::{asked, doorway, may_try};
pub use safe::Safe;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::Response;
use poem::http::{StatusCode, header};
use services::locale::Locale;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = include_str!("style.css");

/// What a page may load: its own style, and nothing else. What its forms are sent to, and what that leads to, is of this site, and of
/// one other where it is named.
fn policy(beside: &str) -> String {
    static STYLED: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE.as_bytes())));
    let style = STYLED.as_str();
    format!("default-src 'none'; style-src 'sha256-{style}'; form-action 'self'{beside}; base-uri 'none'; frame-ancestors 'none'")
}

/// A whole page around its body.
pub fn frame(locale: Locale, title: &str, body: &str) -> String {
    let (lang, title) = (locale.code(), Safe(title));
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title} · Teranga</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

/// A page as an answer that nobody keeps.
pub fn answer(status: StatusCode, page: String) -> Response {
    under(status, page, &policy(""))
}

/// The same, of a page whose forms may lead to another site: browsers hold redirects of a form's answer to the policy, too. There
/// is no way to name an address of IPv6 in one, so that of the own machine stands for its scheme.
pub fn answer_leading_to(status: StatusCode, page: String, origin: &str) -> Response {
    let source = if origin.contains('[') { "http:" } else { origin };
    under(status, page, &policy(&format!(" {source}")))
}

fn under(status: StatusCode, page: String, policy: &str) -> Response {
    let response = Response::builder().status(status).content_type("text/html; charset=utf-8");
    response.header("content-security-policy", policy).header(header::CACHE_CONTROL, "no-store").body(page)
}
