use super::inputs::DataImportField;
use async_graphql::SimpleObject;
use services::data_imports::ColumnMapping;

/// A column of the file and what it was understood as.
#[derive(SimpleObject, Clone)]
pub struct DataImportColumn {
    /// As the header names it.
    pub header: String,
    /// What it holds.
    pub field: DataImportField,
}

impl From<ColumnMapping> for DataImportColumn {
    fn from(mapping: ColumnMapping) -> Self {
        Self { header: mapping.column.trim().to_owned(), field: mapping.field.into() }
    }
}
