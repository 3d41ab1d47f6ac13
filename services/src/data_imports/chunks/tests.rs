use super::*;
use crate::Reads;
use crate::data_imports::run::begin;
use crate::data_imports::survey::Bounds;
use crate::data_imports::tests::{check_sums, of, set_policy};
use crate::data_imports::{StartImport, start};
use crate::testing::Fixture;
use entities::identity::organization::NegativeStockPolicy::{Allow, Forbid, Warn};
use entities::inventory::{product, stock_level};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// One that is thrown away is written twice, which nothing but the time it takes would show.
#[tokio::test]
async fn the_next_chunk_is_written_early_and_kept_unless_levels_decide() {
    for (policy, kept) in [(Allow, true), (Warn, true), (Forbid, false)] {
        let fixture = Fixture::new().await;
        if fixture.app.database().backend() != DbBackend::Postgres {
            return;
        }
        set_policy(&fixture, policy).await;
        let content = format!("sku,quantity,kind\n{}", "TISSU,1,RECEIPT\n".repeat(14));
        let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content) }).await.unwrap();
        let (scope, source) = (fixture.again(), Source::Content(content));
        let most = Bounds { bytes: 1 << 20, rows: 100 };
        let import = begin(&scope, &import, &source, most).await.unwrap();
        let mut run = Run::new(&scope, import, source, most.bytes, Pace::fixed(7)).await.unwrap();
        let (first, next) = (run.reader.next(7).await.unwrap().unwrap(), run.reader.next(7).await.unwrap());
        let (settled, following) = run.take(&first, None, &next).await.unwrap();
        assert!(matches!(settled, Settled::Further(_)));
        assert_eq!(following.is_some(), kept, "{policy:?}");
    }
}

/// Another holds the level this chunk adds to, and waits for the product the next one has written.
#[tokio::test]
async fn whoever_waits_for_the_next_chunk_is_not_waited_for_in_vain() {
    let fixture = Fixture::new().await;
    if fixture.app.database().backend() != DbBackend::Postgres {
        return;
    }
    let (old, level) = {
        let old = fixture.product().sku("ANCIEN").on_hand(5).create().await;
        let level = fixture.again().select::<stock_level::Entity>().one().await.unwrap().unwrap();
        (old, level)
    };
    let content = format!("sku,quantity,kind\n{}{}", "ANCIEN,1,RECEIPT\n".repeat(7), "NOUVEAU,1,RECEIPT\n".repeat(7));
    let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content) }).await.unwrap();
    let (scope, other, source) = (fixture.again(), fixture.again(), Source::Content(content));
    let most = Bounds { bytes: 1 << 20, rows: 100 };
    let import = begin(&scope, &import, &source, most).await.unwrap();
    let run = Run::new(&scope, import, source, most.bytes, Pace::fixed(7)).await.unwrap();
    let txn = other.begin().await.unwrap();
    txn.lock::<stock_level::Entity>(level.id).await.unwrap();
    let another = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let new = product::Model { id: other.new_id(), sku: "NOUVEAU".into(), ..old };
        txn.insert(new.into_active_model().reset_all()).await.unwrap();
        txn.commit().await.unwrap();
    };
    let both = async { tokio::join!(run.run_to_the_end(), another).0 };
    let import = tokio::time::timeout(Duration::from_secs(20), both).await.expect("nobody waits for ever").unwrap();
    assert_eq!(import.rows_applied, 14);
    check_sums(&fixture).await;
}
