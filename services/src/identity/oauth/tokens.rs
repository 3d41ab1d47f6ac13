//! Access tokens: what a client is given, and the one it is given for itself.

use super::credentials::{Client, OauthError, Result};
use super::noted;
use crate::identity::keys::{self, ClientClaims};
use crate::identity::{Permission, policies};
use crate::{Doorway, sql};
use entities::Timestamp;
use entities::identity::OauthGrantId;
use entities::identity::membership::MembershipStatus;
use uuid::Uuid;

/// What a client is given, as it is handed out.
#[derive(Clone, Debug)]
pub struct Issued {
    pub access_token: String,
    pub expires_in: i64,
    pub scope: String,
    /// Where a person agreed: serves once, for the next of both.
    pub refresh_token: Option<String>,
}

/// Issues an access token to a client for itself (RFC 6749 section 4.4); without scopes, for all it may have.
pub async fn issue(doorway: &Doorway, client: &Client, scope: Option<&str>) -> Result<Issued> {
    let issued = issue_to(doorway, client, scope).await;
    issued.inspect_err(|error| noted::refused(&client.id.0.to_string(), error))
}

async fn issue_to(doorway: &Doorway, client: &Client, scope: Option<&str>) -> Result<Issued> {
    let active = client.membership_id.filter(|_| client.status == Some(MembershipStatus::Active) && client.is_confidential());
    let member = active.ok_or(OauthError::UnauthorizedClient)?;
    let scope = narrowed(&client.scopes, scope)?;
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let (id, now): (OauthGrantId, _) = (doorway.new_id(), doorway.now());
    // As long as the organisation's policy says of people's.
    let expires_at = now.plus(policies::of_tenant(&tx, Some(client.tenant_id)).await?.access_life());
    noted::issued(&tx, client.tenant_id, client.id, &scope, now).await?;
    let insert = tx.statement(sql!("insert_grant.sql")).bind("tenant", client.tenant_id).bind("id", id).bind("client", client.id);
    let insert = insert.bind("membership", member).bind("scopes", scope.clone());
    insert.bind("now", now).bind("expires", expires_at).run().await?;
    tx.commit().await?;
    sign(doorway, client, (id, member.0), scope, expires_at)
}

/// An access token of a grant, for whom the client acts as.
pub(super) fn sign(
    doorway: &Doorway,
    client: &Client,
    (grant, subject): (OauthGrantId, Uuid),
    scope: String,
    expires_at: Timestamp,
) -> Result<Issued> {
    let (app, now) = (doorway.app(), doorway.now());
    let (iat, exp) = (now.0 / 1_000_000, expires_at.0 / 1_000_000);
    let claims = app.keys().client_claims(subject, client.id.0, grant.0, scope.clone());
    let access_token = app.keys().sign(&ClientClaims { iat, exp, jti: app.new_id(), ..claims }, now.0)?;
    Ok(Issued { access_token, expires_in: exp - iat, scope, refresh_token: None })
}

/// The scopes asked for, if all of them are allowed; without any, those that are.
pub(super) fn narrowed(allowed: &str, asked: Option<&str>) -> Result<String> {
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
