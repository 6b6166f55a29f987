//! One rule and one sensor: brings together what the machine finds with what is recorded. Pure.
//!
//! What is recorded is never moved: its begin and the moment at which it fired stay, whatever comes later. A late
//! reading makes the machine look at the history around it again; an excursion that this shows and that no recorded
//! alarm touches is a retroactive alarm.

use super::machine::{Excursion, Machine, Point, Test};

/// So many readings before a late one a look at history begins: a sensor counts as frozen with its third one. Mostly
/// nothing older matters; where it does ([`Looking::is_sure`]), the look begins [`FURTHER`] back.
pub const BEFORE: usize = 3;
/// How many times as many readings before the late one the next look takes in.
pub const FURTHER: usize = 8;

/// An alarm as the ledger has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recorded {
    pub began: i64,
    pub ended: Option<i64>,
}

/// What is to be recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Open(Excursion),
    /// The open one is over.
    Clear {
        began: i64,
        ended: i64,
        worst: Option<f64>,
    },
    /// The open one got worse.
    Worse {
        began: i64,
        worst: f64,
    },
}

#[derive(Clone, Debug)]
pub struct Watcher {
    machine: Machine,
    /// The newest reading that was taken.
    newest: Option<i64>,
    recorded: Vec<Recorded>,
    worst: Option<f64>,
}

impl Watcher {
    /// Begins anew; a [`Looking`] at what there is follows.
    pub fn new(test: Test, recorded: Vec<Recorded>) -> Self {
        Self { machine: Machine::new(test), newest: None, recorded, worst: None }
    }

    pub const fn test(&self) -> &Test {
        self.machine.test()
    }

    pub const fn newest(&self) -> Option<i64> {
        self.newest
    }

    /// The open alarm's begin.
    pub fn open(&self) -> Option<i64> {
        self.recorded.iter().find(|one| one.ended.is_none()).map(|one| one.began)
    }

    /// Takes a reading. One that is not newer than all before is left for a [`Looking`]: `None`.
    pub fn take(&mut self, point: Point) -> Option<Vec<Verdict>> {
        if self.newest.is_some_and(|newest| point.at <= newest) {
            return None;
        }
        self.newest = Some(point.at);
        let ended = self.machine.step(point);
        Some(self.settle(&Vec::from_iter(ended), i64::MIN))
    }

    /// From where history has to be looked at for a reading, given the moment of the [`BEFORE`]th one before it.
    pub fn look_from(&self, previous: i64) -> i64 {
        self.open().map_or(previous, |began| previous.min(began)) - self.test().reach()
    }

    /// Brings what is recorded up to what was found. What had fired before the moment that was looked around was judged
    /// then; its begin may lie before what is looked at now.
    fn settle(&mut self, over: &[Excursion], around: i64) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        let current = self.machine.current().copied().filter(|current| current.fired.is_some());
        if current.is_none()
            && let Some(began) = self.open()
        {
            let of_it = over.iter().rev().find(|found| found.ended.is_some_and(|ended| ended >= began));
            let ended = of_it.and_then(|found| found.ended).or(self.newest).unwrap_or(began).max(began);
            let worst = of_it.map(|found| found.worst);
            self.close(began, ended);
            verdicts.push(Verdict::Clear { began, ended, worst });
        }
        for found in over.iter().filter(|found| found.fired >= Some(around)) {
            if !self.recorded.iter().any(|one| touches(one, found)) {
                self.recorded.push(Recorded { began: found.began, ended: found.ended });
                verdicts.push(Verdict::Open(*found));
            }
        }
        if let Some(current) = current {
            verdicts.extend(self.go_on(current));
        }
        verdicts
    }

    /// Something goes on: it is open already, or is opened. Where a part of it was recorded under another form of
    /// the rule, the rest begins behind that.
    fn go_on(&mut self, current: Excursion) -> Option<Verdict> {
        if let Some(began) = self.open() {
            let changed = self.worst != Some(current.worst);
            self.worst = Some(current.worst);
            return changed.then_some(Verdict::Worse { began, worst: current.worst });
        }
        let before = self.recorded.iter().filter_map(|one| one.ended).max().unwrap_or(i64::MIN);
        let began = if current.began > before { current.began } else { before + 1 };
        let fired = current.fired.map(|fired| fired.max(began));
        let excursion = Excursion { began, fired, ..current };
        self.recorded.push(Recorded { began, ended: None });
        self.worst = Some(current.worst);
        Some(Verdict::Open(excursion))
    }

    fn close(&mut self, began: i64, ended: i64) {
        self.worst = None;
        if let Some(open) = self.recorded.iter_mut().find(|one| one.began == began && one.ended.is_none()) {
            open.ended = Some(ended);
        }
    }

    /// Forgets what ended before a moment.
    pub fn forget_before(&mut self, moment: i64) {
        self.recorded.retain(|one| one.ended.is_none_or(|ended| ended >= moment));
    }
}

/// A second look at history, a piece at a time.
#[derive(Debug)]
pub struct Looking {
    around: i64,
    from: i64,
    sure: bool,
    machine: Machine,
    newest: Option<i64>,
    over: Vec<Excursion>,
}

impl Looking {
    /// A look for a reading of this moment, at all readings from another one on.
    pub fn new(watcher: &Watcher, around: i64, from: i64) -> Self {
        let machine = Machine::new(*watcher.test());
        Self { around, from, sure: false, machine, newest: None, over: Vec::new() }
    }

    /// Where it begins.
    pub const fn from(&self) -> i64 {
        self.from
    }

    /// Whether a look from further back would find the same.
    pub const fn is_sure(&self) -> bool {
        self.sure
    }

    pub fn take(&mut self, points: impl IntoIterator<Item = Point>) {
        for point in points {
            self.newest = Some(point.at);
            self.over.extend(self.machine.step(point));
            self.sure |= point.at < self.around && self.machine.is_settled(self.from);
        }
    }

    pub fn finish(self, watcher: &mut Watcher) -> Vec<Verdict> {
        watcher.machine = self.machine;
        // What a clock that was wrong ahead has left behind is not before everything that comes.
        watcher.newest = self.newest.or(watcher.newest);
        watcher.settle(&self.over, self.around)
    }
}

fn touches(recorded: &Recorded, found: &Excursion) -> bool {
    let ended = |end: Option<i64>| end.unwrap_or(i64::MAX);
    recorded.began <= ended(found.ended) && found.began <= ended(recorded.ended)
}
