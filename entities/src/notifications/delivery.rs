use super::{Channel, Content, DeliveryState, NotificationDeliveryId, NotificationId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// One notification on its way over one channel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationDeliveryId,
    pub notification_id: NotificationId,
    pub channel: Channel,
    pub state: DeliveryState,
    /// Why it was never tried.
    pub suppressed_because: Option<String>,
    /// Who carries it: `twilio`, `smtp`, `outbox`.
    pub provider: Option<String>,
    pub provider_message_id: Option<String>,
    pub content: Option<Content>,
    pub attempts: i32,
    /// How many of them ended without anybody knowing whether the message was taken.
    pub unanswered: i32,
    /// Set while a message may have left without our knowing: an attempt began and no answer was kept.
    pub unsure_since: Option<Timestamp>,
    pub error_code: Option<i32>,
    /// The last error in the provider's words.
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = NotificationDeliveryId;
}
