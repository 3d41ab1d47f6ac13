//! Readers who read alike are executed once, and nobody misses or doubles an event for it.

use crate::edge_kit::{Server, settings, start};
use crate::edge_ws::Socket;
use api::edge::Readers;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

const NEWS: &str = "subscription($after: String, $topic: String) { news(after: $after, topic: $topic) }";

async fn server(readers: Readers) -> Server {
    let mut settings = settings();
    settings.shared.insert("news".into(), readers);
    let server = start(settings).await;
    server.toy.restless.store(true, Ordering::SeqCst); // executions are counted
    server
}

async fn reader(server: &Server, bearer: &str, document: &str, variables: Value) -> Socket {
    let mut socket = Socket::acked(server, bearer).await;
    let payload = json!({"query": document, "variables": variables});
    socket.say(json!({"type": "subscribe", "id": "n", "payload": payload})).await;
    socket
}

/// Waits until so many executions read the news.
async fn reading(server: &Server, executions: usize) {
    for _ in 0..300 {
        if server.toy.news.receiver_count() == executions {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} executions read the news, not {executions}", server.toy.news.receiver_count());
}

async fn hears(socket: &mut Socket, numbers: impl IntoIterator<Item = i64>) {
    for number in numbers {
        assert_eq!(socket.message().await, json!({"type": "next", "id": "n", "payload": {"data": {"news": number}}}));
    }
}

/// A socket answers in order, so what it was sent before has been taken.
async fn settled(socket: &mut Socket) {
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.message().await, json!({"type": "pong"}));
}

fn publish(server: &Server, newest: i64) {
    server.toy.news.send_replace(newest);
}

#[tokio::test]
async fn those_who_read_alike_are_executed_once() {
    let server = server(Readers::All).await;
    let mut sockets = Vec::new();
    for bearer in ["good", "operator", "good"] {
        sockets.push(reader(&server, bearer, NEWS, json!({})).await);
        reading(&server, 1).await;
    }
    for socket in &mut sockets {
        settled(socket).await;
    }
    publish(&server, 3);
    for socket in &mut sockets {
        hears(socket, 1..=3).await;
    }
    assert_eq!(server.toy.executed.load(Ordering::SeqCst), 1);
    drop(sockets);
    reading(&server, 0).await;
}

#[tokio::test]
async fn other_people_and_other_variables_are_not_alike() {
    let server = server(Readers::OnePerson).await;
    let first = reader(&server, "good", NEWS, json!({})).await;
    reading(&server, 1).await;
    let second = reader(&server, "operator", NEWS, json!({})).await;
    reading(&server, 2).await;
    let third = reader(&server, "good", NEWS, json!({"topic": "rice"})).await;
    reading(&server, 3).await;
    let fourth = reader(&server, "good", "subscription { other: news }", json!({})).await;
    reading(&server, 4).await;
    drop((first, second, third, fourth));
    reading(&server, 0).await;
}

#[tokio::test]
async fn whoever_resumes_joins_where_it_stood() {
    let server = server(Readers::All).await;
    let mut first = reader(&server, "good", NEWS, json!({})).await;
    reading(&server, 1).await;
    publish(&server, 3);
    hears(&mut first, 1..=3).await;
    for from in [0, 2, 3] {
        let mut socket = reader(&server, "good", NEWS, json!({"after": from.to_string()})).await;
        hears(&mut socket, from + 1..=3).await;
        settled(&mut socket).await;
    }
    let mut literal = reader(&server, "good", "subscription { news(after: \"1\") }", json!({})).await;
    hears(&mut literal, 2..=3).await;
    let mut again = reader(&server, "good", "subscription { news(after: \"1\") }", json!({})).await;
    hears(&mut again, 2..=3).await;
    publish(&server, 4);
    for socket in [&mut first, &mut literal, &mut again] {
        hears(socket, [4]).await;
    }
    // One for the variable, one for the literal: their documents differ.
    assert_eq!(server.toy.executed.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_cursor_from_elsewhere_is_read_alone() {
    let server = server(Readers::All).await;
    publish(&server, 10);
    let mut first = reader(&server, "good", NEWS, json!({})).await;
    reading(&server, 1).await;
    let mut early = reader(&server, "good", NEWS, json!({"after": "7"})).await;
    hears(&mut early, 8..=10).await;
    let mut same = reader(&server, "good", NEWS, json!({"after": "10"})).await;
    settled(&mut same).await;
    publish(&server, 11);
    for socket in [&mut first, &mut early, &mut same] {
        hears(socket, [11]).await;
    }
    assert_eq!(server.toy.executed.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_default_cursor_counts_and_one_used_below_is_never_shared() {
    let server = server(Readers::All).await;
    publish(&server, 5);
    let defaulted = "subscription($from: String = \"3\") { news(after: $from) }";
    for _ in 0..2 {
        let mut socket = reader(&server, "good", defaulted, json!({})).await;
        hears(&mut socket, 4..=5).await;
    }
    let skipped = "subscription($after: String, $no: Boolean!) { news(after: $after) @skip(if: $no) }";
    let first = reader(&server, "good", skipped, json!({"no": false})).await;
    let second = reader(&server, "good", skipped, json!({"no": false})).await;
    reading(&server, 2).await;
    drop((first, second));
}

#[tokio::test]
async fn a_crowd_hears_everything_in_order() {
    let server = server(Readers::All).await;
    let mut sockets = Vec::new();
    for _ in 0..40 {
        let mut socket = reader(&server, "good", NEWS, json!({"after": "0"})).await;
        settled(&mut socket).await;
        sockets.push(socket);
    }
    let readers = sockets.into_iter().map(|mut socket| tokio::spawn(async move { hears(&mut socket, 1..=100).await }));
    let readers: Vec<_> = readers.collect();
    for number in 1..=100 {
        publish(&server, number);
        tokio::task::yield_now().await;
    }
    for reader in readers {
        reader.await.expect("heard");
    }
    assert_eq!(server.toy.executed.load(Ordering::SeqCst), 1);
}

/// At its start there is nothing to say: it rests whatever the pause, and is executed when there is something.
#[tokio::test]
async fn who_has_nothing_to_say_at_its_start_rests_at_once() {
    let mut settings = settings();
    settings.sockets.rest_after = Duration::from_secs(600);
    let server = start(settings).await;
    let mut socket = reader(&server, "good", NEWS, json!({})).await;
    settled(&mut socket).await;
    let executed = || server.toy.executed.load(Ordering::SeqCst);
    assert_eq!(executed(), 1);
    for newest in 1..=3 {
        publish(&server, newest);
        hears(&mut socket, [newest]).await;
        assert_eq!(executed(), 2, "executed for the first of them, and kept for the others");
    }
}

/// Each pause is long enough to rest, or not, or just about.
#[tokio::test]
async fn whoever_rests_misses_nothing_and_hears_nothing_twice() {
    let mut settings = settings();
    settings.shared.insert("news".into(), Readers::All);
    settings.sockets.rest_after = Duration::from_millis(5);
    let server = start(settings).await;
    let mut sockets = Vec::new();
    for (bearer, variables) in
        [("good", json!({})), ("operator", json!({})), ("good", json!({"topic": "its own"})), ("good", json!({"after": "0"}))]
    {
        sockets.push(reader(&server, bearer, NEWS, variables).await);
        settled(sockets.last_mut().unwrap()).await;
    }
    reading(&server, 2).await;
    for number in 1..=60 {
        publish(&server, number);
        tokio::time::sleep(Duration::from_millis(number as u64 % 4 * 4)).await;
    }
    for socket in &mut sockets {
        hears(socket, 1..=60).await;
    }
    assert!(server.toy.executed.load(Ordering::SeqCst) > 10, "they rested, and were executed again");
    let late = json!({"after": "40"});
    hears(&mut reader(&server, "good", NEWS, late).await, 41..=60).await;
}
