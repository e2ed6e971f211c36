//! The emulator behind wiremock: for runs and tests in this process, with room for scripted answers before it.
//!
//! wiremock serves one request at a time and keeps a copy of each (about 4.6 kB), so this front is for runs, and not for
//! days of service. It has neither TLS nor CONNECT, and cannot stop in the middle of a body: a body that a fault cuts is
//! a connection that closes without an answer. Dropping its server waits for a lock, which inside asynchronous code may
//! never come: [`Mocks`] drops it on a thread of its own.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use wiremock::{
    Match, Mock, MockServer, Request as Received, ResponseTemplate,
    http::{HeaderName, HeaderValue},
    matchers::any,
};

use crate::emulator::{
    Emulator,
    answer::{Answer, Delivery, Request},
    details::Details,
    lock,
};

/// An emulator that is served on a port of its own on the loopback interface, until dropped.
#[derive(Debug)]
pub struct Mocks {
    emulator: Arc<Emulator>,
    address: SocketAddr,
    server: Option<MockServer>,
}

/// Scripted mocks stand before the emulator, which answers whatever they leave. Its two mocks come in this order.
const CLOSING_PRIORITY: u8 = 254;
const ANSWERING_PRIORITY: u8 = 255;

impl Mocks {
    /// Serves `emulator`. Fails when the loopback interface has no port left.
    pub async fn start(emulator: Arc<Emulator>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        let asked = Asked { emulator: Arc::clone(&emulator), address, pending: Arc::default() };
        let pending = Arc::clone(&asked.pending);
        let closing = Mock::given(asked).respond_with_err(|_: &Received| {
            io::Error::new(io::ErrorKind::ConnectionAborted, "a fault closes this connection")
        });
        closing.with_priority(CLOSING_PRIORITY).mount(&server).await;
        let answer = move |_: &Received| lock(&pending).take().unwrap_or_else(|| ResponseTemplate::new(500));
        Mock::given(any()).respond_with(answer).with_priority(ANSWERING_PRIORITY).mount(&server).await;
        Ok(Self { emulator, address, server: Some(server) })
    }

    /// The emulator that is served.
    pub fn emulator(&self) -> &Arc<Emulator> {
        &self.emulator
    }

    /// The URL of the server, without a slash at its end.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a client needs to know. The server is also the sensor's proxy, for plain HTTP.
    pub fn details(&self) -> Details {
        self.emulator.details(&self.base(), &self.base())
    }

    /// Lets `mock` answer what it matches, before the emulator is asked.
    pub async fn scripted(&self, mock: Mock) {
        if let Some(server) = &self.server {
            server.register(mock).await;
        }
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            // Scripted mocks whose expectations were not met make the drop panic: that must reach the test.
            let dropped = std::thread::spawn(move || drop(server)).join();
            if let Err(panic) = dropped
                && !std::thread::panicking()
            {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Asks the emulator while wiremock still looks for the mock that matches, since what closes a connection and what
/// answers are mocks of different kinds there. wiremock takes one request at a time, so the answer that is put aside is
/// that of the request whose mock responds next.
struct Asked {
    emulator: Arc<Emulator>,
    address: SocketAddr,
    pending: Arc<Mutex<Option<ResponseTemplate>>>,
}

impl Match for Asked {
    /// Whether the answer is that the connection closes.
    fn matches(&self, received: &Received) -> bool {
        let answer = self.emulator.answer(&read(received, self.address));
        let closes = matches!(answer.delivery, Delivery::Closed | Delivery::Cut(_));
        *lock(&self.pending) = (!closes).then(|| written(answer, &self.emulator));
        closes
    }
}

fn read(received: &Received, own: SocketAddr) -> Request {
    let url = &received.url;
    let headers: Vec<_> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let header = headers.iter().find(|(name, _)| name == "host").map(|(_, value)| value.as_str());
    // wiremock writes `http://localhost` before a target that is only a path.
    let relative = url.host_str() == Some("localhost") && url.port().is_none();
    let (host, port) = if relative {
        split(header.unwrap_or_default())
    } else {
        (url.host_str().unwrap_or_default().to_ascii_lowercase(), url.port())
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_own = port == Some(own.port()) && (bare == "localhost" || bare.parse() == Ok(own.ip()));
    Request {
        method: received.method.as_str().to_owned(),
        host,
        port,
        scheme: if url.scheme() == "https" { "https" } else { "http" },
        proxied: !relative && !is_own,
        path: url.path().to_owned(),
        query: url.query().unwrap_or_default().to_owned(),
        headers,
        body: received.body.clone(),
    }
}

/// Host and port of a Host header.
fn split(header: &str) -> (String, Option<u16>) {
    let header = header.trim().to_ascii_lowercase();
    let bare_address = header.parse::<IpAddr>().is_ok();
    match header.rsplit_once(':') {
        Some((host, port)) if !bare_address && !port.ends_with(']') => (host.to_owned(), port.parse().ok()),
        _ => (header, None),
    }
}

fn written(answer: Answer, emulator: &Emulator) -> ResponseTemplate {
    let date = emulator.clock().now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut template = ResponseTemplate::new(answer.status).set_body_bytes(answer.body).insert_header("date", date);
    for (name, value) in answer.headers {
        let name = HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            template = template.append_header(name, value);
        }
    }
    match answer.delivery {
        Delivery::After(span) => template.set_delay(span),
        _ => template,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_header_is_read_with_and_without_a_port() {
        for (header, host, port) in [
            ("127.0.0.1:80", "127.0.0.1", Some(80)),
            ("TI.example", "ti.example", None),
            ("[::1]:8080", "[::1]", Some(8080)),
            ("[::1]", "[::1]", None),
            ("::1", "::1", None),
            ("", "", None),
            ("a:b", "a", None),
        ] {
            assert_eq!(split(header), (host.to_owned(), port), "{header}");
        }
    }
}
