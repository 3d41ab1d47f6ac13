//! What the evaluation should do, written once more: one product at a time, no SQL, no shortcuts.

use entities::alerts::{AlertId, AlertKind, AlertResolution, AlertRuleId, AlertState, Notice, Severity, alert, rule, transition};
use entities::inventory::{CategoryId, ProductId, WarehouseId};
use entities::{TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Product {
    pub category: Option<CategoryId>,
    pub reorder_point: Option<i64>,
    pub archived: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Level {
    pub on_hand: i64,
    pub reserved: i64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Day {
    pub lines: i64,
    pub short_lines: i64,
    pub ordered: i64,
    pub delivered: i64,
}

/// One organisation.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub zone: String,
    pub products: BTreeMap<ProductId, Product>,
    pub warehouses: Vec<WarehouseId>,
    pub levels: BTreeMap<(ProductId, WarehouseId), Level>,
    pub days: BTreeMap<(ProductId, i64), Day>,
    pub rules: Vec<rule::Model>,
    pub alerts: Vec<(alert::Model, Vec<transition::Model>)>,
    pub evaluated_at: Timestamp,
    pub evaluated_day: i64,
}

/// What the rule says of a subject.
struct Judged {
    rule: rule::Model,
    n: Option<i64>,
    d: Option<i64>,
    threshold: Option<i64>,
    fire: bool,
    clear: bool,
}

/// An alert on its way from one state to the next.
struct Step {
    kind: AlertKind,
    subject: WarehouseId,
    old: Option<usize>,
    known: bool,
    judged: Option<Judged>,
    state: Option<AlertState>,
    pend: Timestamp,
    clr: Option<Timestamp>,
    muted: bool,
}

const NOTHING: AlertId = AlertId::NIL;

impl Tenant {
    pub fn evaluate(&mut self, now: Timestamp) {
        self.evaluated_at = self.evaluated_at.max(now);
        self.evaluated_day = self.evaluated_day.max(crate::inventory::movements::day_of(now, &self.zone).into());
        for product in self.products.keys().copied().collect::<Vec<_>>() {
            let mut steps = self.steps(product);
            let out: BTreeSet<WarehouseId> = steps
                .iter()
                .filter(|step| step.kind == AlertKind::StockOut && step.state.is_some_and(AlertState::is_open))
                .map(|step| step.subject)
                .collect();
            for step in &mut steps {
                let alive = step.state.is_some_and(|state| state != AlertState::Resolved);
                step.muted = step.kind == AlertKind::LowStock && alive && out.contains(&step.subject);
            }
            for step in steps {
                self.write(product, step);
            }
        }
        // What was only pending and stopped is forgotten.
        self.alerts.retain(|(alert, _)| alert.version > 0);
    }

    fn steps(&self, product: ProductId) -> Vec<Step> {
        let everywhere = std::iter::once(WarehouseId::NIL).chain(self.warehouses.iter().copied());
        let stock = everywhere.flat_map(|w| [(AlertKind::StockOut, w), (AlertKind::LowStock, w)]);
        let all = stock.chain([(AlertKind::ServiceLevelDrop, WarehouseId::NIL)]);
        all.map(|(kind, subject)| self.step(product, kind, subject)).collect()
    }

    fn step(&self, product: ProductId, kind: AlertKind, subject: WarehouseId) -> Step {
        let at = self.evaluated_at;
        let old = self
            .alerts
            .iter()
            .position(|(a, _)| (a.product_id, a.kind, a.warehouse_id) == (product, kind, subject) && a.state != AlertState::Resolved);
        let known =
            !self.products[&product].archived && (kind == AlertKind::ServiceLevelDrop || self.available(product, subject).is_some());
        let judged = if known { self.judge(product, kind, subject) } else { None };
        let mut step = Step { kind, subject, old, known, judged, state: None, pend: at, clr: None, muted: false };
        let alert = old.map(|place| &self.alerts[place].0);
        let restarted = matches!((alert, &step.judged), (Some(a), Some(j)) if (a.rule_id, a.rule_version) != (j.rule.id, j.rule.version));
        match alert {
            Some(a) if a.state == AlertState::Pending && restarted => step.pend = at,
            Some(a) => step.pend = a.pending_since,
            None => {}
        }
        let open = alert.filter(|a| a.state.is_open());
        if let (Some(a), Some(true)) = (open, step.judged.as_ref().map(|j| j.clear)) {
            step.clr = Some(if restarted { at } else { a.clear_since.unwrap_or(at) });
        }
        step.state = match (open, &step.judged) {
            (None, Some(j)) if j.fire => {
                Some(if at.0 >= step.pend.0 + j.rule.pending_for { AlertState::Firing } else { AlertState::Pending })
            }
            (None, _) => None,
            (Some(_), None) => Some(AlertState::Resolved),
            (Some(_), Some(j)) if step.clr.is_some_and(|clr| at.0 >= clr.0 + j.rule.keep_for) => Some(AlertState::Resolved),
            (Some(a), Some(j)) => {
                let over = a.state != AlertState::Firing && a.quiet_until.is_some_and(|until| until <= at);
                let worse = a.state == AlertState::Acknowledged && j.rule.severity > a.severity;
                Some(if over || worse { AlertState::Firing } else { a.state })
            }
        };
        step
    }

    pub fn available(&self, product: ProductId, subject: WarehouseId) -> Option<i64> {
        let of = |w: WarehouseId| self.levels.get(&(product, w)).map(|level| level.on_hand - level.reserved);
        if subject != WarehouseId::NIL {
            return of(subject);
        }
        let all: Vec<i64> = self.warehouses.iter().filter_map(|w| of(*w)).collect();
        (!all.is_empty()).then(|| all.iter().sum())
    }

    /// The rule that counts for the subject, if any speaks of it.
    fn rule(&self, product: ProductId, kind: AlertKind, subject: WarehouseId) -> Option<&rule::Model> {
        let category = self.products[&product].category;
        let speaks = |rule: &&rule::Model| {
            rule.enabled
                && rule.kind == kind
                && rule.per_warehouse == (subject != WarehouseId::NIL)
                && rule.product_id.is_none_or(|p| p == product)
                && rule.category_id.is_none_or(|c| Some(c) == category)
                && rule.warehouse_id.is_none_or(|w| w == subject)
        };
        let rank = |rule: &rule::Model| match (rule.product_id.is_some(), rule.category_id.is_some(), rule.warehouse_id.is_some()) {
            (true, _, true) => 6,
            (true, _, false) => 5,
            (_, true, true) => 4,
            (_, true, false) => 3,
            (_, _, true) => 2,
            _ => 1,
        };
        self.rules.iter().filter(speaks).max_by_key(|rule| (rank(rule), rule.created_at, rule.id))
    }

    fn judge(&self, product: ProductId, kind: AlertKind, subject: WarehouseId) -> Option<Judged> {
        let rule = self.rule(product, kind, subject)?.clone();
        if kind == AlertKind::ServiceLevelDrop {
            return Some(self.judge_service(product, rule));
        }
        let available = self.available(product, subject)?;
        let threshold = match kind {
            AlertKind::StockOut => Some(0),
            _ => rule.threshold.map(|q| q.0).or(self.products[&product].reorder_point),
        };
        let clear_above = |t: i64| i128::from(t) * (10_000 + i128::from(rule.clear_margin));
        Some(Judged {
            fire: threshold.is_some_and(|t| available <= t),
            clear: threshold.is_none_or(|t| i128::from(available) * 10_000 > clear_above(t)),
            n: Some(available),
            d: None,
            threshold,
            rule,
        })
    }

    fn judge_service(&self, product: ProductId, rule: rule::Model) -> Judged {
        let (first, last) = (self.evaluated_day - rule.window_days.unwrap() + 1, self.evaluated_day);
        let mut sum = Day::default();
        for (_, day) in self.days.range((product, first)..=(product, last)) {
            sum.lines += day.lines;
            sum.short_lines += day.short_lines;
            sum.ordered += day.ordered;
            sum.delivered += day.delivered;
        }
        let by_units = rule.service_level == Some(rule::ServiceLevelDefinition::UnitFillRate);
        let (n, d) = if by_units { (sum.delivered, sum.ordered) } else { (sum.lines - sum.short_lines, sum.lines) };
        let target = rule.target.unwrap();
        let enough = sum.lines >= rule.minimum_lines.unwrap();
        let reaches = |target: i64| i128::from(n) * 10_000 >= i128::from(target) * i128::from(d);
        Judged {
            fire: enough && !reaches(target),
            clear: !enough || reaches((target + rule.clear_margin).min(10_000)),
            n: Some(n),
            d: Some(d),
            threshold: Some(target),
            rule,
        }
    }

    fn write(&mut self, product: ProductId, step: Step) {
        let at = self.evaluated_at;
        let before = step.old.map(|place| self.alerts[place].0.clone());
        let (Some(state), from) = (step.state, before.as_ref().map(|a| a.state)) else {
            if let Some(place) = step.old {
                self.alerts[place].0.version = 0;
            }
            return;
        };
        let was_open = from.is_some_and(AlertState::is_open);
        let mut after = before.clone().unwrap_or_else(|| self.blank(product, step.kind, step.subject));
        let notified_at = after.notified_at;
        let rule = step.judged.as_ref().map(|j| j.rule.clone());
        let repeat = rule.as_ref().map_or(0, |r| r.repeat_every);
        let notice = match state {
            AlertState::Resolved => notified_at.map(|_| Notice::Gone),
            AlertState::Firing if step.muted || step.clr.is_some() => None,
            AlertState::Firing if notified_at.is_none() => Some(Notice::First),
            AlertState::Firing if matches!(from, Some(AlertState::Acknowledged | AlertState::Snoozed)) => Some(Notice::Again),
            AlertState::Firing if repeat > 0 && notified_at.is_some_and(|told| at.0 >= told.0 + repeat) => Some(Notice::Repeat),
            _ => None,
        };
        if let Some(judged) = &step.judged {
            (after.rule_id, after.rule_version, after.severity) = (judged.rule.id, judged.rule.version, judged.rule.severity);
            (after.value_n, after.value_d, after.threshold) = (judged.n, judged.d, judged.threshold);
            (after.service_level, after.window_days) = (judged.rule.service_level, judged.rule.window_days);
        }
        after.state = state;
        after.pending_since = step.pend;
        after.fired_at = match state {
            AlertState::Pending => step.pend,
            _ if was_open => after.fired_at,
            _ => at,
        };
        after.clear_since = step.clr;
        after.quiet_until = after.quiet_until.filter(|_| matches!(state, AlertState::Acknowledged | AlertState::Snoozed));
        after.muted = step.muted;
        if notice.is_some_and(|notice| notice != Notice::Gone) {
            after.notified_at = Some(at);
        }
        after.next_check_at = next_check(&after, rule.as_ref());
        if state == AlertState::Resolved {
            after.resolved_at = Some(at);
            after.resolution = Some(match (&step.judged, step.known) {
                (Some(_), _) => AlertResolution::Cleared,
                (None, true) => AlertResolution::RuleRemoved,
                (None, false) if self.products[&product].archived => AlertResolution::ProductArchived,
                (None, false) => AlertResolution::Cleared,
            });
        }
        if before.as_ref() == Some(&after) && notice.is_none() {
            return;
        }
        after.version += 1;
        let moved = from != Some(state) || notice.is_some();
        let entry = moved.then(|| entry(&after, from, state, notice, at));
        match step.old {
            Some(place) => {
                self.alerts[place].0 = after;
                self.alerts[place].1.extend(entry);
            }
            None => self.alerts.push((after, entry.into_iter().collect())),
        }
    }

    fn blank(&self, product: ProductId, kind: AlertKind, subject: WarehouseId) -> alert::Model {
        let before = self.alerts.iter().filter(|(a, _)| (a.product_id, a.kind, a.warehouse_id) == (product, kind, subject));
        let previous = before.map(|(a, _)| (a.fired_at, a.resolved_at)).max();
        alert::Model {
            tenant_id: self.id,
            id: NOTHING,
            version: 0,
            product_id: product,
            warehouse_id: subject,
            kind,
            state: AlertState::Pending,
            severity: Severity::Info,
            rule_id: AlertRuleId::NIL,
            rule_version: 0,
            value_n: None,
            value_d: None,
            threshold: None,
            service_level: None,
            window_days: None,
            pending_since: self.evaluated_at,
            fired_at: self.evaluated_at,
            clear_since: None,
            quiet_until: None,
            muted: false,
            notified_at: None,
            acknowledged_at: None,
            acknowledged_by: None,
            resolved_at: None,
            resolution: None,
            next_check_at: None,
            // Ids differ between the databases: the one before is known by its times.
            previous_id: previous.map(told_by_times),
            last_run: uuid::Uuid::nil(),
        }
    }

    /// A person acts on an alert.
    pub fn handle(&mut self, place: usize, state: AlertState, until: Option<Timestamp>, now: Timestamp) {
        let (alert, timeline) = &mut self.alerts[place];
        if !alert.state.is_open() || (alert.state == state && state != AlertState::Snoozed && alert.quiet_until == until) {
            return;
        }
        let from = std::mem::replace(&mut alert.state, state);
        alert.quiet_until = until;
        alert.version += 1;
        if state == AlertState::Acknowledged {
            alert.acknowledged_at = Some(now);
        }
        timeline.push(entry(alert, Some(from), state, None, now));
    }
}

/// An id that stands for the alert with these times.
pub fn told_by_times((fired_at, resolved_at): (Timestamp, Option<Timestamp>)) -> AlertId {
    AlertId(uuid::Uuid::from_u64_pair(fired_at.0 as u64, resolved_at.map_or(0, |at| at.0) as u64))
}

fn next_check(alert: &alert::Model, rule: Option<&rule::Model>) -> Option<Timestamp> {
    let rule = rule?;
    let after = |at: Timestamp, by: i64| Timestamp(at.0 + by);
    let mut all = Vec::new();
    match alert.state {
        AlertState::Resolved => return None,
        AlertState::Pending => all.push(after(alert.pending_since, rule.pending_for)),
        AlertState::Acknowledged | AlertState::Snoozed => all.extend(alert.quiet_until),
        AlertState::Firing if !alert.muted && alert.clear_since.is_none() && rule.repeat_every > 0 => {
            all.extend(alert.notified_at.map(|told| after(told, rule.repeat_every)));
        }
        AlertState::Firing => {}
    }
    if alert.state.is_open() {
        all.extend(alert.clear_since.map(|clear| after(clear, rule.keep_for)));
    }
    all.into_iter().min()
}

fn entry(alert: &alert::Model, from: Option<AlertState>, to: AlertState, notice: Option<Notice>, at: Timestamp) -> transition::Model {
    transition::Model {
        tenant_id: alert.tenant_id,
        id: entities::alerts::AlertTransitionId::NIL,
        alert_id: NOTHING,
        alert_version: alert.version,
        from_state: from,
        to_state: to,
        notice,
        value_n: alert.value_n,
        value_d: alert.value_d,
        threshold: alert.threshold,
        by_membership_id: None,
        note: None,
        occurred_at: at,
        announced_at: None,
        noticed_at: None,
    }
}
