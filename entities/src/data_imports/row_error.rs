use super::{DataImportId, DataImportRowErrorId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// Why one row was not taken, or why the file could not be read at that line.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_import_row_errors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DataImportRowErrorId,
    pub import_id: DataImportId,
    /// Counted from 1 in the file; the header is line 1.
    pub line: i64,
    /// As the file's header names it.
    pub column_name: Option<String>,
    /// A code of refusals.
    pub code: String,
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = DataImportRowErrorId;
}
