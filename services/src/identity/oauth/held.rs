//! What a person agreed to, while its tokens are handed out: the row of the grant is the lock of its codes and refresh tokens.

use super::credentials::{Client, OauthError, Result};
use super::tokens::{self, Issued};
use crate::audit::NewAudit;
use crate::identity::Permission;
use crate::identity::policies::Policies;
use crate::scope::DoorwayTx;
use crate::{Doorway, sql};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entities::identity::membership::MembershipStatus;
use entities::identity::{OauthClientId, OauthGrantId, OauthRefreshTokenId, UserId};
use entities::{TenantId, Timestamp};
use sha2::{Digest, Sha256};

/// How refresh tokens begin, for scanners of published code.
const HEAD: &str = "trg_refresh_";

/// A grant of a person, held against others until the commit.
#[derive(sea_orm::FromQueryResult)]
pub(super) struct Held {
    pub tenant_id: TenantId,
    pub id: OauthGrantId,
    pub client_id: OauthClientId,
    scopes: String,
    allowed: String,
    pub expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    pub user_id: UserId,
    status: MembershipStatus,
    policies: String,
}

pub(super) async fn hold(tx: &DoorwayTx, tenant: TenantId, grant: OauthGrantId) -> Result<Held> {
    tx.statement(sql!("hold_grant.sql")).bind("tenant", tenant).bind("id", grant).run().await?;
    look(tx, tenant, grant).await?.ok_or(OauthError::InvalidGrant)
}

/// The same without holding it.
pub(super) async fn look(tx: &DoorwayTx, tenant: TenantId, grant: OauthGrantId) -> Result<Option<Held>> {
    Ok(tx.statement(sql!("grant.sql")).bind("tenant", tenant).bind("id", grant).one::<Held>().await?)
}

impl Held {
    /// Neither over nor revoked, and of a member.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at > now && self.status == MembershipStatus::Active
    }

    /// What it is for, as far as its client may have it still.
    pub fn scope(&self) -> String {
        let allowed = |code: &&str| self.allowed.split(' ').any(|allowed| allowed == *code) && Permission::of_code(code).is_some();
        self.scopes.split(' ').filter(allowed).collect::<Vec<_>>().join(" ")
    }

    /// Ends it with all its tokens, for somebody came with what was used before, and commits.
    pub async fn end(self, tx: DoorwayTx, doorway: &Doorway, because: &'static str) -> Result<()> {
        if self.revoked_at.is_none() {
            let end = tx.statement(sql!("revoke_grant.sql")).bind("tenant", self.tenant_id).bind("client", self.client_id);
            end.bind("id", self.id).bind("now", doorway.now()).run().await?;
            let act = NewAudit::of("identity.oauth_grant.revoke").on("OauthClient", self.client_id).with("because", because);
            tx.audit(Some(self.tenant_id), None, act.with("userId", self.user_id.to_string()));
            tx.commit().await?;
            doorway.app().standings().forget();
        }
        tracing::warn!(grant.id = %self.id, client.id = %self.client_id, because, "a grant to a client is over");
        Ok(())
    }

    /// An access token of the length the organisation says, and the next refresh token.
    pub fn issue(&self, doorway: &Doorway, client: &Client, scope: String, refresh_token: String) -> Result<Issued> {
        let expires_at = doorway.now().plus(Policies::of_text(&self.policies).access_life()).min(self.expires_at);
        let issued = tokens::sign(doorway, client, (self.id, self.user_id.0), scope, expires_at)?;
        Ok(Issued { refresh_token: Some(refresh_token), ..issued })
    }

    pub async fn insert_refresh_token(&self, tx: &DoorwayTx, doorway: &Doorway, token: &str) -> Result<()> {
        let id: OauthRefreshTokenId = doorway.new_id();
        let insert = tx.statement(sql!("insert_refresh_token.sql")).bind("tenant", self.tenant_id).bind("id", id);
        let insert = insert.bind("grant", self.id).bind("hash", hash_of(token)).bind("now", doorway.now());
        insert.run().await?;
        Ok(())
    }
}

/// A refresh token of 256 bits.
pub(super) fn refresh_token_of(bytes: [u8; 32]) -> String {
    format!("{HEAD}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether something has the form of a refresh token.
pub(super) fn is_refresh_token(token: &str) -> bool {
    token.starts_with(HEAD)
}

/// As what codes and refresh tokens are kept.
pub(super) fn hash_of(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
