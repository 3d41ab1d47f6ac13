use super::types::{DataImport, DataImportConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, ID, Object};
use services::data_imports;

#[derive(Default)]
pub struct DataImportQuery;

#[Object]
impl DataImportQuery {
    /// An import by its id; null when there is none.
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_READ".into()))]
    async fn data_import(&self, ctx: &Context<'_>, id: ID) -> Result<Option<DataImport>> {
        Ok(data_imports::find(ctx.scope()?, GlobalId::of_global(&id)).await?.map(DataImport::alone))
    }

    /// The organisation's imports, the latest first.
    #[graphql(directive = requires::apply("DATA_IMPORTS_IMPORT_READ".into()))]
    async fn data_imports(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<DataImportConnection>> {
        let page = data_imports::page(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(DataImportConnection::new(DataImport::page(page))))
    }
}
