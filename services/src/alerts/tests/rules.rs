//! What is said of a rule that cannot be.

use crate::alerts::rules::{self, NewRule, RuleChange};
use crate::testing::{Fixture, refusals};
use crate::{Code, Reads};
use entities::alerts::AlertKind;
use entities::inventory::unit;
use sea_orm::ColumnTrait;

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
