//! The main job's end: what ran out of a real shop is told by mail, and a restock ends an alert.

use super::*;
use crate::alerts::announce::{AnnounceStockAlerts, announce};
use crate::alerts::evaluate::{self, Extent};
use crate::alerts::read::{self, AlertFilter};
use crate::inventory::products::{self, ProductChange};
use crate::inventory::quantity;
use crate::locale::Locale;
use crate::notifications::{Channel, Deliver, DeliveryState, deliver, words};
use crate::{Scope, SystemScope};
use entities::Quantity;
use entities::alerts::{AlertKind, AlertResolution, AlertState, alert};
use entities::notifications::{delivery, notification};
use sea_orm::ColumnTrait;

/// What the worker does after an evaluation is due: evaluates, announces, delivers.
async fn evaluate(fixture: &Fixture) {
    // Ids sort by their millisecond.
    fixture.app.clock().advance(chrono::TimeDelta::milliseconds(1));
    evaluate::run(&SystemScope::new(&fixture.app), Extent::default()).await.unwrap();
    let scope = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    let job = Running::detached(scope.tenant());
    announce(&scope, &job, AnnounceStockAlerts {}).await.unwrap();
    let reader = fixture.again();
    let waiting = reader.select::<delivery::Entity>().filter(delivery::Column::State.eq(DeliveryState::Queued)).all().await.unwrap();
    for waiting in waiting {
        deliver(&scope, &job, Deliver { delivery: waiting.id }).await.unwrap();
    }
}

/// What people were told last, and the mail of it in the outbox, where it went out by mail.
async fn told(fixture: &Fixture) -> (notification::Model, Option<String>) {
    let scope = fixture.again();
    let last =
        scope.select::<notification::Entity>().all().await.unwrap().into_iter().max_by_key(|row| row.id).expect("something was told");
    let mails = scope.select::<delivery::Entity>().filter(delivery::Column::NotificationId.eq(last.id));
    let mail = mails.filter(delivery::Column::Channel.eq(Channel::Email)).one().await.unwrap();
    let mail = mail.map(|mail| {
        assert_eq!((mail.state, mail.provider.as_deref()), (DeliveryState::Sent, Some("outbox")));
        std::fs::read_to_string(fixture.data_dir().join(format!("outbox/mail/{}.eml", mail.id))).expect("the mail is in the outbox")
    });
    (last, mail)
}

async fn alerts_of(fixture: &Fixture, kind: AlertKind, product: Option<&product::Model>) -> Vec<alert::Model> {
    let filter = AlertFilter { kinds: Some(vec![kind]), products: product.map(|product| vec![product.id]), ..AlertFilter::default() };
    read::page(&fixture.again(), &filter, &[], &PageArgs::default()).await.unwrap().items().cloned().collect()
}

/// Goes on where the shop's rows are in: with what ran out, one that is said to be low, and its restock.
pub(super) async fn what_ran_out_is_told_and_a_restock_ends_an_alert(fixture: &Fixture, closing: &BTreeMap<String, i64>) {
    evaluate(fixture).await;
    let outs = closing.values().filter(|left| **left <= 0).count();
    assert!(outs > 5, "a shop runs out of things");
    let (digest, mail) = told(fixture).await;
    let said = words(&digest, Locale::Fr, "Africa/Dakar");
    assert!(said.title.contains(&Locale::Fr.number(&outs.to_string())), "all {outs} that ran out are counted: {}", said.title);
    assert!(mail.is_some(), "and told by mail");
    assert!(alerts_of(fixture, AlertKind::LowStock, None).await.is_empty(), "nobody has said yet what is low");

    // The owner says when to order one that is still there: now.
    let (sku, left) = closing.iter().find(|(_, left)| **left >= 5000).unwrap();
    let scope = fixture.again();
    let product = scope.select::<product::Entity>().filter(product::Column::Sku.eq(sku)).one().await.unwrap().unwrap();
    let change = ProductChange { reorder_point: Some(Some(quantity::format(Quantity(*left)))), ..ProductChange::default() };
    products::update(&fixture.again(), product.id, change).await.unwrap();
    evaluate(fixture).await;
    let firing = alerts_of(fixture, AlertKind::LowStock, Some(&product)).await.remove(0);
    assert_eq!((firing.state, firing.value_n), (AlertState::Firing, Some(*left)));
    let (news, mail) = told(fixture).await;
    assert_eq!((news.key.as_str(), news.subject_id), ("stock-alert-low-stock", Some(firing.id.into())), "the news is this alert");
    assert!(words(&news, Locale::Fr, "Africa/Dakar").title.contains(&product.name) && mail.is_some());

    fixture.record(&product, Kind::Receipt, 2 * left / 1000).await;
    evaluate(fixture).await;
    let over = alerts_of(fixture, AlertKind::LowStock, Some(&product)).await.remove(0);
    assert_eq!((over.id, over.state, over.resolution), (firing.id, AlertState::Resolved, Some(AlertResolution::Cleared)));
    let (good_news, mail) = told(fixture).await;
    assert_eq!((good_news.key.as_str(), good_news.subject_id), ("stock-alert-over", Some(firing.id.into())));
    assert!(words(&good_news, Locale::Fr, "Africa/Dakar").body.contains(&product.name));
    assert!(mail.is_none(), "good news rings no telephone");
    evaluate(fixture).await;
    assert_eq!(told(fixture).await.0.id, good_news.id, "and nothing more is said of it");
}
