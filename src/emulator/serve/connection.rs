//! One connection: what its client speaks is told by the first byte, then its exchanges are served until it ends.

use std::{net::IpAddr, pin::pin, sync::Arc};

use futures::future::BoxFuture;
use hyper::{server::conn::http1, service::service_fn, upgrade::OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    clock::{Clock, limit::Allowance},
    emulator::{
        answer::Request,
        serve::{
            Shared,
            exchange::{Place, Way, exchange},
            lobby::Stay,
            wire::Wire,
        },
    },
};

/// The first byte of a TLS handshake (RFC 8446, 5.1), which no HTTP method begins with.
const HANDSHAKE: u8 = 0x16;

/// A client who is connected, until the last of its streams has ended.
pub(super) struct Guest {
    pub(super) shared: Arc<Shared>,
    /// A place among the connections that are served at a time.
    pub(super) stay: Stay,
    /// Held by everybody whom the end of the server waits for.
    pub(super) _present: mpsc::Sender<()>,
    pub(super) closing: Closing,
}

/// Tells that the server is to end, or is gone.
#[derive(Clone)]
pub(super) struct Closing(pub(super) watch::Receiver<bool>);

impl Closing {
    /// Waits for it.
    pub(super) async fn told(&mut self) {
        // Both are the end: that it is told, and that nobody is left to tell it.
        drop(self.0.wait_for(|closing| *closing).await);
    }
}

/// How a stream reached this server.
struct Route {
    tunnel: Option<Place>,
    inside: bool,
    /// The name that a TLS client means who asks for none.
    fallback: String,
}

/// Serves a connection to its end.
pub(super) async fn serve_connection(guest: Arc<Guest>, stream: TcpStream) {
    let local = stream.local_addr().map_or_else(|_| guest.shared.address.ip(), |address| address.ip());
    // Answers are written at once; waiting for more to send only makes them late.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection cannot be told not to wait");
    }
    let wire = Wire::new(stream, guest.shared.limits.stuck);
    let route = Route { tunnel: None, inside: false, fallback: unmapped(local).to_string() };
    serve_stream(guest, wire, route).await;
}

/// An IPv4 address as such, also where an IPv6 socket took it in.
fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Boxed, since what runs through a tunnel is served the same way.
fn serve_stream(guest: Arc<Guest>, mut wire: Wire, route: Route) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let (real, allowance) = (Clock::system(), Allowance::new(guest.shared.limits.head));
        let mut closing = guest.closing.clone();
        let first = tokio::select! {
            first = real.limit(&allowance, wire.peek()) => first,
            () = closing.told() => return,
            () = guest.stay.shown_out() => return,
        };
        let Some(Ok(Some(first))) = first else { return };
        if first == HANDSHAKE && (guest.shared.speaks_tls || route.inside) {
            if let Some(secure) = shake_hands(&guest, wire, &route).await {
                serve_http(guest, secure, route, true).await;
            }
            return;
        }
        if first == HANDSHAKE {
            tracing::warn!("a client speaks TLS to an address that was not told to: start with --tls, or use http");
        }
        serve_http(guest, wire, route, false).await;
    })
}

async fn shake_hands(guest: &Guest, wire: Wire, route: &Route) -> Option<Wire> {
    let shared = &guest.shared;
    let config = match shared.tls_config(&route.fallback) {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(%error, "a TLS connection cannot be set up");
            return None;
        }
    };
    let allowance = Allowance::new(shared.limits.head);
    let (real, acceptor) = (Clock::system(), TlsAcceptor::from(config));
    let shaken = tokio::select! {
        shaken = real.limit(&allowance, acceptor.accept(wire)) => shaken,
        () = guest.stay.shown_out() => None,
    };
    match shaken {
        Some(Ok(stream)) => Some(Wire::new(stream, shared.limits.stuck)),
        Some(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed; does the client trust the authority of --ca-out?");
            None
        }
        None => None,
    }
}

async fn serve_http(guest: Arc<Guest>, wire: Wire, route: Route, secure: bool) {
    let limits = guest.shared.limits;
    let mut closing = guest.closing.clone();
    let seated = Arc::clone(&guest);
    let way = Way { secure, tunnel: route.tunnel, inside: route.inside, flushed: wire.flushed() };
    let service = service_fn(move |request| exchange(Arc::clone(&guest), way.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes.max(16 * 1024) * 2)
        .half_close(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(wire), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.told() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = seated.stay.shown_out() => {
            if !seated.stay.asks() {
                return;
            }
            // It asked in the moment in which it was shown out: it gets its answer first.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Serves what runs through the tunnel that `asked` opened, once its client has been told that it is open.
pub(super) fn open_tunnel(guest: &Arc<Guest>, upgrade: OnUpgrade, asked: &Request) {
    let guest = Arc::clone(guest);
    let own = guest.shared.is_own(&asked.host, asked.port);
    let place = Place { host: asked.host.clone(), port: asked.port };
    let route = Route { fallback: place.host.clone(), tunnel: (!own).then_some(place), inside: true };
    tokio::spawn(async move {
        match upgrade.await {
            Ok(stream) => {
                let wire = Wire::new(TokioIo::new(stream), guest.shared.limits.stuck);
                serve_stream(guest, wire, route).await;
            }
            Err(error) => tracing::debug!(%error, "a tunnel was given up before it was open"),
        }
    });
}
