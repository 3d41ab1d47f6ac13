use super::api_tokens::{ApiToken, ApiTokenConnection};
use super::device::{DeviceSession, DeviceSessionConnection};
use super::external::ExternalIdentity;
use super::membership::Membership;
use super::oauth::apps::{AuthorizedApp, AuthorizedAppConnection};
use super::organization::{Organization, OrganizationConnection};
use super::roles::{PermissionGrant, grants};
use super::second_factor::SecondFactorStatus;
use super::security_event::{SecurityEvent, SecurityEventConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::scalars::DateTime;
use async_graphql::{Context, Object, SimpleObject};
use entities::identity::{UserId, user};
use services::Scope;
use services::identity::{
    api_tokens, devices, external, members, oauth, profile, second_factor, security_events, service_accounts, sessions,
};
use services::page::Page;

/// A person with an account.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct User {
    #[graphql(skip)]
    pub key: UserId,
    /// How others see the person.
    pub display_name: String,
    /// The address the person signs in with; null for others without IDENTITY_MEMBER_READ and of who left, and of a service account.
    pub email: Option<String>,
    /// Whether the person showed that they read the mail of the address; null for others without IDENTITY_MEMBER_READ and of who left.
    pub email_verified: Option<bool>,
    /// In E.164, such as +221771234567; null for others without IDENTITY_MEMBER_READ and of who left.
    pub phone: Option<String>,
    /// The language tag of the person's messages.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// What the person can do, in their words.
    pub skills: Vec<String>,
    /// Where more of the person is to be found: https addresses, which nobody here has looked at.
    pub links: Vec<String>,
    /// Whether the person agreed to WhatsApp messages; null for others without IDENTITY_MEMBER_READ and of who left.
    pub whats_app_consent: Option<bool>,
}

impl User {
    /// A person as the caller may see them.
    pub fn seen_by(scope: &Scope, person: members::Person) -> Self {
        let whole = person.is_reached_by(scope);
        let seen = Self::from(person.row);
        if whole { seen } else { Self { email: None, email_verified: None, phone: None, whats_app_consent: None, ..seen } }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            key: row.id,
            display_name: row.display_name,
            email: Some(row.email).filter(|email| !service_accounts::is_address_of_one(email)),
            email_verified: Some(row.email_verified_at.is_some()),
            phone: row.phone,
            locale: row.locale,
            time_zone: row.time_zone,
            skills: profile::list_of(&row.skills),
            links: profile::list_of(&row.links),
            whats_app_consent: Some(row.whatsapp_consent_at.is_some()),
        }
    }
}

/// The person who asks.
pub struct Viewer;

/// The person who asks.
#[Object]
impl Viewer {
    /// The account.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(services::identity::users::get(&ctx.doorway(), ctx.caller()?).await?.into())
    }
    /// The place in the active organisation; null for an account alone.
    async fn membership(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some((_, membership)) = ctx.caller()?.member else { return Ok(None) };
        Ok(members::mine(ctx.scope()?, membership).await?.map(Membership::alone))
    }
    /// The organisations the person belongs to, the first joined first.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OrganizationConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = sessions::organizations_of(&ctx.doorway(), ctx.person()?.user).await?;
        Ok(Some(OrganizationConnection::new(Page::of_all(all, &args, |row| row.id.0)?.map(Organization))))
    }
    /// Where the person is signed in, the device used last first.
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<DeviceSessionConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = devices::of(&ctx.doorway(), ctx.person()?.user).await?;
        Ok(Some(DeviceSessionConnection::new(Page::of_all(all, &args, |row| row.session.id.0)?.map(DeviceSession))))
    }
    /// The keys with which programs act as the person in the active organisation, the newest first.
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ApiTokenConnection>> {
        let args = args(ctx, first, after, last, before);
        Ok(Some(ApiTokenConnection::new(api_tokens::page(ctx.scope()?, &args).await?.map(ApiToken))))
    }
    /// What happened to the account in the last year, the latest first.
    async fn security_events(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<SecurityEventConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = security_events::of(&ctx.doorway(), ctx.person()?.user).await?;
        Ok(Some(SecurityEventConnection::new(Page::of_all(all, &args, |row| row.id.0)?.map(SecurityEvent::from))))
    }
    /// The clients of the authorization server that the person lets act for them, in whatever organisation, the latest first.
    async fn authorized_apps(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<AuthorizedAppConnection>> {
        let args = args(ctx, first, after, last, before);
        let all = oauth::apps_of(&ctx.doorway(), ctx.person()?.user).await?;
        Ok(Some(AuthorizedAppConnection::new(Page::of_all(all, &args, |app| app.row.id.0)?.map(AuthorizedApp))))
    }
    /// The second factor that signing in asks for; null: the password is enough.
    async fn second_factor(&self, ctx: &Context<'_>) -> Result<Option<SecondFactorStatus>> {
        Ok(second_factor::status(&ctx.doorway(), ctx.person()?.user).await?.map(Into::into))
    }
    /// When the account is to be erased, as the person asked; null: it stays.
    async fn erasure_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        let user = services::identity::users::get(&ctx.doorway(), ctx.person()?).await?;
        Ok(user.erase_at.map(Into::into))
    }
    /// The accounts elsewhere that sign the person in, the first linked first.
    async fn external_identities(&self, ctx: &Context<'_>) -> Result<Vec<ExternalIdentity>> {
        let all = external::list(&ctx.doorway(), ctx.person()?.user).await?;
        Ok(all.into_iter().map(Into::into).collect())
    }
    /// What the person may do in the active organisation.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionGrant>> {
        Ok(grants(&ctx.caller()?.grants))
    }
    /// How many notifications in the active organisation are neither read nor archived.
    async fn unread_notification_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let Some(scope) = &ctx.asking().scope else { return Ok(0) };
        let count = services::notifications::read::unread_count(scope).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}
