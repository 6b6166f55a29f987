//! The sensors that are watched, with their rules and what is recorded about them. Blocks where it looks at history:
//! for a thread that may.

use std::collections::{BTreeMap, HashMap};

use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmSubject, AlarmWatch, Measure, SensorSettings, thousandths,
};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{AlarmId, SensorId, StoreId, UtcMicros, compact};

use super::Finding;
use super::machine::{Excursion, Point, Test};
use super::rules::Rules;
use super::silence::Silence;
use super::watcher::{BEFORE, FURTHER, Looking, Recorded, Verdict, Watcher};
use crate::domain::alarm_rules::SILENT;
use crate::domain::alarms::{ClearAlarm, OpenAlarm};
use crate::telemetry::{Corrections, Measured, Offsets, ReadError, Telemetry};

/// Older readings are history, and no alarm any more.
pub const HORIZON: i64 = 31 * DAY;
/// A reading that claims to be from further ahead is a wrong clock's.
const AHEAD: i64 = 5 * MINUTE;
/// An alarm that is told later after it fired is a retroactive one.
const PROMPT: i64 = MINUTE;
/// How far back the last reading before another one is looked for, in steps.
const STEPS_BACK: [i64; 4] = [HOUR, DAY, 7 * DAY, HORIZON];
/// Readings that came so shortly before the last one may not have been looked at when the server was stopped.
const UNSEEN: i64 = MINUTE;

/// What makes an alarm of a sensor this one and no other.
type Key = (AlarmKind, Option<Measure>);

#[derive(Debug, Default)]
pub struct Sensors {
    list: HashMap<String, Watched>,
    /// What the ledger knows of each, as it was read at the start, until the sensor is watched.
    recorded: HashMap<String, Vec<Alarm>>,
}

#[derive(Debug)]
struct Watched {
    id: SensorId,
    settings: SensorSettings,
    /// What is added to its readings before they are judged.
    offsets: Offsets,
    silence: Silence,
    silent: Option<AlarmRule>,
    watchers: BTreeMap<Key, (AlarmRule, Watcher)>,
    /// The open alarms.
    open: HashMap<Key, Alarmed>,
    /// The earliest reading that came after a newer one and was not looked at yet.
    late: Option<i64>,
    /// What is recorded, for watchers to come.
    known: Vec<(Key, Recorded)>,
    /// Whether history was looked at since the start.
    begun: bool,
}

#[derive(Clone, Copy, Debug)]
struct Alarmed {
    id: AlarmId,
    store: StoreId,
}

impl Sensors {
    /// With what the ledger has: alarms that are open, and those that ended within [`HORIZON`].
    pub fn new(alarms: Vec<Alarm>) -> Self {
        let mut recorded: HashMap<String, Vec<Alarm>> = HashMap::new();
        for alarm in alarms.into_iter().filter(|alarm| alarm.kind.of_readings()) {
            if let AlarmSubject::Sensor { sensor_id } = &alarm.subject {
                recorded.entry(sensor_id.to_string()).or_default().push(alarm);
            }
        }
        Self { list: HashMap::new(), recorded }
    }

    /// Takes over which sensors there are and what counts for them.
    pub fn arrange(
        &mut self,
        named: Vec<(String, SensorSettings)>,
        rules: &Rules,
        corrections: &Corrections,
        now: UtcMicros,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, settings) in named {
            let of_it: Vec<AlarmRule> = rules.of_sensor(&id, &settings).into_iter().cloned().collect();
            let recorded = &mut self.recorded;
            let watched = self.list.entry(id.clone()).or_insert_with(|| {
                Watched::new(&id, settings.clone(), recorded.remove(&id).unwrap_or_default())
            });
            watched.settings = settings;
            watched.offsets = corrections.of(&watched.id);
            watched.arrange(of_it);
            findings.extend(watched.close_unwatched(now));
        }
        findings
    }

    /// A reading came.
    pub fn take(&mut self, sensor: &SensorId, measured: &Measured, now: UtcMicros) -> Vec<Finding> {
        let Some(watched) = self.list.get_mut(&sensor.to_string()) else { return Vec::new() };
        if !is_usable(measured) {
            return Vec::new();
        }
        watched.take(&watched.offsets.measured(*measured), now)
    }

    /// Some readings were lost on the way: history is looked at as if the server had been started now.
    pub fn look_at_all(&mut self) {
        self.list.values_mut().for_each(|watched| watched.begun = false);
    }

    /// Looks at history where that is needed. What cannot be read is left for the next time.
    pub fn catch_up(
        &mut self,
        telemetry: &Telemetry,
        now: UtcMicros,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ReadError> {
        for watched in self.list.values_mut() {
            if !watched.begun {
                watched.begin(telemetry, now)?;
            }
            if let Some(around) = watched.late {
                findings.extend(watched.look_again(telemetry, around, now)?);
                watched.late = None;
            }
        }
        Ok(())
    }

    /// Who has been silent for too long, and who is back.
    pub fn listen(&mut self, now: UtcMicros, server_since: UtcMicros) -> Vec<Finding> {
        self.list.values_mut().filter_map(|watched| watched.listen(now, server_since)).collect()
    }

    /// After how long each of them counts as silent, in microseconds.
    pub fn patience(&self) -> HashMap<String, i64> {
        self.list.iter().map(|(id, watched)| (id.clone(), watched.patience())).collect()
    }

    /// How many are watched.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many alarms are open.
    pub fn open(&self) -> usize {
        self.list.values().map(|watched| watched.open.len()).sum()
    }
}

fn is_usable(measured: &Measured) -> bool {
    measured.at.since(measured.received_at) <= AHEAD
}

impl Watched {
    fn new(id: &str, settings: SensorSettings, alarms: Vec<Alarm>) -> Self {
        let mut open = HashMap::new();
        let mut known = Vec::new();
        for alarm in alarms {
            let key = (alarm.kind, alarm.measure);
            known.push((key, Recorded { began: alarm.began_at.0, ended: alarm.ended_at.map(|at| at.0) }));
            if alarm.ended_at.is_none() {
                let store = alarm.store_id.unwrap_or(settings.store_id);
                open.insert(key, Alarmed { id: alarm.id, store });
            }
        }
        Self {
            id: compact::sensor_id(id).unwrap_or_else(|| SensorId::Text(id.to_owned())),
            settings,
            offsets: Offsets::default(),
            silence: Silence::default(),
            silent: None,
            watchers: BTreeMap::new(),
            open,
            late: None,
            known,
            begun: false,
        }
    }

    /// Takes over the rules. A watcher whose numbers have changed begins anew.
    fn arrange(&mut self, rules: Vec<AlarmRule>) {
        let mut before = std::mem::take(&mut self.watchers);
        self.silent = None;
        for rule in rules {
            let key = (rule.settings.watch.kind(), rule.settings.watch.measure());
            if key.0 == AlarmKind::Silent {
                self.silent = Some(rule);
                continue;
            }
            let Some(test) = Test::of(&rule.settings.watch, &self.settings) else { continue };
            let watcher = match before.remove(&key) {
                Some((_, watcher)) if *watcher.test() == test => watcher,
                Some(_) | None => {
                    self.begun = false;
                    let of_key = self.known.iter().filter(|(of, _)| *of == key);
                    Watcher::new(test, of_key.map(|(_, recorded)| *recorded).collect())
                }
            };
            self.watchers.insert(key, (rule, watcher));
        }
    }

    /// What nothing watches for any more is over.
    fn close_unwatched(&mut self, now: UtcMicros) -> Vec<Finding> {
        let silent = self.silent.is_some();
        let watched =
            |key: &Key| if key.0 == AlarmKind::Silent { silent } else { self.watchers.contains_key(key) };
        let moved = |alarmed: &Alarmed| alarmed.store != self.settings.store_id;
        let over: Vec<Key> = self
            .open
            .iter()
            .filter(|(key, alarmed)| !watched(key) || moved(alarmed))
            .map(|(key, _)| *key)
            .collect();
        let clear = |key: Key| {
            let alarmed = self.open.remove(&key)?;
            for (of, recorded) in &mut self.known {
                if *of == key {
                    recorded.ended.get_or_insert(now.0.max(recorded.began));
                }
            }
            // What it watches begins anew where the sensor is now.
            if self.watchers.remove(&key).is_some() {
                self.begun = false;
            }
            Some(Finding::Over(ClearAlarm { alarm_id: alarmed.id, ended_at: now, worst: None }))
        };
        over.into_iter().filter_map(clear).collect()
    }

    fn take(&mut self, measured: &Measured, now: UtcMicros) -> Vec<Finding> {
        self.silence.heard(measured.at, measured.received_at);
        if !self.begun {
            return Vec::new();
        }
        let mut findings = Vec::new();
        let mut late = false;
        let keys: Vec<Key> = self.watchers.keys().copied().collect();
        for key in keys {
            let Some((_, watcher)) = self.watchers.get_mut(&key) else { continue };
            let point = Point { at: measured.at.0, value: value(key, measured) };
            match watcher.take(point) {
                Some(verdicts) => findings.extend(self.found(key, verdicts, now)),
                None => late = true,
            }
        }
        let recent = measured.received_at.since(measured.at) <= HORIZON;
        if late && recent {
            self.late = Some(self.late.map_or(measured.at.0, |known| known.min(measured.at.0)));
        }
        findings
    }

    /// Looks at what was there before the server was started.
    fn begin(&mut self, telemetry: &Telemetry, now: UtcMicros) -> Result<(), ReadError> {
        let Some(newest) = before(telemetry, &self.id, now.plus(AHEAD), 1, now)? else {
            self.begun = true;
            return Ok(());
        };
        let day = telemetry.corrected_readings(&self.id, newest.plus(-DAY), newest.plus(1), &self.offsets)?;
        let usable = || day.iter().filter(|measured| is_usable(measured));
        let last = usable().map(|measured| measured.received_at).max().unwrap_or_default();
        let unseen = usable().find(|measured| measured.received_at >= last.plus(-UNSEEN));
        self.silence = Silence::default();
        for measured in usable() {
            self.silence.heard(measured.at, measured.received_at);
        }
        let around = unseen.map_or(newest.0, |measured| measured.at.0);
        self.late = Some(self.late.map_or(around, |known| known.min(around)));
        self.begun = true;
        Ok(())
    }

    /// Looks at history around a reading and all that came after it.
    fn look_again(
        &mut self,
        telemetry: &Telemetry,
        around: i64,
        now: UtcMicros,
    ) -> Result<Vec<Finding>, ReadError> {
        let bound = now.0 - HORIZON;
        let first_of = |count| {
            let before = before(telemetry, &self.id, UtcMicros(around), count, now)?;
            Ok::<_, ReadError>(before.map_or(around, |at| at.0))
        };
        let (mut count, mut first) = (BEFORE, first_of(BEFORE)?);
        let mut keys: Vec<Key> = self.watchers.keys().copied().collect();
        let mut done = Vec::new();
        while !keys.is_empty() {
            let look = |key: &Key| {
                let (_, watcher) = self.watchers.get(key)?;
                let from = watcher.look_from(first).max(bound.min(first));
                Some((*key, Looking::new(watcher, around, from)))
            };
            let mut looks: Vec<(Key, Looking)> = keys.iter().filter_map(look).collect();
            self.read(telemetry, &mut looks, now)?;
            let (sure, unsure): (Vec<_>, Vec<_>) = looks.into_iter().partition(|(_, look)| look.is_sure());
            done.extend(sure);
            keys = unsure.iter().map(|(key, _)| *key).collect();
            if !keys.is_empty() {
                count *= FURTHER;
                let further = first_of(count)?;
                if further == first {
                    // That is all there is.
                    done.extend(unsure);
                    break;
                }
                first = further;
            }
        }
        let mut findings = Vec::new();
        for (key, look) in done {
            let Some((_, watcher)) = self.watchers.get_mut(&key) else { continue };
            let verdicts = look.finish(watcher);
            watcher.forget_before(now.0 - 2 * HORIZON);
            findings.extend(self.found(key, verdicts, now));
        }
        Ok(findings)
    }

    /// Readings for several looks, a day at a time.
    fn read(
        &self,
        telemetry: &Telemetry,
        looks: &mut [(Key, Looking)],
        now: UtcMicros,
    ) -> Result<(), ReadError> {
        let to = now.0 + AHEAD;
        let mut from = looks.iter().map(|(_, look)| look.from()).min().unwrap_or(to);
        while from < to {
            let end = (from + DAY).min(to);
            let piece =
                telemetry.corrected_readings(&self.id, UtcMicros(from), UtcMicros(end), &self.offsets)?;
            for (key, look) in &mut *looks {
                let own = look.from();
                let usable = piece.iter().filter(|measured| measured.at.0 >= own && is_usable(measured));
                look.take(usable.map(|measured| Point { at: measured.at.0, value: value(*key, measured) }));
            }
            from = end;
        }
        Ok(())
    }

    /// What a watcher's verdicts are for the ledger.
    fn found(&mut self, key: Key, verdicts: Vec<Verdict>, now: UtcMicros) -> Vec<Finding> {
        let found = |verdict| match verdict {
            Verdict::Open(excursion) => {
                let alarm = self.alarm(key, excursion, now)?;
                if alarm.ended_at.is_none() {
                    self.open.insert(key, Alarmed { id: alarm.alarm_id, store: self.settings.store_id });
                }
                let ended = alarm.ended_at.map(|at| at.0);
                self.known.push((key, Recorded { began: alarm.began_at.0, ended }));
                Some(Finding::Alarm(Box::new(alarm)))
            }
            Verdict::Clear { began, ended, worst } => {
                for (of, recorded) in &mut self.known {
                    if *of == key && recorded.began == began {
                        recorded.ended.get_or_insert(ended);
                    }
                }
                let alarm_id = self.open.remove(&key)?.id;
                let worst = worst.map(thousandths);
                Some(Finding::Over(ClearAlarm { alarm_id, ended_at: UtcMicros(ended), worst }))
            }
            Verdict::Worse { worst, .. } => Some(Finding::Worse(self.open.get(&key)?.id, thousandths(worst))),
        };
        verdicts.into_iter().filter_map(found).collect()
    }

    fn alarm(&self, key: Key, excursion: Excursion, now: UtcMicros) -> Option<OpenAlarm> {
        let (rule, watcher) = self.watchers.get(&key)?;
        let fired = excursion.fired.unwrap_or(excursion.began);
        let alarm = OpenAlarm {
            limit: Some(thousandths(watcher.test().told())),
            worst: Some(thousandths(excursion.worst)),
            began_at: UtcMicros(excursion.began),
            fired_at: UtcMicros(fired),
            ended_at: excursion.ended.map(UtcMicros),
            retroactive: excursion.ended.is_some() || now.0 - fired > PROMPT,
            ..self.of_rule(rule)
        };
        Some(alarm.identified())
    }

    /// An alarm of a rule, with the times and numbers still to be said.
    fn of_rule(&self, rule: &AlarmRule) -> OpenAlarm {
        let subject = AlarmSubject::Sensor { sensor_id: self.id.clone() };
        super::alarm_of(rule, subject, self.settings.name.clone())
    }

    /// How long it may say nothing, in microseconds: as its rule has it, or as it would be without one.
    fn patience(&self) -> i64 {
        let rule = self.silent.as_ref().map(|rule| &rule.settings.watch);
        let (intervals, at_least_seconds) = match rule {
            Some(AlarmWatch::Silent { intervals, at_least_seconds }) => (*intervals, *at_least_seconds),
            Some(_) | None => SILENT,
        };
        (intervals * self.silence.usual()).max(at_least_seconds * SECOND)
    }

    fn listen(&mut self, now: UtcMicros, server_since: UtcMicros) -> Option<Finding> {
        self.silent.as_ref()?;
        self.silence.not_after(now);
        let since = self.silence.since(server_since)?;
        let most = self.patience();
        let rule = self.silent.as_ref()?;
        let key = (AlarmKind::Silent, None);
        let length = now.since(since);
        let seconds = thousandths(length as f64 / SECOND as f64);
        match (length > most, self.open.get(&key).copied()) {
            (true, Some(alarmed)) => Some(Finding::Worse(alarmed.id, seconds.floor())),
            (true, None) => {
                let alarm = OpenAlarm {
                    limit: Some(thousandths(most as f64 / SECOND as f64)),
                    worst: Some(seconds),
                    began_at: since,
                    fired_at: now,
                    ..self.of_rule(rule)
                }
                .identified();
                self.open.insert(key, Alarmed { id: alarm.alarm_id, store: self.settings.store_id });
                Some(Finding::Alarm(Box::new(alarm)))
            }
            (false, Some(alarmed)) if since > server_since => {
                self.open.remove(&key);
                Some(Finding::Over(ClearAlarm { alarm_id: alarmed.id, ended_at: since, worst: None }))
            }
            // After a start it is not known yet whether it is back.
            (false, Some(_) | None) => None,
        }
    }
}

fn value(key: Key, measured: &Measured) -> f64 {
    key.1.unwrap_or_default().of(measured.values)
}

/// The moment of one of the newest usable readings before another moment, as far back as [`HORIZON`]: of the last, or
/// of the one so many before it. With fewer, of the first.
fn before(
    telemetry: &Telemetry,
    sensor: &SensorId,
    moment: UtcMicros,
    count: usize,
    now: UtcMicros,
) -> Result<Option<UtcMicros>, ReadError> {
    let bound = now.plus(-HORIZON);
    let mut found = None;
    for step in STEPS_BACK {
        let from = moment.plus(-step).max(UtcMicros(0));
        // Only their times matter.
        let readings = telemetry.corrected_readings(sensor, from, moment, &Offsets::default())?;
        let usable = readings.iter().rev().filter(|measured| is_usable(measured));
        let newest: Vec<UtcMicros> = usable.take(count).map(|measured| measured.at).collect();
        let enough = newest.len() == count;
        found = newest.last().copied();
        if enough || from <= bound {
            break;
        }
    }
    Ok(found)
}
