//! The monthly temperature sheet as pharmacies file it: who and what at the head, day and shift with room for initials
//! and what was done, the excursions, and lines to sign on.

use jiff::tz::TimeZone;
use tillwatch_desk::files::pdf::{Column, Paper, Part, Table};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Annotation, BandSide, Excursion, SheetDay, ShiftTemperature, TemperatureSheet};

use super::{fact, foot};
use crate::paper_texts::Text;
use crate::sensor_notes_texts::{self as notes, Text as Notes};
use crate::sheet_texts::{self, Text as Sheet};
use crate::texts;

/// The sheet with the name of whoever answers for the equipment, if it is known.
pub fn temperatures(sheet: &TemperatureSheet, responsible: Option<&str>, lang: Lang) -> Paper {
    let zone = format::zone(&sheet.zone);
    let mut parts = vec![Part::Table(days(sheet, &zone, lang))];
    parts.push(Part::Head(Text::ExcursionsOut.get(lang).to_owned()));
    parts.push(match (sheet.low_celsius, sheet.high_celsius) {
        (None, None) => Part::Note(Sheet::NoBand.get(lang).to_owned()),
        _ if sheet.excursions.is_empty() => Part::Note(Sheet::NoExcursions.get(lang).to_owned()),
        _ => Part::Table(excursions(sheet, &zone, lang)),
    });
    if !sheet.annotations.is_empty() {
        parts.push(Part::Head(Notes::Annotations.get(lang).to_owned()));
        parts.push(Part::Table(annotations(sheet, &zone, lang)));
    }
    parts.push(Part::Note(Text::KineticNote.get(lang).to_owned()));
    let who = responsible.map_or_else(|| Sheet::Responsible.get(lang).to_lowercase(), str::to_owned);
    let signed = Text::SignedBy.with(lang, &[("name", &who)]);
    parts.push(Part::Signatures(vec![signed, Text::SignedOn.get(lang).to_owned()]));
    Paper {
        title: Sheet::Title.with(lang, &[("name", &sheet.sensor_name)]),
        facts: facts(sheet, responsible, lang),
        parts,
        foot: foot(sheet.server_at, &zone, lang),
        lang,
    }
}

fn celsius(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{} °C", format::decimal(value, decimals)))
}

fn facts(sheet: &TemperatureSheet, responsible: Option<&str>, lang: Lang) -> Vec<(String, String)> {
    let month = usize::from(sheet.month.month().unsigned_abs()).saturating_sub(1);
    let month = texts::months(lang).get(month).copied().unwrap_or_default();
    let cnpj = sheet.store_cnpj.as_ref().map(|cnpj| format!(" · CNPJ {}", cnpj.written()));
    let band = format!("{} – {}", celsius(sheet.low_celsius, 1), celsius(sheet.high_celsius, 1));
    let zone = format::zone(&sheet.zone);
    let calibrations = sheet
        .calibrations
        .iter()
        .map(|one| fact(Notes::Calibration.get(lang), notes::calibration(one, Notes::Whole, &zone, lang)));
    let facts = [
        fact(Sheet::Store.get(lang), format!("{}{}", sheet.store_name, cnpj.unwrap_or_default())),
        fact(Text::ThatMonth.get(lang), format!("{month} {}", sheet.month.year())),
        fact(Sheet::Responsible.get(lang), responsible.unwrap_or("–")),
        fact(Sheet::Band.get(lang), band),
        fact(Text::Equipment.get(lang), format!("{} ({})", sheet.sensor_name, sheet.sensor_id)),
        fact(Text::KineticFull.get(lang), celsius(sheet.mean_kinetic_celsius, 2)),
        fact(Text::Readings.get(lang), format::integer(sheet.readings)),
        fact(Sheet::Silent.get(lang), format::integer(sheet.silent_hours)),
    ];
    facts.into_iter().chain(calibrations).collect()
}

fn days(sheet: &TemperatureSheet, zone: &TimeZone, lang: Lang) -> Table {
    let degrees = |text: Sheet| Column::figures(Text::Degrees.with(lang, &[("name", &text.get(lang))]));
    let columns = vec![
        Column::words(Sheet::Day.get(lang)),
        Column::words(Sheet::Shift.get(lang)),
        Column::words(Sheet::Hour.get(lang)),
        degrees(Sheet::Current),
        degrees(Sheet::Lowest),
        degrees(Sheet::Highest),
        Column::by_hand(Text::Initials.get(lang), 20.0),
        Column::by_hand(Text::ActionTaken.get(lang), 48.0),
    ];
    let row = |day: &SheetDay, shift: &ShiftTemperature| {
        let taken = sheet.actions(day.day, shift.shift, zone);
        vec![
            day.day.strftime("%d/%m/%Y").to_string(),
            sheet_texts::shift(shift.shift).get(lang).to_owned(),
            format::time(shift.at, zone),
            format::decimal(shift.current_celsius, 1),
            format::decimal(shift.min_celsius, 1),
            format::decimal(shift.max_celsius, 1),
            String::new(),
            taken,
        ]
    };
    let rows = sheet.days.iter().flat_map(|day| day.shifts.iter().map(move |shift| (day, shift)));
    let part = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format::decimal(value, 1));
    let month = Text::ThatMonth.get(lang).to_owned();
    let mean = Sheet::Mean.get(lang).to_owned();
    let measured = [sheet.mean_celsius, sheet.min_celsius, sheet.max_celsius].map(part);
    let sum = [month, mean, String::new()].into_iter().chain(measured).chain([String::new(), String::new()]);
    Table {
        columns,
        rows: rows.map(|(day, shift)| row(day, shift)).collect(),
        sum: sum.collect(),
        by_hand: true,
    }
}

fn excursions(sheet: &TemperatureSheet, zone: &TimeZone, lang: Lang) -> Table {
    let columns = vec![
        Column::words(Sheet::Start.get(lang)),
        Column::words(Text::End.get(lang)),
        Column::figures(Sheet::Duration.get(lang)),
        Column::figures(Text::Degrees.with(lang, &[("name", &Sheet::Peak.get(lang))])),
        Column::words(Text::Who.get(lang)),
        Column::words(Text::ActionTaken.get(lang)),
    ];
    let moment = |at: UtcMicros| format::date_time(at, zone);
    let row = |excursion: &Excursion| {
        let arrow = match excursion.side {
            BandSide::Low => "↓",
            BandSide::High => "↑",
        };
        vec![
            moment(excursion.start),
            excursion.end.map_or_else(|| Sheet::GoesOn.get(lang).to_owned(), moment),
            lasted(excursion.seconds),
            format!("{arrow} {}", format::decimal(excursion.peak_celsius, 1)),
            excursion.person_name.clone().unwrap_or_default(),
            notes::taken(excursion, &sheet.annotations, lang)
                .unwrap_or_else(|| Sheet::Nobody.get(lang).to_owned()),
        ]
    };
    let all = sheet.excursions.iter().map(|excursion| excursion.seconds).sum();
    let mut sum = vec![texts::Text::Total.get(lang).to_owned(), String::new(), lasted(all)];
    sum.resize(columns.len(), String::new());
    Table { columns, rows: sheet.excursions.iter().map(row).collect(), sum, by_hand: false }
}

/// What people noted about times of the month.
fn annotations(sheet: &TemperatureSheet, zone: &TimeZone, lang: Lang) -> Table {
    let columns = [Notes::From, Notes::Kind, Notes::Words].map(|text| Column::words(text.get(lang)));
    let columns = columns.into_iter().chain([Column::words(Text::Who.get(lang))]).collect();
    let row = |one: &Annotation| {
        let text = one.text.clone().unwrap_or_default();
        let kind = notes::kind(one.kind).get(lang).to_owned();
        vec![notes::when(one, zone), kind, text, one.person_name.clone()]
    };
    Table { columns, rows: sheet.annotations.iter().map(row).collect(), sum: Vec::new(), by_hand: false }
}

/// `42 min`, `26 h 05 min`: nothing is rounded away but seconds.
fn lasted(seconds: i64) -> String {
    let minutes = seconds / 60;
    if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}
