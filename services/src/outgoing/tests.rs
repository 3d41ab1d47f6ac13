//! What is asked and what is not, with a server that would answer.

use super::*;
use crate::testing::Fixture;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server of this machine that answers everything alike, and how often it was asked.
async fn server(answer: &'static [u8]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = socket.read(&mut [0; 4096]).await;
            let _ = socket.write_all(answer).await;
        }
    });
    (address, asked)
}

async fn ask(fixture: &Fixture, url: &str) -> Result<Answer, Trouble> {
    fixture.app.outgoing().get(&Url::parse(url).unwrap()).await
}

/// API7:2023: whatever an address is written as, nothing inside is asked.
#[tokio::test]
async fn an_address_inside_is_not_asked_however_it_is_written() {
    let fixture = Fixture::new().await;
    let (address, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
    let port = address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "ftp://example.sn/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://example.sn/".to_owned(),
        "https://user:secret@example.sn/".to_owned(),
    ] {
        assert!(ask(&fixture, &url).await.is_err(), "{url}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody came in");
}

#[tokio::test]
async fn a_network_of_ones_own_is_asked_and_its_redirect_not_followed() {
    let fixture = Fixture::with(&[("OUTGOING_NETWORKS", "127.0.0.0/8")]).await;
    let (inside, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let answer = ask(&fixture, &format!("http://{inside}/")).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
    let (elsewhere, _) = server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(ask(&fixture, &format!("http://{elsewhere}/")).await.unwrap().status, 302);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let fixture = Fixture::with(&[("OUTGOING_NETWORKS", "127.0.0.0/8")]).await;
    let long: &'static [u8] = Box::leak([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &vec![b'x'; LARGEST + 1]].concat().into_boxed_slice());
    let (address, _) = server(long).await;
    assert!(matches!(ask(&fixture, &format!("http://{address}/")).await, Err(Trouble::TooLong)));
}
