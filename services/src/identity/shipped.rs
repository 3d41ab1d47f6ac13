//! The roles that come with the product: seventeen of an organisation, and two of the installation.

use super::{Grants, Permission, Reach};
use crate::locale::Locale;

/// What part of an organisation a shipped role is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    Direction,
    Education,
    Work,
    Functions,
    /// People who do not belong to the firm: partners and customers.
    Outside,
}

macro_rules! shipped {
    ($($(#[$doc:meta])* $role:ident = $key:literal in $category:ident),* $(,)?) => {
        /// A role that comes with the product; an organisation gets all of them at its birth.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ShippedRole { $($(#[$doc])* $role),* }

        impl ShippedRole {
            /// In the order of the categories, as lists show them.
            pub const ALL: &'static [Self] = &[$(Self::$role),*];
            pub fn key(self) -> &'static str {
                match self { $(Self::$role => $key),* }
            }
            pub fn category(self) -> Category {
                match self { $(Self::$role => Category::$category),* }
            }
        }
    };
}

shipped! {
    Owner = "owner" in Direction,
    Administrator = "administrator" in Direction,
    /// Reads all, and changes nothing.
    Auditor = "auditor" in Direction,
    AcademicDirector = "academic_director" in Education,
    Trainer = "trainer" in Education,
    /// A trainer's assistant.
    Mentor = "mentor" in Education,
    Learner = "learner" in Education,
    Manager = "manager" in Work,
    ProjectLead = "project_lead" in Work,
    Employee = "employee" in Work,
    Intern = "intern" in Work,
    HrManager = "hr_manager" in Functions,
    Accountant = "accountant" in Functions,
    Sales = "sales" in Functions,
    ContentEditor = "content_editor" in Functions,
    /// Of a partner who offers jobs.
    Recruiter = "recruiter" in Outside,
    /// A customer, who sees what is theirs.
    Client = "client" in Outside,
}

impl ShippedRole {
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.key() == key)
    }

    /// Its name, whatever the language of the organisation.
    pub fn name(self, locale: Locale) -> String {
        locale.say(&self.name_key(), &[])
    }

    /// The sentence that names it.
    pub(super) fn name_key(self) -> String {
        format!("role-{}", self.key().replace('_', "-"))
    }

    /// What the role may do in this version of the product.
    pub fn grants(self) -> Grants {
        let mut grants = Grants::default();
        for permission in Permission::ALL.iter().copied().filter(|permission| self.may(*permission)) {
            grants.add(permission, self.reach(permission));
        }
        grants
    }

    /// How far what it may do reaches.
    fn reach(self, permission: Permission) -> Reach {
        use Permission::{InventoryStockMovementRead as See, InventoryStockMovementReverse as Undo};
        match (self, permission) {
            (Self::Employee | Self::Sales | Self::Intern, See) | (Self::Employee | Self::ProjectLead | Self::HrManager, Undo) => Reach::Own,
            (Self::ProjectLead, See) => Reach::Team,
            _ => Reach::Org,
        }
    }

    fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            // What keeps an administrator's hands off the owners: there is a right they lack.
            Self::Administrator => permission != P::IdentityOwnershipTransfer,
            Self::Auditor => permission.only_reads(),
            Self::Manager => !DIRECTION.contains(&permission),
            Self::HrManager => PERSONNEL.contains(&permission) || STAFF.contains(&permission),
            Self::Employee | Self::ProjectLead => STAFF.contains(&permission),
            Self::Sales => {
                STAFF.contains(&permission) && ![P::AlertsStockAlertHandle, P::InventoryStockMovementReverse].contains(&permission)
            }
            Self::Accountant => LOOKS.contains(&permission) || permission == P::DataImportsImportRead,
            Self::AcademicDirector => SCHOOL.contains(&permission) || permission == P::IdentityMemberInvite,
            Self::Trainer | Self::ContentEditor => SCHOOL.contains(&permission),
            Self::Mentor => permission == P::IdentityMemberRead,
            Self::Intern => LOOKS.contains(&permission) && ![P::IdentityMemberRead, P::InventoryCostRead].contains(&permission),
            // Theirs are the rooms of learning, recruiting and projects, which are still to come.
            Self::Learner | Self::Recruiter | Self::Client => false,
        }
    }
}

/// Sees the firm and its stock.
const LOOKS: &[Permission] = &[
    Permission::IdentityMemberRead,
    Permission::InventoryProductRead,
    Permission::InventoryStockRead,
    Permission::InventoryStockMovementRead,
    Permission::InventoryCostRead,
    Permission::AlertsStockAlertRead,
];

/// Works with the stock.
const STAFF: &[Permission] = &[
    Permission::IdentityMemberRead,
    Permission::InventoryProductRead,
    Permission::InventoryStockRead,
    Permission::InventoryStockMovementRead,
    Permission::InventoryStockMovementRecord,
    Permission::InventoryStockMovementReverse,
    Permission::InventoryCostRead,
    Permission::AlertsStockAlertRead,
    Permission::AlertsStockAlertHandle,
];

/// Looks after those who work here.
const PERSONNEL: &[Permission] =
    &[Permission::IdentityMemberRead, Permission::IdentityMemberInvite, Permission::IdentityMemberManage, Permission::IdentityTeamWrite];

/// Teaches, or writes for those who do.
const SCHOOL: &[Permission] = &[Permission::IdentityMemberRead, Permission::FilesFileUpload];

/// What a manager leaves to the direction.
const DIRECTION: &[Permission] = &[
    Permission::IdentityMemberManage,
    Permission::IdentityRoleWrite,
    Permission::IdentityTeamWrite,
    Permission::IdentityServiceAccountWrite,
    Permission::IdentityOauthClientWrite,
    Permission::IdentityOrganizationUpdate,
    Permission::IdentityOwnershipTransfer,
    Permission::WorkJobManage,
    Permission::AuditEventRead,
];

/// What a person may be to the whole installation. It is a row of `operators`, never a role of an organisation: there is no
/// way to list, copy or grant one there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlatformRole {
    /// Runs the installation: its queues, schedules and jobs.
    Admin,
    /// Helps people, for a time and with their consent. Nobody has it yet: what it needs is still to come.
    Support,
}

impl PlatformRole {
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Support];

    pub fn key(self) -> &'static str {
        match self {
            Self::Admin => "platform_admin",
            Self::Support => "platform_support",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_nineteen_and_two_of_them_no_organisation_can_have() {
        let keys: BTreeSet<&str> =
            ShippedRole::ALL.iter().map(|role| role.key()).chain(PlatformRole::ALL.iter().map(|r| r.key())).collect();
        assert_eq!((ShippedRole::ALL.len(), keys.len()), (17, 19));
        assert!(PlatformRole::ALL.iter().all(|role| ShippedRole::of_key(role.key()).is_none()));
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_employee_cannot_edit_products() {
        assert!(ShippedRole::Auditor.grants().iter().all(|(permission, _)| permission.only_reads()));
        let employee = ShippedRole::Employee.grants();
        assert!(employee.allow(Permission::InventoryStockMovementRecord) && !employee.allow(Permission::InventoryProductWrite));
    }

    #[test]
    fn nobody_but_an_owner_has_all_rights_and_those_from_outside_have_none_of_the_firms() {
        let owner = ShippedRole::Owner.grants();
        assert_eq!(owner, Grants::all());
        for role in &ShippedRole::ALL[1..] {
            assert!(owner.covers(&role.grants()) && !role.grants().covers(&owner), "{role:?}");
        }
        assert!(ShippedRole::ALL.iter().filter(|role| role.category() == Category::Outside).all(|role| role.grants() == Grants::default()));
        assert!(ShippedRole::HrManager.grants().covers(&ShippedRole::Employee.grants()), "who invites employees has their rights");
        assert!(ShippedRole::AcademicDirector.grants().covers(&ShippedRole::Trainer.grants()));
    }

    #[test]
    fn each_has_a_name_of_its_own_in_each_language() {
        for locale in [Locale::Fr, Locale::En, Locale::Wo] {
            let names: BTreeSet<String> = ShippedRole::ALL.iter().map(|role| role.name(locale)).collect();
            assert!(names.len() == 17 && names.iter().all(|name| !name.contains("role-")), "{names:?}");
        }
    }
}
