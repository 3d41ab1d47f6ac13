use super::UserId;
use crate::{TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// A person with an account, in any number of organisations.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub version: i64,
    /// Lower case, unique.
    pub email: String,
    /// When its owner last showed that they read its mail.
    pub email_verified_at: Option<Timestamp>,
    pub display_name: String,
    /// E.164.
    pub phone: Option<String>,
    pub locale: String,
    pub time_zone: String,
    /// Argon2id in PHC form; none for an account that signs in elsewhere.
    pub password_hash: Option<String>,
    pub whatsapp_consent_at: Option<Timestamp>,
    /// Where the consent, or its withdrawal, was given.
    pub whatsapp_consent_source: Option<String>,
    /// The organisation of the last session, taken when a sign-in names none.
    pub last_tenant_id: Option<TenantId>,
    /// What they can do: a list of texts in JSON.
    pub skills: String,
    /// Where more of them is to be found: a list of addresses in JSON.
    pub links: String,
    /// When the account is to be erased, as its owner asked.
    pub erase_at: Option<Timestamp>,
    /// When it was: nothing here says any more who they were.
    pub erased_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
