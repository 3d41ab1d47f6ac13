//! An error as the client sees it.

use std::borrow::Cow;

use async_graphql::{ErrorExtensionValues, PathSegment, Pos, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

use services::locale::Locale;

use super::{Code, Fault, whole_seconds};

/// An error ready to be written.
#[derive(Clone, Debug)]
pub struct Shown {
    pub(super) message: Cow<'static, str>,
    pub(super) locations: Vec<Pos>,
    pub(super) path: Vec<PathSegment>,
    pub(super) code: Code,
    pub(super) retry_after: Option<u64>,
    pub(super) more: Vec<(String, Value)>,
}

impl Shown {
    /// The code it carries.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Writes the error as one JSON object.
    pub(crate) fn write(&self, out: &mut Vec<u8>, request_id: &str) {
        serde_json::to_writer(&mut *out, &Wire { error: self, request_id }).expect("an error is plain text");
    }

    /// Keeps the engine's own extensions, but for the words that are ours.
    pub(super) fn keep(&mut self, extensions: Option<ErrorExtensionValues>) {
        let Ok(Value::Object(values)) = async_graphql::to_value(&extensions) else {
            return;
        };
        let ours = ["code", "requestId"];
        self.more =
            values.into_iter().filter(|(name, _)| !ours.contains(&name.as_str())).map(|(name, value)| (name.to_string(), value)).collect();
    }

    /// A fault as a reader of this language sees it.
    pub(super) fn of(fault: &Fault, locale: Locale) -> Self {
        Shown {
            message: fault.sentence(locale),
            locations: fault.at.into_iter().collect(),
            path: Vec::new(),
            code: fault.code,
            retry_after: fault.retry_after.map(|wait| whole_seconds(wait).max(1)),
            more: Vec::new(),
        }
    }
}

struct Wire<'a> {
    error: &'a Shown,
    request_id: &'a str,
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message", &self.error.message)?;
        if !self.error.locations.is_empty() {
            map.serialize_entry("locations", &self.error.locations)?;
        }
        if !self.error.path.is_empty() {
            map.serialize_entry("path", &self.error.path)?;
        }
        map.serialize_entry("extensions", &Extensions(self))?;
        map.end()
    }
}

struct Extensions<'a>(&'a Wire<'a>);

impl Serialize for Extensions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let error = self.0.error;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", error.code.as_str())?;
        map.serialize_entry("requestId", self.0.request_id)?;
        if let Some(wait) = error.retry_after {
            map.serialize_entry("retryAfter", &wait)?;
        }
        for (name, value) in &error.more {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
