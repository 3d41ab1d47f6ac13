use super::ServiceAccount;
use super::inputs::{ServiceAccountCreateInput, ServiceAccountRemoveInput, ServiceAccountUpdateInput};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, Object};
use entities::identity::ServiceAccountId;
use services::Error;
use services::identity::service_accounts::{self, NewServiceAccount, ServiceAccountChange};
use services::scope::retrying;

payload! {
    ServiceAccountCreatePayload {
        /// The new service account.
        service_account: ServiceAccount
    },
    ServiceAccountUpdatePayload {
        /// The service account as it is now, also after STALE_VERSION.
        service_account: ServiceAccount
    },
    ServiceAccountRemovePayload {
        /// The service account as it is now, also after STALE_VERSION.
        service_account: ServiceAccount
    },
}

#[derive(Default)]
pub struct ServiceAccountsMutation;

#[Object]
impl ServiceAccountsMutation {
    /// Adds a service account. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_SERVICE_ACCOUNT_WRITE".into()))]
    async fn service_account_create(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountCreateInput,
    ) -> Result<Option<ServiceAccountCreatePayload>> {
        let (scope, new) = (ctx.scope()?, NewServiceAccount::from(input));
        let made = retrying(|| service_accounts::create(scope, new.clone())).await;
        Ok(Some(ServiceAccountCreatePayload::of(made.map(ServiceAccount::alone))?))
    }

    /// Renames a service account, gives it other roles, suspends it or lets it go on. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_SERVICE_ACCOUNT_WRITE".into()))]
    async fn service_account_update(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountUpdateInput,
    ) -> Result<Option<ServiceAccountUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, ServiceAccountId::of_global(&input.id));
        let change = ServiceAccountChange::from(input);
        let changed = retrying(|| service_accounts::update(scope, id, change.clone())).await;
        let present = async { Ok::<_, Error>(service_accounts::find(scope, id).await?.map(ServiceAccount::alone)) };
        or_present(changed.map(ServiceAccount::alone), present).await
    }

    /// Ends a service account, its roles and its tokens; what it did stays its own.
    #[graphql(directive = requires::apply("IDENTITY_SERVICE_ACCOUNT_WRITE".into()))]
    async fn service_account_remove(
        &self,
        ctx: &Context<'_>,
        input: ServiceAccountRemoveInput,
    ) -> Result<Option<ServiceAccountRemovePayload>> {
        let (scope, id) = (ctx.scope()?, ServiceAccountId::of_global(&input.id));
        let version = input.expected_version.map(Into::into);
        let gone = retrying(|| service_accounts::remove(scope, id, version)).await;
        let present = async { Ok::<_, Error>(service_accounts::find(scope, id).await?.map(ServiceAccount::alone)) };
        or_present(gone.map(ServiceAccount::alone), present).await
    }
}
