//! A made-up monthly sheet.

use jiff::ToSpan;
use jiff::civil::Date;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    BandSide, Excursion, SensorKind, SheetDay, Shift, ShiftTemperature, TemperatureSheet,
};
use tillwatch_shared::client::SheetAsk;
use tillwatch_shared::time::{DAY, DEFAULT_ZONE, HOUR, MINUTE};

use super::{sensors, store};
use crate::sensor_notes::Said;

/// 24 days of three shifts, and two times too warm. Of the months before last there is nothing.
pub fn sheet(ask: &SheetAsk, now: UtcMicros) -> TemperatureSheet {
    let first = ask.month.first_of_month();
    let zone = tillwatch_desk::format::zone(DEFAULT_ZONE);
    let start = first.to_zoned(zone).map_or(now, |at| UtcMicros::from(at.timestamp()));
    let known = sensors(8, now).into_iter().find(|sensor| sensor.id == ask.sensor);
    let measured = now.since(start) < 60 * DAY;
    let part = |value: f64| measured.then_some(value);
    let said = if measured { super::notes::said(&ask.sensor, start.plus(12 * DAY)) } else { Said::default() };
    TemperatureSheet {
        sensor_id: ask.sensor.clone(),
        sensor_name: known.map_or_else(|| ask.sensor.to_string(), |sensor| sensor.name),
        kind: SensorKind::Fridge,
        store_name: store(0).name,
        store_cnpj: None,
        responsible: ask.responsible.clone(),
        month: first,
        zone: DEFAULT_ZONE.to_owned(),
        low_celsius: Some(2.0),
        high_celsius: Some(8.0),
        readings: if measured { 33_120 } else { 0 },
        silent_hours: 7,
        min_celsius: part(2.4),
        max_celsius: part(11.25),
        mean_celsius: part(4.6),
        mean_kinetic_celsius: part(4.871),
        days: if measured { days(first, start) } else { Vec::new() },
        excursions: if measured { excursions(start) } else { Vec::new() },
        calibrations: said.calibrations,
        annotations: said.annotations,
        server_at: now,
    }
}

fn days(first: Date, start: UtcMicros) -> Vec<SheetDay> {
    let day = |number: i64| {
        let shifts =
            [(Shift::Morning, 8), (Shift::Afternoon, 14), (Shift::Night, 20)].map(|(shift, hour)| {
                let warm = f64::from(u8::from(number == 8 && shift == Shift::Afternoon));
                ShiftTemperature {
                    shift,
                    at: start.plus(number * DAY + hour * HOUR),
                    current_celsius: 4.1 + (number * 7 % 5) as f64 / 10.0,
                    min_celsius: 2.4 + (number % 4) as f64 / 10.0,
                    max_celsius: 6.2 + (number % 9) as f64 / 10.0 + warm * 4.25,
                }
            });
        SheetDay { day: first.saturating_add(number.days()), shifts: shifts.to_vec() }
    };
    (0..24).map(day).collect()
}

fn excursions(start: UtcMicros) -> Vec<Excursion> {
    let excursion = |from: i64, minutes: i64, peak: f64, done: Option<(&str, &str)>| Excursion {
        side: BandSide::High,
        start: start.plus(from),
        end: Some(start.plus(from + minutes * MINUTE)),
        seconds: minutes * 60,
        peak_celsius: peak,
        action: done.map(|(action, _)| action.to_owned()),
        person_name: done.map(|(_, person)| person.to_owned()),
    };
    vec![
        excursion(
            8 * DAY + 15 * HOUR,
            42,
            11.25,
            Some(("Vacinas levadas à geladeira 2, porta ajustada", "Lucas Almeida")),
        ),
        excursion(19 * DAY + 3 * HOUR, 11, 8.4, None),
    ]
}
