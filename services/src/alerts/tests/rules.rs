//! Which rules there may be, which counts, and what is said of one that cannot be.

use super::{alerts_of, later};
use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::inventory::catalog;
use crate::notifications::Channel;
use crate::page::PageArgs;
use crate::testing::{Fixture, refusals};
use crate::{Code, Error, Reads};
use chrono::TimeDelta;
use entities::alerts::{AlertKind, AlertResolution, AlertState, Severity, rule};
use entities::inventory::unit;
use sea_orm::ColumnTrait;

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
    assert_eq!(roles.iter().map(|role| role.row.key.as_deref()).collect::<Vec<_>>(), [Some("owner")]);
}

#[tokio::test]
async fn a_rule_that_would_tell_nobody_tells_the_owners() {
    let fixture = Fixture::new().await;
    let told = async |rule: &rule::Model| {
        let roles = rules::roles(&fixture.again(), rule.id).await.unwrap();
        let members = rules::recipients(&fixture.again(), rule.id).await.unwrap();
        (members.len(), roles.into_iter().filter_map(|role| role.row.key).collect::<Vec<_>>())
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
        assert_eq!(refusals(&change.unwrap_err()), [(invalid, "channels".into())]);
    }
    let stale = RuleChange { expected_version: Some(7), ..RuleChange::default() };
    assert!(matches!(rules::update(&fixture.again(), rule.id, stale).await, Err(Error::Refused(why)) if why[0].code == Code::StaleVersion));
}

#[tokio::test]
async fn all_that_stands_against_a_rule_is_said_at_once() {
    let fixture = Fixture::new().await;
    let input = NewRule {
        product: Some(fixture.app.new_id()),
        threshold: Some("beaucoup".into()),
        channels: Some(Vec::new()),
        recipients: Some(vec![fixture.app.new_id()]),
        roles: Some((0..101).map(|_| fixture.app.new_id()).collect()),
        ..NewRule::of(AlertKind::LowStock)
    };
    let error = rules::create(&fixture.again(), input).await.unwrap_err();
    let all = [
        (Code::Invalid, "channels"),
        (Code::OutOfRange, "threshold"),
        (Code::LimitReached, "recipientRoleIds"),
        (Code::NotFound, "productId"),
        (Code::NotFound, "recipientIds.0"),
    ];
    assert_eq!(refusals(&error), all.map(|(code, path)| (code, path.to_owned())));
}

#[tokio::test]
async fn a_threshold_of_one_product_is_no_finer_than_its_unit() {
    let fixture = Fixture::new().await;
    let kilo = fixture.again().select::<unit::Entity>().filter(unit::Column::Code.eq("KG")).one().await.unwrap();
    let rice = fixture.product().with(|product| product.unit = kilo.map(|unit| unit.id)).create().await;
    let soap = fixture.product().create().await;
    let half = |product| NewRule { product, threshold: Some("2.5".into()), ..NewRule::of(AlertKind::LowStock) };
    let finer = [(Code::OutOfRange, "threshold".to_owned())];
    assert_eq!(refusals(&rules::create(&fixture.again(), half(Some(soap.id))).await.unwrap_err()), finer);
    for product in [Some(rice.id), None] {
        rules::create(&fixture.again(), half(product)).await.unwrap();
    }
    let whole = NewRule { threshold: Some("2".into()), ..half(Some(soap.id)) };
    let rule = rules::create(&fixture.again(), whole).await.unwrap();
    let change = RuleChange { threshold: Some(Some("0.1".into())), ..RuleChange::default() };
    assert_eq!(refusals(&rules::update(&fixture.again(), rule.id, change).await.unwrap_err()), finer);
}
