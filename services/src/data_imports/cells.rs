//! The cells of one record by what they mean. What cannot be read is noted, each fault at its column.

use super::encoding::decode;
use super::errors::RowError;
use super::fields::Field;
use super::rows::{Setup, column_of};
use super::values::{self, NotANumber, When};
use crate::inventory::{money, quantity};
use crate::{Code, Refusal};
use csv::ByteRecord;
use entities::{MinorUnits, Quantity};
use std::borrow::Cow;

/// Where the fields of an import stand in its file.
pub(super) struct Sheet {
    pub setup: Setup,
    header: Vec<String>,
    places: [Option<usize>; Field::ALL.len()],
}

/// One record, and what was wrong with it so far.
pub(super) struct Cells<'a> {
    pub sheet: &'a Sheet,
    line: u64,
    record: &'a ByteRecord,
    pub errors: Vec<RowError>,
}

/// No cell is longer, of whatever column: 5,000 characters of four bytes.
const LONGEST_CELL: usize = 20_000;

impl Sheet {
    /// None: the header lacks a column that the import was started with.
    pub(super) fn new(setup: Setup, header: Vec<String>) -> Option<Self> {
        let mut places = [None; Field::ALL.len()];
        for mapping in &setup.mapping.columns {
            places[mapping.field as usize] = Some(header.iter().position(|name| *name == mapping.column.trim())?);
        }
        Some(Self { setup, header, places })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.places[field as usize].is_some()
    }

    pub(super) fn cells<'a>(&'a self, line: u64, record: &'a ByteRecord) -> Cells<'a> {
        Cells { sheet: self, line, record, errors: Vec::new() }
    }
}

impl<'a> Cells<'a> {
    pub(super) fn are_blank(&self) -> bool {
        self.record.iter().all(|cell| cell.trim_ascii().is_empty())
    }

    /// Whether there are as many as in the header.
    pub(super) fn fit(&mut self) -> bool {
        let (expected, found) = (self.sheet.header.len(), self.record.len());
        if expected != found {
            let counts = [("expected", expected.to_string()), ("found", found.to_string())];
            self.refuse(None, Code::Invalid, "import-row-ragged", &counts);
        }
        expected == found
    }

    pub(super) fn refuse(&mut self, field: Option<Field>, code: Code, key: &str, arguments: &[(&'static str, String)]) {
        let column = field.and_then(|field| column_of(&self.sheet.setup.mapping, field));
        self.errors.push(RowError { line: self.line, column, code, message: self.sheet.setup.locale.say(key, arguments) });
    }

    /// Notes what a rule refused, each at the column its field came from.
    pub(super) fn refuse_all(&mut self, refusals: Vec<Refusal>) {
        let column = |field| column_of(&self.sheet.setup.mapping, field);
        self.errors.extend(RowError::of_refusals(self.line, refusals, column));
    }

    /// Reads what must be there.
    pub(super) fn required<T>(&mut self, field: Field, key: &str, read: impl FnOnce(&mut Self, Field) -> Option<T>) -> Option<T> {
        let before = self.errors.len();
        let value = read(self, field);
        if value.is_none() && self.errors.len() == before {
            self.refuse(Some(field), Code::Required, key, &[]);
        }
        value
    }

    pub(super) fn text(&mut self, field: Field) -> Option<String> {
        self.cell(field).map(Cow::into_owned)
    }

    /// What is called by it, on one line.
    pub(super) fn name(&mut self, field: Field) -> Option<String> {
        self.cell(field).map(|cell| cell.replace(char::is_control, " "))
    }

    /// A decimal, as [`values::number`] writes it.
    pub(super) fn number(&mut self, field: Field) -> Option<String> {
        let cell = self.cell(field)?;
        let key = match values::number(&cell) {
            Ok(plain) => return Some(plain.into_owned()),
            Err(NotANumber::Ambiguous) => "import-number-ambiguous",
            Err(NotANumber::Other) => "import-number-invalid",
        };
        self.refuse(Some(field), Code::Invalid, key, &[]);
        None
    }

    pub(super) fn quantity(&mut self, field: Field) -> Option<Quantity> {
        let read = quantity::parse(&self.number(field)?);
        if read.is_none() {
            self.refuse(Some(field), Code::OutOfRange, "quantity-invalid", &[]);
        }
        read
    }

    pub(super) fn amount(&mut self, field: Field) -> Option<MinorUnits> {
        let read = money::parse(&self.number(field)?, &self.sheet.setup.currency);
        if read.is_none() {
            let currency = [("currency", self.sheet.setup.currency.clone())];
            self.refuse(Some(field), Code::OutOfRange, "amount-invalid", &currency);
        }
        read
    }

    pub(super) fn when(&mut self, field: Field) -> Option<When> {
        let read = When::parse(&self.cell(field)?);
        if read.is_none() {
            self.refuse(Some(field), Code::Invalid, "import-date-invalid", &[]);
        }
        read
    }

    /// The trimmed cell of a field; none when the field is not mapped, or the cell is empty or at fault. What is too long
    /// for its field is let go of here: rows wait in memory.
    pub(super) fn cell(&mut self, field: Field) -> Option<Cow<'a, str>> {
        let text = self.at(self.sheet.places[field as usize]?)?;
        if text.is_empty() {
            return None;
        }
        if text.len() > field.longest() && text.chars().count() > field.longest() {
            self.refuse(Some(field), Code::TooLong, "text-too-long", &[("most", field.longest().to_string())]);
            return None;
        }
        if field.is_text() && is_formula(&text) {
            self.refuse(Some(field), Code::Invalid, "import-cell-formula", &[]);
            return None;
        }
        Some(text)
    }

    /// The trimmed cell at a place of the header; none when it is at fault.
    pub(super) fn at(&mut self, place: usize) -> Option<Cow<'a, str>> {
        let bytes = self.record.get(place).unwrap_or_default();
        if bytes.len() > LONGEST_CELL {
            return self.fault(place, Code::TooLong, "import-cell-too-long", &[("most", LONGEST_CELL.to_string())]);
        }
        if bytes.contains(&0) {
            return self.fault(place, Code::Invalid, "import-nul", &[]);
        }
        match decode(self.sheet.setup.layout.encoding, bytes) {
            Some(Cow::Borrowed(text)) => Some(Cow::Borrowed(text.trim())),
            Some(Cow::Owned(text)) => Some(Cow::Owned(text.trim().to_owned())),
            None => self.fault(place, Code::Invalid, "import-encoding-unknown", &[]),
        }
    }

    fn fault<T>(&mut self, place: usize, code: Code, key: &str, arguments: &[(&'static str, String)]) -> Option<T> {
        let (line, column) = (self.line, self.sheet.header.get(place).cloned());
        self.errors.push(RowError { line, column, code, message: self.sheet.setup.locale.say(key, arguments) });
        None
    }
}

/// What a spreadsheet would run when it opens this text again.
fn is_formula(text: &str) -> bool {
    match text.as_bytes() {
        [b'=' | b'@', ..] => true,
        [b'+' | b'-', rest @ ..] => rest.iter().any(|byte| matches!(byte, b'(' | b'!' | b'|' | b'"')),
        _ => false,
    }
}
