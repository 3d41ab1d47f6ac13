use super::types::{NegativeStockPolicy, Organization, Session, SignInChallenge, User};
use crate::context::Ask;
use crate::error::{Result, UserError};
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::scalars::CurrencyCode;
use crate::schema::{public, requires, signed_in};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entities::TenantId;
use services::Error;
use services::identity::organizations::UpdateOrganization;
use services::identity::users::UpdateViewer;
use services::identity::{SignUp, organizations, sessions, sign_up, users};
use services::scope::retrying;

/// What opens an account. No organizationName and no invitationToken: an account alone (learner, candidate).
#[derive(InputObject)]
pub struct SignUpInput {
    /// The address to sign in with.
    email: String,
    /// At least eight varied characters.
    password: String,
    /// How others see the person.
    display_name: String,
    /// Opens an organisation of this name, with the person as its owner.
    organization_name: Option<String>,
    /// Joins the organisation that sent it.
    invitation_token: Option<String>,
    /// With the country code, such as +221 77 123 45 67.
    phone: Option<String>,
    /// fr, en or wo; the request's language when absent.
    locale: Option<String>,
    /// IANA name; Africa/Dakar when absent.
    time_zone: Option<String>,
    /// The organisation's currency; XOF when absent.
    currency: Option<CurrencyCode>,
}

/// What signs in. OrganizationId absent: the last one used.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address of the account.
    email: String,
    /// Its password.
    password: String,
    /// The organisation to act in.
    organization_id: Option<ID>,
}

/// What goes on with a session.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The session's latest.
    refresh_token: String,
}

/// What ends a session.
#[derive(InputObject)]
pub struct SignOutInput {
    /// All of the person's sessions, on every device.
    #[graphql(default)]
    everywhere: bool,
}

/// Where to act next.
#[derive(InputObject)]
pub struct OrganizationSwitchInput {
    /// One of the person's organisations.
    organization_id: ID,
}

/// What to change of the active organisation; absent fields stay.
#[derive(InputObject)]
pub struct OrganizationUpdateInput {
    /// As its members know it.
    name: Option<String>,
    /// fr, en or wo.
    locale: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
    /// What happens below zero.
    negative_stock_policy: Option<NegativeStockPolicy>,
    /// Refuses the change when the organisation is at another version by now.
    expected_version: Option<i32>,
}

/// What to change of one's own profile; absent = untouched, null = cleared.
#[derive(InputObject)]
pub struct ViewerUpdateInput {
    /// How others see the person.
    display_name: Option<String>,
    /// With the country code; another number needs WhatsApp consent anew.
    phone: MaybeUndefined<String>,
    /// fr, en or wo.
    locale: Option<String>,
    /// IANA name.
    time_zone: Option<String>,
}

/// Whether WhatsApp messages may be sent.
#[derive(InputObject)]
pub struct WhatsAppConsentSetInput {
    /// True gives the consent, false withdraws it.
    granted: bool,
}

/// What came of `signUp`.
#[derive(SimpleObject, Default)]
pub struct SignUpPayload {
    /// The new account.
    user: Option<User>,
    /// Its organisation, when one was named.
    organization: Option<Organization>,
    /// Its first session.
    session: Option<Session>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

/// What came of `signIn`: a session, or a challenge for the second factor.
#[derive(SimpleObject, Default)]
pub struct SignInPayload {
    /// The session, when the password was enough.
    session: Option<Session>,
    /// What is still to be shown.
    challenge: Option<SignInChallenge>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

/// What came of `signOut`.
#[derive(SimpleObject, Default)]
pub struct SignOutPayload {
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

payload! {
    SessionRefreshPayload {
        /// The session with its new tokens.
        session: Session
    },
    OrganizationSwitchPayload {
        /// The session in the other organisation; the old one is over.
        session: Session
    },
    OrganizationUpdatePayload {
        /// The organisation as it is now, also after STALE_VERSION.
        organization: Organization
    },
    ViewerUpdatePayload {
        /// The account as it is now.
        user: User
    },
    WhatsAppConsentSetPayload {
        /// The account as it is now.
        user: User
    },
}

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
            user_agent: ctx.asking().user_agent.clone(),
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

    /// Signs in with an address and a password.
    #[graphql(directive = public::apply())]
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<Option<SignInPayload>> {
        let tenant = input.organization_id.as_ref().map(TenantId::of_global);
        let agent = ctx.asking().user_agent.clone();
        Ok(Some(match sessions::sign_in(&ctx.doorway(), &input.email, input.password, tenant, agent).await {
            Ok(session) => SignInPayload { session: Some(Session(session)), ..Default::default() },
            Err(Error::Refused(refusals)) => {
                SignInPayload { user_errors: refusals.into_iter().map(Into::into).collect(), ..Default::default() }
            }
            Err(error) => return Err(error.into()),
        }))
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
        let (doorway, caller) = (ctx.doorway(), ctx.caller()?);
        retrying(|| sessions::sign_out(&doorway, caller, input.everywhere)).await?;
        Ok(Some(SignOutPayload::default()))
    }

    /// Goes on in another of one's organisations, in a new session.
    #[graphql(directive = signed_in::apply())]
    async fn organization_switch(&self, ctx: &Context<'_>, input: OrganizationSwitchInput) -> Result<Option<OrganizationSwitchPayload>> {
        let tenant = TenantId::of_global(&input.organization_id);
        let (doorway, caller) = (ctx.doorway(), ctx.caller()?);
        let switched = retrying(|| sessions::switch(&doorway, caller, tenant)).await;
        Ok(Some(OrganizationSwitchPayload::of(switched.map(Session))?))
    }

    /// Changes the active organisation's settings.
    #[graphql(directive = requires::apply("IDENTITY_ORGANIZATION_UPDATE".into()))]
    async fn organization_update(&self, ctx: &Context<'_>, input: OrganizationUpdateInput) -> Result<Option<OrganizationUpdatePayload>> {
        let change = UpdateOrganization {
            name: input.name,
            locale: input.locale,
            time_zone: input.time_zone,
            negative_stock_policy: input.negative_stock_policy.map(Into::into),
            expected_version: input.expected_version.map(Into::into),
        };
        let scope = ctx.scope()?;
        let changed = retrying(|| organizations::update(scope, change.clone())).await;
        let present = async { Ok::<_, Error>(Some(Organization(organizations::get(scope).await?))) };
        or_present(changed.map(Organization), present).await
    }

    /// Changes one's own profile.
    #[graphql(directive = signed_in::apply())]
    async fn viewer_update(&self, ctx: &Context<'_>, input: ViewerUpdateInput) -> Result<Option<ViewerUpdatePayload>> {
        let change = UpdateViewer {
            display_name: input.display_name,
            phone: match input.phone {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(phone) => Some(Some(phone)),
            },
            locale: input.locale,
            time_zone: input.time_zone,
        };
        let (doorway, caller) = (ctx.doorway(), ctx.caller()?);
        let changed = retrying(|| users::update(&doorway, caller, change.clone())).await;
        Ok(Some(ViewerUpdatePayload::of(changed.map(Into::into))?))
    }

    /// Gives or withdraws one's consent to WhatsApp messages.
    #[graphql(directive = signed_in::apply())]
    async fn whats_app_consent_set(&self, ctx: &Context<'_>, input: WhatsAppConsentSetInput) -> Result<Option<WhatsAppConsentSetPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.caller()?);
        let changed = retrying(|| users::set_whatsapp_consent(&doorway, caller, input.granted, "profile")).await;
        Ok(Some(WhatsAppConsentSetPayload::of(changed.map(Into::into))?))
    }
}
