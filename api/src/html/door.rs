//! Whoever stands before a page: from where they come, and how often they may try.

use crate::edge::address_of;
use poem::Request;
use poem::http::header;
use services::audit::Asked;
use services::limits::{Bucket, Taken};
use services::locale::Locale;
use services::{App, Doorway};
use std::sync::Arc;

/// The doorway of a page; it knows where its request came from.
pub fn doorway(app: &App, request: &Request, locale: Locale) -> Doorway {
    let asked = Asked {
        address: address_of(request, &app.settings().trusted_proxies).map(|address| address.to_string()),
        user_agent: request.header(header::USER_AGENT).map(str::to_owned),
        ..Asked::default()
    };
    Doorway::new(app, locale).asked_in(Some(Arc::new(asked)))
}

/// Takes one try from those of the request's address, as the API does for an attempt to sign in.
pub async fn may_try(app: &App, request: &Request) -> bool {
    let address = address_of(request, &app.settings().trusted_proxies);
    !matches!(app.limiter().take(Bucket::address(address), 1, app.now()).await, Taken::Refused { .. })
}
