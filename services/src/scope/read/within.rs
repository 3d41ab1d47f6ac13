//! How far an actor's permission reaches, as a predicate of the statements that read and write its rows.
//!
//! | reach | rows |
//! |---|---|
//! | OWN | those whose owner the actor is |
//! | TEAM | those, and those of whoever belongs to a team at or below one of the actor's teams |
//! | ORG | all; the statement has no predicate, and its plan is what it was |
//!
//! A row out of reach is not there, as another organisation's is not. The teams are a sub-select, not a round trip.

use super::{Reads, Scoped};
use crate::identity::{Permission, Reach};
use crate::scope::{Scope, TenantTx};
use crate::{Error, Result};
use entities::identity::MembershipId;
use entities::{Owned, TenantId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ModelTrait};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::Hash;
use uuid::Uuid;

/// How far one permission of one actor reaches.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Within {
    tenant: TenantId,
    pub(in crate::scope) me: MembershipId,
    pub(in crate::scope) reach: Reach,
}

impl Scope {
    /// How far the permission reaches; refuses an actor who lacks it.
    pub fn within(&self, permission: Permission) -> Result<Within> {
        self.require(permission)?;
        let reach = self.grants().reach(permission).ok_or(Error::Forbidden(permission.code()))?;
        // Whoever is no member has the rights of the system, which reach all.
        Ok(Within { tenant: self.tenant(), me: self.membership().unwrap_or(MembershipId::NIL), reach })
    }
}

impl Within {
    /// How it is said in a statement: for the negative control, as if all were in reach.
    pub(in crate::scope) fn said(self) -> Reach {
        if crate::scope::all_in_reach() { Reach::Org } else { self.reach }
    }

    /// That the member a column holds is in reach; nothing where all are.
    pub fn over(self, owner: impl ColumnTrait) -> Condition {
        let (mine, team) = match self.said() {
            Reach::Org => return Condition::all(),
            Reach::Own => (owner.eq(self.me), None),
            Reach::Team => (owner.eq(self.me), Some(owner.into_expr().in_subquery(self.colleagues()))),
        };
        Condition::any().add(mine).add_option(team)
    }

    /// That a column holds the id of an `E` in reach; nothing where all are.
    pub fn over_those_of<E: Owned>(self, column: impl ColumnTrait) -> Condition {
        if self.said() == Reach::Org {
            return Condition::all();
        }
        let mut rows = Query::select();
        rows.expr(E::ID.into_expr()).from(E::default()).and_where(E::TENANT.eq(self.tenant)).cond_where(self.over(E::OWNER));
        Condition::all().add(column.into_expr().in_subquery(rows))
    }

    /// Who belongs to a team at or below one of the actor's.
    fn colleagues(self) -> SelectStatement {
        let of = |table: &'static str, column: &'static str| Expr::col((Alias::new(table), Alias::new(column)));
        let same_tenant = |one, other| of(one, "tenant_id").eq(of(other, "tenant_id"));
        let (team_members, team_paths) = (Alias::new("team_members"), Alias::new("team_paths"));
        let below = same_tenant("below", "mine").and(of("below", "ancestor_id").eq(of("mine", "team_id")));
        let theirs = same_tenant("theirs", "below").and(of("theirs", "team_id").eq(of("below", "team_id")));
        let mut colleagues = Query::select();
        colleagues.expr(of("theirs", "membership_id")).from_as(team_members.clone(), Alias::new("mine"));
        colleagues.join_as(JoinType::InnerJoin, team_paths, Alias::new("below"), below);
        colleagues.join_as(JoinType::InnerJoin, team_members, Alias::new("theirs"), theirs);
        let tenant: SimpleExpr = of("mine", "tenant_id").eq(self.tenant.0);
        colleagues.and_where(tenant).and_where(of("mine", "membership_id").eq(self.me.0));
        colleagues
    }
}

/// The same in a statement by hand, of the column it names: `:reach(m.recorded_by)`.
pub(in crate::scope) fn said_by_hand(owner: &str, reach: Reach) -> String {
    match reach {
        Reach::Org => "true".to_owned(),
        Reach::Own => format!("({owner} = :me)"),
        Reach::Team => format!(
            "({owner} = :me OR {owner} IN (SELECT theirs.membership_id FROM team_members mine
              JOIN team_paths below ON below.tenant_id = mine.tenant_id AND below.ancestor_id = mine.team_id
              JOIN team_members theirs ON theirs.tenant_id = below.tenant_id AND theirs.team_id = below.team_id
              WHERE mine.tenant_id = :tenant AND mine.membership_id = :me))"
        ),
    }
}

/// Reading no further than a permission reaches.
pub trait ReadsWithin: Reads {
    #[doc(hidden)]
    fn reach_of(&self, permission: Permission) -> Result<Within>;

    /// The rows of a table that are in reach of the permission, which the actor has.
    fn select_within<E: Owned>(&self, permission: Permission) -> Result<Scoped<'_, Self, E>>
    where
        Self: Sized,
        E::Model: Send + Sync,
    {
        Ok(self.select::<E>().filter(self.reach_of(permission)?.over(E::OWNER)))
    }

    /// The row with this id, if it is in reach.
    fn find_within<E: Owned>(&self, permission: Permission, id: E::Id) -> impl Future<Output = Result<Option<E::Model>>> + Send
    where
        Self: Sized,
        E::Model: Send + Sync,
    {
        async move { self.select_within::<E>(permission)?.filter(E::ID.eq(id)).one().await }
    }

    /// Those of the rows with these ids that are in reach, by id.
    fn by_ids_within<E: Owned>(
        &self,
        permission: Permission,
        ids: &[E::Id],
    ) -> impl Future<Output = Result<HashMap<E::Id, E::Model>>> + Send
    where
        Self: Sized,
        E::Id: Eq + Hash + Into<Uuid> + From<Uuid> + sea_orm::sea_query::ValueType,
        E::Model: Send + Sync,
    {
        async move {
            let rows = self.select_within::<E>(permission)?.among(E::ID, ids.iter().map(|id| (*id).into())).all().await?;
            Ok(rows.into_iter().map(|row| (row.get(E::ID).unwrap(), row)).collect())
        }
    }
}

impl ReadsWithin for Scope {
    fn reach_of(&self, permission: Permission) -> Result<Within> {
        self.within(permission)
    }
}

impl ReadsWithin for TenantTx<'_> {
    fn reach_of(&self, permission: Permission) -> Result<Within> {
        self.scope().within(permission)
    }
}
