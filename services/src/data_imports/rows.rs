//! A record of the file, read into what it asks for; no database is needed for that.

use super::errors::RowError;
use super::fields::Field;
use super::mapping::{Mapping, PlacedRule, kind_of};
use super::occurrences::Occurrences;
use super::source::{Layout, decode};
use super::values::{self, NotANumber, When};
use crate::inventory::movements::RecordMovement;
use crate::inventory::{money, quantity};
use crate::locale::Locale;
use crate::{Code, Error};
use chrono_tz::Tz;
use csv::ByteRecord;
use entities::data_imports::data_import::DataImportKind;
use entities::inventory::stock_movement::StockMovementKind as Kind;
use entities::inventory::{ProductId, WarehouseId};
use entities::{MinorUnits, Quantity, Timestamp};
use sea_orm::ActiveEnum;
use std::borrow::Cow;

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
    /// A rule passes it over, or it is empty.
    Nothing,
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
}

/// No cell is longer; a description has 5,000 characters at most.
const LONGEST_CELL: usize = 20_000;

pub(super) struct Parser {
    setup: Setup,
    header: Vec<String>,
    places: [Option<usize>; Field::ALL.len()],
    rules: Vec<PlacedRule>,
    occurrences: Occurrences,
}

type Cell<T> = Result<T, RowError>;

impl Parser {
    /// None: the header lacks a column that the import was started with.
    pub(super) fn new(setup: Setup, header: Vec<String>) -> Option<Self> {
        let mut places = [None; Field::ALL.len()];
        for mapping in &setup.mapping.columns {
            places[mapping.field as usize] = Some(header.iter().position(|name| *name == mapping.column.trim())?);
        }
        let rules = setup.mapping.rules.iter().map(|rule| PlacedRule::new(rule, &header)).collect::<Option<_>>()?;
        Some(Self { setup, header, places, rules, occurrences: Occurrences::default() })
    }

    pub(super) fn parse(&mut self, line: u64, record: &ByteRecord) -> Row {
        let asks = if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            Asks::Nothing
        } else if record.len() != self.header.len() {
            let counts = [("expected", self.header.len().to_string()), ("found", record.len().to_string())];
            Asks::Broken(vec![self.error(line, None, Code::Invalid, "import-row-ragged", &counts)])
        } else {
            match self.setup.kind {
                DataImportKind::Products => self.product_asks(line, record),
                DataImportKind::StockMovements => self.movement_asks(line, record),
            }
        };
        Row { line, asks }
    }

    fn product_asks(&self, line: u64, record: &ByteRecord) -> Asks {
        match self.product(line, record) {
            Ok(product) => Asks::Product(Box::new(product)),
            Err(errors) => Asks::Broken(errors),
        }
    }

    fn movement_asks(&mut self, line: u64, record: &ByteRecord) -> Asks {
        let decided = match self.decide(line, record) {
            Ok(Some(decided)) => decided,
            Ok(None) => return Asks::Nothing,
            Err(error) => return Asks::Broken(vec![error]),
        };
        let product = self.product(line, record);
        let movement = self.movement(line, record, decided);
        let (product, (input, warehouse, when)) = match (product, movement) {
            (Ok(product), Ok(movement)) => (product, movement),
            (product, movement) => {
                return Asks::Broken(product.err().into_iter().chain(movement.err()).flatten().collect());
            }
        };
        let key = self.key(&product.sku, warehouse.as_deref(), &input, when);
        Asks::Movement(Box::new(MovementRow { input, warehouse, key, product }))
    }

    /// The kind of a row and the rule that gave it; none: the row is passed over.
    fn decide(&self, line: u64, record: &ByteRecord) -> Cell<Option<(Kind, Option<&PlacedRule>)>> {
        for placed in &self.rules {
            let cell = self.text_at(line, record, placed.place)?;
            if placed.matches(&cell) {
                return Ok(placed.rule.kind.map(|kind| (kind, Some(placed))));
            }
        }
        let Some(cell) = self.cell(line, record, Field::Kind)? else {
            let field = if self.places[Field::Kind as usize].is_some() { Some(Field::Kind) } else { None };
            return Err(self.error(line, field, Code::Required, "import-kind-undecided", &[]));
        };
        match kind_of(&cell) {
            Some(kind) => Ok(Some((kind, None))),
            None if matches!(super::fields::plain(&cell).as_str(), "transfer in" | "transfer out" | "transfert" | "transfer") => {
                Err(self.error(line, Some(Field::Kind), Code::Invalid, "import-kind-transfer", &[]))
            }
            None => Err(self.error(line, Some(Field::Kind), Code::Invalid, "import-kind-unknown", &[])),
        }
    }

    #[allow(clippy::type_complexity)]
    fn movement(
        &self,
        line: u64,
        record: &ByteRecord,
        (kind, rule): (Kind, Option<&PlacedRule>),
    ) -> Result<(RecordMovement, Option<String>, Option<When>), Vec<RowError>> {
        let mut errors = Vec::new();
        let mut quantity = self.quantity(line, record, Field::Quantity, &mut errors).unwrap_or_default();
        // A rule speaks of how the file writes such rows; a kind of its own cell and a sign that contradict are an error.
        if rule.is_some() && matches!(kind, Kind::CustomerReturn | Kind::WriteOff) {
            quantity = Quantity(quantity.0.abs());
        }
        let ordered_quantity = match self.places[Field::OrderedQuantity as usize] {
            Some(_) if kind == Kind::Sale => self.optional_quantity(line, record, Field::OrderedQuantity, &mut errors),
            _ => None,
        };
        let unit_cost = self.unit_cost(line, record, &mut errors);
        let when = self.when(line, record, &mut errors);
        let mut text = |field| self.cell(line, record, field).unwrap_or_else(|error| keep(&mut errors, error)).map(Cow::into_owned);
        let (warehouse, reference, reason) = (text(Field::Warehouse), text(Field::Reference), text(Field::Reason));
        let occurred_at = when.map_or(Some(self.setup.started_at), |when| when.instant(self.setup.zone));
        if errors.is_empty() && occurred_at.is_none() {
            errors.push(self.error(line, Some(Field::OccurredAt), Code::Invalid, "import-date-skipped", &[]));
        }
        let input = RecordMovement {
            product: ProductId::NIL,
            warehouse: self.setup.warehouse.unwrap_or(WarehouseId::NIL),
            kind,
            quantity,
            ordered_quantity,
            occurred_at,
            reference,
            reason: reason.or_else(|| rule.and_then(|placed| placed.rule.reason.clone())),
            unit_cost,
            idempotency_key: None,
        };
        if errors.is_empty()
            && let Err(Error::Refused(refusals)) = input.check(self.setup.now, self.setup.locale)
        {
            errors = RowError::of_refusals(line, refusals, |field| self.column_of(field));
        }
        if errors.is_empty() { Ok((input, warehouse, when)) } else { Err(errors) }
    }

    fn product(&self, line: u64, record: &ByteRecord) -> Result<ProductRow, Vec<RowError>> {
        let mut errors = Vec::new();
        let sku = match self.cell(line, record, Field::Sku) {
            Ok(Some(sku)) => sku.into_owned(),
            Ok(None) => keep(&mut errors, self.error(line, Some(Field::Sku), Code::Required, "text-required", &[])),
            Err(error) => keep(&mut errors, error),
        };
        let mut text = |field| self.cell(line, record, field).unwrap_or_else(|error| keep(&mut errors, error)).map(Cow::into_owned);
        let mut row = ProductRow {
            sku,
            name: text(Field::Name),
            description: text(Field::Description),
            barcode: text(Field::Barcode),
            category: text(Field::Category),
            supplier: text(Field::Supplier),
            unit: text(Field::Unit),
            ..ProductRow::default()
        };
        let mut number = |field| self.number(line, record, field).unwrap_or_else(|error| keep(&mut errors, error)).map(Cow::into_owned);
        row.cost_price = number(Field::CostPrice);
        row.sale_price = number(Field::SalePrice);
        row.reorder_point = number(Field::ReorderPoint);
        if errors.is_empty() { Ok(row) } else { Err(errors) }
    }

    fn quantity(&self, line: u64, record: &ByteRecord, field: Field, errors: &mut Vec<RowError>) -> Option<Quantity> {
        let read = self.optional_quantity(line, record, field, errors);
        if read.is_none() && errors.is_empty() {
            errors.push(self.error(line, Some(field), Code::Required, "import-quantity-missing", &[]));
        }
        read
    }

    fn optional_quantity(&self, line: u64, record: &ByteRecord, field: Field, errors: &mut Vec<RowError>) -> Option<Quantity> {
        let number = self.number(line, record, field).unwrap_or_else(|error| keep(errors, error))?;
        let read = quantity::parse(&number);
        if read.is_none() {
            errors.push(self.error(line, Some(field), Code::OutOfRange, "quantity-invalid", &[]));
        }
        read
    }

    fn unit_cost(&self, line: u64, record: &ByteRecord, errors: &mut Vec<RowError>) -> Option<MinorUnits> {
        let number = self.number(line, record, Field::UnitCost).unwrap_or_else(|error| keep(errors, error))?;
        let read = money::parse(&number, &self.setup.currency);
        if read.is_none() {
            let currency = [("currency", self.setup.currency.clone())];
            errors.push(self.error(line, Some(Field::UnitCost), Code::OutOfRange, "amount-invalid", &currency));
        }
        read
    }

    /// When it happened; a file with dates has one in every row.
    fn when(&self, line: u64, record: &ByteRecord, errors: &mut Vec<RowError>) -> Option<When> {
        self.places[Field::OccurredAt as usize]?;
        let field = Some(Field::OccurredAt);
        let cell = match self.cell(line, record, Field::OccurredAt) {
            Ok(Some(cell)) => cell,
            Ok(None) => return keep(errors, self.error(line, field, Code::Required, "import-date-missing", &[])),
            Err(error) => return keep(errors, error),
        };
        let when = When::parse(&cell);
        if when.is_none() {
            errors.push(self.error(line, field, Code::Invalid, "import-date-invalid", &[]));
        }
        when
    }

    fn number<'r>(&self, line: u64, record: &'r ByteRecord, field: Field) -> Cell<Option<Cow<'r, str>>> {
        let Some(cell) = self.cell(line, record, field)? else { return Ok(None) };
        let key = match values::number(&cell) {
            Ok(plain) => return Ok(Some(Cow::Owned(plain.into_owned()))),
            Err(NotANumber::Ambiguous) => "import-number-ambiguous",
            Err(NotANumber::Other) => "import-number-invalid",
        };
        Err(self.error(line, Some(field), Code::Invalid, key, &[]))
    }

    /// The trimmed cell of a field; none when the field is not mapped or the cell is empty.
    fn cell<'r>(&self, line: u64, record: &'r ByteRecord, field: Field) -> Cell<Option<Cow<'r, str>>> {
        let Some(place) = self.places[field as usize] else { return Ok(None) };
        let text = self.text_at(line, record, place)?;
        if text.is_empty() {
            return Ok(None);
        }
        if field.is_text() && is_formula(&text) {
            return Err(self.error(line, Some(field), Code::Invalid, "import-cell-formula", &[]));
        }
        Ok(Some(text))
    }

    fn text_at<'r>(&self, line: u64, record: &'r ByteRecord, place: usize) -> Cell<Cow<'r, str>> {
        let fault = |code, key: &str| {
            let column = self.header.get(place).cloned();
            RowError { line, column, code, message: self.setup.locale.say(key, &[]) }
        };
        let bytes = record.get(place).unwrap_or_default();
        if bytes.len() > LONGEST_CELL {
            return Err(fault(Code::TooLong, "import-cell-too-long"));
        }
        if bytes.contains(&0) {
            return Err(fault(Code::Invalid, "import-nul"));
        }
        let text = decode(self.setup.layout.encoding, bytes).ok_or_else(|| fault(Code::Invalid, "import-encoding-unknown"))?;
        Ok(match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        })
    }

    pub(super) fn column_of(&self, field: Field) -> Option<String> {
        column_of(&self.setup.mapping, field)
    }

    fn error(&self, line: u64, field: Option<Field>, code: Code, key: &str, arguments: &[(&'static str, String)]) -> RowError {
        let column = field.and_then(|field| self.column_of(field));
        RowError { line, column, code, message: self.setup.locale.say(key, arguments) }
    }

    /// Who this row is: its content, and which of its equals in the file.
    fn key(&mut self, sku: &str, warehouse: Option<&str>, input: &RecordMovement, when: Option<When>) -> String {
        let fallback = input.warehouse.to_string();
        self.occurrences.key(&[
            sku.as_bytes(),
            warehouse.map_or(fallback.as_bytes(), str::as_bytes),
            input.kind.to_value().as_bytes(),
            &input.quantity.0.to_be_bytes(),
            &input.ordered_quantity.map_or([0xff; 8], |ordered| ordered.0.to_be_bytes()),
            &input.unit_cost.map_or([0xff; 8], |cost| cost.0.to_be_bytes()),
            &when.map_or([0; 9], When::identity),
            input.reference.as_deref().unwrap_or_default().as_bytes(),
            input.reason.as_deref().unwrap_or_default().as_bytes(),
        ])
    }
}

/// The file's name of the column a field comes from.
pub(super) fn column_of(mapping: &Mapping, field: Field) -> Option<String> {
    mapping.columns.iter().find(|mapping| mapping.field == field).map(|mapping| mapping.column.clone())
}

fn keep<T: Default>(errors: &mut Vec<RowError>, error: RowError) -> T {
    errors.push(error);
    T::default()
}

/// What a spreadsheet would run when it opens this text again.
fn is_formula(text: &str) -> bool {
    match text.as_bytes() {
        [b'=' | b'@', ..] => true,
        [b'+' | b'-', rest @ ..] => rest.iter().any(|byte| matches!(byte, b'(' | b'!' | b'|' | b'"')),
        _ => false,
    }
}

impl Row {
    /// The product a row speaks of and the warehouse it names.
    pub(super) fn names(&self) -> Option<(&ProductRow, Option<&str>)> {
        match &self.asks {
            Asks::Movement(row) => Some((&row.product, row.warehouse.as_deref())),
            Asks::Product(row) => Some((row, None)),
            Asks::Nothing | Asks::Broken(_) => None,
        }
    }
}
