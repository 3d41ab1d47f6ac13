//! The same facts and people's doings in several databases and in the model.

use super::model::{self, Level, Tenant, told_by_times};
use crate::alerts::evaluate::{Extent, run};
use crate::alerts::handle::{self, Snooze};
use crate::locale::Locale;
use crate::testing::{Place, empty_app};
use crate::{App, Doorway, Reads, Scope, SystemScope, sql};
use entities::alerts::{AlertId, AlertState, alert, rule, transition};
use entities::identity::organization;
use entities::inventory::{CategoryId, ProductId, UnitId, WarehouseId, category, product, unit, warehouse};
use entities::{Quantity, TenantId, Timestamp};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Doing {
    Move {
        product: ProductId,
        warehouse: WarehouseId,
        on_hand: i64,
        reserved: i64,
    },
    LevelGone {
        product: ProductId,
        warehouse: WarehouseId,
    },
    /// A line of an order; what it delivers leaves the warehouse.
    Line {
        product: ProductId,
        warehouse: WarehouseId,
        day: i64,
        ordered: i64,
        delivered: i64,
    },
    Product {
        id: ProductId,
        is: model::Product,
    },
    Rule(Box<rule::Model>),
    RuleGone(usize),
    Acknowledge(usize),
    Snooze(usize, Snooze),
    Zone(&'static str),
}

pub struct Store {
    pub app: App,
    pub system: SystemScope,
    _place: Arc<Place>,
}

impl Store {
    pub async fn new(now: Timestamp, tenants: &[Tenant]) -> Self {
        let (app, place) = empty_app(now).await;
        let store = Self { system: SystemScope::new(&app), app, _place: place };
        for tenant in tenants {
            store.found(tenant, now).await;
        }
        store
    }

    pub fn scope(&self, tenant: TenantId) -> Scope {
        Scope::system(&self.app, tenant, Locale::Fr)
    }

    async fn found(&self, tenant: &Tenant, now: Timestamp) {
        let tx = Doorway::new(&self.app, Locale::Fr).begin().await.unwrap();
        let organization = organization::ActiveModel {
            id: Set(tenant.id),
            version: Set(1),
            name: Set("Essai".into()),
            currency: Set("XOF".into()),
            locale: Set("fr".into()),
            time_zone: Set(tenant.zone.clone()),
            negative_stock_policy: Set(organization::NegativeStockPolicy::Allow),
            modules_off: Set(String::new()),
            policies: Set(String::new()),
            created_at: Set(now),
            updated_at: Set(now),
        };
        tx.insert(organization).await.unwrap();
        tx.commit().await.unwrap();
        let scope = self.scope(tenant.id);
        let txn = scope.begin().await.unwrap();
        let unit_id = UnitId(Uuid::from_u128(900));
        let piece = unit::ActiveModel {
            id: Set(unit_id),
            code: Set("PIECE".into()),
            name: Set("Pièce".into()),
            decimals: Set(0),
            ..Default::default()
        };
        txn.insert(piece).await.unwrap();
        for n in 0..CATEGORIES {
            let row = category::ActiveModel {
                id: Set(category_id(n)),
                name: Set(format!("C{n}")),
                parent_id: Set(None),
                created_at: Set(now),
                ..Default::default()
            };
            txn.insert(row).await.unwrap();
        }
        for (n, id) in tenant.warehouses.iter().enumerate() {
            let row = warehouse::ActiveModel {
                id: Set(*id),
                name: Set(format!("W{n}")),
                code: Set(None),
                created_at: Set(now),
                ..Default::default()
            };
            txn.insert(row).await.unwrap();
        }
        for (n, id) in tenant.products.keys().enumerate() {
            txn.insert(product::ActiveModel {
                id: Set(*id),
                version: Set(1),
                sku: Set(format!("P{n}")),
                name: Set(format!("Produit {n}")),
                search: Set(format!("p{n}\nproduit {n}")),
                unit_id: Set(unit_id),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            })
            .await
            .unwrap();
        }
        txn.commit().await.unwrap();
    }

    /// Takes a trigger away, past the scopes: no service could.
    pub async fn lose(&self, trigger: &str) {
        crate::testing::change_database(&self.app, &format!("DROP TRIGGER {trigger}")).await;
    }

    /// Gives every tenant a turn without anything to look at.
    pub async fn touch(&self, tenants: &[Tenant]) {
        for tenant in tenants {
            let scope = self.scope(tenant.id);
            let txn = scope.begin().await.unwrap();
            txn.statement(sql!("touch.sql")).bind("product", ProductId(Uuid::max())).run().await.unwrap();
            txn.commit().await.unwrap();
        }
    }

    pub async fn run(&self, full: bool) {
        run(&self.system, Extent { tenant: None, full }).await.unwrap();
    }

    /// Makes it happen. `before`: the model as it was, to name rules and alerts by their place in it.
    pub async fn apply(&self, before: &Tenant, doing: &Doing) {
        let scope = self.scope(before.id);
        match doing {
            Doing::Acknowledge(place) => {
                let id = self.alert_like(&before.alerts[*place].0).await;
                handle::acknowledge(&scope, &[id], None).await.unwrap();
                return;
            }
            Doing::Snooze(place, how) => {
                let id = self.alert_like(&before.alerts[*place].0).await;
                handle::snooze(&scope, &[id], *how).await.unwrap();
                return;
            }
            Doing::Zone(zone) => {
                let tx = Doorway::new(&self.app, Locale::Fr).begin().await.unwrap();
                tx.update(organization::ActiveModel { id: Unchanged(before.id), time_zone: Set((*zone).into()), ..Default::default() })
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                return;
            }
            _ => {}
        }
        let txn = scope.begin().await.unwrap();
        match doing {
            Doing::Move { product, warehouse, on_hand, reserved } => {
                let level = txn.statement(sql!("level.sql")).bind("id", txn.new_id::<Uuid>()).bind("product", *product);
                let level = level.bind("warehouse", *warehouse).bind("on_hand", *on_hand).bind("reserved", *reserved);
                level.bind("now", txn.now()).run().await.unwrap();
            }
            Doing::LevelGone { product, warehouse } => {
                txn.statement(sql!("level_gone.sql")).bind("product", *product).bind("warehouse", *warehouse).run().await.unwrap();
            }
            Doing::Line { product, warehouse, day, ordered, delivered } => {
                if *delivered > 0 {
                    let level = txn.statement(sql!("level.sql")).bind("id", txn.new_id::<Uuid>()).bind("product", *product);
                    let level = level.bind("warehouse", *warehouse).bind("on_hand", -delivered).bind("reserved", 0_i64);
                    level.bind("now", txn.now()).run().await.unwrap();
                }
                let line = txn.statement(sql!("day.sql")).bind("product", *product).bind("day", i32::try_from(*day).unwrap());
                let line = line.bind("short", i64::from(delivered < ordered)).bind("ordered", *ordered).bind("delivered", *delivered);
                line.run().await.unwrap();
            }
            Doing::Product { id, is } => {
                let row = product::ActiveModel {
                    id: Unchanged(*id),
                    category_id: Set(is.category),
                    reorder_point: Set(is.reorder_point.map(Quantity)),
                    archived_at: Set(is.archived.then(|| txn.now())),
                    ..Default::default()
                };
                txn.update(row).await.unwrap();
            }
            Doing::Rule(rule) if before.rules.iter().any(|known| known.id == rule.id) => {
                txn.update(rule.as_ref().clone().into_active_model().reset_all()).await.unwrap();
            }
            Doing::Rule(rule) => drop(txn.insert(rule.as_ref().clone().into_active_model().reset_all()).await.unwrap()),
            Doing::RuleGone(place) => assert!(txn.delete::<rule::Entity>(before.rules[*place].id).await.unwrap()),
            Doing::Acknowledge(_) | Doing::Snooze(..) | Doing::Zone(_) => unreachable!(),
        }
        txn.commit().await.unwrap();
    }

    async fn alert_like(&self, wanted: &alert::Model) -> AlertId {
        let all = self.scope(wanted.tenant_id).select::<alert::Entity>().all().await.unwrap();
        let subject = |a: &alert::Model| (a.product_id, a.kind, a.warehouse_id);
        let open = |a: &alert::Model| a.state != AlertState::Resolved;
        let mut like = all.iter().filter(|a| open(wanted) && open(a) && subject(a) == subject(wanted));
        like.next().map_or(AlertId(Uuid::max()), |a| a.id)
    }

    /// Every alert with its timeline, without what differs from database to database.
    pub async fn dump(&self, tenant: TenantId) -> Vec<String> {
        let scope = self.scope(tenant);
        let alerts = scope.select::<alert::Entity>().all().await.unwrap();
        let steps = scope.select::<transition::Entity>().all().await.unwrap();
        let times: HashMap<AlertId, _> = alerts.iter().map(|a| (a.id, (a.fired_at, a.resolved_at))).collect();
        let mut of: HashMap<AlertId, Vec<transition::Model>> = HashMap::new();
        for step in steps {
            of.entry(step.alert_id).or_default().push(step);
        }
        let tell = |mut alert: alert::Model| {
            let mut timeline = of.get(&alert.id).cloned().unwrap_or_default();
            timeline.sort_by_key(|step| step.alert_version);
            for step in &mut timeline {
                (step.id, step.alert_id) = (entities::alerts::AlertTransitionId::NIL, AlertId::NIL);
                (step.announced_at, step.noticed_at) = (None, None);
            }
            alert.previous_id = alert.previous_id.map(|id| told_by_times(times[&id]));
            (alert.id, alert.last_run) = (AlertId::NIL, Uuid::nil());
            told(&alert, &timeline)
        };
        let mut all: Vec<String> = alerts.into_iter().map(tell).collect();
        all.sort();
        all
    }
}

pub const CATEGORIES: u128 = 2;

pub fn category_id(n: u128) -> CategoryId {
    CategoryId(Uuid::from_u128(500 + n))
}

fn told(alert: &alert::Model, timeline: &[transition::Model]) -> String {
    format!("{alert:?}\n    {timeline:?}")
}

impl Tenant {
    pub fn dump(&self) -> Vec<String> {
        let mut all: Vec<String> = self.alerts.iter().map(|(alert, timeline)| told(alert, timeline)).collect();
        all.sort();
        all
    }

    /// What happens, in the model.
    pub fn apply(&mut self, doing: &Doing, now: Timestamp) {
        match doing {
            Doing::Move { product, warehouse, on_hand, reserved } => {
                let level = self.levels.entry((*product, *warehouse)).or_default();
                *level = Level { on_hand: level.on_hand + on_hand, reserved: level.reserved + reserved };
            }
            Doing::LevelGone { product, warehouse } => drop(self.levels.remove(&(*product, *warehouse))),
            Doing::Line { product, warehouse, day, ordered, delivered } => {
                if *delivered > 0 {
                    self.levels.entry((*product, *warehouse)).or_default().on_hand -= delivered;
                }
                let known = self.days.entry((*product, *day)).or_default();
                known.lines += 1;
                known.short_lines += i64::from(delivered < ordered);
                known.ordered += ordered;
                known.delivered += delivered;
            }
            Doing::Product { id, is } => drop(self.products.insert(*id, is.clone())),
            Doing::Rule(rule) => match self.rules.iter_mut().find(|known| known.id == rule.id) {
                Some(known) => *known = rule.as_ref().clone(),
                None => self.rules.push(rule.as_ref().clone()),
            },
            Doing::RuleGone(place) => drop(self.rules.remove(*place)),
            Doing::Acknowledge(place) => {
                self.handle(*place, AlertState::Acknowledged, Some(now.plus(handle::ACKNOWLEDGED_FOR)), now);
            }
            Doing::Snooze(place, Snooze::Until(until)) => self.handle(*place, AlertState::Snoozed, Some(*until), now),
            Doing::Snooze(place, Snooze::UntilRestock) => self.handle(*place, AlertState::Snoozed, None, now),
            Doing::Snooze(place, Snooze::WakeUp) => self.handle(*place, AlertState::Firing, None, now),
            Doing::Zone(zone) => self.zone = (*zone).into(),
        }
    }
}
