//! A power failure after every single step of the engine: nothing is lost, nothing comes twice.

use std::path::Path;

use tempfile::TempDir;
use tillwatch_shared::{SensorId, UtcMicros};

use super::super::engine::{Engine, History, Outcome, Request};
use super::super::series;
use super::super::sqlite::{self, SqliteEngine, SqliteHistory};
use super::super::types::StoredMany;
use super::super::{Buckets, Options, SeriesRequest};
use super::{BASE, HOUR, SECOND, batch, single};

const SENSORS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// A round of packing takes several steps: it begins at 16 readings and packs 4 or more at a time.
const OPTIONS: fn() -> Options = || Options { recent_readings: 16, ..Options::default() };

/// The engine as the writer uses it, a step at a time.
struct Steps {
    dir: TempDir,
    engine: SqliteEngine,
    history: SqliteHistory,
    done: usize,
    /// After which step the power fails.
    fails_after: usize,
}

impl Steps {
    fn start(fails_after: usize) -> Self {
        let dir = TempDir::new().unwrap();
        let (engine, history) = sqlite::open(dir.path(), &OPTIONS(), None).unwrap();
        Self { dir, engine, history, done: 0, fails_after }
    }

    fn commit(&mut self, requests: &[Request]) -> Vec<Outcome> {
        let outcomes = self.engine.commit(requests).unwrap();
        self.step();
        outcomes
    }

    fn tidy(&mut self) {
        self.engine.tidy().unwrap();
        self.step();
    }

    fn step(&mut self) {
        self.done += 1;
        if self.done == self.fails_after {
            let dir = TempDir::new().unwrap();
            copy(self.dir.path(), dir.path());
            (self.engine, self.history) = sqlite::open(dir.path(), &OPTIONS(), None).unwrap();
            self.dir = dir;
        }
    }

    fn count(&self, sensor: &str) -> u32 {
        let sensors = vec![SensorId::Text(sensor.into())];
        let (from, to) = (UtcMicros(BASE), UtcMicros(BASE + 30 * HOUR));
        let request = SeriesRequest { sensors, from, to, buckets: Buckets::Points(1_000) };
        let found = self.history.series(&request.sensors, &series::plan(&request).unwrap()).unwrap();
        found.iter().flat_map(|series| &series.count).sum()
    }
}

fn copy(from: &Path, to: &Path) {
    for file in ["telemetry.sqlite", "telemetry.sqlite-wal"] {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
    }
}

/// Singles and batches of sensors in turn, with housekeeping after each. Gives how many steps it took.
fn day(fails_after: usize) -> usize {
    let mut steps = Steps::start(fails_after);
    let mut ids = 0;
    let mut expected = [0; SENSORS.len()];
    for turn in 0_u8..16 {
        let place = usize::from(turn) % SENSORS.len();
        let at = BASE + i64::from(turn) * 20 * 60 * SECOND;
        let singles = [at, at + 2].map(|at| Request::One(single(SENSORS[place], at, f64::from(turn))));
        for outcome in steps.commit(&singles) {
            let Outcome::One(stored) = outcome else { panic!("{outcome:?}") };
            ids += 1;
            assert_eq!(stored.id, ids);
        }
        steps.tidy();
        // The second row repeats what this sensor's turn before brought, if there was one.
        let before = at - 8 * 20 * 60 * SECOND;
        let rows = [at + 1, if turn < 8 { at + 3 } else { before }].map(|at| (SENSORS[place], at, 1.0));
        for outcome in steps.commit(&[Request::Many(batch(&rows))]) {
            let Outcome::Many(StoredMany { result, .. }) = outcome else { panic!("{outcome:?}") };
            let new = if turn < 8 { 2 } else { 1 };
            assert_eq!((result.stored, result.duplicate), (new, 2 - new));
            ids += i64::from(new);
            expected[place] += 2 + new;
        }
        steps.tidy();
    }
    for (sensor, expected) in SENSORS.iter().zip(expected) {
        assert_eq!(steps.count(sensor), expected, "{sensor} after a failure at {fails_after}");
    }
    let seen = steps.history.sensors();
    assert!(seen.iter().all(|seen| seen.last.reading.measured_at.0 % (20 * 60 * SECOND) == 2));
    let mut seals = Vec::new();
    let mut sealed_up_to = 0;
    while let Some(seal) = steps.history.seal_pending(sealed_up_to).unwrap() {
        sealed_up_to = seal.last_id;
        seals.push(seal);
    }
    assert_eq!(sealed_up_to, ids);
    steps.history.verify_seals(&seals).unwrap();
    steps.done
}

#[test]
fn a_power_failure_after_each_step() {
    let steps = day(usize::MAX);
    for fails_after in 1..=steps {
        day(fails_after);
    }
}
