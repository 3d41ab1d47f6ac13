//! What an organisation asks of who comes in.

use super::organization::Organization;
use crate::context::Ask;
use crate::error::Result;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, InputObject, Object, SimpleObject};
use services::Error;
use services::identity::organizations;
use services::identity::policies::{self, Policies, PoliciesChange};
use services::scope::retrying;

/// What an organisation asks of who comes in, beyond what everybody is asked.
#[derive(SimpleObject)]
pub struct OrganizationPolicies {
    /// How many characters a password has at least, when a member chooses one.
    pub password_length: i32,
    /// Whether members come in with a second factor alone.
    pub second_factor_required: bool,
    /// How many hours after it began a session is over.
    pub session_hours: i32,
    /// How many minutes an access token is good.
    pub access_token_minutes: i32,
    /// The ranges people and programs may come from; none: from everywhere.
    pub allowed_addresses: Vec<String>,
}

impl From<Policies> for OrganizationPolicies {
    fn from(policies: Policies) -> Self {
        Self {
            password_length: policies.password_length.into(),
            second_factor_required: policies.second_factor,
            session_hours: policies.session_hours.into(),
            access_token_minutes: policies.access_minutes.into(),
            allowed_addresses: policies.addresses,
        }
    }
}

/// What to change of the policies; absent fields stay.
#[derive(InputObject)]
pub struct OrganizationPoliciesSetInput {
    /// From 8 to 64.
    password_length: Option<i32>,
    /// Lets those out who have no second factor; the caller has one.
    second_factor_required: Option<bool>,
    /// From 1 to 168; holds for open sessions, too.
    session_hours: Option<i32>,
    /// From 5 to 60.
    access_token_minutes: Option<i32>,
    /// Addresses and ranges such as 196.1.95.0/24, fifty at most, the caller's own among them; empty: from everywhere.
    allowed_addresses: Option<Vec<String>>,
    /// Refuses the change when the organisation is at another version by now.
    expected_version: Option<i32>,
}

impl From<OrganizationPoliciesSetInput> for PoliciesChange {
    fn from(input: OrganizationPoliciesSetInput) -> Self {
        Self {
            password_length: input.password_length,
            second_factor: input.second_factor_required,
            session_hours: input.session_hours,
            access_minutes: input.access_token_minutes,
            addresses: input.allowed_addresses,
            expected_version: input.expected_version.map(Into::into),
        }
    }
}

payload! {
    OrganizationPoliciesSetPayload {
        /// The organisation as it is now, also after STALE_VERSION.
        organization: Organization
    },
}

#[derive(Default)]
pub struct PoliciesMutation;

#[Object]
impl PoliciesMutation {
    /// Changes what the active organisation asks of who comes in. Asks for a recent proof of who one is.
    #[graphql(directive = requires::apply("IDENTITY_ORGANIZATION_UPDATE".into()))]
    async fn organization_policies_set(
        &self,
        ctx: &Context<'_>,
        input: OrganizationPoliciesSetInput,
    ) -> Result<Option<OrganizationPoliciesSetPayload>> {
        let (scope, change) = (ctx.scope()?, PoliciesChange::from(input));
        let set = retrying(|| policies::set(scope, change.clone())).await;
        let present = async { Ok::<_, Error>(Some(Organization(organizations::get(scope).await?))) };
        or_present(set.map(Organization), present).await
    }
}
