use super::types::int;
use async_graphql::{Enum, SimpleObject};
use services::data_imports::{Skip, Skipped};

/// Rows of an import that had nothing to do, for one and the same reason.
#[derive(SimpleObject, Clone)]
pub struct DataImportSkip {
    /// What kind of reason.
    pub cause: DataImportSkipCause,
    /// Which of the import's rules, counted from 0; null where it was none.
    pub rule: Option<i32>,
    /// The column that rule looks at.
    pub column: Option<String>,
    /// The reason that rule gives.
    pub reason: Option<String>,
    /// How many rows.
    pub rows: i32,
}

/// What kind of reason a row has to be skipped.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataImportSkipCause {
    /// It is known already: the movement is recorded, the product says all of it.
    Known,
    /// It is empty.
    Blank,
    /// A rule passes it over.
    Rule,
}

impl From<Skipped> for DataImportSkip {
    fn from(skipped: Skipped) -> Self {
        let (cause, rule) = match skipped.why {
            Skip::Known => (DataImportSkipCause::Known, None),
            Skip::Blank => (DataImportSkipCause::Blank, None),
            Skip::Rule(at) => (DataImportSkipCause::Rule, i32::try_from(at).ok()),
        };
        Self { cause, rule, column: skipped.column, reason: skipped.reason, rows: int(skipped.rows) }
    }
}
