//! Whoever has the database can change what the triggers guard; the chain says where.

use super::*;
use crate::App;
use crate::testing::change_database;

/// Changes a ledger with its triggers and references out of the way.
async fn tamper(app: &App, sql: &str) {
    if app.database().sqlite_path().is_none() {
        let tables = ["audit_events", "audit_seals"];
        let switch = |word: &str| tables.map(|table| format!("ALTER TABLE {table} {word} TRIGGER ALL;")).concat();
        return change_database(app, &format!("{} {sql}; {}", switch("DISABLE"), switch("ENABLE"))).await;
    }
    for table in ["audit_events", "audit_seals"] {
        for act in ["update", "delete"] {
            change_database(app, &format!("DROP TRIGGER IF EXISTS {table}_no_{act}")).await;
        }
    }
    change_database(app, &format!("PRAGMA foreign_keys = OFF; {sql}; PRAGMA foreign_keys = ON")).await;
}

fn bytes(app: &App, bytes: &[u8]) -> String {
    let hex = hex::encode(bytes);
    if app.database().sqlite_path().is_some() { format!("x'{hex}'") } else { format!("'\\x{hex}'::bytea") }
}

fn event_at(seq: i64) -> String {
    format!("(SELECT s.event_id FROM audit_seals s WHERE s.seq = {seq})")
}

#[tokio::test]
async fn both_databases_refuse_to_change_or_remove_what_is_audited() {
    let fixture = Fixture::new().await;
    seal_all(&fixture.again()).await.unwrap();
    for table in ["audit_events", "audit_seals"] {
        for act in [format!("UPDATE {table} SET tenant_id = tenant_id"), format!("DELETE FROM {table}")] {
            let refused = fixture.app.database().change(&act).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{act}: {refused}");
        }
    }
    let found = verified(&fixture).await;
    assert_eq!((found.sealed, found.unsealed, found.broken), (1, 0, None));
}

/// Makes a change, finds the first break, and takes the change back.
async fn finds(fixture: &Fixture, (change, back): (String, String), wanted: (i64, Fault)) {
    tamper(&fixture.app, &change).await;
    let found = verified(fixture).await;
    assert_eq!(found.sealed, wanted.0 - 1, "all before it holds: {change}");
    assert_eq!(found.broken.map(|broken| (broken.seq, broken.what)), Some(wanted), "{change}");
    tamper(&fixture.app, &back).await;
    assert_eq!(verified(fixture).await.broken, None, "{back}");
}

#[tokio::test]
async fn of_ten_thousand_rows_the_one_that_was_touched_is_named() {
    let fixture = Fixture::new().await;
    for _ in 0..10 {
        write_many(&fixture.again(), 1000).await;
    }
    seal_all(&fixture.again()).await.unwrap();
    assert_eq!((verified(&fixture).await.sealed, verified(&fixture).await.broken), (10_001, None));
    let (app, links) = (&fixture.app, links(&fixture).await);
    let event = |set: &str, seq| format!("UPDATE audit_events SET {set} WHERE id = {}", event_at(seq));
    finds(
        &fixture,
        (event("changes = replace(changes, 'n', 'o')", 4321), event("changes = replace(changes, 'o', 'n')", 4321)),
        (4321, Fault::Differs),
    )
    .await;
    finds(&fixture, (event("address = ''", 1), event("address = NULL", 1)), (1, Fault::Differs)).await;
    finds(&fixture, (event("at = at + 1", 10_001), event("at = at - 1", 10_001)), (10_001, Fault::Differs)).await;
    let seal = |column: &str, value: &[u8], seq| format!("UPDATE audit_seals SET {column} = {} WHERE seq = {seq}", bytes(app, value));
    let flipped = |value: &[u8]| [&[value[0] ^ 1], &value[1..]].concat();
    let (hash, prev) = (&links[9998].hash, &links[49].prev_hash);
    finds(&fixture, (seal("hash", &flipped(hash), 9999), seal("hash", hash, 9999)), (9999, Fault::Differs)).await;
    finds(&fixture, (seal("prev_hash", &flipped(prev), 50), seal("prev_hash", prev, 50)), (50, Fault::OutOfOrder)).await;
    let moved = |from, to| format!("UPDATE audit_seals SET seq = {to} WHERE seq = {from}");
    finds(&fixture, (moved(6000, 1_000_000), moved(1_000_000, 6000)), (6000, Fault::SealGone)).await;
    let swap = || [moved(700, 1_000_000), moved(800, 700), moved(1_000_000, 800)].join("; ");
    finds(&fixture, (swap(), swap()), (700, Fault::OutOfOrder)).await;
}

#[tokio::test]
async fn what_was_taken_out_put_in_or_cut_off_is_named() {
    let fixture = Fixture::new().await;
    write_many(&fixture.again(), 99).await;
    seal_all(&fixture.again()).await.unwrap();
    let (app, links, system) = (&fixture.app, links(&fixture).await, SystemScope::new(&fixture.app));
    let broken = async || verified(&fixture).await.broken.map(|broken| (broken.seq, broken.what));
    tamper(app, &format!("DELETE FROM audit_events WHERE id = {}", event_at(90))).await;
    assert_eq!(broken().await, Some((90, Fault::EventGone)));
    tamper(app, "DELETE FROM audit_seals WHERE seq = 80").await;
    assert_eq!(broken().await, Some((80, Fault::SealGone)));
    let later = "UPDATE audit_seals SET seq = seq + 1000000 WHERE seq >= 70; UPDATE audit_seals SET seq = seq - 999999 WHERE seq > 1000000";
    // Whoever puts one in can give it a hash that holds; what follows it then does not.
    let forged = format!(
        "INSERT INTO audit_seals SELECT tenant_id, 70, {}, {}, {} FROM audit_seals WHERE seq = 1",
        unsealed_of_80(app, &links),
        bytes(app, &links[68].hash),
        bytes(app, &[7; 32])
    );
    tamper(app, &format!("{later}; {forged}")).await;
    assert_eq!(broken().await, Some((70, Fault::Differs)));
    // An end that is gone is missed by nobody but whoever kept the anchor.
    let anchor = (60, hex::encode(&links[59].hash));
    tamper(app, "DELETE FROM audit_seals WHERE seq >= 60").await;
    assert_eq!(broken().await, None);
    let tenant = Some(fixture.scope.tenant());
    let found = verify(&system, tenant, Some(&anchor)).await.unwrap().remove(0).broken.map(|broken| (broken.seq, broken.what));
    assert_eq!(found, Some((60, Fault::NotTheAnchor)));
    let anchor = (59, hex::encode(&links[57].hash));
    let found = verify(&system, tenant, Some(&anchor)).await.unwrap().remove(0).broken.map(|broken| (broken.seq, broken.what));
    assert_eq!(found, Some((59, Fault::NotTheAnchor)));
}

/// The event whose seal was removed.
fn unsealed_of_80(app: &App, links: &[link::Model]) -> String {
    let id = links[79].event_id.0;
    if app.database().sqlite_path().is_some() { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
}

/// On SQLite a column takes anything: what cannot be read is found all the same.
#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let fixture = Fixture::new().await;
    if fixture.app.database().sqlite_path().is_none() {
        println!("skipped: PostgreSQL's columns hold nothing of another type");
        return;
    }
    write_many(&fixture.again(), 20).await;
    seal_all(&fixture.again()).await.unwrap();
    tamper(&fixture.app, &format!("UPDATE audit_events SET at = 'yesterday' WHERE id = {}", event_at(12))).await;
    let broken = verified(&fixture).await.broken.unwrap();
    assert_eq!((broken.seq, broken.what), (12, Fault::Unreadable));
}
