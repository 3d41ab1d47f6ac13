//! How a service's error reaches a client: refusals as data in payloads, the rest as coded GraphQL errors.

use async_graphql::{Enum, ErrorExtensions, SimpleObject};
use services::{Code, Error, Refusal};

pub type Result<T> = std::result::Result<T, Failure>;

/// A service's error on its way out of a resolver. It has no `Display`, so that only the conversion below shows it.
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Failure> for async_graphql::Error {
    fn from(Failure(error): Failure) -> Self {
        let (code, message) = match &error {
            Error::NotFound => ("BAD_USER_INPUT", "Not found".to_owned()),
            Error::Unauthenticated => ("UNAUTHENTICATED", "Sign in first".to_owned()),
            Error::Forbidden(what) => ("FORBIDDEN", format!("You lack the permission: {what}")),
            Error::Refused(refusals) => ("BAD_USER_INPUT", refusals.iter().map(|r| r.message.as_str()).collect::<Vec<_>>().join(" ")),
            Error::BadArgument(message) => ("BAD_USER_INPUT", message.clone()),
            Error::CursorExpired => ("CURSOR_EXPIRED", "The cursor is older than what is kept; load the list anew".to_owned()),
            Error::Conflict => ("CONFLICT", "Others are changing the same thing; try again".to_owned()),
            Error::KeyTaken => ("CONFLICT", "The idempotency key was used before".to_owned()),
            // The edge logs the message of an internal error and masks it.
            Error::Duplicate(_) | Error::Internal(_) => ("INTERNAL", chain(&error)),
        };
        async_graphql::Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A rule that said no, and the input field it speaks of.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// What happened and what to do next, in the reader's language.
    pub message: String,
    /// Which rule it was; stable, for programs to branch on.
    pub code: UserErrorCode,
    /// Where in the input the cause stands, outermost first.
    pub path: Option<Vec<String>>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let path = (!refusal.path.is_empty()).then_some(refusal.path);
        Self { message: refusal.message, code: refusal.code.into(), path }
    }
}

/// Which rule refused an input; values may be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Code")]
pub enum UserErrorCode {
    /// It does not have the right form.
    Invalid,
    /// It is missing.
    Required,
    /// It is longer than allowed.
    TooLong,
    /// It is a number, date or amount outside of what is allowed.
    OutOfRange,
    /// It names something that does not exist in the active organisation.
    NotFound,
    /// Another one has the same name, code or key.
    AlreadyExists,
    /// Somebody changed the object since it was read.
    StaleVersion,
    /// The object is not in a state that allows this.
    ForbiddenState,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// The address or the password is wrong.
    InvalidCredentials,
    /// The token is over or unknown.
    TokenExpired,
    /// The token has served before; its session is closed.
    TokenReused,
    /// The password is too easily guessed.
    WeakPassword,
    /// There is less in stock than would be taken.
    InsufficientStock,
    /// The object is archived.
    Archived,
    /// The file cannot be read as what it should be.
    FileUnreadable,
    /// The file is larger than allowed.
    FileTooLarge,
    /// A ceiling is reached.
    LimitReached,
}
