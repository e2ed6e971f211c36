//! An answer on its way to the client: whole, late, cut short or not at all.

use std::{
    fmt, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use hyper::{
    Response, StatusCode,
    body::{Body, Bytes, Frame, SizeHint},
    header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue},
};
use jiff::Timestamp;

use crate::{
    clock::Clock,
    emulator::{
        answer::{Answer, Delivery},
        serve::wire::Flushed,
    },
};

/// The connection is to be closed without another byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer ends here")
    }
}

impl std::error::Error for HangUp {}

/// The body of an answer, which may be cut short.
#[derive(Debug)]
pub(super) struct Parcel {
    bytes: Bytes,
    announced: u64,
    /// Where it is cut: hang up once all before has left.
    cut: Option<Arc<Flushed>>,
    begun: bool,
}

impl Parcel {
    /// Nothing.
    pub(super) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    fn whole(bytes: Bytes) -> Self {
        Self { announced: bytes.len() as u64, bytes, cut: None, begun: false }
    }

    fn cut(bytes: &Bytes, at: usize, flushed: Arc<Flushed>) -> Self {
        let announced = bytes.len() as u64;
        Self { announced, bytes: bytes.slice(..at.min(bytes.len())), cut: Some(flushed), begun: false }
    }
}

impl Body for Parcel {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        if !mem::replace(&mut self.begun, true)
            && let Some(flushed) = &self.cut
        {
            flushed.expect_more();
        }
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(mem::take(&mut self.bytes)))));
        }
        let Some(flushed) = &self.cut else { return Poll::Ready(None) };
        ready!(flushed.poll(cx));
        Poll::Ready(Some(Err(HangUp)))
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none() && self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.begun { SizeHint::default() } else { SizeHint::with_exact(self.announced) }
    }
}

/// Makes the response of `answer`, dated `now`, when it is time for it. Waiting is real time: a slow service costs its
/// callers what it costs, whatever their clocks say.
pub(super) async fn deliver(answer: Answer, now: Timestamp, flushed: Arc<Flushed>) -> Result<Response<Parcel>, HangUp> {
    let Answer { status, headers, body, delivery } = answer;
    let body = Bytes::from(body);
    let parcel = match delivery {
        Delivery::Closed => return Err(HangUp),
        Delivery::Cut(at) if at < body.len() => Parcel::cut(&body, at, flushed),
        Delivery::Whole | Delivery::Cut(_) => Parcel::whole(body),
        Delivery::After(span) => {
            Clock::system().sleep(span).await;
            Parcel::whole(body)
        }
    };
    Ok(response(status, headers, parcel, now))
}

fn response(status: u16, headers: Vec<(String, String)>, parcel: Parcel, now: Timestamp) -> Response<Parcel> {
    // Statuses below 200 are not final: a client would wait for ever.
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200);
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let parcel = if bodiless { Parcel::empty() } else { parcel };
    let announced = parcel.announced;
    let mut response = Response::new(parcel);
    *response.status_mut() = status;
    for (name, value) in headers {
        if let (Ok(known), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(&value)) {
            response.headers_mut().append(known, value);
        } else {
            tracing::warn!(header = %name, "a header of an answer cannot be sent and is left out");
        }
    }
    if !bodiless {
        response.headers_mut().insert(CONTENT_LENGTH, announced.into());
    }
    if let Ok(date) = HeaderValue::try_from(http_date(now)) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7).
fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, delivery: Delivery) -> Answer {
        Answer { status, headers: vec![("x-a".into(), "1".into())], body: b"12345".to_vec(), delivery }
    }

    async fn delivered(status: u16, delivery: Delivery) -> Result<Response<Parcel>, HangUp> {
        let now = "2017-03-14T09:08:07Z".parse().expect("a timestamp");
        deliver(answer(status, delivery), now, Arc::default()).await
    }

    #[tokio::test]
    async fn the_date_is_that_of_the_emulated_clock() {
        let response = delivered(200, Delivery::Whole).await.expect("an answer");
        assert_eq!(response.headers()[DATE], "Tue, 14 Mar 2017 09:08:07 GMT");
        assert_eq!(response.headers()[CONTENT_LENGTH], "5");
    }

    #[tokio::test]
    async fn a_cut_answer_announces_the_whole_and_then_hangs_up() {
        let response = delivered(200, Delivery::Cut(2)).await.expect("an answer");
        assert_eq!(response.headers()[CONTENT_LENGTH], "5");
        assert_eq!(response.body().bytes, &b"12"[..]);
        assert_eq!(delivered(200, Delivery::Closed).await.expect_err("nothing"), HangUp);
    }

    #[tokio::test]
    async fn no_content_has_neither_body_nor_length_and_no_status_is_left_open() {
        let response = delivered(204, Delivery::Whole).await.expect("an answer");
        assert!(!response.headers().contains_key(CONTENT_LENGTH));
        assert!(response.body().bytes.is_empty());
        assert_eq!(delivered(100, Delivery::Whole).await.expect("an answer").status(), 500);
    }
}
