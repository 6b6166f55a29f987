//! A bound on the frames of a WebSocket, kept before they are read.
//!
//! The library knows a frame's length from its first bytes, but refuses one that is too long only when all of it
//! has come, and holds it until then. [`Bounded`] looks at the lengths as they pass, and ends the body at the first
//! that is too large.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::Stream;

use super::ApiError;
use super::error::Malformed;

/// What a frame begins with, at most: two bytes, a long length, a mask.
const HEAD_BYTES: usize = 14;

/// The body of a request for a WebSocket, without frames of more than `limit` bytes.
pub async fn bounded(request: &HttpRequest, body: Payload, limit: u64) -> Result<Payload, ApiError> {
    let payload = Box::pin(Bounded { body, lengths: Lengths::new(limit) });
    let made = Payload::from_request(request, &mut dev::Payload::Stream { payload });
    made.await.map_err(|error| ApiError::malformed(Malformed::Body, error))
}

struct Bounded {
    body: Payload,
    lengths: Lengths,
}

impl Stream for Bounded {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(cx));
        Poll::Ready(next.map(|bytes| {
            let bytes = bytes?;
            if self.lengths.pass(&bytes) { Ok(bytes) } else { Err(PayloadError::Overflow) }
        }))
    }
}

/// Where a stream of frames is.
struct Lengths {
    limit: u64,
    /// What has come of a frame's head.
    head: Vec<u8>,
    /// What is still to come of the frame behind it.
    left: u64,
}

impl Lengths {
    fn new(limit: u64) -> Self {
        Self { limit, head: Vec::with_capacity(HEAD_BYTES), left: 0 }
    }

    /// Lets these bytes pass, unless they begin a frame that is too long.
    fn pass(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.left > 0 {
                let inside = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= inside as u64;
                bytes = bytes.get(inside..).unwrap_or_default();
            } else if let Some((first, rest)) = bytes.split_first() {
                self.head.push(*first);
                bytes = rest;
                if let Some(length) = length(&self.head) {
                    if length > self.limit {
                        return false;
                    }
                    self.left = length;
                    self.head.clear();
                }
            }
        }
        true
    }
}

/// The length of the frame that begins so, once all of its head is there.
fn length(head: &[u8]) -> Option<u64> {
    let (_, second) = (head.first()?, head.get(1)?);
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (length, at) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(head.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(head.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    (head.len() >= at + mask).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut bytes = vec![0x81];
        match length {
            0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
            126..65_536 => {
                bytes.push(0xfe);
                bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(0xff);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes.extend(vec![0xff; length]);
        bytes
    }

    #[test]
    fn lengths_are_seen_however_the_bytes_come() {
        let good: Vec<u8> = [0, 1, 125, 126, 1_000, 0, 999].into_iter().flat_map(frame).collect();
        for piece in [1, 2, 3, 7, 100, good.len()] {
            let mut lengths = Lengths::new(1_000);
            assert!(good.chunks(piece).all(|bytes| lengths.pass(bytes)), "in pieces of {piece}");
            assert!((lengths.head.is_empty(), lengths.left) == (true, 0));
            let bad = frame(1_001);
            let seen = bad.chunks(piece).position(|bytes| !lengths.pass(bytes));
            assert!(seen.unwrap() <= 8, "before its content comes, in pieces of {piece}");
        }
        let mut lengths = Lengths::new(1_000);
        assert!(!lengths.pass(&frame(70_000)[..14]), "a long length");
        assert!(
            !Lengths::new(1_000)
                .pass(&[0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
        );
        assert!(Lengths::new(1_000).pass(&[0x81, 0x02, 1, 2, 0x81, 0x00]), "frames without a mask");
    }
}
