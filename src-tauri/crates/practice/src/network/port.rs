//! The authority's port. A scenario closes it or shows another certificate, which needs new connections, so the server
//! on it is replaced; between two servers the port stays reserved.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::watch,
};

use super::Server;
use crate::{scenario::Network, state::Tenant, tls::Certificates};

/// Pause between two looks at the port, and how many looks there are at most.
const PAUSE: Duration = Duration::from_millis(2);
const LOOKS: usize = 2_500;
const BACKLOG: u32 = 1_024;

/// What a client meets at the authority's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Own,
    OtherIssuer,
    OtherName,
    Ended,
    TooOld,
    Closed,
}

impl Face {
    /// What a scenario's network wants to be met.
    pub(crate) fn of(network: Option<Network>) -> Self {
        match network {
            Some(Network::PortClosed) => Self::Closed,
            Some(Network::OtherIssuer) => Self::OtherIssuer,
            Some(Network::OtherName) => Self::OtherName,
            Some(Network::Ended) => Self::Ended,
            Some(Network::TlsTooOld) => Self::TooOld,
            _ => Self::Own,
        }
    }
}

/// Tells the port's keeper what to show, and hears when it does. `None` is the end.
pub(crate) struct Door {
    wanted: watch::Sender<Option<Face>>,
    shown: watch::Sender<Option<Face>>,
}

impl Door {
    pub(crate) fn new(face: Face) -> Self {
        Self { wanted: watch::Sender::new(Some(face)), shown: watch::Sender::new(Some(face)) }
    }

    pub(crate) fn want(&self, face: Option<Face>) {
        self.wanted.send_replace(face);
    }

    /// Waits until the port shows what is wanted.
    pub(crate) async fn settled(&self) {
        let mut shown = self.shown.subscribe();
        // The sender is in this door, so it cannot be gone.
        shown.wait_for(|shown| *shown == *self.wanted.borrow()).await.ok();
    }
}

/// Follows the door until the end.
pub(crate) async fn keep(mut port: Port, tenant: Arc<Tenant>) {
    let mut wanted = tenant.door.wanted.subscribe();
    loop {
        let face = *wanted.borrow_and_update();
        match face {
            Some(face) => port.show(face).await,
            None => port.stop().await,
        }
        tenant.door.shown.send_replace(face);
        if face.is_none() || wanted.changed().await.is_err() {
            return;
        }
    }
}

/// The authority's port with the server on it.
pub(crate) struct Port {
    address: SocketAddr,
    app: Router,
    certificates: Certificates,
    face: Face,
    server: Option<Server>,
    /// Bound, so that nobody else takes the port, and not listening, so that connections are refused.
    reserved: Option<TcpSocket>,
    /// Servers that still answer their last requests.
    retired: Vec<Server>,
}

impl Port {
    pub(crate) async fn open(
        listener: TcpListener,
        face: Face,
        certificates: Certificates,
        app: Router,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let mut port =
            Self { address, app, certificates, face, server: None, reserved: None, retired: Vec::new() };
        if face == Face::Closed {
            drop(listener);
            port.reserved = Some(reserve(address)?);
        } else {
            let server = port.serve(listener, face)?;
            server.listening().await;
            port.server = Some(server);
        }
        Ok(port)
    }

    async fn show(&mut self, face: Face) {
        if face == self.face {
            return;
        }
        self.close().await;
        self.face = face;
        for _ in 0..LOOKS {
            if face == Face::Closed || self.reopen(face).await.is_ok() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn close(&mut self) {
        self.retired.retain(|server| !server.is_gone());
        let Some(server) = self.server.take() else {
            return;
        };
        server.retire();
        self.retired.push(server);
        for _ in 0..LOOKS {
            if TcpStream::connect(self.address).await.is_err() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.reserved = reserve(self.address).ok();
    }

    async fn reopen(&mut self, face: Face) -> io::Result<()> {
        let socket = match self.reserved.take() {
            Some(socket) => socket,
            None => reserve(self.address)?,
        };
        let listener = socket.listen(BACKLOG)?.into_std()?;
        let server = self.serve(listener, face)?;
        server.listening().await;
        self.server = Some(server);
        Ok(())
    }

    async fn stop(&mut self) {
        self.reserved = None;
        for server in self.server.iter_mut().chain(&mut self.retired) {
            server.stop().await;
        }
    }

    fn serve(&self, listener: TcpListener, face: Face) -> io::Result<Server> {
        let certificates = &self.certificates;
        let tls = match face {
            Face::TooOld => return Server::tls_too_old(listener, self.app.clone()),
            Face::OtherIssuer => &certificates.other_issuer,
            Face::OtherName => &certificates.other_name,
            Face::Ended => &certificates.ended,
            Face::Own | Face::Closed => &certificates.own,
        };
        Server::tls(listener, tls, self.app.clone())
    }
}

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows the option would let others listen on the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
