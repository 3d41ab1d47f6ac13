//! Which subscriptions are alike, so that one execution serves them all.

use async_graphql::Variables;
use async_graphql::parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value};
use sha2::{Digest, Sha256};

use crate::edge::Edge;
use crate::edge::engine::Caller;
use crate::edge::plan::Plan;

/// What the members of a group have in common.
pub type Likeness = [u8; 32];

/// The argument with which every numbered stream resumes.
const CURSOR: &str = "after";

/// What the readers of this operation have in common, and the number after which this one goes on; None: it is read
/// alone, because it is not shared, or not plain enough to tell.
pub fn alike(edge: &Edge, caller: &Caller, plan: &Plan) -> Option<(Likeness, Option<i64>)> {
    let [root] = plan.operation().roots.as_slice() else { return None };
    let caller = caller.likeness(*edge.settings.shared.get(root)?)?;
    let mut variables = plan.variables().clone();
    let after = match cursor(plan.document(), plan.definition()?, &mut variables)? {
        ConstValue::Null => None,
        ConstValue::String(text) => Some(text.parse().ok()?),
        _ => return None,
    };
    let name = plan.operation().name.as_deref().unwrap_or_default();
    let variables = serde_json::to_vec(&variables).ok()?;
    Some((likeness([plan.hash().as_slice(), name.as_bytes(), &variables, &caller]), after))
}

/// The value of the cursor, taken out of the variables; null when there is none.
fn cursor(document: &ExecutableDocument, definition: &OperationDefinition, variables: &mut Variables) -> Option<ConstValue> {
    let [selection] = definition.selection_set.node.items.as_slice() else { return None };
    let Selection::Field(field) = &selection.node else { return None };
    if !field.node.directives.is_empty() {
        return None;
    }
    match field.node.get_argument(CURSOR).map(|argument| &argument.node) {
        None => Some(ConstValue::Null),
        // Used below as well, the variable would tell readers apart.
        Some(Value::Variable(name)) if mentions(document, &field.node.selection_set.node, name) => None,
        Some(Value::Variable(name)) => {
            let given = variables.remove(name);
            let definition = definition.variable_definitions.iter().find(|definition| definition.node.name.node == *name)?;
            let default = definition.node.default_value.as_ref().map(|value| value.node.clone());
            Some(given.or(default).unwrap_or(ConstValue::Null))
        }
        Some(literal) => literal.clone().into_const(),
    }
}

/// Whether a variable is used in the selections, or in any fragment.
fn mentions(document: &ExecutableDocument, below: &SelectionSet, name: &Name) -> bool {
    in_set(below, name) || document.fragments.values().any(|fragment| in_set(&fragment.node.selection_set.node, name))
}

fn in_set(set: &SelectionSet, name: &Name) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            let field = &field.node;
            in_arguments(&field.arguments, name) || in_directives(&field.directives, name) || in_set(&field.selection_set.node, name)
        }
        Selection::InlineFragment(inline) => in_directives(&inline.node.directives, name) || in_set(&inline.node.selection_set.node, name),
        Selection::FragmentSpread(spread) => in_directives(&spread.node.directives, name),
    })
}

fn in_directives(directives: &[Positioned<Directive>], name: &Name) -> bool {
    directives.iter().any(|directive| in_arguments(&directive.node.arguments, name))
}

fn in_arguments(arguments: &[(Positioned<Name>, Positioned<Value>)], name: &Name) -> bool {
    arguments.iter().any(|(_, value)| in_value(&value.node, name))
}

fn in_value(value: &Value, name: &Name) -> bool {
    match value {
        Value::Variable(known) => known == name,
        Value::List(all) => all.iter().any(|value| in_value(value, name)),
        Value::Object(fields) => fields.values().any(|value| in_value(value, name)),
        _ => false,
    }
}

/// One likeness of several parts, none of which can run into the next.
pub fn likeness<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Likeness {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
