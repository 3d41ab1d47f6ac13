//! How a service's error reaches a client: refusals as data in payloads, the rest as coded GraphQL errors.

use async_graphql::{Enum, ErrorExtensions, Response, SimpleObject};
use services::identity::SESSION;
use services::identity::modules::MODULE_OFF;
use services::locale::Locale;
use services::{Code, Error, Refusal};
use std::sync::Arc;

/// What one lacks who does not run the installation, and who acts in no organisation.
pub const OPERATOR: &str = "operator";
pub const ORGANIZATION: &str = "an active organisation";

pub type Result<T> = std::result::Result<T, Failure>;

/// A service's error on its way out of a resolver. It has no `Display`, so that only the conversion below shows it.
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// In French, as long as nobody knows who reads it; `say_in` says it again in the reader's language.
impl From<Failure> for async_graphql::Error {
    fn from(Failure(error): Failure) -> Self {
        let code = match &error {
            Error::NotFound | Error::Refused(_) | Error::BadArgument(_) | Error::CursorUnknown => "BAD_USER_INPUT",
            Error::Unauthenticated => "UNAUTHENTICATED",
            Error::Forbidden(_) | Error::OutOfScope(_) => "FORBIDDEN",
            Error::CursorExpired => "CURSOR_EXPIRED",
            Error::Conflict | Error::KeyTaken => "CONFLICT",
            Error::Duplicate(_) | Error::Internal(_) => "INTERNAL",
        };
        let hint = matches!(error, Error::Forbidden(MODULE_OFF)).then_some("MODULE_OFF");
        let mut shown = async_graphql::Error::new(message(&error, Locale::default()));
        shown.source = Some(Arc::new(error));
        shown.extend_with(|_, extensions| {
            extensions.set("code", code);
            if let Some(hint) = hint {
                extensions.set("hint", hint);
            }
        })
    }
}

/// Says what went wrong in the language of whoever reads the answer.
pub fn say_in(locale: Locale, response: &mut Response) {
    for shown in &mut response.errors {
        if let Some(error) = shown.source::<Error>() {
            shown.message = message(error, locale);
        }
    }
}

fn message(error: &Error, locale: Locale) -> String {
    let say = |key: &str| locale.say(key, &[]);
    match error {
        Error::NotFound => say("error-not-found"),
        Error::Unauthenticated => say("error-sign-in-first"),
        Error::Forbidden(OPERATOR) => say("error-operators-only"),
        Error::Forbidden(ORGANIZATION) => say("error-organization-needed"),
        Error::Forbidden(MODULE_OFF) => say("error-module-off"),
        Error::Forbidden(SESSION) => say("error-session-needed"),
        Error::OutOfScope(what) => locale.say("error-scope-missing", &[("permission", (*what).to_owned())]),
        Error::Forbidden(what) => locale.say("error-permission-missing", &[("permission", (*what).to_owned())]),
        Error::Refused(refusals) => refusals.iter().map(|refusal| refusal.message.as_str()).collect::<Vec<_>>().join(" "),
        Error::BadArgument(message) => message.clone(),
        Error::CursorUnknown => say("error-cursor-unknown"),
        Error::CursorExpired => say("error-cursor-expired"),
        Error::Conflict => say("error-conflict"),
        Error::KeyTaken => say("error-key-taken"),
        // The edge logs the message of an internal error and masks it.
        Error::Duplicate(_) | Error::Internal(_) => chain(error),
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

/// What was done, or the rules that refused it; anything else is a mishap of ours.
pub fn refused<T>(done: services::Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match done {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Error::Refused(refusals)) => Ok((None, refusals.into_iter().map(Into::into).collect())),
        Err(error) => Err(error.into()),
    }
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
    /// The person has to prove anew who they are, by `sessionProve`; a proof lasts five minutes.
    ProofRequired,
    /// Nobody vouches for the address yet.
    EmailUnverified,
    /// Something outside does not answer; try again later.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_a_service_answers_people_is_said_in_their_language() {
        let errors = [
            Error::NotFound,
            Error::Unauthenticated,
            Error::Forbidden(OPERATOR),
            Error::Forbidden(ORGANIZATION),
            Error::Forbidden(MODULE_OFF),
            Error::Forbidden(SESSION),
            Error::Forbidden("x"),
            Error::OutOfScope("x"),
            Error::CursorUnknown,
            Error::CursorExpired,
            Error::Conflict,
            Error::KeyTaken,
        ];
        let said = |error| [Locale::Fr, Locale::En, Locale::Wo].map(|locale| message(error, locale));
        let all: BTreeSet<String> = errors.iter().flat_map(said).collect();
        assert_eq!(all.len(), 3 * errors.len(), "each has a sentence of its own in each language: {all:#?}");
        assert_eq!(message(&Error::CursorUnknown, Locale::Fr), "Ce curseur n'est pas de cette liste ou de cet ordre. Rechargez la liste.");
    }
}
