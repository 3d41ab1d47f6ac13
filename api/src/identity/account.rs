//! Confirming an address, a forgotten password, another address.

use super::types::Viewer;
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::schema::{public, signed_in};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use services::identity::{ask_for_new_address, ask_for_reset, move_to_address, reset_password, send_verification, verify_email};
use services::scope::retrying;

/// The secret of a link that was mailed.
#[derive(InputObject)]
pub struct EmailVerifyInput {
    /// What follows `token=` in the link.
    pub token: String,
}

/// Whose password is forgotten.
#[derive(InputObject)]
pub struct PasswordResetRequestInput {
    /// The address of the account.
    pub email: String,
}

/// A mailed secret, and the password to be.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// What follows `token=` in the link.
    pub token: String,
    /// From 8 to 128 characters, not easily guessed.
    pub new_password: String,
}

/// Where an account is to move.
#[derive(InputObject)]
pub struct EmailChangeRequestInput {
    /// The address to be.
    pub new_email: String,
    /// The password that is right now.
    pub current_password: String,
}

/// The secret of a link that was mailed to the address to be.
#[derive(InputObject)]
pub struct EmailChangeInput {
    /// What follows `token=` in the link.
    pub token: String,
}

/// What came of `emailVerify`.
#[derive(SimpleObject, Default)]
pub struct EmailVerifyPayload {
    /// The address that is confirmed now.
    pub email: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `passwordResetRequest`: the same whether there is such an account.
#[derive(SimpleObject, Default)]
pub struct PasswordResetRequestPayload {
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `passwordReset`.
#[derive(SimpleObject, Default)]
pub struct PasswordResetPayload {
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `emailChange`.
#[derive(SimpleObject, Default)]
pub struct EmailChangePayload {
    /// The address of the account now.
    pub email: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    EmailVerificationSendPayload {
        /// The person; a link is on its way to them.
        viewer: Viewer
    },
    EmailChangeRequestPayload {
        /// The person; a link is on its way to the new address.
        viewer: Viewer
    },
}

#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Sends a link to one's own address, to confirm it; three an hour at most.
    #[graphql(directive = signed_in::apply())]
    async fn email_verification_send(&self, ctx: &Context<'_>) -> Result<Option<EmailVerificationSendPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let sent = retrying(|| send_verification(&doorway, caller)).await;
        Ok(Some(EmailVerificationSendPayload::of(sent.map(|()| Viewer))?))
    }

    /// Confirms the address a link was mailed to.
    #[graphql(directive = public::apply())]
    async fn email_verify(&self, ctx: &Context<'_>, input: EmailVerifyInput) -> Result<Option<EmailVerifyPayload>> {
        let doorway = ctx.doorway();
        let (user, user_errors) = refused(retrying(|| verify_email(&doorway, &input.token)).await)?;
        Ok(Some(EmailVerifyPayload { email: user.map(|user| user.email), user_errors }))
    }

    /// Mails a link to choose a new password to this address, where it is an account's; three an hour at most.
    #[graphql(directive = public::apply())]
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        input: PasswordResetRequestInput,
    ) -> Result<Option<PasswordResetRequestPayload>> {
        let doorway = ctx.doorway();
        let (_, user_errors) = refused(retrying(|| ask_for_reset(&doorway, &input.email)).await)?;
        Ok(Some(PasswordResetRequestPayload { user_errors }))
    }

    /// Gives the account a link was mailed to a new password, and ends all its sessions.
    #[graphql(directive = public::apply())]
    async fn password_reset(&self, ctx: &Context<'_>, input: PasswordResetInput) -> Result<Option<PasswordResetPayload>> {
        let doorway = ctx.doorway();
        let (_, user_errors) = refused(retrying(|| reset_password(&doorway, &input.token, input.new_password.clone())).await)?;
        Ok(Some(PasswordResetPayload { user_errors }))
    }

    /// Mails a link to another address; the account moves there when it is followed.
    #[graphql(directive = signed_in::apply())]
    async fn email_change_request(&self, ctx: &Context<'_>, input: EmailChangeRequestInput) -> Result<Option<EmailChangeRequestPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let ask = || ask_for_new_address(&doorway, caller, &input.new_email, input.current_password.clone());
        Ok(Some(EmailChangeRequestPayload::of(retrying(ask).await.map(|()| Viewer))?))
    }

    /// Moves the account to the address its link was mailed to; the old address is told.
    #[graphql(directive = public::apply())]
    async fn email_change(&self, ctx: &Context<'_>, input: EmailChangeInput) -> Result<Option<EmailChangePayload>> {
        let doorway = ctx.doorway();
        let (user, user_errors) = refused(retrying(|| move_to_address(&doorway, &input.token)).await)?;
        Ok(Some(EmailChangePayload { email: user.map(|user| user.email), user_errors }))
    }
}
