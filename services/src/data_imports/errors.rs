use super::fields::Field;
use super::source::Unreadable;
use crate::locale::Locale;
use crate::{Code, Refusal};

/// Why a row was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowError {
    pub line: u64,
    pub column: Option<String>,
    pub code: Code,
    pub message: String,
}

impl RowError {
    /// Of a file that cannot be read from this line on.
    pub(super) fn of_file(fault: &Unreadable, locale: Locale) -> Self {
        Self { line: fault.line.max(1), column: None, code: fault.code, message: fault.say(locale) }
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.message.len() + self.column.as_ref().map_or(0, String::len)
    }

    /// The refusals of one row, each at the column its field came from.
    pub(super) fn of_refusals(line: u64, refusals: Vec<Refusal>, column_of: impl Fn(Field) -> Option<String>) -> Vec<Self> {
        let one = |refusal: Refusal| {
            let column = Field::of_path(&refusal.path).and_then(&column_of);
            Self { line, column, code: refusal.code, message: refusal.message }
        };
        refusals.into_iter().map(one).collect()
    }
}

const CODES: &[(Code, &str)] = &[
    (Code::Invalid, "INVALID"),
    (Code::Required, "REQUIRED"),
    (Code::TooLong, "TOO_LONG"),
    (Code::OutOfRange, "OUT_OF_RANGE"),
    (Code::NotFound, "NOT_FOUND"),
    (Code::AlreadyExists, "ALREADY_EXISTS"),
    (Code::ForbiddenState, "FORBIDDEN_STATE"),
    (Code::InsufficientStock, "INSUFFICIENT_STOCK"),
    (Code::Archived, "ARCHIVED"),
    (Code::FileUnreadable, "FILE_UNREADABLE"),
    (Code::FileTooLarge, "FILE_TOO_LARGE"),
    (Code::LimitReached, "LIMIT_REACHED"),
];

/// How a code is stored.
pub(super) fn code_text(code: Code) -> &'static str {
    CODES.iter().find(|(known, _)| *known == code).map_or("INVALID", |(_, text)| text)
}

/// The code of a stored row error.
pub fn code_of(text: &str) -> Code {
    CODES.iter().find(|(_, known)| *known == text).map_or(Code::Invalid, |(code, _)| *code)
}
