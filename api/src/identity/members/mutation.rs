use super::inputs::{
    MemberReactivateInput, MemberRemoveInput, MemberRolesSetInput, MemberSuspendInput, OrganizationLeaveInput, OwnershipTransferInput,
};
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::{Membership, Viewer};
use crate::ids::GlobalId;
use crate::payload::{Payload, or_present};
use crate::schema::{requires, signed_in};
use async_graphql::{Context, ID, Object};
use entities::TenantId;
use entities::identity::{MembershipId, RoleId, membership};
use services::identity::members;
use services::scope::retrying;
use services::{Error, Scope};

payload! {
    MemberRolesSetPayload {
        /// The membership as it is now, also after STALE_VERSION.
        membership: Membership
    },
    MemberSuspendPayload {
        /// The membership as it is now, also after STALE_VERSION.
        membership: Membership
    },
    MemberReactivatePayload {
        /// The membership as it is now, also after STALE_VERSION.
        membership: Membership
    },
    MemberRemovePayload {
        /// The membership as it is now, also after STALE_VERSION.
        membership: Membership
    },
    OrganizationLeavePayload {
        /// The person, with the organisations that are left.
        viewer: Viewer
    },
    OwnershipTransferPayload {
        /// The membership of the new owner, also after STALE_VERSION.
        membership: Membership
    },
}

#[derive(Default)]
pub struct MembersMutation;

#[Object]
impl MembersMutation {
    /// Gives a member these roles in place of those they hold, and tells them.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_MANAGE".into()))]
    async fn member_roles_set(&self, ctx: &Context<'_>, input: MemberRolesSetInput) -> Result<Option<MemberRolesSetPayload>> {
        let (scope, id, roles) = (ctx.scope()?, MembershipId::of_global(&input.id), RoleId::of_globals(&input.role_ids));
        let version = input.expected_version.map(Into::into);
        answer(scope, id, retrying(|| members::set_roles(scope, id, &roles, version)).await).await
    }

    /// Closes the organisation to a member, ends their sessions in it and tells them; their roles wait.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_MANAGE".into()))]
    async fn member_suspend(&self, ctx: &Context<'_>, input: MemberSuspendInput) -> Result<Option<MemberSuspendPayload>> {
        let (scope, id, version) = about(ctx, &input.id, input.expected_version)?;
        answer(scope, id, retrying(|| members::suspend(scope, id, version)).await).await
    }

    /// Opens the organisation to a suspended member again, and tells them.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_MANAGE".into()))]
    async fn member_reactivate(&self, ctx: &Context<'_>, input: MemberReactivateInput) -> Result<Option<MemberReactivatePayload>> {
        let (scope, id, version) = about(ctx, &input.id, input.expected_version)?;
        answer(scope, id, retrying(|| members::reactivate(scope, id, version)).await).await
    }

    /// Ends a membership, its roles and its sessions, and tells the person; what they did stays theirs.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_MANAGE".into()))]
    async fn member_remove(&self, ctx: &Context<'_>, input: MemberRemoveInput) -> Result<Option<MemberRemovePayload>> {
        let (scope, id, version) = about(ctx, &input.id, input.expected_version)?;
        answer(scope, id, retrying(|| members::remove(scope, id, version)).await).await
    }

    /// Leaves one of one's organisations; the last owner cannot. A session in it is over.
    #[graphql(directive = signed_in::apply())]
    async fn organization_leave(&self, ctx: &Context<'_>, input: OrganizationLeaveInput) -> Result<Option<OrganizationLeavePayload>> {
        let (doorway, caller, tenant) = (ctx.doorway(), ctx.person()?, TenantId::of_global(&input.organization_id));
        let left = retrying(|| members::leave(&doorway, caller, tenant)).await;
        Ok(Some(OrganizationLeavePayload::of(left.map(|()| Viewer))?))
    }

    /// Makes an active member an owner in the place of the owner who asks, who stays as an administrator; both are told.
    #[graphql(directive = requires::apply("IDENTITY_OWNERSHIP_TRANSFER".into()))]
    async fn ownership_transfer(&self, ctx: &Context<'_>, input: OwnershipTransferInput) -> Result<Option<OwnershipTransferPayload>> {
        let (scope, id, version) = about(ctx, &input.id, input.expected_version)?;
        answer(scope, id, retrying(|| members::transfer(scope, id, version)).await).await
    }
}

fn about<'a>(ctx: &'a Context<'_>, id: &ID, version: Option<i32>) -> Result<(&'a Scope, MembershipId, Option<i64>)> {
    Ok((ctx.scope()?, MembershipId::of_global(id), version.map(Into::into)))
}

async fn answer<P>(scope: &Scope, id: MembershipId, done: services::Result<membership::Model>) -> Result<Option<P>>
where
    P: Payload<Of = Membership>,
{
    let present = async { Ok::<_, Error>(members::find(scope, id).await?.map(Membership::alone)) };
    or_present(done.map(Membership::alone), present).await
}
