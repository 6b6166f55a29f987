//! Readings that wait for the server, and when to try it again.

use std::collections::VecDeque;
use std::time::Duration;

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::NewReading;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The oldest first; when it is full the oldest go, as in a device with little memory.
pub struct Backlog {
    readings: VecDeque<NewReading>,
    capacity: usize,
    dropped: u64,
}

impl Backlog {
    pub const fn new(capacity: usize) -> Self {
        Self { readings: VecDeque::new(), capacity, dropped: 0 }
    }

    pub fn len(&self) -> usize {
        self.readings.len()
    }

    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// How many were dropped since this was last asked.
    pub const fn take_dropped(&mut self) -> u64 {
        std::mem::replace(&mut self.dropped, 0)
    }

    pub fn push(&mut self, readings: Vec<NewReading>) {
        self.readings.extend(readings);
        let over = self.readings.len().saturating_sub(self.capacity);
        self.readings.drain(..over);
        self.dropped += over as u64;
    }

    pub fn first(&self) -> Option<&NewReading> {
        self.readings.front()
    }

    /// Up to `count` of the oldest, which stay until [`Backlog::sent`].
    pub fn oldest(&self, count: usize) -> Vec<NewReading> {
        self.readings.iter().take(count).cloned().collect()
    }

    /// The `count` oldest have arrived.
    pub fn sent(&mut self, count: usize) {
        self.readings.drain(..count.min(self.readings.len()));
    }
}

/// The link to the server: up, or away and tried again after waits that grow to a minute.
pub struct Link {
    away: Option<Away>,
}

#[derive(Clone, Copy)]
struct Away {
    since: UtcMicros,
    wait: Duration,
    retry_at: UtcMicros,
}

impl Link {
    pub const fn new() -> Self {
        Self { away: None }
    }

    pub const fn is_up(&self) -> bool {
        self.away.is_none()
    }

    pub fn may_try(&self, now: UtcMicros) -> bool {
        // A clock that was set back must not make the wait longer than it is.
        self.away.is_none_or(|away| now >= away.retry_at || away.retry_at.since(now) > micros(LONGEST_WAIT))
    }

    /// A try failed. Returns how long to wait before the next; never shorter than the server asks.
    pub fn failed(&mut self, now: UtcMicros, at_least: Option<u32>) -> Duration {
        let grown = self.away.map_or(FIRST_WAIT, |away| (away.wait * 2).min(LONGEST_WAIT));
        let asked = Duration::from_secs(u64::from(at_least.unwrap_or(0)));
        let wait = grown.max(asked).min(LONGEST_WAIT);
        let since = self.away.map_or(now, |away| away.since);
        self.away = Some(Away { since, wait, retry_at: now.plus(micros(wait)) });
        wait
    }

    /// A try succeeded. Returns since when the server had been away, if it had.
    pub fn succeeded(&mut self) -> Option<UtcMicros> {
        self.away.take().map(|away| away.since)
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Backlog, Link};
    use tillwatch_shared::api::NewReading;
    use tillwatch_shared::time::SECOND;
    use tillwatch_shared::{SensorId, UtcMicros};

    fn readings(times: std::ops::Range<i64>) -> Vec<NewReading> {
        times
            .map(|at| NewReading {
                sensor_id: SensorId::Number(1),
                temperature: 4.0,
                humidity: 50.0,
                pressure: 1000.0,
                measured_at: UtcMicros(at),
                battery_percent: None,
            })
            .collect()
    }

    #[test]
    fn drops_the_oldest_when_full() {
        let mut backlog = Backlog::new(3);
        backlog.push(readings(0..5));
        assert_eq!((backlog.len(), backlog.take_dropped(), backlog.take_dropped()), (3, 2, 0));
        assert_eq!(backlog.oldest(2), readings(2..4));
        backlog.sent(2);
        assert_eq!(backlog.oldest(9), readings(4..5));
        backlog.sent(9);
        assert!(backlog.is_empty());
    }

    #[test]
    fn waits_grow_to_a_minute() {
        let mut link = Link::new();
        let mut now = UtcMicros(0);
        let mut waits = Vec::new();
        for _ in 0..8 {
            assert!(link.may_try(now));
            let wait = link.failed(now, None).as_secs();
            assert!(!link.may_try(now));
            now = now.plus(i64::try_from(wait).unwrap() * SECOND);
            waits.push(wait);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(link.succeeded(), Some(UtcMicros(0)));
        assert!(link.is_up());
        assert_eq!(link.failed(now, Some(5)), Duration::from_secs(5));
    }

    #[test]
    fn a_clock_set_back_does_not_stop_the_link() {
        let mut link = Link::new();
        link.failed(UtcMicros(9_000 * SECOND), None);
        assert!(link.may_try(UtcMicros(0)));
    }
}
