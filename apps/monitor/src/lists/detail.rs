//! A row looked at closely, as a short document: on the screen, and as a text file.

use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_shared::api::{
    Alarm, AlarmHistory, Count, CountedLot, Event, Lot, Product, Transfer, TransferState, Unit,
};
use tillwatch_shared::{Cents, Quantity};

use super::goods::{amount, signed};
use super::history;
use super::money::difference_tone;
use super::{Context, Report, Row, Topic, alarms, cash_report};
use crate::alarm_texts::{self, Text as Alarms};
use crate::lists_texts::Text;
use crate::manage_texts::Text as Set;
use crate::reports;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    pub title: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Head(String),
    /// What it is, what else is to be said about it, and how much.
    Pair {
        name: String,
        note: Option<String>,
        value: String,
        tone: Option<Tone>,
    },
    Note(String),
}

/// Characters of a line of text.
const WIDTH: usize = 64;

/// The document as text, the values in a column at the right.
pub fn plain(detail: &Detail) -> String {
    let mut lines = vec![detail.title.clone(), "=".repeat(detail.title.chars().count().min(WIDTH))];
    for part in &detail.parts {
        match part {
            Part::Head(head) => lines.extend([String::new(), head.clone(), "-".repeat(WIDTH)]),
            Part::Note(note) => lines.push(note.clone()),
            Part::Pair { name, note, value, tone: _ } => {
                let room = WIDTH.saturating_sub(value.chars().count() + 1);
                let fill = room.saturating_sub(name.chars().count());
                lines.push(format!("{name} {}{value}", " ".repeat(fill)));
                lines.extend(note.iter().map(|note| format!("    {note}")));
            }
        }
    }
    lines.push(String::new());
    lines.join("\r\n")
}

/// Puts a document together.
pub(super) struct Writer<'c> {
    pub context: &'c Context,
    parts: Vec<Part>,
}

impl Writer<'_> {
    pub fn head(&mut self, text: Text) {
        self.parts.push(Part::Head(self.context.text(text).to_owned()));
    }

    pub fn pair(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.noted(name, None, value, None);
    }

    pub fn noted(
        &mut self,
        name: impl Into<String>,
        note: Option<String>,
        value: impl Into<String>,
        tone: Option<Tone>,
    ) {
        self.parts.push(Part::Pair { name: name.into(), note, value: value.into(), tone });
    }

    pub fn row(&mut self, text: Text, value: impl Into<String>) {
        self.pair(self.context.text(text), value);
    }

    /// What stands in the table.
    fn cells(&mut self, topic: Topic, row: &Row) {
        for (column, cell) in topic.columns().iter().zip(row.cells(self.context)) {
            self.noted(column.name.get(self.context.lang), None, cell.text, cell.tone);
        }
    }

    fn named(&mut self, topic: Topic, row: &Row, name: &str) -> String {
        self.cells(topic, row);
        name.to_owned()
    }

    pub fn note(&mut self, text: &str) {
        self.parts.push(Part::Note(text.to_owned()));
    }
}

impl Detail {
    /// What is known of the row; of a cash session more, once its report is there.
    /// `before` is the event by which the same thing was as it was until this change.
    pub fn new(row: &Row, report: Option<&Report>, before: Option<&Event>, context: &Context) -> Self {
        let mut writer = Writer { context, parts: Vec::new() };
        let title = match row {
            Row::Lot(one) => lot(&mut writer, one),
            Row::Transfer(one) => transfer(&mut writer, one),
            Row::Count(one) => count(&mut writer, one),
            Row::Session(one) => {
                if let Some(Report::Cash(known)) = report {
                    cash_report::session(&mut writer, known);
                }
                Text::SessionTitle.with(context.lang, &[("n", &one.number), ("till", &one.till)])
            }
            Row::Account(one) => {
                writer.row(Text::Store, one.store_name.as_str());
                writer.row(Text::TaxId, one.tax_id_masked.as_deref().unwrap_or("–"));
                writer.row(Text::LastMove, context.when(one.changed_at, one.store_id).text);
                writer.row(Text::Owes, one.balance_cents.to_string());
                writer.note(context.text(Text::PayAtTheTill));
                one.name.clone().unwrap_or_else(|| context.text(Text::NoName).to_owned())
            }
            Row::Product(one) => {
                writer.cells(Topic::Products, row);
                prices(&mut writer, one);
                one.name.clone()
            }
            Row::Store(one, _) => writer.named(Topic::Stores, row, &one.name),
            Row::Person(one) => writer.named(Topic::People, row, &one.name),
            Row::Sensor(one) => writer.named(Topic::Sensors, row, &one.name),
            Row::Key(one) => writer.named(Topic::Keys, row, &one.name),
            Row::Till(one) => writer.named(Topic::Tills, row, &one.name),
            Row::Alarm(one) => {
                alarm(&mut writer, one);
                if let Some(Report::Alarm(known)) = report {
                    steps(&mut writer, known);
                }
                one.name.clone()
            }
            Row::Rule(one) => {
                writer.cells(Topic::Rules, row);
                if let Some(instructions) = &one.settings.instructions {
                    writer.pair(Alarms::ToDo.get(context.lang), instructions.as_str());
                }
                Alarms::RuleTitle.get(context.lang).to_owned()
            }
            Row::Quiet(one) => writer.named(Topic::Quiet, row, &one.settings.reason),
            Row::Change(one, _) => {
                writer.cells(Topic::History, row);
                changed(&mut writer, &one.event, before);
                context.text_of(Topic::History).to_owned()
            }
        };
        Self { title, parts: writer.parts }
    }
}

fn lot(writer: &mut Writer<'_>, lot: &Lot) -> String {
    writer.cells(Topic::Lots, &Row::Lot(lot.clone()));
    if let Some(sensor) = &lot.sensor_id {
        writer.row(Text::StandsAt, sensor.to_string());
    }
    lot.product_name.clone()
}

fn transfer(writer: &mut Writer<'_>, transfer: &Transfer) -> String {
    let context = writer.context;
    writer.row(Text::From, transfer.from_store_name.as_str());
    writer.row(Text::To, transfer.to_store_name.as_str());
    let sent = context.when(transfer.sent_at, transfer.from_store_id).text;
    writer.row(Text::SentAt, format!("{sent} · {}", transfer.sent_by));
    if let (Some(at), Some(by)) = (transfer.closed_at, &transfer.closed_by) {
        let text = match transfer.state {
            TransferState::Cancelled => Text::TakenBackAt,
            TransferState::Sent | TransferState::Received => Text::ArrivedAt,
        };
        let when = context.when(at, transfer.to_store_id).text;
        writer.row(text, format!("{when} · {by}"));
    }
    for note in [&transfer.note, &transfer.reason].into_iter().flatten() {
        writer.row(Text::Reason, note.as_str());
    }
    writer.head(Text::Products);
    for line in &transfer.lines {
        let (unit, lost) = (line.unit, line.lost_thousandths);
        let arrived = line.arrived_thousandths.map(|arrived| {
            let words = Text::OfSent.with(
                context.lang,
                &[("arrived", &amount(arrived, unit)), ("sent", &amount(line.sent_thousandths, unit))],
            );
            line.reason.as_ref().map_or(words.clone(), |reason| format!("{words} · {reason}"))
        });
        let (value, tone) = if lost == Quantity::ZERO {
            (amount(line.sent_thousandths, unit), None)
        } else {
            (signed(Quantity(-lost.0), unit), Some(Tone::Attention))
        };
        writer.noted(line.product_name.as_str(), arrived, value, tone);
    }
    Text::TransferTitle.with(context.lang, &[("n", &transfer.number)])
}

/// What differs most in money first.
fn count(writer: &mut Writer<'_>, count: &Count) -> String {
    let context = writer.context;
    writer.row(Text::Store, count.store_name.as_str());
    writer.row(Text::When, context.when(count.started_at, count.store_id).text);
    writer.row(Text::Who, count.person_name.as_str());
    if let Some(note) = &count.note {
        writer.row(Text::Reason, note.as_str());
    }
    let tone = difference_tone(count.worth_cents);
    writer.noted(context.text(Text::WorthOfDifferences), None, count.worth_cents.to_string(), tone);
    writer.head(Text::Products);
    let mut lines: Vec<_> = count.lines.iter().collect();
    lines.sort_by_key(|line| {
        let same = line.difference_thousandths == Quantity::ZERO;
        (same, std::cmp::Reverse(line.worth_cents.0.unsigned_abs()))
    });
    let found = |counted: Quantity, expected: Quantity, unit: Unit| {
        let words = [("counted", amount(counted, unit)), ("expected", amount(expected, unit))];
        Text::CountedOfExpected.with(context.lang, &words.each_ref().map(|(name, it)| (*name, it as _)))
    };
    for line in lines {
        let words = found(line.counted_thousandths, line.expected_thousandths, line.unit);
        let difference = line.difference_thousandths;
        let value = if difference == Quantity::ZERO {
            "=".to_owned()
        } else {
            format!("{} · {}", signed(difference, line.unit), line.worth_cents)
        };
        let tone = difference_tone(Cents(difference.0));
        writer.noted(line.product_name.as_str(), Some(words), value, tone);
        for lot in &line.lots {
            let words = found(lot.counted_thousandths, lot.expected_thousandths, line.unit);
            let difference = Quantity(lot.counted_thousandths.0 - lot.expected_thousandths.0);
            let tone = difference_tone(Cents(difference.0));
            writer.noted(lot_name(lot, context), Some(words), signed(difference, line.unit), tone);
        }
    }
    Text::CountTitle.with(context.lang, &[("n", &count.number)])
}

/// What is printed on it, below its product.
fn lot_name(lot: &CountedLot, context: &Context) -> String {
    let day = lot.expires_on.map(reports::written);
    let printed = [lot.code.clone(), day].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let name = if lot.lot_id.is_some() { &printed } else { context.text(Text::NoLot) };
    format!("    {name}")
}

/// What it costs when and where.
fn prices(writer: &mut Writer<'_>, product: &Product) {
    let lang = writer.context.lang;
    for list in product.price_lists.iter().filter(|list| !list.periods.is_empty()) {
        let head = match list.store_id {
            None => Set::Everywhere.get(lang),
            Some(store) => writer.context.store(store),
        };
        writer.parts.push(Part::Head(format!("{} · {head}", Set::PricesTitle.get(lang))));
        for period in &list.periods {
            writer
                .pair(period_words(period.first_day, period.last_day, lang), period.price_cents.to_string());
        }
    }
}

/// `01/12/2026 – 31/12/2026`
pub fn period_words(
    first: jiff::civil::Date,
    last: Option<jiff::civil::Date>,
    lang: tillwatch_desk::Lang,
) -> String {
    let first = crate::reports::written(first);
    match last {
        Some(last) => format!("{first} – {}", crate::reports::written(last)),
        None => Set::FromDayOn.with(lang, &[("day", &first)]),
    }
}

/// Field by field: what it was and what it is.
fn changed(writer: &mut Writer<'_>, event: &Event, before: Option<&Event>) {
    let lang = writer.context.lang;
    let Some(now) = history::facts(event, writer.context) else { return };
    let was = before.and_then(|before| history::facts(before, writer.context)).unwrap_or_default();
    for (name, value) in now {
        let old = was.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
        let note = old.filter(|old| **old != value).map(|old| Set::Before.with(lang, &[("value", old)]));
        let tone = note.is_some().then_some(Tone::Attention);
        writer.noted(name.get(lang), note, value, tone);
    }
}

/// What to do comes first.
fn alarm(writer: &mut Writer<'_>, alarm: &Alarm) {
    let context = writer.context;
    let lang = context.lang;
    writer.note(alarm_texts::to_do(alarm, lang));
    let tone = Some(alarms::tone(alarm.severity));
    let urgency = alarm_texts::severity(alarm.severity).get(lang);
    writer.noted(alarm_texts::kind(alarm.kind).get(lang), None, urgency, tone);
    for (text, figure) in [(Alarms::Limit, alarm.limit), (Alarms::Worst, alarm.worst)] {
        if figure.is_some() {
            writer.pair(text.get(lang), alarm_texts::figure(alarm, figure, lang));
        }
    }
    let zone = alarm.store_id.map_or(&context.zone, |store| context.zone(store));
    if let Some(store) = alarm.store_id {
        writer.pair(Alarms::Store.get(lang), context.store(store));
    }
    writer.pair(Alarms::Began.get(lang), format::date_time(alarm.began_at, zone));
    if let Some(ended) = alarm.ended_at {
        writer.pair(Alarms::Ended.get(lang), format::date_time(ended, zone));
    }
    let care = alarms::care(alarm, context);
    writer.noted(Alarms::Care.get(lang), None, care.text, care.tone);
    if alarm.retroactive {
        writer.note(Alarms::Late.get(lang));
    }
    if let Some(care) = &alarm.acknowledgement {
        writer.parts.push(Part::Head(Alarms::WhatWasDone.get(lang).to_owned()));
        writer.noted(Alarms::Reason.get(lang), Some(care.reason.clone()), care.person_name.as_str(), None);
        let at = format::date_time(care.at, zone);
        writer.noted(Alarms::ActionField.get(lang), Some(care.action.clone()), at, None);
    }
}

fn steps(writer: &mut Writer<'_>, known: &AlarmHistory) {
    let context = writer.context;
    let zone = known.alarm.store_id.map_or(&context.zone, |store| context.zone(store));
    writer.parts.push(Part::Head(Alarms::History.get(context.lang).to_owned()));
    for step in &known.steps {
        let parts = [step.person_name.as_deref(), step.detail.as_deref()];
        let note = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let name = alarm_texts::step(step.what).get(context.lang);
        let note = Some(note).filter(|note| !note.is_empty());
        writer.noted(name, note, format::date_time(step.at, zone), None);
    }
}
