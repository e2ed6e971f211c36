//! What clients do on the wire, and what comes of it.

use std::{sync::Arc, time::Duration};

use alertdrill::{
    clock::{
        Clock,
        limit::{Allowance, Stopwatch},
    },
    emulator::serve::Limits,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::emulate::wire::{Echo, Served, impatient, read_all, serve};

async fn plain() -> Served {
    serve(Arc::new(Echo::default()), false, Limits::default()).await
}

async fn secure() -> Served {
    serve(Arc::new(Echo::default()), true, Limits::default()).await
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn json(text: &str) -> Value {
    serde_json::from_str(body(text)).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[tokio::test]
async fn http_1_0_and_1_1_are_answered_and_dated_by_the_emulated_clock() {
    let served = plain().await;
    let old = served.say("GET /a?b=c HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200 OK\r\n"), "{old}");
    assert_eq!((json(&old)["path"].as_str(), json(&old)["query"].as_str()), (Some("/a"), Some("b=c")));
    let new = served.say("GET /a HTTP/1.1\r\nHost: TI.Example:81\r\n\r\n").await;
    assert!(new.contains("\r\ndate: Tue, 14 Mar 2017 09:08:07 GMT\r\n"), "{new}");
    assert_eq!((json(&new)["host"].as_str(), json(&new)["port"].as_u64()), (Some("ti.example"), Some(81)));
    assert_eq!(json(&new)["proxied"], false);
}

#[tokio::test]
async fn a_connection_is_kept_for_more_requests_and_pipelines_are_answered_in_order() {
    let served = plain().await;
    let twice = served
        .say("POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiGET /two HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    assert_eq!(twice.matches("HTTP/1.1 200 OK").count(), 2, "{twice}");
    assert!(twice.find("/one") < twice.find("/two"));
}

#[tokio::test]
async fn an_expected_body_is_asked_for_and_a_chunked_one_is_put_together() {
    let served = plain().await;
    let mut stream = served.connect().await;
    let head = "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.expect("an interim answer");
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.expect("sent");
    assert_eq!(json(&read_all(&mut stream).await)["body"], "hello");
    let chunked =
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
    assert_eq!(json(&served.say(chunked).await)["body"], "abcde");
}

#[tokio::test]
async fn odd_verbs_odd_targets_and_head_reach_the_site() {
    let served = plain().await;
    assert_eq!(json(&served.say("PURGE /x HTTP/1.1\r\nHost: h\r\n\r\n").await)["method"], "PURGE");
    assert_eq!(json(&served.say("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").await)["path"], "/*");
    assert_eq!(json(&served.say("GET //a//b/../c%2F HTTP/1.1\r\nHost: h\r\n\r\n").await)["path"], "//a//b/../c%2F");
    let head = served.say("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(head.contains("content-length: 1"), "{head}");
    assert_eq!(body(&head), "");
    let none = served.say("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(none.starts_with("HTTP/1.1 204") && !none.contains("content-length"), "{none}");
}

#[tokio::test]
async fn a_target_in_absolute_form_is_a_proxy_request_unless_it_names_the_server_itself() {
    let served = plain().await;
    let far = json(&served.say("GET http://52.184.197.12/ HTTP/1.1\r\nHost: other\r\n\r\n").await);
    assert_eq!((far["host"].as_str(), far["proxied"].as_bool()), (Some("52.184.197.12"), Some(true)));
    let text = format!("GET http://localhost:{}/control HTTP/1.1\r\nHost: x\r\n\r\n", served.address.port());
    let own = json(&served.say(text).await);
    assert_eq!((own["path"].as_str(), own["proxied"].as_bool()), (Some("/control"), Some(false)));
    let v6 = json(&served.say("GET http://[2001:db8::1]:8080/x HTTP/1.1\r\n\r\n").await);
    assert_eq!((v6["host"].as_str(), v6["port"].as_u64()), (Some("2001:db8::1"), Some(8080)));
}

#[tokio::test]
async fn faults_of_delivery_are_delivered() {
    let served = plain().await;
    let watch = Stopwatch::start();
    assert!(served.say("GET /after HTTP/1.1\r\nHost: h\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    assert!(watch.elapsed() >= Duration::from_millis(50));
    let cut = served.say("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(body(&cut).len(), 10, "{cut}");
    assert!(!cut.contains("content-length: 10\r\n"), "the whole length is announced: {cut}");
    assert_eq!(served.say("GET /closed HTTP/1.1\r\nHost: h\r\n\r\n").await, "");
}

#[tokio::test]
async fn a_large_answer_is_cut_where_it_is_to_be_cut() {
    for served in [plain().await, secure().await] {
        let scheme = if served.say("GET / HTTP/1.0\r\n\r\n").await.contains(" 200 ") { "http" } else { "https" };
        let client = served.client().build().expect("a client");
        let mut answer = client.get(served.url(scheme, "/cut-large")).send().await.expect("a head");
        assert_eq!(answer.content_length(), Some(8 << 20));
        let mut read = 0;
        let end = loop {
            match answer.chunk().await {
                Ok(Some(piece)) => read += piece.len(),
                other => break other,
            }
        };
        assert!(end.is_err(), "the rest never comes");
        assert_eq!(read, 4 << 20, "over {scheme}");
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_server_lives_on() {
    let served = plain().await;
    let answer = served.say("GET /panic HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert_eq!(body(&answer), r#"{"Message":"An error has occurred."}"#);
    assert!(served.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn garbage_is_answered_with_400_and_large_heads_with_431() {
    let served = plain().await;
    for garbage in
        ["\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nNo colon\r\n\r\n"]
    {
        let answer = served.say(garbage).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{garbage:?}: {answer}");
    }
    let bad_chunk = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert!(served.say(bad_chunk).await.starts_with("HTTP/1.1 400"));
    let short = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc";
    let answer = served.say(short).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    let large = format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "y".repeat(40_000));
    assert!(served.say(large).await.starts_with("HTTP/1.1 431"));
    let many = format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(300));
    assert!(served.say(many).await.starts_with("HTTP/1.1 431"));
    assert!(served.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_of_16_mib_is_read_and_one_byte_more_is_413_whether_announced_or_not() {
    let served = plain().await;
    let client = served.client().build().expect("a client");
    let limit = 16 << 20;
    let post = |length: usize| client.post(served.url("http", "/")).body(vec![b'x'; length]).send();
    let fits: Value =
        serde_json::from_str(&post(limit).await.expect("sent").text().await.expect("text")).expect("JSON");
    assert_eq!(fits["length"], limit);
    assert_eq!(post(limit + 1).await.expect("an answer, not a reset").status(), 413);
    let mut unannounced = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    unannounced.extend_from_slice(format!("{:x}\r\n", limit + 1).as_bytes());
    unannounced.resize(unannounced.len() + limit + 1, b'x');
    unannounced.extend_from_slice(b"\r\n0\r\n\r\n");
    assert!(served.say(unannounced).await.starts_with("HTTP/1.1 413"));
    let told = format!("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", limit + 1);
    let mut stream = served.connect().await;
    stream.write_all(told.as_bytes()).await.expect("sent");
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && !answer.contains("100 Continue"), "{answer}");
}

#[tokio::test]
async fn who_is_slow_or_silent_is_let_go() {
    let served = serve(Arc::new(Echo::default()), true, impatient()).await;
    for (begun, ends) in [
        ("", ""),
        ("GET /", ""),
        ("GET http://a.example/ HTTP/1.1\r\nHost: h\r\nX", ""),
        ("POST http://a.example/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 408"),
        ("\u{16}\u{3}\u{1}", ""),
    ] {
        let mut stream = served.connect().await;
        stream.write_all(begun.as_bytes()).await.expect("sent");
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with(ends), "{begun:?}: {answer}");
        assert!(!answer.contains(" 200 "), "{begun:?}: {answer}");
    }
}

#[tokio::test]
async fn a_connection_between_two_requests_is_closed_after_a_while() {
    let served = serve(Arc::new(Echo::default()), false, impatient()).await;
    let mut stream = served.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 200"), "it is answered, and ends without a request to");
}

#[tokio::test]
async fn who_takes_no_answer_gives_up_its_place() {
    let limits = Limits { connections: 1, ..impatient() };
    let served = serve(Arc::new(Echo::default()), false, limits).await;
    let mut greedy = served.connect().await;
    greedy.write_all(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let next = served.say("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let next = Clock::system().limit(&Allowance::new(Duration::from_secs(10)), next).await;
    assert!(next.is_some_and(|next| next.starts_with("HTTP/1.1 200")), "the only place was freed");
}

#[tokio::test]
async fn five_hundred_connections_at_once_are_served() {
    let served = Arc::new(plain().await);
    let mut streams = Vec::new();
    for _ in 0..500 {
        streams.push(served.connect().await);
    }
    let tasks: Vec<_> = streams
        .into_iter()
        .enumerate()
        .map(|(n, mut stream)| {
            tokio::spawn(async move {
                let text = format!("GET /{n} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
                stream.write_all(text.as_bytes()).await.expect("sent");
                let answer = read_all(&mut stream).await;
                assert_eq!(json(&answer)["path"], format!("/{n}"));
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("answered");
    }
}

#[tokio::test]
async fn over_tls_by_address_and_by_every_name_that_is_known() {
    let served = secure().await;
    let client = served.client().build().expect("a client");
    let answer = client.get(served.url("https", "/x")).send().await.expect("by address").text().await.expect("text");
    assert!(answer.contains(r#""scheme":"https""#), "{answer}");
    for host in ["ti.securitycenter.windows.com", "login.windows.net", "localhost", "unheard.example"] {
        let client = served.client().resolve(host, served.address).build().expect("a client");
        let url = format!("https://{host}:{}/x", served.address.port());
        let answer = client.get(url).send().await.expect(host).text().await.expect("text");
        assert!(answer.contains(host), "{answer}");
    }
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    assert!(stranger.get(served.url("https", "/")).send().await.is_err(), "who does not trust it does not talk to it");
}

#[tokio::test]
async fn an_address_that_speaks_tls_says_so_to_plain_http_and_serves_plain_proxy_requests() {
    let served = secure().await;
    let told = served.say("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 400") && told.contains("This address speaks TLS"), "{told}");
    let proxied = json(&served.say("GET http://52.184.197.12/ HTTP/1.1\r\n\r\n").await);
    assert_eq!(proxied["proxied"], true);
}

#[tokio::test]
async fn a_tunnel_leads_to_tls_or_plain_http_of_the_host_it_was_opened_to() {
    for served in [plain().await, secure().await] {
        let client = served.proxied("");
        for url in ["https://unheard.example/x", "https://52.184.197.12/x", "https://unheard.example:8443/x"] {
            let answer: Value =
                serde_json::from_str(&client.get(url).send().await.expect(url).text().await.expect("text"))
                    .expect("JSON");
            assert_eq!(
                (answer["asked"].as_str(), answer["scheme"].as_str()),
                (Some("inside"), Some("https")),
                "{answer}"
            );
        }
        let mut stream = served.connect().await;
        stream
            .write_all(b"CONNECT unheard.example:80 HTTP/1.1\r\nHost: unheard.example:80\r\n\r\n")
            .await
            .expect("sent");
        let mut open = [0; 19];
        stream.read_exact(&mut open).await.expect("an answer");
        assert_eq!(&open, b"HTTP/1.1 200 OK\r\n\r\n");
        stream.write_all(b"GET /y HTTP/1.0\r\n\r\n").await.expect("sent");
        let inner = json(&read_all(&mut stream).await);
        assert_eq!((inner["asked"].as_str(), inner["host"].as_str()), (Some("inside"), Some("unheard.example")));
        assert_eq!((inner["scheme"].as_str(), inner["port"].as_u64()), (Some("http"), Some(80)));
    }
}

#[tokio::test]
async fn a_tunnel_can_be_refused_and_leads_nowhere_from_inside_another() {
    let served = plain().await;
    let refused = served.say("CONNECT refused.example:443 HTTP/1.1\r\nHost: refused.example:443\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 407") && refused.contains("proxy-authenticate: Basic realm="), "{refused}");
    let nested = "CONNECT a.example:80 HTTP/1.1\r\n\r\nCONNECT b.example:80 HTTP/1.1\r\n\r\n";
    assert!(served.say(nested).await.contains("HTTP/1.1 400"));
}

#[tokio::test]
async fn a_tunnel_to_the_server_itself_leads_to_the_site() {
    let served = secure().await;
    let answer = served.proxied("").get(served.url("https", "/control")).send().await.expect("an answer");
    let answer: Value = serde_json::from_str(&answer.text().await.expect("text")).expect("JSON");
    assert_eq!((answer["asked"].as_str(), answer["proxied"].as_bool()), (Some("answer"), Some(false)));
}

#[tokio::test]
async fn stopping_lets_open_answers_be_written_and_takes_nobody_in() {
    let site = Arc::new(Echo::default());
    let served = serve(Arc::<Echo>::clone(&site), false, Limits::default()).await;
    let mut idle = served.connect().await;
    let mut open = served.connect().await;
    open.write_all(b"GET /after HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    site.late.notified().await;
    let address = served.address;
    served.server.stop().await;
    assert!(read_all(&mut open).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_all(&mut idle).await, "");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let limits = Limits { farewell: Duration::from_millis(100), ..Limits::default() };
    let served = serve(Arc::new(Echo::default()), false, limits).await;
    let mut slow = served.connect().await;
    slow.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab").await.expect("sent");
    let allowance = Allowance::new(Duration::from_secs(5));
    assert!(Clock::system().limit(&allowance, served.server.stop()).await.is_some());
}

#[tokio::test]
async fn a_request_that_drips_in_is_answered_when_it_is_whole() {
    let served = plain().await;
    let mut stream = served.connect().await;
    stream.set_nodelay(true).expect("an open connection");
    for byte in b"POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc" {
        stream.write_all(&[*byte]).await.expect("sent");
        tokio::task::yield_now().await;
    }
    assert_eq!(json(&read_all(&mut stream).await)["body"], "abc");
}

/// How many mangled requests are sent; enough to reach every state of the parser, few enough for every run.
const MANGLED: usize = 600;

#[tokio::test]
async fn no_bytes_bring_the_server_down_and_none_of_its_insides_come_out() {
    let seeds: [&[u8]; 6] = [
        b"GET /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\n\r\n",
        b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nGET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for served in [
        serve(Arc::new(Echo::default()), false, impatient()).await,
        serve(Arc::new(Echo::default()), true, impatient()).await,
    ] {
        for round in 0..MANGLED {
            let mut bytes = seeds[round % seeds.len()].to_vec();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..bytes.len());
                match random.u8(..4) {
                    0 => bytes[at] = random.u8(..),
                    1 => bytes.insert(at, random.u8(..)),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes.extend_from_within(at..),
                }
            }
            let answer = served.say(&bytes).await;
            for inside in ["panicked", ".rs:", "hyper", "rustls"] {
                assert!(!answer.contains(inside), "{}: {answer}", bytes.escape_ascii());
            }
            assert!(!answer.starts_with("HTTP/1.1 5"), "{}: {answer}", bytes.escape_ascii());
        }
        let client = served.proxied("");
        assert_eq!(client.get("http://a.example/").send().await.expect("it lives").status(), 200);
    }
}
