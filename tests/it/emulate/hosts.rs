//! Requests that name their host twice, or in a way that no name is written.

use std::sync::Arc;

use alertdrill::emulator::serve::Limits;

use crate::emulate::wire::{Echo, serve};

#[tokio::test]
async fn a_host_named_twice_or_in_no_readable_way_is_400() {
    let served = serve(Arc::new(Echo::default()), false, Limits::default()).await;
    let ask = async |hosts: &[u8]| {
        let request = [b"GET /x HTTP/1.1\r\n", hosts, b"Connection: close\r\n\r\n"].concat();
        served.say(request).await
    };
    let bad: [&[u8]; 7] = [
        b"Host: 127.0.0.1\r\nHost: evil.example\r\n",
        b"Host: a\r\nHost: a\r\n",
        b"Host: ::::[[]:x\r\n",
        b"Host: b\xfccher.example\r\n",
        b"Host: a/b\r\n",
        b"Host: a\" onload=\r\n",
        b"Host: user@a.example\r\n",
    ];
    for hosts in bad {
        let answer = ask(hosts).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{}: {answer}", String::from_utf8_lossy(hosts));
    }
    let good: [&[u8]; 6] = [
        b"",
        b"Host:\r\n",
        b"Host: localhost:81\r\n",
        b"Host: [::1]:81\r\n",
        b"Host: TI.SecurityCenter.Windows.com.\r\n",
        b"Host: under_score.example\r\n",
    ];
    for hosts in good {
        let answer = ask(hosts).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{}: {answer}", String::from_utf8_lossy(hosts));
    }
}
