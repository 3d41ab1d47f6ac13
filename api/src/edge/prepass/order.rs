//! The order of an answer's fields: that of the selection, whatever finished first.

use async_graphql::Name;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

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
}

impl Order {
    /// The order of one operation; the document must be within its ceilings.
    pub fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Order {
        Order::merged(document, vec![&operation.selection_set.node])
    }

    fn merged(document: &ExecutableDocument, sets: Vec<&SelectionSet>) -> Order {
        let mut keys: IndexMap<&Name, Vec<&SelectionSet>> = IndexMap::new();
        sets.into_iter().for_each(|set| collect(document, set, &mut keys));
        let keys = keys.into_iter().map(|(name, sets)| {
            let below = (!sets.is_empty()).then(|| Order::merged(document, sets));
            Key { name: name.clone(), below }
        });
        Order { keys: keys.collect() }
    }
}

fn collect<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, keys: &mut IndexMap<&'a Name, Vec<&'a SelectionSet>>) {
    for selection in &set.items {
        match &selection.node {
            Selection::InlineFragment(inline) => collect(document, &inline.node.selection_set.node, keys),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, keys);
                }
            }
            Selection::Field(field) => {
                let sets = keys.entry(&field.node.response_key().node).or_default();
                let below = &field.node.selection_set.node;
                if !below.items.is_empty() {
                    sets.push(below);
                }
            }
        }
    }
}
