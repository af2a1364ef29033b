//! One server on one listener, with and without TLS.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use axum_server::{
    Handle,
    accept::{Accept, NoDelayAcceptor},
    tls_rustls::RustlsConfig,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

/// How long requests may go on after a server has been told to end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// A server that serves in the background. Dropping it stops it, without waiting.
pub(crate) struct Server {
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    pub(crate) fn tls(listener: TcpListener, tls: &Arc<ServerConfig>, app: Router) -> io::Result<Self> {
        let handle = Handle::new();
        // Without it a small answer waits for the client to acknowledge the one before.
        let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls.clone()))?
            .map(|tls| tls.acceptor(NoDelayAcceptor))
            .handle(handle.clone());
        Ok(Self { handle, task: tokio::spawn(server.serve(app.into_make_service())) })
    }

    pub(crate) fn plain(listener: TcpListener, app: Router) -> io::Result<Self> {
        let handle = Handle::new();
        let server = axum_server::from_tcp(listener)?.handle(handle.clone());
        Ok(Self { handle, task: tokio::spawn(server.serve(app.into_make_service())) })
    }

    /// Answers every handshake with the alert `protocol_version`.
    pub(crate) fn tls_too_old(listener: TcpListener, app: Router) -> io::Result<Self> {
        let handle = Handle::new();
        let server = axum_server::from_tcp(listener)?.acceptor(TooOld).handle(handle.clone());
        Ok(Self { handle, task: tokio::spawn(server.serve(app.into_make_service())) })
    }

    pub(crate) async fn listening(&self) {
        self.handle.listening().await;
    }

    /// Takes no new connections and closes those that are idle; requests that are being answered are answered.
    pub(crate) fn retire(&self) {
        self.handle.graceful_shutdown(Some(LAST_ANSWERS));
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.task.is_finished()
    }

    /// Stops, and waits until the listener is gone.
    pub(crate) async fn stop(&mut self) {
        self.handle.shutdown();
        // A listener that ended with an error is as stopped as one that did not.
        (&mut self.task).await.ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// Refuses every version of TLS that a client could offer.
#[derive(Clone, Copy)]
struct TooOld;

impl<S: Send + 'static> Accept<TcpStream, S> for TooOld {
    type Stream = TcpStream;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(TcpStream, S)>> + Send>>;

    fn accept(&self, mut stream: TcpStream, _: S) -> Self::Future {
        Box::pin(async move {
            // A client that goes away in the middle has been refused as well.
            tokio::time::timeout(LAST_ANSWERS, alert(&mut stream)).await.ok();
            Err(io::Error::new(io::ErrorKind::Unsupported, "this server plays one without modern TLS"))
        })
    }
}

/// Reads the client's hello, then says that its version is not supported (RFC 8446, section 6.2).
async fn alert(stream: &mut TcpStream) -> io::Result<()> {
    const FATAL_PROTOCOL_VERSION: [u8; 7] = [21, 3, 3, 0, 2, 2, 70];
    const LARGEST_RECORD: u16 = 1 << 14;
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let length = u16::from_be_bytes([head[3], head[4]]).min(LARGEST_RECORD);
    stream.read_exact(&mut vec![0; usize::from(length)]).await?;
    stream.write_all(&FATAL_PROTOCOL_VERSION).await?;
    stream.shutdown().await?;
    stream.take(u64::from(LARGEST_RECORD)).read_to_end(&mut Vec::new()).await?;
    Ok(())
}
