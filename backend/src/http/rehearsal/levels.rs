//! A rule about how much there is of something, run over what changed it: goods, lots that expire, batteries.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tillwatch_shared::api::{AlarmSubject, RehearsalLine, SensorSettings, thousandths};
use tillwatch_shared::time::DAY;
use tillwatch_shared::{StoreId, UtcMicros};

use super::{Days, Step};
use crate::ledger::Ledger;
use crate::ledger::queries::levels::{self, About, Change, Followed, Kept, Key, Places, To};
use crate::ledger::queries::stores;

/// Places of the journal that are walked through in one piece.
const PIECE: i64 = 20_000;

/// Everything that the rule is about, on its way through the days.
pub struct Levels {
    ledger: Ledger,
    about: About,
    store: StoreId,
    sensors: Vec<(String, SensorSettings)>,
    days: Days,
    walk: Option<Walk>,
    done: bool,
}

struct Walk {
    places: Places,
    /// The first place that is still to be walked through.
    next: i64,
    all: HashMap<Key, Watched>,
}

/// One product, lot or sensor.
struct Watched {
    subject: AlarmSubject,
    name: String,
    test: Test,
    level: Option<i64>,
    /// Since when it has this level.
    since: UtcMicros,
    open: Option<Open>,
}

/// What would be an alarm, where the level is so for any time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Test {
    /// This or less, in thousandths.
    AtMost(i64),
    /// Anything at all from then on, when these days were left.
    AnyFrom(UtcMicros, i64),
    /// Less than this, until it is at the other again.
    Below { percent: i64, recovery: i64 },
}

#[derive(Clone, Copy)]
struct Open {
    began: UtcMicros,
    worst: i64,
}

impl Levels {
    pub fn of(
        ledger: Ledger,
        about: About,
        store: StoreId,
        sensors: Vec<(String, SensorSettings)>,
        days: Days,
    ) -> Self {
        Self { ledger, about, store, sensors, days, walk: None, done: false }
    }

    pub const fn is_done(&self) -> bool {
        self.done
    }

    /// First where everything stood, then what changed it.
    pub fn next(&mut self, lines: &mut Vec<RehearsalLine>) -> Result<Step, String> {
        let step = match self.walk.take() {
            None => self.begin(),
            Some(walk) => self.go_on(walk, lines),
        };
        step.map_err(|error| error.to_string())
    }

    fn begin(&mut self) -> rusqlite::Result<Step> {
        let (store, from, about) = (self.store, self.days.from, self.about);
        let sensors = std::mem::take(&mut self.sensors);
        // One look: what is there now, and what it came from, belong together.
        let (places, followed, zone) = self.ledger.read(|db| {
            let places = levels::places(db, from)?;
            let followed = levels::followed(db, about, store, sensors, places, from)?;
            Ok((places, followed, stores::zone(db, store)?))
        })?;
        let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let watched = |one: Followed| Some((one.key.clone(), Watched::of(one, about, &zone, from)?));
        let all = followed.into_iter().filter_map(watched).collect();
        self.walk = Some(Walk { places, next: places.first, all });
        Ok(Step { looked_at: 0, percent: 0.0 })
    }

    fn go_on(&mut self, mut walk: Walk, lines: &mut Vec<RehearsalLine>) -> rusqlite::Result<Step> {
        let Places { first, last } = walk.places;
        let piece = Places { first: walk.next, last: last.min(walk.next.saturating_add(PIECE - 1)) };
        let changes = self.ledger.read(|db| levels::changes(db, self.about, self.store, piece))?;
        for Change { key, at, to } in &changes {
            let Some(watched) = walk.all.get_mut(key) else { continue };
            let level = match to {
                To::By(moved) => watched.level.unwrap_or(0) + moved,
                To::Level(level) => *level,
            };
            lines.extend(watched.change((*at).min(self.days.to), level));
        }
        walk.next = piece.last + 1;
        let mut percent = 100.0;
        if walk.next > last {
            let mut open: Vec<_> =
                walk.all.into_values().filter_map(|one| one.finish(self.days.to)).collect();
            open.sort_by_key(|(began, _)| *began);
            lines.extend(open.into_iter().map(|(_, line)| line));
            self.done = true;
        } else {
            percent = (walk.next - first) as f64 / (last + 1 - first) as f64 * 100.0;
            self.walk = Some(walk);
        }
        Ok(Step { looked_at: changes.len() as u64, percent })
    }
}

impl Watched {
    /// Nothing where the rule says nothing about it.
    fn of(one: Followed, about: About, zone: &TimeZone, from: UtcMicros) -> Option<Self> {
        let Followed { subject, name, level, kept, .. } = one;
        let test = match (kept, about) {
            (Kept::Minimum(minimum), _) => Test::AtMost(minimum),
            (Kept::ExpiresOn(day), About::Lots { days }) => Test::expiring(&day, days, zone)?,
            (Kept::Battery, About::Batteries { percent, recovery }) => Test::Below { percent, recovery },
            (Kept::ExpiresOn(_) | Kept::Battery, _) => return None,
        };
        Some(Self { subject, name, test, level, since: from, open: None })
    }

    /// Another level from this moment on; what is over with it.
    fn change(&mut self, at: UtcMicros, level: i64) -> Option<RehearsalLine> {
        self.pass(at);
        self.level = Some(level);
        if self.holds() {
            return None;
        }
        let open = self.open.take()?;
        Some(self.told(open, Some(at)))
    }

    /// What still goes on then, and since when.
    fn finish(mut self, at: UtcMicros) -> Option<(UtcMicros, RehearsalLine)> {
        self.pass(at);
        let open = self.open?;
        Some((open.began, self.told(open, None)))
    }

    /// The time until this moment, in which the level was the same.
    fn pass(&mut self, at: UtcMicros) {
        let begun = match self.test {
            Test::AnyFrom(from, _) => self.since.max(from),
            Test::AtMost(_) | Test::Below { .. } => self.since,
        };
        if let Some(level) = self.level.filter(|_| self.holds() && begun < at) {
            let open = self.open.get_or_insert(Open { began: begun, worst: level });
            open.worst = match self.test {
                // Days that are left, whatever is there.
                Test::AnyFrom(from, left) => left - at.since(from) / DAY,
                Test::AtMost(_) | Test::Below { .. } => open.worst.min(level),
            };
        }
        self.since = self.since.max(at);
    }

    fn holds(&self) -> bool {
        let Some(level) = self.level else { return false };
        match self.test {
            Test::AtMost(minimum) => level <= minimum,
            Test::AnyFrom(..) => level > 0,
            Test::Below { percent, recovery } => level < if self.open.is_some() { recovery } else { percent },
        }
    }

    fn told(&self, open: Open, ended_at: Option<UtcMicros>) -> RehearsalLine {
        let worst = match self.test {
            Test::AtMost(_) => open.worst as f64 / 1_000.0,
            Test::AnyFrom(..) | Test::Below { .. } => open.worst as f64,
        };
        RehearsalLine::Alarm {
            subject: self.subject.clone(),
            name: self.name.clone(),
            began_at: open.began,
            fired_at: open.began,
            ended_at,
            worst: Some(thousandths(worst)),
        }
    }
}

impl Test {
    /// From the first moment of the day on which fewer than these days are left.
    fn expiring(day: &str, days: i64, zone: &TimeZone) -> Option<Self> {
        let last: Date = day.parse().ok()?;
        let first = last.checked_sub((days - 1).days()).ok()?;
        let at = first.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond();
        Some(Self::AnyFrom(UtcMicros(at), days - 1))
    }
}
