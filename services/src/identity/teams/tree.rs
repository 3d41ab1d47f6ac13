//! Where a team may stand.

use super::DEEPEST;
use crate::scope::TenantTx;
use crate::{Code, Reads, Refusals, Result, sql};
use entities::identity::TeamId;

/// A team about to stand below another.
#[derive(sea_orm::FromQueryResult)]
struct Place {
    /// How many stand one above the other down to the new parent, itself included; 0: there is none.
    above: i64,
    /// How many stand below the team, one above the other.
    below: i64,
    /// Whether the new parent stands in the team's own subtree.
    own: i64,
}

/// Refuses a parent that is not there, that stands below the team itself, or that is too deep for it.
pub(super) async fn check(txn: &TenantTx<'_>, team: TeamId, parent: TeamId, refusals: &mut Refusals) -> Result<()> {
    let place: Option<Place> = txn.statement(sql!("place.sql")).bind("team", team).bind("parent", parent).one().await?;
    let refusal = match place {
        Some(place) if place.own > 0 => Some((Code::ForbiddenState, "team-below-itself")),
        Some(place) if place.above > 0 && place.above + 1 + place.below > DEEPEST => Some((Code::LimitReached, "team-too-deep")),
        Some(place) if place.above > 0 => None,
        _ => Some((Code::NotFound, "team-unknown")),
    };
    if let Some((code, key)) = refusal {
        refusals.add(code, "parentId", txn.locale().say(key, &[("most", DEEPEST.to_string())]));
    }
    Ok(())
}

/// Gives a new team its place.
pub(super) async fn plant(txn: &TenantTx<'_>, team: TeamId, parent: Option<TeamId>) -> Result<()> {
    let parent = parent.unwrap_or(TeamId::NIL);
    txn.statement(sql!("plant.sql")).bind("team", team).bind("parent", parent).run().await.map(drop)
}

/// Moves a team and all that stands below it.
pub(super) async fn transplant(txn: &TenantTx<'_>, team: TeamId, parent: Option<TeamId>) -> Result<()> {
    txn.statement(sql!("uproot.sql")).bind("team", team).run().await?;
    if let Some(parent) = parent {
        txn.statement(sql!("graft.sql")).bind("team", team).bind("parent", parent).run().await?;
    }
    Ok(())
}
