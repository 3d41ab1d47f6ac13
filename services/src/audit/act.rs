use entities::identity::UserId;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The request that something is done in.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// As the client calls its operation.
    pub operation: Option<String>,
    pub request_id: Option<Arc<str>>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// Somebody who runs the installation, in the request they act in.
#[derive(Clone, Debug)]
pub(crate) struct Operating {
    pub user: UserId,
    pub asked: Option<Arc<Asked>>,
}

/// Longer is cut: a header may have thousands of characters.
const LONGEST: usize = 200;

impl Asked {
    pub(super) fn operation(&self) -> Option<String> {
        self.operation.as_deref().map(shortened)
    }
    pub(crate) fn user_agent(&self) -> Option<String> {
        self.user_agent.as_deref().map(shortened)
    }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// An act about to be written.
#[derive(Clone, Debug)]
#[must_use]
pub struct NewAudit {
    pub(super) action: &'static str,
    pub(super) target: Option<(&'static str, Uuid)>,
    pub(super) changes: Map<String, Value>,
}

impl NewAudit {
    /// `domain.noun.verb`.
    pub fn of(action: &'static str) -> Self {
        Self { action, target: None, changes: Map::new() }
    }

    /// To what it is done: the name of its public type, and its id.
    pub fn on(mut self, kind: &'static str, id: impl Into<Uuid>) -> Self {
        self.target = Some((kind, id.into()));
        self
    }

    /// What a field was and what it is; nothing where it stays.
    pub fn change(mut self, field: &str, old: impl Into<Value>, new: impl Into<Value>) -> Self {
        let (old, new) = (kept(old.into()), kept(new.into()));
        if old != new {
            self.changes.insert(field.to_owned(), json!([old, new]));
        }
        self
    }

    /// A value that comes with the act.
    pub fn with(self, field: &str, value: impl Into<Value>) -> Self {
        self.change(field, Value::Null, value)
    }

    /// That a field is another, where what it says is nobody's business.
    pub fn hidden(mut self, field: &str, changed: bool) -> Self {
        if changed {
            self.changes.insert(field.to_owned(), Value::Null);
        }
        self
    }
}

fn kept(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(shortened(&text)),
        value => value,
    }
}
