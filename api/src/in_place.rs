//! Objects whose fields are read one after the other, in place.
//!
//! async-graphql gives each field of each object a task of its own, so that fields may wait side by side. Ours never do: one
//! operation reads through one transaction, and what a page points at is loaded for all its rows by the first that asks
//! ([`crate::together`]). For the types of hot lists these tasks were most of the cost of a page. A type joins with
//! `#[Object(crate = "crate::in_place::gql")]` (`#[graphql(crate = …)]` on derived ones); its lists are [`Rows`].
//!
//! What is answered is the same: errors at the same paths, nulls at the same places, fields in the order of the selection. Extensions of async-graphql, of which we have none, are not asked.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};
use std::borrow::Cow;
use std::pin::Pin;

/// What the macros of async-graphql find under `crate`: its own items, and our way through the fields of an object.
pub mod gql {
    pub use async_graphql::*;

    pub mod resolver_utils {
        pub use crate::in_place::resolve_container;
        pub use async_graphql::resolver_utils::{ContainerType, resolve_container_serial};
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'a>>;

/// Resolves the selected fields of an object, each after the one before it.
///
/// A selection that names a key twice, or carries directives of its own, goes async-graphql's way, which merges and asks them.
pub fn resolve_container<'a, T: ContainerType + ?Sized>(ctx: &'a ContextSelectionSet<'a>, root: &'a T) -> Answer<'a> {
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    if !gather(ctx, &ctx.item.node.items, &root.introspection_type_name(), &mut fields) || !told_apart(&fields) {
        return Box::pin(async_graphql::resolver_utils::resolve_container(ctx, root));
    }
    Box::pin(async move {
        let mut answer = IndexMap::with_capacity(fields.len());
        for field in fields {
            match value_of(ctx, root, field).await {
                Ok(value) => drop(answer.insert(key(field).clone(), value)),
                Err(error) => ctx.add_error(error),
            }
        }
        Ok(if answer.is_empty() { Value::Null } else { Value::Object(answer) })
    })
}

async fn value_of<T: ContainerType + ?Sized>(ctx: &ContextSelectionSet<'_>, root: &T, field: &Positioned<Field>) -> ServerResult<Value> {
    if field.node.name.node == "__typename" {
        return Ok(Value::String(root.introspection_type_name().into_owned()));
    }
    Ok(root.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default())
}

/// The fields asked of a type, those of fragments on it in their places; false where it is not as simple as that.
fn gather<'a>(
    ctx: &ContextSelectionSet<'a>,
    items: &'a [Positioned<Selection>],
    type_name: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    items.iter().all(|item| {
        let (condition, selected) = match &item.node {
            Selection::Field(field) => {
                fields.push(field);
                return field.node.directives.is_empty();
            }
            Selection::InlineFragment(fragment) => (fragment.node.type_condition.as_ref(), &fragment.node.selection_set),
            Selection::FragmentSpread(spread) => match ctx.query_env.fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                None => return false,
            },
        };
        condition.is_none_or(|condition| condition.node.on.node == type_name) && gather(ctx, &selected.node.items, type_name, fields)
    })
}

fn told_apart(fields: &[&Positioned<Field>]) -> bool {
    fields.iter().enumerate().all(|(at, field)| fields[..at].iter().all(|earlier| key(earlier) != key(field)))
}

fn key(field: &Positioned<Field>) -> &Name {
    &field.node.response_key().node
}

/// The rows of a list, each resolved after the one before it: `[T!]!`.
#[derive(Clone)]
pub struct Rows<T>(pub Vec<T>);

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl<T: OutputType> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut list = Vec::with_capacity(self.0.len());
        for (index, row) in self.0.iter().enumerate() {
            let ctx = ctx.with_index(index);
            list.push(row.resolve(&ctx, field).await.map_err(|error| ctx.set_error_path(error))?);
        }
        Ok(Value::List(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};

    #[derive(SimpleObject)]
    #[graphql(crate = "crate::in_place::gql")]
    struct Leaf {
        name: String,
        size: Option<i32>,
    }

    struct Tree(i32);

    #[Object(crate = "crate::in_place::gql")]
    impl Tree {
        async fn age(&self) -> i32 {
            self.0
        }
        async fn leaves(&self) -> Rows<Leaf> {
            (0..self.0).map(|n| Leaf { name: format!("leaf {n}"), size: (n > 0).then_some(n) }).collect()
        }
        async fn fruit(&self) -> async_graphql::Result<Option<Leaf>> {
            if self.0 == 1 { Err("too young".into()) } else { Ok(None) }
        }
        async fn root(&self) -> async_graphql::Result<Leaf> {
            if self.0 == 2 { Err("rotten".into()) } else { Ok(Leaf { name: "root".into(), size: None }) }
        }
    }

    struct Query;

    #[Object]
    impl Query {
        async fn trees(&self) -> Rows<Tree> {
            (0..4).map(Tree).collect()
        }
        async fn tree(&self, age: i32) -> Option<Tree> {
            Some(Tree(age))
        }
    }

    /// What is answered, and the same by async-graphql's way: with a field (`?`) asked for twice it is merged there.
    async fn both(selection: &str) -> (serde_json::Value, serde_json::Value) {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        let ask = async |fields: &str| {
            let document = selection.replace('?', fields);
            serde_json::to_value(schema.execute(document.as_str()).await).unwrap()
        };
        (ask("__typename").await, ask("__typename __typename").await)
    }

    fn without_places(mut answer: serde_json::Value) -> serde_json::Value {
        for error in answer["errors"].as_array_mut().into_iter().flatten() {
            error["locations"].take();
        }
        answer
    }

    #[tokio::test]
    async fn answers_as_async_graphql_does() {
        let all = [
            "{ trees { ? age leaves { ? name size } } }",
            "{ trees { ? alias: age leaves { ? name } } }",
            "{ tree(age: 1) { ? age fruit { name } leaves { ? size } } }",
            "{ tree(age: 2) { ? age root { name } } }",
            "{ trees { ? age root { name } } }",
            "{ trees { ? ... { age } ...F ... on Tree { root { name } } } } fragment F on Tree { leaves { ? name } }",
        ];
        for selection in all {
            let (ours, theirs) = both(selection).await;
            let mut theirs = without_places(theirs);
            // What is asked twice fails twice.
            if let Some(errors) = theirs["errors"].as_array_mut() {
                errors.dedup();
            }
            assert_eq!(without_places(ours), theirs, "{selection}");
        }
    }

    #[tokio::test]
    async fn keeps_the_order_of_the_selection() {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
        let text = serde_json::to_string(&schema.execute("{ tree(age: 3) { root { name } age fruit { name } } }").await.data).unwrap();
        assert_eq!(text, r#"{"tree":{"root":{"name":"root"},"age":3,"fruit":null}}"#);
    }
}
