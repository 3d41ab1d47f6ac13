//! One SQL text for two databases.
//!
//! | placeholder | PostgreSQL | SQLite | holds |
//! |---|---|---|---|
//! | `{id}` | `uuid` | `blob` | a UUID |
//! | `{bytes}` | `bytea` | `blob` | bytes |
//! | `{schema}` | the schema of the step's tables | – | where a function finds a table: one that sets its own search path costs more |
//! | `{key}` | `tenant_id … NOT NULL, id … NOT NULL`, and `PRIMARY KEY (tenant_id, id)` at the end | the same | the head of a tenant's table |
//!
//! A line that ends in `-- postgres` or `-- sqlite` is kept for that database alone.
//! Instants and whole numbers are `bigint`, truth values `boolean`, everything else `text`, on both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

/// A step that is SQL alone, there and back.
pub struct Plain {
    pub name: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

impl MigrationName for Plain {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Plain {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, self.down).await
    }
}

/// Runs the statements of a step, separated by a line holding only `;`.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let (backend, schema) = (manager.get_database_backend(), schema(manager, sql).await?);
    for statement in render(backend, sql).replace("{schema}", &schema).split("\n;\n") {
        let statement = statement.trim().trim_end_matches(';');
        if !statement.is_empty() {
            manager.get_connection().execute_unprepared(statement).await?;
        }
    }
    Ok(())
}

/// The schema that a step makes its tables in, asked for where its text names it.
async fn schema(manager: &SchemaManager<'_>, sql: &str) -> Result<String, DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres || !sql.contains("{schema}") {
        return Ok(String::new());
    }
    let schema = Statement::from_string(DbBackend::Postgres, "SELECT quote_ident(current_schema())");
    let schema = manager.get_connection().query_one_raw(schema).await?;
    schema.ok_or_else(|| DbErr::Migration("no schema to create in".to_owned()))?.try_get_by_index(0)
}

/// Drops tables, the last made first.
pub async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager.get_connection().execute_unprepared(&format!("DROP TABLE {table}")).await?;
    }
    Ok(())
}

/// Makes a ledger refuse UPDATE and DELETE, whoever asks.
pub async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        DbBackend::Postgres => format!(
            "CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION '{table} is append-only'; END $$
\n;\nCREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
             FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()"
        ),
        _ => format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
\n;\nCREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
             BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        ),
    };
    run(manager, &sql).await
}

/// Drops what a ledger that is gone leaves behind: its triggers went with it, PostgreSQL's function did not.
pub async fn no_longer_append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    run(manager, &format!("DROP FUNCTION {table}_is_append_only() -- postgres")).await
}

fn render(backend: DbBackend, sql: &str) -> String {
    let postgres = backend == DbBackend::Postgres;
    let (id, bytes, other) = if postgres { ("uuid", "bytea", "-- sqlite") } else { ("blob", "blob", "-- postgres") };
    let kept = sql.lines().filter(|line| !line.trim_end().ends_with(other)).collect::<Vec<_>>().join("\n");
    let keyed = kept.split("\n;\n").map(with_key).collect::<Vec<_>>().join("\n;\n");
    keyed.replace("{key}", "tenant_id {id} NOT NULL, id {id} NOT NULL").replace("{id}", id).replace("{bytes}", bytes)
}

/// SQLite wants a table's constraints behind its columns.
fn with_key(statement: &str) -> String {
    match statement.trim_end().strip_suffix(')') {
        Some(body) if statement.contains("{key}") => format!("{body},\n  PRIMARY KEY (tenant_id, id))"),
        _ => statement.to_owned(),
    }
}

/// Declares a step whose `up` is one SQL text and whose `down` drops what it made.
#[macro_export]
macro_rules! step {
    ($name:literal, tables: [$($table:literal),* $(,)?], append_only: [$($ledger:literal),* $(,)?], $sql:expr) => {
        pub struct Step;

        impl sea_orm_migration::MigrationName for Step {
            fn name(&self) -> &str { $name }
        }

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                $crate::dialect::run(manager, $sql).await?;
                $( $crate::dialect::append_only(manager, $ledger).await?; )*
                Ok(())
            }
            async fn down(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                $crate::dialect::drop_tables(manager, &[$($table),*]).await?;
                $( $crate::dialect::no_longer_append_only(manager, $ledger).await?; )*
                Ok(())
            }
        }
    };
}
