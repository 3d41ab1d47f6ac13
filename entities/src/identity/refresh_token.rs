use super::{RefreshTokenId, SessionId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// One link of a session's chain of refresh tokens; only the hash of the secret is kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefreshTokenId,
    pub session_id: SessionId,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    pub parent_id: Option<RefreshTokenId>,
    pub issued_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}
