//! The closed list of error codes, and how errors look when they leave.
//!
//! Order: an error of ours is a `Fault`; an error of async-graphql is a `ServerError`.
//! Both become a [`Shown`], which always has a code and the request id, never a cause.

mod present;
mod shown;

use std::borrow::Cow;
use std::time::Duration;

use async_graphql::Pos;
use http::StatusCode;
use services::locale::Locale;

pub use present::{Presenter, is_request_error};
pub use shown::Shown;

/// At most so many errors in one answer.
pub const MAX_ERRORS: usize = 20;
/// At most so many bytes of errors in one answer.
pub const MAX_ERROR_BYTES: usize = 60 * 1024;

/// Seconds after which a time is over.
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What went wrong, in a word a program can rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The code of a word, when it is one of ours.
            pub fn parse(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// The document is not GraphQL, or the body is not JSON.
    ParseFailed = "GRAPHQL_PARSE_FAILED",
    /// The document does not fit the schema.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED",
    /// A value is not acceptable.
    BadUserInput = "BAD_USER_INPUT",
    /// No operation of that name.
    OperationResolutionFailure = "OPERATION_RESOLUTION_FAILURE",
    /// Nobody we know.
    Unauthenticated = "UNAUTHENTICATED",
    /// Somebody we know, who may not.
    Forbidden = "FORBIDDEN",
    /// Two writers at once, or an idempotency key used twice.
    Conflict = "CONFLICT",
    /// Done before under the same idempotency key, its answer lost.
    AlreadyDone = "ALREADY_DONE",
    /// Over a ceiling of the operation.
    TooComplex = "TOO_COMPLEX",
    /// Over a ceiling of the caller.
    RateLimited = "RATE_LIMITED",
    /// No document of that id.
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND",
    /// The place to resume from is no longer kept.
    CursorExpired = "CURSOR_EXPIRED",
    /// Our fault.
    Internal = "INTERNAL",
}

impl Code {
    /// Whether the same operation would meet the same error again.
    pub fn lasts(self) -> bool {
        !matches!(self, Code::Internal | Code::Conflict | Code::RateLimited | Code::TooComplex)
    }

    /// The HTTP status when nothing was executed.
    pub fn status(self) -> StatusCode {
        match self {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::Conflict | Code::AlreadyDone => StatusCode::CONFLICT,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// One reason of ours not to execute an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The word for programs.
    pub code: Code,
    /// The sentence for developers, unless people read it: then there is a key.
    pub message: Cow<'static, str>,
    /// Under which the sentence for people stands in `locales/*/error.ftl`.
    pub key: Option<&'static str>,
    /// Where in the document.
    pub at: Option<Pos>,
    /// When to come back.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// A fault without a place.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Fault { code, message: message.into(), key: None, at: None, retry_after: None }
    }

    /// A fault that a person meets, said in their language.
    pub(in crate::edge) fn said(code: Code, key: &'static str) -> Self {
        Fault { key: Some(key), ..Fault::new(code, "") }
    }

    fn sentence(&self, locale: Locale) -> Cow<'static, str> {
        self.key.map_or_else(|| self.message.clone(), |key| locale.say(key, &[]).into())
    }

    /// The same fault at a place of the document.
    #[must_use]
    pub fn at(mut self, at: Pos) -> Self {
        self.at = Some(at);
        self
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(Code::ValidationFailed, message)
    }

    pub(super) fn input(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(Code::BadUserInput, message)
    }

    pub(super) fn complex(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(Code::TooComplex, message)
    }

    /// A query over its time, which left nothing behind.
    pub(super) fn over_time() -> Self {
        Fault::said(Code::TooComplex, "error-timeout")
    }

    /// A mutation over its time: what it began may still be done, and is asked after under the same idempotency key.
    pub(super) fn unfinished() -> Self {
        Fault::said(Code::Conflict, "error-unfinished").after(Duration::from_secs(1))
    }

    /// The same, when a call may succeed after a while.
    #[must_use]
    pub(super) fn after(self, wait: Duration) -> Self {
        Fault { retry_after: Some(wait), ..self }
    }

    pub(super) fn internal() -> Self {
        Fault::said(Code::Internal, present::MASKED)
    }
}
