use super::{AccountLinkId, UserId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A link that was sent to an address, for one use.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountLinkId,
    pub user_id: UserId,
    pub purpose: LinkPurpose,
    /// Where it was sent, lower case; whoever has it reads the mail of this address.
    pub email: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum LinkPurpose {
    /// To confirm the address of an account.
    #[sea_orm(string_value = "VERIFY_EMAIL")]
    VerifyEmail,
    /// To choose a password in place of a forgotten one.
    #[sea_orm(string_value = "RESET_PASSWORD")]
    ResetPassword,
    /// To move an account to this address.
    #[sea_orm(string_value = "CHANGE_EMAIL")]
    ChangeEmail,
}

impl ActiveModelBehavior for ActiveModel {}
