//! What the till's file keeps of people: who is let in, how often one may try, and what the till is to the server.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use std::path::Path;

use rusqlite::Connection;
use tillwatch_register::samples::{self, NOW};
use tillwatch_register::state::offline::Known;
use tillwatch_register::state::people::NotLetIn;
use tillwatch_register::till_file::{MOST_WRONG, TillFile, Who};
use tillwatch_shared::api::{Person, Role};
use tillwatch_shared::time::{DAY, HOUR, SECOND};
use tillwatch_shared::{PersonId, UtcMicros};

const PIN: &str = "4821";

fn known(name: &str, has_pin: bool) -> Known {
    let person = Person {
        id: PersonId::now(),
        username: name.to_owned(),
        name: name.to_owned(),
        role: Role::Seller,
        cpf_masked: None,
        has_pin,
        stores: Vec::new(),
        active: true,
        created_at: NOW,
    };
    let stores = vec![samples::store("Loja Centro")];
    Known { person, stores, until: NOW, mandate_until: Some(NOW.plus(30 * DAY)) }
}

fn open(folder: &Path) -> TillFile {
    TillFile::open(folder).unwrap()
}

fn named(name: &str) -> Who {
    Who::Named(name.to_owned())
}

fn check(file: &TillFile, who: &Who, secret: &str, at: UtcMicros) -> Result<Known, NotLetIn> {
    file.check(who, secret, at).unwrap()
}

#[test]
fn a_known_person_is_let_in_with_the_last_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = open(folder.path());
    let ana = known("ana", false);
    file.remember_person("Ana", "1234", &ana).unwrap();
    file.remember_person("123.456.789-01", "1234", &ana).unwrap();
    for who in [named("ANA"), named("123.456.789-01"), Who::Person(ana.person.id)] {
        assert_eq!(check(&file, &who, "1234", NOW), Ok(ana.clone()), "{who:?}");
    }
    assert_eq!(file.people().unwrap().as_slice(), std::slice::from_ref(&ana), "one person, many names");
    assert_eq!(check(&file, &named("ana"), "12345", NOW), Err(NotLetIn::Wrong));
    assert_eq!(check(&file, &named("bia"), "1234", NOW), Err(NotLetIn::Unknown));
    file.remember_person("ana", "nova senha", &ana).unwrap();
    assert_eq!(check(&file, &named("ana"), "1234", NOW), Err(NotLetIn::ServerOnly), "the old one is over");
    assert_eq!(check(&file, &named("ana"), "nova senha", NOW), Ok(ana.clone()));
    let bytes = std::fs::read(folder.path().join("till.sqlite")).unwrap();
    let log = std::fs::read(folder.path().join("till.sqlite-wal")).unwrap();
    for secret in [b"nova senha".as_slice(), PIN.as_bytes()] {
        let found = |file: &[u8]| file.windows(secret.len()).any(|part| part == secret);
        assert!(!found(&bytes) && !found(&log), "no password on the disk");
    }
    file.forget_secret("ana", "nova senhas").unwrap();
    assert!(check(&file, &named("ana"), "nova senha", NOW).is_ok(), "a typing error is forgotten for nobody");
    file.forget_secret("ana", "nova senha").unwrap();
    assert_eq!(check(&file, &named("ana"), "nova senha", NOW), Err(NotLetIn::ServerOnly));
}

#[test]
fn a_pin_and_a_password_open_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let file = open(folder.path());
    let ana = known("ana", true);
    file.remember_person("ana", "uma senha", &ana).unwrap();
    file.remember_person("ana", PIN, &ana).unwrap();
    let who = Who::Person(ana.person.id);
    for secret in [PIN, "uma senha"] {
        assert_eq!(check(&file, &who, secret, NOW), Ok(ana.clone()));
    }
}

/// Pulling the plug after each try, and turning the clock, win nothing.
#[test]
fn guessing_gets_slower_outlives_restarts_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let ana = known("ana", true);
    let file = open(folder.path());
    file.remember_person("ana", PIN, &ana).unwrap();
    file.remember_person("ana", "uma senha", &ana).unwrap();
    drop(file);
    let who = named("ana");
    // Each try is made by a program that starts, and dies after it.
    let once = |secret: &str, at: UtcMicros| check(&open(folder.path()), &who, secret, at);
    for tried in 0..5 {
        assert_eq!(once("0000", NOW), Err(NotLetIn::Wrong), "try {tried}");
    }
    assert_eq!(once(PIN, NOW), Err(NotLetIn::Wait { seconds: 2 }), "not even the right one");
    assert_eq!(
        once(PIN, NOW.plus(-DAY)),
        Err(NotLetIn::Wait { seconds: 2 }),
        "nor by a clock that was set back"
    );
    assert_eq!(once("0000", NOW.plus(SECOND)), Err(NotLetIn::Wrong));
    assert_eq!(once(PIN, NOW.plus(2 * SECOND)), Err(NotLetIn::Wait { seconds: 2 }));
    assert_eq!(once(PIN, NOW.plus(3 * SECOND)), Ok(ana.clone()), "after the wait it opens");
    assert_eq!(once("0000", NOW.plus(3 * SECOND)), Err(NotLetIn::Wrong), "and the count begins anew");

    let path = folder.path().join("till.sqlite");
    let sql = "UPDATE known_person SET failures = ?1, failed_at = ?2";
    Connection::open(&path).unwrap().execute(sql, (MOST_WRONG - 1, NOW.0)).unwrap();
    assert!(matches!(once(PIN, NOW), Err(NotLetIn::Wait { seconds }) if seconds > 3_000));
    assert_eq!(once("0000", NOW.plus(HOUR)), Err(NotLetIn::Wrong), "the last one");
    // The clock is turned far ahead: the till does not know the PIN any more.
    let later = NOW.plus(365 * DAY);
    assert_eq!(once(PIN, later), Err(NotLetIn::ServerOnly));
    assert_eq!(once("uma senha", later), Ok(ana.clone()), "the password opens");
    open(folder.path()).remember_person("ana", PIN, &ana).unwrap();
    assert_eq!(once(PIN, NOW), Ok(ana), "and the server has let the PIN in again");
}

#[test]
fn the_till_is_one_till_until_it_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let file = open(folder.path());
    let first = file.identity().unwrap();
    let ana = known("ana", false);
    file.remember_person("ana", "1234", &ana).unwrap();
    drop(file);
    let file = open(folder.path());
    assert_eq!(file.identity().unwrap(), first);
    assert!(!format!("{first:?}").contains(&first.key), "its secret is not told");
    assert_eq!(file.people().unwrap()[0].mandate_until, ana.mandate_until);
    let second = file.renew_identity().unwrap();
    assert!(second.id != first.id && second.key != first.key);
    assert_eq!(file.identity().unwrap(), second);
    assert_eq!(file.people().unwrap()[0].mandate_until, None, "nobody has let this one speak for them");
    file.remember_person("ana", "1234", &ana).unwrap();
    file.end_mandate(ana.person.id).unwrap();
    assert_eq!(file.people().unwrap()[0].mandate_until, None);
}

/// People who were known before there were PINs are known afterwards.
#[test]
fn a_file_of_an_older_form_is_copied_and_keeps_its_people() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.sqlite");
    let file = open(folder.path());
    let ana = Known { mandate_until: None, ..known("ana", false) };
    file.remember_person("ana", "1234", &ana).unwrap();
    drop(file);
    let newer = Connection::open(&path).unwrap();
    let hash: String = newer.query_row("SELECT hash FROM credential", (), |row| row.get(0)).unwrap();
    drop(newer);
    std::fs::remove_file(&path).unwrap();
    let old = Connection::open(&path).unwrap();
    for statements in [
        include_str!("../src/till_file/0001_outbox.sql"),
        include_str!("../src/till_file/0002_offline.sql"),
        include_str!("../src/till_file/0003_sold.sql"),
    ] {
        old.execute_batch(statements).unwrap();
    }
    let body = serde_json::to_string(&ana).unwrap();
    for name in ["ana", "12345678901"] {
        old.execute("INSERT INTO person VALUES (?1, ?2, ?3)", [name, &hash, &body]).unwrap();
    }
    old.pragma_update(None, "user_version", 3).unwrap();
    drop(old);
    for form in [1, 2] {
        std::fs::write(folder.path().join(format!("till-of-form-{form}.sqlite")), "old").unwrap();
    }
    let file = open(folder.path());
    for name in ["ana", "12345678901"] {
        assert_eq!(check(&file, &named(name), "1234", NOW), Ok(ana.clone()));
    }
    assert_eq!(file.people().unwrap(), [ana]);
    let copy = Connection::open(folder.path().join("till-of-form-3.sqlite")).unwrap();
    let kept: i64 = copy.query_row("SELECT count(*) FROM person", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, 2, "as it was before");
    assert!(folder.path().join("till-of-form-2.sqlite").exists());
    assert!(!folder.path().join("till-of-form-1.sqlite").exists(), "the last two stay");
}
