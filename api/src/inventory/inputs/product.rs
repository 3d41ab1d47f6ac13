use super::{SortDirection, touched};
use crate::ids::GlobalId;
use crate::inventory::product::StockStatus;
use crate::scalars::Decimal;
use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use services::inventory::products::{NewProduct, ProductChange, ProductOrder};

/// Which products a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct ProductFilter {
    /// Part of the SKU, name or barcode, in any case and with or without accents.
    search: Option<String>,
    /// In one of these categories.
    category_ids: Option<Vec<ID>>,
    /// From one of these suppliers.
    supplier_ids: Option<Vec<ID>>,
    /// Held, or once held, in one of these warehouses.
    warehouse_ids: Option<Vec<ID>>,
    /// Standing in one of these ways.
    stock_status: Option<Vec<StockStatus>>,
    /// Archived ones, too.
    #[graphql(default)]
    include_archived: bool,
}

impl From<ProductFilter> for services::inventory::products::ProductFilter {
    fn from(filter: ProductFilter) -> Self {
        Self {
            search: filter.search,
            categories: filter.category_ids.map(|ids| GlobalId::of_globals(&ids)),
            suppliers: filter.supplier_ids.map(|ids| GlobalId::of_globals(&ids)),
            warehouses: filter.warehouse_ids.map(|ids| GlobalId::of_globals(&ids)),
            stock_status: filter.stock_status.map(|all| all.into_iter().map(Into::into).collect()),
            include_archived: filter.include_archived,
        }
    }
}

/// One column of a list's order, which has at most five.
#[derive(InputObject)]
pub struct ProductSort {
    /// The column.
    field: ProductSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

impl ProductSort {
    pub fn order(all: Option<Vec<Self>>) -> Vec<(ProductOrder, bool)> {
        all.unwrap_or_default().into_iter().map(|sort| (sort.field.into(), sort.direction == SortDirection::Desc)).collect()
    }
}

/// What products can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ProductOrder")]
pub enum ProductSortField {
    /// The stock keeping unit.
    Sku,
    /// The name, in which case and accents do not count: É is e, œ is oe.
    Name,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// A new product. UnitId absent: PIECE.
#[derive(InputObject)]
pub struct ProductCreateInput {
    /// Unique in the organisation, at most 64 characters.
    sku: String,
    /// For people, at most 300 characters.
    name: String,
    /// As long as need be.
    description: Option<String>,
    /// What it is counted in.
    unit_id: Option<ID>,
    /// The heading it is sorted under.
    category_id: Option<ID>,
    /// The firm it is usually bought from.
    supplier_id: Option<ID>,
    /// As printed on the product.
    barcode: Option<String>,
    /// In the organisation's currency.
    cost_price: Option<Decimal>,
    /// In the organisation's currency.
    sale_price: Option<Decimal>,
    /// Low stock begins here.
    reorder_point: Option<Decimal>,
    /// Kept against surprises.
    safety_stock: Option<Decimal>,
    /// Days from order to delivery.
    lead_time_days: Option<i32>,
}

impl From<ProductCreateInput> for NewProduct {
    fn from(input: ProductCreateInput) -> Self {
        Self {
            sku: input.sku,
            name: input.name,
            description: input.description,
            unit: input.unit_id.as_ref().map(GlobalId::of_global),
            category: input.category_id.as_ref().map(GlobalId::of_global),
            supplier: input.supplier_id.as_ref().map(GlobalId::of_global),
            barcode: input.barcode,
            cost_price: input.cost_price.map(|amount| amount.0),
            sale_price: input.sale_price.map(|amount| amount.0),
            reorder_point: input.reorder_point.map(|quantity| quantity.0),
            safety_stock: input.safety_stock.map(|quantity| quantity.0),
            lead_time_days: input.lead_time_days,
        }
    }
}

/// A change of a product; absent = untouched, null = cleared.
#[derive(InputObject)]
pub struct ProductUpdateInput {
    /// The product.
    pub id: ID,
    /// Refuses the change when the product is at another version by now.
    expected_version: Option<i32>,
    /// Unique in the organisation.
    sku: Option<String>,
    /// For people.
    name: Option<String>,
    /// As long as need be.
    description: MaybeUndefined<String>,
    /// What it is counted in; cannot become coarser than what is in the ledger.
    unit_id: Option<ID>,
    /// The heading it is sorted under.
    category_id: MaybeUndefined<ID>,
    /// The firm it is usually bought from.
    supplier_id: MaybeUndefined<ID>,
    /// As printed on the product.
    barcode: MaybeUndefined<String>,
    /// In the organisation's currency.
    cost_price: MaybeUndefined<Decimal>,
    /// In the organisation's currency.
    sale_price: MaybeUndefined<Decimal>,
    /// Low stock begins here.
    reorder_point: MaybeUndefined<Decimal>,
    /// Kept against surprises.
    safety_stock: MaybeUndefined<Decimal>,
    /// Days from order to delivery.
    lead_time_days: MaybeUndefined<i32>,
}

impl From<ProductUpdateInput> for ProductChange {
    fn from(input: ProductUpdateInput) -> Self {
        Self {
            expected_version: input.expected_version.map(Into::into),
            sku: input.sku,
            name: input.name,
            description: touched(input.description),
            unit: input.unit_id.as_ref().map(GlobalId::of_global),
            category: touched(input.category_id).map(|id| id.as_ref().map(GlobalId::of_global)),
            supplier: touched(input.supplier_id).map(|id| id.as_ref().map(GlobalId::of_global)),
            barcode: touched(input.barcode),
            cost_price: touched(input.cost_price).map(|amount| amount.map(|amount| amount.0)),
            sale_price: touched(input.sale_price).map(|amount| amount.map(|amount| amount.0)),
            reorder_point: touched(input.reorder_point).map(|quantity| quantity.map(|quantity| quantity.0)),
            safety_stock: touched(input.safety_stock).map(|quantity| quantity.map(|quantity| quantity.0)),
            lead_time_days: touched(input.lead_time_days),
        }
    }
}

/// The product to archive.
#[derive(InputObject)]
pub struct ProductArchiveInput {
    /// The product.
    pub id: ID,
    /// Refuses the change when the product is at another version by now.
    pub expected_version: Option<i32>,
}

/// The product to bring back into use.
#[derive(InputObject)]
pub struct ProductUnarchiveInput {
    /// The product.
    pub id: ID,
    /// Refuses the change when the product is at another version by now.
    pub expected_version: Option<i32>,
}
