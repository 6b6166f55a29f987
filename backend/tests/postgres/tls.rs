//! TLS to a real PostgreSQL, by the settings of the URL.

use std::fs;

use tillwatch_server::clock::Clock;
use tillwatch_server::telemetry::{Condition, OpenError, Options, Telemetry};

use super::cluster::Cluster;
use super::common::Authority;
use super::{place, store};

/// Sessions of ours, and how many of them are protected.
const SESSIONS: &str = "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl \
                        JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'tillwatch%'";

#[test]
fn protected_as_far_as_the_url_says() {
    let Some(mut cluster) = Cluster::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let (ours, stranger) = (Authority::default(), Authority::default());
    for (name, authority) in [("ours.pem", &ours), ("stranger.pem", &stranger)] {
        fs::write(dir.path().join(name), authority.pem()).unwrap();
    }
    let root = |name: &str| dir.path().join(name).display().to_string();
    let open = |cluster: &Cluster, host: &str, port: u16, query: &str| {
        let url = cluster
            .url()
            .replace(cluster.url().split_once('@').unwrap().1, &format!("{host}:{port}/postgres?{query}"));
        // A directory of its own each time: what is refused or away must leave nothing for the next one.
        let spool = tempfile::tempdir().unwrap();
        let telemetry =
            Telemetry::open_at(spool.path(), &place(url, 1 << 20), Options::default(), &Clock::system());
        (telemetry, spool)
    };
    let (pem, _, key) = ours.issue(2020, 2100);
    let port = cluster.with_tls(&pem, &key);

    let trusted = format!("sslrootcert={}", root("ours.pem"));
    let strange = format!("sslrootcert={}", root("stranger.pem"));
    for (host, query, protected) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), 0),
        ("127.0.0.1", String::new(), 1),
        ("127.0.0.1", "sslmode=require".to_owned(), 1),
        ("127.0.0.1", format!("sslmode=require&{trusted}"), 1),
        ("localhost", format!("sslmode=verify-ca&{trusted}"), 1),
        ("127.0.0.1", format!("sslmode=verify-full&{trusted}"), 1),
    ] {
        let (telemetry, _spool) = open(&cluster, host, port, &query);
        let telemetry = telemetry.unwrap();
        assert_eq!(telemetry.condition(), Condition::Good, "{query}");
        assert_eq!(cluster.pairs(SESSIONS), [(1, protected)], "{query}");
        store(&telemetry, 1).unwrap();
    }
    // Not the authority that is trusted, or not the host's name: as if the database were away, so that a
    // certificate that is being changed costs no reading.
    for (host, query) in [
        ("127.0.0.1", format!("sslmode=require&{strange}")),
        ("127.0.0.1", format!("sslmode=verify-ca&{strange}")),
        ("127.0.0.1", format!("sslmode=verify-full&{strange}")),
        ("localhost", format!("sslmode=verify-full&{trusted}")),
        ("127.0.0.1", "sslrootcert=system".to_owned()),
    ] {
        let (telemetry, _spool) = open(&cluster, host, port, &query);
        let condition = telemetry.unwrap().condition();
        let Condition::Holding { reason, .. } = condition else { panic!("{query}: {condition:?}") };
        assert!(reason.contains("TLS"), "{query}: {reason}");
    }
    let (refused, _spool) =
        open(&cluster, "127.0.0.1", port, "sslmode=verify-ca&sslrootcert=/nowhere/ca.pem");
    assert!(matches!(refused, Err(OpenError::Postgres(reason)) if reason.contains("/nowhere/ca.pem")));

    // An expired certificate is refused where it is checked.
    let (pem, _, key) = ours.issue(2000, 2001);
    let port = cluster.with_tls(&pem, &key);
    for (query, good) in
        [("sslmode=require".to_owned(), true), (format!("sslmode=verify-ca&{trusted}"), false)]
    {
        let (telemetry, _spool) = open(&cluster, "127.0.0.1", port, &query);
        assert_eq!(telemetry.unwrap().condition() == Condition::Good, good, "{query}");
    }
}
