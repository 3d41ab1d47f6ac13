use super::SortDirection;
use crate::ids::GlobalId;
use crate::inventory::product::StockStatus;
use async_graphql::{Enum, ID, InputObject};
use services::inventory::stock::{LevelFilter, LevelOrder};

/// Which stock levels a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct StockLevelFilter {
    /// Of one of these products.
    product_ids: Option<Vec<ID>>,
    /// In one of these warehouses.
    warehouse_ids: Option<Vec<ID>>,
    /// The level itself standing in one of these ways.
    stock_status: Option<Vec<StockStatus>>,
}

impl From<StockLevelFilter> for LevelFilter {
    fn from(filter: StockLevelFilter) -> Self {
        Self {
            products: filter.product_ids.map(|ids| GlobalId::of_globals(&ids)),
            warehouses: filter.warehouse_ids.map(|ids| GlobalId::of_globals(&ids)),
            stock_status: filter.stock_status.map(|all| all.into_iter().map(Into::into).collect()),
        }
    }
}

/// One column of a list's order, which has at most five.
#[derive(InputObject)]
pub struct StockLevelSort {
    /// The column.
    field: StockLevelSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

impl StockLevelSort {
    pub fn order(all: Option<Vec<Self>>) -> Vec<(LevelOrder, bool)> {
        all.unwrap_or_default().into_iter().map(|sort| (sort.field.into(), sort.direction == SortDirection::Desc)).collect()
    }
}

/// What stock levels can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "LevelOrder")]
pub enum StockLevelSortField {
    /// The product's SKU.
    Sku,
    /// When the level last changed.
    UpdatedAt,
}
