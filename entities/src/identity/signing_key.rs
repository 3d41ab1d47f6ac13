use super::SigningKeyId;
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A key that signs access tokens.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SigningKeyId,
    /// Encrypted with the installation's key.
    pub seed: Vec<u8>,
    pub created_at: Timestamp,
    pub signs_from: Timestamp,
    /// From then on nothing it signed is good.
    pub retired_at: Option<Timestamp>,
    /// Whether the key that signed before there was any in this table is retired as well.
    pub retires_first: bool,
}

impl ActiveModelBehavior for ActiveModel {}
