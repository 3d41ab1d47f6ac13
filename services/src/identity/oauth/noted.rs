//! What is written down of what clients ask for.

use super::OauthError;
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Result, sql};
use chrono::TimeDelta;
use entities::identity::OauthClientId;
use entities::{TenantId, Timestamp};
use uuid::Uuid;

/// A client that asks again so soon is not written down again.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// Tells the log, and counts, that a client was refused; what it showed for a secret is in neither.
pub(super) fn refused(client: &str, error: &OauthError) {
    let why = match error {
        OauthError::InvalidClient => "it is unknown, or its secret is wrong",
        OauthError::UnauthorizedClient => "its service account may not act",
        OauthError::InvalidScope => "it may not have what it asked for",
        _ => return,
    };
    metrics::counter!("auth_failures_total", "reason" => "client").increment(1);
    // Whoever asks says who they are in any words.
    let client = client.parse::<Uuid>().map(|id| id.to_string()).unwrap_or_else(|_| "?".to_owned());
    tracing::warn!(client.id = %client, "a client was refused a token: {why}");
}

/// Writes into the organisation's log that a client was given a token, once a minute at most. Asked before the grant is written.
pub(super) async fn issued(tx: &DoorwayTx, tenant: TenantId, client: OauthClientId, scopes: &str, now: Timestamp) -> Result<()> {
    tracing::info!(client.id = %client, tenant.id = %tenant, "a client was given a token");
    let lately = tx.statement(sql!("issued_lately.sql")).bind("tenant", tenant).bind("client", client);
    if lately.bind("since", now.minus(PAUSE)).value::<i64>().await?.unwrap_or(0) == 0 {
        let act = NewAudit::of("identity.oauth_client.issue").on("OauthClient", client);
        tx.audit(Some(tenant), None, act.with("scopes", scopes.split(' ').collect::<Vec<_>>()));
    }
    Ok(())
}
