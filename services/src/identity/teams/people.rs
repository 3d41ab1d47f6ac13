//! Who belongs to which team.

use super::change::{held, touched};
use super::read::in_order;
use super::widening;
use crate::audit::NewAudit;
use crate::identity::roles::Rights;
use crate::identity::{Permission, members};
use crate::page::{Page, PageArgs};
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::{MembershipId, TeamId, TeamMemberId, team, team_member};
use std::collections::HashMap;

/// Most members one call adds or removes.
const MOST_AT_ONCE: usize = 100;

/// Puts members into a team; who is in it stays in it.
pub async fn add_members(scope: &Scope, id: TeamId, members: &[MembershipId], version: Option<i64>) -> Result<team::Model> {
    let (txn, rights, old) = begin(scope, id, members, version).await?;
    let known = txn.by_ids::<membership::Entity>(members).await?;
    let mut refusals = Refusals::default();
    for member in members {
        match known.get(member).map(|row| row.status) {
            None => refusals.add(Code::NotFound, "membershipIds", txn.locale().say("member-unknown", &[])),
            Some(MembershipStatus::Left) => {
                refusals.add(Code::ForbiddenState, "membershipIds", txn.locale().say("member-has-left", &[]));
            }
            Some(_) => {}
        }
    }
    refusals.check()?;
    let columns = vec![Column::uuids(members.iter().map(|_| txn.new_id::<TeamMemberId>())), Column::uuids(members.iter().copied())];
    txn.statement(sql!("give.sql")).bind("team", id).rows("x", columns).run().await?;
    widening::check(&txn, &rights, id, "membershipIds").await?;
    saved(txn, &old, "identity.team.add_members", members).await
}

/// Takes members out of a team; who is not in it is no obstacle.
pub async fn remove_members(scope: &Scope, id: TeamId, members: &[MembershipId], version: Option<i64>) -> Result<team::Model> {
    let (txn, _, old) = begin(scope, id, members, version).await?;
    txn.statement(sql!("take.sql")).bind("team", id).ids("members", members.iter().copied()).run().await?;
    saved(txn, &old, "identity.team.remove_members", members).await
}

async fn begin<'a>(
    scope: &'a Scope,
    id: TeamId,
    members: &[MembershipId],
    version: Option<i64>,
) -> Result<(TenantTx<'a>, Rights, team::Model)> {
    scope.require(Permission::IdentityTeamWrite)?;
    if members.len() > MOST_AT_ONCE {
        let full = scope.locale().say("list-full", &[("most", MOST_AT_ONCE.to_string())]);
        return Err(Error::refuse(Code::LimitReached, "membershipIds", full));
    }
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityTeamWrite).await?;
    let old = held(&txn, id, version).await?;
    Ok((txn, rights, old))
}

async fn saved(txn: TenantTx<'_>, old: &team::Model, act: &'static str, members: &[MembershipId]) -> Result<team::Model> {
    let row = txn.update(touched(&txn, old)).await?;
    let named: Vec<String> = members.iter().map(ToString::to_string).collect();
    txn.audit(NewAudit::of(act).on("Team", row.id).with("membershipIds", named));
    txn.commit().await?;
    Ok(row)
}

/// Takes somebody who leaves out of all teams.
pub(in crate::identity) async fn forget_member(txn: &TenantTx<'_>, member: MembershipId) -> Result<()> {
    txn.statement(sql!("forget.sql")).bind("member", member).run().await.map(drop)
}

/// A page of a team's own members, in the order they came into it.
pub async fn member_page(scope: &Scope, id: TeamId, args: &PageArgs) -> Result<Page<membership::Model>> {
    Ok(pages(scope, &[id], args).await?.remove(&id).unwrap_or_else(Page::empty))
}

/// The first page of the members of each team.
pub async fn member_pages(scope: &Scope, ids: &[TeamId], args: &PageArgs) -> Result<HashMap<TeamId, Page<membership::Model>>> {
    pages(scope, ids, args).await
}

async fn pages(scope: &Scope, ids: &[TeamId], args: &PageArgs) -> Result<HashMap<TeamId, Page<membership::Model>>> {
    scope.require(Permission::IdentityMemberRead)?;
    let found = scope.select::<team_member::Entity>().first_pages(team_member::Column::TeamId, ids, args, &[]).await?;
    let all: Vec<MembershipId> = found.values().flat_map(Page::items).map(|row| row.membership_id).collect();
    let rows = members::by_ids(scope, &all).await?;
    let whole = |page: Page<team_member::Model>| page.try_map(|row| rows.get(&row.membership_id).cloned().ok_or(Error::NotFound));
    found.into_iter().map(|(id, page)| Ok((id, whole(page)?))).collect()
}

#[derive(sea_orm::FromQueryResult)]
struct Belongs {
    membership_id: MembershipId,
    #[sea_orm(nested)]
    team: team::Model,
}

/// The teams each of these members belongs to, by name; one sees one's own without a permission.
pub async fn of_members(scope: &Scope, ids: &[MembershipId]) -> Result<HashMap<MembershipId, Vec<team::Model>>> {
    if ids.iter().any(|id| scope.membership() != Some(*id)) {
        scope.require(Permission::IdentityMemberRead)?;
    }
    let rows: Vec<Belongs> = scope.statement(sql!("of_members.sql")).ids("ids", ids.iter().copied()).all().await?;
    let mut teams: HashMap<MembershipId, Vec<team::Model>> = HashMap::new();
    for row in rows {
        teams.entry(row.membership_id).or_default().push(row.team);
    }
    Ok(teams.into_iter().map(|(id, teams)| (id, in_order(teams))).collect())
}
