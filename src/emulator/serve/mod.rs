//! The long-lived server: takes connections in for days, and whatever their clients do, holds nothing of them
//! afterwards.
//!
//! One address serves everything. The first byte of a connection tells TLS from plain HTTP; a target in absolute form
//! or `CONNECT` tells a client that takes this address for its proxy; what runs through a tunnel is served the same
//! way again. In reading order: [`site`] (what is served), this file (the door), `lobby` (places), `wire` (bytes), `connection` (what a client speaks),
//! `exchange` (request to answer), `delivery` (answer to bytes).
//!
//! Knows nothing of the tenant: it asks a [`site::Site`].

mod connection;
mod delivery;
mod exchange;
mod lobby;
pub mod site;
mod wire;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    clock::{Clock, limit::Allowance},
    emulator::{
        serve::{
            connection::{Closing, Guest, serve_connection},
            lobby::{Lobby, Stay},
            site::Site,
        },
        tls::{Authority, TlsError},
    },
};

/// What a client may cost. Times are real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections served at a time; further ones wait to be taken in. A usual limit of open files is 1024.
    pub connections: usize,
    /// How long a connection may be without a request while others wait to be taken in.
    pub grace: Duration,
    /// For the first byte, a TLS handshake, a request's head, and between two requests.
    pub head: Duration,
    /// For a request's body.
    pub body_time: Duration,
    /// For a client to take more of an answer.
    pub stuck: Duration,
    /// For open answers, once the server is to end.
    pub farewell: Duration,
    /// Bytes of a request's head; more is 431.
    pub head_bytes: usize,
    /// Bytes of a request's body; more is 413.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 800,
            grace: Duration::from_secs(1),
            head: Duration::from_secs(30),
            body_time: Duration::from_mins(2),
            stuck: Duration::from_secs(30),
            farewell: Duration::from_secs(5),
            head_bytes: 32 * 1024,
            body_bytes: 16 * 1024 * 1024,
        }
    }
}

/// How a site is served.
#[derive(Debug)]
pub struct Manner {
    /// Who vouches for the server to TLS clients.
    pub authority: Arc<Authority>,
    /// Whether the address itself speaks TLS. Clients that use it as a proxy speak plain HTTP to it all the same, and
    /// TLS to whomever they reach through it.
    pub tls: bool,
    /// What a client may cost.
    pub limits: Limits,
}

/// What all connections share.
struct Shared {
    site: Arc<dyn Site>,
    authority: Arc<Authority>,
    speaks_tls: bool,
    limits: Limits,
    address: SocketAddr,
}

impl Shared {
    /// Whether `host` and `port` are this server's own: a client that is told to use it as a proxy for everything asks
    /// it for itself.
    fn is_own(&self, host: &str, port: Option<u16>) -> bool {
        let local = match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || address == self.address.ip(),
            Err(_) => host == "localhost",
        };
        local && port == Some(self.address.port())
    }

    fn tls_config(&self, fallback: &str) -> Result<Arc<ServerConfig>, TlsError> {
        self.authority.server_config(fallback).map(Arc::new)
    }
}

/// A server that runs until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    closing: watch::Sender<bool>,
    door: JoinHandle<()>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Serves `site` at the address where `listener` listens.
    pub fn start(listener: TcpListener, site: Arc<dyn Site>, manner: Manner) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let Manner { authority, tls, limits } = manner;
        let shared = Arc::new(Shared { site, authority, speaks_tls: tls, limits, address });
        let (closing, closes) = watch::channel(false);
        let door = tokio::spawn(keep_door(listener, shared, Closing(closes)));
        Ok(Self { address, closing, door })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nobody in any more, lets open answers be written, and ends.
    pub async fn stop(self) {
        self.closing.send_replace(true);
        if let Err(error) = self.door.await {
            tracing::error!(%error, "the server did not end as it should");
        }
    }
}

async fn keep_door(listener: TcpListener, shared: Arc<Shared>, mut closing: Closing) {
    let lobby = Lobby::new(shared.limits.connections, shared.limits.grace);
    let (present, mut all_gone) = mpsc::channel(1);
    loop {
        let taken = tokio::select! {
            taken = take_in(&listener, &lobby) => taken,
            () = closing.told() => break,
        };
        let Some((stream, stay)) = taken else { continue };
        let guest = Guest { shared: Arc::clone(&shared), stay, _present: present.clone(), closing: closing.clone() };
        tokio::spawn(serve_connection(Arc::new(guest), stream));
    }
    drop((listener, present));
    let allowance = Allowance::new(shared.limits.farewell);
    if Clock::system().limit(&allowance, all_gone.recv()).await.is_none() {
        tracing::warn!("some clients did not take their answers before the server ended");
    }
}

async fn take_in(listener: &TcpListener, lobby: &Arc<Lobby>) -> Option<(TcpStream, Stay)> {
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, lobby.seat().await?)),
        Err(error) => {
            // Most likely out of file descriptors: some will be free again in a moment.
            tracing::warn!(%error, "a connection cannot be taken in");
            Clock::system().sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
