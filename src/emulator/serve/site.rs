//! What a server serves, and the emulator as such.

use jiff::Timestamp;

use crate::emulator::{
    Emulator,
    answer::{Answer, Request},
    faces::{HOSTS, sensor},
};

/// What is served.
pub trait Site: Send + Sync + 'static {
    /// What time it is in there.
    fn now(&self) -> Timestamp;

    /// Answers a request; `proxied` ones are those of a client that takes the server for its proxy.
    fn answer(&self, request: &Request) -> Answer;

    /// Answers `CONNECT` to the host and port of `request`; a status of 2xx opens the tunnel. `proxied` is false where
    /// the tunnel leads to the server itself.
    fn connect(&self, request: &Request) -> Answer;

    /// Answers a request from within a tunnel that [`Site::connect`] opened to elsewhere.
    fn answer_inside(&self, request: &Request) -> Answer;
}

impl Site for Emulator {
    fn now(&self) -> Timestamp {
        self.clock().now()
    }

    fn answer(&self, request: &Request) -> Answer {
        Emulator::answer(self, request)
    }

    fn connect(&self, request: &Request) -> Answer {
        sensor::connect(self, request)
    }

    fn answer_inside(&self, request: &Request) -> Answer {
        sensor::answer_inside(self, request)
    }
}

/// Every name under which the emulator is known, for its certificate: the real services', and this machine's own.
pub fn names(own_address: &str) -> Vec<&str> {
    let own = ["localhost", "127.0.0.1", "::1"];
    let real = HOSTS.iter().map(|(host, _)| *host).chain(["*.securitycenter.windows.com"]);
    own.into_iter().chain(Some(own_address).filter(|address| !own.contains(address))).chain(real).collect()
}
