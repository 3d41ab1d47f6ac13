//! The databases of tests on PostgreSQL: each is a copy of its process's template.
//!
//! A test's goes when a later test of the process is made, what is left at the end when a later process begins.

use super::{Database, DatabaseOptions};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Those whose tests are over.
static OVER: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The test of this database is over; an address of SQLite is let be.
pub fn is_over(url: &str) {
    if let Some((_, name)) = url.rsplit_once('/').filter(|_| url.starts_with("postgres")) {
        OVER.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
    }
}

/// Makes a migrated database on the server of this address, and gives its own.
pub async fn make(server: &str) -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| make_template(server)).await;
    make_of(server, template).await
}

/// The same without a table.
pub async fn make_empty(server: &str) -> String {
    make_of(server, "template0").await
}

async fn make_of(server: &str, template: &str) -> String {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    // One copy at a time: PostgreSQL refuses a template that somebody else is copying.
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let name = format!("teranga_test_{}_{}", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
    let _turn = TURN.lock().await;
    let admin = sea_orm::Database::connect(server).await.expect("DATABASE_URL can be reached");
    let over = std::mem::take(&mut *OVER.lock().unwrap_or_else(PoisonError::into_inner));
    drop_all(&admin, over, "WITH (FORCE)").await;
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
    admin.execute_unprepared(&copy).await.expect("this user may create databases");
    admin.close().await.expect("closed");
    beside(server, &name)
}

/// The address of another database of the same server.
fn beside(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("DATABASE_URL names a database");
    format!("{base}/{name}")
}

async fn make_template(server: &str) -> String {
    let name = format!("teranga_template_{}", std::process::id());
    let admin = sea_orm::Database::connect(server).await.expect("DATABASE_URL can be reached");
    let all = "SELECT datname::text FROM pg_database WHERE datname ~ '^teranga_(template|test)_[0-9]+(_|$)'";
    let all = admin.query_all_raw(Statement::from_string(DbBackend::Postgres, all)).await.expect("databases are listed");
    let all = all.iter().map(|row| row.try_get_by_index::<String>(0).expect("a name"));
    drop_all(&admin, all.filter(|left| !maker_lives(left)).collect(), "").await;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("this user may create databases");
    migrate(&beside(server, &name)).await;
    name
}

/// Migrates the database that others are copied from.
pub async fn migrate(url: &str) {
    let options = DatabaseOptions { url: url.to_owned(), max_connections: 2, durable: false };
    let database = Database::connect(&options).await.expect("the template is there");
    database.migrate().await.expect("the template migrates");
    database.close().await;
}

/// Whether the process in a database's name runs and is another than this; true where that cannot be seen.
fn maker_lives(database: &str) -> bool {
    let processes = Path::new("/proc");
    let (maker, own) = (database.split('_').nth(2).unwrap_or_default(), std::process::id().to_string());
    maker != own && (!processes.is_dir() || processes.join(maker).exists())
}

async fn drop_all(admin: &DatabaseConnection, names: Vec<String>, how: &str) {
    for name in names {
        // It may be in use by a process of another machine, or dropped by one of this.
        let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} {how}")).await;
    }
}
