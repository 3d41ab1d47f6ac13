mod filled;
mod schema;

use super::database::Reader;
use super::*;
use crate::inventory::movements;
use crate::page::{LARGEST_TOTAL, PageArgs};
use crate::testing::Fixture;
use crate::testing::movement;
use entities::identity::role;
use entities::inventory::stock_level;
use entities::inventory::stock_movement::StockMovementKind;
use sea_orm::{ConnectionTrait, DbBackend, Statement, sqlx};
use std::collections::BTreeSet;

async fn statement_timeout(tx: &Tx) -> String {
    let asked = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, "SHOW statement_timeout")).await;
    asked.unwrap().unwrap().try_get_by_index::<String>(0).unwrap()
}

#[tokio::test]
async fn what_a_person_waits_for_ends_in_the_database_too() {
    let fixture = Fixture::on_one_connection().await;
    let database = fixture.app.database();
    if database.backend() != DbBackend::Postgres {
        println!("skipped: SQLite has no limit of the kind");
        return;
    }
    fixture.scope.end_read().await;
    assert_eq!(statement_timeout(&fixture.again().snapshot().await.unwrap()).await, "5s");
    assert_eq!(statement_timeout(&database.read(None, Reader::Person).await.unwrap()).await, "5s");
    let system = Scope::system(&fixture.app, fixture.scope.tenant(), Locale::Fr);
    assert_eq!(statement_timeout(&system.snapshot().await.unwrap()).await, "0", "the same connection, for a job");
    system.end_read().await;
    assert_eq!(statement_timeout(&database.write(None).await.unwrap()).await, "0", "and to write");
}

/// The pools of a test's PostgreSQL database; none on SQLite.
fn postgres(fixture: &Fixture) -> Option<&postgres::Postgres> {
    match &fixture.app.database().0 {
        database::Pool::Postgres(postgres) => Some(postgres),
        database::Pool::Sqlite { .. } => {
            println!("skipped: SQLite has no row-level security");
            None
        }
    }
}

#[tokio::test]
async fn every_table_of_an_organisation_is_behind_a_policy_that_nobody_bypasses() {
    let fixture = Fixture::new().await;
    let Some(postgres) = postgres(&fixture) else { return };
    let mut tx = postgres.long_read().await.unwrap();
    let walled = "SELECT c.relname::text FROM pg_class c WHERE c.relrowsecurity AND c.relforcerowsecurity
        AND (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid) = ARRAY['of_the_system', 'of_the_tenant']";
    let walled = sqlx::query_scalar::<_, String>(walled).fetch_all(&mut *tx).await.unwrap();
    let expected: BTreeSet<&str> = tables::TENANT_TABLES.iter().copied().chain(["organizations", "sessions"]).collect();
    assert_eq!(walled.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    let mighty = "SELECT count(*) FROM pg_roles r WHERE r.rolname IN ('teranga_app', 'teranga_system') AND (r.rolsuper OR r.rolbypassrls
        OR r.rolcanlogin OR r.rolcreaterole OR r.rolcreatedb OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid))";
    assert_eq!(sqlx::query_scalar::<_, i64>(mighty).fetch_one(&mut *tx).await.unwrap(), 0);
}

#[tokio::test]
async fn what_people_prove_themselves_with_is_out_of_every_organisations_reach() {
    let fixture = Fixture::new().await;
    let Some(postgres) = postgres(&fixture) else { return };
    fixture.stranger().await;
    for table in migration::row_security::SECRETS.iter().chain(&migration::row_security::ADDED_TO) {
        let mut mine = postgres.write(Some(fixture.scope.tenant())).await.unwrap();
        let refused = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT 1 FROM {table}"))).execute(&mut *mine).await.unwrap_err();
        assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{table}: {refused}");
    }
    let ended = async |tenant| {
        let mut tx = postgres.write(tenant).await.unwrap();
        let end = sqlx::query("UPDATE sessions SET revoked_at = 1").execute(&mut *tx).await.unwrap();
        end.rows_affected()
    };
    let all = ended(None).await;
    assert!(all > 1, "the system sees those of both");
    assert_eq!(ended(Some(fixture.scope.tenant())).await, all / 2, "who forgets to say whose sessions ends their own");
    assert_eq!(ended(Some(TenantId(Uuid::nil()))).await, 0);
}

#[tokio::test]
async fn postgresql_hides_other_organisations_from_statements_that_forget_the_tenant() {
    let fixture = Fixture::new().await;
    let Some(postgres) = postgres(&fixture) else { return };
    let (other, _) = fixture.stranger().await;
    let seen = async |tx: &mut connections::Connection| {
        let count = "SELECT (SELECT count(*) FROM roles) || ' ' || (SELECT count(*) FROM organizations)";
        sqlx::query_scalar::<_, String>(count).fetch_one(&mut **tx).await.unwrap()
    };
    let mut mine = postgres.write(Some(fixture.scope.tenant())).await.unwrap();
    assert_eq!(seen(&mut mine).await, "17 1");
    let theirs = sqlx::query("UPDATE roles SET name = 'x' WHERE tenant_id = $1").bind(other.tenant().0);
    assert_eq!(theirs.execute(&mut *mine).await.unwrap().rows_affected(), 0);
    let forged = sqlx::query("INSERT INTO streams (tenant_id, stream, seq) VALUES ($1, 'x', 1)").bind(other.tenant().0);
    let refused = forged.execute(&mut *mine).await.unwrap_err();
    assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{refused}");
    assert_eq!(seen(&mut postgres.write(None).await.unwrap()).await, "34 2", "the system sees both");
    let mut nobody = postgres.write(Some(TenantId(Uuid::nil()))).await.unwrap();
    assert_eq!(seen(&mut nobody).await, "0 0");
    sqlx::query("RESET app.tenant").execute(&mut *nobody).await.unwrap();
    assert_eq!(seen(&mut nobody).await, "0 0", "no tenant, no rows");
}

#[tokio::test]
async fn a_lone_statement_that_does_not_say_its_tenant_finds_nothing() {
    let fixture = Fixture::new().await;
    if postgres(&fixture).is_none() {
        return;
    }
    fixture.product().create().await;
    let products = async |alone: &alone::Alone| alone.select::<entities::inventory::product::Entity>().count().await.unwrap();
    assert_eq!(products(&fixture.scope.alone().await.unwrap()).await, 0);
    let saying = "SELECT set_config('app.tenant', $1, true)";
    let said = Statement::from_sql_and_values(DbBackend::Postgres, saying, [fixture.scope.tenant().0.to_string().into()]);
    let tx = fixture.app.database().alone(fixture.scope.tenant()).await.unwrap();
    tx.query_one_raw(said).await.unwrap();
    // The next takes the same connection, the last that was let go of.
    drop(tx);
    assert_eq!(products(&fixture.scope.alone().await.unwrap()).await, 0, "it was said for one statement");
}

/// Shops that take turns on one connection.
#[tokio::test]
async fn a_connection_never_acts_for_the_tenant_before() {
    let fixture = Fixture::on_one_connection().await;
    fixture.scope.end_read().await;
    let mut shops = Vec::new();
    for once in [1, 10, 100] {
        let shop = fixture.neighbour().await;
        shops.push((shop.product().create().await, shop.warehouse().await, shop, once, once * 3));
    }
    for round in 1..=100 {
        for (product, warehouse, shop, once, twice) in &shops {
            let receipt = |units| movement(product, warehouse, StockMovementKind::Receipt, units);
            movements::record(&shop.again(), receipt(*once)).await.unwrap();
            movements::record(&shop.again(), receipt(twice - once)).await.unwrap();
            let scope = shop.again();
            let levels = scope.select::<stock_level::Entity>().all().await.unwrap();
            assert_eq!(levels.iter().map(|level| level.on_hand.0 / 1000).collect::<Vec<_>>(), [round * twice]);
            scope.end_read().await;
            assert!(SystemScope::new(&fixture.app).read().await.is_ok());
        }
    }
}

#[tokio::test]
async fn a_total_is_counted_with_the_filter_and_ends_somewhere() {
    let fixture = Fixture::new().await;
    let total = async |scope: &Scope| {
        let args = PageArgs { first: Some(1), with_total: true, ..PageArgs::default() };
        scope.select::<role::Entity>().page(&args, &[]).await.unwrap().total
    };
    let (other, _) = fixture.stranger().await;
    let roles = fixture.scope.select::<role::Entity>().count().await.unwrap();
    assert_eq!((total(&fixture.again()).await, total(&other).await), (Some(roles), Some(roles)), "the organisation's own");
    assert!(roles < LARGEST_TOTAL);
}

#[tokio::test]
async fn no_role_of_ours_may_change_or_remove_what_is_audited() {
    let fixture = Fixture::new().await;
    let Some(postgres) = postgres(&fixture) else { return };
    for tenant in [Some(fixture.scope.tenant()), None] {
        let rewriting = ["UPDATE audit_events SET at = 0", "DELETE FROM audit_events", "DELETE FROM audit_seals", "TRUNCATE audit_seals"];
        for act in rewriting.into_iter().chain(["UPDATE operator_acts SET at = 0", "DELETE FROM operator_acts"]) {
            let mut tx = postgres.write(tenant).await.unwrap();
            let refused = sqlx::query(act).execute(&mut *tx).await.unwrap_err();
            assert_eq!(refused.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{act}: {refused}");
        }
    }
}
