//! The second factor of a person, and signing in with one.

use super::payloads::SignInPayload;
use super::types::{Session, Viewer};
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::scalars::DateTime;
use crate::schema::{public, signed_in};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use services::identity::prove;
use services::identity::second_factor::{self, Status};
use services::identity::sessions;
use services::scope::retrying;

/// The second factor a person has.
#[derive(SimpleObject)]
pub struct SecondFactorStatus {
    /// When it began to count.
    pub since: DateTime,
    /// How many recovery codes were not used yet.
    pub recovery_codes_left: i32,
}

impl From<Status> for SecondFactorStatus {
    fn from(status: Status) -> Self {
        Self { since: status.since.into(), recovery_codes_left: i32::try_from(status.codes_left).unwrap_or(i32::MAX) }
    }
}

/// A challenge of `signIn`, and the proof that was wanted.
#[derive(InputObject)]
pub struct SignInCompleteInput {
    /// The challenge's.
    pub token: String,
    /// Six digits of the app, or a recovery code.
    pub code: String,
}

/// The password that is right now.
#[derive(InputObject)]
pub struct SecondFactorBeginInput {
    /// The password that is right now.
    pub current_password: String,
}

/// A first code of the app.
#[derive(InputObject)]
pub struct SecondFactorConfirmInput {
    /// Six digits.
    pub code: String,
}

/// Both proofs of who one is.
#[derive(InputObject)]
pub struct SecondFactorRemoveInput {
    /// The password that is right now.
    pub current_password: String,
    /// Six digits of the app, or a recovery code.
    pub code: String,
}

/// A proof of who one is.
#[derive(InputObject)]
pub struct RecoveryCodesRenewInput {
    /// Six digits of the app, or a recovery code.
    pub code: String,
}

/// What came of `secondFactorBegin`; shown once.
#[derive(SimpleObject, Default)]
pub struct SecondFactorBeginPayload {
    /// What the app takes, in base 32, to type.
    pub secret: Option<String>,
    /// The same as an `otpauth:` address, to show as a QR code.
    pub uri: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `secondFactorConfirm`; shown once.
#[derive(SimpleObject, Default)]
pub struct SecondFactorConfirmPayload {
    /// Ten codes, each for one sign-in without the telephone.
    pub recovery_codes: Option<Vec<String>>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `recoveryCodesRenew`; shown once.
#[derive(SimpleObject, Default)]
pub struct RecoveryCodesRenewPayload {
    /// Ten codes; those of before are good for nothing.
    pub recovery_codes: Option<Vec<String>>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    SessionProvePayload {
        /// The person; for five minutes this session may do what is sensitive.
        viewer: Viewer
    },
    SecondFactorRemovePayload {
        /// The person; the password is enough again.
        viewer: Viewer
    },
}

/// What proves who one is.
#[derive(InputObject)]
pub struct SessionProveInput {
    /// The password that is right now.
    pub current_password: String,
    /// Where there is a second factor: six digits of the app, or a recovery code.
    pub code: Option<String>,
}

#[derive(Default)]
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Goes on with a sign-in that was answered with a challenge.
    #[graphql(directive = public::apply())]
    async fn sign_in_complete(&self, ctx: &Context<'_>, input: SignInCompleteInput) -> Result<Option<SignInPayload>> {
        let (doorway, agent) = (ctx.doorway(), ctx.asking().asked.user_agent.clone());
        let completed = retrying(|| sessions::complete_sign_in(&doorway, &input.token, &input.code, agent.clone())).await;
        let (session, user_errors) = refused(completed)?;
        Ok(Some(SignInPayload { session: session.map(Session), user_errors, ..Default::default() }))
    }

    /// Proves anew who one is; what is sensitive is refused with PROOF_REQUIRED where the last proof is older than five minutes.
    #[graphql(directive = signed_in::apply())]
    async fn session_prove(&self, ctx: &Context<'_>, input: SessionProveInput) -> Result<Option<SessionProvePayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let proved = retrying(|| prove(&doorway, caller, input.current_password.clone(), input.code.as_deref())).await;
        Ok(Some(SessionProvePayload::of(proved.map(|()| Viewer))?))
    }

    /// Makes a secret for an authenticator app; it counts when a first code of it is confirmed.
    #[graphql(directive = signed_in::apply())]
    async fn second_factor_begin(&self, ctx: &Context<'_>, input: SecondFactorBeginInput) -> Result<Option<SecondFactorBeginPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let (begun, user_errors) = refused(retrying(|| second_factor::begin(&doorway, caller, input.current_password.clone())).await)?;
        let (secret, uri) = begun.map(|begun| (begun.secret, begun.url)).unzip();
        Ok(Some(SecondFactorBeginPayload { secret, uri, user_errors }))
    }

    /// Has the app be asked for at each sign-in from now on.
    #[graphql(directive = signed_in::apply())]
    async fn second_factor_confirm(
        &self,
        ctx: &Context<'_>,
        input: SecondFactorConfirmInput,
    ) -> Result<Option<SecondFactorConfirmPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let (recovery_codes, user_errors) = refused(retrying(|| second_factor::confirm(&doorway, caller, &input.code)).await)?;
        Ok(Some(SecondFactorConfirmPayload { recovery_codes, user_errors }))
    }

    /// Has the password be enough again.
    #[graphql(directive = signed_in::apply())]
    async fn second_factor_remove(&self, ctx: &Context<'_>, input: SecondFactorRemoveInput) -> Result<Option<SecondFactorRemovePayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let remove = || second_factor::remove(&doorway, caller, input.current_password.clone(), &input.code);
        Ok(Some(SecondFactorRemovePayload::of(retrying(remove).await.map(|()| Viewer))?))
    }

    /// Makes ten recovery codes in place of those there are.
    #[graphql(directive = signed_in::apply())]
    async fn recovery_codes_renew(&self, ctx: &Context<'_>, input: RecoveryCodesRenewInput) -> Result<Option<RecoveryCodesRenewPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let (recovery_codes, user_errors) = refused(retrying(|| second_factor::renew_codes(&doorway, caller, &input.code)).await)?;
        Ok(Some(RecoveryCodesRenewPayload { recovery_codes, user_errors }))
    }
}
