//! The emulated internet: whatever a device asks for through the sensor's proxy is answered here. Nothing ever leaves
//! the machine, so no name is looked up: a host is what it is called, and an address is what it is written as.

use crate::emulator::answer::Answer;

/// The demo server of the guide.
pub(super) const DEMO_SERVER: &str = "52.184.197.12";

/// What it answers (experiment-custom-ti, screenshot of March 2017).
const DEMO_BODY: &str = "WDATP Demo - Connection is established!";

const ELSEWHERE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Emulated internet</title></head>\n\
    <body><p>This is the emulated internet of alertdrill. The request did not leave the machine.</p></body></html>\n";

/// The answer of whoever is at `host`.
pub(in crate::emulator) fn answer(host: &str) -> Answer {
    if host == DEMO_SERVER {
        return Answer::of(200, "text/html; charset=utf-8", DEMO_BODY.as_bytes().to_vec())
            .with("connection", "keep-alive")
            .with("x-cache", "MISS from localhost")
            .with("x-cache-lookup", "HIT from localhost:3128");
    }
    Answer::of(200, "text/html; charset=utf-8", ELSEWHERE.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_server_answers_its_39_bytes_and_everybody_else_says_who_they_are() {
        assert_eq!(answer(DEMO_SERVER).body.len(), 39);
        let elsewhere = String::from_utf8(answer("evil.example").body).expect("text");
        assert!(elsewhere.contains("emulated internet"), "{elsewhere}");
    }
}
