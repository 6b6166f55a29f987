//! What is not about readings: goods that run low or expire, tills that say nothing, feeds that cannot be used.
//!
//! These hold or do not hold at a moment; what holds and has no open alarm becomes one, and the other way round.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, AlarmSubject, AlarmWatch, FeedState, thousandths};
use tillwatch_shared::ids::LotId;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmId, PersonId, ProductId, StoreId, UtcMicros};

use super::rules::Rules;
use super::{Finding, alarm_of};
use crate::domain::alarms::{ClearAlarm, OpenAlarm};
use crate::domain::{rows, sales};
use crate::feeds::status::Status;
use crate::pulse::Heard;

/// Open alarms of one kind in one store: a shop with a thousand products at their minimum has one trouble, not a
/// thousand. The whole list is with the goods.
const MOST: usize = 200;

/// The open alarms that are not about readings.
#[derive(Debug, Default)]
pub struct Conditions {
    open: HashMap<Place, AlarmId>,
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
}

impl Conditions {
    pub fn new(alarms: &[Alarm]) -> Self {
        let open = alarms.iter().filter(|alarm| alarm.ended_at.is_none() && !alarm.kind.of_sensors());
        let place = |alarm: &Alarm| (alarm.store_id, alarm.kind, as_text(&alarm.subject));
        Self { open: open.map(|alarm| (place(alarm), alarm.id)).collect() }
    }

    /// Compares what holds with what is open.
    pub fn look(&mut self, db: &Connection, facts: &Facts<'_>) -> rusqlite::Result<Vec<Finding>> {
        let mut holding = Vec::new();
        for rule in facts.rules.all().iter().filter(|rule| rule.settings.enabled) {
            match rule.settings.watch {
                AlarmWatch::LowStock {} => holding.extend(low_stock(db, rule, facts.now)?),
                AlarmWatch::Expiring { days } => holding.extend(expiring(db, rule, days, facts.now)?),
                AlarmWatch::FeedBroken {} => holding.extend(feeds(rule, facts)),
                AlarmWatch::TillSilent { .. }
                | AlarmWatch::High { .. }
                | AlarmWatch::Low { .. }
                | AlarmWatch::Rate { .. }
                | AlarmWatch::Cumulative { .. }
                | AlarmWatch::Silent { .. }
                | AlarmWatch::Frozen { .. } => {}
            }
        }
        holding.extend(terminals(db, facts)?);
        Ok(self.compare(holding, facts.now))
    }

    fn compare(&mut self, holding: Vec<OpenAlarm>, now: UtcMicros) -> Vec<Finding> {
        let place = |alarm: &OpenAlarm| (alarm.store_id, alarm.kind, as_text(&alarm.subject));
        let hold: HashSet<Place> = holding.iter().map(place).collect();
        let mut findings = Vec::new();
        self.open.retain(|place, alarm_id| {
            let stays = hold.contains(place);
            if !stays {
                let over = ClearAlarm { alarm_id: *alarm_id, ended_at: now, worst: None };
                findings.push(Finding::Over(over));
            }
            stays
        });
        for alarm in holding {
            let place = place(&alarm);
            if let Some(id) = self.open.get(&place) {
                findings.extend(alarm.worst.map(|worst| Finding::Worse(*id, worst)));
                continue;
            }
            let beside = self.open.keys().filter(|(store, kind, _)| *store == place.0 && *kind == place.1);
            if beside.count() < MOST {
                let alarm = alarm.identified();
                self.open.insert(place, alarm.alarm_id);
                findings.push(Finding::Alarm(Box::new(alarm)));
            }
        }
        findings
    }

    pub fn open(&self) -> usize {
        self.open.len()
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
    let zone: Option<String> =
        rows::one(db, "SELECT zone FROM store WHERE uid = ?1", [id], |row| row.get(0))?;
    let today = sales::local(zone.as_deref().unwrap_or_default(), now).date();
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
/// till that is shut down in the evening is no trouble.
fn terminals(db: &Connection, facts: &Facts<'_>) -> rusqlite::Result<Vec<OpenAlarm>> {
    let mut alarms = Vec::new();
    for Heard { client, person, last } in facts.terminals {
        let Some(store) = open_store_of(db, *person)? else { continue };
        let Some(rule) = facts.rules.of_store(Some(store), AlarmKind::TillSilent) else { continue };
        let AlarmWatch::TillSilent { seconds } = rule.settings.watch else { continue };
        let silent = facts.now.since(*last);
        if silent > seconds * SECOND {
            let subject = AlarmSubject::Terminal { client: client.to_string() };
            let worst = Some(thousandths(silent as f64 / SECOND as f64).floor());
            let alarm = holds(rule, subject, client.to_string(), *last, facts.now);
            alarms.push(OpenAlarm { limit: Some(seconds as f64), worst, ..alarm });
        }
    }
    Ok(alarms)
}

/// The first store of a person in which a drawer is open.
fn open_store_of(db: &Connection, person: PersonId) -> rusqlite::Result<Option<StoreId>> {
    rows::one(
        db,
        "SELECT store.uid FROM person JOIN person_store ON person_store.person = person.id
         JOIN store ON store.id = person_store.store
         WHERE person.uid = ?1
           AND EXISTS (SELECT 1 FROM cash_session WHERE cash_session.store = store.id AND close_seq IS NULL)
         ORDER BY store.id LIMIT 1",
        [person.0.as_bytes().as_slice()],
        |row| rows::id(row, 0).map(StoreId),
    )
}
