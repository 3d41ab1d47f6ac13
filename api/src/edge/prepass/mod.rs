//! Everything about a document that can be decided before it runs.
//!
//! Order, cheapest first: bytes, tokens and brackets (one pass over the characters), parse,
//! definitions and variables, then per fragment and only once: selections, depth, aliases,
//! directives, root fields; then the rules the validator forgets; then costs and the order of the
//! answer. The result hangs on the hash of the text and is kept for the next request.
//! With the request come its operation, its variables and the cost of the pages it asks for.
//!
//! Invariant: the work is linear in the length of the document, whatever it stands for.

mod cache;
mod cost;
mod order;
mod page;
mod shape;
mod tokens;
mod typename;
mod usage;
mod values;

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};
use async_graphql::parser::{self, parse_query};
use async_graphql::{Positioned, Variables};
use sha2::{Digest, Sha256};

pub use order::{Key, Order};

use super::errors::{Code, Fault};
use super::schema_map::SchemaMap;
use super::settings::Limits;
use cache::Cache;
use cost::{Cost, Costs};
use shape::Shape;

/// A document that passed every static check.
pub struct Checked {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// The parsed document, as it is executed.
    pub document: ExecutableDocument,
    /// Selections looked at while measuring it.
    pub visits: usize,
    tokens: usize,
    operations: Vec<Operation>,
}

impl Checked {
    /// The operations it holds.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// One of them as it was written, by its name.
    pub fn definition(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        let mut operations = self.document.operations.iter();
        operations.find(|(own, _)| own.map(|own| own.as_str()) == name).map(|(_, operation)| &operation.node)
    }
}

/// One operation of a document.
pub struct Operation {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// Query, mutation or subscription.
    pub ty: OperationType,
    /// The fields at its root, fragments expanded, by name.
    pub roots: Vec<String>,
    /// The order of its answer.
    pub order: Order,
    cost: Cost,
}

impl Operation {
    /// Whether it looks at the schema itself.
    pub fn introspects(&self) -> bool {
        self.roots.iter().any(|name| matches!(name.as_str(), "__schema" | "__type"))
    }
}

/// Checks documents, and remembers them.
pub struct Prepass {
    schema: SchemaMap,
    limits: Limits,
    cache: Cache,
}

impl Prepass {
    /// For one schema and its ceilings.
    pub fn new(schema: SchemaMap, limits: Limits) -> Self {
        Prepass { schema, limits, cache: Cache::default() }
    }

    /// The checks that need the text alone.
    pub fn document(&self, text: &str) -> Result<Arc<Checked>, Vec<Fault>> {
        if text.len() > self.limits.document_bytes {
            return Err(tokens::scan(text, &self.limits).err().into_iter().collect());
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        if let Some(known) = self.cache.get(&hash) {
            return Ok(known);
        }
        let checked = Arc::new(self.check(text, hash)?);
        self.cache.put(checked.clone());
        Ok(checked)
    }

    /// Which operation a request names, or the only one.
    pub fn operation(&self, checked: &Checked, name: Option<&str>) -> Result<usize, Fault> {
        let name = name.filter(|name| !name.is_empty());
        let found = match name {
            Some(name) => checked.operations.iter().position(|it| it.name.as_deref() == Some(name)),
            None => (checked.operations.len() == 1).then_some(0),
        };
        found.ok_or_else(|| {
            let message = match name {
                Some(_) => "The document has no operation of that name.",
                None => "The document has several operations: say which one in `operationName`.",
            };
            Fault::new(Code::OperationResolutionFailure, message)
        })
    }

    /// The checks that need the variables too; gives the cost.
    pub fn request(&self, checked: &Checked, operation: &Operation, variables: &Variables) -> Result<u64, Vec<Fault>> {
        let definition = checked.definition(operation.name.as_deref());
        let faults = definition.map_or_else(Vec::new, |it| values::check(it, variables, &self.schema));
        if !faults.is_empty() {
            return Err(faults);
        }
        let cost = operation.cost.evaluate(variables, &self.limits).max(1);
        if cost > self.limits.cost {
            let message = format!("The operation costs {cost}; at most {} is allowed.", self.limits.cost);
            return Err(vec![Fault::complex(message)]);
        }
        Ok(cost)
    }

    fn check(&self, text: &str, hash: [u8; 32]) -> Result<Checked, Vec<Fault>> {
        let tokens = tokens::scan(text, &self.limits).map_err(one)?;
        let mut document = parse_query(text).map_err(|error| one(syntax(&error)))?;
        self.counts(&document).map_err(one)?;
        let mut shape = Shape::new(&document, &self.limits);
        shape.check().map_err(one)?;
        let visits = shape.visits;
        let faults = usage::UsageCheck::run(&document, &self.schema);
        if !faults.is_empty() {
            return Err(faults);
        }
        typename::expose(&mut document);
        let operations = self.operations(&document)?;
        Ok(Checked { hash, document, visits, tokens, operations })
    }

    fn counts(&self, document: &ExecutableDocument) -> Result<(), Fault> {
        let definitions = document.operations.iter().count() + document.fragments.len();
        if definitions > self.limits.definitions {
            return Err(Fault::complex(format!("The document has over {} definitions.", self.limits.definitions)));
        }
        let most = document.operations.iter().map(|(_, operation)| operation.node.variable_definitions.len()).max();
        if most.unwrap_or(0) > self.limits.variables {
            return Err(Fault::complex(format!("An operation has over {} variables.", self.limits.variables)));
        }
        Ok(())
    }

    fn operations(&self, document: &ExecutableDocument) -> Result<Vec<Operation>, Vec<Fault>> {
        let mut costs = Costs::new(document, &self.schema, &self.limits);
        let mut operations = Vec::new();
        for (name, operation) in document.operations.iter() {
            let mut roots = Vec::new();
            root_fields(document, &operation.node.selection_set.node.items, &mut roots);
            let ty = operation.node.ty;
            if ty == OperationType::Subscription && roots.iter().any(|name| name.starts_with("__")) {
                return Err(one(Fault::invalid("A subscription cannot select introspection fields at its root.")));
            }
            let root =
                self.root(ty).ok_or_else(|| one(Fault::invalid(format!("Schema is not configured for {ty}s.")).at_pos(operation)))?;
            let cost = costs.operation(&operation.node, root);
            let order = Order::of(document, &operation.node, &self.schema, root);
            operations.push(Operation { name: name.map(ToString::to_string), ty, roots, order, cost });
        }
        Ok(operations)
    }

    fn root(&self, ty: OperationType) -> Option<&str> {
        match ty {
            OperationType::Query => Some(&self.schema.query),
            OperationType::Mutation => self.schema.mutation.as_deref(),
            OperationType::Subscription => self.schema.subscription.as_deref(),
        }
    }
}

impl Fault {
    fn at_pos<T>(self, node: &Positioned<T>) -> Fault {
        self.at(node.pos)
    }
}

fn root_fields(document: &ExecutableDocument, items: &[Positioned<Selection>], roots: &mut Vec<String>) {
    for item in items {
        match &item.node {
            Selection::Field(field) => roots.push(field.node.name.node.to_string()),
            Selection::InlineFragment(inline) => root_fields(document, &inline.node.selection_set.node.items, roots),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node.items, roots);
                }
            }
        }
    }
}

/// A parser's error without its grammar: the place is enough.
fn syntax(error: &parser::Error) -> Fault {
    let message = match error {
        parser::Error::Syntax { .. } => "Syntax error: unexpected text.".to_owned(),
        other => {
            let mut text = format!("Syntax error: {other}");
            text.truncate(text.floor_char_boundary(200));
            text
        }
    };
    let fault = Fault::new(Code::ParseFailed, message);
    match error.positions().next() {
        Some(at) => fault.at(at),
        None => fault,
    }
}

fn one(fault: Fault) -> Vec<Fault> {
    vec![fault]
}

#[cfg(test)]
mod tests;
