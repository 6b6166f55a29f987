//! What holds or does not against a slow, obviously right model: any course of values, with a restart at any step.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use rusqlite::Connection;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmRuleSettings, AlarmSubject, AlarmWatch, SensorKind, SensorSettings,
    Severity,
};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmRuleId, SensorId, StoreId, UtcMicros};
use uuid::Uuid;

use super::Finding;
use super::conditions::{Conditions, Facts};
use super::rules::Rules;
use super::servers::Lag;
use crate::domain::alarms::OpenAlarm;
use crate::ledger::schema;

const STORE: StoreId = StoreId(Uuid::from_u128(7));

/// An alarm as the model and the ledger know it: the rest of it is the same for all.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    opened: i64,
    ended: Option<i64>,
    worst: Option<f64>,
}

thread_local! {
    /// A ledger's file of the newest form, without anything in it but the one battery.
    static LEDGER: Connection = {
        let mut db = Connection::open_in_memory().unwrap();
        schema::migrate(&mut db, std::path::Path::new(":memory:"), schema::MIGRATIONS).unwrap();
        // A battery stands there without its sensor.
        db.pragma_update(None, "foreign_keys", false).unwrap();
        db
    };
}

fn rule(store_id: Option<StoreId>, watch: AlarmWatch) -> Rules {
    let settings = AlarmRuleSettings {
        store_id,
        sensor_id: None,
        watch,
        severity: Severity::Notice,
        enabled: true,
        instructions: None,
    };
    Rules::new(vec![AlarmRule { id: AlarmRuleId(Uuid::from_u128(1)), is_default: false, settings }], &[])
}

/// The server's side: what it was told to record, and who looks.
struct Server {
    kind: AlarmKind,
    rules: Rules,
    recorded: Vec<Alarm>,
    conditions: Conditions,
    /// A planted fault: with a start it forgets what is open.
    forgetful: bool,
}

impl Server {
    fn new(rules: Rules, kind: AlarmKind) -> Self {
        Self { kind, rules, recorded: Vec::new(), conditions: Conditions::new(&[]), forgetful: false }
    }

    /// What was in memory is gone.
    fn restart(&mut self) {
        let known = if self.forgetful { &[][..] } else { &self.recorded };
        self.conditions = Conditions::new(known);
    }

    fn look(&mut self, at: i64, servers: &[Lag]) {
        let sensor = SensorSettings {
            name: "Geladeira".to_owned(),
            store_id: STORE,
            kind: SensorKind::Fridge,
            low_celsius: None,
            high_celsius: None,
        };
        let named = [("g".to_owned(), sensor)];
        let now = UtcMicros(at * SECOND);
        let facts = Facts { now, rules: &self.rules, feeds: &[], terminals: &[], named: &named, servers };
        for finding in LEDGER.with(|db| self.conditions.look(db, &facts)).unwrap() {
            match finding {
                Finding::Alarm(alarm) => self.open(&alarm),
                Finding::Over(over) => {
                    let alarm = self.recorded.iter_mut().find(|alarm| alarm.id == over.alarm_id).unwrap();
                    assert_eq!(alarm.ended_at.replace(over.ended_at), None, "it was over before");
                }
                Finding::Worse(id, worst) => {
                    let alarm = self.recorded.iter_mut().find(|alarm| alarm.id == id).unwrap();
                    alarm.worst = Some(worst);
                }
            }
        }
    }

    fn open(&mut self, alarm: &OpenAlarm) {
        assert_eq!(alarm.kind, self.kind);
        assert!(self.recorded.iter().all(|known| known.ended_at.is_some()), "one at most is open");
        assert!(self.recorded.iter().all(|known| known.id != alarm.alarm_id), "each has an id of its own");
        self.recorded.push(Alarm {
            id: alarm.alarm_id,
            number: 1,
            rule_id: alarm.rule_id,
            kind: alarm.kind,
            measure: alarm.measure,
            severity: alarm.severity,
            store_id: alarm.store_id,
            subject: alarm.subject.clone(),
            name: alarm.name.clone(),
            limit: alarm.limit,
            worst: alarm.worst,
            began_at: alarm.began_at,
            fired_at: alarm.fired_at,
            ended_at: None,
            retroactive: false,
            quiet: false,
            instructions: None,
            acknowledgement: None,
        });
    }

    fn rows(&self) -> Vec<Row> {
        let row = |alarm: &Alarm| Row {
            opened: alarm.fired_at.0 / SECOND,
            ended: alarm.ended_at.map(|at| at.0 / SECOND),
            worst: alarm.worst,
        };
        self.recorded.iter().map(row).collect()
    }
}

/// All of it anew from the first value: between one below the limit and the next one that is well again.
fn low_batteries(levels: &[(i64, i64)], limit: i64, recovery: i64) -> Vec<Row> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(i) = (from..levels.len()).find(|i| levels[*i].1 < limit) {
        let j = (i..levels.len()).find(|j| levels[*j].1 >= recovery).unwrap_or(levels.len());
        let worst = levels[i..j].iter().map(|(_, level)| *level).min();
        found.push(Row {
            opened: levels[i].0,
            ended: levels.get(j).map(|(at, _)| *at),
            worst: worst.map(|worst| worst as f64),
        });
        from = j;
    }
    found
}

/// Of a member that lacks so many at these moments; the delay begins anew where `anew` says so, as the server that
/// coordinates then has seen nothing before.
fn lacking(seen: &[(i64, Option<i64>, bool)], most: i64, delay: i64) -> Vec<Row> {
    let mut found: Vec<Row> = Vec::new();
    for k in 0..seen.len() {
        let (at, lacks, _) = seen[k];
        let Some(lacks) = lacks else { continue };
        if let Some(open) = found.last_mut().filter(|row| row.ended.is_none()) {
            if lacks <= most / 2 {
                open.ended = Some(at);
            } else {
                open.worst = open.worst.map(|worst| worst.max(lacks as f64));
            }
            continue;
        }
        // Back to where it was last well, unknown, or nobody had looked yet.
        let mut first = k;
        while first > 0 && !seen[first].2 && seen[first - 1].1.is_some_and(|lacks| lacks > most) {
            first -= 1;
        }
        // What was told as over lacks more than half of it, and is counted from where it was over.
        if lacks > most && at - seen[first].0 >= delay {
            found.push(Row { opened: at, ended: None, worst: Some(lacks as f64) });
        }
    }
    found
}

type Levels = Vec<(i64, i64, bool)>;
type Lags = Vec<(i64, Option<i64>, bool)>;

/// The limit and what ends it; pauses, levels, and whether the server is started anew then.
fn batteries() -> impl Strategy<Value = ((i64, i64), Levels)> {
    let limits = (1..99_i64).prop_flat_map(|limit| (Just(limit), limit..=100));
    (limits, prop::collection::vec((1..90_i64, 0..=100_i64, any::<bool>()), 1..40))
}

fn battery(mut server: Server, (limit, recovery): (i64, i64), levels: Levels) -> Result<(), TestCaseError> {
    let (mut at, mut seen) = (0, Vec::new());
    for (pause, level, restart) in levels {
        at += pause;
        let sql = "INSERT OR REPLACE INTO battery (sensor, percent, measured_at) VALUES ('g', ?1, ?2)";
        LEDGER.with(|db| db.execute(sql, (level, at * SECOND))).unwrap();
        server.look(at, &[]);
        if restart {
            server.restart();
            server.look(at, &[]);
        }
        seen.push((at, level));
        prop_assert_eq!(server.rows(), low_batteries(&seen, limit, recovery));
    }
    let subject = AlarmSubject::Sensor { sensor_id: SensorId::Text("g".into()) };
    prop_assert!(server.recorded.iter().all(|alarm| alarm.subject == subject));
    Ok(())
}

fn watching_battery((percent, recovery_percent): (i64, i64)) -> Server {
    let watch = AlarmWatch::BatteryLow { percent, recovery_percent };
    Server::new(rule(Some(STORE), watch), AlarmKind::BatteryLow)
}

/// The limits; pauses, what it lacks, and whether another server coordinates from then on.
fn servers() -> impl Strategy<Value = ((i64, i64), Lags)> {
    let lags = (1..40_i64, prop::option::weighted(0.9, 0..200_i64), any::<bool>());
    ((1..100_i64, 0..60_i64), prop::collection::vec(lags, 1..40))
}

fn behind(mut server: Server, (most, delay): (i64, i64), lags: Lags) -> Result<(), TestCaseError> {
    let (mut at, mut seen) = (0, Vec::new());
    for (pause, lacks, another) in lags {
        at += pause;
        if another {
            server.restart();
        }
        let entries = lacks.map(i64::unsigned_abs);
        server.look(at, &[Lag { member: 3, url: "http://c".to_owned(), entries, agrees: None }]);
        seen.push((at, lacks, another));
        prop_assert_eq!(server.rows(), lacking(&seen, most, delay));
    }
    Ok(())
}

fn watching_servers((entries, seconds): (i64, i64)) -> Server {
    Server::new(rule(None, AlarmWatch::ServerBehind { entries, seconds }), AlarmKind::ServerBehind)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_battery((limits, levels) in batteries()) {
        battery(watching_battery(limits), limits, levels)?;
    }

    #[test]
    fn a_server_that_is_behind((limits, lags) in servers()) {
        behind(watching_servers(limits), limits, lags)?;
    }
}

/// Whether one of the same cases each time shows it.
fn is_found<T: std::fmt::Debug>(
    cases: &impl Strategy<Value = T>,
    case: impl Fn(T) -> Result<(), TestCaseError>,
) -> bool {
    let config =
        ProptestConfig { cases: 200, failure_persistence: None, max_shrink_iters: 0, ..<_>::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random).run(cases, case).is_err()
}

#[test]
fn planted_faults_are_found() {
    let forgetful = |server: Server| Server { forgetful: true, ..server };
    // A battery is well again as soon as it is at the limit; an open alarm is forgotten with a start.
    assert!(is_found(&batteries(), |(limits, levels)| {
        battery(watching_battery((limits.0, limits.0)), limits, levels)
    }));
    assert!(is_found(&batteries(), |(limits, levels)| {
        battery(forgetful(watching_battery(limits)), limits, levels)
    }));
    // A server is told at once; or what is open is forgotten where another one coordinates.
    assert!(is_found(&servers(), |(limits, lags)| behind(watching_servers((limits.0, 0)), limits, lags)));
    assert!(is_found(&servers(), |(limits, lags)| behind(forgetful(watching_servers(limits)), limits, lags)));
}
