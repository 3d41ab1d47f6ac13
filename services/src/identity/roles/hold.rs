//! Who may decide what, read under the lock of all such decisions.

use super::Role;
use crate::identity::{Grants, Permission, ShippedRole};
use crate::scope::TenantTx;
use crate::{Actor, Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::{MembershipId, RoleId};
use std::collections::HashMap;

/// The organisation's roles and the actor's rights, which nobody else changes before the commit.
pub(in crate::identity) struct Rights {
    roles: HashMap<RoleId, Role>,
    owner: RoleId,
    mine: Mine,
    /// Who asks, and with what permission: what they try beyond their own rights is written down.
    asker: Option<(Scope, Permission)>,
}

/// What the actor holds; the system may do all and holds nothing.
struct Mine {
    roles: Vec<RoleId>,
    grants: Grants,
    owns: bool,
}

#[derive(sea_orm::FromQueryResult)]
struct RoleOf {
    role_id: RoleId,
}

impl Rights {
    /// Waits for whoever else decides about roles and members of this organisation, and refuses an actor who lacks the
    /// permission by then.
    pub async fn hold(txn: &TenantTx<'_>, permission: Permission) -> Result<Self> {
        let rights = Self::hold_for(txn, txn.actor()).await?;
        let rights = Self { asker: Some((txn.beside(), permission)), ..rights };
        if rights.mine.grants.allow(permission) { Ok(rights) } else { Err(Error::Forbidden(permission.code())) }
    }

    /// The same with the rights of this actor, whatever they are.
    pub async fn hold_for(txn: &TenantTx<'_>, actor: Actor) -> Result<Self> {
        let owner = txn.statement(sql!("hold.sql")).bind("owner", ShippedRole::Owner.key()).value::<RoleId>().await?;
        // Every organisation has one: this one is not there.
        let owner = owner.ok_or(Error::NotFound)?;
        let roles: HashMap<RoleId, Role> = super::all(txn).await?.into_iter().map(|role| (role.row.id, role)).collect();
        let mine = match actor {
            Actor::System => Mine { roles: Vec::new(), grants: Grants::all(), owns: true },
            Actor::Member { membership, .. } => {
                let held = active_roles(txn, membership).await?;
                let grants = sum(&roles, &held);
                // Who comes with an API token gives no more than it names, and nothing that is the owners' alone.
                match txn.token() {
                    Some(token) => Mine { grants: token.narrow(&grants), owns: false, roles: held },
                    None => Mine { grants, owns: held.contains(&owner), roles: held },
                }
            }
        };
        Ok(Self { roles, owner, mine, asker: None })
    }

    pub fn get(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(&id)
    }
    pub fn all(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }
    /// The owners' role.
    pub fn owner(&self) -> RoleId {
        self.owner
    }
    pub fn shipped(&self, shipped: ShippedRole) -> Result<RoleId> {
        let found = self.all().find(|role| role.shipped() == Some(shipped));
        found.map(|role| role.row.id).ok_or_else(|| Error::internal(format!("an organisation without the role {}", shipped.key())))
    }
    /// Whether the actor is an owner.
    pub fn owns(&self) -> bool {
        self.mine.owns
    }

    pub fn allow(&self, permission: Permission) -> bool {
        self.mine.grants.allow(permission)
    }

    /// Whether these rights are among the actor's. What reaches somebody's teams reaches rows that the actor's own teams may not
    /// hold, so it takes the right over all.
    pub fn cover(&self, grants: &Grants) -> bool {
        self.noted(self.mine.grants.covers(&grants.beyond_teams()))
    }

    /// Writes down, as a refusal, that the actor tried what is beyond them.
    fn noted(&self, may: bool) -> bool {
        if let Some((scope, permission)) = self.asker.as_ref().filter(|_| !may) {
            crate::audit::beyond(scope, *permission);
        }
        may
    }

    /// Whether the actor may give, take and edit this role.
    pub fn reach(&self, role: &Role) -> bool {
        self.cover(&role.grants) && self.noted(self.mine.owns || !role.is_owner())
    }

    /// Whether the actor may decide about somebody who holds these roles.
    pub fn reach_all(&self, roles: &[RoleId]) -> bool {
        roles.iter().filter_map(|id| self.get(*id)).all(|role| self.reach(role))
    }

    /// Whether the actor may let a program have this permission.
    pub fn lend(&self, permission: Permission) -> bool {
        self.noted(self.allow(permission))
    }

    /// The rights the actor would have if a role granted these.
    pub fn mine_with(&self, changed: RoleId, grants: &Grants) -> Grants {
        let mut sum = Grants::default();
        for id in &self.mine.roles {
            let now = if *id == changed { Some(grants) } else { self.get(*id).map(|role| &role.grants) };
            sum.add_all(now.unwrap_or(&Grants::default()));
        }
        sum
    }

    /// The roles a list names, each once; what is wrong with it is added to the refusals.
    pub fn named(&self, txn: &TenantTx<'_>, ids: &[RoleId], refusals: &mut Refusals) -> Vec<RoleId> {
        let mut once: Vec<RoleId> = Vec::new();
        for id in ids {
            match self.get(*id) {
                None => refusals.add(Code::NotFound, "roleIds", txn.locale().say("role-unknown", &[])),
                Some(_) if once.contains(id) => {}
                Some(_) => once.push(*id),
            }
        }
        if ids.is_empty() {
            refusals.add(Code::Required, "roleIds", txn.locale().say("roles-required", &[]));
        }
        once
    }

    /// Refuses roles among these that are not the actor's to give or take.
    pub fn check_reach(&self, txn: &TenantTx<'_>, roles: impl Iterator<Item = RoleId>, path: &str, refusals: &mut Refusals) {
        for role in roles.filter_map(|id| self.get(id)).filter(|role| !self.reach(role)) {
            let role = [("role", role.name(txn.locale()))];
            refusals.add(Code::ForbiddenState, path, txn.locale().say("role-beyond-yours", &role));
        }
    }
}

fn sum(roles: &HashMap<RoleId, Role>, held: &[RoleId]) -> Grants {
    let mut sum = Grants::default();
    held.iter().filter_map(|id| roles.get(id)).for_each(|role| sum.add_all(&role.grants));
    sum
}

/// The roles of a member who is active.
async fn active_roles(txn: &TenantTx<'_>, member: MembershipId) -> Result<Vec<RoleId>> {
    let held: Vec<RoleOf> = txn.statement(sql!("mine.sql")).bind("member", member).all().await?;
    Ok(held.into_iter().map(|held| held.role_id).collect())
}
