use super::{RecoveryCodeId, UserId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A code that stands in once for a second factor that is lost.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecoveryCodeId,
    pub user_id: UserId,
    /// A MAC of the code under the installation's key.
    pub code_hash: Vec<u8>,
    pub used_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
