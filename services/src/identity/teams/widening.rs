//! Who reaches more when a team gets members or another place.

use crate::identity::roles::{Rights, Role};
use crate::identity::{Grants, Reach};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Result, sql};
use entities::identity::{RoleId, TeamId};

/// Refuses a change after which somebody's right to their teams' rows reaches this team, unless the actor has the right over the
/// whole organisation. Those are the members of the team and of the teams above it.
pub(super) async fn check(txn: &TenantTx<'_>, rights: &Rights, team: TeamId, path: &str) -> Result<()> {
    #[derive(sea_orm::FromQueryResult)]
    struct Gaining {
        role_id: RoleId,
    }
    let gaining: Vec<Gaining> = txn.statement(sql!("gaining.sql")).bind("team", team).all().await?;
    let widened = gaining.iter().filter_map(|role| rights.get(role.role_id)).all(|role| rights.cover(&of_teams(role)));
    if widened { Ok(()) } else { Err(Error::refuse(Code::ForbiddenState, path, txn.locale().say("team-widens-too-far", &[]))) }
}

/// What the role lets one do to the rows of one's teams.
fn of_teams(role: &Role) -> Grants {
    let mut grants = Grants::default();
    role.grants.iter().filter(|(_, reach)| *reach == Reach::Team).for_each(|(permission, reach)| grants.add(permission, reach));
    grants
}
