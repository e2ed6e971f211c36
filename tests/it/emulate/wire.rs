//! A server to test against, and clients that say exactly what they are told to.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use alertdrill::{
    clock::Clock,
    emulator::{
        answer::{Answer, Delivery, Request},
        serve::{Limits, Manner, Server, site::Site},
        tls::Authority,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A site that echoes requests as JSON, and misbehaves by path.
#[derive(Default)]
pub(crate) struct Echo {
    /// Told when a late answer has begun.
    pub(crate) late: tokio::sync::Notify,
}

fn echo(request: &Request, asked: &str) -> Answer {
    let body = serde_json::json!({
        "asked": asked, "method": request.method, "host": request.host, "port": request.port,
        "scheme": request.scheme, "proxied": request.proxied, "path": request.path, "query": request.query,
        "length": request.body.len(), "body": String::from_utf8_lossy(&request.body),
        "user": request.header("x-user"),
    });
    Answer {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        delivery: Delivery::Whole,
    }
}

impl Site for Echo {
    fn now(&self) -> jiff::Timestamp {
        "2017-03-14T09:08:07Z".parse().expect("a timestamp")
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut answer = echo(request, "answer");
        match request.path.as_str() {
            "/after" => {
                answer.delivery = Delivery::After(Duration::from_millis(50));
                self.late.notify_one();
            }
            "/cut" => answer.delivery = Delivery::Cut(10),
            "/cut-large" => {
                answer.body = vec![b'x'; 8 << 20];
                answer.delivery = Delivery::Cut(4 << 20);
            }
            "/large" => answer.body = vec![b'x'; 8 << 20],
            "/closed" => answer.delivery = Delivery::Closed,
            "/nothing" => answer.status = 204,
            "/panic" => panic!("a defect"),
            _ => {}
        }
        answer
    }

    fn connect(&self, request: &Request) -> Answer {
        let mut answer = echo(request, "connect");
        if request.host == "refused.example" {
            answer.status = 407;
            answer.headers.push(("proxy-authenticate".into(), "Basic realm=\"test\"".into()));
        }
        answer
    }

    fn answer_inside(&self, request: &Request) -> Answer {
        echo(request, "inside")
    }
}

/// A served site, and how to reach it.
pub(crate) struct Served {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) ca: String,
}

/// Limits with short times, so that tests of them are short.
pub(crate) fn impatient() -> Limits {
    let short = Duration::from_millis(300);
    Limits { head: short, body_time: short, stuck: short, farewell: Duration::from_secs(2), ..Limits::default() }
}

/// Serves `site` on a free port of the loopback address.
pub(crate) async fn serve(site: Arc<dyn Site>, tls: bool, limits: Limits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let names = ["localhost", "127.0.0.1", "::1", "ti.securitycenter.windows.com", "login.windows.net"];
    let authority = Authority::new(&names, Clock::system().now()).expect("an authority");
    let ca = authority.pem().to_owned();
    let server = Server::start(listener, site, Manner { authority, tls, limits }).expect("a server");
    Served { address: server.address(), server, ca }
}

impl Served {
    /// The base URL.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    /// A client without proxy and retries that trusts this server's authority alone.
    pub(crate) fn client(&self) -> reqwest::ClientBuilder {
        trusting(&self.ca)
    }

    /// The same, which uses this server as its proxy for everything.
    pub(crate) fn proxied(&self, user: &str) -> reqwest::Client {
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let proxy = reqwest::Proxy::all(format!("http://{user}{}", self.address)).expect("a proxy");
        trusting_through(&self.ca, proxy).build().expect("a client")
    }

    /// Sends exactly `bytes`, as far as the server takes them, closes the sending side, and reads all that comes.
    pub(crate) async fn say(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        if stream.write_all(bytes.as_ref()).await.is_ok() {
            // A server that has closed its side already is read from all the same.
            drop(stream.shutdown().await);
        }
        read_all(&mut stream).await
    }

    /// A bare connection.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connected")
    }
}

/// A client that trusts `ca` alone, uses no proxy and tries once.
pub(crate) fn trusting(ca: &str) -> reqwest::ClientBuilder {
    trusted(ca).no_proxy()
}

/// The same, through this proxy alone.
pub(crate) fn trusting_through(ca: &str, proxy: reqwest::Proxy) -> reqwest::ClientBuilder {
    trusted(ca).proxy(proxy)
}

fn trusted(ca: &str) -> reqwest::ClientBuilder {
    // Every test of this binary may be the first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let ca = reqwest::Certificate::from_pem(ca.as_bytes()).expect("a certificate");
    reqwest::Client::builder().tls_certs_only([ca]).retry(reqwest::retry::never()).timeout(Duration::from_secs(20))
}

/// Reads until the other side closes, or resets, the connection.
pub(crate) async fn read_all(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut piece = vec![0; 65536];
    while let Ok(read) = stream.read(&mut piece).await {
        if read == 0 {
            break;
        }
        all.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}
