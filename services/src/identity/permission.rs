use std::collections::BTreeMap;

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// One's own rows.
    Own,
    /// Those of one's teams.
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
    /// Change the organisation's name, language, time zone and policies.
    IdentityOrganizationUpdate = "identity.organization.update",
    /// See products, categories, suppliers, units and warehouses.
    InventoryProductRead = "inventory.product.read",
    /// Create, change and archive products, categories, suppliers and warehouses.
    InventoryProductWrite = "inventory.product.write",
    /// See stock levels, movements and the dashboard.
    InventoryStockRead = "inventory.stock.read",
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

impl Permission {
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.code() == code)
    }
    pub(crate) fn only_reads(self) -> bool {
        self.code().ends_with(".read")
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
    pub fn add_all(&mut self, other: &Self) {
        for (permission, reach) in other.iter() {
            self.add(permission, reach);
        }
    }
    pub fn iter(&self) -> impl Iterator<Item = (Permission, Reach)> + '_ {
        self.0.iter().map(|(permission, reach)| (*permission, *reach))
    }
}

/// A role that comes with the product; an organisation gets all of them at its birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShippedRole {
    Owner,
    Administrator,
    Manager,
    Employee,
    Auditor,
}

impl ShippedRole {
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Administrator, Self::Manager, Self::Employee, Self::Auditor];

    pub fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Manager => "manager",
            Self::Employee => "employee",
            Self::Auditor => "auditor",
        }
    }

    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.key() == key)
    }

    /// What the role may do in this version of the product.
    pub fn grants(self) -> Grants {
        let may = |permission: Permission| match self {
            Self::Owner | Self::Administrator => true,
            Self::Manager => {
                use Permission as P;
                !matches!(permission, P::IdentityOrganizationUpdate | P::WorkJobManage | P::AuditEventRead)
            }
            Self::Employee => {
                use Permission as P;
                matches!(
                    permission,
                    P::IdentityMemberRead
                        | P::InventoryProductRead
                        | P::InventoryStockRead
                        | P::InventoryStockMovementRecord
                        | P::AlertsStockAlertRead
                        | P::AlertsStockAlertHandle
                )
            }
            Self::Auditor => permission.only_reads(),
        };
        Grants(Permission::ALL.iter().copied().filter(|p| may(*p)).map(|p| (p, Reach::Org)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_and_an_employee_cannot_edit_products() {
        assert!(ShippedRole::Auditor.grants().iter().all(|(permission, _)| permission.only_reads()));
        let employee = ShippedRole::Employee.grants();
        assert!(employee.allow(Permission::InventoryStockMovementRecord) && !employee.allow(Permission::InventoryProductWrite));
    }

    #[test]
    fn roles_add_up_to_the_wider_reach() {
        let mut grants = Grants::default();
        grants.add(Permission::InventoryProductRead, Reach::Org);
        grants.add(Permission::InventoryProductRead, Reach::Own);
        assert_eq!(grants.reach(Permission::InventoryProductRead), Some(Reach::Org));
    }
}
