//! Who sits on a connection and asks for nothing does not keep out who asks.

use std::{sync::Arc, time::Duration};

use alertdrill::{
    clock::Clock,
    clock::limit::{Allowance, Stopwatch},
    emulator::serve::Limits,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::emulate::wire::{Echo, Served, read_all, serve};

/// Far fewer places than clients, who may keep theirs for a long time.
fn cramped() -> Limits {
    let long = Duration::from_mins(10);
    Limits { connections: 4, grace: Duration::from_millis(50), head: long, body_time: long, ..Limits::default() }
}

async fn crowd(served: &Served, begun: &str) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for _ in 0..60 {
        let mut stream = served.connect().await;
        stream.write_all(begun.as_bytes()).await.expect("sent");
        crowd.push(stream);
    }
    crowd
}

const ASKED: &str = "GET http://a.example/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn who_asks_for_nothing_makes_room_for_who_does() {
    for (tls, begun) in [
        (false, ""),
        (false, "GET / HTTP/1.1\r\nHost: h\r\n"),
        (false, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"),
        (false, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        (false, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"),
        (true, "\u{16}\u{3}\u{1}"),
    ] {
        let served = serve(Arc::new(Echo::default()), tls, cramped()).await;
        let _crowd = crowd(&served, begun).await;
        let asked = Clock::system().limit(&Allowance::new(Duration::from_secs(20)), served.say(ASKED)).await;
        assert!(asked.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")), "kept out by {begun:?}");
    }
}

#[tokio::test]
async fn who_waits_for_an_answer_is_not_shown_out() {
    let echo = Arc::new(Echo::default());
    let served = serve(Arc::<Echo>::clone(&echo), false, Limits { connections: 1, ..cramped() }).await;
    let mut waits = served.connect().await;
    waits.write_all(b"GET /after HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.expect("sent");
    echo.late.notified().await;
    let (late, next) = tokio::join!(read_all(&mut waits), served.say(ASKED));
    assert!(late.starts_with("HTTP/1.1 200") && next.starts_with("HTTP/1.1 200"), "{late} {next}");
}

#[tokio::test]
async fn nobody_is_shown_out_while_there_is_room_or_nobody_stands() {
    let served = serve(Arc::new(Echo::default()), false, cramped()).await;
    let mut seated = Vec::new();
    for _ in 0..4 {
        seated.push(served.connect().await);
    }
    let since = Stopwatch::start();
    while since.elapsed() < Duration::from_millis(300) {
        Clock::system().sleep(Duration::from_millis(50)).await;
    }
    for mut stream in seated {
        stream.write_all(ASKED.as_bytes()).await.expect("sent");
        assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 200"), "still seated");
    }
}
