//! What many rows of a page point at, answered once.
//!
//! A hundred stock levels stand in three warehouses. Each place of a document that asks for a warehouse asks the same of all
//! of them, so the answer for one warehouse is worked out for the first level and repeated for the others.

use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// An object whose answer depends on nothing but what is asked of it: no field of it fails, or reads anything.
pub trait Plain: OutputType {}

/// A [`Plain`] object of one page, and the answers given for it. It lives as long as its operation: the places of the document,
/// by which answers are known, stay where they are that long.
pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    object: T,
    answers: Mutex<Vec<(Place, Value)>>,
}

/// Where a selection stands in memory.
type Place = usize;

impl<T> Shared<T> {
    fn known(&self, place: Place) -> Option<Value> {
        let answers = self.0.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.iter().find(|(at, _)| *at == place).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, place: Place, answer: Value) {
        self.0.answers.lock().unwrap_or_else(PoisonError::into_inner).push((place, answer));
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<T> for Shared<T> {
    fn from(object: T) -> Self {
        Self(Arc::new(Inner { object, answers: Mutex::default() }))
    }
}

impl<T: Plain> OutputType for Shared<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let selected: &Positioned<SelectionSet> = ctx.item;
        let place = std::ptr::from_ref(selected).addr();
        if let Some(answer) = self.known(place) {
            return Ok(answer);
        }
        let answer = self.0.object.resolve(ctx, field).await?;
        self.keep(place, answer.clone());
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::in_place::Rows;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Place(&'static str, Arc<AtomicUsize>);

    #[Object(crate = "crate::in_place::gql")]
    impl Place {
        async fn name(&self) -> &str {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0
        }
        async fn length(&self) -> usize {
            self.0.len()
        }
    }

    impl Plain for Place {}

    struct Query(Arc<AtomicUsize>);

    #[Object]
    impl Query {
        async fn places(&self) -> Rows<Shared<Place>> {
            let two = ["Dakar", "Thiès"].map(|name| Shared::from(Place(name, self.0.clone())));
            (0..10).map(|n| two[n % 2].clone()).collect()
        }
    }

    #[tokio::test]
    async fn answers_each_place_of_the_document_once_for_each_object() {
        let asked = Arc::new(AtomicUsize::new(0));
        let schema = Schema::build(Query(asked.clone()), EmptyMutation, EmptySubscription).finish();
        let document = "{ a: places { name } b: places { title: name length ...F } } fragment F on Place { name }";
        let answer = serde_json::to_value(schema.execute(document).await.data).unwrap();
        for n in 0..10 {
            let (name, length) = [("Dakar", 5), ("Thiès", 6)][n % 2];
            assert_eq!(answer["a"][n], serde_json::json!({ "name": name }));
            assert_eq!(answer["b"][n], serde_json::json!({ "title": name, "length": length, "name": name }));
        }
        assert_eq!(asked.load(Ordering::Relaxed), 6, "two objects: once for a, and as title and as name for b");
    }
}
