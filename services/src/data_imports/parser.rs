//! A record of the file, read into what it asks for; no database is needed for that.

use super::cells::{Cells, Sheet};
use super::fields::{Field, plain};
use super::occurrences::Occurrences;
use super::rows::{Asks, MovementRow, ProductRow, Row, Setup};
use super::rule::{PlacedRule, kind_of};
use super::skips::Skip;
use super::values::When;
use crate::inventory::movements::RecordMovement;
use crate::{Code, Error};
use csv::ByteRecord;
use entities::Quantity;
use entities::data_imports::data_import::DataImportKind;
use entities::inventory::stock_movement::StockMovementKind as Kind;
use entities::inventory::{ProductId, WarehouseId};
use sea_orm::ActiveEnum;

pub(super) struct Parser {
    sheet: Sheet,
    rules: Vec<PlacedRule>,
    occurrences: Occurrences,
}

/// What decides a row.
enum Decision<'r> {
    /// It is of this kind, by a rule or by its own cell.
    Kind(Kind, Option<&'r PlacedRule>),
    /// This rule passes it over.
    Skip(usize),
}

impl Parser {
    /// None: the header lacks a column that the import was started with.
    pub(super) fn new(setup: Setup, header: Vec<String>) -> Option<Self> {
        let sheet = Sheet::new(setup, header)?;
        let rules = sheet.setup.mapping.rules.iter().map(|rule| PlacedRule::new(rule, sheet.header())).collect::<Option<_>>()?;
        Some(Self { sheet, rules, occurrences: Occurrences::default() })
    }

    pub(super) fn parse(&mut self, line: u64, record: &ByteRecord) -> Row {
        let Self { sheet, rules, occurrences } = self;
        let mut cells = sheet.cells(line, record);
        let asks = if cells.are_blank() {
            Some(Asks::Nothing(Skip::Blank))
        } else if !cells.fit() {
            None
        } else if sheet.setup.kind == DataImportKind::Products {
            Some(Asks::Product(Box::new(product(&mut cells))))
        } else {
            movement_asks(&mut cells, rules, occurrences)
        };
        let asks = match asks {
            Some(asks) if cells.errors.is_empty() => asks,
            _ => Asks::Broken(cells.errors),
        };
        Row { line, asks }
    }
}

/// None: the row is at fault.
fn movement_asks(cells: &mut Cells<'_>, rules: &[PlacedRule], occurrences: &mut Occurrences) -> Option<Asks> {
    let (kind, rule) = match decide(cells, rules)? {
        Decision::Kind(kind, rule) => (kind, rule),
        Decision::Skip(at) => return Some(Asks::Nothing(Skip::Rule(at))),
    };
    let product = product(cells);
    let when = when(cells);
    let warehouse = cells.name(Field::Warehouse);
    let mut input = movement(cells, kind, when, rule.is_some());
    if !cells.errors.is_empty() {
        return None;
    }
    let key = key(occurrences, &product.sku, warehouse.as_deref(), &input, when);
    // The words of a rule are not the row's.
    input.reason = input.reason.or_else(|| rule.and_then(|placed| placed.rule.reason.clone()).filter(|reason| !reason.is_empty()));
    Some(Asks::Movement(Box::new(MovementRow { input, warehouse, key, product })))
}

/// The kind of a row and the rule that gave it, or that it is passed over. None: it is at fault.
fn decide<'r>(cells: &mut Cells<'_>, rules: &'r [PlacedRule]) -> Option<Decision<'r>> {
    for (at, placed) in rules.iter().enumerate() {
        if placed.matches(&cells.at(placed.place)?) {
            return Some(placed.rule.kind.map_or(Decision::Skip(at), |kind| Decision::Kind(kind, Some(placed))));
        }
    }
    let Some(cell) = cells.cell(Field::Kind) else {
        if cells.errors.is_empty() {
            let field = cells.sheet.has(Field::Kind).then_some(Field::Kind);
            cells.refuse(field, Code::Required, "import-kind-undecided", &[]);
        }
        return None;
    };
    if let Some(kind) = kind_of(&cell) {
        return Some(Decision::Kind(kind, None));
    }
    let transfer = matches!(plain(&cell).as_str(), "transfer in" | "transfer out" | "transfert" | "transfer");
    let key = if transfer { "import-kind-transfer" } else { "import-kind-unknown" };
    cells.refuse(Some(Field::Kind), Code::Invalid, key, &[]);
    None
}

fn product(cells: &mut Cells<'_>) -> ProductRow {
    ProductRow {
        sku: cells.required(Field::Sku, "text-required", Cells::text).unwrap_or_default(),
        name: cells.name(Field::Name),
        description: cells.text(Field::Description),
        barcode: cells.text(Field::Barcode),
        category: cells.name(Field::Category),
        supplier: cells.name(Field::Supplier),
        unit: cells.text(Field::Unit),
        cost_price: cells.number(Field::CostPrice),
        sale_price: cells.number(Field::SalePrice),
        reorder_point: cells.number(Field::ReorderPoint),
    }
}

/// When it happened; a file with dates has one in every row.
fn when(cells: &mut Cells<'_>) -> Option<When> {
    let when = if cells.sheet.has(Field::OccurredAt) {
        cells.required(Field::OccurredAt, "import-date-missing", Cells::when)?
    } else {
        return None;
    };
    if when.instant(cells.sheet.setup.zone).is_none() {
        cells.refuse(Some(Field::OccurredAt), Code::Invalid, "import-date-skipped", &[]);
    }
    Some(when)
}

fn movement(cells: &mut Cells<'_>, kind: Kind, when: Option<When>, by_rule: bool) -> RecordMovement {
    let sheet = cells.sheet;
    let setup = &sheet.setup;
    let before = cells.errors.len();
    let mut quantity = cells.required(Field::Quantity, "import-quantity-missing", Cells::quantity).unwrap_or_default();
    // A rule speaks of how the file writes such rows; a kind of its own cell and a sign that contradict are an error.
    if by_rule && matches!(kind, Kind::CustomerReturn | Kind::WriteOff) {
        quantity = Quantity(quantity.0.abs());
    }
    let input = RecordMovement {
        product: ProductId::NIL,
        warehouse: setup.warehouse.unwrap_or(WarehouseId::NIL),
        kind,
        quantity,
        ordered_quantity: if kind == Kind::Sale { cells.quantity(Field::OrderedQuantity) } else { None },
        unit_cost: cells.amount(Field::UnitCost),
        occurred_at: when.map_or(Some(setup.started_at), |when| when.instant(setup.zone)),
        reference: cells.text(Field::Reference),
        reason: cells.text(Field::Reason),
        idempotency_key: None,
    };
    if cells.errors.len() == before
        && let Err(Error::Refused(refusals)) = input.check(setup.now, setup.locale)
    {
        cells.refuse_all(refusals);
    }
    input
}

/// Who this row is: its content with the kind it is of, and which of its equals in the file.
fn key(occurrences: &mut Occurrences, sku: &str, warehouse: Option<&str>, input: &RecordMovement, when: Option<When>) -> String {
    let fallback = input.warehouse.to_string();
    occurrences.key(&[
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
