use super::types::DataImportKind;
use crate::ids::GlobalId;
use crate::inventory::movement::StockMovementKind;
use crate::scalars::Decimal;
use async_graphql::{Enum, ID, InputObject};
use services::data_imports::{ColumnMapping, Field, Rule, StartImport};

/// What to import, and how. Exactly one of fileId and content (at most 200 KiB).
#[derive(InputObject)]
pub struct DataImportStartInput {
    /// What the rows are.
    kind: DataImportKind,
    /// An uploaded file of purpose IMPORT.
    file_id: Option<ID>,
    /// The text itself.
    content: Option<String>,
    /// What the columns mean; absent: what the header says by itself, in French or English.
    columns: Option<Vec<DataImportColumnInput>>,
    /// What decides the kind of each movement; where none matches, the KIND column does.
    rules: Option<Vec<DataImportRuleInput>>,
    /// For rows that name no warehouse; absent: the organisation's first.
    warehouse_id: Option<ID>,
    /// Whether products, warehouses, categories and suppliers that rows name are added.
    #[graphql(default)]
    create_missing: bool,
    /// For dates without one; absent: the organisation's.
    time_zone: Option<String>,
    /// Only count what would be done.
    #[graphql(default)]
    dry_run: bool,
}

/// What one column means.
#[derive(InputObject)]
pub struct DataImportColumnInput {
    /// As the header names it.
    column: String,
    /// What it holds.
    field: DataImportField,
}

/// The first rule that matches a row decides its kind, or skips it with the reason.
#[derive(InputObject)]
pub struct DataImportRuleInput {
    /// The column the conditions look at; all given must hold, none given always holds.
    column: String,
    /// The cell begins so.
    starts_with: Option<String>,
    /// The cell is a number below this.
    less_than: Option<Decimal>,
    /// The cell is one of these, 1,000 at most; 5,000 in all rules together.
    one_of: Option<Vec<String>>,
    /// What the row is; a return or a write-off takes its quantity without its sign.
    kind: Option<StockMovementKind>,
    /// Pass the row over.
    #[graphql(default)]
    skip: bool,
    /// The movement's reason where the row has none, or why it is passed over.
    reason: Option<String>,
}

/// The import to stop.
#[derive(InputObject)]
pub struct DataImportCancelInput {
    /// The import.
    pub id: ID,
}

/// The import to undo.
#[derive(InputObject)]
pub struct DataImportUndoInput {
    /// The import, one of movements that is over.
    pub id: ID,
}

/// What a column can hold.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Field")]
pub enum DataImportField {
    /// The product's stock keeping unit.
    Sku,
    /// The product's name.
    Name,
    /// The product's description.
    Description,
    /// The product's barcode.
    Barcode,
    /// The category's name.
    Category,
    /// The supplier's name.
    Supplier,
    /// The unit's code.
    Unit,
    /// The product's cost price.
    CostPrice,
    /// The product's sale price.
    SalePrice,
    /// The product's reorder point.
    ReorderPoint,
    /// The warehouse's code or name.
    Warehouse,
    /// The movement's kind, in English or French.
    Kind,
    /// How much moved.
    Quantity,
    /// How much was asked for.
    OrderedQuantity,
    /// What one unit cost.
    UnitCost,
    /// When it happened: ISO 8601, or dd/mm/yyyy with or without hh:mm.
    OccurredAt,
    /// A ticket, invoice or order number.
    Reference,
    /// Why, in somebody's words.
    Reason,
}

impl From<DataImportStartInput> for StartImport {
    fn from(input: DataImportStartInput) -> Self {
        Self {
            kind: input.kind.into(),
            file: input.file_id.as_ref().map(GlobalId::of_global),
            content: input.content,
            columns: input.columns.map(|all| all.into_iter().map(Into::into).collect()),
            rules: input.rules.unwrap_or_default().into_iter().map(Into::into).collect(),
            warehouse: input.warehouse_id.as_ref().map(GlobalId::of_global),
            create_missing: input.create_missing,
            time_zone: input.time_zone,
            dry_run: input.dry_run,
        }
    }
}

impl From<DataImportColumnInput> for ColumnMapping {
    fn from(input: DataImportColumnInput) -> Self {
        Self { column: input.column, field: input.field.into() }
    }
}

impl From<DataImportRuleInput> for Rule {
    fn from(input: DataImportRuleInput) -> Self {
        Self {
            column: input.column,
            starts_with: input.starts_with,
            less_than: input.less_than.map(|number| number.0),
            one_of: input.one_of,
            kind: input.kind.map(Into::into),
            skip: input.skip,
            reason: input.reason,
        }
    }
}
