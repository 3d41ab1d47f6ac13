mod apart;
mod explained;
mod handled;
mod history;
mod life;
mod lmis;
mod meanwhile;
mod model;
mod news;
mod property;
mod rules;
mod steps;
mod told;
mod world;

use super::announce::{AnnounceStockAlerts, announce};
use super::evaluate::{Extent, run};
use super::read::{self, AlertFilter};
use crate::locale::Locale;
use crate::page::PageArgs;
use crate::testing::Fixture;
use crate::work::Running;
use crate::{Reads, Scope, SystemScope};
use chrono::TimeDelta;
use entities::alerts::{AlertKind, alert, rule};
use entities::inventory::product;
use entities::notifications::notification;

async fn evaluate(fixture: &Fixture) {
    run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    tell(fixture).await;
}

async fn tell(fixture: &Fixture) {
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    announce(&scope, &Running::detached(scope.tenant()), AnnounceStockAlerts {}).await.unwrap();
    // Ids sort by their millisecond.
    fixture.app.clock().advance(TimeDelta::milliseconds(1));
}

async fn later(fixture: &Fixture, by: TimeDelta) {
    fixture.app.clock().advance(by);
    evaluate(fixture).await;
}

/// What people have been told, the latest last: key and products.
async fn told(fixture: &Fixture) -> Vec<(String, String)> {
    let mut rows = fixture.again().select::<notification::Entity>().all().await.unwrap();
    rows.sort_by_key(|row| row.id);
    let name = |item: &serde_json::Value| item.as_str().or(item["product"].as_str()).unwrap().to_owned();
    let names = |row: &notification::Model| {
        let params: serde_json::Value = serde_json::from_str(&row.params).unwrap();
        params["names"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(", ")
    };
    rows.iter().map(|row| (row.key.clone(), names(row))).collect()
}

async fn alerts_of(fixture: &Fixture, product: &product::Model) -> Vec<alert::Model> {
    let filter = AlertFilter { products: Some(vec![product.id]), ..AlertFilter::default() };
    let mut rows: Vec<alert::Model> =
        read::page(&fixture.again(), &filter, &[], &PageArgs::default()).await.unwrap().items().cloned().collect();
    rows.sort_by_key(|row| (row.kind, row.fired_at));
    rows
}

async fn rule_of(fixture: &Fixture, kind: AlertKind) -> rule::Model {
    let all = crate::alerts::rules::page(&fixture.again(), &PageArgs::default()).await.unwrap();
    all.items().find(|rule| rule.kind == kind).cloned().unwrap()
}
