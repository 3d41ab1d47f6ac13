//! Listens, and stops listening without dropping anybody.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Routes;

/// Kubernetes waits 30 seconds; we are done before.
const DRAIN: Duration = Duration::from_secs(25);
/// Time for the head of a request, and to stay idle between two.
const HEAD: Duration = Duration::from_secs(30);
const HEAD_BYTES: usize = 64 * 1024;

/// Serves until `shutdown` is cancelled, then lets what runs come to its end.
///
/// Sockets are closed with 1001, requests under way are answered, at most 25 seconds long.
pub async fn serve(listener: TcpListener, routes: Routes, shutdown: CancellationToken) -> std::io::Result<()> {
    let local = listener.local_addr()?;
    let routes = Arc::new(routes);
    let connections = TaskTracker::new();
    tracing::info!(%local, "listening on {local}");
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let addresses = (LocalAddr(local.into()), RemoteAddr(peer.into()));
                connections.spawn(connection(stream, addresses, routes.clone(), shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await; // out of descriptors: wait for some
            }
        }
    }
    drop(listener);
    drain(&routes, &connections).await;
    Ok(())
}

async fn drain(routes: &Routes, connections: &TaskTracker) {
    let sockets = &routes.edge.tasks;
    routes.edge.stop.cancel();
    connections.close();
    sockets.close();
    let drained = async {
        connections.wait().await;
        sockets.wait().await;
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), sockets = sockets.len(), "stopped before everybody was done");
    }
}

async fn connection(stream: TcpStream, addresses: (LocalAddr, RemoteAddr), routes: Arc<Routes>, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (routes, (local, remote)) = (routes.clone(), addresses.clone());
        async move {
            let request = Request::from((request, local, remote, Scheme::HTTP));
            let response = routes.get_response(request).await;
            Ok::<http::Response<_>, Infallible>(response.into())
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        _ = serving.as_mut() => return,
        () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
