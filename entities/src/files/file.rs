use super::FileId;
use crate::{Owned, TenantId, TenantScoped, Timestamp, identity::MembershipId};
use sea_orm::entity::prelude::*;

/// Bytes somebody uploaded, found by their hash; two files of one content share them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    /// As the person named it; never a path of ours.
    pub filename: String,
    /// What the bytes are, not what was claimed.
    pub content_type: String,
    pub size_bytes: i64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub purpose: FilePurpose,
    pub created_by: Option<MembershipId>,
    pub created_at: Timestamp,
}

/// What a file is for; limits and accepted types follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FilePurpose {
    Image,
    Document,
    Avatar,
    Import,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = FileId;
}

impl Owned for Entity {
    const OWNER: Column = Column::CreatedBy;
}
