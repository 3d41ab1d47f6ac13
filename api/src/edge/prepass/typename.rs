//! Moves directives off `__typename`, where the validator does not see them.
//!
//! `__typename @include(if: $x)` becomes `... @include(if: $x) { __typename }`: the same meaning,
//! and the directive and its variable are now looked at.

use async_graphql::Positioned;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet};

/// Rewrites a whole document.
pub fn expose(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => set(&mut operation.node.selection_set.node),
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().for_each(|operation| set(&mut operation.node.selection_set.node));
        }
    }
    document.fragments.values_mut().for_each(|fragment| set(&mut fragment.node.selection_set.node));
}

fn set(selections: &mut SelectionSet) {
    for selection in &mut selections.items {
        match &mut selection.node {
            Selection::InlineFragment(inline) => set(&mut inline.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
            Selection::Field(field) if field.node.name.node != "__typename" => set(&mut field.node.selection_set.node),
            Selection::Field(field) if field.node.directives.is_empty() => {}
            Selection::Field(field) => selection.node = wrapped(field),
        }
    }
}

fn wrapped(field: &mut Positioned<async_graphql::parser::types::Field>) -> Selection {
    let directives = std::mem::take(&mut field.node.directives);
    let at = field.pos;
    let inner = Positioned::new(Selection::Field(field.clone()), at);
    let selection_set = Positioned::new(SelectionSet { items: vec![inner] }, at);
    Selection::InlineFragment(Positioned::new(InlineFragment { type_condition: None, directives, selection_set }, at))
}
