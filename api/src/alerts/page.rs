use super::alert::StockAlert;
use super::rule::StockAlertRule;
use super::transition::StockAlertTransition;
use crate::identity::types::Membership;
use crate::inventory::types::{Product, Warehouse};
use crate::shared::Shared;
use crate::together::Together;
use entities::alerts::{AlertId, AlertRuleId, alert};
use entities::identity::MembershipId;
use entities::inventory::{ProductId, WarehouseId};
use services::alerts::read::Cover;
use std::sync::Arc;

/// What the alerts of one page point at.
pub struct AlertPage {
    pub(super) rows: Vec<alert::Model>,
    pub(super) products: Together<ProductId, Product>,
    pub(super) warehouses: Together<WarehouseId, Shared<Warehouse>>,
    pub(super) rules: Together<AlertRuleId, StockAlertRule>,
    pub(super) members: Together<MembershipId, Membership>,
    pub(super) previous: Together<AlertId, StockAlert>,
    pub(super) covers: Together<AlertId, Cover>,
    pub(super) explanations: Together<AlertId, String>,
    pub(super) timelines: Together<AlertId, Vec<StockAlertTransition>>,
}

impl AlertPage {
    pub(super) fn of(rows: Vec<alert::Model>) -> Arc<Self> {
        let ids = || rows.iter().map(|row| row.id);
        Arc::new(Self {
            products: Together::new(rows.iter().map(|row| row.product_id)),
            warehouses: Together::new(rows.iter().map(|row| row.warehouse_id).filter(|id| *id != WarehouseId::NIL)),
            rules: Together::new(rows.iter().map(|row| row.rule_id)),
            members: Together::new(rows.iter().filter_map(|row| row.acknowledged_by)),
            previous: Together::new(rows.iter().filter_map(|row| row.previous_id)),
            covers: Together::new(ids()),
            explanations: Together::new(ids()),
            timelines: Together::new(ids()),
            rows,
        })
    }
}
