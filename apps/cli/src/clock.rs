//! The only place of this program that reads the wall clock.

use tillwatch_shared::UtcMicros;

#[expect(clippy::disallowed_methods, reason = "this is the clock that the rest of the program is given")]
pub fn now() -> UtcMicros {
    jiff::Timestamp::now().into()
}
