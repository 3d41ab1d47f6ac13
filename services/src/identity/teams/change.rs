//! Making, naming, moving and deleting teams.

use super::{LONGEST_NAME, MOST, tree, widening};
use crate::audit::NewAudit;
use crate::identity::Permission;
use crate::identity::account::check_text;
use crate::identity::roles::Rights;
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope};
use entities::identity::TeamId;
use entities::identity::team::{self, Column};
use migration::folding::name_key;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;

/// A team to make.
#[derive(Clone, Debug, Default)]
pub struct NewTeam {
    pub name: String,
    pub parent: Option<TeamId>,
}

/// What to change of a team; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct TeamChange {
    pub name: Option<String>,
    /// None inside: to the top.
    pub parent: Option<Option<TeamId>>,
    pub expected_version: Option<i64>,
}

/// Adds a team, at the top or below another.
pub async fn create(scope: &Scope, new: NewTeam) -> Result<team::Model> {
    scope.require(Permission::IdentityTeamWrite)?;
    let txn = scope.begin().await?;
    Rights::hold(&txn, Permission::IdentityTeamWrite).await?;
    if txn.select::<team::Entity>().count().await? >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let (id, mut refusals) = (txn.new_id(), Refusals::default());
    let name = check_text(&new.name, "name", LONGEST_NAME, txn.locale(), &mut refusals);
    if let Some(parent) = new.parent {
        tree::check(&txn, id, parent, &mut refusals).await?;
    }
    unlike_siblings(&txn, id, new.parent, &name, &mut refusals).await?;
    refusals.check()?;
    let row = team::ActiveModel {
        id: Set(id),
        parent_id: Set(new.parent),
        name_key: Set(name_key(&name)),
        name: Set(name),
        version: Set(1),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.insert(row).await?;
    tree::plant(&txn, id, new.parent).await?;
    let act = NewAudit::of("identity.team.create").on("Team", id).with("name", row.name.as_str());
    txn.audit(act.with("parentId", row.parent_id.map(|id| id.to_string())));
    txn.commit().await?;
    Ok(row)
}

/// Names or moves a team; what stands below it moves along.
pub async fn update(scope: &Scope, id: TeamId, change: TeamChange) -> Result<team::Model> {
    scope.require(Permission::IdentityTeamWrite)?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityTeamWrite).await?;
    let old = held(&txn, id, change.expected_version).await?;
    let mut refusals = Refusals::default();
    let name = change.name.map(|name| check_text(&name, "name", LONGEST_NAME, txn.locale(), &mut refusals));
    let (name, parent) = (name.unwrap_or_else(|| old.name.clone()), change.parent.unwrap_or(old.parent_id));
    let moves = parent != old.parent_id;
    if let Some(parent) = parent.filter(|_| moves) {
        tree::check(&txn, id, parent, &mut refusals).await?;
    }
    unlike_siblings(&txn, id, parent, &name, &mut refusals).await?;
    refusals.check()?;
    let row = team::ActiveModel { parent_id: Set(parent), name_key: Set(name_key(&name)), name: Set(name), ..touched(&txn, &old) };
    let row = txn.update(row).await?;
    if moves {
        tree::transplant(&txn, id, parent).await?;
        widening::check(&txn, &rights, id, "parentId").await?;
    }
    let parents = [old.parent_id, row.parent_id].map(|id| id.map(|id| id.to_string()));
    let [from, to] = parents;
    let act = NewAudit::of("identity.team.update").on("Team", id).change("name", old.name, row.name.as_str());
    txn.audit(act.change("parentId", from, to));
    txn.commit().await?;
    Ok(row)
}

/// Deletes a team that none stands below; who belonged to it belongs to its other teams.
pub async fn delete(scope: &Scope, id: TeamId, version: Option<i64>) -> Result<TeamId> {
    scope.require(Permission::IdentityTeamWrite)?;
    let txn = scope.begin().await?;
    Rights::hold(&txn, Permission::IdentityTeamWrite).await?;
    let old = held(&txn, id, version).await?;
    let below = txn.select::<team::Entity>().filter(Column::ParentId.eq(id)).count().await?;
    if below > 0 {
        let has = txn.locale().say("team-has-teams", &[("teams", below.to_string())]);
        return Err(Error::refuse(Code::ForbiddenState, "id", has));
    }
    txn.delete::<team::Entity>(id).await?;
    txn.audit(NewAudit::of("identity.team.delete").on("Team", id).with("name", old.name));
    txn.commit().await?;
    Ok(id)
}

/// The team, held to the commit, at the version that is expected.
pub(super) async fn held(txn: &TenantTx<'_>, id: TeamId, version: Option<i64>) -> Result<team::Model> {
    let unknown = || txn.locale().say("team-unknown", &[]);
    let row = txn.lock::<team::Entity>(id).await.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    if version.is_some_and(|version| version != row.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    Ok(row)
}

/// The row's next version.
pub(super) fn touched(txn: &TenantTx<'_>, old: &team::Model) -> team::ActiveModel {
    team::ActiveModel { id: Unchanged(old.id), version: Set(old.version + 1), updated_at: Set(txn.now()), ..Default::default() }
}

/// Nobody writes beside the lock, so what is not there now is not there at the commit.
async fn unlike_siblings(txn: &TenantTx<'_>, id: TeamId, parent: Option<TeamId>, name: &str, refusals: &mut Refusals) -> Result<()> {
    let siblings = txn.select::<team::Entity>().filter(Column::NameKey.eq(name_key(name))).filter(Column::Id.ne(id));
    let siblings = match parent {
        Some(parent) => siblings.filter(Column::ParentId.eq(parent)),
        None => siblings.filter(Column::ParentId.is_null()),
    };
    if siblings.count().await? > 0 {
        refusals.add(Code::AlreadyExists, "name", txn.locale().say("team-name-taken", &[]));
    }
    Ok(())
}
