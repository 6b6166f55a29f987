//! Some readings of one commit, and their WebSocket frames, which are made once for all clients.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use actix_http::ws::{OpCode, Parser};
use actix_web::web::{Bytes, BytesMut};
use jiff::tz::TimeZone;

use super::pass::Hidden;
use crate::http::compat::reading::AcceptedReading;
use crate::telemetry::Stored;

/// Readings in one piece, so that no client has to take a large batch in one go.
const PIECE_READINGS: usize = 64;

#[derive(Debug)]
pub(super) struct Piece {
    stored: Arc<Stored>,
    range: Range<usize>,
    frames: OnceLock<Frames>,
}

#[derive(Debug)]
struct Frames {
    /// All frames, one after the other.
    bytes: Bytes,
    /// Where each ends.
    ends: Vec<usize>,
}

/// What was stored together, in pieces.
pub(super) fn cut(stored: &Arc<Stored>) -> impl Iterator<Item = Arc<Piece>> {
    let count = stored.len();
    (0..count).step_by(PIECE_READINGS).map(move |from| {
        let to = (from + PIECE_READINGS).min(count);
        Arc::new(Piece::of(Arc::clone(stored), from..to))
    })
}

impl Piece {
    pub fn of(stored: Arc<Stored>, range: Range<usize>) -> Self {
        Self { stored, range, frames: OnceLock::new() }
    }

    pub fn readings(&self) -> usize {
        self.range.len()
    }

    /// The frames of all readings that are not hidden; empty if all are.
    pub fn visible(&self, zone: &TimeZone, hidden: &Hidden) -> Bytes {
        let frames = self.frames(zone);
        if !self.stored.readings(&self.range).any(|reading| hidden.hides(reading.sensor)) {
            return frames.bytes.clone();
        }
        let mut seen = BytesMut::new();
        for (reading, frame) in self.stored.readings(&self.range).zip(frames.each()) {
            if !hidden.hides(reading.sensor) {
                seen.extend_from_slice(&frame);
            }
        }
        seen.freeze()
    }

    /// The frame of the last reading, unless it is hidden.
    pub fn newest(&self, zone: &TimeZone, hidden: &Hidden) -> Option<Bytes> {
        let reading = self.stored.readings(&self.range).last()?;
        if hidden.hides(reading.sensor) { None } else { self.frames(zone).each().last() }
    }

    fn frames(&self, zone: &TimeZone) -> &Frames {
        self.frames.get_or_init(|| {
            let mut bytes = BytesMut::with_capacity(self.readings() * 256);
            let mut ends = Vec::with_capacity(self.readings());
            for reading in self.stored.readings(&self.range) {
                let source = reading.source.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
                let accepted = AcceptedReading::new(
                    zone,
                    reading.id,
                    reading.sensor.clone(),
                    reading.values,
                    reading.measured_at,
                    source,
                );
                // Numbers are finite and texts are UTF-8: writing it cannot fail.
                let text = serde_json::to_vec(&accepted).unwrap_or_default();
                Parser::write_message(&mut bytes, text, OpCode::Text, true, false);
                ends.push(bytes.len());
            }
            Frames { bytes: bytes.freeze(), ends }
        })
    }
}

impl Frames {
    fn each(&self) -> impl Iterator<Item = Bytes> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| self.bytes.slice(*start..*end))
    }
}
