//! What one rule finds in the readings of one sensor, taken in the order of their measured times. Pure: no clock,
//! no I/O. The same code looks at what comes in, at history after late readings, and at a rehearsal.

use std::collections::VecDeque;

use tillwatch_shared::api::{AlarmWatch, SensorSettings};
use tillwatch_shared::time::{MINUTE, SECOND};

/// How long a reading stands for what followed it, where nothing did.
const STANDS_FOR: i64 = 15 * MINUTE;
/// The fewest readings of one value that are a frozen sensor.
const FROZEN_READINGS: u32 = 3;
/// Readings that a window holds at most; with more, the oldest go.
const WINDOW_READINGS: usize = 100_000;

/// One value at the microsecond at which it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub at: i64,
    pub value: f64,
}

/// A rule with its numbers filled in for one sensor. Times are microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    Above {
        limit: f64,
        recovery: f64,
        delay: i64,
    },
    Below {
        limit: f64,
        recovery: f64,
        delay: i64,
    },
    /// The largest difference of two values within the window.
    Swing {
        most: f64,
        window: i64,
    },
    /// Time out of band within the window.
    Outside {
        low: f64,
        high: f64,
        allowed: i64,
        window: i64,
    },
    Frozen {
        length: i64,
    },
}

/// A time during which a rule was broken. The end is the first reading that shows that it is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excursion {
    pub began: i64,
    /// When it had lasted for long enough.
    pub fired: Option<i64>,
    pub ended: Option<i64>,
    /// In the unit of the limit that is told: see [`Test::told`].
    pub worst: f64,
}

#[derive(Clone, Debug)]
pub struct Machine {
    test: Test,
    probe: Probe,
    current: Option<Excursion>,
    /// Whether the last reading was well.
    well: bool,
    newest: Option<i64>,
    /// Whether the last reading was the first one.
    first: bool,
}

/// What a test remembers of the readings before.
#[derive(Clone, Debug, Default)]
struct Probe {
    /// Of the window, oldest first.
    window: VecDeque<Point>,
    /// Readings of the value that stands still.
    same: u32,
}

/// What a reading says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    /// The rule is broken, since then, by so much.
    Over {
        began: i64,
        amount: f64,
    },
    /// Neither broken nor well.
    Between,
    Well,
}

impl Test {
    /// The numbers of a rule for a sensor; `None` if it is not about values or says nothing about this sensor.
    pub fn of(watch: &AlarmWatch, sensor: &SensorSettings) -> Option<Self> {
        match *watch {
            AlarmWatch::High { limit, recovery_margin, delay_seconds, .. } => {
                let limit = limit.or(sensor.high_celsius)?;
                Some(Self::Above { limit, recovery: limit - recovery_margin, delay: delay_seconds * SECOND })
            }
            AlarmWatch::Low { limit, recovery_margin, delay_seconds, .. } => {
                let limit = limit.or(sensor.low_celsius)?;
                Some(Self::Below { limit, recovery: limit + recovery_margin, delay: delay_seconds * SECOND })
            }
            AlarmWatch::Rate { per_minute, window_seconds, .. } => {
                let most = per_minute * window_seconds as f64 / 60.0;
                Some(Self::Swing { most, window: window_seconds * SECOND })
            }
            AlarmWatch::Cumulative { low, high, seconds, window_seconds, .. } => {
                // With neither, both are those of the band.
                let band = if low.is_none() && high.is_none() {
                    (sensor.low_celsius, sensor.high_celsius)
                } else {
                    (low, high)
                };
                let (None, None) = band else {
                    return Some(Self::Outside {
                        low: band.0.unwrap_or(f64::NEG_INFINITY),
                        high: band.1.unwrap_or(f64::INFINITY),
                        allowed: seconds * SECOND,
                        window: window_seconds * SECOND,
                    });
                };
                None
            }
            AlarmWatch::Frozen { seconds, .. } => Some(Self::Frozen { length: seconds * SECOND }),
            AlarmWatch::Silent { .. }
            | AlarmWatch::LowStock {}
            | AlarmWatch::Expiring { .. }
            | AlarmWatch::TillSilent { .. }
            | AlarmWatch::FeedBroken {}
            | AlarmWatch::ServerBehind { .. }
            | AlarmWatch::BatteryLow { .. }
            | AlarmWatch::BackupFailed {}
            | AlarmWatch::JournalDiffers {} => None,
        }
    }

    /// The limit as it is told with an alarm.
    pub fn told(&self) -> f64 {
        match *self {
            Self::Above { limit, .. } | Self::Below { limit, .. } => limit,
            Self::Swing { most, window } => per_minute(most, window),
            Self::Outside { allowed, .. } => seconds(allowed),
            Self::Frozen { length } => seconds(length),
        }
    }

    /// How far back before a reading others decide what it means, if no alarm is open.
    pub const fn reach(&self) -> i64 {
        match *self {
            Self::Above { delay, .. } | Self::Below { delay, .. } => delay,
            Self::Swing { window, .. } => window,
            Self::Outside { window, .. } => window + STANDS_FOR,
            Self::Frozen { length } => length,
        }
    }

    const fn delay(&self) -> i64 {
        match *self {
            Self::Above { delay, .. } | Self::Below { delay, .. } => delay,
            Self::Swing { .. } | Self::Outside { .. } => 0,
            Self::Frozen { length } => length,
        }
    }

    fn worse(&self, one: f64, other: f64) -> f64 {
        if matches!(self, Self::Below { .. }) { one.min(other) } else { one.max(other) }
    }
}

fn seconds(micros: i64) -> f64 {
    micros as f64 / SECOND as f64
}

fn per_minute(difference: f64, window: i64) -> f64 {
    difference * MINUTE as f64 / window as f64
}

impl Machine {
    pub fn new(test: Test) -> Self {
        Self { test, probe: Probe::default(), current: None, well: false, newest: None, first: false }
    }

    pub const fn test(&self) -> &Test {
        &self.test
    }

    /// What is going on, whether or not it has fired.
    pub const fn current(&self) -> Option<&Excursion> {
        self.current.as_ref()
    }

    /// Whether readings from before this moment, of which none was taken, would change nothing about what comes.
    pub fn is_settled(&self, since: i64) -> bool {
        let seen = |newest: i64| newest - since >= self.test.reach();
        self.well
            && match self.test {
                Test::Above { .. } | Test::Below { .. } => true,
                Test::Swing { .. } | Test::Outside { .. } => self.newest.is_some_and(seen),
                // It differs from the one before.
                Test::Frozen { .. } => !self.first,
            }
    }

    /// Takes the next reading. Gives the excursion that it ends, whether or not it had fired.
    pub fn step(&mut self, point: Point) -> Option<Excursion> {
        self.first = self.newest.is_none();
        self.newest = Some(point.at);
        let sign = self.probe.sign(&self.test, point);
        self.well = sign == Sign::Well;
        match sign {
            Sign::Well => {
                let ended = self.current.take()?;
                return Some(Excursion { ended: Some(point.at), ..ended });
            }
            Sign::Over { began, amount } => {
                let fresh = Excursion { began, fired: None, ended: None, worst: amount };
                let current = self.current.get_or_insert(fresh);
                current.worst = self.test.worse(current.worst, amount);
            }
            Sign::Between => {}
        }
        if let Some(current) = &mut self.current
            && current.fired.is_none()
            && point.at - current.began >= self.test.delay()
            && (self.probe.same >= FROZEN_READINGS || !matches!(self.test, Test::Frozen { .. }))
        {
            current.fired = Some(point.at);
        }
        None
    }

    /// Takes readings in order, and gives the excursions that fired and are over.
    pub fn run(&mut self, points: impl IntoIterator<Item = Point>) -> Vec<Excursion> {
        let ended = points.into_iter().filter_map(|point| self.step(point));
        ended.filter(|excursion| excursion.fired.is_some()).collect()
    }
}

impl Probe {
    fn sign(&mut self, test: &Test, point: Point) -> Sign {
        let Point { at, value } = point;
        match *test {
            Test::Above { limit, recovery, .. } if value > limit || value > recovery => {
                if value > limit {
                    Sign::Over { began: at, amount: value }
                } else {
                    Sign::Between
                }
            }
            Test::Below { limit, recovery, .. } if value < limit || value < recovery => {
                if value < limit {
                    Sign::Over { began: at, amount: value }
                } else {
                    Sign::Between
                }
            }
            Test::Above { .. } | Test::Below { .. } => Sign::Well,
            Test::Swing { most, window } => self.swing(most, window, point),
            Test::Outside { low, high, allowed, window } => {
                self.outside(|value| value < low || value > high, allowed, window, point)
            }
            Test::Frozen { .. } => self.frozen(point),
        }
    }

    fn swing(&mut self, most: f64, window: i64, point: Point) -> Sign {
        while self.window.front().is_some_and(|first| first.at < point.at - window) {
            self.window.pop_front();
        }
        let difference =
            self.window.iter().map(|other| (point.value - other.value).abs()).fold(0.0, f64::max);
        self.remember(point);
        if difference > most {
            Sign::Over { began: point.at, amount: per_minute(difference, window) }
        } else {
            Sign::Well
        }
    }

    /// A reading stands for the time until the next one; of the first in the window a part may count.
    fn outside(&mut self, is_out: impl Fn(f64) -> bool, allowed: i64, window: i64, point: Point) -> Sign {
        self.remember(point);
        let from = point.at - window;
        // The one before the window reaches into it.
        while self.window.get(1).is_some_and(|second| second.at <= from) {
            self.window.pop_front();
        }
        let (mut sum, mut began) = (0, None);
        for (one, next) in self.window.iter().zip(self.window.iter().skip(1)) {
            if is_out(one.value) {
                let start = one.at.max(from);
                let end = next.at.min(one.at + STANDS_FOR);
                sum += (end - start).max(0);
                if end > start {
                    began.get_or_insert(start);
                }
            }
        }
        match began {
            Some(began) if sum > allowed => Sign::Over { began, amount: seconds(sum) },
            Some(_) | None => Sign::Well,
        }
    }

    fn frozen(&mut self, point: Point) -> Sign {
        match self.window.front().copied() {
            Some(first) if first.value.total_cmp(&point.value).is_eq() => {
                self.same = self.same.saturating_add(1);
                Sign::Over { began: first.at, amount: seconds(point.at - first.at) }
            }
            Some(_) | None => {
                self.window.clear();
                self.window.push_back(point);
                self.same = 1;
                Sign::Well
            }
        }
    }

    fn remember(&mut self, point: Point) {
        if self.window.len() >= WINDOW_READINGS {
            self.window.pop_front();
        }
        self.window.push_back(point);
    }
}
