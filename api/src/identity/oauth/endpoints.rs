//! The doors of the authorization server: tokens (RFC 6749), their end (RFC 7009), what they are (RFC 7662), and where all of this
//! stands (RFC 8414).

use super::answer::{Answer, failed, json, too_many};
use crate::edge::address_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use poem::http::header;
use poem::web::{Data, Form};
use poem::{Body, FromRequest, Request, RequestBody, Response, Route, get, handler, post};
use serde_json::json as value;
use services::identity::Permission;
use services::identity::oauth::{self, Credentials, OauthError};
use services::limits::{Bucket, Taken};
use services::locale::Locale;
use services::{App, Doorway};
use std::collections::HashMap;

/// More than any request to these doors has.
const MOST_BYTES: usize = 16 << 10;

/// Adds the doors to the API's other routes.
pub fn routes(routes: Route) -> Route {
    let routes = routes.at("/.well-known/oauth-authorization-server", get(metadata));
    routes.at("/oauth/token", post(issue)).at("/oauth/revoke", post(revoke)).at("/oauth/introspect", post(introspect))
}

#[handler]
fn metadata(app: Data<&App>) -> Response {
    let issuer = &app.settings().public_url;
    let methods = ["client_secret_basic", "client_secret_post"];
    let scopes: Vec<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
    let said = value!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "introspection_endpoint": format!("{issuer}/oauth/introspect"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": scopes,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
    });
    Response::builder().content_type("application/json").header(header::CACHE_CONTROL, "public, max-age=300").body(said.to_string())
}

#[handler]
async fn issue(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked| {
        match asked.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return Err(OauthError::UnsupportedGrantType),
            None => return Err(OauthError::InvalidRequest("grant_type is missing")),
        }
        let issued = oauth::issue(&asked.doorway, &asked.credentials()?, asked.get("scope")).await?;
        Ok(value!({
            "access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in, "scope": issued.scope,
        }))
    })
    .await
}

#[handler]
async fn revoke(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked| {
        let token = asked.get("token").ok_or(OauthError::InvalidRequest("token is missing"))?;
        oauth::revoke(&asked.doorway, &asked.credentials()?, token).await.map(|()| value!({}))
    })
    .await
}

#[handler]
async fn introspect(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked| {
        let token = asked.get("token").ok_or(OauthError::InvalidRequest("token is missing"))?;
        let Some(found) = oauth::introspect(&asked.doorway, &asked.credentials()?, token).await? else {
            return Ok(value!({ "active": false }));
        };
        Ok(value!({
            "active": true, "token_type": "Bearer", "scope": found.scope, "client_id": found.client.to_string(),
            "sub": found.subject, "aud": found.audience, "iss": found.issuer, "jti": found.id,
            "iat": found.issued_at, "exp": found.expires_at,
        }))
    })
    .await
}

/// A request to one of the doors, read.
struct Asked {
    doorway: Doorway,
    /// `Authorization`, where it was sent.
    basic: Option<String>,
    form: HashMap<String, String>,
}

/// Counts the request for its address, reads it and answers it.
async fn answered(app: &App, request: &Request, body: Body, act: impl AsyncFn(&Asked) -> Answer) -> Response {
    let address = address_of(request, &app.settings().trusted_proxies);
    if let Taken::Refused { wait, .. } = app.limiter().take(Bucket::address(address), 1, app.now()).await {
        return too_many(wait);
    }
    let basic = request.header(header::AUTHORIZATION).map(str::to_owned);
    let by_header = basic.is_some();
    let done = match read(request, body).await {
        Ok(form) => act(&Asked { doorway: Doorway::new(app, Locale::default()), basic, form }).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(said) => json(poem::http::StatusCode::OK, &said),
        Err(error) => failed(&error, by_header),
    }
}

/// The parameters of the body; one that stands there twice makes it invalid (RFC 6749 section 3.2).
async fn read(request: &Request, body: Body) -> Result<HashMap<String, String>, OauthError> {
    let bytes = body.into_bytes_limit(MOST_BYTES).await.map_err(|_| OauthError::InvalidRequest("the body is too large"))?;
    let mut body = RequestBody::new(Body::from(bytes));
    let pairs = Form::<Vec<(String, String)>>::from_request(request, &mut body).await;
    let Form(pairs) = pairs.map_err(|_| OauthError::InvalidRequest("the body is no form"))?;
    let mut form = HashMap::new();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        if form.insert(name, value).is_some() {
            return Err(OauthError::InvalidRequest("a parameter is there twice"));
        }
    }
    Ok(form)
}

impl Asked {
    fn get(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(String::as_str)
    }

    /// Of the header or of the body, and never of both (RFC 6749 section 2.3).
    fn credentials(&self) -> Result<Credentials, OauthError> {
        match (&self.basic, self.get("client_secret")) {
            (Some(_), Some(_)) => Err(OauthError::InvalidRequest("the client shows its secret twice")),
            (Some(basic), None) => of_basic(basic).ok_or(OauthError::InvalidClient),
            (None, Some(secret)) => {
                let client = self.get("client_id").ok_or(OauthError::InvalidRequest("client_id is missing"))?;
                Ok(Credentials { client: client.to_owned(), secret: secret.to_owned() })
            }
            (None, None) => Err(OauthError::InvalidClient),
        }
    }
}

/// Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn of_basic(value: &str) -> Option<Credentials> {
    let (scheme, encoded) = value.split_once(' ')?;
    let joined = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let joined = String::from_utf8(joined).ok()?;
    let (client, secret) = joined.split_once(':')?;
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned());
    Some(Credentials { client: decoded(client)?, secret: decoded(secret)? })
}
