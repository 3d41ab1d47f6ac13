//! Switching parts of the product on and off.

use super::organization::{Module, Organization};
use crate::context::Ask;
use crate::error::Result;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, InputObject, Object};
use services::Error;
use services::identity::{modules, organizations};
use services::scope::retrying;

/// The modules an organisation is to have.
#[derive(InputObject)]
pub struct OrganizationModulesSetInput {
    /// All of them: those that are not listed are off.
    modules: Vec<Module>,
    /// Refuses the change when the organisation is at another version by now.
    expected_version: Option<i32>,
}

payload! {
    OrganizationModulesSetPayload {
        /// The organisation as it is now, also after STALE_VERSION.
        organization: Organization
    },
}

#[derive(Default)]
pub struct ModulesMutation;

#[Object]
impl ModulesMutation {
    /// Switches on these modules of the active organisation and no others. Nothing is lost by switching one off; imports go off
    /// once none is under way.
    #[graphql(directive = requires::apply("IDENTITY_ORGANIZATION_UPDATE".into()))]
    async fn organization_modules_set(
        &self,
        ctx: &Context<'_>,
        input: OrganizationModulesSetInput,
    ) -> Result<Option<OrganizationModulesSetPayload>> {
        let (scope, version) = (ctx.scope()?, input.expected_version.map(Into::into));
        let codes: Vec<&str> = input.modules.iter().map(|module| module.code()).collect();
        let set = retrying(|| modules::set(scope, &codes, version)).await;
        let present = async { Ok::<_, Error>(Some(Organization(organizations::get(scope).await?))) };
        or_present(set.map(Organization), present).await
    }
}
