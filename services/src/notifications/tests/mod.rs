mod mail;
mod notify;
mod outages;
mod reading;
mod smtp_fake;
mod twilio_fake;
mod whatsapp;

use super::{Category, Channel, NewNotification, Severity};
use crate::testing::Fixture;
use crate::{Reads, Scope};
use entities::identity::{membership, user};
use entities::notifications::{delivery, notification};
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::{Set, Unchanged};

/// A telling of the fixture's owner.
pub fn telling(scope: &Scope, channels: &[Channel]) -> NewNotification {
    NewNotification {
        to: scope.membership().into_iter().collect(),
        category: Category::System,
        severity: Severity::Info,
        key: "notification-test",
        params: serde_json::json!({}),
        subject: None,
        channels: channels.to_vec(),
        dedup_key: None,
    }
}

pub async fn tell(fixture: &Fixture, new: NewNotification) {
    let scope = fixture.again();
    let txn = scope.begin().await.unwrap();
    super::notify(&txn, new).await.unwrap();
    txn.commit().await.unwrap();
}

pub async fn notifications(scope: &Scope) -> Vec<notification::Model> {
    scope.end_read().await;
    scope.select::<notification::Entity>().all().await.unwrap()
}

pub async fn deliveries(scope: &Scope) -> Vec<delivery::Model> {
    scope.end_read().await;
    let all = scope.select::<delivery::Entity>().order_by(delivery::Column::Channel, sea_orm::Order::Asc);
    all.order_by(delivery::Column::Id, sea_orm::Order::Asc).all().await.unwrap()
}

/// Gives the owner a number and the consent to be written to.
pub async fn on_whatsapp(fixture: &Fixture, phone: &str) {
    let doorway = crate::Doorway::new(&fixture.app, crate::locale::Locale::Fr);
    let change = crate::identity::users::UpdateViewer { phone: Some(Some(phone.into())), ..Default::default() };
    crate::identity::users::update(&doorway, &fixture.caller, change).await.unwrap();
    crate::identity::users::set_whatsapp_consent(&doorway, &fixture.caller, true, "test").await.unwrap();
}

/// A thousand more members, written by hand.
pub async fn add_members(fixture: &Fixture, how_many: usize) -> Vec<entities::identity::MembershipId> {
    let doorway = crate::Doorway::new(&fixture.app, crate::locale::Locale::Fr);
    let tx = doorway.begin().await.unwrap();
    let owner = tx.find::<user::Entity>(fixture.caller.user).await.unwrap().unwrap();
    let mut users = Vec::new();
    for n in 0..how_many {
        let id = doorway.new_id();
        let row = user::ActiveModel { id: Set(id), email: Set(format!("{n}-{id}@teranga.example")), ..owner.clone().into() };
        tx.insert(row.reset_all()).await.unwrap();
        users.push(id);
    }
    let scope = fixture.again();
    let txn = tx.enter(&scope).await.unwrap();
    let mut members = Vec::new();
    for user_id in users {
        let row = membership::ActiveModel {
            tenant_id: Unchanged(fixture.scope.tenant()),
            id: Set(scope.new_id()),
            user_id: Set(user_id),
            version: Set(1),
            kind: Set(membership::MembershipKind::Person),
            status: Set(membership::MembershipStatus::Active),
            created_at: Set(scope.now()),
            updated_at: Set(scope.now()),
        };
        members.push(txn.insert(row).await.unwrap().id);
    }
    txn.commit().await.unwrap();
    members
}
