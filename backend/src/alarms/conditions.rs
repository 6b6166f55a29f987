//! What is not about readings: goods that run low or expire, tills that say nothing, feeds that cannot be used,
//! batteries that run low, servers that are behind.
//!
//! These hold or do not hold at a moment; what holds and has no open alarm becomes one, and the other way round.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use tillwatch_shared::api::{
    Alarm, AlarmKind, AlarmRule, AlarmSubject, AlarmWatch, Battery, FeedState, SensorSettings, thousandths,
};
use tillwatch_shared::ids::LotId;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmId, PersonId, ProductId, SensorId, StoreId, UtcMicros, compact};

use super::rules::Rules;
use super::servers::{Behind, Lag, Lagging, Limits, differing};
use super::{Finding, alarm_of};
use crate::domain::alarms::{ClearAlarm, OpenAlarm};
use crate::domain::{batteries, rows, sales};
use crate::feeds::status::Status;
use crate::ledger::queries::stores;
use crate::pulse::Heard;

/// Open alarms of one kind in one store: a shop with a thousand products at their minimum has one trouble, not a
/// thousand. The whole list is with the goods.
const MOST: usize = 200;

/// The open alarms that are not about readings.
#[derive(Debug, Default)]
pub struct Conditions {
    open: HashMap<Place, Open>,
    lagging: Lagging,
}

/// An open alarm, and the worst value so far.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: AlarmId,
    worst: Option<f64>,
}

/// What makes an alarm this one: store, kind and subject as JSON.
type Place = (Option<StoreId>, AlarmKind, String);

/// What is known at this moment.
#[derive(Debug)]
pub struct Facts<'a> {
    pub now: UtcMicros,
    pub rules: &'a Rules,
    pub feeds: &'a [(String, Status)],
    pub terminals: &'a [Heard],
    /// Every named sensor.
    pub named: &'a [(String, SensorSettings)],
    /// The other members of the group, where this one coordinates.
    pub servers: &'a [Lag],
}

impl Conditions {
    pub fn new(alarms: &[Alarm]) -> Self {
        let open = alarms.iter().filter(|alarm| alarm.ended_at.is_none() && is_watched(alarm.kind));
        let place = |alarm: &Alarm| (alarm.store_id, alarm.kind, as_text(&alarm.subject));
        let known = |alarm: &Alarm| Open { id: alarm.id, worst: alarm.worst };
        Self { open: open.map(|alarm| (place(alarm), known(alarm))).collect(), lagging: Lagging::default() }
    }

    /// Compares what holds with what is open.
    pub fn look(&mut self, db: &Connection, facts: &Facts<'_>) -> rusqlite::Result<Vec<Finding>> {
        let mut holding = Vec::new();
        if facts.rules.of_store(None, AlarmKind::ServerBehind).is_none() {
            // What was seen before counts no more when it is watched for again.
            self.lagging = Lagging::default();
        }
        for rule in facts.rules.all().iter().filter(|rule| rule.settings.enabled) {
            match rule.settings.watch {
                AlarmWatch::LowStock {} => holding.extend(low_stock(db, rule, facts.now)?),
                AlarmWatch::Expiring { days } => holding.extend(expiring(db, rule, days, facts.now)?),
                AlarmWatch::FeedBroken {} => holding.extend(feeds(rule, facts)),
                AlarmWatch::ServerBehind { entries, seconds } => {
                    holding.extend(self.servers(rule, Limits { entries, seconds }, facts));
                }
                AlarmWatch::JournalDiffers {} => holding.extend(self.journals(rule, facts)),
                AlarmWatch::TillSilent { .. }
                | AlarmWatch::BatteryLow { .. }
                | AlarmWatch::BackupFailed {}
                | AlarmWatch::High { .. }
                | AlarmWatch::Low { .. }
                | AlarmWatch::Rate { .. }
                | AlarmWatch::Cumulative { .. }
                | AlarmWatch::Silent { .. }
                | AlarmWatch::Frozen { .. } => {}
            }
        }
        holding.extend(terminals(db, facts)?);
        holding.extend(self.batteries(db, facts)?);
        Ok(self.compare(holding, facts.now))
    }

    fn compare(&mut self, holding: Vec<OpenAlarm>, now: UtcMicros) -> Vec<Finding> {
        let place = |alarm: &OpenAlarm| (alarm.store_id, alarm.kind, as_text(&alarm.subject));
        let hold: HashSet<Place> = holding.iter().map(place).collect();
        let mut findings = Vec::new();
        self.open.retain(|place, open| {
            let stays = hold.contains(place);
            if !stays {
                let over = ClearAlarm { alarm_id: open.id, ended_at: now, worst: None };
                findings.push(Finding::Over(over));
            }
            stays
        });
        for alarm in holding {
            let place = place(&alarm);
            if let Some(open) = self.open.get_mut(&place) {
                if let Some(worst) = alarm.worst {
                    let worst = worst_of(alarm.kind, open.worst, worst);
                    open.worst = Some(worst);
                    findings.push(Finding::Worse(open.id, worst));
                }
                continue;
            }
            let beside = self.open.keys().filter(|(store, kind, _)| *store == place.0 && *kind == place.1);
            if beside.count() < MOST {
                let alarm = alarm.identified();
                self.open.insert(place, Open { id: alarm.alarm_id, worst: alarm.worst });
                findings.push(Finding::Alarm(Box::new(alarm)));
            }
        }
        findings
    }

    fn is_open(&self, rule: &AlarmRule, subject: &AlarmSubject) -> bool {
        let settings = &rule.settings;
        self.open.contains_key(&(settings.store_id, settings.watch.kind(), as_text(subject)))
    }

    /// Members of the group that are behind this one for too long.
    fn servers(&mut self, rule: &AlarmRule, limits: Limits, facts: &Facts<'_>) -> Vec<OpenAlarm> {
        let mut lagging = std::mem::take(&mut self.lagging);
        let is_open = |member| self.is_open(rule, &AlarmSubject::Server { member });
        let behind = lagging.look(facts.servers, limits, facts.now, is_open);
        let alarm = |Behind { lag, since }: Behind<'_>| {
            let subject = AlarmSubject::Server { member: lag.member };
            let worst = lag.entries.map(|entries| thousandths(entries as f64));
            let alarm = holds(rule, subject, lag.url.clone(), since, facts.now);
            OpenAlarm { limit: Some(limits.entries as f64), worst, ..alarm }
        };
        let alarms = behind.into_iter().map(alarm).collect();
        self.lagging = lagging;
        alarms
    }

    /// Members of the group whose journal is another one.
    fn journals(&self, rule: &AlarmRule, facts: &Facts<'_>) -> Vec<OpenAlarm> {
        let subject = |member| AlarmSubject::Server { member };
        let found = differing(facts.servers, |member| self.is_open(rule, &subject(member)));
        let alarm = |lag: &Lag| holds(rule, subject(lag.member), lag.url.clone(), facts.now, facts.now);
        found.into_iter().map(alarm).collect()
    }

    /// Sensors whose battery is low: below the one figure, until it is at the other.
    fn batteries(&self, db: &Connection, facts: &Facts<'_>) -> rusqlite::Result<Vec<OpenAlarm>> {
        let levels: HashMap<String, Battery> = batteries::all(db)?.into_iter().collect();
        let mut alarms = Vec::new();
        for (id, settings) in facts.named {
            let Some(battery) = levels.get(id) else { continue };
            let rules = facts.rules.of_sensor(id, settings);
            let rule = rules.into_iter().find(|rule| rule.settings.watch.kind() == AlarmKind::BatteryLow);
            let Some(rule) = rule else { continue };
            let AlarmWatch::BatteryLow { percent, recovery_percent } = rule.settings.watch else { continue };
            let sensor_id = compact::sensor_id(id).unwrap_or_else(|| SensorId::Text(id.clone()));
            let subject = AlarmSubject::Sensor { sensor_id };
            let below = if self.is_open(rule, &subject) { recovery_percent } else { percent };
            if i64::from(battery.percent) < below {
                let worst = Some(f64::from(battery.percent));
                // Not since it was measured: one that is found again under a changed rule is another alarm.
                let alarm = holds(rule, subject, settings.name.clone(), facts.now, facts.now);
                alarms.push(OpenAlarm { limit: Some(percent as f64), worst, ..alarm });
            }
        }
        Ok(alarms)
    }

    pub fn open(&self) -> usize {
        self.open.len()
    }
}

/// Whether it is looked at here. Readings are not, and each server looks after its own backups.
fn is_watched(kind: AlarmKind) -> bool {
    !kind.of_readings() && kind != AlarmKind::BackupFailed
}

/// The worse of what was and what is; for kinds whose value only goes one way, or is the rest that is left, what is.
fn worst_of(kind: AlarmKind, before: Option<f64>, now: f64) -> f64 {
    match kind {
        AlarmKind::ServerBehind => before.map_or(now, |before| before.max(now)),
        AlarmKind::BatteryLow => before.map_or(now, |before| before.min(now)),
        AlarmKind::LowStock
        | AlarmKind::Expiring
        | AlarmKind::TillSilent
        | AlarmKind::FeedBroken
        | AlarmKind::BackupFailed
        | AlarmKind::JournalDiffers
        | AlarmKind::High
        | AlarmKind::Low
        | AlarmKind::Rate
        | AlarmKind::Cumulative
        | AlarmKind::Silent
        | AlarmKind::Frozen => now,
    }
}

fn as_text(subject: &AlarmSubject) -> String {
    serde_json::to_string(subject).unwrap_or_default()
}

/// A condition that holds since this moment, as far as is known.
fn holds(
    rule: &AlarmRule,
    subject: AlarmSubject,
    name: String,
    since: UtcMicros,
    now: UtcMicros,
) -> OpenAlarm {
    OpenAlarm { began_at: since.min(now), fired_at: now, ..alarm_of(rule, subject, name) }
}

/// Products that were ever in the store and are at their minimum or below.
fn low_stock(db: &Connection, rule: &AlarmRule, now: UtcMicros) -> rusqlite::Result<Vec<OpenAlarm>> {
    let Some(store) = rule.settings.store_id else { return Ok(Vec::new()) };
    rows::all(
        db,
        "SELECT product.uid, product.name, balance, minimum
         FROM stock JOIN product ON product.id = stock.product JOIN store ON store.id = stock.store
         WHERE store.uid = ?1 AND product.active AND minimum > 0 AND balance <= minimum
         ORDER BY product.id LIMIT ?2",
        (store.0.as_bytes().as_slice(), MOST as i64),
        |row| {
            let subject = AlarmSubject::Product { product_id: ProductId(rows::id(row, 0)?) };
            let units = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)? as f64 / 1_000.0);
            let alarm = holds(rule, subject, row.get(1)?, now, now);
            Ok(OpenAlarm { limit: Some(units(3)?), worst: Some(units(2)?), ..alarm })
        },
    )
}

/// Lots that hold something and expire in fewer days than these; with none, those that are expired.
fn expiring(
    db: &Connection,
    rule: &AlarmRule,
    days: i64,
    now: UtcMicros,
) -> rusqlite::Result<Vec<OpenAlarm>> {
    let Some(store) = rule.settings.store_id else { return Ok(Vec::new()) };
    let id = store.0.as_bytes().as_slice();
    let today = sales::local(&stores::zone(db, store)?, now).date();
    rows::all(
        db,
        "SELECT lot.uid, product.name || ' ' || lot.code, expires_on, julianday(expires_on) - julianday(?2) AS days
         FROM lot JOIN product ON product.id = lot.product JOIN store ON store.id = lot.store
         WHERE store.uid = ?1 AND balance > 0 AND expires_on <> '' AND days < ?3 ORDER BY expires_on, lot.id LIMIT ?4",
        (id, today.to_string(), days, MOST as i64),
        |row| {
            let subject = AlarmSubject::Lot { lot_id: LotId(rows::id(row, 0)?) };
            let name: String = row.get(1)?;
            let left: f64 = row.get(3)?;
            let alarm = holds(rule, subject, name.trim().to_owned(), now, now);
            Ok(OpenAlarm { limit: Some(days as f64), worst: Some(left.round()), ..alarm })
        },
    )
}

fn feeds(rule: &AlarmRule, facts: &Facts<'_>) -> Vec<OpenAlarm> {
    let failed = facts.feeds.iter().filter(|(_, status)| status.state == FeedState::Failed);
    let alarm = |(name, status): &(String, Status)| {
        let since = status.looked_at.unwrap_or(facts.now);
        holds(rule, AlarmSubject::Feed { feed: name.clone() }, name.clone(), since, facts.now)
    };
    failed.map(alarm).collect()
}

/// Terminals that say nothing although a drawer is open in a store of the person who was signed in there last. A
/// till that is shut down in the evening is no trouble. It begins when both are so: a silence that goes on while the
/// next drawer is open is another alarm.
fn terminals(db: &Connection, facts: &Facts<'_>) -> rusqlite::Result<Vec<OpenAlarm>> {
    let mut alarms = Vec::new();
    for Heard { client, person, last } in facts.terminals {
        let Some((store, opened)) = open_store_of(db, *person)? else { continue };
        let Some(rule) = facts.rules.of_store(Some(store), AlarmKind::TillSilent) else { continue };
        let AlarmWatch::TillSilent { seconds } = rule.settings.watch else { continue };
        let silent = facts.now.since(*last);
        if silent > seconds * SECOND {
            let subject = AlarmSubject::Terminal { client: client.to_string() };
            let worst = Some(thousandths(silent as f64 / SECOND as f64).floor());
            let alarm = holds(rule, subject, client.to_string(), opened.max(*last), facts.now);
            alarms.push(OpenAlarm { limit: Some(seconds as f64), worst, ..alarm });
        }
    }
    Ok(alarms)
}

/// The first store of a person in which a drawer is open, and since when the first of those is.
fn open_store_of(db: &Connection, person: PersonId) -> rusqlite::Result<Option<(StoreId, UtcMicros)>> {
    rows::one(
        db,
        "SELECT store.uid, (SELECT min(server_at) FROM cash_session JOIN journal USING (seq)
                            WHERE cash_session.store = store.id AND close_seq IS NULL) AS opened
         FROM person JOIN person_store ON person_store.person = person.id
         JOIN store ON store.id = person_store.store
         WHERE person.uid = ?1 AND opened IS NOT NULL ORDER BY store.id LIMIT 1",
        [person.0.as_bytes().as_slice()],
        |row| Ok((StoreId(rows::id(row, 0)?), UtcMicros(row.get(1)?))),
    )
}
