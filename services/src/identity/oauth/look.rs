//! What a token of a client's own is, and its end.

use super::credentials::{Client, OauthError, Result};
use super::held::{is_refresh_token, look};
use super::refresh;
use crate::audit::NewAudit;
use crate::identity::caller;
use crate::identity::keys::{ClientClaims, Told};
use crate::{Doorway, sql};
use entities::identity::{OauthClientId, OauthGrantId};
use uuid::Uuid;

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
    /// Of an access token.
    pub id: Option<Uuid>,
}

/// What there is to say of a token; none unless it is good and the client's own. Who has no secret is told nothing.
pub async fn introspect(doorway: &Doorway, client: &Client, token: &str) -> Result<Option<Introspected>> {
    if !client.is_confidential() {
        return Err(OauthError::InvalidClient);
    }
    if is_refresh_token(token) {
        return introspect_refresh(doorway, client, token).await;
    }
    let Some(claims) = of_client(doorway, client, token).await else { return Ok(None) };
    if caller::authenticate(doorway.app(), token).await?.is_none() {
        return Ok(None);
    }
    let ClientClaims { iss, sub, aud, exp, iat, jti, scope, .. } = claims;
    Ok(Some(Introspected {
        client: client.id,
        subject: sub,
        scope,
        issuer: iss,
        audience: aud,
        issued_at: iat,
        expires_at: exp,
        id: Some(jti),
    }))
}

async fn introspect_refresh(doorway: &Doorway, client: &Client, token: &str) -> Result<Option<Introspected>> {
    let tx = doorway.read().await?;
    let found = refresh::find(&tx, client, token).await?.filter(|found| found.used_at.is_none());
    let Some(found) = found else { return Ok(None) };
    let grant = look(&tx, found.tenant_id, found.grant_id).await?;
    let Some(grant) = grant.filter(|grant| grant.is_good(doorway.now())) else { return Ok(None) };
    let claims = doorway.app().keys().client_claims(grant.user_id.0, client.id.0, grant.id.0, grant.scope());
    Ok(Some(Introspected {
        client: client.id,
        subject: claims.sub,
        scope: claims.scope,
        issuer: claims.iss,
        audience: claims.aud,
        issued_at: found.created_at.0 / 1_000_000,
        expires_at: grant.expires_at.0 / 1_000_000,
        id: None,
    }))
}

/// Ends what a token of the client's own stands for, with all its tokens (RFC 7009); of any other nothing is said.
pub async fn revoke(doorway: &Doorway, client: &Client, token: &str) -> Result<()> {
    let Some(grant) = grant_of(doorway, client, token).await? else { return Ok(()) };
    let tx = doorway.begin().await?;
    let end = tx.statement(sql!("revoke_grant.sql")).bind("tenant", client.tenant_id).bind("client", client.id);
    if end.bind("id", grant).bind("now", doorway.now()).run().await? > 0 {
        let act = NewAudit::of("identity.oauth_grant.revoke").on("OauthClient", client.id).with("because", "asked for by the client");
        tx.audit(Some(client.tenant_id), None, act);
    }
    tx.commit().await?;
    doorway.app().standings().forget();
    Ok(())
}

async fn grant_of(doorway: &Doorway, client: &Client, token: &str) -> Result<Option<OauthGrantId>> {
    if is_refresh_token(token) {
        let found = refresh::find(&doorway.read().await?, client, token).await?;
        return Ok(found.map(|found| found.grant_id));
    }
    Ok(of_client(doorway, client, token).await.map(|claims| OauthGrantId(claims.gid)))
}

async fn of_client(doorway: &Doorway, client: &Client, token: &str) -> Option<ClientClaims> {
    match caller::told(doorway.app(), token).await? {
        Told::Client(claims) if claims.client_id == client.id.0 => Some(claims),
        _ => None,
    }
}
