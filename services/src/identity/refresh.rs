//! The tokens of a session: an access token, and a chain of refresh tokens of which each serves once.

use super::keys::{self, Purpose};
use super::policies::{self, Policies};
use super::sessions::{Session, revoke};
use super::{second_factor, trust};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entities::identity::{RefreshTokenId, SessionId, UserId, refresh_token, session};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;
use sha2::{Digest, Sha256};

/// How long a used refresh token still gets its successor again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The first tokens of a new session.
pub(super) async fn first(tx: &DoorwayTx, doorway: &Doorway, session: &session::Model, policies: &Policies) -> Result<Session> {
    let token = URL_SAFE_NO_PAD.encode(doorway.app().random().bytes::<32>());
    insert_token(tx, doorway, session.id, &token, None).await?;
    issue(doorway, session, token, policies)
}

/// Trades a refresh token for the next one and a new access token.
pub async fn refresh(doorway: &Doorway, token: &str) -> Result<Session> {
    let refuse = |code, key| Error::refuse(code, "refreshToken", doorway.locale().say(key, &[]));
    let expired = || refuse(Code::TokenExpired, "session-over");
    let now = doorway.now();
    let Some(owner) = owner_of(doorway, token).await? else {
        trust::unknown(doorway).await;
        return Err(expired());
    };
    trust::count(doorway, owner).await?;
    keys::fresh(doorway.app()).await;
    let tx = doorway.begin().await?;
    let found = tx.one::<refresh_token::Entity>(refresh_token::Column::TokenHash.eq(hash_of(token))).await?;
    let found = found.ok_or_else(expired)?;
    // The session's row is the lock of its whole chain.
    let session = tx.lock::<session::Entity>(found.session_id).await?.ok_or_else(expired)?;
    if session.is_over(now) {
        return Err(expired());
    }
    let policies = policies::of_tenant(&tx, session.tenant_id).await?;
    if !policies.are_met(second_factor::is_on(&tx, session.user_id).await?) || session.began_at.plus(policies.session_life()) <= now {
        return Err(expired());
    }
    let found = tx.find::<refresh_token::Entity>(found.id).await?.ok_or_else(expired)?;
    let child = successor(doorway, token);
    if let Some(used_at) = found.used_at {
        let next = tx.one::<refresh_token::Entity>(refresh_token::Column::TokenHash.eq(hash_of(&child))).await?;
        let again = now.since(used_at) <= GRACE && next.is_some_and(|next| next.used_at.is_none());
        if !again {
            revoke(&tx, &session, "refresh token reused", now).await?;
            let act = NewAudit::of("identity.session.revoke").on("DeviceSession", session.id).with("because", "refresh token reused");
            tx.audit(session.tenant_id, None, act.with("userId", session.user_id.to_string()));
            super::notices::commit_reuse(tx, doorway, &session).await?;
            doorway.app().standings().forget();
            tracing::warn!(session.id = %session.id, "refresh token came back after its use: session ended");
            return Err(refuse(Code::TokenReused, "session-token-reused"));
        }
    } else {
        tx.update(refresh_token::ActiveModel { id: Unchanged(found.id), used_at: Set(Some(now)), ..Default::default() }).await?;
        insert_token(&tx, doorway, session.id, &child, Some(found.id)).await?;
    }
    let session = tx.update(session::ActiveModel { id: Unchanged(session.id), refreshed_at: Set(now), ..Default::default() }).await?;
    tx.commit().await?;
    issue(doorway, &session, child, &policies)
}

/// Whose token it is, good or not.
async fn owner_of(doorway: &Doorway, token: &str) -> Result<Option<UserId>> {
    let tx = doorway.read().await?;
    let found = tx.one::<refresh_token::Entity>(refresh_token::Column::TokenHash.eq(hash_of(token))).await?;
    let Some(found) = found else { return Ok(None) };
    Ok(tx.find::<session::Entity>(found.session_id).await?.map(|session| session.user_id))
}

async fn insert_token(tx: &DoorwayTx, doorway: &Doorway, session: SessionId, token: &str, parent: Option<RefreshTokenId>) -> Result<()> {
    let row = refresh_token::ActiveModel {
        id: Set(doorway.new_id()),
        session_id: Set(session),
        token_hash: Set(hash_of(token)),
        parent_id: Set(parent),
        issued_at: Set(doorway.now()),
        used_at: Set(None),
    };
    tx.insert(row).await.map(drop)
}

fn issue(doorway: &Doorway, session: &session::Model, refresh_token: String, policies: &Policies) -> Result<Session> {
    let (app, now) = (doorway.app(), doorway.now());
    let expires_at = now.plus(policies.access_life()).min(session.expires_at);
    let mut claims = app.keys().claims(session.user_id.0, session.id.0, session.tenant_id.map(|tenant| tenant.0));
    (claims.iat, claims.exp, claims.jti) = (now.0 / 1_000_000, expires_at.0 / 1_000_000, app.new_id());
    Ok(Session {
        access_token: app.keys().sign(&claims, now.0)?,
        access_token_expires_at: expires_at,
        refresh_token,
        refresh_token_expires_at: session.expires_at,
        tenant: session.tenant_id,
        user: session.user_id,
        id: session.id,
    })
}

#[cfg(any(test, feature = "test-support"))]
pub(crate) fn access_token(app: &crate::App, caller: &super::Caller) -> Result<String> {
    let mut claims = app.keys().claims(caller.user.0, caller.session()?.0, caller.member.map(|(tenant, _)| tenant.0));
    (claims.iat, claims.exp) = (app.now().0 / 1_000_000, caller.expires_at.0 / 1_000_000);
    app.keys().sign(&claims, app.now().0)
}

/// The next token of a chain follows from the last, so that a repeat within the grace gets the very same.
fn successor(doorway: &Doorway, token: &str) -> String {
    URL_SAFE_NO_PAD.encode(doorway.app().keys().mac(Purpose::RefreshToken, token.as_bytes()))
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
