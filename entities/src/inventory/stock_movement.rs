use super::{ProductId, StockMovementId, WarehouseId};
use crate::data_imports::DataImportId;
use crate::{MinorUnits, Owned, Quantity, TenantId, TenantScoped, Timestamp, identity::MembershipId};
use sea_orm::entity::prelude::*;

/// One change of stock, never edited and never deleted; an error is undone by its reverse.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StockMovementId,
    pub product_id: ProductId,
    pub warehouse_id: WarehouseId,
    pub kind: StockMovementKind,
    /// Signed.
    pub quantity: Quantity,
    /// What the customer asked for, where a sale delivered less.
    pub ordered_quantity: Option<Quantity>,
    pub unit_cost: Option<MinorUnits>,
    pub reason: Option<String>,
    pub reference: Option<String>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub recorded_by: Option<MembershipId>,
    pub reverses_id: Option<StockMovementId>,
    /// The other half of a transfer.
    pub counterpart_id: Option<StockMovementId>,
    /// Who the caller says this is (`key:…`), or what an import found it to be (`row:…`); a second one is refused.
    pub dedup_key: Option<String>,
    /// SHA-256 of what the caller asked under the key; the same key with another is refused.
    pub fingerprint: Option<Vec<u8>>,
    /// The import that recorded it; of a reverse, the import that was undone. It outlives the import's row.
    pub import_id: Option<DataImportId>,
}

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockMovementKind {
    Receipt,
    Sale,
    CustomerReturn,
    SupplierReturn,
    Adjustment,
    WriteOff,
    TransferOut,
    TransferIn,
    Count,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = StockMovementId;
}

impl Owned for Entity {
    const OWNER: Column = Column::RecordedBy;
}
