//! The few ways a call can end badly.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row, or it is another organisation's: the two are never told apart.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in, or no longer.
    #[error("not signed in")]
    Unauthenticated,
    /// The actor lacks a permission.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// The actor may, and the API token they came with does not name it.
    #[error("out of scope: {0}")]
    OutOfScope(&'static str),
    /// Rules said no; each refusal names its rule.
    #[error("refused: {0:?}")]
    Refused(Vec<Refusal>),
    /// An argument has no meaning, such as a page size below zero.
    #[error("bad argument: {0}")]
    BadArgument(String),
    /// A cursor is not of this list, order or stream; the client loads anew.
    #[error("the cursor is not one of this list in this order")]
    CursorUnknown,
    /// A cursor points before what is still kept; the client loads anew.
    #[error("cursor expired")]
    CursorExpired,
    /// Another transaction got in the way and trying again did not help.
    #[error("conflict")]
    Conflict,
    /// The caller's idempotency key was used before; its first call says what is to be answered.
    #[error("the idempotency key is taken")]
    KeyTaken,
    /// A unique index said no; holds its name or columns. Callers turn it into a refusal.
    #[error("duplicate: {0}")]
    Duplicate(String),
    /// Our fault; logged, never shown.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A rule that said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// A sentence for people, in the reader's language.
    pub message: String,
    /// The input field it speaks of.
    pub path: Vec<String>,
}

/// The stable codes of refusals; clients branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Invalid,
    Required,
    TooLong,
    OutOfRange,
    NotFound,
    AlreadyExists,
    StaleVersion,
    ForbiddenState,
    IdempotencyMismatch,
    InvalidCredentials,
    TokenExpired,
    TokenReused,
    WeakPassword,
    InsufficientStock,
    Archived,
    FileUnreadable,
    FileTooLarge,
    LimitReached,
    ProofRequired,
    EmailUnverified,
    Unavailable,
}

impl Refusal {
    pub fn new(code: Code, path: &str, message: impl Into<String>) -> Self {
        let path = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { code, message: message.into(), path }
    }
}

impl Error {
    /// One refusal.
    pub fn refuse(code: Code, path: &str, message: impl Into<String>) -> Self {
        Self::Refused(vec![Refusal::new(code, path, message)])
    }

    /// A fault of ours, with what was being done.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether a unique index whose name or columns contain `part` was violated.
    pub fn duplicates(&self, part: &str) -> bool {
        matches!(self, Self::Duplicate(constraint) if constraint.contains(part))
    }

    /// Whether a rule with this code said no.
    pub fn refuses(&self, code: Code) -> bool {
        matches!(self, Self::Refused(refusals) if refusals.iter().any(|refusal| refusal.code == code))
    }

    /// Turns the violation of a unique index into a refusal of one input field.
    pub fn or_refuse_duplicate(self, part: &str, path: &str, message: impl Into<String>) -> Self {
        if self.duplicates(part) { Self::refuse(Code::AlreadyExists, path, message) } else { self }
    }

    /// Says of another input field what was refused of one, for inputs that name it differently.
    pub fn rename_path(self, from: &str, to: &str) -> Self {
        let Self::Refused(mut refusals) = self else { return self };
        for part in refusals.iter_mut().flat_map(|refusal| &mut refusal.path).filter(|part| *part == from) {
            *part = to.to_owned();
        }
        Self::Refused(refusals)
    }

    /// Turns a row that is not there into a refusal of the input field that named it.
    pub fn or_refuse_missing(self, path: &str, message: impl Into<String>) -> Self {
        if matches!(self, Self::NotFound) { Self::refuse(Code::NotFound, path, message) } else { self }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::SqlErr;
        if let Some(SqlErr::UniqueConstraintViolation(message)) = error.sql_err() {
            return Self::Duplicate(message);
        }
        if is_contention(&error) { Self::Conflict } else { Self::internal(error) }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

/// Serialization failure, deadlock and a lock waited for in vain (PostgreSQL 40001, 40P01, 55P03), busy and busy snapshot
/// (SQLite 5, 517).
fn is_contention(error: &sea_orm::DbErr) -> bool {
    use sea_orm::{DbErr, RuntimeErr, sqlx};
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(database) = cause.as_ref() else { return false };
    matches!(database.code().as_deref(), Some("40001" | "40P01" | "55P03" | "5" | "517" | "261"))
}

/// Gathers every refusal of an input before answering, so that a person mends all of them at once.
#[derive(Default)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    pub fn add(&mut self, code: Code, path: &str, message: impl Into<String>) {
        self.0.push(Refusal::new(code, path, message));
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Takes over what another check refused, but of fields that are refused already; passes on any other error.
    pub fn also<T>(&mut self, checked: Result<T>) -> Result<Option<T>> {
        let more = match checked {
            Err(Error::Refused(more)) => more,
            done => return done.map(Some),
        };
        let new: Vec<Refusal> = more.into_iter().filter(|one| self.0.iter().all(|known| known.path != one.path)).collect();
        self.0.extend(new);
        Ok(None)
    }
    /// Refuses when anything was added.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Refused(self.0)) }
    }
}

impl From<Refusals> for Error {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals.0)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
