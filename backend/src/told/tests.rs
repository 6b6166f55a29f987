//! The file of messages of a server by itself, and of one that comes into a group.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use tillwatch_shared::{AlarmId, UtcMicros};
use uuid::Uuid;

use super::store::{Beginning, Message, Outcome, Place, Store, TOLD_FILE, Way};

const NOW: UtcMicros = UtcMicros(1_000_000);

fn alarm(number: u128) -> AlarmId {
    AlarmId(Uuid::from_u128(number))
}

fn message(number: u128, recipient: &str) -> Message {
    Message {
        key: Uuid::from_u128(number + 100),
        alarm: alarm(number),
        recipient: recipient.to_owned(),
        body: "{}".to_owned(),
        only_open: false,
        due_at: NOW,
    }
}

fn post(number: u128) -> Message {
    message(number, "http://loja.example/gancho")
}

fn alone(tip: i64) -> Beginning {
    Beginning { tip, open: None }
}

fn group(tip: i64, open: &[(i64, AlarmId)]) -> Beginning {
    Beginning { tip, open: Some(open.to_vec()) }
}

fn place(folder: &TempDir, beginning: &Beginning) -> Place {
    Store::open(folder.path(), beginning).unwrap().place().unwrap()
}

/// What is to be noted: which message, and whether it was told.
fn to_note(store: &Store) -> Vec<(Uuid, bool)> {
    let found = store.to_note(Way::Post, 16).unwrap();
    found.into_iter().map(|(_, note)| (note.message_id, note.told)).collect()
}

fn owed(store: &Store) -> Vec<Uuid> {
    store.owed(16).unwrap().into_iter().map(|(_, key)| key).collect()
}

/// The number of the row of a message.
fn row(store: &Store, message: &Message) -> i64 {
    let due = store.due(Way::Post, NOW, 16).unwrap();
    due.iter().find(|due| due.message == *message).unwrap().id
}

#[test]
fn a_new_file_begins_at_the_end_or_before_what_is_open() {
    let new = || tempfile::tempdir().unwrap();
    assert_eq!(place(&new(), &alone(9)), Place { seq: 9, since: None });
    assert_eq!(place(&new(), &group(9, &[])), Place { seq: 9, since: Some(9) });
    let open = [(4, alarm(1)), (7, alarm(2))];
    assert_eq!(place(&new(), &group(9, &open)), Place { seq: 3, since: Some(9) });
}

#[test]
fn a_file_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &group(9, &[])).unwrap();
    store.add(&[], 12, NOW).unwrap();
    drop(store);
    // What has come since is owed, whether it is open still or not.
    assert_eq!(place(&folder, &group(20, &[(4, alarm(1))])), Place { seq: 12, since: Some(9) });
    // The ledger was restored.
    assert_eq!(place(&folder, &group(5, &[])), Place { seq: 5, since: Some(5) });
    // It left the group, and came back.
    assert_eq!(place(&folder, &alone(30)), Place { seq: 5, since: None });
    assert_eq!(place(&folder, &group(40, &[(35, alarm(2))])), Place { seq: 5, since: Some(40) });
}

/// In the form of before there were groups that noted: two alarms, each told to one and owed to another.
fn older(folder: &Path) {
    let messages =
        [post(1), message(1, "http://outra.example/"), post(2), message(2, "http://outra.example/")];
    let db = Connection::open(folder.join(TOLD_FILE)).unwrap();
    db.execute_batch(include_str!("0001_told.sql")).unwrap();
    db.execute_batch("INSERT INTO place VALUES (1, 6); PRAGMA user_version = 1").unwrap();
    for (number, message) in (0_u128..).zip(&messages) {
        let key = Uuid::from_u128(number + 200);
        db.execute(
            "INSERT INTO message (key, alarm, recipient, body, only_open, due_at, done_at, told)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, iif(?6, ?5, NULL), ?6)",
            (
                key.as_bytes().as_slice(),
                message.alarm.0.as_bytes().as_slice(),
                &message.recipient,
                &message.body,
                message.due_at.0,
                number % 2 == 0,
            ),
        )
        .unwrap();
    }
}

#[test]
fn an_older_file_notes_whom_it_told_of_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    older(folder.path());
    let store = Store::open(folder.path(), &group(9, &[(3, alarm(1))])).unwrap();
    assert_eq!(store.place().unwrap(), Place { seq: 2, since: Some(9) });
    assert_eq!(to_note(&store), [(Uuid::from_u128(200), true)]);
    assert_eq!(owed(&store), [201, 203].map(Uuid::from_u128));
    drop(store);
    // Once.
    let store = Store::open(folder.path(), &group(9, &[(3, alarm(1)), (8, alarm(2))])).unwrap();
    assert_eq!(to_note(&store).len(), 1);
}

#[test]
fn an_older_file_of_a_server_by_itself_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    older(folder.path());
    let store = Store::open(folder.path(), &alone(9)).unwrap();
    assert_eq!(store.place().unwrap(), Place { seq: 6, since: None });
    assert_eq!((to_note(&store), store.waiting().unwrap()), (vec![], 2));
}

#[test]
fn what_has_an_end_here_is_noted_once() {
    for beginning in [alone(0), group(0, &[])] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &beginning).unwrap();
        let all = [1, 2, 3, 4, 5].map(post);
        store.add(&all, 0, NOW).unwrap();
        let [told, given_up, later, needless, noted] = all.each_ref().map(|message| row(&store, message));
        let failed = |again_at| Outcome::Failed { error: "HTTP 503".to_owned(), again_at };
        let outcomes = [
            (told, Outcome::Told),
            (given_up, failed(None)),
            (later, failed(Some(NOW))),
            (needless, Outcome::Needless),
            (noted, Outcome::Noted { told: true, at: NOW }),
        ];
        for (id, outcome) in &outcomes {
            store.settle(*id, outcome, NOW).unwrap();
        }
        assert_eq!(owed(&store), [all[2].key]);
        let expected = [(all[0].key, true), (all[1].key, false)];
        assert_eq!(to_note(&store), if beginning.open.is_some() { &expected[..] } else { &[] });
        store.is_noted(told).unwrap();
        store.is_noted(given_up).unwrap();
        assert_eq!(to_note(&store), []);
    }
}

#[test]
fn what_another_may_be_telling_is_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &group(0, &[])).unwrap();
    let letter = message(1, "mailto:dona@loja.example");
    let (early, late) = (post(2), Message { due_at: NOW.plus(20), ..post(3) });
    store.add(&[letter, early.clone(), late.clone()], 0, NOW).unwrap();
    store.hold_back(Way::Post, NOW.plus(10)).unwrap();
    let due = |way, at| store.due(way, at, 16).unwrap().len();
    assert_eq!((due(Way::Post, NOW.plus(9)), due(Way::Mail, NOW)), (0, 1));
    assert_eq!((due(Way::Post, NOW.plus(10)), due(Way::Post, NOW.plus(20))), (1, 2));
    // What comes later does not wait.
    store.add(&[post(4)], 0, NOW).unwrap();
    assert_eq!(due(Way::Post, NOW), 1);
}
