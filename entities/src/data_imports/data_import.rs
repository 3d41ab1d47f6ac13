use super::DataImportId;
use crate::files::FileId;
use crate::inventory::{StockMovementId, WarehouseId};
use crate::{Owned, TenantId, TenantScoped, Timestamp, identity::MembershipId, work::JobId};
use sea_orm::entity::prelude::*;

/// One run over the rows of a file. Its counts are also its place: that many rows are behind it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DataImportId,
    pub kind: DataImportKind,
    pub state: DataImportState,
    /// Counts what a real run would, and changes nothing.
    pub dry_run: bool,
    pub file_id: Option<FileId>,
    /// A small file given in the call itself; kept until the run ends.
    pub content: Option<String>,
    /// JSON: which column means what, and the rules.
    pub mapping: String,
    /// Where rows without a warehouse of their own go.
    pub warehouse_id: Option<WarehouseId>,
    pub create_missing: bool,
    pub time_zone: String,
    /// The language of row errors: the starter's.
    pub locale: String,
    /// The job that runs it.
    pub job_id: Option<JobId>,
    /// JSON: encoding and delimiter, once the file has been looked through.
    pub layout: Option<String>,
    pub rows_total: Option<i64>,
    pub rows_applied: i64,
    pub rows_skipped: i64,
    pub rows_failed: i64,
    /// JSON: how many rows were passed over, by why.
    pub skips: String,
    /// How many row errors are stored; beyond a ceiling they are only counted.
    pub errors_kept: i64,
    pub created_by: Option<MembershipId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// How far its undo has come; none: nobody asked for one.
    pub undo_state: Option<DataImportUndoState>,
    /// The job that undoes it.
    pub undo_job_id: Option<JobId>,
    /// The place of an undo: what was recorded from this movement on is behind it.
    pub undo_before: Option<StockMovementId>,
    /// Movements undone, by all its undos together.
    pub rows_undone: i64,
    /// Movements that the last undo left standing.
    pub rows_not_undone: i64,
    /// Who asked for the last undo.
    pub undone_by: Option<MembershipId>,
    /// When the last undo ended.
    pub undone_at: Option<Timestamp>,
}

impl Model {
    /// Rows that are behind the run.
    pub fn rows_done(&self) -> i64 {
        self.rows_applied + self.rows_skipped + self.rows_failed
    }

    /// Whether it waits to be undone, or is.
    pub fn is_being_undone(&self) -> bool {
        matches!(self.undo_state, Some(DataImportUndoState::Queued | DataImportUndoState::Running))
    }

    /// Whether nothing goes on in it any more.
    pub fn is_at_rest(&self) -> bool {
        self.state.is_final() && !self.is_being_undone()
    }
}

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DataImportKind {
    Products,
    StockMovements,
}

/// How far a run has come; the last three are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DataImportState {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl DataImportState {
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// How far an undo has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DataImportUndoState {
    Queued,
    Running,
    /// It went over all movements; some may stand.
    Completed,
    /// It stopped through our fault, and may be asked for again.
    Failed,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = DataImportId;
}

impl Owned for Entity {
    const OWNER: Column = Column::CreatedBy;
}
