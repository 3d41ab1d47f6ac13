//! The instants of rows, before anything else of them is read.

use crate::data_imports::fields::Field;
use crate::data_imports::mapping::Mapping;
use crate::data_imports::rows::column_of;
use crate::data_imports::values::When;
use chrono_tz::Tz;
use csv::ByteRecord;
use entities::Timestamp;

/// Where the instants of a file's rows stand, and how they are read.
#[derive(Clone, Copy, Debug)]
pub(in crate::data_imports) struct Dates {
    place: usize,
    zone: Tz,
}

impl Dates {
    /// None: the rows of this file have none.
    pub(in crate::data_imports) fn new(mapping: &Mapping, header: &[String], zone: Tz) -> Option<Self> {
        let column = column_of(mapping, Field::OccurredAt)?;
        let place = header.iter().position(|name| *name == column.trim())?;
        Some(Self { place, zone })
    }

    /// When a row's movement happened; none where its cell does not say, and the row will fail.
    pub(in crate::data_imports) fn instant(self, record: &ByteRecord) -> Option<Timestamp> {
        // In all encodings a date is ASCII; what else may stand around it are spaces.
        let cell = record.get(self.place)?;
        let first = cell.iter().position(u8::is_ascii_digit)?;
        let last = cell.iter().rposition(u8::is_ascii_alphanumeric)?;
        let text = std::str::from_utf8(cell.get(first..=last)?).ok()?;
        When::parse(text)?.instant(self.zone)
    }
}
