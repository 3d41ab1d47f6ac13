//! Rows that change all day keep room beside them, so that a change finds its place on the same page and no index is written.

use crate::dialect;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261123_090100_rows_changed_in_place"
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
ALTER TABLE stock_levels SET (fillfactor = 90) -- postgres
;
ALTER TABLE streams SET (fillfactor = 90) -- postgres
;
ALTER TABLE service_days SET (fillfactor = 90) -- postgres
";

const DOWN: &str = "
ALTER TABLE service_days RESET (fillfactor) -- postgres
;
ALTER TABLE streams RESET (fillfactor) -- postgres
;
ALTER TABLE stock_levels RESET (fillfactor) -- postgres
";
