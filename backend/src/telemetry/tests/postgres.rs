//! What only the PostgreSQL engine has: seals that tell an altered row, tables of a newer form, one server, and
//! TimescaleDB.

use tillwatch_shared::api::ReadingsSeal;
use tokio_postgres::SimpleQueryMessage;

use super::super::{DatabaseUrl, OpenError, Options, Place, PostgresPlace, SealError, Telemetry};
use super::retention::only_hours_stay;
use super::{BASE, Kind, SECOND, Shop, database, fresh_place};

/// Runs SQL in the history's schema.
fn sql(shop: &Shop, sql: &str) {
    names(shop, sql);
}

/// The first column of what SQL in the history's schema finds.
pub(super) fn names(shop: &Shop, sql: &str) -> Vec<String> {
    let Place::Postgres(place) = &shop.place else { panic!("no PostgreSQL") };
    ask(place, sql)
}

fn ask(place: &PostgresPlace, sql: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&place.url.0, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let told = client.simple_query(sql).await.unwrap();
        let first = |message| {
            if let SimpleQueryMessage::Row(row) = message { row.get(0).map(str::to_owned) } else { None }
        };
        told.into_iter().filter_map(first).collect()
    })
}

#[test]
fn one_altered_figure_is_named() {
    if database().is_none() {
        return;
    }
    let shop = Shop::of(Kind::Postgres, 1);
    let mut seals: Vec<ReadingsSeal> = Vec::new();
    for part in 0..2 {
        let rows: Vec<_> = (part * 50..part * 50 + 50).map(|n| ("a", BASE + n * SECOND, n as f64)).collect();
        shop.store(&rows);
        let sealed_up_to = seals.last().map_or(0, |seal| seal.last_id);
        seals.extend(shop.telemetry().seal_pending(sealed_up_to).unwrap());
    }
    shop.telemetry().verify_seals(&seals).unwrap();
    for change in [
        "UPDATE reading SET pressure = pressure + 0.001 WHERE id = 77",
        "UPDATE reading SET pressure = pressure - 0.001, sensor = 2 WHERE id = 77",
        "DELETE FROM reading WHERE id = 77",
    ] {
        sql(&shop, change);
        let error = shop.telemetry().verify_seals(&seals).unwrap_err();
        assert_eq!(error, SealError::Altered { first_id: 51, last_id: 100 });
    }
}

#[test]
fn newer_tables_are_refused_and_left_alone() {
    if database().is_none() {
        return;
    }
    let mut shop = Shop::of(Kind::Postgres, 1);
    shop.store(&[("a", BASE, 1.0)]);
    shop.telemetry().close();
    shop.telemetry = None;
    sql(&shop, "INSERT INTO history_form (form) VALUES (99)");
    let error =
        Telemetry::open_at(shop.dir.path(), &shop.place, Options::default(), &shop.clock).unwrap_err();
    assert!(matches!(&error, OpenError::Postgres(text) if text.contains("newer Tillwatch")), "{error}");
    sql(&shop, "DELETE FROM history_form WHERE form = 99");
    shop.telemetry =
        Some(Telemetry::open_at(shop.dir.path(), &shop.place, Options::default(), &shop.clock).unwrap());
    assert_eq!(shop.count("a"), 1);
}

#[test]
fn a_session_that_was_left_behind_is_ended() {
    if database().is_none() {
        return;
    }
    let mut shop = Shop::of(Kind::Postgres, 1);
    assert_eq!(shop.one("a", BASE, 1.0).id, 1);
    let holder = "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                  WHERE l.locktype = 'advisory' AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid";
    let name = names(&shop, holder).pop().unwrap();
    shop.telemetry().close();
    shop.telemetry = None;
    // As this server's own one whose end the database has not noticed.
    let Place::Postgres(place) = &shop.place else { panic!("no PostgreSQL") };
    let mut config: tokio_postgres::Config = place.url.0.parse().unwrap();
    config.application_name(&name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let left = runtime.block_on(async {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute("SELECT pg_advisory_lock(1416195159, hashtext(current_schema()))")
            .await
            .unwrap();
        client
    });
    shop.telemetry = Some(shop.open(shop.dir.path()));
    assert_eq!(shop.one("a", BASE + SECOND, 2.0).id, 2, "it has the database, and not only its disk");
    assert!(runtime.block_on(left.simple_query("SELECT 1")).is_err(), "both are there");
}

#[test]
fn a_database_has_one_server() {
    if database().is_none() {
        return;
    }
    let shop = Shop::of(Kind::Postgres, 1);
    let other = tempfile::tempdir().unwrap();
    let error = Telemetry::open_at(other.path(), &shop.place, Options::default(), &shop.clock).unwrap_err();
    assert!(error.to_string().contains("another Tillwatch server"), "{error}");
    assert_eq!(shop.one("a", BASE, 1.0).id, 1);
}

/// Functions with the names and parameters of TimescaleDB's, installed as it is, that note how they are called.
/// What they leave out is TimescaleDB's own: chunks. Here the rows go.
const STAND_IN: &str = "\
CREATE TABLE public.call (what text NOT NULL); \
CREATE FUNCTION public.create_hypertable(relation regclass, time_column_name name, partitioning_column name = NULL, \
    number_partitions integer = NULL, associated_schema_name name = NULL, associated_table_prefix name = NULL, \
    chunk_time_interval anyelement = NULL::bigint, create_default_indexes boolean = true) \
    RETURNS void LANGUAGE sql AS $$ INSERT INTO public.call VALUES (format('%s by %s, %s%s', relation, \
        time_column_name, chunk_time_interval, CASE WHEN create_default_indexes THEN ', indexes' END)) $$; \
CREATE FUNCTION public.drop_chunks(relation regclass, older_than bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$ \
    DECLARE taken name = CASE relation WHEN 'reading'::regclass THEN 'taken_at' ELSE 'start' END; \
    BEGIN INSERT INTO public.call VALUES (format('%s dropped', relation)); \
    EXECUTE format('DELETE FROM %s WHERE %I < %s', relation, taken, older_than); END $$; \
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion) \
    SELECT 65000, 'timescaledb', oid, 'public'::regnamespace, false, '2' FROM pg_roles WHERE rolname = current_user";

/// A database of its own, because an extension is there for all schemas of one.
#[test]
fn timescaledb_is_used_where_it_is() {
    let Some(server) = database() else { return };
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    ask(&fresh_place(), &format!("CREATE DATABASE {name}"));
    let server = server.rsplit_once('/').unwrap().0;
    let url = |options: &str| DatabaseUrl(format!("{server}/{name}{options}"));
    let place = PostgresPlace { url: url(""), keep_days: None, spool_bytes: 64 << 20 };
    ask(&place, STAND_IN);
    // The schema's name alone does not lead to the functions.
    ask(&place, "CREATE SCHEMA shop");
    let place = PostgresPlace { url: url("?options=-csearch_path%3Dshop"), ..place };
    let options = Options { recent_readings: 1_000, ..Options::default() };
    only_hours_stay(Shop::at(Place::Postgres(place.clone()), options));

    let calls = ask(&place, "SELECT what FROM public.call");
    assert_eq!(
        calls,
        [
            "reading by taken_at, 604800000000",
            "minute_roll by start, 604800000000",
            "reading dropped",
            "minute_roll dropped"
        ]
    );
    // No partitions of ours beside its chunks.
    assert_eq!(ask(&place, "SELECT count(*) FROM week"), ["0"]);
    assert_eq!(ask(&place, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'reading'::regclass"), ["0"]);
}
