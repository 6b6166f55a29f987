//! Lines on the terminal.

use std::fmt::Display;
use std::io::Write as _;

use jiff::tz::TimeZone;
use tillwatch_shared::UtcMicros;

/// One line on standard output. A reader that went away is no reason to stop.
pub fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// One line with the time at its start, in this machine's zone.
pub fn event(at: UtcMicros, text: impl Display) {
    line(timed(at, text));
}

/// A text with the time at its start.
pub fn timed(at: UtcMicros, text: impl Display) -> String {
    format!("{} {text}", at.timestamp().to_zoned(TimeZone::system()).strftime("%H:%M:%S"))
}
