use super::header::header_of;
use super::mapping::{ColumnMapping, Mapping};
use super::progress;
use super::rule::Rule;
use super::run::RunImport;
use super::source::Source;
use crate::audit::NewAudit;
use crate::files::store;
use crate::identity::{Permission, organizations};
use crate::scope::{ReadsWithin, TenantTx};
use crate::work::NewJob;
use crate::{Code, Error, Reads, Result, Scope};
use chrono_tz::Tz;
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use entities::files::file::FilePurpose;
use entities::files::{FileId, file};
use entities::inventory::{WarehouseId, warehouse};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::Set;
use std::str::FromStr;

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct StartImport {
    pub kind: DataImportKind,
    /// Exactly one of the file and the content.
    pub file: Option<FileId>,
    pub content: Option<String>,
    /// None: what the header says by itself.
    pub columns: Option<Vec<ColumnMapping>>,
    pub rules: Vec<Rule>,
    /// For rows that name no warehouse; none: the organisation's first.
    pub warehouse: Option<WarehouseId>,
    pub create_missing: bool,
    /// For dates without one; none: the organisation's.
    pub time_zone: Option<String>,
    pub dry_run: bool,
}

impl StartImport {
    /// An import of this kind, with no say in anything; what is to be imported must still be given.
    pub fn of(kind: DataImportKind) -> Self {
        Self {
            kind,
            file: None,
            content: None,
            columns: None,
            rules: Vec::new(),
            warehouse: None,
            create_missing: false,
            time_zone: None,
            dry_run: false,
        }
    }
}

/// The largest content given in the call itself, in bytes.
pub const CONTENT_LIMIT: usize = 200 << 10;

/// Starts an import: checks mapping and rules against the file's header, then leaves the rows to the worker.
pub async fn start(scope: &Scope, input: StartImport) -> Result<data_import::Model> {
    scope.require(Permission::DataImportsImportRun)?;
    check_effects(scope, &input)?;
    let source = source_of_input(scope, &input).await?;
    let time_zone = time_zone(scope, input.time_zone.as_deref()).await?;
    let warehouse = warehouse(scope, &input).await?;
    scope.end_read().await;
    let mapping = mapping(scope, &input, source).await?;
    let txn = scope.begin().await?;
    let id: DataImportId = txn.new_id();
    let job = NewJob::new(scope.app(), &RunImport { import: id })?;
    let row = data_import::ActiveModel {
        id: Set(id),
        mapping: Set(serde_json::to_string(&mapping)?),
        warehouse_id: Set(warehouse),
        time_zone: Set(time_zone),
        job_id: Set(Some(job.id)),
        ..new_row(&txn, input)
    };
    let import = txn.insert(row).await?;
    let act = NewAudit::of("data_imports.import.start").on("DataImport", import.id).with("kind", import.kind.to_value());
    txn.audit(act.with("dryRun", import.dry_run).with("fileId", import.file_id.map(|id| id.to_string())));
    txn.enqueue(job);
    txn.commit().await?;
    Ok(import)
}

/// Whether the caller may do by hand what the rows will do.
fn check_effects(scope: &Scope, input: &StartImport) -> Result<()> {
    if input.kind == DataImportKind::StockMovements {
        scope.require(Permission::InventoryStockMovementRecord)?;
    }
    if input.kind == DataImportKind::Products || input.create_missing {
        scope.require(Permission::InventoryProductWrite)?;
    }
    Ok(())
}

/// An import of which nothing has been done.
fn new_row(txn: &TenantTx<'_>, input: StartImport) -> data_import::ActiveModel {
    data_import::ActiveModel {
        kind: Set(input.kind),
        state: Set(DataImportState::Queued),
        dry_run: Set(input.dry_run),
        file_id: Set(input.file),
        content: Set(input.content),
        create_missing: Set(input.create_missing),
        locale: Set(txn.locale().code().to_owned()),
        rows_applied: Set(0),
        rows_skipped: Set(0),
        rows_failed: Set(0),
        skips: Set("{}".to_owned()),
        errors_kept: Set(0),
        created_by: Set(txn.membership()),
        created_at: Set(txn.now()),
        ..Default::default()
    }
}

/// Stops an import; what it has applied stays. Cancelling again changes nothing.
pub async fn cancel(scope: &Scope, id: DataImportId) -> Result<data_import::Model> {
    scope.require(Permission::DataImportsImportRun)?;
    let txn = scope.begin().await?;
    let unknown = || scope.locale().say("import-unknown", &[]);
    let import = txn
        .lock_within::<data_import::Entity>(Permission::DataImportsImportRun, id)
        .await
        .map_err(|e| e.or_refuse_missing("id", unknown()))?;
    match import.state {
        DataImportState::Cancelled => return Ok(import),
        DataImportState::Completed | DataImportState::Failed => {
            return Err(Error::refuse(Code::ForbiddenState, "id", scope.locale().say("import-over", &[])));
        }
        DataImportState::Queued | DataImportState::Running => {}
    }
    let import = progress::finish(&txn, &import, DataImportState::Cancelled).await?;
    txn.audit(NewAudit::of("data_imports.import.cancel").on("DataImport", id));
    txn.commit().await?;
    Ok(import)
}

async fn source_of_input(scope: &Scope, input: &StartImport) -> Result<Source> {
    let refuse = |code, path: &str, key: &str| Err(Error::refuse(code, path, scope.locale().say(key, &[])));
    match (input.file, &input.content) {
        (Some(_), Some(_)) | (None, None) => refuse(Code::Invalid, "fileId", "import-one-source"),
        (None, Some(content)) if content.len() > CONTENT_LIMIT => {
            let limit = [("limit", scope.locale().size(CONTENT_LIMIT as u64))];
            Err(Error::refuse(Code::FileTooLarge, "content", scope.locale().say("file-too-large", &limit)))
        }
        (None, Some(content)) if content.contains('\0') => refuse(Code::FileUnreadable, "content", "import-nul"),
        (None, Some(content)) => Ok(Source::Content(content.clone())),
        (Some(id), None) => match scope
            .find_within::<file::Entity>(Permission::DataImportsImportRun, id)
            .await?
            .filter(|file| file.purpose == FilePurpose::Import)
        {
            Some(file) => Ok(Source::File(store::path_of(scope.app(), scope.tenant(), &file.sha256))),
            None => refuse(Code::NotFound, "fileId", "import-file-unknown"),
        },
    }
}

async fn time_zone(scope: &Scope, asked: Option<&str>) -> Result<String> {
    match asked {
        None => Ok(organizations::get(scope).await?.time_zone),
        Some(name) if Tz::from_str(name).is_ok() => Ok(name.to_owned()),
        Some(_) => Err(Error::refuse(Code::Invalid, "timeZone", scope.locale().say("time-zone-unknown", &[]))),
    }
}

async fn warehouse(scope: &Scope, input: &StartImport) -> Result<Option<WarehouseId>> {
    if input.kind == DataImportKind::Products {
        return Ok(None);
    }
    let found = match input.warehouse {
        Some(id) => scope.find::<warehouse::Entity>(id).await?,
        None => scope.select::<warehouse::Entity>().order_by(warehouse::Column::Id, sea_orm::Order::Asc).limit(1).one().await?,
    };
    let unknown = || Error::refuse(Code::NotFound, "warehouseId", scope.locale().say("warehouse-unknown", &[]));
    found.map(|warehouse| Some(warehouse.id)).ok_or_else(unknown)
}

async fn mapping(scope: &Scope, input: &StartImport, source: Source) -> Result<Mapping> {
    let locale = scope.locale();
    let path = if input.file.is_some() { "fileId" } else { "content" };
    let header = tokio::task::spawn_blocking(move || header_of(&source)).await.map_err(Error::internal)??;
    let header = header.map_err(|fault| Error::refuse(fault.code, path, fault.say(locale)))?;
    if !header.has_rows {
        return Err(Error::refuse(Code::FileUnreadable, path, locale.say("import-only-header", &[])));
    }
    let columns = input.columns.clone().unwrap_or_else(|| Mapping::of_header(input.kind, &header.columns));
    let mapping = Mapping::new(columns, input.rules.clone(), &header.columns);
    mapping.check(input.kind, &header.columns, locale)?;
    Ok(mapping)
}
