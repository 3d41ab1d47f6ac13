//! What an invoice or a delivery moved is found by its number.

use crate::dialect;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261123_090200_movements_by_reference"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}

const UP: &str = "
CREATE INDEX stock_movements_reference ON stock_movements (tenant_id, reference, occurred_at, id) WHERE reference IS NOT NULL
";

const DOWN: &str = "DROP INDEX stock_movements_reference";
