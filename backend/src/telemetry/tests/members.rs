//! Members of a group that take the same requests have the same readings under the same ids: however the requests come
//! together in their transactions, whenever they pack, start again, or become a copy of one another.

use proptest::prelude::*;
use tempfile::TempDir;
use tillwatch_shared::SensorId;
use tillwatch_shared::time::DAY;

use super::super::engine::{Engine, History, Outcome, Request};
use super::super::member;
use super::super::row::Row;
use super::super::sqlite::{self, SqliteEngine, SqliteHistory};
use super::super::{Options, StoreError};
use super::{BASE, HOUR, SECOND, batch, single};

const SENSORS: [&str; 4] = ["a", "7", "geladeira 1", "b"];

#[derive(Clone, Debug)]
enum Sent {
    One(usize, i64),
    Batch(Vec<(usize, i64)>),
}

#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    Tidy,
    Reopen,
    BecomesCopy,
}

/// Times that meet often, over three days.
fn time() -> impl Strategy<Value = i64> + Clone {
    let second = (0..72 * 360_i64).prop_map(|n| BASE + n * 10 * SECOND);
    let edge = (0..72_i64, -2..2_i64).prop_map(|(hour, micros)| BASE + hour * HOUR + micros);
    prop_oneof![3 => second, 1 => edge, 2 => (0..20_i64).prop_map(|n| BASE + 60 * HOUR + n)]
}

/// What a device sends, and from when on the member that was asked keeps readings.
fn sent() -> impl Strategy<Value = (Sent, i64)> {
    let row = (0..SENSORS.len(), time());
    let sent = prop_oneof![
        row.clone().prop_map(|(sensor, at)| Sent::One(sensor, at)),
        proptest::collection::vec(row, 0..40).prop_map(Sent::Batch),
    ];
    let kept_from = prop_oneof![8 => Just(0), 1 => (0..3_i64).prop_map(|day| BASE + day * DAY)];
    (sent, kept_from)
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        3 => Just(Between::Nothing),
        3 => Just(Between::Tidy),
        1 => Just(Between::Reopen),
        1 => Just(Between::BecomesCopy)
    ]
}

/// As it comes out of the log.
fn agreed((sent, kept_from): &(Sent, i64)) -> (Request, i64) {
    let request = match sent {
        Sent::One(sensor, at) => Request::One(single(SENSORS[*sensor], *at, 4.0)),
        Sent::Batch(rows) => {
            let rows: Vec<_> = rows.iter().map(|(sensor, at)| (SENSORS[*sensor], *at, 4.0)).collect();
            Request::Many(batch(&rows))
        }
    };
    member::through_the_log(request, *kept_from)
}

struct Member {
    dir: TempDir,
    options: Options,
    engine: SqliteEngine,
    history: SqliteHistory,
}

impl Member {
    fn new(recent_readings: usize) -> Self {
        let (dir, options) = (TempDir::new().unwrap(), Options { recent_readings, ..Options::default() });
        let (engine, history) = sqlite::open(dir.path(), &options, None).unwrap();
        Self { dir, options, engine, history }
    }

    fn take(&mut self, sent: &[(Sent, i64)], mark: u8) -> Vec<Outcome> {
        let requests: Vec<_> = sent.iter().map(agreed).collect();
        self.engine.agree(&requests, &[mark]).unwrap()
    }

    fn reopen(&mut self) {
        self.engine.close().unwrap();
        (self.engine, self.history) = sqlite::open(self.dir.path(), &self.options, None).unwrap();
    }

    fn become_copy_of(&mut self, other: &Self) {
        let copy = self.dir.path().join("copy");
        let _ = std::fs::remove_file(&copy);
        other.history.backup_to(&copy).unwrap();
        self.engine.replace(&copy).unwrap();
    }

    /// Everything but where it came from, once what is not kept is gone.
    fn readings(&mut self) -> Vec<(SensorId, Vec<Row>)> {
        let mut pieces = 0;
        while self.engine.wakes_after().is_some() {
            self.engine.tidy().unwrap();
            pieces += 1;
            assert!(pieces < 1_000, "retention is never through");
        }
        let seen = self.history.sensors().into_iter().map(|seen| seen.id);
        let mut all: Vec<_> = seen
            .map(|id| {
                let mut rows = self.history.readings(&id, 0, BASE + 100 * DAY).unwrap();
                for row in &mut rows {
                    row.source = 0;
                }
                (id, rows)
            })
            .collect();
        all.sort_by_key(|(id, _)| id.to_string());
        all
    }
}

fn same(one: &Outcome, other: &Outcome) -> bool {
    match (one, other) {
        (Outcome::One(one), Outcome::One(other)) => one == other,
        (Outcome::Many(one), Outcome::Many(other)) => one == other,
        (Outcome::Refused(one), Outcome::Refused(other)) => one == other,
        (Outcome::One(_) | Outcome::Many(_) | Outcome::Refused(_), _) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn who_takes_the_same_has_the_same(
        packing in prop_oneof![Just(1_usize), 20..300_usize],
        portions in proptest::collection::vec((proptest::collection::vec(sent(), 1..6), between()), 1..25),
    ) {
        let (mut one, mut other) = (Member::new(50), Member::new(packing));
        for (place, (sent, between)) in (1..).zip(&portions) {
            let mut outcomes = Vec::new();
            for request in sent {
                outcomes.extend(one.take(std::slice::from_ref(request), place));
                one.engine.tidy().unwrap();
            }
            let others = other.take(sent, place);
            prop_assert!(
                outcomes.len() == others.len() && outcomes.iter().zip(&others).all(|(one, other)| same(one, other)),
                "{outcomes:?}\n{others:?}"
            );
            match between {
                Between::Nothing => {}
                Between::Tidy => other.engine.tidy().unwrap(),
                Between::Reopen => other.reopen(),
                Between::BecomesCopy => other.become_copy_of(&one),
            }
            prop_assert_eq!(other.engine.mark().unwrap(), Some(vec![place]));
        }
        prop_assert_eq!(one.readings(), other.readings());
    }
}

#[test]
fn readings_from_before_what_is_kept_are_refused_by_all_from_then_on() {
    for packing in [1, 50] {
        refuses_from_then_on(Member::new(packing));
    }
}

fn refuses_from_then_on(mut member: Member) {
    let late = |day: i64| Sent::One(0, BASE + day * DAY);
    let told = |outcomes: Vec<Outcome>| matches!(outcomes[..], [Outcome::Refused(StoreError::Invalid)]);
    assert!(!told(member.take(&[(late(0), 0)], 1)));
    assert!(!told(member.take(&[(late(2), BASE + DAY)], 2)));
    // Another member's clock, or setting, may lag behind.
    assert!(told(member.take(&[(late(0), 0)], 3)));
    member.reopen();
    assert!(told(member.take(&[(late(0), 0)], 4)));
    assert_eq!(member.readings()[0].1.len(), 1, "what is not kept any more goes");
}
