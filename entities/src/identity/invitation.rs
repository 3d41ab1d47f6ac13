use super::{InvitationId, MembershipId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// That somebody may join an organisation, who shows the token that was sent to their address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// Lower case; the account that accepts has it.
    pub email: String,
    /// How the inviter calls the person.
    pub display_name: Option<String>,
    pub message: Option<String>,
    /// HMAC-SHA256 of the token that was sent last.
    pub token_hash: Vec<u8>,
    /// Who sent it last, and answers for its roles.
    pub invited_by: MembershipId,
    /// How often it was sent.
    pub letters: i64,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub accepted_by: Option<MembershipId>,
    pub revoked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = InvitationId;
}
