use super::progress;
use crate::events::{self, Follower};
use crate::identity::Permission;
use crate::page::{Page, PageArgs, Sort};
use crate::scope::{ReadsWithin, Scoped, TenantTx};
use crate::{Error, Reads, Result, Scope};
use entities::data_imports::{DataImportId, DataImportRowErrorId, data_import, row_error};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::ExprTrait;
use std::collections::HashMap;

/// One page of the organisation's imports, the latest first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<data_import::Model>> {
    scope
        .select_within::<data_import::Entity>(Permission::DataImportsImportRead)?
        .page(args, &[Sort::descending(data_import::Column::CreatedAt)])
        .await
}

pub async fn find(scope: &Scope, id: DataImportId) -> Result<Option<data_import::Model>> {
    scope.find_within::<data_import::Entity>(Permission::DataImportsImportRead, id).await
}

pub async fn by_ids(scope: &Scope, ids: &[DataImportId]) -> Result<HashMap<DataImportId, data_import::Model>> {
    scope.by_ids_within::<data_import::Entity>(Permission::DataImportsImportRead, ids).await
}

/// One page of an import's row errors, in the order of the file.
pub async fn errors(scope: &Scope, import: DataImportId, args: &PageArgs) -> Result<Page<row_error::Model>> {
    let errors = errors_in_reach(scope)?.filter(row_error::Column::ImportId.eq(import));
    errors.page(args, &[Sort::ascending(row_error::Column::Line)]).await
}

/// The first page of each import's row errors; without errors there is none.
pub async fn first_errors(
    scope: &Scope,
    imports: &[DataImportId],
    args: &PageArgs,
) -> Result<HashMap<DataImportId, Page<row_error::Model>>> {
    errors_in_reach(scope)?.first_pages(row_error::Column::ImportId, imports, args, &[Sort::ascending(row_error::Column::Line)]).await
}

/// The row errors of the imports in reach.
fn errors_in_reach(scope: &Scope) -> Result<Scoped<'_, Scope, row_error::Entity>> {
    let imports = scope.within(Permission::DataImportsImportRead)?.over_those_of::<data_import::Entity>(row_error::Column::ImportId);
    Ok(scope.select::<row_error::Entity>().filter(imports))
}

/// One row error.
pub async fn find_error(scope: &Scope, id: DataImportRowErrorId) -> Result<Option<row_error::Model>> {
    errors_in_reach(scope)?.filter(row_error::Column::Id.eq(id)).one().await
}

/// Follows an import from its present state on: the state, and what comes after exactly that.
pub async fn follow(scope: &Scope, id: DataImportId) -> Result<(data_import::Model, Follower)> {
    let stream = progress::stream(id);
    let cursor = events::cursor_at(scope, &stream).await?;
    let import = scope.find_within::<data_import::Entity>(Permission::DataImportsImportRead, id).await?.ok_or(Error::NotFound)?;
    scope.end_read().await;
    Ok((import, events::follow(scope, stream, Some(cursor)).await?))
}

/// Whether an import, or the undo of one, waits or runs.
pub(crate) async fn any_under_way(on: &TenantTx<'_>) -> Result<bool> {
    use data_import::{Column as C, DataImportState, DataImportUndoState};
    let open = C::State.is_in([DataImportState::Queued, DataImportState::Running]);
    let open = open.or(C::UndoState.is_in([DataImportUndoState::Queued, DataImportUndoState::Running]));
    Ok(on.select::<data_import::Entity>().filter(open).count().await? > 0)
}
