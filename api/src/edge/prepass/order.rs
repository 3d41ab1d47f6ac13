//! The order of an answer's fields: that of the selection, whatever finished first; and which of them may be null.

use async_graphql::Name;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

use crate::edge::schema_map::{FieldInfo, SchemaMap};

/// The response keys of one level, and the levels below.
#[derive(Debug, Default)]
pub struct Order {
    /// In the order they are asked for.
    pub keys: Vec<Key>,
}

/// One response key.
#[derive(Debug)]
pub struct Key {
    /// The alias or the name.
    pub name: Name,
    /// What is selected below; `None` below a value.
    pub below: Option<Order>,
    /// Whether the field may be null, and its items, where it is a list.
    pub nullable: bool,
    pub items_nullable: bool,
}

/// A selection of one type.
type Set<'a> = (&'a str, &'a SelectionSet);

/// What is asked for under one key: the field as its type declares it, and the selections below.
type Asked<'a> = (Option<&'a FieldInfo>, Vec<Set<'a>>);

impl Order {
    /// The order of one operation on its root type; the document must be within its ceilings.
    pub fn of(document: &ExecutableDocument, operation: &OperationDefinition, schema: &SchemaMap, root: &str) -> Order {
        Order::merged(document, schema, vec![(root, &operation.selection_set.node)])
    }

    fn merged(document: &ExecutableDocument, schema: &SchemaMap, sets: Vec<Set<'_>>) -> Order {
        let mut keys: IndexMap<&Name, Asked<'_>> = IndexMap::new();
        sets.into_iter().for_each(|(parent, set)| collect(document, schema, parent, set, &mut keys));
        let keys = keys.into_iter().map(|(name, (field, sets))| {
            let below = (!sets.is_empty()).then(|| Order::merged(document, schema, sets));
            let (nullable, items_nullable) = field.map_or((false, false), |field| (field.nullable, field.items_nullable));
            Key { name: name.clone(), below, nullable, items_nullable }
        });
        Order { keys: keys.collect() }
    }
}

fn collect<'a>(
    document: &'a ExecutableDocument,
    schema: &'a SchemaMap,
    parent: &'a str,
    set: &'a SelectionSet,
    keys: &mut IndexMap<&'a Name, Asked<'a>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().map_or(parent, |condition| condition.node.on.node.as_str());
                collect(document, schema, on, &inline.node.selection_set.node, keys);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    collect(document, schema, on, &fragment.node.selection_set.node, keys);
                }
            }
            Selection::Field(field) => {
                let known = schema.field(parent, field.node.name.node.as_str());
                let (_, sets) = keys.entry(&field.node.response_key().node).or_insert_with(|| (known, Vec::new()));
                let below = &field.node.selection_set.node;
                if !below.items.is_empty() {
                    sets.push((known.map_or("", |known| known.of.as_str()), below));
                }
            }
        }
    }
}
