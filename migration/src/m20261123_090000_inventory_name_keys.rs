//! Names are put in order alike on both databases: by a key folded by the product and compared by its bytes. So are the codes
//! that lists are sorted by, without a key. What a process of before writes has no key and stands first, until its name is
//! written again.

use crate::dialect;
use crate::folding::name_key;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261123_090000_inventory_name_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    /// On SQLite too: rows are filled between changes of the schema.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await?;
        for table in ["categories", "suppliers", "warehouses", "products"] {
            fill(manager, table).await?;
        }
        dialect::run(manager, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DOWN).await
    }
}

/// Gives every row of a table its key.
async fn fill(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let (mut tenant, mut id) = (Uuid::nil(), Uuid::nil());
    loop {
        let next = format!("SELECT tenant_id, id, name FROM {table} WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT {BATCH}");
        let rows = manager.get_connection().query_all_raw(statement(manager, next, vec![tenant.into(), id.into()])).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        (tenant, id) = (last.try_get_by_index(0)?, last.try_get_by_index(1)?);
        write(manager, table, &rows).await?;
    }
}

/// Rows in one statement: each has three values.
const BATCH: usize = 500;

async fn write(manager: &SchemaManager<'_>, table: &str, rows: &[QueryResult]) -> Result<(), DbErr> {
    let mut values: Vec<Value> = Vec::with_capacity(3 * rows.len());
    for row in rows {
        let name: String = row.try_get_by_index(2)?;
        values.extend([row.try_get_by_index::<Uuid>(0)?.into(), row.try_get_by_index::<Uuid>(1)?.into(), name_key(&name).into()]);
    }
    let places: Vec<String> = (0..rows.len()).map(|row| 3 * row).map(|at| format!("(${}, ${}, ${})", at + 1, at + 2, at + 3)).collect();
    let keys = format!(
        "UPDATE {table} SET name_key = k.column3 FROM (VALUES {}) AS k WHERE {table}.tenant_id = k.column1 AND {table}.id = k.column2",
        places.join(", ")
    );
    manager.get_connection().execute_raw(statement(manager, keys, values)).await.map(drop)
}

fn statement(manager: &SchemaManager<'_>, sql: String, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(manager.get_database_backend(), sql, values)
}

// SQLite keeps the text of a new column, a remark at its end included, which would hide what follows it.
const COLUMNS: &str = r#"
ALTER TABLE categories ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE suppliers ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE warehouses ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE products ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE products ALTER COLUMN sku TYPE text COLLATE "C" -- postgres
;
ALTER TABLE units ALTER COLUMN code TYPE text COLLATE "C" -- postgres
"#;

// Those of suppliers and warehouses by name stay: they keep names unique, and served the order beside it.
const INDEXES: &str = "
DROP INDEX products_name
;
CREATE INDEX products_name_key ON products (tenant_id, name_key, id)
;
CREATE INDEX suppliers_name_key ON suppliers (tenant_id, name_key, id)
;
CREATE INDEX warehouses_name_key ON warehouses (tenant_id, name_key, id)
";

const DOWN: &str = r#"
DROP INDEX warehouses_name_key
;
DROP INDEX suppliers_name_key
;
DROP INDEX products_name_key
;
ALTER TABLE units ALTER COLUMN code TYPE text COLLATE "default" -- postgres
;
ALTER TABLE products ALTER COLUMN sku TYPE text COLLATE "default" -- postgres
;
ALTER TABLE products DROP COLUMN name_key
;
ALTER TABLE warehouses DROP COLUMN name_key
;
ALTER TABLE suppliers DROP COLUMN name_key
;
ALTER TABLE categories DROP COLUMN name_key
;
CREATE INDEX products_name ON products (tenant_id, name, id)
"#;
