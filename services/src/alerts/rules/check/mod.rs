//! What a rule may say.

mod service_level;
mod telling;
mod threshold;

use super::{CHANNELS, NewRule, RuleChange, joined};
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::{Code, Reads, Refusals, Result, Scope};
use entities::alerts::{AlertKind, ServiceLevelDefinition, Severity, rule};
use entities::identity::{MembershipId, RoleId};
use entities::inventory::{category, product, warehouse};
use entities::{TenantId, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
use threshold::default_margin;
use uuid::Uuid;

/// A rule whose fields have been read; it is written once nothing is refused ([`Checked::fitting`]).
pub(super) struct Checked {
    is: rule::Model,
    refusals: Refusals,
    /// It has a threshold it did not have before.
    new_threshold: bool,
    pub recipients: Option<Vec<MembershipId>>,
    pub roles: Option<Vec<RoleId>>,
}

const MINUTE: i64 = 60_000_000;
const YEAR_IN_MINUTES: i32 = 527_040;
/// In minutes: each repeat is a step of its alert's history and a message that may cost money.
const SHORTEST_REPEAT: i32 = 15;

impl Checked {
    pub fn of_new(scope: &Scope, input: NewRule) -> Self {
        let mut checked = Self::plain(input.kind);
        let is = &mut checked.is;
        (is.product_id, is.category_id, is.warehouse_id) = (input.product, input.category, input.warehouse);
        let change = RuleChange {
            expected_version: None,
            enabled: Some(input.enabled),
            severity: input.severity,
            per_warehouse: Some(input.per_warehouse),
            threshold: input.threshold.map(Some),
            clear_percent: input.clear_percent.map(Some),
            service_level: input.service_level,
            target: input.target,
            window_days: input.window_days,
            minimum_lines: input.minimum_lines,
            pending_for_minutes: Some(input.pending_for_minutes),
            keep_for_minutes: Some(input.keep_for_minutes),
            repeat_every_minutes: Some(input.repeat_every_minutes),
            channels: input.channels,
            recipients: input.recipients,
            roles: input.roles,
        };
        checked.change(scope.locale(), change)
    }

    pub fn of_change(scope: &Scope, old: &rule::Model, change: RuleChange) -> Self {
        Self::unchanged(old.clone()).change(scope.locale(), change)
    }

    fn unchanged(is: rule::Model) -> Self {
        Self { is, refusals: Refusals::default(), new_threshold: false, recipients: None, roles: None }
    }

    /// The rule of a kind that a new organisation has.
    pub fn plain(kind: AlertKind) -> Self {
        let service = kind == AlertKind::ServiceLevelDrop;
        let is = rule::Model {
            tenant_id: TenantId::NIL,
            id: Uuid::nil().into(),
            version: 0,
            kind,
            enabled: true,
            severity: if kind == AlertKind::StockOut { Severity::Critical } else { Severity::Warning },
            per_warehouse: false,
            product_id: None,
            category_id: None,
            warehouse_id: None,
            threshold: None,
            clear_margin: default_margin(kind),
            service_level: service.then_some(ServiceLevelDefinition::LineFillRate),
            target: service.then_some(9000),
            window_days: service.then_some(30),
            minimum_lines: service.then_some(20),
            pending_for: 0,
            keep_for: 0,
            repeat_every: 1440 * MINUTE,
            channels: joined(CHANNELS),
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        Self::unchanged(is)
    }

    fn change(mut self, locale: Locale, change: RuleChange) -> Self {
        let mut refusals = Refusals::default();
        self.is.enabled = change.enabled.unwrap_or(self.is.enabled);
        self.is.severity = change.severity.unwrap_or(self.is.severity);
        if let Some(channels) = &change.channels {
            self.change_channels(channels, locale, &mut refusals);
        }
        // The sum of one warehouse is that warehouse.
        self.is.per_warehouse = change.per_warehouse.unwrap_or(self.is.per_warehouse) || self.is.warehouse_id.is_some();
        self.change_times(&change, locale, &mut refusals);
        self.change_service(&change, locale, &mut refusals);
        self.change_threshold(change.threshold, locale, &mut refusals);
        self.change_margin(change.clear_percent, locale, &mut refusals);
        if self.is.product_id.is_some() && self.is.category_id.is_some() {
            refusals.add(Code::Invalid, "categoryId", locale.say("rule-product-or-category", &[]));
        }
        self.change_recipients(change.recipients, change.roles, locale, &mut refusals);
        self.refusals = refusals;
        self
    }

    /// How long it waits before it fires and before it clears, and how often it says so again.
    fn change_times(&mut self, change: &RuleChange, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        for (minutes, least, path, key, kept) in [
            (change.pending_for_minutes, 1, "pendingForMinutes", "rule-minutes", &mut is.pending_for),
            (change.keep_for_minutes, 1, "keepFiringForMinutes", "rule-minutes", &mut is.keep_for),
            (change.repeat_every_minutes, SHORTEST_REPEAT, "repeatEveryMinutes", "rule-repeat", &mut is.repeat_every),
        ] {
            match minutes {
                Some(0) => *kept = 0,
                Some(minutes) if (least..=YEAR_IN_MINUTES).contains(&minutes) => *kept = i64::from(minutes) * MINUTE,
                Some(_) => refusals.add(Code::OutOfRange, path, locale.say(key, &[])),
                None => {}
            }
        }
    }

    /// The rule, or all that stands against it.
    pub async fn fitting(mut self, txn: &TenantTx<'_>) -> Result<Self> {
        let mut refusals = std::mem::take(&mut self.refusals);
        if let Some(id) = self.is.product_id {
            match txn.find::<product::Entity>(id).await? {
                Some(product) => self.check_threshold(txn, &product, &mut refusals).await?,
                None => refusals.add(Code::NotFound, "productId", txn.locale().say("product-unknown", &[])),
            }
        }
        self.check_references(txn, &mut refusals).await?;
        self.check_recipients(txn, &mut refusals).await?;
        refusals.check().map(|()| self)
    }

    async fn check_references(&self, txn: &TenantTx<'_>, refusals: &mut Refusals) -> Result<()> {
        let mut missing = |path: &str, key: &str| refusals.add(Code::NotFound, path, txn.locale().say(key, &[]));
        if let Some(id) = self.is.category_id
            && txn.find::<category::Entity>(id).await?.is_none()
        {
            missing("categoryId", "category-unknown");
        }
        if let Some(id) = self.is.warehouse_id
            && txn.find::<warehouse::Entity>(id).await?.is_none()
        {
            missing("warehouseId", "warehouse-unknown");
        }
        Ok(())
    }

    /// The row, but for its id, version and birth.
    pub fn row(&self, now: Timestamp) -> rule::ActiveModel {
        let is = self.is.clone();
        rule::ActiveModel {
            tenant_id: NotSet,
            id: NotSet,
            version: NotSet,
            kind: Set(is.kind),
            enabled: Set(is.enabled),
            severity: Set(is.severity),
            per_warehouse: Set(is.per_warehouse),
            product_id: Set(is.product_id),
            category_id: Set(is.category_id),
            warehouse_id: Set(is.warehouse_id),
            threshold: Set(is.threshold),
            clear_margin: Set(is.clear_margin),
            service_level: Set(is.service_level),
            target: Set(is.target),
            window_days: Set(is.window_days),
            minimum_lines: Set(is.minimum_lines),
            pending_for: Set(is.pending_for),
            keep_for: Set(is.keep_for),
            repeat_every: Set(is.repeat_every),
            channels: Set(is.channels),
            created_at: NotSet,
            updated_at: Set(now),
        }
    }
}
