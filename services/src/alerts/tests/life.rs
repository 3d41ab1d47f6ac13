//! The life of an alert, as people see it.

use crate::alerts::announce::{AnnounceStockAlerts, FLOOD, announce};
use crate::alerts::evaluate::{Extent, run};
use crate::alerts::handle::{ACKNOWLEDGED_FOR, Snooze, acknowledge, snooze};
use crate::alerts::read::{self, AlertFilter, AlertOrder};
use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::alerts::{explain, handle};
use crate::inventory::{catalog, movements, products};
use crate::locale::Locale;
use crate::notifications::read::NotificationFilter;
use crate::notifications::{Category, Channel};
use crate::page::PageArgs;
use crate::testing::{Fixture, movement};
use crate::work::Running;
use crate::{Code, Error, Reads, Scope, SystemScope};
use chrono::TimeDelta;
use entities::Quantity;
use entities::alerts::{AlertKind, AlertResolution, AlertState, Severity, alert, rule};
use entities::inventory::product;
use entities::inventory::stock_movement::StockMovementKind::*;
use entities::notifications::notification;

pub(super) async fn evaluate(fixture: &Fixture) {
    run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    tell(fixture).await;
}

pub(super) async fn tell(fixture: &Fixture) {
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    announce(&scope, &Running::detached(scope.tenant()), AnnounceStockAlerts {}).await.unwrap();
    // Ids sort by their millisecond.
    fixture.app.clock().advance(TimeDelta::milliseconds(1));
}

pub(super) async fn later(fixture: &Fixture, by: TimeDelta) {
    fixture.app.clock().advance(by);
    evaluate(fixture).await;
}

/// What people have been told, the latest last: key and products.
pub(super) async fn told(fixture: &Fixture) -> Vec<(String, String)> {
    let mut rows = fixture.again().select::<notification::Entity>().all().await.unwrap();
    rows.sort_by_key(|row| row.id);
    let name = |item: &serde_json::Value| item.as_str().or(item["product"].as_str()).unwrap().to_owned();
    let names = |row: &notification::Model| {
        let params: serde_json::Value = serde_json::from_str(&row.params).unwrap();
        params["names"].as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(", ")
    };
    rows.iter().map(|row| (row.key.clone(), names(row))).collect()
}

pub(super) async fn alerts_of(fixture: &Fixture, product: &product::Model) -> Vec<alert::Model> {
    let filter = AlertFilter { products: Some(vec![product.id]), ..AlertFilter::default() };
    let mut rows: Vec<alert::Model> =
        read::page(&fixture.again(), &filter, &[], &PageArgs::default()).await.unwrap().items().cloned().collect();
    rows.sort_by_key(|row| (row.kind, row.fired_at));
    rows
}

async fn open_kinds(fixture: &Fixture, product: &product::Model) -> Vec<(AlertKind, bool)> {
    let open = alerts_of(fixture, product).await;
    open.iter().filter(|a| a.state.is_open()).map(|a| (a.kind, a.muted)).collect()
}

pub(super) async fn rule_of(fixture: &Fixture, kind: AlertKind) -> rule::Model {
    let all = rules::page(&fixture.again(), &PageArgs::default()).await.unwrap();
    all.items().find(|rule| rule.kind == kind).cloned().unwrap()
}

#[tokio::test]
async fn fires_exactly_at_the_boundary() {
    let fixture = Fixture::new().await;
    use AlertKind::{LowStock, StockOut};
    let expected: [(i64, &[(AlertKind, bool)]); 5] = [
        (-1, &[(StockOut, false), (LowStock, true)]),
        (0, &[(StockOut, false), (LowStock, true)]),
        (1, &[(LowStock, false)]),
        (5, &[(LowStock, false)]),
        (6, &[]),
    ];
    let mut all = Vec::new();
    for (available, open) in expected {
        let product = fixture.product().reorder_point(5).on_hand(10).create().await;
        fixture.record(&product, Adjustment, available - 10).await;
        all.push((product, available, open));
    }
    let never_moved = fixture.product().reorder_point(5).create().await;
    let without_point = fixture.product().on_hand(1).create().await;
    evaluate(&fixture).await;
    for (product, available, open) in all {
        assert_eq!(open_kinds(&fixture, &product).await, open, "{available} available, reorder point 5");
    }
    assert!(open_kinds(&fixture, &never_moved).await.is_empty(), "what never moved never alerts");
    assert!(open_kinds(&fixture, &without_point).await.is_empty(), "without a threshold nothing is low");
}

#[tokio::test]
async fn tells_each_thing_once_and_names_what_is_new() {
    let fixture = Fixture::new().await;
    let [rice, oil] = [fixture.product(), fixture.product()].map(|p| p.reorder_point(5).on_hand(9));
    let (rice, oil) = (rice.with(|p| p.name = "Riz".into()).create().await, oil.with(|p| p.name = "Huile".into()).create().await);
    fixture.record(&rice, Sale, 6).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await, [("stock-alert-low-stock".into(), "Riz".into())]);
    evaluate(&fixture).await;
    run(&SystemScope::new(&fixture.app), Extent { tenant: None, full: true }).await.unwrap();
    tell(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 1, "the same facts are no news");

    fixture.record(&oil, Sale, 5).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await[1..], [("stock-alert-low-stock".into(), "Huile".into())], "only the new one is named");
    let last = fixture.again().select::<notification::Entity>().all().await.unwrap().into_iter().max_by_key(|row| row.id).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&last.params).unwrap()["still"], "1", "and one still");
    assert_eq!(
        crate::notifications::words(&last, Locale::Fr, "Africa/Dakar").body,
        "À réapprovisionner : Huile (4\u{a0}pièces, seuil 5). Et 1 produit toujours bas."
    );

    fixture.record(&oil, Receipt, 20).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 2, "a smaller set is no news");
    fixture.record(&rice, Receipt, 20).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await[2..], [("stock-alert-over".into(), "Riz".into())], "an empty one is");
}

#[tokio::test]
async fn a_flood_is_one_digest() {
    let fixture = Fixture::new().await;
    for _ in 0..=FLOOD {
        let product = fixture.product().reorder_point(5).on_hand(3).create().await;
        fixture.record(&product, Sale, 3).await;
    }
    evaluate(&fixture).await;
    let told = told(&fixture).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "stock-alert-digest");
    let filter = NotificationFilter { category: Some(vec![Category::Digest]), ..NotificationFilter::default() };
    let digests = crate::notifications::read::page(&fixture.again(), &filter, &PageArgs::default()).await.unwrap();
    assert_eq!(digests.items().count(), 1, "found where people look for digests");
    assert_eq!(read::count_open(&fixture.again()).await.unwrap(), 2 * (FLOOD as i64 + 1), "stock-outs and the low stocks they mute");
}

#[tokio::test]
async fn a_stock_out_mutes_the_low_stock_until_it_is_over() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(1).create().await;
    fixture.record(&product, Sale, 1).await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.iter().map(|t| t.0.as_str()).collect::<Vec<_>>(), ["stock-alert-stock-out"]);
    fixture.record(&product, Receipt, 2).await;
    evaluate(&fixture).await;
    let keys: Vec<String> = told(&fixture).await.into_iter().skip(1).map(|t| t.0).collect();
    assert!(keys.contains(&"stock-alert-low-stock".into()), "now it speaks up: {keys:?}");
    assert_eq!(open_kinds(&fixture, &product).await, [(AlertKind::LowStock, false)]);
}

#[tokio::test]
async fn clears_above_the_margin_and_after_the_pause() {
    let fixture = Fixture::new().await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    let change = RuleChange { keep_for_minutes: Some(30), clear_percent: Some(Some("20".into())), ..RuleChange::default() };
    rules::update(&fixture.again(), low.id, change).await.unwrap();
    let product = fixture.product().reorder_point(10).on_hand(10).create().await;
    evaluate(&fixture).await;
    for (receipt, clear) in [(2, false), (1, true)] {
        fixture.record(&product, Receipt, receipt).await;
        evaluate(&fixture).await;
        let alert = &alerts_of(&fixture, &product).await[0];
        assert_eq!((alert.state, alert.clear_since.is_some()), (AlertState::Firing, clear), "clear above 12, not at it");
    }
    later(&fixture, TimeDelta::minutes(29)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Firing);
    later(&fixture, TimeDelta::minutes(1)).await;
    let over = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!((over.state, over.resolution), (AlertState::Resolved, Some(AlertResolution::Cleared)));
    fixture.record(&product, Sale, 9).await;
    later(&fixture, TimeDelta::minutes(1)).await;
    let again = alerts_of(&fixture, &product).await.remove(1);
    assert_eq!((again.state, again.previous_id), (AlertState::Firing, Some(over.id)), "a new alert that names the one before");
}

#[tokio::test]
async fn waits_before_it_fires() {
    let fixture = Fixture::new().await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    rules::update(&fixture.again(), low.id, RuleChange { pending_for_minutes: Some(60), ..RuleChange::default() }).await.unwrap();
    let (a, b) =
        (fixture.product().reorder_point(5).on_hand(4).create().await, fixture.product().reorder_point(5).on_hand(4).create().await);
    evaluate(&fixture).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Pending);
    let refused = acknowledge(&fixture.again(), &[alerts_of(&fixture, &a).await[0].id], None).await.unwrap().refusals;
    assert_eq!(refused[0].code, Code::ForbiddenState);
    fixture.record(&b, Receipt, 10).await;
    later(&fixture, TimeDelta::minutes(60)).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Firing);
    assert!(alerts_of(&fixture, &b).await.is_empty(), "what stopped before was never more than a thought");
    assert_eq!(told(&fixture).await.len(), 1);
}

#[tokio::test]
async fn acknowledged_it_is_quiet_for_a_day_or_until_it_gets_worse() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    let id = alerts_of(&fixture, &product).await[0].id;
    let done = acknowledge(&fixture.again(), &[id], Some("Commande passée")).await.unwrap();
    assert_eq!((done.alerts[0].state, done.alerts[0].acknowledged_by), (AlertState::Acknowledged, fixture.scope.membership()));
    later(&fixture, ACKNOWLEDGED_FOR - TimeDelta::minutes(1)).await;
    assert_eq!(told(&fixture).await.len(), 1);

    let other = fixture.product().reorder_point(5).on_hand(2).create().await;
    evaluate(&fixture).await;
    assert_eq!(told(&fixture).await.len(), 2, "a new product in an acknowledged set is news");
    assert!(told(&fixture).await[1].1.starts_with(&other.name));
    later(&fixture, TimeDelta::minutes(1)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Firing, "a day is over");
    assert_eq!(told(&fixture).await.len(), 3);

    acknowledge(&fixture.again(), &[id], None).await.unwrap();
    evaluate(&fixture).await;
    let low = rule_of(&fixture, AlertKind::LowStock).await;
    rules::update(&fixture.again(), low.id, RuleChange { severity: Some(Severity::Critical), ..RuleChange::default() }).await.unwrap();
    evaluate(&fixture).await;
    let worse = &alerts_of(&fixture, &product).await[0];
    assert_eq!((worse.state, worse.severity), (AlertState::Firing, Severity::Critical));
    let timeline = &read::timelines(&fixture.again(), &[id]).await.unwrap()[&id];
    let steps: Vec<AlertState> = timeline.iter().map(|step| step.to_state).collect();
    use AlertState::{Acknowledged, Firing};
    assert_eq!(steps, [Firing, Acknowledged, Firing, Acknowledged, Firing]);
    assert_eq!((timeline[1].note.as_deref(), timeline[1].by_membership_id), (Some("Commande passée"), fixture.scope.membership()));
}

#[tokio::test]
async fn snoozed_it_sleeps_until_then_or_until_restock() {
    let fixture = Fixture::new().await;
    let (a, b) =
        (fixture.product().reorder_point(5).on_hand(4).create().await, fixture.product().reorder_point(5).on_hand(4).create().await);
    evaluate(&fixture).await;
    let ids = [alerts_of(&fixture, &a).await[0].id, alerts_of(&fixture, &b).await[0].id];
    let until = fixture.app.now().plus(TimeDelta::hours(40));
    snooze(&fixture.again(), &ids[..1], Snooze::Until(until)).await.unwrap();
    snooze(&fixture.again(), &ids[1..], Snooze::UntilRestock).await.unwrap();
    later(&fixture, TimeDelta::hours(39)).await;
    assert_eq!(told(&fixture).await.len(), 1, "nothing repeats while it sleeps");
    later(&fixture, TimeDelta::hours(1)).await;
    assert_eq!(alerts_of(&fixture, &a).await[0].state, AlertState::Firing);
    assert_eq!(told(&fixture).await.len(), 2, "told as it wakes");
    later(&fixture, TimeDelta::days(9)).await;
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Snoozed);
    snooze(&fixture.again(), &ids[1..], Snooze::WakeUp).await.unwrap();
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Firing);
    snooze(&fixture.again(), &ids[1..], Snooze::UntilRestock).await.unwrap();
    fixture.record(&b, Receipt, 10).await;
    evaluate(&fixture).await;
    assert_eq!(alerts_of(&fixture, &b).await[0].state, AlertState::Resolved);
}

#[tokio::test]
async fn answers_one_result_for_each_id() {
    let fixture = Fixture::new().await;
    let product = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    let (id, unknown) = (alerts_of(&fixture, &product).await[0].id, fixture.app.new_id());
    let (stranger, _) = fixture.stranger().await;
    assert_eq!(acknowledge(&stranger, &[id], None).await.unwrap().refusals[0].code, Code::NotFound, "not theirs to see");
    let done = acknowledge(&fixture.again(), &[unknown, id], None).await.unwrap();
    assert_eq!((done.alerts.len(), done.refusals[0].code, done.refusals[0].path.join(".")), (1, Code::NotFound, "ids.0".into()));
    let many = vec![id; handle::MOST + 1];
    assert!(matches!(acknowledge(&fixture.again(), &many, None).await, Err(Error::Refused(why)) if why[0].code == Code::LimitReached));
    let past = Snooze::Until(fixture.app.now());
    assert!(matches!(snooze(&fixture.again(), &[id], past).await, Err(Error::Refused(why)) if why[0].code == Code::OutOfRange));
}

#[tokio::test]
async fn the_most_specific_rule_counts_then_the_newest() {
    let fixture = Fixture::new().await;
    let warehouse = fixture.warehouse().await.id;
    let category = catalog::create_category(&fixture.again(), "Céréales", None).await.unwrap().id;
    let product = fixture.product().with(|p| p.category = Some(category)).on_hand(50).create().await;
    // From the least specific to the most; each new one takes over.
    let scopes = [
        (None, None, None),
        (None, None, Some(warehouse)),
        (None, Some(category), None),
        (None, Some(category), Some(warehouse)),
        (Some(product.id), None, None),
        (Some(product.id), None, Some(warehouse)),
        (Some(product.id), None, Some(warehouse)),
    ];
    let mut made = Vec::new();
    for (place, (product_id, category_id, warehouse_id)) in scopes.into_iter().enumerate() {
        let input = NewRule {
            product: product_id,
            category: category_id,
            warehouse: warehouse_id,
            per_warehouse: true,
            threshold: Some((60 + place).to_string()),
            ..NewRule::of(AlertKind::LowStock)
        };
        made.push(rules::create(&fixture.again(), input).await.unwrap());
        later(&fixture, TimeDelta::minutes(5)).await;
        let all = alerts_of(&fixture, &product).await;
        assert_eq!((all.len(), all[0].rule_id), (1, made[place].id), "scope {place}; one alert all along");
        assert_eq!((all[0].warehouse_id, all[0].threshold), (warehouse, Some((60_000 + 1000 * place) as i64)));
    }
    // And back, as they go.
    for place in (1..made.len()).rev() {
        rules::delete(&fixture.again(), made[place].id).await.unwrap();
        later(&fixture, TimeDelta::minutes(5)).await;
        assert_eq!(alerts_of(&fixture, &product).await[0].rule_id, made[place - 1].id);
    }
    rules::update(&fixture.again(), made[0].id, RuleChange { enabled: Some(false), ..RuleChange::default() }).await.unwrap();
    later(&fixture, TimeDelta::minutes(5)).await;
    let over = &alerts_of(&fixture, &product).await[0];
    assert_eq!(
        (over.state, over.resolution),
        (AlertState::Resolved, Some(AlertResolution::RuleRemoved)),
        "a disabled rule is as if absent"
    );
}

#[tokio::test]
async fn watches_the_service_level_over_its_window() {
    let fixture = Fixture::new().await;
    let service = rule_of(&fixture, AlertKind::ServiceLevelDrop).await;
    let change = RuleChange { minimum_lines: Some(4), window_days: Some(7), ..RuleChange::default() };
    rules::update(&fixture.again(), service.id, change).await.unwrap();
    let product = fixture.product().with(|p| p.name = "Riz".into()).on_hand(100).create().await;
    let warehouse = fixture.warehouse().await;
    let sell = async |delivered: i64, ordered: i64| {
        let mut sale = movement(&product, &warehouse, Sale, delivered);
        sale.ordered_quantity = Some(Quantity(ordered * 1000));
        movements::record(&fixture.again(), sale).await.unwrap();
    };
    for _ in 0..3 {
        sell(1, 1).await;
    }
    evaluate(&fixture).await;
    sell(0, 2).await;
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!((alert.kind, alert.value_n, alert.value_d, alert.threshold), (AlertKind::ServiceLevelDrop, Some(3), Some(4), Some(9000)));
    let why = explain::all(&fixture.again(), std::slice::from_ref(&alert)).await.unwrap().remove(&alert.id).unwrap();
    assert_eq!(
        why,
        "Taux de service en baisse : Riz, 3 lignes sur 4 servies en entier en 7 jours, soit 75 % pour un objectif de 90 %, depuis le 1er décembre 2026 à 09:00."
    );
    later(&fixture, TimeDelta::days(7)).await;
    assert_eq!(alerts_of(&fixture, &product).await[0].state, AlertState::Resolved, "the lines have left the window: no data, no alert");
}

#[tokio::test]
async fn explains_itself_in_three_languages() {
    let fixture = Fixture::new().await;
    let product = fixture.product().with(|p| p.name = "Riz brisé".into()).reorder_point(1500).on_hand(1260).create().await;
    fixture.record(&product, Sale, 60).await;
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    let say = async |locale| {
        explain::all(&fixture.caller.scope(&fixture.app, locale).unwrap(), std::slice::from_ref(&alert))
            .await
            .unwrap()
            .remove(&alert.id)
            .unwrap()
    };
    assert_eq!(
        say(Locale::Fr).await,
        "Stock bas : Riz brisé, disponible : 1\u{202f}200\u{a0}pièces pour un seuil de 1\u{202f}500, depuis le 1er décembre 2026 à 09:00. Au rythme des 30 derniers jours, cela couvre environ 600 jours."
    );
    assert_eq!(
        say(Locale::En).await,
        "Low stock: Riz brisé, available: 1,200\u{a0}pieces against a threshold of 1,500, since 1 December 2026 at 09:00. At the pace of the last 30 days this lasts about 600 days."
    );
    assert_eq!(
        say(Locale::Wo).await,
        "Stok bi néew na: Riz brisé, li des: 1\u{202f}200, dayo bi: 1\u{202f}500, dale ko 1 Desàmbar 2026 ci 09:00. Ni ñuy jaaye ci 30 fan yii weesu, loolu mën na yàgg lu jege 600 fan."
    );
    products::archive(&fixture.again(), product.id, None).await.unwrap();
    evaluate(&fixture).await;
    let alert = alerts_of(&fixture, &product).await.remove(0);
    assert_eq!(alert.resolution, Some(AlertResolution::ProductArchived));
    assert!(explain::all(&fixture.again(), std::slice::from_ref(&alert)).await.unwrap()[&alert.id].ends_with("le produit est archivé."));
}

#[tokio::test]
async fn a_new_organisation_is_watched_from_the_start() {
    let fixture = Fixture::new().await;
    let all = rules::page(&fixture.again(), &PageArgs::default()).await.unwrap();
    let rows: Vec<_> = all.items().map(|r| (r.kind, r.severity, r.enabled, r.per_warehouse, r.channels.as_str())).collect();
    let channels = "IN_APP,EMAIL,WHATSAPP";
    let expected = [
        (AlertKind::StockOut, Severity::Critical),
        (AlertKind::LowStock, Severity::Warning),
        (AlertKind::ServiceLevelDrop, Severity::Warning),
    ];
    for (kind, severity) in expected {
        assert!(rows.contains(&(kind, severity, true, false, channels)), "{rows:?}");
    }
    let service = all.items().find(|rule| rule.kind == AlertKind::ServiceLevelDrop).unwrap();
    assert_eq!((service.target, service.window_days, service.minimum_lines), (Some(9000), Some(30), Some(20)));
    let roles = rules::roles(&fixture.again(), service.id).await.unwrap();
    assert_eq!(roles.iter().map(|role| role.key.as_deref()).collect::<Vec<_>>(), [Some("owner")]);
}

#[tokio::test]
async fn a_rule_that_would_tell_nobody_tells_the_owners() {
    let fixture = Fixture::new().await;
    let told = async |rule: &rule::Model| {
        let roles = rules::roles(&fixture.again(), rule.id).await.unwrap();
        let members = rules::recipients(&fixture.again(), rule.id).await.unwrap();
        (members.len(), roles.into_iter().filter_map(|role| role.key).collect::<Vec<_>>())
    };
    let owners = || (0, vec!["owner".to_owned()]);
    let nobody = NewRule { recipients: Some(Vec::new()), roles: Some(Vec::new()), ..NewRule::of(AlertKind::LowStock) };
    let rule = rules::create(&fixture.again(), nobody).await.unwrap();
    assert_eq!(told(&rule).await, owners());
    let change = async |recipients, roles| {
        rules::update(&fixture.again(), rule.id, RuleChange { recipients, roles, ..RuleChange::default() }).await.unwrap();
        told(&rule).await
    };
    let me = || Some(vec![fixture.scope.membership().unwrap()]);
    assert_eq!(change(me(), Some(Vec::new())).await, (1, Vec::new()), "one list is enough");
    assert_eq!(change(Some(Vec::new()), Some(Vec::new())).await, owners());
    assert_eq!(change(None, None).await, owners(), "untouched");
    assert_eq!(change(None, Some(Vec::new())).await, owners(), "the other list is empty already");
    change(me(), Some(Vec::new())).await;
    assert_eq!(change(Some(Vec::new()), None).await, owners());
}

#[tokio::test]
async fn refuses_rules_that_make_no_sense() {
    let fixture = Fixture::new().await;
    let warehouse = fixture.warehouse().await.id;
    let refused = async |input: NewRule| match rules::create(&fixture.again(), input).await {
        Err(Error::Refused(why)) => why.into_iter().map(|why| (why.code, why.path.join("."))).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let service = || NewRule::of(AlertKind::ServiceLevelDrop);
    let low = || NewRule::of(AlertKind::LowStock);
    let (invalid, range) = (Code::Invalid, Code::OutOfRange);
    assert_eq!(refused(NewRule { warehouse: Some(warehouse), ..service() }).await, [(invalid, "warehouseId".into())]);
    assert_eq!(refused(NewRule { per_warehouse: true, ..service() }).await, [(invalid, "granularity".into())]);
    assert_eq!(refused(NewRule { target: Some("1.2".into()), ..service() }).await, [(range, "serviceLevelTarget".into())]);
    assert_eq!(refused(NewRule { window_days: Some(7), ..low() }).await, [(invalid, "windowDays".into())]);
    assert_eq!(refused(NewRule { threshold: Some("5".into()), ..NewRule::of(AlertKind::StockOut) }).await, [(invalid, "threshold".into())]);
    assert_eq!(
        refused(NewRule { threshold: Some("-5".into()), pending_for_minutes: -1, ..low() }).await,
        [(range, "pendingForMinutes".into()), (range, "threshold".into())]
    );
    assert_eq!(refused(NewRule { product: Some(fixture.app.new_id()), ..low() }).await, [(Code::NotFound, "productId".into())]);
    let rule = rules::create(&fixture.again(), NewRule { warehouse: Some(warehouse), ..low() }).await.unwrap();
    assert!(rule.per_warehouse, "a rule for a warehouse looks at that warehouse");
    let repeated = async |minutes: i32| {
        let change = RuleChange { repeat_every_minutes: Some(minutes), ..RuleChange::default() };
        rules::update(&fixture.again(), rule.id, change).await
    };
    for minutes in [1, 14] {
        assert_eq!(refused(NewRule { repeat_every_minutes: minutes, ..low() }).await, [(range, "repeatEveryMinutes".into())]);
        assert!(matches!(repeated(minutes).await, Err(Error::Refused(why)) if why[0].code == range));
    }
    for minutes in [0, 15] {
        assert_eq!(repeated(minutes).await.unwrap().repeat_every, i64::from(minutes) * 60_000_000);
    }
    for channels in [Vec::new(), vec![Channel::InApp, Channel::Sms], vec![Channel::WebPush], vec![Channel::Webhook]] {
        let channels = Some(channels);
        assert_eq!(refused(NewRule { channels: channels.clone(), ..low() }).await, [(invalid, "channels".into())]);
        let change = rules::update(&fixture.again(), rule.id, RuleChange { channels, ..RuleChange::default() }).await;
        assert_eq!(crate::testing::refusals(&change.unwrap_err()), [(invalid, "channels".into())]);
    }
    let stale = RuleChange { expected_version: Some(7), ..RuleChange::default() };
    assert!(matches!(rules::update(&fixture.again(), rule.id, stale).await, Err(Error::Refused(why)) if why[0].code == Code::StaleVersion));
}

#[tokio::test]
async fn lists_and_streams_what_happened() {
    let fixture = Fixture::new().await;
    let out = fixture.product().reorder_point(5).on_hand(4).create().await;
    let low = fixture.product().reorder_point(5).on_hand(4).create().await;
    evaluate(&fixture).await;
    fixture.record(&out, Sale, 4).await;
    later(&fixture, TimeDelta::minutes(5)).await;
    let list = async |filter: AlertFilter, order: &[(AlertOrder, bool)]| {
        let page = read::page(&fixture.again(), &filter, order, &PageArgs::default()).await.unwrap();
        page.items().map(|a| (a.product_id, a.kind)).collect::<Vec<_>>()
    };
    assert_eq!(list(AlertFilter::default(), &[(AlertOrder::Severity, true)]).await[0], (out.id, AlertKind::StockOut));
    assert_eq!(list(AlertFilter { muted: Some(true), ..AlertFilter::default() }, &[]).await, [(out.id, AlertKind::LowStock)]);
    let quiet = AlertFilter { muted: Some(false), kinds: Some(vec![AlertKind::LowStock]), open: Some(true), ..AlertFilter::default() };
    assert_eq!(list(quiet, &[]).await, [(low.id, AlertKind::LowStock)]);
    assert!(list(AlertFilter { open: Some(false), ..AlertFilter::default() }, &[]).await.is_empty());
    let cursor = crate::events::cursor_at(&fixture.again(), crate::alerts::announce::STREAM).await.unwrap();
    assert_eq!(cursor, 3, "two low stocks, then a stock-out");
}
