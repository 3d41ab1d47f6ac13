//! The active organisation and its settings.

use super::account::{check_locale, check_text, check_time_zone};
use super::policies::Policies;
use super::{Permission, modules};
use crate::audit::NewAudit;
use crate::inventory::service_days;
use crate::locale::Locale;
use crate::settings::Network;
use crate::{Code, Doorway, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::organization::{self, NegativeStockPolicy};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::{Set, Unchanged};
use std::sync::Arc;

/// What may be changed of an organisation; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateOrganization {
    pub name: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub negative_stock_policy: Option<NegativeStockPolicy>,
    pub expected_version: Option<i64>,
}

/// The active organisation.
pub async fn get(scope: &Scope) -> Result<organization::Model> {
    scope.statement(sql!("organization.sql")).one().await?.ok_or(Error::NotFound)
}

/// The language an organisation has chosen, for who comes without one of their own.
pub(crate) async fn language(scope: &Scope) -> Result<Locale> {
    Ok(Locale::of_tag(&get(scope).await?.locale).unwrap_or_default())
}

/// What nearly every operation wants to know of its organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub currency: String,
    pub time_zone: String,
    /// What it does without.
    pub off: modules::Off,
    /// From where people and programs may come; empty: from everywhere.
    pub networks: Vec<Network>,
}

impl Facts {
    pub(super) fn of(currency: String, time_zone: String, modules_off: &str, policies: &str) -> Self {
        Self { currency, time_zone, off: modules::Off::of_text(modules_off), networks: Policies::of_text(policies).networks() }
    }
}

/// The active organisation as its caller was last seen in it, or as this operation first sees it.
pub async fn facts(scope: &Scope) -> Result<Arc<Facts>> {
    let load = || async {
        let row = get(scope).await?;
        Ok(Facts::of(row.currency, row.time_zone, &row.modules_off, &row.policies))
    };
    scope.organization(load).await
}

/// Changes the active organisation's settings.
pub async fn update(scope: &Scope, input: UpdateOrganization) -> Result<organization::Model> {
    scope.require(Permission::IdentityOrganizationUpdate)?;
    let mut refusals = Refusals::default();
    let name = input.name.map(|name| check_text(&name, "name", 120, scope.locale(), &mut refusals));
    if let Some(tag) = &input.locale {
        check_locale(tag, scope.locale(), &mut refusals);
    }
    if let Some(zone) = &input.time_zone {
        check_time_zone(zone, scope.locale(), &mut refusals);
    }
    refusals.check()?;
    let tx = Doorway::new(scope.app(), scope.locale()).begin().await?;
    let old = tx.lock::<organization::Entity>(scope.tenant()).await?.ok_or(Error::NotFound)?;
    if input.expected_version.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", scope.locale().say("stale-version", &[])));
    }
    let before = old.clone();
    let row = organization::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        name: Set(name.unwrap_or(old.name)),
        locale: Set(input.locale.unwrap_or(old.locale)),
        time_zone: Set(input.time_zone.unwrap_or(old.time_zone)),
        negative_stock_policy: Set(input.negative_stock_policy.unwrap_or(old.negative_stock_policy)),
        updated_at: Set(scope.now()),
        ..Default::default()
    };
    let row = tx.update(row).await?;
    let txn = tx.enter(scope).await?;
    if row.time_zone != before.time_zone {
        service_days::ask(&txn)?;
    }
    let act = NewAudit::of("identity.organization.update").on("Organization", row.id);
    let act = act.change("name", before.name, row.name.as_str()).change("locale", before.locale, row.locale.as_str());
    let (policy_before, policy) = (before.negative_stock_policy.to_value(), row.negative_stock_policy.to_value());
    txn.audit(act.change("timeZone", before.time_zone, row.time_zone.as_str()).change("negativeStockPolicy", policy_before, policy));
    txn.commit().await?;
    scope.app().standings().forget();
    scope.end_read().await;
    Ok(row)
}
