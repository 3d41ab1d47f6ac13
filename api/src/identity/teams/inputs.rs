use crate::ids::GlobalId;
use crate::inventory::inputs::{SortDirection, touched};
use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entities::identity::TeamId;
use services::identity::teams::{NewTeam, TeamChange, TeamOrder};

/// Which teams a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct TeamFilter {
    /// Part of the name, in any case and with or without accents.
    search: Option<String>,
    /// Right below one of these teams.
    parent_ids: Option<Vec<ID>>,
    /// Only those below no other.
    #[graphql(default)]
    at_top: bool,
}

impl From<TeamFilter> for services::identity::teams::TeamFilter {
    fn from(filter: TeamFilter) -> Self {
        Self { search: filter.search, parents: filter.parent_ids.map(|ids| GlobalId::of_globals(&ids)), at_top: filter.at_top }
    }
}

/// One column of a list's order, which has at most five.
#[derive(InputObject)]
pub struct TeamSort {
    /// The column.
    field: TeamSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

impl TeamSort {
    pub fn order(all: Option<Vec<Self>>) -> Vec<(TeamOrder, bool)> {
        all.unwrap_or_default().into_iter().map(|sort| (sort.field.into(), sort.direction == SortDirection::Desc)).collect()
    }
}

/// What teams can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "TeamOrder")]
pub enum TeamSortField {
    /// The name, in which case and accents do not count: É is e, œ is oe.
    Name,
    /// When it was made.
    CreatedAt,
}

/// A new team.
#[derive(InputObject)]
pub struct TeamCreateInput {
    /// What no sibling is called, case and accents aside; at most 120 characters.
    name: String,
    /// The team it stands below; absent: at the top. At most eight stand one above the other.
    parent_id: Option<ID>,
}

/// What to change of a team; absent fields stay.
#[derive(InputObject)]
pub struct TeamUpdateInput {
    /// The team.
    pub id: ID,
    /// What no sibling is called, case and accents aside; at most 120 characters.
    name: Option<String>,
    /// The team it is to stand below, with all that stands below it; null: to the top.
    parent_id: MaybeUndefined<ID>,
    /// Refuses the change when the team is at another version by now.
    expected_version: Option<i32>,
}

/// The team to delete.
#[derive(InputObject)]
pub struct TeamDeleteInput {
    /// One that no team stands below.
    pub id: ID,
    /// Refuses the change when the team is at another version by now.
    pub expected_version: Option<i32>,
}

/// Who is to belong to a team.
#[derive(InputObject)]
pub struct TeamMembersAddInput {
    /// The team.
    pub id: ID,
    /// At most 100; who belongs to it already, stays.
    pub membership_ids: Vec<ID>,
    /// Refuses the change when the team is at another version by now.
    pub expected_version: Option<i32>,
}

/// Who is to belong to a team no more.
#[derive(InputObject)]
pub struct TeamMembersRemoveInput {
    /// The team.
    pub id: ID,
    /// At most 100; who does not belong to it is no obstacle.
    pub membership_ids: Vec<ID>,
    /// Refuses the change when the team is at another version by now.
    pub expected_version: Option<i32>,
}

impl From<TeamCreateInput> for NewTeam {
    fn from(input: TeamCreateInput) -> Self {
        Self { name: input.name, parent: input.parent_id.as_ref().map(TeamId::of_global) }
    }
}

impl From<TeamUpdateInput> for TeamChange {
    fn from(input: TeamUpdateInput) -> Self {
        let parent = touched(input.parent_id).map(|parent| parent.as_ref().map(TeamId::of_global));
        Self { name: input.name, parent, expected_version: input.expected_version.map(Into::into) }
    }
}
