//! Asking for an undo: what is refused, what is one and the same, what is told.

use super::news::news;
use super::resume::cut_off;
use super::undo::{go_on, mixed, shop, stands, undone};
use super::*;
use crate::data_imports::undo::{undo, undo_paced};
use crate::data_imports::{UndoImport, fail_stranded, run_undo};
use crate::locale::Locale;
use crate::notifications::words;
use crate::scope::SystemScope;
use crate::testing::change_database;
use crate::work::{self, Claimer, Outcome, PLATFORM, settle};
use chrono::TimeDelta;
use entities::data_imports::data_import::DataImportUndoState::{Completed, Failed};
use entities::notifications::notification;

#[tokio::test]
async fn what_cannot_be_undone_is_refused_and_says_why() {
    let fixture = shop().await;
    let rows = mixed(5);
    let running = start(&fixture.again(), of(&rows)).await.unwrap();
    let rehearsed = import(&fixture, StartImport { dry_run: true, ..of(&rows) }).await.unwrap();
    let products = import(&fixture, products_of("sku,name\nC,Thé\n")).await.unwrap();
    let empty = import(&fixture, of("sku,quantity,kind\nNULLE-PART,1,RECEIPT\n")).await.unwrap();
    for (import, key) in [
        (&running, "import-undo-not-over"),
        (&rehearsed, "import-undo-dry-run"),
        (&products, "import-undo-products"),
        (&empty, "import-undo-nothing"),
    ] {
        let Err(Error::Refused(why)) = undo(&fixture.again(), import.id).await else { panic!("{key}") };
        assert_eq!((why[0].code, why[0].message.as_str()), (Code::ForbiddenState, Locale::Fr.say(key, &[]).as_str()));
    }
    let neighbour = fixture.neighbour().await;
    let theirs = import(&neighbour, StartImport { create_missing: true, ..of(&rows) }).await.unwrap();
    assert_eq!(refusals(&undo(&fixture.again(), theirs.id).await.unwrap_err()), [(Code::NotFound, "id".into())]);
}

#[tokio::test]
async fn asked_again_while_it_runs_an_undo_is_one() {
    let fixture = shop().await;
    let done = import(&fixture, of(&mixed(20))).await.unwrap();
    let first = undo(&fixture.again(), done.id).await.unwrap();
    assert_eq!(undo(&fixture.again(), done.id).await.unwrap(), first);
    assert_eq!(stands(&go_on(&fixture, done.id).await), (Some(Completed), 20, 0));
}

#[tokio::test]
async fn an_undo_whose_job_died_is_failed_and_may_be_asked_for_again() {
    let fixture = shop().await;
    let system = SystemScope::new(&fixture.app);
    let done = import(&fixture, of(&mixed(20))).await.unwrap();
    // The import's own job was never claimed.
    change_database(&fixture.app, "DELETE FROM jobs").await;
    undo(&fixture.again(), done.id).await.unwrap();
    assert_eq!(fail_stranded(&system).await.unwrap(), 0, "its job waits");
    let job = Claimer::new(&fixture.app, "imports").claim(1).await.unwrap().remove(0);
    let _ = cut_off(undo_paced(&fixture.again(), &job, done.id, Pace::fixed(4)), 40).await;
    settle(&system, &[((job.id, job.lease_token.unwrap()), Outcome::Dead("timed out".into()))]).await.unwrap();
    assert_eq!(fail_stranded(&system).await.unwrap(), 1);
    let failed = find(&fixture.again(), done.id).await.unwrap().unwrap();
    assert_eq!((failed.undo_state, failed.is_at_rest()), (Some(Failed), true));
    assert!(news(&fixture).await.iter().any(|told| told.0 == "import-undo-failed"), "whoever asked is told");
    undo(&fixture.again(), done.id).await.unwrap();
    let job = Claimer::new(&fixture.app, "imports").claim(1).await.unwrap().remove(0);
    run_undo(&fixture.again(), &job, UndoImport { import: done.id }).await.unwrap();
    let now = find(&fixture.again(), done.id).await.unwrap().unwrap();
    assert_eq!(stands(&now), (Some(Completed), 20, 0));
    check_sums(&fixture).await;
}

#[tokio::test]
async fn the_end_of_an_undo_is_told_in_three_languages() {
    let fixture = shop().await;
    let done = import(&fixture, of(&mixed(20))).await.unwrap();
    fixture.app.clock().advance(TimeDelta::seconds(1));
    undone(&fixture, done.id).await;
    let all = fixture.again().select::<notification::Entity>().all().await.unwrap();
    let told = all.iter().find(|row| row.key == "import-undone").unwrap();
    assert_eq!((told.subject_kind.as_deref(), told.subject_id), (Some("DataImport"), Some(done.id.0)));
    for (locale, title, body) in [
        (Locale::Fr, "Mouvements importés annulés", "20 mouvements annulés."),
        (Locale::En, "Imported movements undone", "20 movements undone."),
        (Locale::Wo, "Far nañu yëngu-yëngu yi ñu dugaloon", "20 yëngu-yëngu far nañu leen."),
    ] {
        let said = words(told, locale, "Africa/Dakar");
        assert_eq!((said.title.as_str(), said.body.as_str()), (title, body));
    }
}

#[tokio::test]
async fn an_import_is_kept_until_its_undo_is_over() {
    let fixture = shop().await;
    let system = SystemScope::new(&fixture.app);
    let done = import(&fixture, of(&mixed(5))).await.unwrap();
    undo(&fixture.again(), done.id).await.unwrap();
    fixture.app.clock().advance(TimeDelta::days(400));
    let night = async || work::cleanup::run(&system, &Running::detached(PLATFORM), work::cleanup::CleanUp {}).await.unwrap();
    night().await;
    assert_eq!(stands(&go_on(&fixture, done.id).await), (Some(Completed), 5, 0));
    night().await;
    assert!(find(&fixture.again(), done.id).await.unwrap().is_none());
}
