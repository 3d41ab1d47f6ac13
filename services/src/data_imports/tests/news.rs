//! What people are told of an import.

use super::*;
use crate::data_imports::errors::RowError;
use crate::data_imports::source::Unreadable;
use crate::data_imports::{cancel, progress};
use crate::events;
use crate::inventory::movements;
use crate::locale::Locale;
use crate::notifications::{Category, Severity, words};
use chrono::TimeDelta;
use entities::notifications::notification;
use sea_orm::ColumnTrait;

/// What the owner was told: key, how much it matters, French words.
pub(super) async fn news(fixture: &Fixture) -> Vec<(String, Severity, String, String)> {
    let scope = fixture.again();
    let mut all =
        scope.select::<notification::Entity>().filter(notification::Column::Category.eq(Category::DataImport)).all().await.unwrap();
    all.sort_by_key(|row| row.id);
    let said = |row: &notification::Model| words(row, Locale::Fr, "Africa/Dakar");
    all.iter().map(|row| (row.key.clone(), row.severity, said(row).title, said(row).body)).collect()
}

#[tokio::test]
async fn whoever_started_an_import_is_told_of_its_end_once() {
    let fixture = Fixture::new().await;
    let rows = "sku,name\nA,Riz\nB,Huile\nA,Riz\n,Sel\n";
    let done = import(&fixture, products_of(rows)).await.unwrap();
    assert_eq!(counts(&done), (2, 1, 1));
    run_all(&fixture, &done, Pace::fixed(7)).await.unwrap();
    let told = news(&fixture).await;
    let (key, severity, title, body) = &told[0];
    assert_eq!((told.len(), key.as_str(), *severity, title.as_str()), (1, "import-completed", Severity::Warning, "Produits importés"));
    assert_eq!(body, "2 lignes importées, 1 laissée de côté, 1 refusée.");
    let row = fixture.again().select::<notification::Entity>().one().await.unwrap().unwrap();
    assert_eq!((row.subject_kind.as_deref(), row.subject_id), (Some("DataImport"), Some(done.id.0)));

    fixture.app.clock().advance(TimeDelta::milliseconds(1));
    import(&fixture, StartImport { dry_run: true, ..products_of("sku,name\nC,Thé\n") }).await.unwrap();
    let started = start(&fixture.again(), products_of("sku,name\nD,Lait\n")).await.unwrap();
    fixture.app.clock().advance(TimeDelta::milliseconds(1));
    let (scope, fault) = (fixture.again(), Unreadable::new("import-gave-up", 2));
    let txn = scope.begin().await.unwrap();
    progress::fail(&txn, &started, RowError::of_file(&fault, Locale::Fr)).await.unwrap();
    txn.commit().await.unwrap();
    fixture.app.clock().advance(TimeDelta::milliseconds(1));
    let started = start(&fixture.again(), products_of("sku,name\nE,Miel\n")).await.unwrap();
    cancel(&fixture.again(), started.id).await.unwrap();
    let keys: Vec<_> = news(&fixture).await.into_iter().map(|told| (told.0, told.1)).collect();
    let expected = [("import-completed", Severity::Warning), ("import-rehearsed", Severity::Info), ("import-failed", Severity::Warning)];
    assert_eq!(keys, expected.map(|(key, severity)| (key.to_owned(), severity)), "one's own cancelling is no news");
}

/// Whoever has a product's page open sees what an import brings, once for each chunk.
#[tokio::test]
async fn whoever_watches_a_product_is_told_of_what_an_import_moved() {
    let fixture = Fixture::new().await;
    let product = fixture.product().sku("A").create().await;
    movements::watch(&fixture.again(), product.id).await.unwrap();
    let mut watching = events::follow(&fixture.again(), movements::stream_of(product.id), None).await.unwrap();
    let unwatched = fixture.product().sku("B").create().await;
    let rows = "A,4,RECEIPT\n".repeat(10) + "A,1,SALE\nB,1,RECEIPT\n";
    import(&fixture, of(&format!("sku,quantity,kind\n{rows}"))).await.unwrap();
    let mut told = Vec::new();
    while told.len() < 2 {
        told.extend(watching.next().await.unwrap());
    }
    let moved = |payload: &str| serde_json::from_str::<serde_json::Value>(payload).unwrap()["quantity"].as_i64();
    assert_eq!(told.iter().map(|event| moved(&event.payload)).collect::<Vec<_>>(), [Some(28_000), Some(11_000)]);
    assert_eq!(events::cursor_at(&fixture.again(), &movements::stream_of(unwatched.id)).await.unwrap(), 0, "nobody watches it");
}

/// Who begins to watch while a chunk is under way reads a level that holds it.
#[tokio::test]
async fn whoever_begins_to_watch_waits_for_the_chunk_that_did_not_know() {
    let fixture = Fixture::new().await;
    let product = fixture.product().create().await;
    let (importing, watching) = (fixture.again(), fixture.again());
    let chunk = importing.begin().await.unwrap();
    assert!(events::followed(&chunk).await.unwrap().is_empty());
    let mut watch = tokio::spawn(async move { movements::watch(&watching, product.id).await });
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), &mut watch).await.is_err(), "it waits");
    chunk.commit().await.unwrap();
    watch.await.unwrap().unwrap();
    let followed = events::followed(&fixture.again().begin().await.unwrap()).await.unwrap();
    assert_eq!(followed.into_iter().collect::<Vec<_>>(), [movements::stream_of(product.id)]);
}
