//! What an operation costs by the pages it asks for.
//!
//! An object costs 1, a value nothing, a mutation 10; below a connection everything that comes once
//! a row is multiplied by the page size. Sizes given by variables stay open until the request.

use std::collections::HashMap;
use std::rc::Rc;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};

use super::page::{Page, Sizes};
use crate::edge::schema_map::{FieldInfo, SchemaMap};
use crate::edge::settings::Limits;

/// A cost with open page sizes: `constant + Σ factor × page × inner`.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    constant: u64,
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    factor: u64,
    page: Page,
    inner: Cost,
}

impl Cost {
    /// The cost with the sizes of one request.
    pub fn evaluate(&self, variables: &Variables, limits: &Limits) -> u64 {
        self.terms.iter().fold(self.constant, |sum, term| {
            let inner = term.inner.evaluate(variables, limits);
            sum.saturating_add(term.factor.saturating_mul(term.page.size(variables, limits)).saturating_mul(inner))
        })
    }

    fn fixed(constant: u64) -> Cost {
        Cost { constant, terms: Vec::new() }
    }

    fn add(&mut self, other: Cost) {
        self.constant = self.constant.saturating_add(other.constant);
        self.terms.extend(other.terms);
    }

    fn times(mut self, page: Page) -> Cost {
        match page {
            Page::Fixed(size) => {
                self.constant = self.constant.saturating_mul(size);
                self.terms.iter_mut().for_each(|term| term.factor = term.factor.saturating_mul(size));
                self
            }
            page => Cost { constant: 0, terms: vec![Term { factor: 1, page, inner: self }] },
        }
    }
}

/// What comes once, and what comes once a row of the connection.
#[derive(Clone, Default)]
struct Split {
    once: Cost,
    row: Cost,
}

/// Adds up the operations of one document.
pub struct Costs<'a> {
    document: &'a ExecutableDocument,
    schema: &'a SchemaMap,
    limits: &'a Limits,
    fragments: HashMap<&'a str, Rc<Split>>,
}

impl<'a> Costs<'a> {
    /// Starts with nothing added up; the document must have no fragment cycle.
    pub fn new(document: &'a ExecutableDocument, schema: &'a SchemaMap, limits: &'a Limits) -> Self {
        Costs { document, schema, limits, fragments: HashMap::new() }
    }

    /// The cost of one operation.
    pub fn operation(&mut self, operation: &'a OperationDefinition, root: &str) -> Cost {
        let sizes = Sizes { definitions: &operation.variable_definitions, limits: self.limits };
        self.fragments.clear(); // defaults of variables differ between operations
        self.set(&operation.selection_set.node, root, &sizes).once
    }

    fn set(&mut self, set: &'a SelectionSet, parent: &str, sizes: &Sizes<'a>) -> Split {
        let mut split = Split::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent, sizes),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, on.unwrap_or(parent), sizes)
                }
                Selection::FragmentSpread(spread) => Split::clone(&*self.fragment(spread.node.fragment_name.node.as_str(), sizes)),
            };
            split.once.add(part.once);
            split.row.add(part.row);
        }
        split
    }

    fn fragment(&mut self, name: &'a str, sizes: &Sizes<'a>) -> Rc<Split> {
        if let Some(known) = self.fragments.get(name) {
            return known.clone();
        }
        let split = self.document.fragments.get(name).map(|fragment| {
            let on = fragment.node.type_condition.node.on.node.as_str();
            self.set(&fragment.node.selection_set.node, on, sizes)
        });
        let split = Rc::new(split.unwrap_or_default());
        self.fragments.insert(name, split.clone());
        split
    }

    fn field(&mut self, field: &'a Field, parent: &str, sizes: &Sizes<'a>) -> Split {
        let schema = self.schema;
        let Some(info) = schema.field(parent, field.name.node.as_str()) else {
            return Split::default();
        };
        let below = self.set(&field.selection_set.node, &info.of, sizes);
        let mut cost = below.once;
        cost.add(below.row.times(sizes.of(field, info)));
        cost.add(Cost::fixed(info.weight));
        if let Some(count) = sizes.of_ids(field, info) {
            cost = cost.times(count);
        }
        place(cost, parent, info)
    }
}

/// Lists of a connection come once a row; the rest of it comes once.
fn place(cost: Cost, parent: &str, info: &FieldInfo) -> Split {
    if info.list && parent.ends_with("Connection") {
        Split { once: Cost::default(), row: cost }
    } else {
        Split { once: cost, row: Cost::default() }
    }
}
