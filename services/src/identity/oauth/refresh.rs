//! Refresh tokens of clients: 256 random bits, of which each serves once.
//!
//! As those of sessions: the next follows from the last, so that whoever repeats the last one within ten seconds gets the very same
//! again (a lost answer is no theft), and any older one ends the grant. However often they are traded, they end 90 days after the
//! person agreed.

use super::credentials::{Client, OauthError, Result};
use super::held::{hash_of, hold, refresh_token_of};
use super::tokens::{Issued, narrowed};
use crate::identity::keys::{self, Purpose};
use crate::scope::DoorwayTx;
use crate::{Doorway, sql};
use chrono::TimeDelta;
use entities::identity::{OauthClientId, OauthGrantId, OauthRefreshTokenId};
use entities::{TenantId, Timestamp};

/// How long a used refresh token still gets its successor again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

#[derive(sea_orm::FromQueryResult)]
pub(super) struct Found {
    pub tenant_id: TenantId,
    id: OauthRefreshTokenId,
    pub grant_id: OauthGrantId,
    pub client_id: OauthClientId,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// Trades a refresh token for the next one and an access token, for all that was granted or for less of it.
pub async fn refresh(doorway: &Doorway, client: &Client, token: &str, scope: Option<&str>) -> Result<Issued> {
    client.asking_people()?;
    keys::fresh(doorway.app()).await;
    let (now, tx) = (doorway.now(), doorway.begin().await?);
    let found = find(&tx, client, token).await?.ok_or_else(|| refused(client, "none of its own"))?;
    let grant = hold(&tx, found.tenant_id, found.grant_id).await?;
    // As it is kept from here on.
    let found = find(&tx, client, token).await?.ok_or(OauthError::InvalidGrant)?;
    if !grant.is_good(now) {
        return Err(refused(client, "of a grant that is over"));
    }
    let child = successor(doorway, token);
    if let Some(used_at) = found.used_at {
        let next = find(&tx, client, &child).await?;
        if now.since(used_at) > GRACE || next.is_none_or(|next| next.used_at.is_some()) {
            grant.end(tx, doorway, "refresh token used twice").await?;
            return Err(OauthError::InvalidGrant);
        }
    }
    // What is left is asked of the grant, not of the token: narrowed once is not narrowed for good (RFC 6749 section 6).
    let scope = narrowed(&grant.scope(), scope)?;
    if scope.is_empty() {
        return Err(refused(client, "for nothing that the client may have"));
    }
    if found.used_at.is_none() {
        let spend = tx.statement(sql!("spend_refresh_token.sql")).bind("tenant", found.tenant_id).bind("id", found.id);
        spend.bind("now", now).run().await?;
        grant.insert_refresh_token(&tx, doorway, &child).await?;
        tx.commit().await?;
    }
    grant.issue(doorway, client, scope, child)
}

/// A refresh token of this client's; another's is as if it were not there.
pub(super) async fn find(tx: &DoorwayTx, client: &Client, token: &str) -> Result<Option<Found>> {
    let found = tx.statement(sql!("refresh_token.sql")).bind("hash", hash_of(token)).one::<Found>().await?;
    Ok(found.filter(|found| found.client_id == client.id))
}

fn refused(client: &Client, why: &'static str) -> OauthError {
    tracing::info!(client.id = %client.id, why, "a refresh token was refused");
    OauthError::InvalidGrant
}

fn successor(doorway: &Doorway, token: &str) -> String {
    refresh_token_of(doorway.app().keys().mac(Purpose::ClientRefreshToken, token.as_bytes()))
}
