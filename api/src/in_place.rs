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
/// A selection with fragments or directives, or one that names a key twice, goes async-graphql's way, which merges them.
pub fn resolve_container<'a, T: ContainerType + ?Sized>(ctx: &'a ContextSelectionSet<'a>, root: &'a T) -> Answer<'a> {
    let items = &ctx.item.node.items;
    if !is_plain(items) {
        return Box::pin(async_graphql::resolver_utils::resolve_container(ctx, root));
    }
    Box::pin(async move {
        let mut answer = IndexMap::with_capacity(items.len());
        for field in items.iter().filter_map(|item| field(&item.node)) {
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

fn is_plain(items: &[Positioned<Selection>]) -> bool {
    items.iter().enumerate().all(|(at, item)| {
        let earlier = || items[..at].iter().filter_map(|item| field(&item.node));
        field(&item.node).is_some_and(|field| field.node.directives.is_empty() && earlier().all(|other| key(other) != key(field)))
    })
}

fn field(selection: &Selection) -> Option<&Positioned<Field>> {
    match selection {
        Selection::Field(field) => Some(field),
        _ => None,
    }
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
