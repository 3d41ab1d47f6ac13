//! How many rows a field asks for.

use async_graphql::parser::types::{Field, VariableDefinition};
use async_graphql::{Name, Positioned, Value as Const, Variables};
use async_graphql_value::Value;

use crate::edge::schema_map::FieldInfo;
use crate::edge::settings::Limits;

/// A number of rows, known now or with the variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Known from the document.
    Fixed(u64),
    /// `first` and `last`, at least one of them a variable.
    Asked(Source, Source),
    /// The length of a list given as a variable.
    Listed(Name),
}

/// Where one page size comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Absent or null.
    Nothing,
    /// Written in the document.
    Literal(i64),
    /// A variable and its default.
    Variable(Name, Option<i64>),
}

impl Page {
    /// The number of rows of one request.
    pub fn size(&self, variables: &Variables, limits: &Limits) -> u64 {
        match self {
            Page::Fixed(size) => *size,
            Page::Asked(first, last) => rows(first.value(variables).or(last.value(variables)), limits),
            Page::Listed(name) => match variables.get(name) {
                Some(Const::List(items)) => items.len() as u64,
                _ => 1,
            },
        }
    }
}

impl Source {
    fn value(&self, variables: &Variables) -> Option<i64> {
        match self {
            Source::Nothing => None,
            Source::Literal(size) => Some(*size),
            Source::Variable(name, default) => match variables.get(name) {
                Some(Const::Number(number)) => Some(number.as_i64().unwrap_or(i64::MAX)),
                Some(_) => None,
                None => *default,
            },
        }
    }
}

/// Sizes no resolver serves are refused there and cost no more than a full page here.
fn rows(asked: Option<i64>, limits: &Limits) -> u64 {
    match asked {
        None => limits.default_page,
        Some(size) => u64::try_from(size).unwrap_or(1).min(limits.max_page),
    }
}

/// Reads sizes in the light of one operation's variables.
pub struct Sizes<'a> {
    /// The variables the operation declares.
    pub definitions: &'a [Positioned<VariableDefinition>],
    /// Default and largest page.
    pub limits: &'a Limits,
}

impl Sizes<'_> {
    /// The rows below a connection; one below anything else.
    pub fn of(&self, field: &Field, info: &FieldInfo) -> Page {
        if !info.pages {
            return Page::Fixed(1);
        }
        let (first, last) = (self.source(field, "first"), self.source(field, "last"));
        let open = |source: &Source| matches!(source, Source::Variable(..));
        if open(&first) || open(&last) {
            return Page::Asked(first, last);
        }
        let none = Variables::default();
        Page::Fixed(rows(first.value(&none).or(last.value(&none)), self.limits))
    }

    /// The number of things fetched by id at once.
    pub fn of_ids(&self, field: &Field, info: &FieldInfo) -> Option<Page> {
        if !info.list || !info.arguments.contains_key("ids") {
            return None;
        }
        Some(match field.get_argument("ids").map(|ids| &ids.node) {
            Some(Value::List(items)) => Page::Fixed(items.len() as u64),
            Some(Value::Variable(name)) => Page::Listed(name.clone()),
            _ => Page::Fixed(1),
        })
    }

    fn source(&self, field: &Field, argument: &str) -> Source {
        match field.get_argument(argument).map(|value| &value.node) {
            Some(Value::Number(number)) => Source::Literal(number.as_i64().unwrap_or(i64::MAX)),
            Some(Value::Variable(name)) => Source::Variable(name.clone(), self.default(name)),
            _ => Source::Nothing,
        }
    }

    fn default(&self, name: &Name) -> Option<i64> {
        let definition = self.definitions.iter().find(|definition| definition.node.name.node == *name)?;
        match &definition.node.default_value.as_ref()?.node {
            Const::Number(number) => Some(number.as_i64().unwrap_or(i64::MAX)),
            _ => None,
        }
    }
}
