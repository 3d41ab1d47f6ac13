//! A row of the file, read into what it asks for.

use super::errors::RowError;
use super::fields::Field;
use super::mapping::Mapping;
use super::skips::Skip;
use super::source::Layout;
use crate::inventory::movements::RecordMovement;
use crate::locale::Locale;
use chrono_tz::Tz;
use entities::Timestamp;
use entities::data_imports::data_import::{self, DataImportKind};
use entities::inventory::WarehouseId;
use std::str::FromStr;

/// One row and where it stands in the file.
#[derive(Debug)]
pub(super) struct Row {
    pub line: u64,
    pub asks: Asks,
}

/// What a row asks for.
#[derive(Debug)]
pub(super) enum Asks {
    Movement(Box<MovementRow>),
    Product(Box<ProductRow>),
    Nothing(Skip),
    /// It cannot be read.
    Broken(Vec<RowError>),
}

/// A movement whose product and warehouse are still names.
#[derive(Debug)]
pub(super) struct MovementRow {
    /// Its product and warehouse are not filled in yet.
    pub input: RecordMovement,
    pub warehouse: Option<String>,
    /// The same for the same content and occurrence, in whatever file.
    pub key: String,
    pub product: ProductRow,
}

/// What is said of a product; empty cells say nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct ProductRow {
    pub sku: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub barcode: Option<String>,
    pub category: Option<String>,
    pub supplier: Option<String>,
    pub unit: Option<String>,
    /// Decimals as [`money`] and [`quantity`] read them.
    pub cost_price: Option<String>,
    pub sale_price: Option<String>,
    pub reorder_point: Option<String>,
}

/// What an import knows before its first row.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub kind: DataImportKind,
    pub mapping: Mapping,
    pub layout: Layout,
    pub locale: Locale,
    pub zone: Tz,
    pub currency: String,
    /// For rows that name none.
    pub warehouse: Option<WarehouseId>,
    /// When rows without a date happened.
    pub started_at: Timestamp,
    pub now: Timestamp,
    /// Whether levels are read although nothing but their bound asks for it: in a dry run, and after a chunk that did not
    /// read them and may have come near it.
    pub near_bound: bool,
}

impl Row {
    /// The product a row speaks of and the warehouse it names.
    pub(super) fn names(&self) -> Option<(&ProductRow, Option<&str>)> {
        match &self.asks {
            Asks::Movement(row) => Some((&row.product, row.warehouse.as_deref())),
            Asks::Product(row) => Some((row, None)),
            Asks::Nothing(_) | Asks::Broken(_) => None,
        }
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        let asks = match &self.asks {
            Asks::Movement(row) => row.weight(),
            Asks::Product(row) => size_of::<ProductRow>() + row.texts(),
            Asks::Nothing(_) => 0,
            Asks::Broken(errors) => errors.iter().map(RowError::weight).sum(),
        };
        size_of::<Self>() + asks
    }
}

impl MovementRow {
    fn weight(&self) -> usize {
        let texts = length(&self.input.reference) + length(&self.input.reason) + length(&self.warehouse) + self.key.len();
        size_of::<Self>() + texts + self.product.texts()
    }
}

impl ProductRow {
    fn texts(&self) -> usize {
        let texts = [&self.name, &self.description, &self.barcode, &self.category, &self.supplier, &self.unit];
        let numbers = [&self.cost_price, &self.sale_price, &self.reorder_point];
        self.sku.len() + texts.into_iter().chain(numbers).map(length).sum::<usize>()
    }
}

fn length(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

/// The time zone of an import's dates without one.
pub(super) fn zone_of(import: &data_import::Model) -> Tz {
    Tz::from_str(&import.time_zone).unwrap_or(chrono_tz::UTC)
}

/// The file's name of the column a field comes from.
pub(super) fn column_of(mapping: &Mapping, field: Field) -> Option<String> {
    mapping.columns.iter().find(|mapping| mapping.field == field).map(|mapping| mapping.column.clone())
}
