//! Time and fresh ids: the one place where a window asks the machine for them. `update` functions are
//! passed a [`Moment`] and stay pure.

use tillwatch_shared::{CommandId, UtcMicros};

/// How a window learns the time. Tests pass their own.
pub type Clock = fn() -> UtcMicros;

/// The machine's time.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is passed")]
pub fn system() -> UtcMicros {
    jiff::Timestamp::now().into()
}

/// When an input is handled, and the id of the command that it may give rise to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: UtcMicros,
    pub fresh: CommandId,
}

impl Moment {
    pub fn now(clock: Clock) -> Self {
        Self { at: clock(), fresh: CommandId::now() }
    }
}
