//! Teams: who works with whom, as a tree.
//!
//! A *team* stands at the top or below another, and has *members* of the organisation, who may belong to several. What stands
//! below a team, itself included, is its *subtree*. Rules that always hold:
//! - Siblings have different names, case and accents aside.
//! - No team stands below itself, and none deeper than [`DEEPEST`].
//! - A team that others stand below is not deleted: move or delete those first. Its members stay members of the organisation.
//! - A right may reach the rows of one's teams' subtrees alone. Nobody widens by a team what rights reach that they have not
//!   themselves over the whole organisation.
//! - Who ends their membership belongs to no team any more.
//! - Whoever changes the tree holds the lock of all who decide about roles and members: of two moves at once, the second sees
//!   what the first has left.

mod change;
mod people;
mod read;
#[cfg(test)]
mod tests;
mod tree;
mod widening;

pub use change::{NewTeam, TeamChange, create, delete, update};
pub(super) use people::forget_member;
pub use people::{add_members, member_page, member_pages, of_members, remove_members};
pub use read::{TeamFilter, TeamOrder, by_ids, children, find, in_order, page};

/// Most teams one above the other.
pub const DEEPEST: i64 = 8;
/// Most teams of an organisation; refusing beats a tree nobody can overlook.
const MOST: u64 = 1_000;
const LONGEST_NAME: usize = 120;
