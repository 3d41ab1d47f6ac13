use super::Team;
use super::inputs::{TeamCreateInput, TeamDeleteInput, TeamMembersAddInput, TeamMembersRemoveInput, TeamUpdateInput};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::payload::{Payload, or_present};
use crate::schema::requires;
use async_graphql::{Context, ID, Object};
use entities::identity::{MembershipId, TeamId, team};
use services::identity::teams::{self, NewTeam, TeamChange};
use services::scope::retrying;
use services::{Error, Scope};

payload! {
    TeamCreatePayload {
        /// The new team.
        team: Team
    },
    TeamUpdatePayload {
        /// The team as it is now, also after STALE_VERSION.
        team: Team
    },
    TeamDeletePayload {
        /// The id that is gone.
        deleted_id: ID
    },
    TeamMembersAddPayload {
        /// The team as it is now, also after STALE_VERSION.
        team: Team
    },
    TeamMembersRemovePayload {
        /// The team as it is now, also after STALE_VERSION.
        team: Team
    },
}

#[derive(Default)]
pub struct TeamsMutation;

#[Object]
impl TeamsMutation {
    /// Makes a team, at the top or below another.
    #[graphql(directive = requires::apply("IDENTITY_TEAM_WRITE".into()))]
    async fn team_create(&self, ctx: &Context<'_>, input: TeamCreateInput) -> Result<Option<TeamCreatePayload>> {
        let (scope, new) = (ctx.scope()?, NewTeam::from(input));
        let made = retrying(|| teams::create(scope, new.clone())).await;
        Ok(Some(TeamCreatePayload::of(made.map(Team::alone))?))
    }

    /// Names or moves a team; what stands below it moves along.
    #[graphql(directive = requires::apply("IDENTITY_TEAM_WRITE".into()))]
    async fn team_update(&self, ctx: &Context<'_>, input: TeamUpdateInput) -> Result<Option<TeamUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, TeamId::of_global(&input.id));
        let change = TeamChange::from(input);
        answer(scope, id, retrying(|| teams::update(scope, id, change.clone())).await).await
    }

    /// Deletes a team that none stands below; who belonged to it stays a member of the organisation.
    #[graphql(directive = requires::apply("IDENTITY_TEAM_WRITE".into()))]
    async fn team_delete(&self, ctx: &Context<'_>, input: TeamDeleteInput) -> Result<Option<TeamDeletePayload>> {
        let (scope, id, version) = (ctx.scope()?, TeamId::of_global(&input.id), input.expected_version.map(Into::into));
        let gone = retrying(|| teams::delete(scope, id, version)).await;
        Ok(Some(TeamDeletePayload::of(gone.map(GlobalId::to_global))?))
    }

    /// Puts members into a team, beside those who are in it.
    #[graphql(directive = requires::apply("IDENTITY_TEAM_WRITE".into()))]
    async fn team_members_add(&self, ctx: &Context<'_>, input: TeamMembersAddInput) -> Result<Option<TeamMembersAddPayload>> {
        let (scope, id, version) = (ctx.scope()?, TeamId::of_global(&input.id), input.expected_version.map(Into::into));
        let members = MembershipId::of_globals(&input.membership_ids);
        answer(scope, id, retrying(|| teams::add_members(scope, id, &members, version)).await).await
    }

    /// Takes members out of a team; they stay members of the organisation.
    #[graphql(directive = requires::apply("IDENTITY_TEAM_WRITE".into()))]
    async fn team_members_remove(&self, ctx: &Context<'_>, input: TeamMembersRemoveInput) -> Result<Option<TeamMembersRemovePayload>> {
        let (scope, id, version) = (ctx.scope()?, TeamId::of_global(&input.id), input.expected_version.map(Into::into));
        let members = MembershipId::of_globals(&input.membership_ids);
        answer(scope, id, retrying(|| teams::remove_members(scope, id, &members, version)).await).await
    }
}

async fn answer<P>(scope: &Scope, id: TeamId, done: services::Result<team::Model>) -> Result<Option<P>>
where
    P: Payload<Of = Team>,
{
    let present = async { Ok::<_, Error>(teams::find(scope, id).await?.map(Team::alone)) };
    or_present(done.map(Team::alone), present).await
}
