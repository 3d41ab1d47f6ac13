use super::{ExternalIdentityId, UserId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// That a subject of another issuer is a person here.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_identities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExternalIdentityId,
    pub user_id: UserId,
    /// The key of the issuer in the settings, when it was linked.
    pub provider: String,
    /// As its tokens say it; with the subject it is who they are.
    pub issuer: String,
    pub subject: String,
    /// What the issuer said of their address, to recognise the account by.
    pub email: Option<String>,
    pub linked_at: Timestamp,
    pub used_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
