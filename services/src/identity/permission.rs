use super::modules::Module;
use crate::locale::Locale;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reach {
    /// One's own rows.
    Own,
    /// One's own, and those of whoever belongs to a team at or below one of one's own.
    Team,
    /// All of the organisation's.
    Org,
}

impl Reach {
    pub fn code(self) -> &'static str {
        match self {
            Self::Own => "OWN",
            Self::Team => "TEAM",
            Self::Org => "ORG",
        }
    }
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Own, Self::Team, Self::Org].into_iter().find(|reach| reach.code() == code)
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        /// Something an actor may be allowed to do, named `domain.noun.verb`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $name),* }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

permissions! {
    /// See who belongs to the organisation, and with which roles.
    IdentityMemberRead = "identity.member.read",
    /// Invite people, with roles whose rights one has.
    IdentityMemberInvite = "identity.member.invite",
    /// Give and take roles whose rights one has; suspend, reactivate and remove members.
    IdentityMemberManage = "identity.member.manage",
    /// Create, change and delete the organisation's own roles.
    IdentityRoleWrite = "identity.role.write",
    /// Make, move and delete teams, and say who belongs to them.
    IdentityTeamWrite = "identity.team.write",
    /// Create, change and remove service accounts with rights one has, and make their API tokens.
    IdentityServiceAccountWrite = "identity.service_account.write",
    /// Register, change and delete clients of the authorization server, which act as service accounts.
    IdentityOauthClientWrite = "identity.oauth_client.write",
    /// Change the organisation's name, language, time zone and policies.
    IdentityOrganizationUpdate = "identity.organization.update",
    /// Hand the organisation over to another owner.
    IdentityOwnershipTransfer = "identity.ownership.transfer",
    /// See products, categories, suppliers, units and warehouses.
    InventoryProductRead = "inventory.product.read",
    /// Create, change and archive products, categories, suppliers and warehouses.
    InventoryProductWrite = "inventory.product.write",
    /// See stock levels and the dashboard.
    InventoryStockRead = "inventory.stock.read",
    /// See movements of stock.
    InventoryStockMovementRead = "inventory.stock_movement.read",
    /// See what products cost, and what stock is worth at cost.
    InventoryCostRead = "inventory.cost.read",
    /// Record movements and transfers of stock.
    InventoryStockMovementRecord = "inventory.stock_movement.record",
    /// Undo a movement by its reverse.
    InventoryStockMovementReverse = "inventory.stock_movement.reverse",
    /// Upload files.
    FilesFileUpload = "files.file.upload",
    /// See imports and their errors.
    DataImportsImportRead = "data_imports.import.read",
    /// Start and cancel imports.
    DataImportsImportRun = "data_imports.import.run",
    /// See who did what in the organisation.
    AuditEventRead = "audit.event.read",
    /// See stock alerts, their history and the rules behind them.
    AlertsStockAlertRead = "alerts.stock_alert.read",
    /// Acknowledge and snooze stock alerts.
    AlertsStockAlertHandle = "alerts.stock_alert.handle",
    /// Ask for an evaluation of the alert rules now.
    AlertsStockAlertEvaluate = "alerts.stock_alert.evaluate",
    /// Create, change and delete alert rules.
    AlertsRuleWrite = "alerts.rule.write",
    /// See the organisation's background jobs.
    WorkJobRead = "work.job.read",
    /// Retry and discard the organisation's background jobs.
    WorkJobManage = "work.job.manage",
}

/// To what knows who made it: movements, imports, files on their way, acts.
const OF_OWNERS: &[Permission] = &[
    Permission::InventoryStockMovementRead,
    Permission::InventoryStockMovementReverse,
    Permission::FilesFileUpload,
    Permission::DataImportsImportRead,
    Permission::DataImportsImportRun,
    Permission::AuditEventRead,
];

impl Permission {
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.code() == code)
    }
    pub(crate) fn only_reads(self) -> bool {
        self.code().ends_with(".read")
    }
    /// How far it may reach. Rows that know no owner ([`entities::Owned`]) are the whole organisation's or nobody's: a narrower
    /// right to them would be a promise that no statement keeps.
    pub fn reaches(self) -> &'static [Reach] {
        if OF_OWNERS.contains(&self) { &[Reach::Own, Reach::Team, Reach::Org] } else { &[Reach::Org] }
    }
    /// The module it is nothing without; none: it is always there. Whoever adds a permission says which.
    pub fn module(self) -> Option<Module> {
        match self {
            Self::InventoryProductRead
            | Self::InventoryProductWrite
            | Self::InventoryStockRead
            | Self::InventoryStockMovementRead
            | Self::InventoryCostRead
            | Self::InventoryStockMovementRecord
            | Self::InventoryStockMovementReverse
            | Self::AlertsStockAlertRead
            | Self::AlertsStockAlertHandle
            | Self::AlertsStockAlertEvaluate
            | Self::AlertsRuleWrite => Some(Module::Inventory),
            Self::DataImportsImportRead | Self::DataImportsImportRun => Some(Module::DataImports),
            Self::IdentityMemberRead
            | Self::IdentityMemberInvite
            | Self::IdentityMemberManage
            | Self::IdentityRoleWrite
            | Self::IdentityTeamWrite
            | Self::IdentityServiceAccountWrite
            | Self::IdentityOauthClientWrite
            | Self::IdentityOrganizationUpdate
            | Self::IdentityOwnershipTransfer
            | Self::FilesFileUpload
            | Self::AuditEventRead
            | Self::WorkJobRead
            | Self::WorkJobManage => None,
        }
    }
    /// What it allows, in one sentence.
    pub fn describe(self, locale: Locale) -> String {
        locale.say(&format!("permission-{}", self.code().replace(['.', '_'], "-")), &[])
    }
}

/// What an actor may do, and how far each right reaches; roles add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeMap<Permission, Reach>);

impl Grants {
    /// Every permission over the whole organisation.
    pub fn all() -> Self {
        Self(Permission::ALL.iter().map(|permission| (*permission, Reach::Org)).collect())
    }
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains_key(&permission)
    }
    pub fn reach(&self, permission: Permission) -> Option<Reach> {
        self.0.get(&permission).copied()
    }
    pub fn add(&mut self, permission: Permission, reach: Reach) {
        let known = self.0.entry(permission).or_insert(reach);
        *known = (*known).max(reach);
    }
    /// The same but for some permissions.
    pub(super) fn without(mut self, taken: impl Fn(Permission) -> bool) -> Self {
        self.0.retain(|permission, _| !taken(*permission));
        self
    }
    pub fn add_all(&mut self, other: &Self) {
        for (permission, reach) in other.iter() {
            self.add(permission, reach);
        }
    }
    /// Of these rights those that are listed, as far as they reach.
    pub(super) fn within(&self, listed: &[Permission]) -> Self {
        Self(self.0.iter().filter(|(permission, _)| listed.contains(permission)).map(|(permission, reach)| (*permission, *reach)).collect())
    }
    /// Whether all of these rights, as far as they reach, are among these.
    pub fn covers(&self, others: &Self) -> bool {
        others.iter().all(|(permission, reach)| self.reach(permission) >= Some(reach))
    }
    /// The same, what reaches teams reaching all: the teams of others are not one's own.
    pub(super) fn beyond_teams(&self) -> Self {
        let widest = |(permission, reach)| (permission, if reach == Reach::Team { Reach::Org } else { reach });
        Self(self.iter().map(widest).collect())
    }
    /// Of a role's rows, `permission reach` of each, joined by commas; what this version does not know is nothing to it.
    pub(super) fn of_text(text: &str) -> Self {
        let mut grants = Self::default();
        for (permission, reach) in text.split(',').filter_map(|row| row.split_once(' ')) {
            if let Some((permission, reach)) = Permission::of_code(permission).zip(Reach::of_code(reach)) {
                grants.add(permission, reach);
            }
        }
        grants
    }
    pub fn iter(&self) -> impl Iterator<Item = (Permission, Reach)> + '_ {
        self.0.iter().map(|(permission, reach)| (*permission, *reach))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_add_up_to_the_wider_reach() {
        let mut grants = Grants::default();
        grants.add(Permission::InventoryProductRead, Reach::Org);
        grants.add(Permission::InventoryProductRead, Reach::Own);
        assert_eq!(grants.reach(Permission::InventoryProductRead), Some(Reach::Org));
    }

    #[test]
    fn a_wider_right_covers_a_narrower_one_and_no_other() {
        let of = |all: &[(Permission, Reach)]| {
            let mut grants = Grants::default();
            all.iter().for_each(|(permission, reach)| grants.add(*permission, *reach));
            grants
        };
        use Permission::{InventoryProductRead as Read, InventoryProductWrite as Write};
        let team = of(&[(Read, Reach::Team)]);
        assert!(team.covers(&of(&[(Read, Reach::Own)])) && team.covers(&team) && team.covers(&Grants::default()));
        assert!(!team.covers(&of(&[(Read, Reach::Org)])) && !team.covers(&of(&[(Write, Reach::Own)])));
        assert_eq!(Grants::of_text("inventory.product.read TEAM,of.later.version ORG"), team);
    }

    #[test]
    fn each_permission_is_described_in_each_language() {
        let all = [Locale::Fr, Locale::En, Locale::Wo].map(|locale| Permission::ALL.iter().map(move |p| p.describe(locale)));
        let all: std::collections::BTreeSet<String> = all.into_iter().flatten().collect();
        assert_eq!(all.len(), 3 * Permission::ALL.len());
        assert!(all.iter().all(|sentence| !sentence.contains("permission-")), "{all:#?}");
    }
}
