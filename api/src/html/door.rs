//! Whoever stands before a page: from where they come, and how often they may try.

use crate::edge::address_of;
use poem::Request;
use poem::http::header;
use services::audit::Asked;
use services::limits::{Bucket, Taken};
use services::locale::Locale;
use services::{App, Doorway};
use std::sync::Arc;

/// What the audit log says of a page's request.
pub fn asked(app: &App, request: &Request) -> Arc<Asked> {
    Arc::new(Asked {
        operation: Some(request.uri().path().to_owned()),
        request_id: request.header("x-request-id").map(Into::into),
        address: address_of(request, &app.settings().trusted_proxies).map(|address| address.to_string()),
        user_agent: request.header(header::USER_AGENT).map(str::to_owned),
    })
}

/// The doorway of a page; it knows where its request came from.
pub fn doorway(app: &App, request: &Request, locale: Locale) -> Doorway {
    Doorway::new(app, locale).asked_in(Some(asked(app, request)))
}

/// Takes one try from those of the request's address, as the API does for an attempt to sign in.
pub async fn may_try(app: &App, request: &Request) -> bool {
    let address = address_of(request, &app.settings().trusted_proxies);
    !matches!(app.limiter().take(Bucket::address(address), 1, app.now()).await, Taken::Refused { .. })
}
