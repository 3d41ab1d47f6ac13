use super::file::FilePurpose;
use super::{FileId, FileUploadId};
use crate::{Owned, TenantId, TenantScoped, Timestamp, identity::MembershipId};
use sea_orm::entity::prelude::*;

/// A file on its way: announced, then received, then completed into a file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file_uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileUploadId,
    pub filename: String,
    /// As announced.
    pub content_type: String,
    /// As announced.
    pub size_bytes: i64,
    /// As announced, where it was.
    pub sha256: Option<String>,
    pub purpose: FilePurpose,
    pub state: FileUploadState,
    pub received_bytes: Option<i64>,
    pub received_sha256: Option<String>,
    pub file_id: Option<FileId>,
    pub created_by: Option<MembershipId>,
    pub created_at: Timestamp,
    /// After this the link is dead and what was received may go.
    pub expires_at: Timestamp,
}

/// How far an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FileUploadState {
    Created,
    Received,
    Completed,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = FileUploadId;
}

impl Owned for Entity {
    const OWNER: Column = Column::CreatedBy;
}
