//! From what async-graphql says to what a client may know.

use std::borrow::Cow;

use async_graphql::{PathSegment, ServerError, Value};
use serde_json::json;
use services::locale::Locale;
use services::tracking::{self, Trouble};

use super::{Code, Fault, MAX_ERROR_BYTES, MAX_ERRORS, Shown};

/// All that is said of what went wrong inside.
pub(super) const MASKED: &str = "error-internal";
const MAX_MESSAGE: usize = 500;
const MAX_PATH: usize = 1_000;
const MAX_EXTENSIONS: usize = 1_500;

/// Turns errors into what may be shown.
pub struct Presenter<'a> {
    /// The id written beside every code.
    pub request_id: &'a str,
    /// Whether "Did you mean" may stay.
    pub suggestions: bool,
    /// The language of whoever reads it.
    pub locale: Locale,
}

/// Whether nothing was executed: no data, and no error that names a field.
pub fn is_request_error(data: &Value, errors: &[ServerError]) -> bool {
    *data == Value::Null && !errors.is_empty() && errors.iter().all(|error| error.path.is_empty())
}

impl Presenter<'_> {
    /// The first twenty errors of an answer, in at most 64 KiB.
    pub fn server(&self, errors: Vec<ServerError>) -> Vec<Shown> {
        let mut room = MAX_ERROR_BYTES;
        let mut shown = Vec::with_capacity(errors.len().min(MAX_ERRORS));
        for error in errors.into_iter().take(MAX_ERRORS) {
            let error = self.one(error);
            let size = size(&error);
            if size > room {
                break;
            }
            room -= size;
            shown.push(error);
        }
        shown
    }

    /// Faults of ours, in the same bounds.
    pub fn faults(&self, faults: &[Fault]) -> Vec<Shown> {
        faults.iter().take(MAX_ERRORS).map(|fault| self.trimmed(Shown::of(fault, self.locale))).collect()
    }

    fn one(&self, error: ServerError) -> Shown {
        let code = self.code(&error);
        let mut shown = Shown {
            message: Cow::Borrowed(""),
            locations: error.locations.into_iter().take(4).collect(),
            path: error.path,
            code,
            retry_after: None,
            more: Vec::new(),
        };
        if code == Code::Internal {
            tracing::error!(request.id = self.request_id, cause = %error.message, "an operation failed inside");
            tracking::report(Trouble::Internal, &error.message, &[("request.id", self.request_id)]);
            shown.message = Cow::Owned(self.locale.say(MASKED, &[]));
        } else {
            shown.message = Cow::Owned(error.message);
            shown.keep(error.extensions);
        }
        self.trimmed(shown)
    }

    /// The code given, or the one that follows from where the error was raised.
    fn code(&self, error: &ServerError) -> Code {
        match error.extensions.as_ref().and_then(|values| values.get("code")) {
            Some(Value::String(text)) => Code::parse(text).unwrap_or(Code::Internal),
            Some(Value::Enum(text)) => Code::parse(text).unwrap_or(Code::Internal),
            Some(_) => Code::Internal,
            None if about_a_value(&error.message) => Code::BadUserInput,
            None if error.message.starts_with("Unknown operation named") => Code::OperationResolutionFailure,
            None if error.message.starts_with("Operation name required") => Code::OperationResolutionFailure,
            None if error.path.is_empty() => Code::ValidationFailed,
            None => Code::Internal,
        }
    }

    fn trimmed(&self, mut shown: Shown) -> Shown {
        if !self.suggestions
            && let Some(at) = shown.message.find(" Did you mean")
        {
            shown.message = Cow::Owned(shown.message[..at].to_owned());
        }
        shorten(&mut shown.message);
        if path_bytes(&shown.path) > MAX_PATH {
            shown.path.clear();
        }
        if json!(shown.more).to_string().len() > MAX_EXTENSIONS {
            shown.more.clear();
        }
        shown
    }
}

/// Values that do not fit are found while executing, and are still the client's fault.
fn about_a_value(message: &str) -> bool {
    message.starts_with("Failed to parse \"") || message.starts_with("Invalid value for argument")
}

fn shorten(message: &mut Cow<'static, str>) {
    if message.len() > MAX_MESSAGE {
        let end = message.floor_char_boundary(MAX_MESSAGE);
        *message = Cow::Owned(format!("{}...", &message[..end]));
    }
}

fn path_bytes(path: &[PathSegment]) -> usize {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => name.len() + 3,
            PathSegment::Index(_) => 8,
        })
        .sum()
}

/// An upper bound of what one error takes on the wire, escapes included.
fn size(error: &Shown) -> usize {
    let message = serde_json::to_string(&error.message).map_or(0, |text| text.len());
    200 + message + path_bytes(&error.path) + if error.more.is_empty() { 0 } else { MAX_EXTENSIONS }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::ErrorExtensionValues;

    const QUIET: Presenter<'static> = Presenter { request_id: "r1", suggestions: false, locale: Locale::En };

    fn raised(message: &str, path: &[&str]) -> ServerError {
        let path = path.iter().map(|name| PathSegment::Field((*name).to_owned())).collect();
        ServerError::new(message, None).with_path(path)
    }

    #[test]
    fn masks_what_a_resolver_lets_slip() {
        let shown = QUIET.server(vec![raised("SELECT * FROM users", &["me"])]);
        assert_eq!((shown[0].code, shown[0].message.as_ref()), (Code::Internal, "Internal error. Try again later."));
    }

    #[test]
    fn masks_codes_that_are_not_on_the_list() {
        let mut error = raised("pq: 42P01", &["me"]);
        let mut values = ErrorExtensionValues::default();
        values.set("code", "SQL_ERROR");
        error.extensions = Some(values);
        assert_eq!(QUIET.server(vec![error])[0].message, Locale::En.say(MASKED, &[]));
    }

    #[test]
    fn calls_errors_without_a_path_validation() {
        assert_eq!(QUIET.server(vec![raised("Unknown field", &[])])[0].code, Code::ValidationFailed);
    }

    #[test]
    fn strips_suggestions_when_they_are_off() {
        let shown = QUIET.server(vec![raised("Unknown field \"nam\". Did you mean \"name\"?", &[])]);
        assert_eq!(shown[0].message, "Unknown field \"nam\".");
    }

    #[test]
    fn keeps_twenty_errors_in_64_kib() {
        let errors = (0..10_000).map(|_| raised(&"\u{1}x".repeat(5_000), &[])).collect();
        let mut out = Vec::new();
        let shown = QUIET.server(errors);
        shown.iter().for_each(|error| error.write(&mut out, "r1"));
        assert_eq!(shown.len(), MAX_ERRORS);
        assert!(out.len() <= 64 * 1024, "{}", out.len());
    }

    /// What is wrong with a document or its values is said to developers; all else may reach a screen.
    #[test]
    fn what_reaches_people_is_said_in_their_language() {
        let keys = [
            "error-unavailable",
            "error-account-shut",
            "error-body-late",
            "error-too-many-live",
            "error-reader-slow",
            "error-rate-limited",
            "error-key-mismatch",
            "error-key-running",
            "error-already-done",
        ];
        let mut faults: Vec<Fault> = keys.iter().map(|key| Fault::said(Code::Internal, key)).collect();
        faults.extend([Fault::internal(), Fault::over_time(), Fault::unfinished()]);
        let mut said = std::collections::BTreeSet::new();
        for locale in [Locale::Fr, Locale::En, Locale::Wo] {
            for fault in &faults {
                let key = fault.key.unwrap_or_else(|| panic!("{fault:?} is said to developers"));
                let message = Presenter { locale, ..QUIET }.faults(std::slice::from_ref(fault)).remove(0).message.into_owned();
                assert_eq!(Some(&message), locale.try_say(key, &[]).as_ref(), "{key} in {}", locale.code());
                assert!(said.insert(message), "{key} in {} is another sentence", locale.code());
            }
        }
        let developers = Fault::complex("The document is nested over 12 deep.");
        assert_eq!(Presenter { locale: Locale::Fr, ..QUIET }.faults(&[developers])[0].message, "The document is nested over 12 deep.");
    }

    #[test]
    fn every_code_reads_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
