use super::inputs::{
    OrganizationCreateInput, OrganizationSwitchInput, OrganizationUpdateInput, PasswordChangeInput, SessionRefreshInput,
    SessionRevokeInput, SignInInput, SignOutInput, SignUpInput, ViewerUpdateInput, WhatsAppConsentSetInput,
};
use super::payloads::{
    OrganizationCreatePayload, OrganizationSwitchPayload, OrganizationUpdatePayload, PasswordChangePayload, SessionRefreshPayload,
    SessionRevokePayload, SignInPayload, SignOutPayload, SignUpPayload, ViewerUpdatePayload, WhatsAppConsentSetPayload,
};
use super::types::{Organization, Session, Viewer};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::schema::{public, requires, signed_in};
use async_graphql::{Context, Object};
use entities::TenantId;
use entities::identity::SessionId;
use services::Error;
use services::identity::organizations::UpdateOrganization;
use services::identity::users::UpdateViewer;
use services::identity::{SignUp, change_password, devices, found, organizations, sessions, sign_up, users};
use services::scope::retrying;

#[derive(Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Opens an account, its organisation when one is named, and a session.
    #[graphql(directive = public::apply())]
    async fn sign_up(&self, ctx: &Context<'_>, input: SignUpInput) -> Result<Option<SignUpPayload>> {
        let input = SignUp {
            email: input.email,
            password: input.password,
            display_name: input.display_name,
            organization_name: input.organization_name,
            invitation_token: input.invitation_token,
            phone: input.phone,
            locale: input.locale,
            time_zone: input.time_zone,
            currency: input.currency.map(|code| code.0),
            user_agent: ctx.asking().asked.user_agent.clone(),
        };
        let doorway = ctx.doorway();
        Ok(Some(match retrying(|| sign_up(&doorway, input.clone())).await {
            Ok(done) => SignUpPayload {
                user: Some(done.user.into()),
                organization: done.organization.map(Organization),
                session: Some(Session(done.session)),
                user_errors: Vec::new(),
            },
            Err(Error::Refused(refusals)) => {
                SignUpPayload { user_errors: refusals.into_iter().map(Into::into).collect(), ..Default::default() }
            }
            Err(error) => return Err(error.into()),
        }))
    }

    /// Signs in with an address and a password; whoever has a second factor is answered a challenge for `signInComplete`.
    #[graphql(directive = public::apply())]
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<Option<SignInPayload>> {
        let tenant = input.organization_id.as_ref().map(TenantId::of_global);
        let agent = ctx.asking().asked.user_agent.clone();
        let entered = sessions::sign_in(&ctx.doorway(), &input.email, input.password, tenant, agent).await;
        Ok(Some(SignInPayload::of_entered(entered)?))
    }

    /// Trades the refresh token for new tokens; each serves once.
    #[graphql(directive = public::apply())]
    async fn session_refresh(&self, ctx: &Context<'_>, input: SessionRefreshInput) -> Result<Option<SessionRefreshPayload>> {
        let doorway = ctx.doorway();
        let refreshed = retrying(|| sessions::refresh(&doorway, &input.refresh_token)).await;
        Ok(Some(SessionRefreshPayload::of(refreshed.map(Session))?))
    }

    /// Ends this session, or all of them. A bearer that is over ends nothing and answers UNAUTHENTICATED: refresh first.
    #[graphql(directive = signed_in::apply())]
    async fn sign_out(&self, ctx: &Context<'_>, input: SignOutInput) -> Result<Option<SignOutPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        retrying(|| sessions::sign_out(&doorway, caller, input.everywhere, input.tokens)).await?;
        Ok(Some(SignOutPayload::default()))
    }

    /// Ends one of one's own sessions, on whatever device; that device learns it within a second.
    #[graphql(directive = signed_in::apply())]
    async fn session_revoke(&self, ctx: &Context<'_>, input: SessionRevokeInput) -> Result<Option<SessionRevokePayload>> {
        let (doorway, caller, id) = (ctx.doorway(), ctx.person()?, SessionId::of_global(&input.id));
        let ended = retrying(|| devices::end(&doorway, caller, id)).await;
        Ok(Some(SessionRevokePayload::of(ended.map(|()| Viewer))?))
    }

    /// Changes one's own password and ends all other sessions.
    #[graphql(directive = signed_in::apply())]
    async fn password_change(&self, ctx: &Context<'_>, input: PasswordChangeInput) -> Result<Option<PasswordChangePayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let change = || change_password(&doorway, caller, input.current_password.clone(), input.new_password.clone());
        Ok(Some(PasswordChangePayload::of(retrying(change).await.map(|()| Viewer))?))
    }

    /// Goes on in another of one's organisations, in a new session.
    #[graphql(directive = signed_in::apply())]
    async fn organization_switch(&self, ctx: &Context<'_>, input: OrganizationSwitchInput) -> Result<Option<OrganizationSwitchPayload>> {
        let tenant = TenantId::of_global(&input.organization_id);
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let switched = retrying(|| sessions::switch(&doorway, caller, tenant)).await;
        Ok(Some(OrganizationSwitchPayload::of(switched.map(Session))?))
    }

    /// Founds an organisation of which the caller is the owner; `organizationSwitch` goes there.
    #[graphql(directive = signed_in::apply())]
    async fn organization_create(&self, ctx: &Context<'_>, input: OrganizationCreateInput) -> Result<Option<OrganizationCreatePayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let new = input.into_new(ctx.locale());
        let founded = retrying(|| found(&doorway, caller, new.clone())).await;
        Ok(Some(OrganizationCreatePayload::of(founded.map(Organization))?))
    }

    /// Changes the active organisation's settings.
    #[graphql(directive = requires::apply("IDENTITY_ORGANIZATION_UPDATE".into()))]
    async fn organization_update(&self, ctx: &Context<'_>, input: OrganizationUpdateInput) -> Result<Option<OrganizationUpdatePayload>> {
        let change: UpdateOrganization = input.into();
        let scope = ctx.scope()?;
        let changed = retrying(|| organizations::update(scope, change.clone())).await;
        let present = async { Ok::<_, Error>(Some(Organization(organizations::get(scope).await?))) };
        or_present(changed.map(Organization), present).await
    }

    /// Changes one's own profile.
    #[graphql(directive = signed_in::apply())]
    async fn viewer_update(&self, ctx: &Context<'_>, input: ViewerUpdateInput) -> Result<Option<ViewerUpdatePayload>> {
        let change: UpdateViewer = input.into();
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let changed = retrying(|| users::update(&doorway, caller, change.clone())).await;
        Ok(Some(ViewerUpdatePayload::of(changed.map(Into::into))?))
    }

    /// Gives or withdraws one's consent to WhatsApp messages.
    #[graphql(directive = signed_in::apply())]
    async fn whats_app_consent_set(&self, ctx: &Context<'_>, input: WhatsAppConsentSetInput) -> Result<Option<WhatsAppConsentSetPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let changed = retrying(|| users::set_whatsapp_consent(&doorway, caller, input.granted, "profile")).await;
        Ok(Some(WhatsAppConsentSetPayload::of(changed.map(Into::into))?))
    }
}
