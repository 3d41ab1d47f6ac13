//! What a rule may say.

use super::{CHANNELS, NewRule, RuleChange, Unsupported, joined};
use crate::inventory::quantity;
use crate::locale::Locale;
use crate::notifications::{self, Channel};
use crate::scope::TenantTx;
use crate::{Code, Reads, Refusals, Result, Scope};
use entities::alerts::{AlertKind, ServiceLevelDefinition, Severity, rule};
use entities::identity::{MembershipId, RoleId, membership, role};
use entities::inventory::{category, product, unit, warehouse};
use entities::{Quantity, TenantId, Timestamp};
use sea_orm::ActiveValue::{NotSet, Set};
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

/// Most members, and most roles, a rule tells.
const MOST_PEOPLE: usize = 100;

/// Ten-thousandths of the threshold an alert must rise above it to clear, when nothing is said.
fn default_margin(kind: AlertKind) -> i64 {
    if kind == AlertKind::LowStock { 1000 } else { 0 }
}

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
        self.change_plain(&change, locale, &mut refusals);
        self.change_service(&change, locale, &mut refusals);
        let is = &mut self.is;
        let mut refuse = |code, path: &str, key: &str| refusals.add(code, path, locale.say(key, &[]));
        match change.threshold {
            Some(Some(_)) if is.kind != AlertKind::LowStock => refuse(Code::Invalid, "threshold", "rule-threshold-of-low-stock"),
            Some(Some(text)) => match quantity::parse(text.trim()).filter(|quantity| *quantity >= Quantity::ZERO) {
                Some(quantity) => (is.threshold, self.new_threshold) = (Some(quantity), true),
                None => refuse(Code::OutOfRange, "threshold", "quantity-invalid"),
            },
            Some(None) => is.threshold = None,
            None => {}
        }
        match change.clear_percent {
            Some(Some(text)) => match quantity::parse_scaled(text.trim(), 2).filter(|margin| (0..=100_000).contains(margin)) {
                Some(margin) => is.clear_margin = margin,
                None => refuse(Code::OutOfRange, "clearPercent", "rule-percent"),
            },
            Some(None) => is.clear_margin = default_margin(is.kind),
            None => {}
        }
        if is.product_id.is_some() && is.category_id.is_some() {
            refuse(Code::Invalid, "categoryId", "rule-product-or-category");
        }
        for (list, path) in
            [(change.recipients.as_ref().map(Vec::len), "recipientIds"), (change.roles.as_ref().map(Vec::len), "recipientRoleIds")]
        {
            if list.is_some_and(|people| people > MOST_PEOPLE) {
                refuse(Code::LimitReached, path, "rule-recipients-too-many");
            }
        }
        let few = |people: usize| people <= MOST_PEOPLE;
        self.recipients = change.recipients.filter(|people| few(people.len())).map(once_each);
        self.roles = change.roles.filter(|roles| few(roles.len())).map(once_each);
        self.refusals = refusals;
        self
    }

    fn change_plain(&mut self, change: &RuleChange, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        is.enabled = change.enabled.unwrap_or(is.enabled);
        is.severity = change.severity.unwrap_or(is.severity);
        if let Some(channels) = &change.channels {
            match unfit(channels) {
                Some(key) => refusals.add(Code::Invalid, "channels", locale.say(key, &[])),
                None => is.channels = joined(&once_each(channels.clone())),
            }
        }
        // The sum of one warehouse is that warehouse.
        is.per_warehouse = change.per_warehouse.unwrap_or(is.per_warehouse) || is.warehouse_id.is_some();
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

    fn change_service(&mut self, change: &RuleChange, locale: Locale, refusals: &mut Refusals) {
        let is = &mut self.is;
        let mut refuse = |code, path: &str, key: &str| refusals.add(code, path, locale.say(key, &[]));
        let given = [
            (change.target.is_some(), "serviceLevelTarget"),
            (change.window_days.is_some(), "windowDays"),
            (change.minimum_lines.is_some(), "minimumLines"),
            (change.service_level.is_some(), "serviceLevelDefinition"),
        ];
        if is.kind != AlertKind::ServiceLevelDrop {
            for (_, path) in given.into_iter().filter(|(given, _)| *given) {
                refuse(Code::Invalid, path, "rule-only-service-level");
            }
            return;
        }
        if is.per_warehouse {
            let path = if is.warehouse_id.is_some() { "warehouseId" } else { "granularity" };
            refuse(Code::Invalid, path, "rule-service-level-everywhere");
        }
        match change.service_level {
            Some(Ok(definition)) => is.service_level = Some(definition),
            Some(Err(Unsupported)) => refuse(Code::Invalid, "serviceLevelDefinition", "rule-service-level-unsupported"),
            None => {}
        }
        if let Some(text) = &change.target {
            match quantity::parse_scaled(text.trim(), 4).filter(|target| (1..=10_000).contains(target)) {
                Some(target) => is.target = Some(target),
                None => refuse(Code::OutOfRange, "serviceLevelTarget", "rule-target"),
            }
        }
        for (number, most, path, kept) in [
            (change.window_days, 366, "windowDays", &mut is.window_days),
            (change.minimum_lines, 1_000_000, "minimumLines", &mut is.minimum_lines),
        ] {
            match number {
                Some(number) if (1..=most).contains(&number) => *kept = Some(number.into()),
                Some(_) => refusals.add(Code::OutOfRange, path, locale.say("rule-number", &[("most", most.to_string())])),
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
        refusals.check().map(|()| self)
    }

    /// A threshold of one product is no finer than its unit; of several, each may have another.
    async fn check_threshold(&self, txn: &TenantTx<'_>, product: &product::Model, refusals: &mut Refusals) -> Result<()> {
        let Some(threshold) = self.is.threshold.filter(|_| self.new_threshold) else { return Ok(()) };
        let decimals = txn.get::<unit::Entity>(product.unit_id).await?.decimals;
        if !quantity::fits(threshold, decimals) {
            refusals.add(Code::OutOfRange, "threshold", quantity::too_fine(decimals, txn.locale()));
        }
        Ok(())
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
        let members = txn.by_ids::<membership::Entity>(self.recipients.as_deref().unwrap_or(&[])).await?;
        for (place, id) in self.recipients.iter().flatten().enumerate() {
            if !members.contains_key(id) {
                missing(&format!("recipientIds.{place}"), "member-unknown");
            }
        }
        let roles = txn.by_ids::<role::Entity>(self.roles.as_deref().unwrap_or(&[])).await?;
        for (place, id) in self.roles.iter().flatten().enumerate() {
            if !roles.contains_key(id) {
                missing(&format!("recipientRoleIds.{place}"), "role-unknown");
            }
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

/// Why these channels can tell nobody.
fn unfit(channels: &[Channel]) -> Option<&'static str> {
    if channels.is_empty() {
        return Some("rule-channels-none");
    }
    let all = channels.iter().all(|channel| notifications::is_available(*channel));
    (!all).then_some("notification-channel-unavailable")
}

fn once_each<I: Ord>(mut ids: Vec<I>) -> Vec<I> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
