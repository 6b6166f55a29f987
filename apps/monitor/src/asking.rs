//! A question that may take long, a report or a month of temperatures: how long somebody waits for it already, and that
//! it can be stopped. Plain data; `job::asking` drops the request, and the server what it worked out for it.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::client::ReportAsk;
use tillwatch_shared::time::SECOND;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    Report(ReportAsk),
    /// The sheet that was asked for with this ticket.
    Sheet(u64),
    /// The rehearsal of a rule with this ticket.
    Rehearsal(u64),
}

/// What is answered sooner is not talked about.
const SOON: i64 = SECOND;

/// How long somebody waits, and whether they have had enough of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    pub since: UtcMicros,
    pub stopped: bool,
}

impl Wait {
    /// It has just begun.
    pub const fn begun(since: UtcMicros) -> Self {
        Self { since, stopped: false }
    }

    /// The full seconds, once there are some.
    pub fn seconds(self, now: UtcMicros) -> Option<i64> {
        let waited = now.since(self.since);
        (waited >= SOON).then_some(waited / SECOND)
    }

    /// When there is another second to tell.
    pub fn next_wake(self, now: UtcMicros) -> UtcMicros {
        let waited = now.since(self.since).max(0);
        self.since.plus((waited / SECOND + 1) * SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_from_the_first_on() {
        let wait = Wait::begun(UtcMicros(0));
        let told = |at: i64| (wait.seconds(UtcMicros(at)), wait.next_wake(UtcMicros(at)).0);
        assert_eq!(told(SECOND - 1), (None, SECOND));
        assert_eq!(told(SECOND), (Some(1), 2 * SECOND));
        assert_eq!(told(3 * SECOND + 5), (Some(3), 4 * SECOND));
    }
}
