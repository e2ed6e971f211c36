//! `alertdrill emulate`: an emulated tenant for any client, until interrupted.

use std::{
    fmt,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::net::TcpListener;

use crate::{
    cli::handout::{self, Readers},
    clock::Clock,
    emulator::{
        self, Emulator,
        details::Details,
        knobs::Knobs,
        serve::{Limits, Manner, Server, site},
        tls::{self, Authority, TlsError},
    },
};

/// What the command was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Whether to speak TLS, with a certificate authority of this start's own.
    pub tls: bool,
    /// Where to write the authority's certificate (PEM), for clients to trust; without `tls` as well, for what they reach
    /// over TLS through the sensor's proxy.
    pub ca_out: Option<PathBuf>,
    /// Where to write the details (JSON). They hold a secret: the file is its owner's alone.
    pub details_out: Option<PathBuf>,
    /// Emulated seconds a real second.
    pub speed: f64,
    /// What ids, the secret and latencies are drawn from; none is chance.
    pub seed: Option<u64>,
}

/// Why the emulator could not be served.
#[derive(Debug, thiserror::Error)]
pub enum EmulateError {
    /// `--speed` is no speed.
    #[error("a clock cannot run at speed {0} (hint: --speed takes a number above 0 and at most 1000000)")]
    Speed(f64),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source} (hint: --listen 127.0.0.1:0 takes any free port)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A file cannot be written.
    #[error("cannot write {path}: {source} (hint: {option} names a file in a folder that exists)")]
    Write {
        /// The option that names the file.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Standard output is closed.
    #[error("cannot print the details: {0}")]
    Print(io::Error),
    /// The system does not tell when it is time to end.
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
}

/// Serves an emulated tenant until Ctrl-C or SIGTERM, then lets open answers be written and returns.
pub async fn emulate(options: Options, out: &mut dyn Write) -> Result<(), EmulateError> {
    // Whoever reads the details may send the signal at once.
    let ended = Interruption::listen().map_err(EmulateError::Signals)?;
    let emulation = Emulation::start(options, out).await?;
    ended.wait().await;
    emulation.stop().await;
    Ok(())
}

/// An emulated tenant that is being served.
pub struct Emulation {
    server: Server,
    details: Details,
    authority: Arc<Authority>,
}

impl fmt::Debug for Emulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulation").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Emulation {
    /// Starts to serve, with the details in the files that were asked for, and printed to `out`, before the first
    /// client is.
    pub async fn start(options: Options, out: &mut dyn Write) -> Result<Self, EmulateError> {
        if !(options.speed > 0.0 && options.speed <= 1e6) {
            return Err(EmulateError::Speed(options.speed));
        }
        let refused = |source| EmulateError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if !address.ip().is_loopback() {
            tracing::warn!(
                "anybody who reaches {address} can use the emulated tenant, and read what is published to it"
            );
        }
        let real_now = Clock::system().now();
        let own = address.ip().to_string();
        let authority = Authority::new(&site::names(&own), real_now)?;
        let seed = options.seed.map_or_else(tls::chance, Ok)?;
        let clock = Clock::steered(real_now, options.speed);
        let emulator = Emulator::new(emulator::Options { clock, seed, knobs: Knobs::default() });
        let reachable = SocketAddr::new(reachable(address.ip()), address.port());
        let scheme = if options.tls { "https" } else { "http" };
        let details = emulator.details(&format!("{scheme}://{reachable}"), &format!("http://{reachable}"));
        hand_out(&options, &authority, &details, out)?;
        let manner = Manner { authority: Arc::clone(&authority), tls: options.tls, limits: Limits::default() };
        let server = Server::start(listener, Arc::new(emulator), manner).map_err(refused)?;
        Ok(Self { server, details, authority })
    }

    /// What a client needs to know.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The certificate of its authority (PEM).
    pub fn ca(&self) -> &str {
        self.authority.pem()
    }

    /// Lets open answers be written, and ends.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// An address by which this machine reaches what listens at `address`.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

fn hand_out(
    options: &Options,
    authority: &Authority,
    details: &Details,
    out: &mut dyn Write,
) -> Result<(), EmulateError> {
    if let Some(path) = &options.ca_out {
        write("--ca-out", path, authority.pem().as_bytes(), Readers::Anybody)?;
    }
    let mut text = serde_json::to_string_pretty(details).map_err(|error| EmulateError::Print(error.into()))?;
    text.push('\n');
    if let Some(path) = &options.details_out {
        write("--details-out", path, text.as_bytes(), Readers::Owner)?;
    }
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(EmulateError::Print)
}

fn write(option: &'static str, path: &Path, content: &[u8], readers: Readers) -> Result<(), EmulateError> {
    handout::write(path, content, readers).map_err(|source| EmulateError::Write { option, path: path.into(), source })
}

/// What ends the command: Ctrl-C, or SIGTERM where there is one.
struct Interruption {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Interruption {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Interruption {
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn wait(self) {
        // A console that cannot tell of Ctrl-C ends the program by itself.
        drop(tokio::signal::ctrl_c().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_at_every_address_is_reached_by_the_loopback_one() {
        assert_eq!(reachable(Ipv4Addr::UNSPECIFIED.into()), Ipv4Addr::LOCALHOST);
        assert_eq!(reachable(Ipv6Addr::UNSPECIFIED.into()), Ipv6Addr::LOCALHOST);
        let own = IpAddr::from([192, 0, 2, 1]);
        assert_eq!(reachable(own), own);
    }
}
