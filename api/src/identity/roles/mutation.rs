use super::Role;
use super::inputs::{RoleCreateInput, RoleDeleteInput, RoleUpdateInput};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, ID, Object};
use entities::identity::RoleId;
use services::Error;
use services::identity::roles::{self, NewRole, RoleChange};
use services::scope::retrying;

payload! {
    RoleCreatePayload {
        /// The new role.
        role: Role
    },
    RoleUpdatePayload {
        /// The role as it is now, also after STALE_VERSION.
        role: Role
    },
    RoleDeletePayload {
        /// The id that is gone.
        deleted_id: ID
    },
}

#[derive(Default)]
pub struct RolesMutation;

#[Object]
impl RolesMutation {
    /// Adds a role of the organisation's own.
    #[graphql(directive = requires::apply("IDENTITY_ROLE_WRITE".into()))]
    async fn role_create(&self, ctx: &Context<'_>, input: RoleCreateInput) -> Result<Option<RoleCreatePayload>> {
        let (scope, new) = (ctx.scope()?, NewRole::from(input));
        let made = retrying(|| roles::create(scope, new.clone())).await;
        Ok(Some(RoleCreatePayload::of(made.map(Role))?))
    }

    /// Changes a role of the organisation's own; whoever holds it has the new rights within a second.
    #[graphql(directive = requires::apply("IDENTITY_ROLE_WRITE".into()))]
    async fn role_update(&self, ctx: &Context<'_>, input: RoleUpdateInput) -> Result<Option<RoleUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, RoleId::of_global(&input.id));
        let change = RoleChange::from(input);
        let changed = retrying(|| roles::update(scope, id, change.clone())).await;
        let present = async { Ok::<_, Error>(roles::find(scope, id).await?.map(Role)) };
        or_present(changed.map(Role), present).await
    }

    /// Deletes a role of the organisation's own; one that is held is refused, with the number of its holders.
    #[graphql(directive = requires::apply("IDENTITY_ROLE_WRITE".into()))]
    async fn role_delete(&self, ctx: &Context<'_>, input: RoleDeleteInput) -> Result<Option<RoleDeletePayload>> {
        let (scope, id) = (ctx.scope()?, RoleId::of_global(&input.id));
        let gone = retrying(|| roles::delete(scope, id)).await;
        Ok(Some(RoleDeletePayload::of(gone.map(GlobalId::to_global))?))
    }
}
