//! What a client asks the authorization server for.

use super::noted;
use crate::identity::api_tokens::is_secret;
use crate::identity::keys::{self, ClientClaims, Told};
use crate::identity::{Permission, caller, policies};
use crate::scope::DoorwayTx;
use crate::{Doorway, Error, sql};
use entities::TenantId;
use entities::identity::membership::MembershipStatus;
use entities::identity::{MembershipId, OauthClientId, OauthGrantId};
use uuid::Uuid;

/// Why a client is not given what it asks for (RFC 6749 section 5.2).
#[derive(Debug)]
pub enum OauthError {
    InvalidRequest(&'static str),
    /// Unknown, or with a wrong secret: the two are never told apart.
    InvalidClient,
    /// Its service account may not act.
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    Failed(Error),
}

impl From<Error> for OauthError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

type Result<T> = std::result::Result<T, OauthError>;

/// What a client shows.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client: String,
    pub secret: String,
}

/// An access token, as it is handed out.
#[derive(Clone, Debug)]
pub struct Issued {
    pub access_token: String,
    pub expires_in: i64,
    pub scope: String,
}

/// What a client is told of a good token of its own (RFC 7662).
#[derive(Clone, Debug)]
pub struct Introspected {
    pub client: OauthClientId,
    pub subject: Uuid,
    pub scope: String,
    pub issuer: String,
    pub audience: String,
    pub issued_at: i64,
    pub expires_at: i64,
    pub id: Uuid,
}

#[derive(sea_orm::FromQueryResult)]
struct Client {
    tenant_id: TenantId,
    id: OauthClientId,
    membership_id: MembershipId,
    status: MembershipStatus,
    secret_hash: Vec<u8>,
    scopes: String,
}

/// Issues an access token to a client for itself (RFC 6749 section 4.4); without scopes, for all it may have.
pub async fn issue(doorway: &Doorway, credentials: &Credentials, scope: Option<&str>) -> Result<Issued> {
    let issued = issue_to(doorway, credentials, scope).await;
    issued.inspect_err(|error| noted::refused(&credentials.client, error))
}

async fn issue_to(doorway: &Doorway, credentials: &Credentials, scope: Option<&str>) -> Result<Issued> {
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let client = client(&tx, credentials).await?;
    if client.status != MembershipStatus::Active {
        return Err(OauthError::UnauthorizedClient);
    }
    let scope = narrowed(&client.scopes, scope)?;
    let (id, now): (OauthGrantId, _) = (doorway.new_id(), doorway.now());
    // As long as the organisation's policy says of people's.
    let expires_at = now.plus(policies::of_tenant(&tx, Some(client.tenant_id)).await?.access_life());
    noted::issued(&tx, client.tenant_id, client.id, &scope, now).await?;
    let insert = tx.statement(sql!("insert_grant.sql")).bind("tenant", client.tenant_id).bind("id", id).bind("client", client.id);
    let insert = insert.bind("membership", client.membership_id).bind("scopes", scope.clone());
    insert.bind("now", now).bind("expires", expires_at).run().await?;
    tx.commit().await?;
    let (iat, exp) = (now.0 / 1_000_000, expires_at.0 / 1_000_000);
    let claims = doorway.app().keys().client_claims(client.membership_id.0, client.id.0, id.0, scope.clone());
    let access_token = doorway.app().keys().sign(&ClientClaims { iat, exp, ..claims }, now.0)?;
    Ok(Issued { access_token, expires_in: exp - iat, scope })
}

/// The client that shows its secret.
async fn client(tx: &DoorwayTx, credentials: &Credentials) -> Result<Client> {
    let id: Uuid = credentials.client.parse().map_err(|_| OauthError::InvalidClient)?;
    let found = tx.statement(sql!("client.sql")).bind("id", id).one::<Client>().await?;
    found.filter(|client| is_secret(&credentials.secret, &client.secret_hash)).ok_or(OauthError::InvalidClient)
}

/// The scopes asked for, if the client may have all of them.
fn narrowed(allowed: &str, asked: Option<&str>) -> Result<String> {
    let allowed: Vec<&str> = allowed.split(' ').filter(|code| Permission::of_code(code).is_some()).collect();
    let Some(asked) = asked else { return Ok(allowed.join(" ")) };
    let mut asked: Vec<&str> = asked.split(' ').filter(|code| !code.is_empty()).collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() || asked.iter().any(|code| !allowed.contains(code)) {
        return Err(OauthError::InvalidScope);
    }
    Ok(asked.join(" "))
}

/// What there is to say of a token; none unless it is good and the client's own.
pub async fn introspect(doorway: &Doorway, credentials: &Credentials, token: &str) -> Result<Option<Introspected>> {
    let client = client(&doorway.read().await?, credentials).await?;
    let Some(claims) = of_client(doorway, &client, token).await else { return Ok(None) };
    if caller::authenticate(doorway.app(), token).await?.is_none() {
        return Ok(None);
    }
    let ClientClaims { iss, sub, aud, exp, iat, jti, scope, .. } = claims;
    Ok(Some(Introspected { client: client.id, subject: sub, scope, issuer: iss, audience: aud, issued_at: iat, expires_at: exp, id: jti }))
}

/// Ends what a token of the client's own stands for (RFC 7009); of any other nothing is said.
pub async fn revoke(doorway: &Doorway, credentials: &Credentials, token: &str) -> Result<()> {
    let client = client(&doorway.read().await?, credentials).await?;
    let Some(claims) = of_client(doorway, &client, token).await else { return Ok(()) };
    let tx = doorway.begin().await?;
    let end = tx.statement(sql!("revoke_grant.sql")).bind("tenant", client.tenant_id).bind("client", client.id);
    end.bind("id", claims.jti).bind("now", doorway.now()).run().await?;
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}

async fn of_client(doorway: &Doorway, client: &Client, token: &str) -> Option<ClientClaims> {
    match caller::told(doorway.app(), token).await? {
        Told::Client(claims) if claims.client_id == client.id.0 => Some(claims),
        _ => None,
    }
}
