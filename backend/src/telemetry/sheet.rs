//! The figures of a temperature sheet, from minutes or hours in ascending order. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tillwatch_shared::api::{BandSide, Excursion, Series, SheetDay, Shift, ShiftTemperature};
use tillwatch_shared::time::{HOUR, SECOND};
use tillwatch_shared::{UtcMicros, kinetic};

/// A stretch of time and what was measured in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub start: i64,
    /// Microseconds.
    pub width: i64,
    pub count: u32,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
}

/// The allowed band in °C.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band {
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// What a month adds up to.
#[derive(Debug)]
pub struct Figures {
    pub readings: i64,
    pub silent_hours: i64,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub mean_kinetic: Option<f64>,
    pub days: Vec<SheetDay>,
    pub excursions: Vec<Excursion>,
}

/// The stretches of a series.
pub fn stretches(series: &Series, width: i64) -> Vec<Stretch> {
    let envelope = &series.temperature;
    let values = envelope.min.iter().zip(&envelope.max).zip(&envelope.mean);
    let places = series.start_micros.iter().zip(&series.count);
    places
        .zip(values)
        .map(|((&start, &count), ((&min, &max), &mean))| Stretch { start, width, count, min, max, mean })
        .collect()
}

/// The figures from the moment `from` to `to`, of which the last is not included. `to` is not later than now.
pub fn figures(stretches: &[Stretch], zone: &TimeZone, band: Band, (from, to): (i64, i64)) -> Figures {
    let lowest = stretches.iter().map(|stretch| stretch.min).reduce(f64::min);
    let highest = stretches.iter().map(|stretch| stretch.max).reduce(f64::max);
    let readings = stretches.iter().map(|stretch| i64::from(stretch.count)).sum();
    let time: f64 = stretches.iter().map(|stretch| stretch.width as f64).sum();
    let mean = stretches.iter().map(|stretch| stretch.mean * stretch.width as f64).sum::<f64>() / time;
    let mut heard: Vec<i64> = stretches.iter().map(|stretch| (stretch.start - from) / HOUR).collect();
    heard.dedup();
    Figures {
        readings,
        silent_hours: ((to - from) / HOUR - heard.len() as i64).max(0),
        min: lowest,
        max: highest,
        mean: (!stretches.is_empty()).then_some(mean),
        mean_kinetic: kinetic::mean(stretches.iter().map(|stretch| (stretch.mean, stretch.width as f64))),
        days: days(stretches, zone),
        excursions: excursions(stretches, band),
    }
}

fn days(stretches: &[Stretch], zone: &TimeZone) -> Vec<SheetDay> {
    let mut days: Vec<SheetDay> = Vec::new();
    let local = |stretch: &Stretch| UtcMicros(stretch.start).timestamp().to_zoned(zone.clone());
    let key = |stretch: &Stretch| -> (Date, Shift) {
        let at = local(stretch);
        (at.date(), Shift::of_hour(at.hour()))
    };
    for part in stretches.chunk_by(|a, b| key(a) == key(b)) {
        let Some(first) = part.first() else { continue };
        let (day, shift) = key(first);
        let off = |stretch: &&Stretch| {
            let at = local(stretch);
            (i32::from(at.hour()) * 60 + i32::from(at.minute()) - usual_hour(shift) * 60).abs()
        };
        let Some(current) = part.iter().min_by_key(off) else { continue };
        let temperature = ShiftTemperature {
            shift,
            at: UtcMicros(current.start),
            current_celsius: current.mean,
            min_celsius: part.iter().map(|stretch| stretch.min).fold(f64::INFINITY, f64::min),
            max_celsius: part.iter().map(|stretch| stretch.max).fold(f64::NEG_INFINITY, f64::max),
        };
        match days.last_mut().filter(|last| last.day == day) {
            Some(last) => last.shifts.push(temperature),
            None => days.push(SheetDay { day, shifts: vec![temperature] }),
        }
    }
    days
}

/// When somebody looks at the thermometer in that shift.
const fn usual_hour(shift: Shift) -> i32 {
    match shift {
        Shift::Morning => 8,
        Shift::Afternoon => 14,
        Shift::Night => 20,
    }
}

/// The times out of the band, by their start. One begins with the first stretch that has a reading out of it, and
/// ends with the next that has none; a gap without readings ends nothing.
fn excursions(stretches: &[Stretch], band: Band) -> Vec<Excursion> {
    let mut found: Vec<Excursion> = Vec::new();
    for (side, limit) in [(BandSide::Low, band.low), (BandSide::High, band.high)] {
        let Some(limit) = limit else { continue };
        let mut open: Option<Excursion> = None;
        for stretch in stretches {
            let (value, out) = match side {
                BandSide::Low => (stretch.min, stretch.min < limit),
                BandSide::High => (stretch.max, stretch.max > limit),
            };
            if out {
                let now = open.get_or_insert(Excursion {
                    side,
                    start: UtcMicros(stretch.start),
                    end: None,
                    seconds: 0,
                    peak_celsius: value,
                    action: None,
                    person_name: None,
                });
                now.seconds = (stretch.start + stretch.width - now.start.0) / SECOND;
                now.peak_celsius = match side {
                    BandSide::Low => now.peak_celsius.min(value),
                    BandSide::High => now.peak_celsius.max(value),
                };
            } else if let Some(mut over) = open.take() {
                over.end = Some(UtcMicros(stretch.start));
                over.seconds = (stretch.start - over.start.0) / SECOND;
                found.push(over);
            }
        }
        found.extend(open);
    }
    found.sort_by_key(|excursion| excursion.start);
    found
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::time::{DAY, MINUTE};

    use super::*;

    fn minutes(values: &[(i64, f64)]) -> Vec<Stretch> {
        let stretch = |&(minute, value)| Stretch {
            start: minute * MINUTE,
            width: MINUTE,
            count: 1,
            min: value,
            max: value,
            mean: value,
        };
        values.iter().map(stretch).collect()
    }

    const BAND: Band = Band { low: Some(2.0), high: Some(8.0) };

    fn of(values: &[(i64, f64)], until: i64) -> Figures {
        figures(&minutes(values), &TimeZone::UTC, BAND, (0, until))
    }

    #[test]
    fn an_excursion_ends_with_the_first_minute_inside() {
        let all = of(&[(0, 5.0), (1, 8.5), (2, 9.25), (3, 8.0), (4, 1.5), (5, 8.1)], HOUR);
        let told: Vec<_> = all
            .excursions
            .iter()
            .map(|one| {
                (
                    one.side,
                    one.start.0 / MINUTE,
                    one.end.map(|end| end.0 / MINUTE),
                    one.seconds,
                    one.peak_celsius,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (BandSide::High, 1, Some(3), 120, 9.25),
                (BandSide::Low, 4, Some(5), 60, 1.5),
                (BandSide::High, 5, None, 60, 8.1),
            ]
        );
    }

    #[test]
    fn a_gap_ends_nothing() {
        let all = of(&[(0, 9.0), (90, 9.5), (91, 7.0)], 2 * HOUR);
        assert_eq!(all.excursions.len(), 1);
        assert_eq!(all.excursions[0].seconds, 91 * 60);
        assert_eq!((all.readings, all.silent_hours), (3, 0));
        assert_eq!(of(&[(0, 9.0)], 5 * HOUR).silent_hours, 4);
    }

    #[test]
    fn each_shift_shows_what_was_nearest_to_its_hour() {
        let at = |hour: i64, minute: i64| hour * 60 + minute;
        let day = DAY / MINUTE;
        let all = of(
            &[
                (at(7, 50), 4.0),
                (at(8, 5), 5.0),
                (at(11, 59), 3.0),
                (at(12, 0), 6.0),
                (at(23, 59), 7.0),
                (day, 2.5),
            ],
            2 * DAY,
        );
        assert_eq!(all.days.len(), 2);
        let [morning, afternoon, night] = &all.days[0].shifts[..] else { panic!("{:?}", all.days) };
        assert_eq!((morning.shift, morning.at.0 / MINUTE), (Shift::Morning, at(8, 5)));
        assert_eq!((morning.current_celsius, morning.min_celsius, morning.max_celsius), (5.0, 3.0, 5.0));
        assert_eq!((afternoon.shift, afternoon.current_celsius), (Shift::Afternoon, 6.0));
        assert_eq!((night.shift, night.current_celsius), (Shift::Night, 7.0));
        assert_eq!(all.days[1].shifts.len(), 1);
    }

    #[test]
    fn days_are_those_of_the_store() {
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        // 02:59 and 03:00 UTC are 23:59 of one day and 00:00 of the next.
        let all = figures(&minutes(&[(179, 4.0), (180, 5.0)]), &zone, BAND, (0, DAY));
        assert_eq!(all.days.len(), 2);
        assert_eq!(all.days[0].shifts[0].shift, Shift::Night);
        assert_eq!(all.days[1].shifts[0].shift, Shift::Morning);
    }

    #[test]
    fn nothing_measured_is_no_zero() {
        let all = of(&[], 10 * HOUR);
        assert_eq!((all.min, all.max, all.mean, all.mean_kinetic), (None, None, None, None));
        assert_eq!((all.readings, all.silent_hours), (0, 10));
    }
}
