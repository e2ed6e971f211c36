//! What stands between a profile and its services: proxies and certificates.

use std::{io::Write, sync::Arc};

use alertdrill::{
    clock::Clock,
    services::{
        definitions::{Definitions, Query},
        error::ServiceError,
    },
    transport::{
        secret::Secret,
        send::{HttpSettings, Login, Proxy},
    },
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::services::stage::{self, FixedToken, Scripted, Turn, recorded};

async fn list(settings: &HttpSettings, origin: &str, clock: &Clock) -> Result<usize, ServiceError> {
    let transport = stage::transport_by(settings, clock).authorised_by(Arc::new(FixedToken));
    let legacy = stage::legacy_over(transport, origin);
    Definitions::list(&legacy, &Query::default()).await.map(|listed| listed.len())
}

fn through(proxy: &Scripted, login: Option<Login>) -> HttpSettings {
    let url = proxy.origin().parse().expect("an address");
    HttpSettings { proxy: Proxy::Through { url, login }, ..stage::settings() }
}

const LOGIN_PLEASE: &str = "407 Proxy Authentication Required";

#[tokio::test]
async fn a_proxy_that_wants_a_login_is_told_from_a_service_that_refuses() {
    let (clock, _me) = stage::clock();
    for origin in ["http://ti.example", "https://ti.example"] {
        let turn = Turn::say(LOGIN_PLEASE, "proxy-authenticate: Basic realm=\"office\"\r\n", "");
        let proxy = Scripted::start(vec![turn]).await;
        let error = list(&through(&proxy, None), origin, &clock).await.expect_err("nobody gets through");
        assert_eq!(error.to_string(), "list alert definitions: the proxy wants a login (HTTP 407)", "{origin}");
        assert_eq!(
            error.hint(),
            Some("set `proxy`, `proxy_user` in the tenant's table and ALERTDRILL_PROXY_PASSWORD in the environment")
        );
        assert_eq!(proxy.requests().len(), 1, "to ask again would end the same way");
    }
}

#[tokio::test]
async fn a_proxy_is_given_its_login_and_the_whole_address() {
    let (clock, _me) = stage::clock();
    let proxy = Scripted::start(vec![Turn::json(r#"{"value":[]}"#)]).await;
    let login = Login { user: "me".into(), password: Secret::new("pass word") };
    assert_eq!(list(&through(&proxy, Some(login)), "http://ti.example", &clock).await, Ok(0));
    let request = &proxy.requests()[0];
    assert!(request.starts_with("GET http://ti.example/V1.0/AlertDefinitions HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("proxy-authorization: Basic bWU6cGFzcyB3b3Jk\r\n"), "{request}");
}

#[tokio::test]
async fn through_a_tunnel_the_token_is_not_shown_to_the_proxy() {
    let (clock, _me) = stage::clock();
    let proxy = Scripted::start(vec![Turn::say("502 Bad Gateway", "", "")]).await;
    let error = list(&through(&proxy, None), "https://ti.example", &clock).await.expect_err("nobody gets through");
    assert!(error.to_string().starts_with("list alert definitions: no connection to ti.example: "), "{error}");
    let requests = proxy.requests();
    assert!(requests[0].starts_with("CONNECT ti.example:443 HTTP/1.1\r\n"), "{requests:?}");
    assert!(requests.iter().all(|request| !request.contains(stage::TOKEN)));
}

/// A service with a certificate of an authority of its own; returns its origin and the authority in PEM.
async fn tls_service() -> (String, String) {
    let _installed_already = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let leaf = leaf.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![leaf.der().clone()], key).expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut piece = [0; 4096];
            let _the_whole_request = stream.read(&mut piece).await;
            let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 12\r\n\r\n{\"value\":[]}";
            let _gone_already = stream.write_all(answer.as_bytes()).await;
            let _gone_already = stream.shutdown().await;
        }
    });
    (format!("https://localhost:{port}"), authority.pem())
}

#[tokio::test]
async fn an_unknown_authority_is_refused_and_one_that_the_profile_names_is_trusted() {
    let (clock, _me) = stage::clock();
    let (origin, pem) = tls_service().await;
    let (error, exchanges) = recorded(list(&stage::settings(), &origin, &clock)).await;
    let error = error.expect_err("nobody knows this authority");
    assert_eq!(exchanges[0].attempts().len(), 1, "to ask again would end the same way");
    let text = error.to_string();
    let host = origin.trim_start_matches("https://");
    assert!(text.starts_with(&format!("list alert definitions: no connection to {host}: ")), "{text}");
    assert!(text.contains("invalid peer certificate: UnknownIssuer"), "{text}");
    assert!(error.hint().is_some_and(|hint| hint.contains("name its file with `ca_file`")), "{:?}", error.hint());

    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(pem.as_bytes()).expect("it can be written");
    let settings = HttpSettings { ca_file: Some(file.path().to_owned()), plain_only: false, ..stage::settings() };
    assert_eq!(list(&settings, &origin, &clock).await, Ok(0));
}
