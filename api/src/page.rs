//! Lists as Relay connections.

use async_graphql::parser::types::Selection;
use async_graphql::{Context, SimpleObject};
use services::page::PageArgs;

/// Where a page stands in its list.
#[derive(SimpleObject, Clone, Debug)]
#[graphql(crate = "crate::in_place::gql")]
pub struct PageInfo {
    /// Whether more follows.
    pub has_next_page: bool,
    /// Whether something comes before.
    pub has_previous_page: bool,
    /// The cursor of the first row, for `before`.
    pub start_cursor: Option<String>,
    /// The cursor of the last row, for `after`.
    pub end_cursor: Option<String>,
}

/// The four arguments of a list, and whether its total is wanted.
pub fn args(ctx: &Context<'_>, first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> PageArgs {
    PageArgs { first, after, last, before, with_total: asks_for_total(ctx) }
}

/// Looks ahead by name as far as there are names: fifty lists in a page ask, each for itself.
fn asks_for_total(ctx: &Context<'_>) -> bool {
    const TOTAL: &str = "totalCount";
    let selected = &ctx.item.node.selection_set.node.items;
    selected.iter().any(|selected| match &selected.node {
        Selection::Field(field) => field.node.name.node == TOTAL,
        _ => ctx.look_ahead().field(TOTAL).exists(),
    })
}

/// The total as GraphQL's Int.
pub fn total(total: Option<u64>) -> Option<i32> {
    total.map(|total| i32::try_from(total).unwrap_or(i32::MAX))
}

pub fn info<T>(page: &services::page::Page<T>) -> PageInfo {
    PageInfo {
        has_next_page: page.has_next,
        has_previous_page: page.has_previous,
        start_cursor: page.rows.first().map(|row| row.cursor()),
        end_cursor: page.rows.last().map(|row| row.cursor()),
    }
}

/// Declares the connection and edge types of a node, made from a [`services::page::Page`] of it.
#[macro_export]
macro_rules! connection {
    ($node:ty, $connection:ident, $edge:ident, $what:literal) => {
        connection!($node, $connection, $edge, $what, {});
    };
    ($node:ty, $connection:ident, $edge:ident, $what:literal, { $($(#[doc = $doc:literal])* $extra:ident: $type:ty),* $(,)? }) => {
        #[doc = concat!("A page of ", $what, ".")]
        pub struct $connection {
            page: services::page::Page<$node>,
            $($extra: $type,)*
        }

        #[doc = concat!("A page of ", $what, ".")]
        #[async_graphql::Object(crate = "crate::in_place::gql")]
        impl $connection {
            /// The rows, each with its cursor.
            async fn edges(&self) -> $crate::in_place::Rows<$edge<'_>> {
                self.page.rows.iter().map(|row| $edge { cursor: row.cursor(), node: &row.row }).collect()
            }
            /// The rows alone.
            async fn nodes(&self) -> $crate::in_place::Rows<&$node> {
                self.page.items().collect()
            }
            /// Where this page stands in the list.
            async fn page_info(&self) -> $crate::page::PageInfo {
                $crate::page::info(&self.page)
            }
            /// How many rows the whole list has, counted no further than 25,000, and only when asked for.
            async fn total_count(&self) -> Option<i32> {
                $crate::page::total(self.page.total)
            }
            $($(#[doc = $doc])* async fn $extra(&self) -> &$type {
                &self.$extra
            })*
        }

        #[doc = concat!("One row of a page of ", $what, ".")]
        #[derive(async_graphql::SimpleObject)]
        #[graphql(crate = "crate::in_place::gql")]
        pub struct $edge<'a> {
            /// The row's place in the list, for `after` and `before`.
            cursor: String,
            /// The row.
            node: &'a $node,
        }

        impl $connection {
            pub fn new(page: services::page::Page<$node> $(, $extra: $type)*) -> Self {
                Self { page $(, $extra)* }
            }
        }
    };
}
