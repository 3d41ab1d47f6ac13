//! Where a test runs: a folder, a database of its own, and a process on them.

use crate::App;
use crate::scope::{Clock, Random};
use crate::settings::Settings;
use entities::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Keeps a test's folder and database until it is dropped.
pub struct Place {
    folder: tempfile::TempDir,
    database: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        crate::scope::test_databases::is_over(&self.database);
    }
}

impl Place {
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// A process on a fresh, migrated database, its clock at `now`.
pub async fn empty_app(now: Timestamp) -> (App, Arc<Place>) {
    app_with(Clock::manual(now), &[]).await
}

/// A process on a fresh, migrated database, with further settings.
pub async fn app_with(clock: Clock, vars: &[(&str, &str)]) -> (App, Arc<Place>) {
    app_of(clock, vars, |_| ()).await
}

/// The same, with settings that no variable can say.
pub(super) async fn app_of(clock: Clock, vars: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> (App, Arc<Place>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    all.insert("DATA_DIR".into(), folder.path().display().to_string());
    let database = fresh_database(folder.path()).await;
    all.insert("DATABASE_URL".into(), database.clone());
    all.insert("SQLITE_DURABLE".into(), "false".into());
    all.insert("DATABASE_MAX_CONNECTIONS".into(), "6".into());
    // Tests ask more than people do; those of the limits set their own.
    all.extend(["RATE_LIMIT_USER", "RATE_LIMIT_ADDRESS"].map(|name| (name.to_owned(), "0".to_owned())));
    if let Ok(redis) = std::env::var("REDIS_URL") {
        all.insert("REDIS_URL".into(), redis);
    }
    all.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut settings = Settings::from_map(all).expect("the test's settings are right");
    change(&mut settings);
    let app = App::start_with(settings, clock, Random::System).await.expect("the test's database is there");
    (app, Arc::new(Place { folder, database }))
}

async fn fresh_database(folder: &std::path::Path) -> String {
    match postgres_server() {
        Some(server) => crate::scope::test_databases::make(&server).await,
        None => sqlite_copy(folder).await,
    }
}

/// The address of a database that was never migrated.
pub async fn bare_database() -> (String, Place) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = match postgres_server() {
        Some(server) => crate::scope::test_databases::make_empty(&server).await,
        None => format!("sqlite:{}", folder.path().join("teranga.db").display()),
    };
    (database.clone(), Place { folder, database })
}

fn postgres_server() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| url.starts_with("postgres"))
}

async fn sqlite_copy(folder: &std::path::Path) -> String {
    static TEMPLATE: OnceCell<tempfile::TempDir> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(|| async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let template = format!("sqlite:{}", folder.path().join("template.db").display());
        crate::scope::test_databases::migrate(&template).await;
        folder
    });
    let file = folder.join("teranga.db");
    std::fs::copy(template.await.path().join("template.db"), &file).expect("the template is copied");
    format!("sqlite:{}", file.display())
}
