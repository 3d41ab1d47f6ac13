use super::*;
use crate::testing::change_database;
use chrono::TimeDelta;
use std::collections::BTreeSet;

#[tokio::test]
async fn fifty_writers_and_several_sealers_make_one_chain() {
    let fixture = Fixture::new().await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let scope = fixture.again();
        writers.spawn(async move {
            for _ in 0..4 {
                crate::scope::retrying(|| async {
                    let txn = scope.begin().await?;
                    txn.audit(NewAudit::of("inventory.product.update"));
                    txn.commit().await
                })
                .await
                .unwrap();
            }
        });
    }
    for _ in 0..4 {
        let scope = fixture.again();
        writers.spawn(async move {
            for _ in 0..10 {
                crate::scope::retrying(|| seal_all(&scope)).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    seal_all(&fixture.again()).await.unwrap();
    let (events, links) = (events(&fixture).await, links(&fixture).await);
    assert_eq!(events.len(), 201, "the organisation's beginning, and 50 times four");
    assert_eq!(links.iter().map(|link| link.seq).collect::<Vec<_>>(), (1..=201).collect::<Vec<_>>());
    let sealed: BTreeSet<_> = links.iter().map(|link| link.event_id).collect();
    assert_eq!(sealed, events.iter().map(|event| event.id).collect(), "each once");
    for pair in links.windows(2) {
        assert_eq!(pair[0].hash, pair[1].prev_hash);
    }
    let found = verified(&fixture).await;
    assert_eq!((found.sealed, found.unsealed, found.broken), (201, 0, None));
}

/// The insert of one seal fails, as a worker dies there; afterwards it does not.
#[tokio::test]
async fn sealing_goes_on_where_it_was_cut_off() {
    let fixture = Fixture::new().await;
    write_many(&fixture.again(), 700).await;
    let (refuse, allow) = match fixture.app.database().sqlite_path() {
        Some(_) => {
            ("CREATE TRIGGER cut BEFORE INSERT ON audit_seals WHEN NEW.seq = 333 BEGIN SELECT RAISE(ABORT, 'cut'); END", "DROP TRIGGER cut")
        }
        None => (
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'cut'; END $$;
             CREATE TRIGGER cut BEFORE INSERT ON audit_seals FOR EACH ROW WHEN (NEW.seq = 333) EXECUTE FUNCTION cut()",
            "DROP TRIGGER cut ON audit_seals",
        ),
    };
    change_database(&fixture.app, refuse).await;
    assert!(seal_all(&fixture.again()).await.is_err());
    let cut = verified(&fixture).await;
    assert_eq!((cut.sealed, cut.unsealed, cut.broken), (250, 451, None), "whole batches");
    let before = links(&fixture).await;
    change_database(&fixture.app, allow).await;
    seal_all(&fixture.again()).await.unwrap();
    let after = links(&fixture).await;
    assert_eq!((after.len(), &after[..250]), (701, &before[..]), "what was sealed is as it was");
    seal_all(&fixture.again()).await.unwrap();
    assert_eq!(links(&fixture).await, after, "sealing again changes nothing");
    assert_eq!(verified(&fixture).await.broken, None);
}

#[tokio::test]
async fn a_pass_finds_every_organisation_and_the_night_finds_what_came_late() {
    let fixture = Fixture::new().await;
    let neighbour = fixture.neighbour().await;
    let system = SystemScope::new(&fixture.app);
    let pass = async |all| sweep(&system, &Running::detached(crate::work::PLATFORM), SweepUnsealed { all }).await.unwrap();
    pass(false).await;
    for shop in [&fixture, &neighbour] {
        let found = verified(shop).await;
        assert_eq!((found.sealed, found.unsealed, found.broken), (1, 0, None));
    }
    // Written down before what is sealed, committed after it.
    let late = fixture.again().new_id::<entities::audit::AuditEventId>();
    fixture.app.clock().advance(TimeDelta::hours(2));
    write_many(&fixture.again(), 1).await;
    pass(false).await;
    let values = match fixture.app.database().sqlite_path() {
        Some(_) => format!("x'{}', x'{}'", fixture.scope.tenant().0.simple(), late.0.simple()),
        None => format!("'{}', '{late}'", fixture.scope.tenant()),
    };
    let insert = "INSERT INTO audit_events (tenant_id, id, at, actor_kind, action, outcome, changes)";
    change_database(&fixture.app, &format!("{insert} VALUES ({values}, 1, 'SYSTEM', 'x.y.z', 'DONE', '{{}}')")).await;
    pass(false).await;
    assert_eq!(verified(&fixture).await.unsealed, 1);
    pass(true).await;
    let found = verified(&fixture).await;
    assert_eq!((found.sealed, found.unsealed, found.broken), (3, 0, None));
    write_anchors(&system).await.unwrap();
}

#[tokio::test]
async fn the_ledger_gives_each_organisation_one_job() {
    let fixture = Fixture::new().await;
    let system = SystemScope::new(&fixture.app);
    let mut job = Running::detached(crate::work::PLATFORM);
    job.lease_token = Some(uuid::Uuid::nil());
    for _ in 0..2 {
        sweep(&system, &job, SweepUnsealed::default()).await.unwrap();
    }
    let jobs = fixture.again().select::<entities::work::job::Entity>().all().await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["audit.seal"]);
}
