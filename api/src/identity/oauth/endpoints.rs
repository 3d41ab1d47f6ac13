//! The doors of the authorization server: tokens (RFC 6749), their end (RFC 7009), what they are (RFC 7662), and where all of this
//! stands (RFC 8414).

use super::answer::{Answer, failed, introspected, json, tokens, too_many};
use super::asked::{Asked, read};
use super::authorize;
use crate::edge::address_of;
use crate::html;
use poem::http::{StatusCode, header};
use poem::web::Data;
use poem::{Body, Request, Response, Route, get, handler, post};
use serde_json::json as value;
use services::App;
use services::identity::Permission;
use services::identity::oauth::{self, Client, Exchange, OauthError};
use services::limits::{Bucket, Taken};
use services::locale::Locale;

/// Adds the doors to the API's other routes.
pub fn routes(routes: Route) -> Route {
    let routes = routes.at("/.well-known/oauth-authorization-server", get(metadata));
    let routes = routes.at("/oauth/token", post(issue)).at("/oauth/revoke", post(revoke)).at("/oauth/introspect", post(introspect));
    authorize::routes(routes)
}

#[handler]
fn metadata(app: Data<&App>) -> Response {
    let issuer = &app.settings().public_url;
    let (secret, any) = (["client_secret_basic", "client_secret_post"], ["client_secret_basic", "client_secret_post", "none"]);
    let scopes: Vec<&str> = Permission::ALL.iter().map(|permission| permission.code()).collect();
    let said = value!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "introspection_endpoint": format!("{issuer}/oauth/introspect"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": any,
        "revocation_endpoint_auth_methods_supported": any,
        "introspection_endpoint_auth_methods_supported": secret,
    });
    Response::builder().content_type("application/json").header(header::CACHE_CONTROL, "public, max-age=300").body(said.to_string())
}

#[handler]
async fn issue(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked, client| {
        let issued = match asked.need("grant_type", "grant_type is missing")? {
            "client_credentials" => oauth::issue(&asked.doorway, client, asked.get("scope")).await?,
            "authorization_code" => {
                let shown = Exchange {
                    code: asked.need("code", "code is missing")?,
                    redirect_uri: asked.need("redirect_uri", "redirect_uri is missing")?,
                    verifier: asked.need("code_verifier", "code_verifier is missing")?,
                };
                oauth::exchange(&asked.doorway, client, &shown).await?
            }
            "refresh_token" => {
                let token = asked.need("refresh_token", "refresh_token is missing")?;
                oauth::refresh(&asked.doorway, client, token, asked.get("scope")).await?
            }
            _ => return Err(OauthError::UnsupportedGrantType),
        };
        Ok(tokens(issued))
    })
    .await
}

#[handler]
async fn revoke(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked, client| {
        let token = asked.need("token", "token is missing")?;
        oauth::revoke(&asked.doorway, client, token).await.map(|()| value!({}))
    })
    .await
}

#[handler]
async fn introspect(app: Data<&App>, request: &Request, body: Body) -> Response {
    answered(&app, request, body, async |asked, client| {
        let token = asked.need("token", "token is missing")?;
        Ok(introspected(oauth::introspect(&asked.doorway, client, token).await?))
    })
    .await
}

/// Reads a request, says who asks, counts it and answers it. A client that showed its secret is counted for itself, as a user is;
/// anybody else for their address, so that nobody uses up what a client has.
async fn answered(app: &App, request: &Request, body: Body, act: impl AsyncFn(&Asked, &Client) -> Answer) -> Response {
    let by_header = request.headers().contains_key(header::AUTHORIZATION);
    let known = known(app, request, body).await;
    let bucket = match &known {
        Ok((_, client)) if client.is_confidential() => Bucket::User(client.id().0),
        _ => Bucket::address(address_of(request, &app.settings().trusted_proxies)),
    };
    if let Taken::Refused { wait, .. } = app.limiter().take(bucket, 1, app.now()).await {
        return too_many(wait);
    }
    let done = match known {
        Ok((asked, client)) => act(&asked, &client).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(said) => json(StatusCode::OK, &said),
        Err(error) => failed(&error, by_header),
    }
}

async fn known(app: &App, request: &Request, body: Body) -> Result<(Asked, Client), OauthError> {
    let asked = read(html::doorway(app, request, Locale::default()), request, body).await?;
    let client = oauth::authenticate(&asked.doorway, &asked.credentials()?).await?;
    Ok((asked, client))
}
