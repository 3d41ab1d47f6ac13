//! A follower that is put away and goes on.

use super::{NewEvent, World, next};
use crate::events::{follow, resume};
use futures_util::FutureExt;

const MANY: i64 = 300;

#[tokio::test]
async fn an_ear_calls_and_what_it_knew_is_read_to_the_end() {
    let world = World::new(1, None).await;
    let scope = world.scope(0);
    let follower = follow(&scope, "s".into(), None).await.unwrap();
    let (ear, last) = (follower.ear(), follower.last());
    drop(follower);
    let mut called = ear.clone().beyond(last).boxed();
    assert!((&mut called).now_or_never().is_none(), "nothing happened yet");

    // More than one read gives.
    let writer = world.scope(0);
    let txn = writer.begin().await.unwrap();
    for number in 0..MANY {
        txn.record(NewEvent::new("s", "Written", serde_json::json!(number)));
    }
    txn.commit().await.unwrap();
    called.await;
    let mut follower = resume(&scope, "s".into(), last);
    drop(ear);
    let mut heard = Vec::new();
    while heard.len() < MANY as usize {
        heard.extend(next(&mut follower).await.iter().map(|event| event.seq));
    }
    assert_eq!(heard, (1..=MANY).collect::<Vec<_>>());
}
