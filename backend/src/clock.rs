//! The only place that asks the machine what time it is. Everything else is handed a [`Clock`].

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tillwatch_shared::UtcMicros;

/// A source of the present moment: the machine's, or one that a test moves.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`].
    pub fn manual(start: UtcMicros) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.0))))
    }

    pub fn now(&self) -> UtcMicros {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System => jiff::Timestamp::now().into(),
            Source::Manual(micros) => UtcMicros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; the machine's clock cannot be moved.
    pub fn advance(&self, micros: i64) {
        match &self.0 {
            Source::System => {}
            Source::Manual(now) => {
                now.fetch_add(micros, Ordering::SeqCst);
            }
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
