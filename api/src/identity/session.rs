use super::organization::Organization;
use crate::context::Ask;
use crate::error::Result;
use crate::scalars::DateTime;
use async_graphql::{Context, Enum, Object, SimpleObject};
use services::identity::second_factor::Challenge;
use services::identity::sessions;

/// The tokens of a signed-in device.
pub struct Session(pub sessions::Session);

/// The tokens of a signed-in device.
#[Object]
impl Session {
    /// Sent as `Authorization: Bearer …`, and in `connection_init`.
    async fn access_token(&self) -> &str {
        &self.0.access_token
    }
    /// When the access token ends; refresh before.
    async fn access_token_expires_at(&self) -> DateTime {
        self.0.access_token_expires_at.into()
    }
    /// Serves once, in `sessionRefresh`; keep it secret.
    async fn refresh_token(&self) -> &str {
        &self.0.refresh_token
    }
    /// When the session ends, however often it is refreshed.
    async fn refresh_token_expires_at(&self) -> DateTime {
        self.0.refresh_token_expires_at.into()
    }
    /// The active organisation; null for an account alone.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        let Some(tenant) = self.0.tenant else { return Ok(None) };
        let all = sessions::organizations_of(&ctx.doorway(), self.0.user).await?;
        Ok(all.into_iter().find(|row| row.id == tenant).map(Organization))
    }
}

/// That a second factor is wanted before there is a session.
#[derive(SimpleObject)]
pub struct SignInChallenge {
    /// Names this sign-in in the next call.
    pub token: String,
    /// What will do.
    pub methods: Vec<SecondFactor>,
    /// When the sign-in must begin anew.
    pub expires_at: DateTime,
}

/// A second proof of who one is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// One of the codes kept for a lost telephone.
    RecoveryCode,
}

impl From<Challenge> for SignInChallenge {
    fn from(challenge: Challenge) -> Self {
        let methods = vec![SecondFactor::Totp, SecondFactor::RecoveryCode];
        Self { token: challenge.token, methods, expires_at: challenge.expires_at.into() }
    }
}
