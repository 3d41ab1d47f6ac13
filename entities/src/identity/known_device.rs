use super::{KnownDeviceId, UserId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A program at a network from which a person signed in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_devices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: KnownDeviceId,
    pub user_id: UserId,
    /// A keyed hash of what the program calls itself.
    pub program: Vec<u8>,
    /// A keyed hash of its network.
    pub network: Vec<u8>,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
