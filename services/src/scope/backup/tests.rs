use super::programs::client;
use crate::inventory::movements;
use crate::locale::Locale;
use crate::scope::{Database, DatabaseOptions};
use crate::testing::{Fixture, change_database, movement};
use entities::inventory::stock_movement::StockMovementKind;
use sea_orm::DbBackend;
use tokio_util::sync::CancellationToken;

#[test]
fn the_password_is_in_the_environment_of_the_program_and_not_among_its_arguments() {
    for (url, argument, password) in [
        ("postgres://awa:t%C3%A9r%40nga+1@db:5432/x", "postgres://awa@db:5432/x", Some("tér@nga+1")),
        ("postgresql://awa@db/x?sslmode=require&password=geheim", "postgresql://awa@db/x?sslmode=require", Some("geheim")),
        ("postgres://awa@db/x", "postgres://awa@db/x", None),
    ] {
        let command = client("pg_dump", url).unwrap();
        let arguments: Vec<_> = command.as_std().get_args().collect();
        assert_eq!(arguments, ["--dbname", argument]);
        let known = command.as_std().get_envs().find(|(name, _)| *name == "PGPASSWORD").and_then(|(_, value)| value);
        assert_eq!(known, password.map(std::ffi::OsStr::new));
    }
}

#[tokio::test]
async fn a_restored_copy_has_equal_row_hashes() {
    let fixture = Fixture::new().await;
    fixture.product().on_hand(5).create().await;
    let before = fixture.app.database().fingerprint().await.unwrap();
    assert_eq!(before["stock_movements"].rows, 1);
    let file = fixture.data_dir().join("copy.backup");
    assert_eq!(fixture.app.database().backup(&file).await.unwrap(), before);
    assert!(fixture.app.database().backup(&file).await.is_err(), "a backup never overwrites another");
    fixture.product().on_hand(7).create().await;
    assert_ne!(fixture.app.database().fingerprint().await.unwrap(), before);
    let options: DatabaseOptions = fixture.app.settings().database.clone();
    fixture.app.database().close().await;
    Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
    assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), before);
}

#[tokio::test]
async fn what_only_a_later_release_knows_goes_with_a_restore() {
    let fixture = Fixture::new().await;
    let file = fixture.data_dir().join("copy.backup");
    let before = fixture.app.database().backup(&file).await.unwrap();
    change_database(&fixture.app, "CREATE TABLE loyalty_cards (id uuid REFERENCES organizations (id))").await;
    let options: DatabaseOptions = fixture.app.settings().database.clone();
    fixture.app.database().close().await;
    Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
    assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), before);
}

#[tokio::test]
async fn a_broken_copy_replaces_nothing() {
    let fixture = Fixture::new().await;
    let file = fixture.data_dir().join("copy.backup");
    fixture.app.database().backup(&file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    fixture.product().on_hand(7).create().await;
    let now = fixture.app.database().fingerprint().await.unwrap();
    let options: DatabaseOptions = fixture.app.settings().database.clone();
    fixture.app.database().close().await;
    for kept in [0, 10, whole.len() / 2, whole.len() - whole.len() / 8] {
        std::fs::write(&file, &whole[..kept]).unwrap();
        assert!(Database::connect(&options).await.unwrap().restore(&file).await.is_err(), "{kept} of {} bytes", whole.len());
        assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), now);
    }
}

#[tokio::test]
async fn nothing_is_restored_under_those_who_use_an_embedded_database() {
    let fixture = Fixture::new().await;
    if fixture.app.database().backend() != DbBackend::Sqlite {
        return;
    }
    let file = fixture.data_dir().join("copy.backup");
    fixture.app.database().backup(&file).await.unwrap();
    let options: DatabaseOptions = fixture.app.settings().database.clone();
    let refused = Database::connect(&options).await.unwrap().restore(&file).await.unwrap_err();
    assert!(refused.to_string().contains("stop the API"), "{refused}");
    fixture.product().on_hand(1).create().await;
    fixture.app.database().close().await;
    Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fingerprints_of_a_backup_are_those_of_the_copy_while_others_write() {
    let fixture = Fixture::new().await;
    let product = fixture.product().on_hand(5).create().await;
    let warehouse = fixture.warehouse().await;
    let (stop, writing) = (CancellationToken::new(), fixture.caller.clone());
    let (app, stopped) = (fixture.app.clone(), stop.clone());
    let writer = tokio::spawn(async move {
        let mut written = 0;
        while !stopped.is_cancelled() {
            let scope = writing.scope(&app, Locale::Fr).unwrap();
            movements::record(&scope, movement(&product, &warehouse, StockMovementKind::Receipt, 1)).await.unwrap();
            written += 1;
        }
        written
    });
    let (database, file) = (fixture.app.database(), fixture.data_dir().join("busy.backup"));
    while database.fingerprint().await.unwrap()["stock_movements"].rows < 5 {
        tokio::task::yield_now().await;
    }
    let told = database.backup(&file).await.unwrap();
    let reached = told["stock_movements"].rows;
    while database.fingerprint().await.unwrap()["stock_movements"].rows <= reached {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    assert!(writer.await.unwrap() >= reached, "it wrote all the while");
    let options: DatabaseOptions = fixture.app.settings().database.clone();
    database.close().await;
    Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
    assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), told);
}
