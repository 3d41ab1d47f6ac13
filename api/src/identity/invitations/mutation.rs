use super::Invitation;
use super::inputs::{InvitationAcceptInput, InvitationCreateInput, InvitationResendInput, InvitationRevokeInput};
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::Organization;
use crate::ids::GlobalId;
use crate::schema::{requires, signed_in};
use async_graphql::{Context, Object};
use entities::identity::InvitationId;
use services::identity::invitations::{self, NewInvitation};
use services::scope::retrying;

payload! {
    InvitationCreatePayload {
        /// The new invitation.
        invitation: Invitation
    },
    InvitationResendPayload {
        /// The invitation as it is now.
        invitation: Invitation
    },
    InvitationRevokePayload {
        /// The invitation as it is now.
        invitation: Invitation
    },
    InvitationAcceptPayload {
        /// The organisation joined; `organizationSwitch` goes on in it.
        organization: Organization
    },
}

#[derive(Default)]
pub struct InvitationsMutation;

#[Object]
impl InvitationsMutation {
    /// Invites somebody by letter, for seven days. An organisation has at most 100 invitations open and sends at most 200 such
    /// letters a day, 5 of them to one address.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_INVITE".into()))]
    async fn invitation_create(&self, ctx: &Context<'_>, input: InvitationCreateInput) -> Result<Option<InvitationCreatePayload>> {
        let (scope, new) = (ctx.scope()?, NewInvitation::from(input));
        let made = retrying(|| invitations::create(scope, new.clone())).await;
        Ok(Some(InvitationCreatePayload::of(made.map(Invitation::alone))?))
    }

    /// Sends an invitation again, five times in all: with a new link, for seven more days. The link before is over.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_INVITE".into()))]
    async fn invitation_resend(&self, ctx: &Context<'_>, input: InvitationResendInput) -> Result<Option<InvitationResendPayload>> {
        let (scope, id) = (ctx.scope()?, InvitationId::of_global(&input.id));
        let sent = retrying(|| invitations::resend(scope, id)).await;
        Ok(Some(InvitationResendPayload::of(sent.map(Invitation::alone))?))
    }

    /// Takes an invitation back; its link is over.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_INVITE".into()))]
    async fn invitation_revoke(&self, ctx: &Context<'_>, input: InvitationRevokeInput) -> Result<Option<InvitationRevokePayload>> {
        let (scope, id) = (ctx.scope()?, InvitationId::of_global(&input.id));
        let revoked = retrying(|| invitations::revoke(scope, id)).await;
        Ok(Some(InvitationRevokePayload::of(revoked.map(Invitation::alone))?))
    }

    /// Joins the organisation that invited one's address. Whoever has no account signs up with the token instead.
    #[graphql(directive = signed_in::apply())]
    async fn invitation_accept(&self, ctx: &Context<'_>, input: InvitationAcceptInput) -> Result<Option<InvitationAcceptPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let joined = retrying(|| invitations::accept(&doorway, caller, &input.token)).await;
        Ok(Some(InvitationAcceptPayload::of(joined.map(Organization))?))
    }
}
