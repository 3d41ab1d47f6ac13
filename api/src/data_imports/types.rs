use super::columns::DataImportColumn;
use super::skips::DataImportSkip;
use crate::context::Ask;
use crate::error::{Result, UserErrorCode};
use crate::files::types::File;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::DateTime;
use crate::together::{FirstPages, Together};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entities::data_imports::data_import::{self, DataImportKind as Kind, DataImportState as State, DataImportUndoState as UndoState};
use entities::data_imports::{DataImportId, DataImportRowErrorId, row_error};
use entities::files::{FileId, file};
use services::page::{Page, PageArgs};
use services::{Scope, data_imports, files};
use std::collections::HashMap;
use std::sync::Arc;

/// One run over the rows of a file.
#[derive(Clone)]
pub struct DataImport {
    row: data_import::Model,
    page: Arc<ImportPage>,
}

/// What the imports of one page point at.
struct ImportPage {
    files: Together<FileId, file::Model>,
    errors: FirstPages<DataImportId, row_error::Model>,
}

impl ImportPage {
    fn of<'a>(rows: impl Iterator<Item = &'a data_import::Model> + Clone) -> Arc<Self> {
        let files = Together::new(rows.clone().filter_map(|row| row.file_id));
        Arc::new(Self { files, errors: FirstPages::new(rows.map(|row| row.id)) })
    }
}

impl DataImport {
    pub fn alone(row: data_import::Model) -> Self {
        let page = ImportPage::of(std::iter::once(&row));
        Self { row, page }
    }
    /// The imports with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[DataImportId]) -> services::Result<HashMap<DataImportId, Self>> {
        let rows = data_imports::by_ids(scope, ids).await?;
        let together = ImportPage::of(rows.values());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    pub fn page(page: Page<data_import::Model>) -> Page<Self> {
        let together = ImportPage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }
    async fn error_page(&self, scope: &Scope, args: &PageArgs) -> services::Result<Page<row_error::Model>> {
        if args.is_first() {
            let firsts = async |ids: Vec<DataImportId>| data_imports::first_errors(scope, &ids, args).await;
            return self.page.errors.get(self.row.id, args, firsts).await;
        }
        data_imports::errors(scope, self.row.id, args).await
    }
}

/// One run over the rows of a file. Rows in the file = applied + skipped + failed, once it is over.
#[Object]
impl DataImport {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// What the rows are.
    async fn kind(&self) -> DataImportKind {
        self.row.kind.into()
    }
    /// How far it has come.
    async fn state(&self) -> DataImportState {
        self.row.state.into()
    }
    /// Whether it only counts what a real run would do.
    async fn dry_run(&self) -> bool {
        self.row.dry_run
    }
    /// The file; null when the content came with the call, and a week after the last import of the file ended.
    async fn file(&self, ctx: &Context<'_>) -> Result<Option<File>> {
        let (Some(id), scope) = (self.row.file_id, ctx.scope()?) else { return Ok(None) };
        Ok(self.page.files.get(id, |ids| files::by_ids(scope, ids)).await?.map(Into::into))
    }
    /// The columns that are read, as they were understood when it was started.
    async fn columns(&self) -> Result<Vec<DataImportColumn>> {
        Ok(data_imports::understood(&self.row)?.columns.into_iter().map(Into::into).collect())
    }
    /// The columns of the file that nothing is read from, neither a field nor a rule's condition; those without a name left out.
    async fn ignored_columns(&self) -> Result<Vec<String>> {
        Ok(data_imports::understood(&self.row)?.ignored)
    }
    /// How many rows the file has; null until it has been looked through.
    async fn rows_total(&self) -> Option<i32> {
        self.row.rows_total.map(int)
    }
    /// How many rows are behind it.
    async fn rows_done(&self) -> i32 {
        int(self.row.rows_done())
    }
    /// How many rows did something.
    async fn rows_applied(&self) -> i32 {
        int(self.row.rows_applied)
    }
    /// How many rows had nothing to do; `skips` says why.
    async fn rows_skipped(&self) -> i32 {
        int(self.row.rows_skipped)
    }
    /// Why rows had nothing to do: known and blank ones, then those of each rule that passed some over.
    async fn skips(&self) -> Result<Vec<DataImportSkip>> {
        Ok(data_imports::skipped(&self.row)?.into_iter().map(Into::into).collect())
    }
    /// How many rows could not be taken; `rowErrors` says why.
    async fn rows_failed(&self) -> i32 {
        int(self.row.rows_failed)
    }
    /// Why rows were not taken, in the order of the file; the first ten thousand, for 90 days.
    async fn row_errors(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<DataImportRowErrorConnection>> {
        let page = self.error_page(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(DataImportRowErrorConnection::new(page.map(Into::into))))
    }
    /// How far its undo has come; null when nobody asked for one.
    async fn undo_state(&self) -> Option<DataImportUndoState> {
        self.row.undo_state.map(Into::into)
    }
    /// How many of its movements were undone, by all its undos together.
    async fn rows_undone(&self) -> i32 {
        int(self.row.rows_undone)
    }
    /// How many movements the last undo left standing, because stock would fall below zero or pass its bound without them.
    async fn rows_not_undone(&self) -> i32 {
        int(self.row.rows_not_undone)
    }
    /// When the last undo ended; null until then.
    async fn undone_at(&self) -> Option<DateTime> {
        self.row.undone_at.map(Into::into)
    }
    /// When it was started.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// When it ended; null until then.
    async fn finished_at(&self) -> Option<DateTime> {
        self.row.finished_at.map(Into::into)
    }
}

pub(super) fn int(rows: i64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// Why a row was not taken.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct DataImportRowError {
    #[graphql(skip)]
    pub key: DataImportRowErrorId,
    /// The line of the file; its header is line 1.
    pub line: i32,
    /// The column, as the header names it; null when the whole row is meant.
    pub column: Option<String>,
    /// What is wrong, in the language of who started the import.
    pub message: String,
    /// Which rule refused it.
    pub code: UserErrorCode,
}

impl From<row_error::Model> for DataImportRowError {
    fn from(row: row_error::Model) -> Self {
        let code = data_imports::code_of(&row.code).into();
        Self { key: row.id, line: int(row.line), column: row.column_name, message: row.message, code }
    }
}

crate::node_id!(DataImportRowError);

connection!(DataImport, DataImportConnection, DataImportEdge, "imports");
connection!(DataImportRowError, DataImportRowErrorConnection, DataImportRowErrorEdge, "row errors");

/// What the rows of an import are.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Kind")]
pub enum DataImportKind {
    /// Products, added or changed by their SKU.
    Products,
    /// Movements of stock.
    StockMovements,
}

/// How far an import has come.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "State")]
pub enum DataImportState {
    /// Waiting for a worker.
    Queued,
    /// At work.
    Running,
    /// Every row is accounted for.
    Completed,
    /// The file could not be read; `rowErrors` says where.
    Failed,
    /// Stopped; what it had applied stays.
    Cancelled,
}

/// How far the undo of an import has come.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "UndoState")]
pub enum DataImportUndoState {
    /// Waiting for a worker.
    Queued,
    /// At work.
    Running,
    /// It went over all movements; `rowsNotUndone` says how many stand.
    Completed,
    /// It stopped through our fault; it may be asked for again.
    Failed,
}

/// That an import went on, or its undo.
#[derive(SimpleObject)]
pub struct DataImportEvent {
    /// The number of the event.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: DateTime,
    /// The import as it is by now.
    pub data_import: Option<DataImport>,
}
