//! What the tests of the clients stand on: a clock that jumps, a transport, a service, and servers with a script.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use alertdrill::{
    clock::{Clock, Participant},
    domain::{
        alert_definition::{AlertDefinition, Severity},
        indicator::Indicator,
        marker::Marker,
    },
    record::recorder::Recorder,
    services::{
        definitions::DefinitionId,
        indicators::Publication,
        legacy::{Addresses, Legacy},
    },
    transport::{
        Transport,
        credential::Credential,
        error::TransportError,
        secret::Secret,
        send::{HttpClient, HttpSettings, Proxy},
    },
};
use futures::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// An indicator to publish, with what goes along with it.
pub(crate) struct Wanted {
    pub(crate) indicator: Indicator,
    pub(crate) definition: AlertDefinition,
    under: DefinitionId,
    marker: Marker,
}

impl Wanted {
    /// `indicator` under the definition of the key `under`.
    pub(crate) fn new(indicator: Indicator, under: i64) -> Self {
        let marker = Marker::of(1, "a.feature:1");
        let definition = AlertDefinition {
            name: format!("alertdrill {marker}"),
            severity: Severity::Medium,
            internal_description: "For its author".into(),
            title: format!("Alert drill {marker}"),
            ux_description: marker.sign("A device contacted an address."),
            recommended_action: Some("None.".into()),
            category: "SuspiciousActivity".into(),
            enabled: true,
        };
        Self { indicator, definition, under: DefinitionId::from(under), marker }
    }

    /// What a client is given of it.
    pub(crate) fn publication(&self) -> Publication<'_> {
        let Self { indicator, definition, under, marker } = self;
        Publication { indicator, definition, under: Some(under), marker }
    }
}

/// The token of [`FixedToken`].
pub(crate) const TOKEN: &str = "a.test.token";

/// The moment at which [`clock`] begins, as an answer's `Date` says it.
pub(crate) const DATE: &str = "Tue, 24 Nov 2026 12:00:00 GMT";

/// A clock that jumps, with the test as its only participant.
pub(crate) fn clock() -> (Clock, Participant) {
    let clock = Clock::jumping("2026-11-24T12:00:00Z".parse().expect("a timestamp"));
    let me = clock.join();
    (clock, me)
}

/// Settings for servers of the tests: http alone, and no proxy whatever the machine says.
pub(crate) fn settings() -> HttpSettings {
    HttpSettings { proxy: Proxy::Direct, plain_only: true, ..HttpSettings::default() }
}

/// A way with these settings and without authorisation.
pub(crate) fn transport_by(settings: &HttpSettings, clock: &Clock) -> Transport {
    Transport::new(&HttpClient::new(settings).expect("a client"), clock)
}

/// A way without authorisation.
pub(crate) fn transport(clock: &Clock) -> Transport {
    transport_by(&settings(), clock)
}

/// A credential that has one token and never another.
pub(crate) struct FixedToken;

impl Credential for FixedToken {
    fn bearer(&self) -> BoxFuture<'_, Result<Secret, TransportError>> {
        Box::pin(async { Ok(Secret::new(TOKEN)) })
    }

    fn refused(&self, _token: &Secret) {}
}

/// The legacy service at `origin`, authorised by [`FixedToken`].
pub(crate) fn legacy(origin: &str, clock: &Clock) -> Legacy {
    legacy_over(transport(clock).authorised_by(Arc::new(FixedToken)), origin)
}

/// The legacy service at `origin`, over `transport`.
pub(crate) fn legacy_over(transport: Transport, origin: &str) -> Legacy {
    let addresses = Addresses { api: url(origin, "/V1.0/"), alert_export: url(origin, "/api/alerts") };
    Legacy::new(transport, addresses)
}

pub(crate) fn url(origin: &str, path: &str) -> Url {
    format!("{}{path}", origin.trim_end_matches('/')).parse().expect("an address")
}

/// Runs `work` as a drill would, and returns what was recorded as well.
pub(crate) async fn recorded<T>(work: impl Future<Output = T>) -> (T, Vec<alertdrill::record::exchange::Exchange>) {
    let recorder = Arc::new(Recorder::default());
    let done = Arc::clone(&recorder).scope(work).await;
    (done, recorder.take().exchanges)
}

/// What a scripted server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// Writes these bytes, then closes.
    Say(Vec<u8>),
    /// Closes without a word.
    Close,
    /// Keeps the connection and says nothing.
    Hang,
    /// Writes the head of an answer, then a body without an end.
    Endless,
}

impl Turn {
    pub(crate) fn say(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Say(
            format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into(),
        )
    }

    pub(crate) fn json(body: &str) -> Self {
        Self::say("200 OK", "content-type: application/json\r\n", body)
    }
}

/// A server that follows a script, a turn a request, and repeats the last.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Scripted {
    pub(crate) async fn start(script: Vec<Turn>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut script = script.into_iter();
            let mut turn = Turn::Close;
            while let Ok((stream, _)) = listener.accept().await {
                turn = script.next().unwrap_or(turn);
                tokio::spawn(serve(stream, turn.clone(), Arc::clone(&heard)));
            }
        });
        Self { address, requests, task }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request heard so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no server panics").clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, turn: Turn, requests: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut stream).await;
    requests.lock().expect("no server panics").push(request);
    match turn {
        Turn::Say(bytes) => {
            let _gone_already = stream.write_all(&bytes).await;
            let _gone_already = stream.shutdown().await;
        }
        Turn::Close => {}
        Turn::Hang => std::future::pending().await,
        Turn::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
            let blanks = vec![b' '; 64 * 1024];
            let mut alive = stream.write_all(head).await.is_ok();
            while alive {
                alive = stream.write_all(&blanks).await.is_ok();
            }
        }
    }
}

/// Reads a whole request: the head, and as much body as it announces.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}
