//! The TCP connection, tried over a host's addresses as the client does (Happy Eyeballs, RFC 8305, section 5).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the first address family has before the other one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(300);

/// Connects to the first address that answers. The family of the first address goes ahead of the other one.
pub(super) async fn connect(addresses: &[IpAddr], port: u16, deadline: Instant) -> io::Result<TcpStream> {
    let ahead =
        |address: &&IpAddr| addresses.first().is_some_and(|first| first.is_ipv4() == address.is_ipv4());
    let (first, other): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(ahead);
    if other.is_empty() {
        return in_turn(&first, port, deadline).await;
    }
    let mut first = pin!(in_turn(&first, port, deadline));
    match timeout(HEAD_START, &mut first).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(_)) => return in_turn(&other, port, deadline).await,
        Err(_) => {}
    }
    let other = pin!(in_turn(&other, port, deadline));
    match select(first, other).await {
        Either::Left((Ok(stream), _)) | Either::Right((Ok(stream), _)) => Ok(stream),
        Either::Left((Err(_), other)) => other.await,
        Either::Right((Err(_), first)) => first.await,
    }
}

/// Each address in turn, with an equal share of the time that is left; the last failure when none answers.
async fn in_turn(addresses: &[IpAddr], port: u16, deadline: Instant) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(1);
        let attempt = TcpStream::connect(SocketAddr::new(*address, port));
        match timeout_at(Instant::now() + share, attempt).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::Error::from(io::ErrorKind::TimedOut),
        }
    }
    Err(failure)
}
