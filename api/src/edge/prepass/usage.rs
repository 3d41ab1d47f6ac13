//! Whether every variable fits the places it is used in, and what the validator never looks at.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned, Value as Const};
use async_graphql_value::Value;

use crate::edge::errors::Fault;
use crate::edge::schema_map::{InputInfo, SchemaMap, named};

/// One place a variable stands in.
struct Usage<'a> {
    variable: &'a Name,
    expected: &'a Type,
    has_default: bool,
    at: Pos,
}

/// Everything one operation or fragment uses itself, and the fragments it spreads.
#[derive(Default)]
struct Uses<'a> {
    variables: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// Checks the uses of one document; each fragment is read once.
pub struct UsageCheck<'a> {
    schema: &'a SchemaMap,
    fragments: HashMap<&'a str, Uses<'a>>,
    faults: Vec<Fault>,
}

impl<'a> UsageCheck<'a> {
    /// Every fault of the document.
    pub fn run(document: &'a ExecutableDocument, schema: &'a SchemaMap) -> Vec<Fault> {
        let mut check = UsageCheck { schema, fragments: HashMap::new(), faults: Vec::new() };
        for (name, fragment) in &document.fragments {
            let mut uses = Uses::default();
            check.directives(&fragment.node.directives, &mut uses);
            check.set(&fragment.node.selection_set.node, fragment.node.type_condition.node.on.node.as_str(), &mut uses);
            check.fragments.insert(name.as_str(), uses);
        }
        for (_, operation) in document.operations.iter() {
            check.operation(&operation.node);
        }
        check.faults
    }

    fn operation(&mut self, operation: &'a OperationDefinition) {
        let root = match operation.ty {
            OperationType::Query => Some(&self.schema.query),
            OperationType::Mutation => self.schema.mutation.as_ref(),
            OperationType::Subscription => self.schema.subscription.as_ref(),
        };
        let mut uses = Uses::default();
        self.directives(&operation.directives, &mut uses);
        self.set(&operation.selection_set.node, root.map_or("", String::as_str), &mut uses);
        let mut seen = HashSet::new();
        let mut waiting = uses.spreads.clone();
        self.fit(operation, &uses.variables);
        while let Some(name) = waiting.pop() {
            if seen.insert(name)
                && let Some(uses) = self.fragments.remove(name)
            {
                self.fit(operation, &uses.variables);
                waiting.extend(&uses.spreads);
                self.fragments.insert(name, uses);
            }
        }
    }

    fn fit(&mut self, operation: &OperationDefinition, usages: &[Usage<'_>]) {
        for usage in usages {
            let declared = operation.variable_definitions.iter().find(|it| it.node.name.node == *usage.variable);
            let Some(declared) = declared else { continue }; // the validator says so
            let default = declared.node.default_value.as_ref().map(|value| &value.node);
            if !fits(&declared.node.var_type.node, default, usage) {
                let (name, ty, expected) = (usage.variable, &declared.node.var_type.node, usage.expected);
                let message = format!("Variable \"${name}\" of type \"{ty}\" used in position expecting type \"{expected}\".");
                self.faults.push(Fault::invalid(message).at(usage.at));
            }
        }
    }

    fn set(&mut self, set: &'a SelectionSet, parent: &str, uses: &mut Uses<'a>) {
        for selection in &set.items {
            self.directives(selection.node.directives(), uses);
            match &selection.node {
                Selection::Field(field) => self.field(field, parent, uses),
                Selection::FragmentSpread(spread) => uses.spreads.push(spread.node.fragment_name.node.as_str()),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, on.unwrap_or(parent), uses);
                }
            }
        }
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: &str, uses: &mut Uses<'a>) {
        if field.node.name.node == "__typename" {
            return self.typename(field);
        }
        let schema = self.schema;
        let info = schema.field(parent, field.node.name.node.as_str());
        for (name, value) in &field.node.arguments {
            if let Some(input) = info.and_then(|info| info.arguments.get(name.node.as_str())) {
                self.value(&value.node, value.pos, input, uses);
            }
        }
        let of = info.map_or("", |info| info.of.as_str());
        self.set(&field.node.selection_set.node, of, uses);
    }

    fn typename(&mut self, field: &Positioned<Field>) {
        if !field.node.selection_set.node.items.is_empty() {
            self.faults.push(Fault::invalid("Field \"__typename\" has no fields of its own.").at(field.pos));
        }
        if !field.node.arguments.is_empty() {
            self.faults.push(Fault::invalid("Field \"__typename\" takes no arguments.").at(field.pos));
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>], uses: &mut Uses<'a>) {
        let schema = self.schema;
        for directive in directives {
            let name = directive.node.name.node.as_str();
            for (argument, value) in &directive.node.arguments {
                if let Some(input) = schema.directive_argument(name, argument.node.as_str()) {
                    self.value(&value.node, value.pos, input, uses);
                }
            }
        }
    }

    fn value(&mut self, value: &'a Value, at: Pos, input: &'a InputInfo, uses: &mut Uses<'a>) {
        match value {
            Value::Variable(variable) => {
                uses.variables.push(Usage { variable, expected: &input.ty, has_default: input.has_default, at });
            }
            Value::List(items) => items.iter().for_each(|item| self.item(item, at, &input.ty, uses)),
            Value::Object(fields) => self.object(fields, at, &input.ty, uses),
            _ => {}
        }
    }

    fn item(&mut self, value: &'a Value, at: Pos, list: &'a Type, uses: &mut Uses<'a>) {
        let BaseType::List(expected) = &list.base else {
            return;
        };
        match value {
            Value::Variable(variable) => uses.variables.push(Usage { variable, expected, has_default: false, at }),
            Value::List(items) => items.iter().for_each(|item| self.item(item, at, expected, uses)),
            Value::Object(fields) => self.object(fields, at, expected, uses),
            _ => {}
        }
    }

    fn object(&mut self, fields: &'a async_graphql::indexmap::IndexMap<Name, Value>, at: Pos, ty: &'a Type, uses: &mut Uses<'a>) {
        let schema = self.schema;
        let inputs = schema.get(named(ty)).and_then(|info| info.inputs.as_ref());
        for (name, value) in fields {
            if let Some(input) = inputs.and_then(|inputs| inputs.get(name.as_str())) {
                self.value(value, at, input, uses);
            }
        }
    }
}

/// The rule of the specification: a nullable variable fits a non-null place only with a default.
fn fits(declared: &Type, default: Option<&Const>, usage: &Usage<'_>) -> bool {
    let expected = usage.expected;
    if !expected.nullable && declared.nullable {
        let filled = usage.has_default || default.is_some_and(|value| *value != Const::Null);
        return filled && base_fits(&declared.base, &expected.base);
    }
    type_fits(declared, expected)
}

fn type_fits(declared: &Type, expected: &Type) -> bool {
    (expected.nullable || !declared.nullable) && base_fits(&declared.base, &expected.base)
}

fn base_fits(declared: &BaseType, expected: &BaseType) -> bool {
    match (declared, expected) {
        (BaseType::Named(declared), BaseType::Named(expected)) => declared == expected,
        (BaseType::List(declared), BaseType::List(expected)) => type_fits(declared, expected),
        _ => false,
    }
}
