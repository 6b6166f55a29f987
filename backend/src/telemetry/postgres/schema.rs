//! The tables: made and lifted to the newest form by the one server that writes.

use std::time::Duration;

use super::link::{Link, LinkError};

/// What the newest row of `history_form` says.
pub(super) const FORM: i64 = 2;
/// How long making or lifting the tables may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a short question may take.
pub(super) const SHORT: Duration = Duration::from_secs(10);
/// The first half of the number of the lock; the other one is the schema's.
const LOCK: &str = "1416195159, hashtext(current_schema())";
/// How often, and at what distance, it is tried to get the lock of a session of ours that is ending.
const TRIES: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// One file for each step; the first step has a second part, by how the readings are partitioned.
const HISTORY: &str = include_str!("0001_history.sql");
const RANGES: &str = include_str!("0001_ranges.sql");
const TIMESCALEDB: &str = include_str!("0001_timescaledb.sql");
const COPIES: &str = include_str!("0002_copies.sql");
/// Within a transaction: lets the functions of `TimescaleDB` be found wherever they were installed, also by a connection
/// whose schemas are set. Behind them, so that the tables stay where they are.
pub(super) const FIND_TIMESCALEDB: &str = "\
SELECT set_config('search_path', concat_ws(', ', current_setting('search_path'), quote_ident(n.nspname)), true) \
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb'; ";

/// Becomes the only writer. A session that this data directory left behind is ended first: after that
/// nothing that it sent can still happen.
pub(super) fn lock(link: &Link, name: &str) -> Result<(), LinkError> {
    for _ in 0..TRIES {
        let sql = format!("SELECT pg_try_advisory_lock({LOCK})");
        let row = link.run(SHORT, link.client.query_one(&sql, &[]))?;
        if row.try_get::<_, bool>(0)? {
            return Ok(());
        }
        let sql = "SELECT a.application_name = $1, CASE WHEN a.application_name = $1 THEN pg_terminate_backend(a.pid) END \
                   FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                   WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = 1416195159::oid \
                   AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid AND a.datname = current_database()";
        let holder = link.run(SHORT, link.client.query_opt(sql, &[&name]))?;
        if let Some(holder) = holder
            && !holder.try_get::<_, bool>(0)?
        {
            return Err(LinkError::Taken);
        }
        link.pause(BETWEEN);
    }
    Err(LinkError::Away("an earlier session of this server does not end".into()))
}

/// Makes the tables or lifts them. Whoever calls this holds the lock.
pub(super) fn migrate(link: &Link) -> Result<(), LinkError> {
    let found = form(link)?.unwrap_or(0);
    if !(0..=FORM).contains(&found) {
        return Err(LinkError::Newer { found, known: FORM });
    }
    if found == 0 {
        let sql = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')";
        let timescale: bool = link.run(SHORT, link.client.query_one(sql, &[]))?.try_get(0)?;
        let (find, storage) = if timescale { (FIND_TIMESCALEDB, TIMESCALEDB) } else { ("", RANGES) };
        let sql = format!(
            "BEGIN; {find}CREATE TABLE history_form (form bigint PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now()); \
             {HISTORY} {storage} INSERT INTO history_form (form) VALUES (1); COMMIT"
        );
        link.run(PATIENCE, link.client.batch_execute(&sql))?;
    }
    for (form, step) in (2_i64..).zip([COPIES]).filter(|(form, _)| *form > found) {
        let sql = format!("BEGIN; {step} INSERT INTO history_form (form) VALUES ({form}); COMMIT");
        link.run(PATIENCE, link.client.batch_execute(&sql))?;
    }
    Ok(())
}

/// For those who only read: the tables must be there, in the form that this program knows.
pub(super) fn check(link: &Link) -> Result<(), LinkError> {
    match form(link)? {
        Some(FORM) => Ok(()),
        Some(found) => Err(LinkError::Newer { found, known: FORM }),
        None => Err(LinkError::Empty),
    }
}

fn form(link: &Link) -> Result<Option<i64>, LinkError> {
    let there = "SELECT to_regclass('history_form') IS NOT NULL";
    if !link.run(SHORT, link.client.query_one(there, &[]))?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let row = link.run(SHORT, link.client.query_one("SELECT max(form) FROM history_form", &[]))?;
    Ok(row.try_get(0)?)
}
