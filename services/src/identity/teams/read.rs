//! Looking at teams; whoever sees the members sees them.

use crate::identity::Permission;
use crate::page::{Page, PageArgs, Sort, one_of};
use crate::{Code, Error, Reads, Result, Scope};
use entities::identity::TeamId;
use entities::identity::team::{self, Column};
use migration::folding::fold;
use sea_orm::sea_query::{ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;

/// Which teams a list shows; all conditions hold.
#[derive(Clone, Debug, Default)]
pub struct TeamFilter {
    /// Part of the name, in any case and with or without accents.
    pub search: Option<String>,
    /// Right below one of these.
    pub parents: Option<Vec<TeamId>>,
    /// Below no other.
    pub at_top: bool,
}

/// What teams can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamOrder {
    Name,
    CreatedAt,
}

/// One page of the teams, by name when no order is asked for.
pub async fn page(scope: &Scope, filter: &TeamFilter, order: &[(TeamOrder, bool)], args: &PageArgs) -> Result<Page<team::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    let mut all = Condition::all();
    if let Some(parents) = &filter.parents {
        all = all.add(one_of(Column::ParentId, parents)?);
    }
    if filter.at_top {
        all = all.add(Column::ParentId.is_null());
    }
    if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        all = all.add(called(scope, text)?);
    }
    let column = |order: &TeamOrder| match order {
        TeamOrder::Name => Column::NameKey,
        TeamOrder::CreatedAt => Column::CreatedAt,
    };
    let mut sorts: Vec<Sort<team::Entity>> = order.iter().map(|(by, descending)| Sort::new(column(by), *descending)).collect();
    if sorts.is_empty() {
        sorts.push(Sort::ascending(Column::NameKey));
    }
    scope.select::<team::Entity>().filter(all).page(args, &sorts).await
}

fn called(scope: &Scope, text: &str) -> Result<Condition> {
    if text.chars().count() > super::LONGEST_NAME {
        let too_long = scope.locale().say("text-too-long", &[("most", super::LONGEST_NAME.to_string())]);
        return Err(Error::refuse(Code::TooLong, "search", too_long));
    }
    const ESCAPE: char = '!';
    let literal: String =
        fold(text).chars().flat_map(|c| matches!(c, '%' | '_' | ESCAPE).then_some(ESCAPE).into_iter().chain([c])).collect();
    Ok(Condition::all().add(Column::NameKey.into_expr().like(LikeExpr::new(format!("%{literal}%")).escape(ESCAPE))))
}

pub async fn find(scope: &Scope, id: TeamId) -> Result<Option<team::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.find::<team::Entity>(id).await
}

/// These teams, for a page of what points at them.
pub async fn by_ids(scope: &Scope, ids: &[TeamId]) -> Result<HashMap<TeamId, team::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.by_ids::<team::Entity>(ids).await
}

/// What stands right below each of these, by name.
pub async fn children(scope: &Scope, ids: &[TeamId]) -> Result<HashMap<TeamId, Vec<team::Model>>> {
    scope.require(Permission::IdentityMemberRead)?;
    let rows = scope.select::<team::Entity>().among(Column::ParentId, ids.iter().map(|id| id.0)).all().await?;
    let mut below: HashMap<TeamId, Vec<team::Model>> = HashMap::new();
    for row in in_order(rows) {
        below.entry(row.parent_id.unwrap_or(TeamId::NIL)).or_default().push(row);
    }
    Ok(below)
}

/// Puts teams in the order of their names.
pub fn in_order(mut teams: Vec<team::Model>) -> Vec<team::Model> {
    teams.sort_by(|one, other| one.name_key.cmp(&other.name_key).then_with(|| entities::types::byte_order(one.id.0, other.id.0)));
    teams
}
