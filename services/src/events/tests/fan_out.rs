use super::*;
use crate::Error;
use std::time::Duration;

#[tokio::test]
async fn a_thousand_followers_share_one_read() {
    let world = World::new(1, None).await;
    let mut followers = Vec::new();
    let mut scopes = Vec::new();
    for _ in 0..1000 {
        let scope = world.scope(0);
        followers.push(follow(&scope, "s".into(), None).await.unwrap());
        scopes.push(scope);
    }
    let sent = async |scopes: &[Scope]| {
        let mut sum = 0;
        for scope in scopes {
            sum += scope.statements().await;
        }
        sum
    };
    let before = sent(&scopes).await;
    for n in 1..=3 {
        write(&world.scope(0), "s", "x").await;
        let all = futures_util::future::join_all(followers.iter_mut().map(next)).await;
        assert!(all.iter().all(|events| events.len() == 1 && events[0].seq == n));
    }
    assert_eq!(sent(&scopes).await - before, 3, "one statement an event");
}

#[tokio::test]
async fn idle_followers_ask_nothing_and_a_slow_one_catches_up_alone() {
    let world = World::new(1, None).await;
    let scope = world.scope(0);
    let mut slow = follow(&scope, "s".into(), None).await.unwrap();
    let mut quick = follow(&world.scope(0), "s".into(), None).await.unwrap();
    let before = scope.statements().await;
    let idle = tokio::time::timeout(Duration::from_millis(1300), slow.next()).await;
    assert!(idle.is_err() && scope.statements().await == before, "no timer");
    let writer = world.scope(0);
    let mut seen = 0;
    for _ in 0..600 {
        write(&writer, "s", "x").await;
        seen = next(&mut quick).await.last().unwrap().seq;
    }
    assert_eq!(seen, 600);
    let mut last = 0;
    while last < 600 {
        for event in next(&mut slow).await {
            assert_eq!(event.seq, last + 1);
            last = event.seq;
        }
    }
}

#[tokio::test]
async fn a_cursor_of_the_future_or_of_what_is_gone_is_refused() {
    let world = World::new(1, None).await;
    for n in 0..3 {
        write(&world.scope(0), "s", &n.to_string()).await;
    }
    let refused = follow(&world.scope(0), "s".into(), Some(4)).await;
    assert!(matches!(refused, Err(Error::CursorUnknown)));
    let mut resumed = follow(&world.scope(0), "s".into(), Some(1)).await.unwrap();
    let seen: Vec<(i64, String)> = next(&mut resumed).await.iter().map(|event| (event.seq, event.payload.clone())).collect();
    assert_eq!(seen, [(2, "\"1\"".into()), (3, "\"2\"".into())]);
    let system = crate::SystemScope::new(&world.apps[0]);
    let tx = system.begin().await.unwrap();
    tx.statement(crate::sql!("forget.sql")).run().await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(follow(&world.scope(0), "s".into(), Some(1)).await, Err(Error::CursorExpired)));
    assert!(follow(&world.scope(0), "s".into(), Some(3)).await.is_ok());
}

#[tokio::test]
async fn a_caller_that_goes_away_while_committing_leaves_nobody_unaware() {
    let world = World::new(1, None).await;
    let mut follower = follow(&world.scope(0), "s".into(), None).await.unwrap();
    let scope = world.scope(0);
    for round in 0..60_u64 {
        let writing = write(&scope, "s", "x");
        let _ = tokio::time::timeout(Duration::from_micros(20 * round), writing).await;
    }
    write(&scope, "s", "last").await;
    let mut last = 0;
    loop {
        let events = next(&mut follower).await;
        assert_eq!(events[0].seq, last + 1);
        last = events.last().unwrap().seq;
        if events.last().unwrap().payload == "\"last\"" {
            break;
        }
    }
    // Whatever was committed was heard: a further look finds nothing that was not handed out.
    assert_eq!(super::super::cursor_at(&world.scope(0), "s").await.unwrap(), last);
}
