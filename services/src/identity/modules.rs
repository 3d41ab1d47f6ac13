//! Modules: the parts of the product that an organisation may do without.
//!
//! Each permission belongs to a module or to what is always there. Of a module that is switched off nobody has a permission, so
//! that nothing of it can be called, streams of it end, and its schedules pass the organisation over. Its data stay, and are there
//! again when it is switched on. The roles keep their permissions meanwhile.

use super::{Permission, organizations};
use crate::audit::NewAudit;
use crate::data_imports;
use crate::{Code, Doorway, Error, Refusals, Result, Scope};
use entities::identity::organization;
use sea_orm::ActiveValue::{Set, Unchanged};
use std::collections::BTreeSet;

/// What a permission of a module that is off is refused with.
pub const MODULE_OFF: &str = "module switched off";

/// A part of the product that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// Products, stock, alerts.
    Inventory,
    /// Products and movements out of files.
    DataImports,
}

impl Module {
    pub const ALL: [Self; 2] = [Self::Inventory, Self::DataImports];

    pub fn code(self) -> &'static str {
        match self {
            Self::Inventory => "INVENTORY",
            Self::DataImports => "DATA_IMPORTS",
        }
    }
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.code() == code)
    }
    /// What it is nothing without.
    fn needs(self) -> Option<Self> {
        (self == Self::DataImports).then_some(Self::Inventory)
    }
}

/// The modules that an organisation has switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Off(BTreeSet<Module>);

impl Off {
    /// Of an organisation's row; what this version does not know is nothing to it.
    pub fn of_text(text: &str) -> Self {
        Self(text.split(',').filter_map(Module::of_code).collect())
    }
    fn all_but(on: &BTreeSet<Module>) -> Self {
        Self(Module::ALL.into_iter().filter(|module| !on.contains(module)).collect())
    }
    fn to_text(&self) -> String {
        self.0.iter().map(|module| module.code()).collect::<Vec<_>>().join(",")
    }
    /// Whether nobody has the permission, whatever their roles.
    pub fn takes(&self, permission: Permission) -> bool {
        permission.module().is_some_and(|module| self.0.contains(&module))
    }
    pub fn is_on(&self, module: Module) -> bool {
        !self.0.contains(&module)
    }
}

/// Switches on these modules and no others, by their codes.
pub async fn set(scope: &Scope, codes: &[&str], version: Option<i64>) -> Result<organization::Model> {
    scope.require(Permission::IdentityOrganizationUpdate)?;
    let on = known(scope, codes)?;
    let tx = Doorway::new(scope.app(), scope.locale()).begin().await?;
    let old = tx.lock::<organization::Entity>(scope.tenant()).await?.ok_or(Error::NotFound)?;
    if version.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", scope.locale().say("stale-version", &[])));
    }
    let (before, after) = (Off::of_text(&old.modules_off), Off::all_but(&on));
    let row = organization::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        modules_off: Set(after.to_text()),
        updated_at: Set(scope.now()),
        ..Default::default()
    };
    let row = tx.update(row).await?;
    let txn = tx.enter(scope).await?;
    if before.is_on(Module::DataImports) && !after.is_on(Module::DataImports) && data_imports::any_under_way(&txn).await? {
        return Err(Error::refuse(Code::ForbiddenState, "modules", scope.locale().say("module-at-work", &[])));
    }
    let act = NewAudit::of("identity.organization.set_modules").on("Organization", row.id);
    txn.audit(act.change("modulesOff", before.to_text(), after.to_text()));
    txn.commit().await?;
    scope.app().standings().forget();
    scope.end_read().await;
    Ok(row)
}

/// The modules of these codes, of which each has what it needs.
fn known(scope: &Scope, codes: &[&str]) -> Result<BTreeSet<Module>> {
    let mut refusals = Refusals::default();
    let mut on = BTreeSet::new();
    for code in codes {
        match Module::of_code(code) {
            Some(module) => drop(on.insert(module)),
            None => refusals.add(Code::Invalid, "modules", scope.locale().say("module-unknown", &[])),
        }
    }
    if on.iter().filter_map(|module| module.needs()).any(|needed| !on.contains(&needed)) {
        refusals.add(Code::ForbiddenState, "modules", scope.locale().say("module-needs-inventory", &[]));
    }
    refusals.check()?;
    Ok(on)
}

/// Those an organisation has, in the order of their declaration.
pub fn of(row: &organization::Model) -> Vec<Module> {
    let off = Off::of_text(&row.modules_off);
    Module::ALL.into_iter().filter(|module| off.is_on(*module)).collect()
}

/// Whether the permission is refused for its module alone.
pub(crate) fn refuses(facts: &organizations::Facts, permission: Permission) -> bool {
    facts.off.takes(permission)
}
