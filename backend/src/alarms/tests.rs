//! The watcher against a slow, obviously right model: readings late, twice and in any order, and a restart at any
//! step. The model looks at all readings each time and has no state but what was recorded. Faults that are planted
//! (`planted`) show that what is compared here finds them.

mod planted;

use std::collections::BTreeMap;

use proptest::prelude::*;

use self::planted::Fault;
use super::machine::{Machine, Point, Test};
use super::watcher::{BEFORE, FURTHER, Looking, Recorded, Verdict, Watcher};

/// Something that the ledger has: begin, when it fired, end, worst at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    began: i64,
    fired: i64,
    ended: Option<i64>,
    worst: f64,
}

/// Every time the rule was broken for long enough, found by looking at all pairs of readings.
fn all_excursions(test: Test, points: &[Point]) -> Vec<Row> {
    match test {
        Test::Above { limit, recovery, delay } => {
            levels(points, |v| v > limit, |v| v <= recovery && v <= limit, delay, f64::max)
        }
        Test::Below { limit, recovery, delay } => {
            levels(points, |v| v < limit, |v| v >= recovery && v >= limit, delay, f64::min)
        }
        Test::Swing { most, window } => {
            let swing = |k: usize| {
                let near = points[..k].iter().filter(|p| p.at >= points[k].at - window);
                near.map(|p| (p.value - points[k].value).abs()).fold(0.0, f64::max)
            };
            let amount = |k: usize| swing(k) * 60e6 / window as f64;
            runs(points, |k| (swing(k) > most).then(|| (points[k].at, amount(k))))
        }
        Test::Outside { low, high, allowed, window } => runs(points, |k| {
            let from = points[k].at - window;
            let out: Vec<(i64, i64)> = (0..k)
                .filter(|i| points[*i].value < low || points[*i].value > high)
                .map(|i| (points[i].at.max(from), points[i + 1].at.min(points[i].at + 900_000_000)))
                .filter(|(start, end)| end > start)
                .collect();
            let sum: i64 = out.iter().map(|(start, end)| end - start).sum();
            (sum > allowed).then(|| (out[0].0, sum as f64 / 1e6))
        }),
        Test::Frozen { length } => frozen(points, length),
    }
}

fn levels(
    points: &[Point],
    broken: impl Fn(f64) -> bool,
    well: impl Fn(f64) -> bool,
    delay: i64,
    worse: impl Fn(f64, f64) -> f64,
) -> Vec<Row> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(i) = (from..points.len()).find(|i| broken(points[*i].value)) {
        let j = (i..points.len()).find(|j| well(points[*j].value)).unwrap_or(points.len());
        if let Some(k) = (i..j).find(|k| points[*k].at - points[i].at >= delay) {
            let values = points[i..j].iter().map(|p| p.value).filter(|v| broken(*v));
            found.push(Row {
                began: points[i].at,
                fired: points[k].at,
                ended: points.get(j).map(|p| p.at),
                worst: values.reduce(&worse).unwrap(),
            });
        }
        from = j;
    }
    found
}

/// Unbroken runs of readings at which something is over.
fn runs(points: &[Point], over: impl Fn(usize) -> Option<(i64, f64)>) -> Vec<Row> {
    let signs: Vec<_> = (0..points.len()).map(over).collect();
    let mut found: Vec<Row> = Vec::new();
    for (k, sign) in signs.iter().enumerate() {
        let Some((began, amount)) = *sign else { continue };
        if k > 0 && signs[k - 1].is_some() {
            let last = found.last_mut().unwrap();
            last.worst = last.worst.max(amount);
        } else {
            let row = Row { began, fired: points[k].at, ended: None, worst: amount };
            found.push(row);
        }
        found.last_mut().unwrap().ended = points.get(k + 1).map(|p| p.at);
    }
    // The end is told only where it is over.
    if signs.last().is_some_and(Option::is_some) {
        found.last_mut().unwrap().ended = None;
    }
    found
}

fn frozen(points: &[Point], length: i64) -> Vec<Row> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < points.len() {
        let j = (i..points.len())
            .find(|j| points[*j].value.to_bits() != points[i].value.to_bits())
            .unwrap_or(points.len());
        if let Some(k) = (i + 2..j).find(|k| points[*k].at - points[i].at >= length) {
            found.push(Row {
                began: points[i].at,
                fired: points[k].at,
                ended: points.get(j).map(|p| p.at),
                worst: (points[j - 1].at - points[i].at) as f64 / 1e6,
            });
        }
        i = j;
    }
    found
}

/// It is over, and nothing is said about when.
const SOMETIME: Option<i64> = Some(i64::MAX);

/// What must be recorded after the reading of this moment: of what is over, that which fires with it or behind it. The
/// rest was judged before.
fn model(test: Test, readings: &BTreeMap<i64, f64>, at: i64, rows: &mut Vec<Row>) {
    let points: Vec<Point> = readings.iter().map(|(at, value)| Point { at: *at, value: *value }).collect();
    let found = all_excursions(test, &points);
    let going_on = found.last().filter(|row| row.ended.is_none()).copied();
    let far = |ended: Option<i64>| ended.unwrap_or(i64::MAX);
    if let Some(open) = rows.iter_mut().find(|row| row.ended.is_none())
        && going_on.is_none()
    {
        // Of one that ends with what came late, or began at another moment than is recorded for the same reason, it is
        // said that it is over, and neither when nor how bad it was.
        let last = found.iter().rev().find(|row| row.ended.unwrap() >= open.began);
        let in_order = points.last().is_some_and(|newest| newest.at == at);
        let same = last.filter(|row| in_order && row.began == open.began);
        open.ended = same.map_or(SOMETIME, |row| row.ended);
        open.worst = same.map_or(f64::NAN, |row| row.worst);
    }
    for row in found {
        let is_open = rows.iter().any(|row| row.ended.is_none());
        let known = rows.iter().any(|r| r.began <= far(row.ended) && row.began <= far(r.ended));
        if row.ended.is_none() && !is_open {
            let before = rows.iter().filter_map(|row| row.ended).max().unwrap_or(i64::MIN);
            let began = if row.began > before { row.began } else { before + 1 };
            rows.push(Row { began, fired: row.fired.max(began), ..row });
        } else if row.ended.is_some() && !known && row.fired >= at {
            rows.push(row);
        }
    }
}

/// A server's side: readings are durable in `history`, alarms in `rows`.
struct Server {
    test: Test,
    fault: Option<Fault>,
    history: BTreeMap<i64, f64>,
    rows: Vec<Row>,
    watcher: Watcher,
}

impl Server {
    fn new(test: Test) -> Self {
        Self::with(test, None)
    }

    fn with(test: Test, fault: Option<Fault>) -> Self {
        let test = fault.map_or(test, |fault| fault.in_test(test));
        let watcher = Watcher::new(test, Vec::new());
        Self { test, fault, history: BTreeMap::new(), rows: Vec::new(), watcher }
    }

    fn look(&mut self, around: i64) {
        let mut count = BEFORE;
        loop {
            let before = self.history.range(..around).rev().take(count);
            let (there, first) = before.fold((0, around), |(there, _), (at, _)| (there + 1, *at));
            let from = self.watcher.look_from(first);
            let mut look = Looking::new(&self.watcher, around, from);
            look.take(self.history.range(from..).map(|(at, value)| Point { at: *at, value: *value }));
            if look.is_sure() || there < count {
                let verdicts = look.finish(&mut self.watcher);
                return self.record(verdicts);
            }
            count *= FURTHER;
        }
    }

    fn take(&mut self, at: i64, value: f64) {
        // A second reading of a moment is not stored.
        if self.history.contains_key(&at) {
            return;
        }
        let late = self.history.last_key_value().is_some_and(|(newest, _)| *newest > at);
        self.history.insert(at, value);
        if late && self.fault == Some(Fault::DeafToWhatIsLate) {
            return;
        }
        match self.watcher.take(Point { at, value }) {
            Some(verdicts) => self.record(verdicts),
            None => self.look(at),
        }
    }

    fn restart(&mut self) {
        let recorded = self.rows.iter().map(|row| Recorded { began: row.began, ended: row.ended });
        let forgets = self.fault == Some(Fault::ForgetsWhatIsOpen);
        let recorded = recorded.filter(|row| !forgets || row.ended.is_some()).collect();
        self.watcher = Watcher::new(self.test, recorded);
        if self.fault == Some(Fault::BeginsAnewAfterAStart) {
            return;
        }
        if let Some((newest, _)) = self.history.last_key_value() {
            self.look(*newest);
        }
    }

    fn record(&mut self, verdicts: Vec<Verdict>) {
        for verdict in verdicts {
            match verdict {
                Verdict::Open(excursion) => {
                    assert!(self.rows.iter().all(|row| row.ended.is_some()) || excursion.ended.is_some());
                    self.rows.push(Row {
                        began: excursion.began,
                        fired: excursion.fired.unwrap(),
                        ended: excursion.ended,
                        worst: excursion.worst,
                    });
                }
                Verdict::Clear { began, ended, worst } => {
                    let open =
                        self.rows.iter_mut().find(|row| row.began == began && row.ended.is_none()).unwrap();
                    open.ended =
                        Some(if self.fault == Some(Fault::EndsWhereItBegan) { began } else { ended });
                    open.worst = worst.unwrap_or(open.worst);
                }
                Verdict::Worse { .. } if self.fault == Some(Fault::KeepsTheFirstWorst) => {}
                Verdict::Worse { began, worst } => {
                    let open = self.rows.iter_mut().find(|row| row.began == began && row.ended.is_none());
                    open.unwrap().worst = worst;
                }
            }
        }
    }
}

const SECOND: i64 = 1_000_000;

fn tests() -> impl Strategy<Value = Test> {
    let (window, delay) = (1..40_i64, 0..20_i64);
    prop_oneof![
        (delay.clone(), 0..4).prop_map(|(delay, margin)| Test::Above {
            limit: 8.0,
            recovery: 8.0 - f64::from(margin),
            delay: delay * SECOND
        }),
        (delay, 0..4).prop_map(|(delay, margin)| Test::Below {
            limit: 4.0,
            recovery: 4.0 + f64::from(margin),
            delay: delay * SECOND
        }),
        (1..8, window.clone())
            .prop_map(|(most, window)| Test::Swing { most: f64::from(most), window: window * SECOND }),
        (window.clone(), 0..20_i64).prop_map(|(window, allowed)| Test::Outside {
            low: 3.0,
            high: 8.0,
            allowed: allowed * SECOND,
            window: window * SECOND
        }),
        window.prop_map(|length| Test::Frozen { length: length * SECOND }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// In order, it is what the model finds, and whether or not the server was restarted at any step.
    #[test]
    fn readings_in_order(test in tests(), readings in prop::collection::vec((1..12_i64, 0..12_i32, any::<bool>()), 1..60)) {
        in_order(Server::new(test), test, readings)?;
    }

    /// In any order, with repetitions: what is recorded is what the model records.
    #[test]
    fn readings_in_any_order(test in tests(), readings in prop::collection::vec((0..200_i64, 0..12_i32, any::<bool>()), 1..60)) {
        in_any_order(Server::new(test), test, readings)?;
    }

    /// Looking at all at once, as a rehearsal does, finds the same as the model.
    #[test]
    fn a_rehearsal(test in tests(), readings in prop::collection::btree_map(0..400_i64, 0..12_i32, 1..80)) {
        let points: Vec<Point> =
            readings.iter().map(|(at, value)| Point { at: at * SECOND, value: f64::from(*value) }).collect();
        let mut machine = Machine::new(test);
        let mut found = machine.run(points.iter().copied());
        found.extend(machine.current().filter(|current| current.fired.is_some()));
        let expected = all_excursions(test, &points);
        let found: Vec<Row> = found
            .iter()
            .map(|one| Row {
                began: one.began,
                fired: one.fired.unwrap(),
                ended: one.ended,
                worst: one.worst,
            })
            .collect();
        prop_assert_eq!(found, expected);
    }
}

/// Pauses, values, and whether the server is started anew then.
fn in_order(mut server: Server, test: Test, readings: Vec<(i64, i32, bool)>) -> Result<(), TestCaseError> {
    let mut rows = Vec::new();
    let mut at = 0;
    for (pause, value, restart) in readings {
        at += pause * SECOND;
        server.take(at, f64::from(value));
        model(test, &server.history, at, &mut rows);
        if restart {
            server.restart();
        }
        compare(&server.rows, &mut rows, &server.history, test)?;
    }
    Ok(())
}

/// Moments, values, and whether the server is started anew then.
fn in_any_order(
    mut server: Server,
    test: Test,
    readings: Vec<(i64, i32, bool)>,
) -> Result<(), TestCaseError> {
    let mut rows = Vec::new();
    for (at, value, restart) in readings {
        let repeated = server.history.contains_key(&(at * SECOND));
        server.take(at * SECOND, f64::from(value));
        if !repeated {
            model(test, &server.history, at * SECOND, &mut rows);
        }
        if restart {
            server.restart();
        }
        compare(&server.rows, &mut rows, &server.history, test)?;
    }
    Ok(())
}

/// The worst value of what goes on is what the model finds now.
fn compare(
    recorded: &[Row],
    rows: &mut [Row],
    history: &BTreeMap<i64, f64>,
    test: Test,
) -> Result<(), TestCaseError> {
    let points: Vec<Point> = history.iter().map(|(at, value)| Point { at: *at, value: *value }).collect();
    let all = all_excursions(test, &points);
    let now = all.last().filter(|row| row.ended.is_none());
    for row in rows.iter_mut().filter(|row| row.ended == SOMETIME) {
        let known = recorded.iter().find(|known| known.began == row.began);
        row.ended = known.and_then(|known| known.ended).or(row.ended);
    }
    let mut expected = rows.to_vec();
    if let (Some(open), Some(now)) = (expected.iter_mut().find(|row| row.ended.is_none()), now) {
        open.worst = if now.began == open.began { now.worst } else { f64::NAN };
    }
    let sorted = |rows: &[Row]| {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| row.began);
        rows
    };
    let (recorded, mut expected) = (sorted(recorded), sorted(&expected));
    for (row, known) in expected.iter_mut().zip(&recorded).filter(|(row, _)| row.worst.is_nan()) {
        row.worst = known.worst;
    }
    prop_assert_eq!(recorded, expected);
    Ok(())
}

/// Between 2 and 3 s the values are between limit and recovery: what is low at 51 s began at 0 s, and was judged there.
#[test]
fn what_began_before_values_in_between_is_one_excursion() {
    let test = Test::Below { limit: 4.0, recovery: 5.0, delay: SECOND };
    let mut server = Server::new(test);
    for (at, value) in [(70, 0.0), (71, 0.0), (51, 0.0), (0, 0.0), (2, 4.0), (3, 4.0), (69, 5.0), (52, 0.0)] {
        server.take(at * SECOND, value);
    }
    assert_eq!(server.rows, [Row { began: 70 * SECOND, fired: 71 * SECOND, ended: None, worst: 0.0 }]);
}

/// The swing that a reading at 170 s makes one began at 123 s, at the end of another one.
#[test]
fn a_swing_is_seen_from_where_it_began() {
    let mut server = Server::new(Test::Swing { most: 2.0, window: 25 * SECOND });
    let readings =
        [(123, 5), (37, 3), (195, 0), (12, 0), (98, 0), (128, 8), (144, 9), (0, 0), (167, 0), (170, 3)];
    for (at, value) in readings {
        server.take(at * SECOND, f64::from(value));
    }
    let found: Vec<_> = server.rows.iter().map(|row| (row.began, row.ended)).collect();
    assert_eq!(found, [(37 * SECOND, Some(123 * SECOND)), (123 * SECOND + 1, None)]);
}
