//! What is promised about readings: none lost, none twice, found again after whatever happened.

use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;
use tillwatch_shared::api::{NewReading, RowResult};
use tillwatch_shared::compact::{decode, encode};
use tillwatch_shared::{ApiKeyId, SensorId, UtcMicros};

use super::super::{
    BackupError, Batch, Buckets, OneReading, OpenError, Options, SealError, SeriesError, SeriesRequest,
    StoreError, Telemetry,
};
use super::{BASE, HOUR, Kind, Model, SECOND, Shop, batch, file_bytes, on_both_engines, single, wait};
use RowResult::{Duplicate, Forbidden, Invalid, Stored};

on_both_engines! {
    duplicates_are_found_wherever_the_first_is,
    readings_are_given_back_as_they_were_measured,
    a_batch_in_any_order_with_rows_of_every_kind,
    single_readings_of_one_moment_are_all_kept,
    many_callers_at_once_lose_nothing,
    the_last_reading_of_each_sensor,
    a_clock_that_was_wrong_once_does_not_hide_later_readings,
    unacceptable_single_readings,
    dense_hours_are_split_and_late_readings_find_their_block,
    ids_go_on,
    closing_stores_what_is_queued_and_then_refuses,
    seals_hold_over_packing_and_restarts,
    the_use_of_keys_is_kept_to_the_minute,
    series_of_several_sensors_and_of_none,
    both_forms_of_a_batch_mean_the_same,
    charts_do_not_wait_and_miss_nothing_while_readings_are_packed,
}

/// Packed never, now and then, and after each commit.
const PACKING: [usize; 3] = [65_536, 40, 1];

fn duplicates_are_found_wherever_the_first_is(kind: Kind) {
    for packing in PACKING {
        let mut shop = Shop::of(kind, packing);
        let rows: Vec<_> = (0..30).map(|n| ("a", BASE + n * SECOND, n as f64)).collect();
        assert!(shop.store(&rows).rows.iter().all(|row| *row == Stored));
        assert!(shop.store(&rows).rows.iter().all(|row| *row == Duplicate));
        shop.reopen();
        assert!(shop.store(&rows).rows.iter().all(|row| *row == Duplicate));
        let late = [
            ("a", BASE + SECOND / 2, 1.0),
            ("a", BASE - HOUR, 2.0),
            ("a", BASE - HOUR, 3.0),
            ("a", BASE, 4.0),
        ];
        assert_eq!(shop.store(&late).rows, [Stored, Stored, Duplicate, Duplicate]);
        shop.cut_off();
        assert_eq!(shop.store(&late).duplicate, 4);
        assert_eq!(shop.count("a"), 32);
        // The first one stays.
        let first = shop.series("a", BASE - HOUR, BASE - HOUR + 1, Buckets::StepMicros(1));
        assert_eq!(first.temperature.max, [2.0]);
    }
}

fn readings_are_given_back_as_they_were_measured(kind: Kind) {
    for packing in PACKING {
        let mut shop = Shop::of(kind, packing);
        let order = [5, 1, 9, 3, 7_200, 4, 3_600, 2, 90_000, 8];
        for minute in order {
            shop.store(&[("a", BASE + minute * SECOND, minute as f64), ("b", BASE + minute * SECOND, 0.0)]);
        }
        for round in 0..2 {
            let ask = |from: i64, to: i64| {
                let sensor = SensorId::Text("a".into());
                let (from, to) = (UtcMicros(BASE + from * SECOND), UtcMicros(BASE + to * SECOND));
                let found = shop.readings(&sensor, from, to);
                let seconds = found.iter().map(|one| (one.at.0 - BASE) / SECOND).collect::<Vec<_>>();
                assert!(found.iter().zip(&seconds).all(|(one, at)| {
                    one.values.map(f64::to_bits) == super::values(*at as f64).map(f64::to_bits)
                }));
                assert!(found.iter().all(|one| one.received_at == UtcMicros(BASE)));
                seconds
            };
            assert_eq!(ask(0, 100_000), [1, 2, 3, 4, 5, 8, 9, 3_600, 7_200, 90_000], "round {round}");
            assert_eq!(ask(2, 9), [2, 3, 4, 5, 8], "the end is not included");
            assert_eq!((ask(8, 7_200), ask(10, 3_600)), (vec![8, 9, 3_600], vec![]));
            shop.reopen();
        }
        let nobody = SensorId::Text("c".into());
        assert!(shop.readings(&nobody, UtcMicros(0), UtcMicros(BASE * 2)).is_empty());
    }
}

fn a_batch_in_any_order_with_rows_of_every_kind(kind: Kind) {
    let shop = Shop::of(kind, 1);
    let mut mixed =
        batch(&[("b", BASE + 9, 1.0), ("a", BASE + 5, 1.0), ("b", BASE + 1, 2.0), ("b", BASE + 9, 3.0)]);
    mixed.rows[1].values[2] = f64::NAN;
    mixed.rows.push(tillwatch_shared::compact::CompactRow { measured_at: UtcMicros(-1), ..mixed.rows[0] });
    mixed
        .rows
        .push(tillwatch_shared::compact::CompactRow { measured_at: UtcMicros(i64::MAX), ..mixed.rows[0] });
    let mut refused = mixed.clone();
    let result = wait(shop.telemetry().store(mixed)).unwrap();
    assert_eq!(result.rows, [Stored, Invalid, Stored, Duplicate, Invalid, Invalid]);
    assert_eq!((result.stored, result.duplicate, result.refused), (2, 1, 3));
    let seen: Vec<_> = shop.telemetry().sensors().into_iter().map(|seen| seen.id).collect();
    assert_eq!(seen, [SensorId::Text("b".into())], "a sensor without a good reading does not come to be");

    refused.sensors[0].allowed = false;
    let result = wait(shop.telemetry().store(refused.clone())).unwrap();
    assert_eq!(result.rows, [Forbidden, Invalid, Forbidden, Forbidden, Forbidden, Forbidden]);
    refused.rows[0].sensor = 9;
    assert_eq!(wait(shop.telemetry().store(refused)).unwrap_err(), StoreError::Batch);
}

fn single_readings_of_one_moment_are_all_kept(kind: Kind) {
    for packing in PACKING {
        let mut shop = Shop::of(kind, packing);
        let mut ids = Vec::new();
        for n in 0..20 {
            if n % 7 == 0 {
                shop.cut_off();
            }
            ids.push(shop.one("a", BASE, f64::from(n)));
        }
        let expected: Vec<_> = (0..20).map(|n| (n + 1, BASE + n)).collect();
        assert_eq!(ids.iter().map(|one| (one.id, one.measured_at.0)).collect::<Vec<_>>(), expected);
        assert_eq!(shop.count("a"), 20);
    }
}

fn many_callers_at_once_lose_nothing(kind: Kind) {
    let shop = Shop::of(kind, 200);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let callers: Vec<_> = (0..16_i64)
        .map(|caller| {
            let telemetry = shop.telemetry().clone();
            runtime.spawn(async move {
                let mut ids = Vec::new();
                for n in 0..100 {
                    let sensor = if caller % 2 == 0 { "even" } else { "odd" };
                    let at = BASE + n * 60 * SECOND + caller % 4;
                    ids.push(telemetry.store_one(single(sensor, at, 1.0)).await.unwrap().id);
                }
                ids
            })
        })
        .collect();
    let mut ids: Vec<i64> =
        callers.into_iter().flat_map(|caller| runtime.block_on(caller).unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=1_600).collect::<Vec<_>>());
    assert_eq!((shop.count("even"), shop.count("odd")), (800, 800));
    assert_eq!(shop.telemetry().stats().stored, 1_600);
}

fn the_last_reading_of_each_sensor(kind: Kind) {
    let mut shop = Shop::of(kind, 3);
    let number = OneReading { sensor: SensorId::Number(5), ..single("", BASE, 1.0) };
    wait(shop.telemetry().store_one(number)).unwrap();
    shop.one("5", BASE + 10, 2.0);
    shop.store(&[("door", BASE, 7.0), ("5", BASE + 3, 3.0)]);
    for round in 0..3 {
        let seen = shop.telemetry().sensors();
        let ids: Vec<_> = seen.iter().map(|seen| seen.id.clone()).collect();
        assert_eq!(ids, [SensorId::Number(5), SensorId::Text("door".into())]);
        assert_eq!(seen[0].last.reading.temperature.to_bits(), 2.0_f64.to_bits());
        assert_eq!(seen[0].last.reading.received_at, UtcMicros(BASE + 15));
        assert_eq!(seen[0].last.source, Some([10, 0, 0, 7].into()));
        assert_eq!(seen[1].last.source, Some([10, 0, 0, 8].into()));
        assert_eq!(shop.telemetry().sensor(&SensorId::Text("5".into())).unwrap(), seen[0]);
        if round == 0 {
            shop.cut_off();
        } else {
            shop.reopen();
        }
    }
    assert_eq!(shop.telemetry().sensor(&SensorId::Text("05".into())), None);
}

fn a_clock_that_was_wrong_once_does_not_hide_later_readings(kind: Kind) {
    let mut shop = Shop::of(kind, 1);
    let future = OneReading { received_at: UtcMicros(BASE), ..single("a", BASE + 10_000 * HOUR, 1.0) };
    wait(shop.telemetry().store_one(future)).unwrap();
    shop.one("a", BASE + SECOND, 2.0);
    shop.one("a", BASE - SECOND, 3.0);
    for _ in 0..2 {
        let seen = shop.telemetry().sensor(&SensorId::Text("a".into())).unwrap();
        assert_eq!(seen.last.reading.measured_at, UtcMicros(BASE + SECOND));
        shop.reopen();
    }
    assert_eq!(shop.count("a"), 3);
}

fn unacceptable_single_readings(kind: Kind) {
    let shop = Shop::of(kind, 1);
    for bad in [
        single("a,b", BASE, 1.0),
        single("", BASE, 1.0),
        single("a", -1, 1.0),
        single("a", BASE, f64::INFINITY),
    ] {
        assert_eq!(wait(shop.telemetry().store_one(bad)).unwrap_err(), StoreError::Invalid);
    }
    assert_eq!(shop.telemetry().sensors(), []);
    let small = Shop::with(kind, Options { sensors: 1, ..Options::default() });
    let small = small.telemetry();
    wait(small.store_one(single("a", BASE, 1.0))).unwrap();
    assert_eq!(wait(small.store_one(single("b", BASE, 1.0))).unwrap_err(), StoreError::TooManySensors);
    wait(small.store_one(single("a", BASE, 1.0))).unwrap();
}

fn dense_hours_are_split_and_late_readings_find_their_block(kind: Kind) {
    let mut shop = Shop::of(kind, 5_000);
    let mut model = Model::default();
    // 20,000 readings in 200 seconds, then as many in between them, newest first.
    for turn in [0, 7] {
        for part in 0..4 {
            let part = if turn == 0 { part } else { 3 - part };
            let rows: Vec<_> = (part * 5_000..(part + 1) * 5_000)
                .map(|n| ("a", BASE + n * 10_000 + turn, (n * 31 % 1_000) as f64 / 8.0))
                .collect();
            assert_eq!(shop.store(&rows).stored, 5_000);
            model.0.extend(rows.iter().map(|(_, at, value)| (*at, *value)));
        }
        shop.cut_off();
    }
    let (from, to) = (BASE - HOUR, BASE + HOUR);
    for step in [SECOND, 60 * SECOND, HOUR] {
        let from = if step == SECOND { BASE } else { from };
        let to = if step == SECOND { BASE + 300 * SECOND } else { to };
        model.check(&shop.series("a", from, to, Buckets::StepMicros(step)), from, to, step);
    }
}

fn ids_go_on(kind: Kind) {
    let mut shop = Shop::of(kind, 10);
    for n in 0..25 {
        assert_eq!(shop.one("a", BASE + n, 1.0).id, n + 1);
        if n % 5 == 4 {
            shop.reopen();
        }
    }
}

#[test]
fn backups_are_whole() {
    let shop = Shop::packing_at(10);
    for n in 0..25 {
        shop.one("a", BASE + n, 1.0);
    }
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("telemetry.sqlite");
    shop.telemetry().backup_to(&copy).unwrap();
    assert_eq!(shop.telemetry().backup_to(&copy).unwrap_err(), BackupError::Exists(copy.clone()));
    shop.one("a", BASE + 100, 1.0);
    let restored = Telemetry::open(copies.path(), Options::default()).unwrap();
    assert_eq!(wait(restored.store_one(single("a", BASE, 1.0))).unwrap().id, 26);
}

fn closing_stores_what_is_queued_and_then_refuses(kind: Kind) {
    let shop = Shop::of(kind, 1);
    shop.one("a", BASE, 1.0);
    shop.telemetry().close();
    shop.telemetry().close();
    assert_eq!(wait(shop.try_one("a", BASE, 1.0)).unwrap_err(), StoreError::Closed);
    assert!(!shop.dir.path().join("telemetry.sqlite-wal").metadata().is_ok_and(|wal| wal.len() > 0));
    assert_eq!(shop.count("a"), 1);
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("telemetry.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Telemetry::open(dir.path(), Options::default()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("newer Tillwatch"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(&path, "this is no database, and longer than a header of a hundred bytes. ".repeat(9))
        .unwrap();
    assert!(matches!(Telemetry::open(dir.path(), Options::default()), Err(OpenError::Database { .. })));
}

fn seals_hold_over_packing_and_restarts(kind: Kind) {
    let mut shop = Shop::of(kind, 8);
    let mut seals = Vec::new();
    let mut sealed_up_to = 0;
    for n in 0..40 {
        shop.store(&[("a", BASE + n * 7 % 40, 1.5), ("b", BASE - n, 2.5), ("a", BASE - n * HOUR, 0.1)]);
        if n % 9 == 8 {
            let seal = shop.telemetry().seal_pending(sealed_up_to).unwrap().unwrap();
            assert_eq!(shop.telemetry().seal_pending(sealed_up_to).unwrap().unwrap(), seal);
            assert_eq!(seal.first_id, sealed_up_to + 1);
            sealed_up_to = seal.last_id;
            seals.push(seal);
        }
        match n {
            12 | 30 => shop.reopen(),
            20 => shop.cut_off(),
            _ => {}
        }
    }
    assert_eq!(seals.len(), 4);
    shop.telemetry().verify_seals(&seals).unwrap();
    shop.reopen();
    // The rest was stored by a program that is gone: it is read back.
    seals.push(shop.telemetry().seal_pending(sealed_up_to).unwrap().unwrap());
    shop.telemetry().verify_seals(&seals).unwrap();
    assert_eq!(shop.telemetry().seal_pending(seals[4].last_id).unwrap(), None);
}

#[test]
fn one_altered_byte_is_named() {
    let rows: Vec<_> = (0..100).map(|n| ("a", BASE + n * SECOND, n as f64)).collect();
    // 100 readings fill one page of the log and begin a second one.
    for (packing, table) in [(1, "block SET data"), (65_536, "log_page SET rows")] {
        let shop = Shop::packing_at(packing);
        let mut seals = Vec::new();
        for part in rows.chunks(50) {
            shop.store(part);
            let sealed_up_to =
                seals.last().map_or(0, |seal: &tillwatch_shared::api::ReadingsSeal| seal.last_id);
            seals.extend(shop.telemetry().seal_pending(sealed_up_to).unwrap());
        }
        shop.settle();
        shop.telemetry().verify_seals(&seals).unwrap();
        let column = table.split(' ').next_back().unwrap();
        let file = Connection::open(shop.dir.path().join("telemetry.sqlite")).unwrap();
        // The highest byte of the last pressure.
        let sql = format!(
            "UPDATE {table} = CAST(substr({column}, 1, length({column}) - 1) || x'77' AS BLOB) \
             WHERE rowid = (SELECT max(rowid) FROM {})",
            table.split(' ').next().unwrap()
        );
        assert_eq!(file.execute(&sql, []).unwrap(), 1);
        let error = shop.telemetry().verify_seals(&seals).unwrap_err();
        assert_eq!(error, SealError::Altered { first_id: 51, last_id: 100 });
    }
}

#[test]
fn a_damaged_block_does_not_stop_the_writer() {
    let shop = Shop::packing_at(1);
    shop.store(&[("a", BASE, 1.0), ("a", BASE + HOUR, 1.0)]);
    shop.settle();
    let file = Connection::open(shop.dir.path().join("telemetry.sqlite")).unwrap();
    file.execute("UPDATE block SET data = x'01' WHERE start = ?1", [BASE]).unwrap();
    assert_eq!(shop.store(&[("a", BASE + 1, 2.0)]).stored, 1);
    shop.settle();
    assert_eq!(shop.telemetry().health(), Ok(()));
    assert_eq!(shop.series("a", BASE, BASE + HOUR, Buckets::StepMicros(SECOND)).count, [1]);
    let aside: i64 = file.query_row("SELECT count(*) FROM damaged_block", [], |row| row.get(0)).unwrap();
    assert_eq!(aside, 1);
}

fn the_use_of_keys_is_kept_to_the_minute(kind: Kind) {
    let mut shop = Shop::of(kind, 1);
    let key = ApiKeyId::now();
    for seconds in [0, 30, 59, 61] {
        let at = BASE + seconds * SECOND;
        let reading = OneReading { key: Some(key), received_at: UtcMicros(at), ..single("a", at, 1.0) };
        wait(shop.telemetry().store_one(reading)).unwrap();
        let written = if seconds < 60 { BASE } else { at };
        assert_eq!(shop.telemetry().keys_used().get(&key), Some(&UtcMicros(written)));
    }
    // A use that stores nothing, and one that is not worth writing.
    let [listening, later] = [BASE + 130 * SECOND, BASE + 150 * SECOND];
    for at in [listening, later] {
        shop.telemetry().note_key_use(key, UtcMicros(at));
        // What is queued behind it is answered after it.
        wait(shop.telemetry().store_one(single("a", at, 1.0))).unwrap();
        assert_eq!(shop.telemetry().keys_used().get(&key), Some(&UtcMicros(listening)));
    }
    shop.reopen();
    assert_eq!(shop.telemetry().keys_used().get(&key), Some(&UtcMicros(listening)));
}

fn series_of_several_sensors_and_of_none(kind: Kind) {
    let shop = Shop::of(kind, 1);
    shop.store(&[("a", BASE, 1.0), ("b", BASE, 2.0)]);
    let ask = |names: &[&str]| SeriesRequest {
        sensors: names.iter().map(|name| SensorId::Text((*name).into())).collect(),
        from: UtcMicros(BASE),
        to: UtcMicros(BASE + SECOND),
        buckets: Buckets::Points(10),
    };
    let answer = shop.telemetry().series(&ask(&["b", "nobody", "a"])).unwrap();
    let maxima: Vec<_> = answer.series.iter().map(|series| series.temperature.max.clone()).collect();
    assert_eq!(maxima, [vec![2.0], vec![], vec![1.0]]);
    assert_eq!((answer.step_micros, answer.from.0, answer.to.0), (SECOND, BASE, BASE + SECOND));
    // A step of ages sees this sensor and no other.
    shop.settle();
    let ages = shop.series("a", BASE, BASE + SECOND, Buckets::StepMicros(HOUR << 30));
    assert_eq!((ages.count, ages.temperature.max), (vec![1], vec![1.0]));
    assert_eq!(shop.telemetry().series(&ask(&[])).unwrap_err(), SeriesError::Sensors);
    assert_eq!(shop.telemetry().series(&ask(&["a"; 65])).unwrap_err(), SeriesError::Sensors);
}

fn both_forms_of_a_batch_mean_the_same(kind: Kind) {
    let reading = |sensor_id: SensorId, at| NewReading {
        sensor_id,
        temperature: 1.0,
        humidity: 2.0,
        pressure: 3.0,
        measured_at: UtcMicros(at),
        battery_percent: None,
    };
    let readings = vec![
        reading(SensorId::Number(4), BASE),
        reading(SensorId::Text("4".into()), BASE),
        reading(SensorId::Text("x".into()), BASE),
    ];
    let compact = Batch::from_compact(decode(&encode(&readings).unwrap()).unwrap());
    let shop = Shop::of(kind, 1);
    let stored = wait(shop.telemetry().store(Batch::from_readings(readings).unwrap())).unwrap();
    assert_eq!(stored.rows, [Stored, Duplicate, Stored]);
    assert_eq!(wait(shop.telemetry().store(compact)).unwrap().rows, [Duplicate; 3]);
}

#[test]
fn an_hour_of_one_reading_a_second_is_small() {
    let shop = Shop::packing_at(1);
    // Full doubles, the worst case.
    for hour in 0..24 {
        let rows: Vec<_> =
            (0..3_600).map(|n| ("a", BASE + hour * HOUR + n * SECOND, ((n % 997) as f64).sqrt())).collect();
        shop.store(&rows);
    }
    shop.settle();
    shop.telemetry().close();
    let bytes = file_bytes(shop.dir.path());
    assert!(bytes < 45 * 24 * 3_600, "{bytes}");
}

/// While readings are packed, a chart counts each of them exactly once.
fn charts_do_not_wait_and_miss_nothing_while_readings_are_packed(kind: Kind) {
    let shop = Shop::of(kind, 100);
    let (asked, answered) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..300 {
                let rows: Vec<_> = (0..50).map(|m| ("a", BASE + (m * 300 + n) * SECOND, 1.0)).collect();
                asked.fetch_add(50, Ordering::SeqCst);
                assert_eq!(shop.store(&rows).stored, 50);
                answered.fetch_add(50, Ordering::SeqCst);
            }
        });
        let mut known = 0;
        while known < 15_000 {
            for buckets in [Buckets::Points(5_000), Buckets::Points(300), Buckets::Points(10)] {
                let at_least = answered.load(Ordering::SeqCst);
                let counted: u32 = shop.series("a", BASE, BASE + 5 * HOUR, buckets).count.iter().sum();
                let at_most = asked.load(Ordering::SeqCst);
                assert!((at_least..=at_most).contains(&counted), "{at_least} <= {counted} <= {at_most}");
                known = at_least;
            }
        }
    });
}
