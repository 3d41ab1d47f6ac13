use super::UserId;
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// What a person proves who they are with beside the password: an authenticator app (RFC 6238).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Encrypted with the installation's key.
    pub secret: Vec<u8>,
    /// None: begun, and not asked for yet.
    pub confirmed_at: Option<Timestamp>,
    /// The last thirty seconds a code of which was taken: none of these or before is taken again.
    pub last_step: i64,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
