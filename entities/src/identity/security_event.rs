use super::{SecurityEventId, UserId};
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// Something that happened to an account and that its person would want to know of.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "security_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SecurityEventId,
    pub user_id: UserId,
    pub kind: SecurityEventKind,
    /// Of what it says: the name of a token, for one.
    pub detail: Option<String>,
    /// From where it was asked for.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub at: Timestamp,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum SecurityEventKind {
    /// A program signed in that never did before.
    #[sea_orm(string_value = "NEW_DEVICE")]
    NewDevice,
    /// Wrong passwords, until whoever tried them had to wait.
    #[sea_orm(string_value = "PASSWORD_GUESSED")]
    PasswordGuessed,
    /// A used refresh token came back; its session was ended.
    #[sea_orm(string_value = "TOKEN_REUSED")]
    TokenReused,
    /// Another password.
    #[sea_orm(string_value = "PASSWORD_CHANGED")]
    PasswordChanged,
    /// A link went to another address.
    #[sea_orm(string_value = "EMAIL_CHANGE_REQUESTED")]
    EmailChangeRequested,
    /// Another address.
    #[sea_orm(string_value = "EMAIL_CHANGED")]
    EmailChanged,
    /// A second factor counts from now on.
    #[sea_orm(string_value = "SECOND_FACTOR_ADDED")]
    SecondFactorAdded,
    /// The password is enough again.
    #[sea_orm(string_value = "SECOND_FACTOR_REMOVED")]
    SecondFactorRemoved,
    /// A recovery code served.
    #[sea_orm(string_value = "RECOVERY_CODE_USED")]
    RecoveryCodeUsed,
    /// Another issuer signs the person in.
    #[sea_orm(string_value = "EXTERNAL_IDENTITY_LINKED")]
    ExternalIdentityLinked,
    /// It does so no more.
    #[sea_orm(string_value = "EXTERNAL_IDENTITY_REMOVED")]
    ExternalIdentityRemoved,
    /// A program may act as the person.
    #[sea_orm(string_value = "API_TOKEN_CREATED")]
    ApiTokenCreated,
    /// Other roles in an organisation.
    #[sea_orm(string_value = "RIGHTS_CHANGED")]
    RightsChanged,
    /// So many requests that some were refused.
    #[sea_orm(string_value = "REQUESTS_REFUSED")]
    RequestsRefused,
}

impl ActiveModelBehavior for ActiveModel {}
