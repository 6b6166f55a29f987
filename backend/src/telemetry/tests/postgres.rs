//! What only the PostgreSQL engine has: seals that tell an altered row.

use tillwatch_shared::api::ReadingsSeal;

use super::super::{OpenError, Options, Place, SealError, Telemetry};
use super::{BASE, Kind, SECOND, Shop, database};

/// Runs SQL in the history's schema.
fn sql(shop: &Shop, sql: &str) {
    let Place::Postgres(place) = &shop.place else { panic!("no PostgreSQL") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&place.url.0, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
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
