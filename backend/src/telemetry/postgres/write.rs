//! The statements of the writer: one for a commit, one to look up moments, one for a piece of rolling up. The
//! readings of a large commit go another way (`bulk`).

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::super::block;
use super::super::rollup::Bucket;
use super::super::row::Row;
use super::bulk;
use super::link::{Link, LinkError};
use super::schema::SHORT;

/// How long a commit may take before its readings are held on disk instead.
pub(super) const COMMIT: Duration = Duration::from_secs(5);
const ROLL: Duration = Duration::from_mins(1);

const STORE: &str = "\
WITH fence AS ( \
    UPDATE writer SET last_commit = $2, last_id = greatest(last_id, $3) \
    WHERE instance = $1 AND last_commit < $2 RETURNING 1 \
), new_sensor AS ( \
    INSERT INTO sensor (number, id, is_number) \
    SELECT * FROM unnest($12::int4[], $13::text[], $14::bool[]) WHERE EXISTS (SELECT FROM fence) \
    ON CONFLICT DO NOTHING \
), new_source AS ( \
    INSERT INTO source (number, address) \
    SELECT * FROM unnest($15::int4[], $16::text[]) WHERE EXISTS (SELECT FROM fence) \
    ON CONFLICT DO NOTHING \
), used_key AS ( \
    INSERT INTO key_use (key_id, last_used_at) \
    SELECT * FROM unnest($17::bytea[], $18::int8[]) WHERE EXISTS (SELECT FROM fence) \
    ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at \
), stored AS ( \
    INSERT INTO reading (id, sensor, taken_at, received_at, source, temperature, humidity, pressure) \
    SELECT * FROM unnest($4::int8[], $5::int4[], $6::int8[], $7::int8[], $8::int4[], \
                         $9::float8[], $10::float8[], $11::float8[]) WHERE EXISTS (SELECT FROM fence) \
) SELECT count(*) FROM fence";

/// The inner part cannot be turned into a scan of everything: `OFFSET 0` keeps it a look into the index.
const LOOK: &str = "\
SELECT q.sensor, found.taken_at FROM unnest($1::int4[], $2::int8[], $3::int8[]) AS q (sensor, low, high) \
CROSS JOIN LATERAL (SELECT r.taken_at FROM reading r WHERE r.sensor = q.sensor \
                    AND r.taken_at >= q.low AND r.taken_at < q.high OFFSET 0) AS found";

#[derive(Debug)]
pub(super) struct Statements {
    pub store: Statement,
    pub copy: Statement,
    look: Statement,
    roll: Statement,
}

impl Statements {
    pub fn prepare(link: &Link) -> Result<Self, LinkError> {
        Ok(Self {
            store: link.prepare(SHORT, STORE)?,
            copy: link.prepare(SHORT, bulk::COPY)?,
            look: link.prepare(SHORT, LOOK)?,
            roll: link.prepare(SHORT, &roll_sql())?,
        })
    }
}

/// All that one commit writes.
#[derive(Debug, Default)]
pub(super) struct Write<'a> {
    pub commit: i64,
    /// The highest id that is given.
    pub last_id: i64,
    pub rows: &'a [(u32, Row)],
    /// Number, text, and whether it was a JSON number.
    pub sensors: Vec<(u32, String, bool)>,
    pub sources: Vec<(u16, String)>,
    pub keys: Vec<(Vec<u8>, i64)>,
}

/// Commits: one statement, one round trip, unless there are many readings. False if the database has this commit or a later one already.
pub(super) fn store(
    link: &Link,
    statements: &Statements,
    instance: &str,
    patience: Duration,
    write: &Write<'_>,
) -> Result<bool, LinkError> {
    let Write { commit, last_id, rows: all, sensors, sources, keys } = write;
    let many = all.len() >= bulk::MANY;
    let rows = if many { &[][..] } else { *all };
    let long = |pick: fn(&Row) -> i64| rows.iter().map(|(_, row)| pick(row)).collect::<Vec<_>>();
    let value = |place: fn(&Row) -> f64| rows.iter().map(|(_, row)| place(row)).collect::<Vec<_>>();
    let numbers: Vec<i32> = rows.iter().map(|(number, _)| small(*number)).collect();
    let senders: Vec<i32> = rows.iter().map(|(_, row)| i32::from(row.source)).collect();
    let (ids, taken, received) = (long(|r| r.id), long(|r| r.taken_at), long(|r| r.received_at));
    let [temperature, humidity, pressure] =
        [value(|r| r.values[0]), value(|r| r.values[1]), value(|r| r.values[2])];
    let sensor_numbers: Vec<i32> = sensors.iter().map(|(number, ..)| small(*number)).collect();
    let sensor_ids: Vec<&str> = sensors.iter().map(|(_, id, _)| id.as_str()).collect();
    let sensor_forms: Vec<bool> = sensors.iter().map(|(.., is_number)| *is_number).collect();
    let source_numbers: Vec<i32> = sources.iter().map(|(number, _)| i32::from(*number)).collect();
    let addresses: Vec<&str> = sources.iter().map(|(_, address)| address.as_str()).collect();
    let key_ids: Vec<&[u8]> = keys.iter().map(|(id, _)| id.as_slice()).collect();
    let key_times: Vec<i64> = keys.iter().map(|(_, at)| *at).collect();
    let values: [&(dyn ToSql + Sync); 18] = [
        &instance,
        commit,
        last_id,
        &ids,
        &numbers,
        &taken,
        &received,
        &senders,
        &temperature,
        &humidity,
        &pressure,
        &sensor_numbers,
        &sensor_ids,
        &sensor_forms,
        &source_numbers,
        &addresses,
        &key_ids,
        &key_times,
    ];
    if many {
        return link.run(patience, bulk::store(&link.client, statements, &values, all));
    }
    let row = link.run(patience, link.client.query_one(&statements.store, &values))?;
    Ok(row.try_get::<_, i64>(0)? == 1)
}

/// The stored moments among ranges of (sensor, from, to), `to` not included.
pub(super) fn look(
    link: &Link,
    statements: &Statements,
    ranges: &[(u32, i64, i64)],
) -> Result<Vec<(u32, i64)>, LinkError> {
    let sensors: Vec<i32> = ranges.iter().map(|(sensor, ..)| small(*sensor)).collect();
    let low: Vec<i64> = ranges.iter().map(|(_, from, _)| *from).collect();
    let high: Vec<i64> = ranges.iter().map(|(.., to)| *to).collect();
    let found = link.run(COMMIT, link.client.query(&statements.look, &[&sensors, &low, &high]))?;
    let pair = |row: &tokio_postgres::Row| -> Result<_, LinkError> {
        Ok((u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or_default(), row.try_get(1)?))
    };
    found.iter().map(pair).collect()
}

/// What a piece of rolling up adds.
#[derive(Debug, Default)]
pub(super) struct Roll {
    pub from_id: i64,
    pub to_id: i64,
    /// By sensor and start.
    pub hours: BTreeMap<(u32, i64), Bucket>,
    pub minutes: BTreeMap<(u32, i64), Bucket>,
    /// For each sensor the newest measured time and the newest reading.
    pub sensors: BTreeMap<u32, (i64, Row)>,
}

/// The columns of rolled-up buckets, as statements take them.
#[derive(Debug, Default)]
struct Columns {
    sensors: Vec<i32>,
    starts: Vec<i64>,
    counts: Vec<i64>,
    figures: [Vec<f64>; 9],
}

impl Columns {
    fn new(buckets: &BTreeMap<(u32, i64), Bucket>) -> Self {
        let mut columns = Self::default();
        for ((sensor, start), bucket) in buckets {
            columns.sensors.push(small(*sensor));
            columns.starts.push(*start);
            columns.counts.push(i64::from(bucket.count()));
            columns.figures.iter_mut().zip(bucket.figures()).for_each(|(column, figure)| column.push(figure));
        }
        columns
    }

    fn values(&self) -> impl Iterator<Item = &(dyn ToSql + Sync)> {
        let first: [&(dyn ToSql + Sync); 3] = [&self.sensors, &self.starts, &self.counts];
        first.into_iter().chain(self.figures.iter().map(|column| column as &(dyn ToSql + Sync)))
    }
}

/// Adds a piece to the hours and minutes. False if the database is not where the piece begins.
pub(super) fn roll(link: &Link, statements: &Statements, roll: &Roll) -> Result<bool, LinkError> {
    let (hours, minutes) = (Columns::new(&roll.hours), Columns::new(&roll.minutes));
    let numbers: Vec<i32> = roll.sensors.keys().map(|sensor| small(*sensor)).collect();
    let newest: Vec<i64> = roll.sensors.values().map(|(newest, _)| *newest).collect();
    let shown: Vec<i64> = roll.sensors.values().map(|(_, last)| last.shown_at().0).collect();
    let ids: Vec<i64> = roll.sensors.values().map(|(_, last)| last.id).collect();
    let rows: Vec<Vec<u8>> = roll.sensors.values().map(|(_, last)| block::encode(&[*last])).collect();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&roll.from_id, &roll.to_id];
    values.extend(hours.values());
    values.extend(minutes.values());
    values.extend([&numbers as &(dyn ToSql + Sync), &newest, &shown, &ids, &rows]);
    let row = link.run(ROLL, link.client.query_one(&statements.roll, &values))?;
    Ok(row.try_get::<_, i64>(0)? == 1)
}

/// Puts hours in place of what there may be.
pub(super) fn put_hours(link: &Link, hours: &BTreeMap<(u32, i64), Bucket>) -> Result<(), LinkError> {
    let columns = Columns::new(hours);
    let values: Vec<&(dyn ToSql + Sync)> = columns.values().collect();
    let set: Vec<String> = FIGURES.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let sql = format!(
        "INSERT INTO hour_roll (sensor, start, readings, {}) SELECT * FROM unnest({}) \
         ON CONFLICT (sensor, start) DO UPDATE SET readings = excluded.readings, {}",
        FIGURES.join(", "),
        arrays(1),
        set.join(", "),
    );
    link.run(ROLL, link.client.execute(&sql, &values))?;
    Ok(())
}

/// The columns of buckets as parameters from one on.
fn arrays(first: usize) -> String {
    let kinds = ["int4", "int8", "int8"].into_iter().chain(["float8"; 9]);
    let arrays: Vec<String> =
        kinds.zip(first..).map(|(kind, number)| format!("${number}::{kind}[]")).collect();
    arrays.join(", ")
}

/// The figures of a bucket, in the order of [`Bucket::figures`].
pub(super) const FIGURES: [&str; 9] = [
    "temperature_min",
    "temperature_max",
    "temperature_sum",
    "humidity_min",
    "humidity_max",
    "humidity_sum",
    "pressure_min",
    "pressure_max",
    "pressure_sum",
];

/// A bucket from its columns, from one on.
pub(super) fn bucket(row: &tokio_postgres::Row, first: usize) -> Result<Bucket, tokio_postgres::Error> {
    let count = u32::try_from(row.try_get::<_, i64>(first)?).unwrap_or(u32::MAX);
    let figures = (first + 1..=first + FIGURES.len()).map(|place| row.try_get::<_, f64>(place));
    let mut figures = figures.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(Bucket::from_figures(count, || figures.next().unwrap_or_default()))
}

fn roll_sql() -> String {
    format!(
        "WITH upto AS (UPDATE history_state SET rolled_id = $2 WHERE rolled_id = $1 RETURNING 1), \
         hours AS ({}), minutes AS ({}), newest AS ( \
             UPDATE sensor s SET rolled_until = greatest(s.rolled_until, n.newest), \
                 last_at = CASE WHEN n.later THEN n.at ELSE s.last_at END, \
                 last_id = CASE WHEN n.later THEN n.id ELSE s.last_id END, \
                 last_row = CASE WHEN n.later THEN n.bytes ELSE s.last_row END \
             FROM (SELECT u.*, o.last_at IS NULL OR (o.last_at, o.last_id) < (u.at, u.id) AS later \
                   FROM unnest($27::int4[], $28::int8[], $29::int8[], $30::int8[], $31::bytea[]) \
                       AS u (number, newest, at, id, bytes) JOIN sensor o USING (number)) n \
             WHERE s.number = n.number AND EXISTS (SELECT FROM upto) \
         ) SELECT count(*) FROM upto",
        add_sql("hour_roll", 3),
        add_sql("minute_roll", 15),
    )
}

/// Adds buckets, given as twelve arrays from a parameter on, to those of a table. A sum that would not fit is
/// infinite, as it is in memory; PostgreSQL would refuse it.
fn add_sql(table: &str, first: usize) -> String {
    let set: Vec<String> = FIGURES
        .iter()
        .map(|name| match name.rsplit('_').next() {
            Some("min") => format!("{name} = least(t.{name}, excluded.{name})"),
            Some("max") => format!("{name} = greatest(t.{name}, excluded.{name})"),
            _ => format!(
                "{name} = CASE WHEN abs(t.{name}) > 8e307 OR abs(excluded.{name}) > 8e307 \
                 THEN 'infinity' ELSE t.{name} + excluded.{name} END"
            ),
        })
        .collect();
    format!(
        "INSERT INTO {table} AS t (sensor, start, readings, {}) SELECT * FROM unnest({}) \
         WHERE EXISTS (SELECT FROM upto) \
         ON CONFLICT (sensor, start) DO UPDATE SET readings = t.readings + excluded.readings, {}",
        FIGURES.join(", "),
        arrays(first),
        set.join(", "),
    )
}

pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
