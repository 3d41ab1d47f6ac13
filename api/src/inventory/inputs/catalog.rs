use async_graphql::{ID, InputObject};

/// A new category.
#[derive(InputObject)]
pub struct CategoryCreateInput {
    /// Unique among its siblings.
    pub name: String,
    /// The heading it stands below; absent: at the top.
    pub parent_id: Option<ID>,
}

/// A new supplier.
#[derive(InputObject)]
pub struct SupplierCreateInput {
    /// Unique in the organisation.
    pub name: String,
    /// Days from order to delivery, as agreed.
    pub lead_time_days: Option<i32>,
    /// As given.
    pub phone: Option<String>,
    /// As given.
    pub email: Option<String>,
}

/// A new warehouse.
#[derive(InputObject)]
pub struct WarehouseCreateInput {
    /// Unique in the organisation.
    pub name: String,
    /// A short name, unique where given.
    pub code: Option<String>,
}
