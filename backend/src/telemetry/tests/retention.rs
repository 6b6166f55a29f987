//! Readings that are no longer kept go, their hours stay, on both engines.

use std::time::{Duration, Instant};

use tillwatch_shared::api::{Envelope, ReadingsSeal, RowResult};
use tillwatch_shared::time::{DAY, MINUTE};
use tillwatch_shared::{SensorId, UtcMicros};

use super::super::copy::{Direction::IntoPostgres, Direction::OutOfPostgres, copy};
use super::super::row::END_OF_TIME;
use super::super::{Batch, Buckets, Corrections, Options, Place, SeriesRequest, Telemetry};
use super::postgres::names;
use super::{HOUR, Kind, SECOND, Shop, batch, on_both_engines, wait};

on_both_engines!(
    old_readings_go_and_their_hours_stay,
    ids_are_not_given_again,
    what_waits_to_be_packed_is_counted_first,
    an_hour_whose_readings_are_gone_counts_by_the_calibration_of_its_begin,
);

impl Shop {
    /// Opens it again with a bound on how long readings are kept.
    fn keep(&mut self, days: Option<u32>) {
        match &mut self.place {
            Place::Embedded { keep_days } => *keep_days = days,
            Place::Postgres(place) => place.keep_days = days,
        }
        self.reopen();
    }

    /// Readings of a range, by reading each.
    fn singly(&self, sensor: &str, from: i64, to: i64) -> u32 {
        self.series(sensor, from, to, Buckets::StepMicros((to - from) / 1_000 + 1)).count.iter().sum()
    }

    fn by_hours(&self, sensor: &str, from: i64, to: i64) -> u32 {
        self.series(sensor, from, to, Buckets::StepMicros(HOUR)).count.iter().sum()
    }

    fn until_gone(&self, sensor: &str, from: i64, to: i64) {
        let begun = Instant::now();
        while self.singly(sensor, from, to) > 0 {
            assert!(begun.elapsed() < Duration::from_mins(1), "{sensor} does not go");
            self.store(&[]);
        }
    }

    fn seals(&self) -> Vec<ReadingsSeal> {
        let mut seals: Vec<ReadingsSeal> = Vec::new();
        while let Some(seal) =
            self.telemetry().seal_pending(seals.last().map_or(0, |seal| seal.last_id)).unwrap()
        {
            seals.push(seal);
        }
        seals
    }
}

/// A whole hour some days ago.
fn ago(shop: &Shop, days: i64) -> i64 {
    (shop.clock.now().0 - days * DAY) / HOUR * HOUR
}

/// Two readings a second for 40 minutes: enough that the hour keeps its minutes, and for several blocks.
fn dense(sensor: &'static str, from: i64) -> Vec<(&'static str, i64, f64)> {
    (0..4_800).map(|n| (sensor, from + n * SECOND / 2, (n % 91) as f64)).collect()
}

fn old_readings_go_and_their_hours_stay(kind: Kind) {
    only_hours_stay(Shop::of(kind, 1_000));
}

/// In a history that packs when a thousand readings have come.
pub(super) fn only_hours_stay(mut shop: Shop) {
    let (old, kept) = (ago(&shop, 40), ago(&shop, 20));
    shop.store(&dense("a", old));
    shop.store(&[("only old", old + 3, 1.0), ("only old", old + 7 * HOUR, 2.0)]);
    let sealed_old = shop.seals();
    shop.store(&dense("a", kept));
    shop.store(&[("a", shop.clock.now().0, 5.0)]);
    let sealed = shop.seals();
    shop.settle();
    let hours = shop.series("a", old, kept + 2 * HOUR, Buckets::StepMicros(HOUR));
    assert_eq!(hours.count, [4_800, 4_800]);

    shop.keep(Some(30));
    shop.until_gone("a", old, old + HOUR);
    shop.until_gone("only old", old, old + 8 * HOUR);
    assert_eq!(shop.series("a", old, kept + 2 * HOUR, Buckets::StepMicros(HOUR)), hours);
    assert_eq!(shop.by_hours("only old", old, old + 8 * HOUR), 2);
    assert_eq!(shop.singly("a", kept, kept + HOUR), 4_800);
    // The sensor is still known by its newest reading.
    assert_eq!(shop.telemetry().sensors()[1].last.reading.temperature.to_bits(), 2.0_f64.to_bits());
    // Seals of what is gone are passed over, the others hold.
    shop.telemetry().verify_seals(&sealed_old).unwrap();
    shop.telemetry().verify_seals(&sealed).unwrap();

    // What comes too late is refused, what is late is taken, and so it is without the setting.
    for days in [Some(30), None] {
        shop.keep(days);
        let result = shop.store(&[("a", old + 1, 1.0), ("a", kept + 1, 1.0)]);
        let late = if days.is_some() { RowResult::Stored } else { RowResult::Duplicate };
        assert_eq!(result.rows, [RowResult::Invalid, late]);
        assert!(wait(shop.try_one("a", old + 5, 1.0)).is_err());
        assert_eq!(shop.singly("a", old, old + HOUR), 0);
    }
    assert_eq!(shop.count("a"), 2 * 4_800 + 2);
}

fn ids_are_not_given_again(kind: Kind) {
    let mut shop = Shop::of(kind, 100);
    let old = ago(&shop, 60);
    shop.store(&dense("a", old));
    shop.settle();
    shop.keep(Some(7));
    shop.until_gone("a", old, old + HOUR);
    shop.reopen();
    assert_eq!(shop.one("a", shop.clock.now().0, 1.0).id, 4_801);
}

fn what_waits_to_be_packed_is_counted_first(kind: Kind) {
    // So many that nothing is packed by itself.
    let mut shop = Shop::with(kind, Options { recent_readings: 1_000_000, ..Options::default() });
    let old = ago(&shop, 60);
    shop.store(&dense("a", old));
    shop.store(&[("b", old + 1, 1.0), ("b", shop.clock.now().0, 1.0)]);
    shop.keep(Some(7));
    shop.until_gone("a", old, old + HOUR);
    shop.until_gone("b", old, old + HOUR);
    assert_eq!((shop.by_hours("a", old - DAY, old + DAY), shop.count("b")), (4_800, 2));
    assert_eq!(shop.series("a", 0, END_OF_TIME, Buckets::Points(1)).count, [4_800]);
}

/// Least, most and mean.
type Spread = (f64, f64, f64);

/// The corrected hours of a sensor: how many readings, what is shown, and what was sent.
fn corrected(shop: &Shop, from: i64, hours: i64, corrections: &Corrections) -> Vec<(u32, Spread, Spread)> {
    let request = SeriesRequest {
        sensors: vec![SensorId::Text("a".into())],
        from: UtcMicros(from),
        to: UtcMicros(from + hours * HOUR),
        buckets: Buckets::StepMicros(HOUR),
    };
    let series = shop.telemetry().corrected_series(&request, corrections).unwrap().series.remove(0);
    let spread = |of: &Envelope, place: usize| (of.min[place], of.max[place], of.mean[place]);
    let (shown, sent) = (&series.temperature, series.raw_temperature.as_ref().unwrap());
    let places = series.count.iter().enumerate();
    places.map(|(place, count)| (*count, spread(shown, place), spread(sent, place))).collect()
}

/// While the readings are kept, each is corrected by the calibration of its moment. Once only the hour is known, which
/// of its readings came before the calibration that begins in it is not known: all of them count by the one before,
/// so what is shown is wrong by no more than the two differ. All other hours stay exact.
fn an_hour_whose_readings_are_gone_counts_by_the_calibration_of_its_begin(kind: Kind) {
    let mut shop = Shop::of(kind, 1_000);
    let old = ago(&shop, 40);
    for hour in 0..3 {
        shop.store(&dense("a", old + hour * HOUR));
    }
    shop.store(&[("a", shop.clock.now().0, 5.0)]);
    shop.settle();
    let begins = old + HOUR + 20 * MINUTE;
    let sets = [("a".to_owned(), UtcMicros(old - DAY), 1.0), ("a".to_owned(), UtcMicros(begins), -0.5)];
    let corrections: Corrections = sets.into_iter().collect();

    let before = corrected(&shop, old, 3, &corrections);
    let sent = (0..4_800).map(|n| f64::from(n % 91)).sum::<f64>() / 4_800.0;
    let half = (0..2_400).map(|n| f64::from(n % 91) + 1.0);
    let anew = half.chain((2_400..4_800).map(|n| f64::from(n % 91) - 0.5)).sum::<f64>() / 4_800.0;
    let near = |found: Spread, (least, most, mean): Spread| {
        assert_eq!((found.0.to_bits(), found.1.to_bits()), (least.to_bits(), most.to_bits()));
        assert!((found.2 - mean).abs() < 2e-6, "{found:?} is not {mean}");
    };
    near(before[0].1, (1.0, 91.0, sent + 1.0));
    near(before[1].1, (-0.5, 91.0, anew));
    near(before[2].1, (-0.5, 89.5, sent - 0.5));

    shop.keep(Some(30));
    shop.until_gone("a", old, old + 3 * HOUR);
    let after = corrected(&shop, old, 3, &corrections);
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]), "hours with one calibration stay exact");
    assert_eq!((after[1].0, after[1].2), (4_800, before[1].2), "what was sent stays as it was");
    near(after[1].1, (1.0, 91.0, sent + 1.0));
    let (shown, exact) = (after[1].1, before[1].1);
    for (shown, exact) in [(shown.0, exact.0), (shown.1, exact.1), (shown.2, exact.2)] {
        assert!((shown - exact).abs() <= 1.5, "{shown} for {exact}");
    }
}

/// What is gone is a table, which costs nothing, and not its rows one by one.
#[test]
fn postgres_drops_partitions() {
    if super::database().is_none() {
        return;
    }
    let mut shop = Shop::of(Kind::Postgres, 1_000);
    let (old, kept) = (ago(&shop, 40), ago(&shop, 20));
    for from in [old, kept] {
        // Weeks that are far from the day on which a reading comes get no partition.
        let today = Batch { received_at: shop.clock.now(), ..batch(&dense("a", from)) };
        assert_eq!(wait(shop.telemetry().store(today)).unwrap().stored, 4_800);
    }
    shop.settle();
    let partition = |table: &str, at: i64| {
        let sql = format!("to_timestamp({at} / {} * {}) AT TIME ZONE 'UTC'", 7 * DAY, 7 * DAY / SECOND);
        names(&shop, &format!("SELECT '{table}_' || to_char({sql}, 'YYYYMMDD')")).remove(0)
    };
    let of = |at| ["reading", "minute_roll"].map(|table| partition(table, at));
    let (gone, stays) = (of(old), of(kept));
    let attached = "SELECT child.relname::text FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid \
                    JOIN pg_class parent ON parent.oid = i.inhparent \
                    WHERE parent.relnamespace = current_schema()::regnamespace \
                    AND parent.relkind = 'p' AND child.relkind = 'r'";
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace";
    let before = names(&shop, attached);
    assert!(gone.iter().chain(&stays).all(|name| before.contains(name)), "{before:?}");

    shop.keep(Some(30));
    shop.until_gone("a", old, old + HOUR);
    let (attached, tables) = (names(&shop, attached), names(&shop, tables));
    assert!(gone.iter().all(|name| !attached.contains(name) && !tables.contains(name)), "{tables:?}");
    assert!(stays.iter().all(|name| attached.contains(name)), "{attached:?}");
    assert_eq!((shop.by_hours("a", old, old + HOUR), shop.singly("a", kept, kept + HOUR)), (4_800, 4_800));
}

/// A power failure after each piece of dropping.
#[test]
fn dropping_goes_on_after_a_power_failure() {
    let mut shop = Shop::of(Kind::Sqlite, 1);
    let old = ago(&shop, 60);
    let rows: Vec<_> = (0..600).map(|n| ("a", old + n * HOUR / 20, 1.0)).collect();
    shop.store(&rows);
    shop.store(&[("b", old, 1.0), ("b", shop.clock.now().0, 1.0)]);
    shop.settle();
    let sealed = shop.seals();
    shop.keep(Some(7));
    for _ in 0..4 {
        shop.cut_off();
    }
    shop.until_gone("a", old, old + 30 * HOUR);
    shop.until_gone("b", old, old + HOUR);
    assert_eq!((shop.count("a"), shop.count("b")), (600, 2));
    shop.telemetry().verify_seals(&sealed).unwrap();
    assert_eq!(shop.one("b", shop.clock.now().0 + 1, 1.0).id, 603);
}

/// A day that ends while the server runs, by a clock that the test moves.
#[test]
fn the_clock_decides() {
    use super::Clock;
    use tillwatch_shared::UtcMicros;

    let mut shop = Shop::of(Kind::Sqlite, 1);
    shop.clock = Clock::manual(UtcMicros(super::BASE));
    shop.store(&[("a", super::BASE, 1.0), ("a", super::BASE + 2 * DAY, 2.0)]);
    shop.keep(Some(7));
    shop.settle();
    assert_eq!(shop.singly("a", super::BASE, super::BASE + 3 * DAY), 2);
    shop.clock.advance(8 * DAY);
    shop.reopen();
    shop.until_gone("a", super::BASE, super::BASE + DAY);
    assert_eq!(shop.singly("a", super::BASE, super::BASE + 3 * DAY), 1);
}

/// From one engine to the other and back: hours without readings, the newest reading of a sensor that has none.
#[test]
fn a_copy_brings_what_retention_left() {
    if super::database().is_none() {
        return;
    }
    let mut shop = Shop::of(Kind::Sqlite, 1_000);
    let (old, kept) = (ago(&shop, 40), ago(&shop, 20));
    shop.store(&[("only old", old + 3, 1.0), ("only old", old + 7 * HOUR, 2.0)]);
    shop.store(&dense("a", old));
    shop.store(&dense("a", kept));
    let sealed = shop.seals();
    shop.keep(Some(30));
    shop.until_gone("a", old, old + HOUR);
    shop.until_gone("only old", old, old + 8 * HOUR);
    let looks = |shop: &Shop| {
        // Sums of the same readings in another order differ in their last digit.
        let hours = |sensor| {
            let mut hours = shop.series(sensor, old - DAY, kept + DAY, Buckets::StepMicros(HOUR));
            for means in [&mut hours.temperature.mean, &mut hours.humidity.mean, &mut hours.pressure.mean] {
                for mean in means {
                    *mean = (*mean * 1e6).round();
                }
            }
            hours
        };
        (shop.telemetry().sensors(), hours("a"), hours("only old"), shop.singly("a", kept, kept + HOUR))
    };
    let before = looks(&shop);
    assert_eq!((before.2.count.as_slice(), before.3), (&[1, 1][..], 4_800));
    shop.telemetry().close();

    let database = super::fresh_place();
    let back = tempfile::tempdir().unwrap();
    for (dir, direction) in [(shop.dir.path(), IntoPostgres), (back.path(), OutOfPostgres)] {
        // A second one finds everything done, and counts nothing twice.
        let first = copy(dir, &database, direction, &mut |_| ()).unwrap();
        assert_eq!((first.before, first.readings, first.hours), (0, 4_800, 3));
        let second = copy(dir, &database, direction, &mut |_| ()).unwrap();
        assert_eq!((second.before, second.readings), (4_800, 0));
        let place = match direction {
            IntoPostgres => Place::Postgres(database.clone()),
            OutOfPostgres => Place::Embedded { keep_days: None },
        };
        shop.telemetry = None;
        let telemetry = Telemetry::open_at(dir, &place, shop.options, &shop.clock).unwrap();
        telemetry.verify_seals(&sealed).unwrap();
        shop.telemetry = Some(telemetry);
        assert_eq!(looks(&shop), before);
        assert_eq!(shop.store(&[("a", old + 1, 1.0)]).rows, [RowResult::Invalid]);
        shop.telemetry().close();
    }
    shop.telemetry = None;
    shop.dir = back;
    shop.place = Place::Embedded { keep_days: None };
    shop.telemetry = Some(shop.open(shop.dir.path()));
    assert_eq!(shop.one("a", shop.clock.now().0, 1.0).id, 9_603);
}
