//! Answers as a server of the made-up chain would, without a network.

use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Change, Changes, Count, Event, Page, ReportStep, SalesReport, ServerInfo, Transfer,
};
use tillwatch_shared::client::ReportAsk;
use tillwatch_shared::time::{DEFAULT_ZONE, SECOND};
use tillwatch_shared::{Cents, CommandId, PersonId, StoreId};

use super::{
    PRODUCTS, alarms, chain, day_totals, entry, feeds, goods, keeping, level, manage, money, notes, report,
    sale, sensors, series, session, sheet_import, sheets, store, uuid,
};
use crate::app::App;
use crate::calls::Reach;
use crate::input::{Answer, Effect, Input, ReportOf};
use crate::lists::{Report, Row, Topic};

/// How much there is of everything.
#[derive(Clone, Copy, Debug)]
pub struct MadeUp {
    pub stores: usize,
    pub sensors: usize,
    /// Sales and stock entries in the journal.
    pub changes: i64,
    /// Products that each store holds.
    pub products: i64,
    pub demo: bool,
}

impl Default for MadeUp {
    fn default() -> Self {
        Self { stores: 6, sensors: 8, changes: 400, products: 40, demo: false }
    }
}

impl MadeUp {
    /// Signs in.
    pub fn enter(self, app: &mut App) {
        app.pending.clear();
        let happened = |event| Input::SignIn(tillwatch_desk::sign_in::Input::Happened(event));
        app.take(happened(tillwatch_desk::sign_in::Event::Server(Ok(self.info(super::NOW)))));
        app.take(happened(tillwatch_desk::sign_in::Event::SignedIn(Ok(session(self.stores)))));
    }

    /// Answers everything that is asked, and what the answers lead to.
    pub fn settle(self, app: &mut App, now: UtcMicros) {
        // More than any first load takes, so that an endless exchange shows.
        for _ in 0..500 {
            if app.pending.is_empty() {
                return;
            }
            let asked = std::mem::take(&mut app.pending);
            for effect in asked {
                if let Some(answer) = self.answer(&effect.what, now) {
                    app.take(Input::Answer(answer));
                }
            }
        }
    }

    pub fn answer(self, effect: &Effect, now: UtcMicros) -> Option<Answer> {
        const TOOK: i64 = 12_000;
        Some(match effect {
            Effect::Server => Answer::Server(Ok(self.info(now))),
            Effect::Latest => Answer::Latest(Ok(self.changes(self.changes, 0, now)), TOOK),
            Effect::Changes { after, limit } => {
                Answer::Changes(Ok(self.changes(*after, i64::from(*limit), now)), TOOK)
            }
            Effect::Past { ticket, after, limit } => {
                Answer::Past { ticket: *ticket, result: Ok(self.changes(*after, i64::from(*limit), now)) }
            }
            Effect::DayTotals => Answer::DayTotals(Ok(day_totals(self.stores))),
            Effect::Sensors => Answer::Sensors(Ok(sensors(self.sensors, now))),
            Effect::Series { ticket, query } => Answer::Series { ticket: *ticket, result: Ok(series(query)) },
            Effect::Stock { page, limit } => {
                let rows = self.stock(page.store, page.after.unwrap_or(0), i64::from(*limit));
                Answer::Stock(*page, Ok(rows))
            }
            Effect::Report(ask) => Answer::Report(*ask, Ok(self.report(ask, now))),
            Effect::People => Answer::People(Ok(vec![session(1).person.clone()])),
            Effect::Chains => Answer::Chains(Ok(vec![chain()])),
            Effect::Sheet { ticket, ask } => {
                Answer::Sheet { ticket: *ticket, result: Ok(Box::new(sheets::sheet(ask, now))) }
            }
            Effect::Notes(sensor) => Answer::Notes(sensor.clone(), Ok(notes::said(sensor, now))),
            Effect::Terminals => Answer::Terminals(Ok(super::terminals::terminals(self.sensors, now))),
            Effect::Group => Answer::Group(Ok(None)),
            Effect::PulseLog { ticket, query } => {
                Answer::PulseLog { ticket: *ticket, result: Ok(super::terminals::messages(query, now)) }
            }
            Effect::Forget(terminal) => Answer::Forgotten(terminal.clone(), Ok(())),
            Effect::Retention => Answer::Retention(Ok(super::terminals::retention(7, 5_000_000, None))),
            Effect::SetRetention(wanted) => {
                Answer::RetentionSet(Ok(super::terminals::retention(wanted.days, wanted.rows, Some(now))))
            }
            Effect::Feeds => Answer::Feeds(Ok(feeds::feeds(self.sensors, now))),
            Effect::Parked { ticket, feed } => {
                Answer::Parked { ticket: *ticket, result: Ok(feeds::parked(feed)) }
            }
            Effect::Targets { ticket, kind, .. } => {
                Answer::Targets { ticket: *ticket, result: Ok(feeds::targets(*kind)) }
            }
            Effect::SetAlias { .. } => Answer::AliasSet(Ok(feeds::alias_set())),
            Effect::AddThing { addition, .. } => Answer::ThingAdded(Ok(feeds::added(addition))),
            Effect::PutAway { .. } => Answer::PutAway(Ok(())),
            Effect::List { topic, ticket, store, .. } => {
                Answer::List { topic: *topic, ticket: *ticket, result: Ok(self.list(*topic, *store, now)) }
            }
            Effect::Tell(ReportOf::Cash(id)) => {
                Answer::Told(id.to_string(), Ok(Report::Cash(Box::new(money::report(*id, now)))))
            }
            Effect::Tell(ReportOf::Alarm(id)) => {
                Answer::Told(id.to_string(), Ok(Report::Alarm(Box::new(alarms::history(*id, now)))))
            }
            Effect::Tell(ReportOf::Count(id)) => {
                let count = Count { id: *id, ..goods::one_of_counts(1, now) };
                Answer::Told(id.to_string(), Ok(Report::Count(Box::new(count))))
            }
            Effect::Tell(ReportOf::Transfer(id)) => {
                let transfer = Transfer { id: *id, ..goods::one_of_transfers(1, now) };
                Answer::Told(id.to_string(), Ok(Report::Transfer(Box::new(transfer))))
            }
            Effect::Rehearse { ticket, rehearsal } => {
                let lines = alarms::rehearsal_of(rehearsal.rule.watch.kind(), now);
                Answer::Rehearsed { ticket: *ticket, result: Ok(lines) }
            }
            Effect::Order { order, .. } => Answer::Ordered(Ok(manage::secret(order))),
            Effect::Keeping(effect) => keeping::answer(*effect, now),
            Effect::Import(effect) => sheet_import::answer(effect, now),
            Effect::File(file) => super::saved(file)?,
            Effect::Call(_) => Answer::Called(Reach { shown: true, heard: true }),
            Effect::StayAwake(_) => Answer::Awake(true),
            // None has turned yet.
            Effect::Turns { .. }
            | Effect::SignIn(_)
            | Effect::Save(_)
            | Effect::Drop(_)
            | Effect::OpenWindow(_)
            | Effect::CloseWindow => return None,
        })
    }

    /// On days before the last ones a little less was sold in each hour.
    fn report(self, ask: &ReportAsk, now: UtcMicros) -> SalesReport {
        let mut made = report(ask, self.stores, now);
        if ask.step == Some(ReportStep::Hour) && ask.from < jiff::civil::date(2026, 12, 25) {
            for point in &mut made.series {
                point.total_cents = Cents(point.total_cents.0 * 25 / 27);
            }
        }
        made
    }

    fn info(self, now: UtcMicros) -> ServerInfo {
        ServerInfo {
            version: "0.1.0".to_owned(),
            demo: self.demo,
            open_registration: self.demo,
            needs_setup: false,
            zone: DEFAULT_ZONE.to_owned(),
            server_at: now,
            readings_held: None,
        }
    }

    fn changes(self, after: i64, limit: i64, now: UtcMicros) -> Changes {
        let last = self.changes.min(after.saturating_add(limit));
        let first = after.saturating_add(1);
        Changes {
            changes: (first..=last).map(|seq| self.change(seq, now)).collect(),
            next_after: last.max(after),
            more: last < self.changes,
            server_at: now,
        }
    }

    fn change(self, seq: i64, now: UtcMicros) -> Change {
        let at = now.plus((seq - self.changes) * 37 * SECOND);
        let place = usize::try_from(seq).unwrap_or_default() * 7 % self.stores.max(1);
        let event = if seq % 5 == 0 {
            Event::StockEntered(entry(seq, place, at))
        } else {
            Event::SaleRecorded(sale(seq, place, at))
        };
        Change {
            seq,
            command_id: CommandId(uuid(9, seq)),
            actor_id: Some(PersonId(uuid(4, 1))),
            store_id: Some(store(place).id),
            client_at: at,
            server_at: at,
            event,
        }
    }

    /// Lists have as many rows as there are products, a few at most; of an empty shop none.
    fn list(self, topic: Topic, store: Option<StoreId>, now: UtcMicros) -> Page<Row> {
        let numbers = (1..=self.products.min(9)).rev();
        let items: Vec<Row> = match topic {
            Topic::Lots => numbers.rev().map(|n| Row::Lot(goods::expiring(n))).collect(),
            Topic::Transfers => numbers.map(|n| Row::Transfer(goods::one_of_transfers(n, now))).collect(),
            Topic::Counts => numbers.map(|n| Row::Count(goods::one_of_counts(n, now))).collect(),
            Topic::Sessions => numbers.map(|n| Row::Session(money::session(n, now))).collect(),
            Topic::Accounts => numbers.rev().map(|n| Row::Account(money::account(n, now))).collect(),
            Topic::Products => numbers.rev().map(|n| Row::Product(manage::product(n, now))).collect(),
            Topic::Stores => {
                (0..self.stores).map(|place| Row::Store(super::store(place), chain().name)).collect()
            }
            Topic::People => manage::people(self.stores).into_iter().map(Row::Person).collect(),
            Topic::Sensors => sensors(self.sensors, now).into_iter().map(Row::Sensor).collect(),
            Topic::Keys => numbers.map(|n| Row::Key(manage::key(n, now))).collect(),
            Topic::Tills => numbers.take(3).map(|n| Row::Till(manage::till(n, now))).collect(),
            Topic::History => manage::history(self.products.min(9), now),
            Topic::Alarms => {
                let open = numbers.filter(|n| alarms::is_open(*n)).take(self.sensors / 2);
                open.map(|n| Row::Alarm(Box::new(alarms::alarm(n, now)))).collect()
            }
            Topic::PastAlarms => {
                let past = numbers.filter(|n| !alarms::is_open(*n));
                past.map(|n| Row::Alarm(Box::new(alarms::alarm(n, now)))).collect()
            }
            Topic::Rules => alarms::rules().into_iter().map(Row::Rule).collect(),
            Topic::Quiet => numbers.take(1).map(|n| Row::Quiet(alarms::quiet(n, now))).collect(),
        };
        let of = |row: &Row| store.is_none_or(|store| row.is_of(store));
        Page { items: items.into_iter().filter(of).collect(), next: None }
    }

    fn stock(self, of: StoreId, after: i64, limit: i64) -> Page<tillwatch_shared::api::StockLevel> {
        let index = (0..self.stores).find(|index| store(*index).id == of).unwrap_or_default();
        let last = self.products.min(after + limit);
        let items = (after + 1..=last).map(|number| {
            let shift = i64::try_from(index).unwrap_or_default();
            let balance = (number * 13 + shift * 7) % 90 * 1_000 - if number == 3 { 4_000 } else { 0 };
            let mut level = level(index, number, balance, if number % 3 == 0 { 9_000 } else { 0 });
            let place = usize::try_from(number).unwrap_or_default();
            if let Some(name) = PRODUCTS.get(place) {
                (*name).clone_into(&mut level.product_name);
            }
            level
        });
        Page { items: items.collect(), next: (last < self.products).then_some(last) }
    }
}
