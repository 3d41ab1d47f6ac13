use super::inputs::{DataImportCancelInput, DataImportStartInput, DataImportUndoInput};
use super::types::DataImport;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::schema::requires;
use async_graphql::{Context, Object};
use services::data_imports::{self, StartImport};
use services::scope::retrying;

payload! {
    DataImportStartPayload {
        /// The import, queued.
        data_import: DataImport
    },
    DataImportCancelPayload {
        /// The import as it is now.
        data_import: DataImport
    },
    DataImportUndoPayload {
        /// The import, its undo queued, under way or done.
        data_import: DataImport
    },
}

#[derive(Default)]
pub struct DataImportMutation;

#[Object]
impl DataImportMutation {
    /// Starts an import: its columns and rules are checked now, its rows taken by a worker. They may be in any order: movements are
    /// taken oldest first, those of one instant as written (from the end, in a file that is newest first).
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_RUN".into()))]
    async fn data_import_start(&self, ctx: &Context<'_>, input: DataImportStartInput) -> Result<Option<DataImportStartPayload>> {
        let (scope, input) = (ctx.scope()?, StartImport::from(input));
        let started = retrying(|| data_imports::start(scope, input.clone())).await;
        Ok(Some(DataImportStartPayload::of(started.map(DataImport::alone))?))
    }

    /// Stops an import between two chunks; what it has applied stays.
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_RUN".into()))]
    async fn data_import_cancel(&self, ctx: &Context<'_>, input: DataImportCancelInput) -> Result<Option<DataImportCancelPayload>> {
        let (scope, id) = (ctx.scope()?, GlobalId::of_global(&input.id));
        let cancelled = retrying(|| data_imports::cancel(scope, id)).await;
        Ok(Some(DataImportCancelPayload::of(cancelled.map(DataImport::alone))?))
    }

    /// Undoes all movements an import recorded, each by its reverse, the newest first; its rows are new again afterwards. Needs
    /// INVENTORY_STOCK_MOVEMENT_REVERSE, too. What the stock policy forbids to undo stays; asked again, it is tried again.
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_RUN".into()))]
    async fn data_import_undo(&self, ctx: &Context<'_>, input: DataImportUndoInput) -> Result<Option<DataImportUndoPayload>> {
        let (scope, id) = (ctx.scope()?, GlobalId::of_global(&input.id));
        let undone = retrying(|| data_imports::undo(scope, id)).await;
        Ok(Some(DataImportUndoPayload::of(undone.map(DataImport::alone))?))
    }
}
