use super::database::Reader;
use super::*;
use crate::page::{LARGEST_TOTAL, PageArgs};
use crate::testing::Fixture;
use entities::identity::role;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

async fn statement_timeout(tx: &Tx) -> String {
    let asked = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, "SHOW statement_timeout")).await;
    asked.unwrap().unwrap().try_get_by_index::<String>(0).unwrap()
}

#[tokio::test]
async fn what_a_person_waits_for_ends_in_the_database_too() {
    let fixture = Fixture::with(&[("DATABASE_MAX_CONNECTIONS", "1")]).await;
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
