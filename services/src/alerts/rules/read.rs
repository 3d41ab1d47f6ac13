use crate::identity::Permission;
use crate::identity::roles::Role;
use crate::page::{Page, PageArgs, Sort};
use crate::{Reads, Result, Scope, sql};
use entities::alerts::{AlertRuleId, rule};
use entities::identity::membership;
use std::collections::HashMap;

/// The rules, the oldest first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<rule::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.select::<rule::Entity>().page(args, &[Sort::ascending(rule::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: AlertRuleId) -> Result<Option<rule::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.find::<rule::Entity>(id).await
}

/// These rules, for a page of their alerts.
pub async fn by_ids(scope: &Scope, ids: &[AlertRuleId]) -> Result<HashMap<AlertRuleId, rule::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.by_ids::<rule::Entity>(ids).await
}

/// The members a rule tells by name.
pub async fn recipients(scope: &Scope, id: AlertRuleId) -> Result<Vec<membership::Model>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.statement(sql!("members.sql")).bind("rule", id).all().await
}

/// The roles whose holders a rule tells.
pub async fn roles(scope: &Scope, id: AlertRuleId) -> Result<Vec<Role>> {
    scope.require(Permission::AlertsStockAlertRead)?;
    scope.statement(sql!("roles.sql")).bind("rule", id).all().await
}
