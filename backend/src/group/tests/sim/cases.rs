//! The worlds that are simulated.

use std::time::Instant;

use openraft::storage::{RaftLogStorage as _, RaftLogStorageExt as _};
use openraft::{CommittedLeaderId, EntryPayload};
use tokio::sync::watch;

use super::check::Violation;
use super::client::beginning;
use super::net::CLIENTS;
use super::plan::{Plan, Planted};
use super::{begin, in_world, simulate};
use crate::group::log::{Job, LogStore};
use crate::group::types::{Entry, LogId};
use crate::ledger::SubmitError;

/// So many steps in the suite.
const STEPS: u64 = 2_500;

fn all_is_in_order(seeds: impl IntoIterator<Item = u64>) {
    for seed in seeds {
        let report = simulate(Plan::new(seed, STEPS));
        // Which world it was, so that it can be looked at alone.
        assert!(report.found.is_empty(), "TILLWATCH_SIM_SEEDS={seed}..{}: {report}", seed + 1);
        assert!(report.accepted > 20 && report.reads > 5, "there was too little to do: {report}");
    }
}

#[test]
fn what_was_answered_stays_in_every_world() {
    all_is_in_order(0..6);
}

#[test]
fn what_was_answered_stays_in_other_worlds_too() {
    all_is_in_order(6..12);
}

#[test]
fn the_same_seed_is_the_same_world() {
    let plan = Plan { keeps_lines: true, ..Plan::new(77, STEPS) };
    let (one, other) = (simulate(plan).trace, simulate(plan).trace);
    for (one, other) in one.lines.iter().zip(&other.lines) {
        assert_eq!(one, other);
    }
    assert_eq!(one.digest(), other.digest());
    let another = simulate(Plan { seed: 78, ..plan }).trace;
    assert_ne!(one.digest(), another.digest());
}

/// A planted fault is found in one of the first worlds.
fn is_found(planted: Planted, is: impl Fn(&Violation) -> bool) {
    let found = (0..20).any(|seed| {
        let report = simulate(Plan { planted: Some(planted), ..Plan::new(seed, STEPS) });
        println!("{planted:?}: {report}");
        report.found.iter().any(&is)
    });
    assert!(found, "{planted:?} is not found");
}

#[test]
fn an_answer_before_most_members_have_it_is_found() {
    is_found(Planted::AnswersBeforeAgreed, |found| matches!(found, Violation::Lost { .. }));
}

/// Often the engine itself sees that its disk has lied, and ends.
#[test]
fn an_answer_before_it_is_on_the_disk_is_found() {
    is_found(Planted::AnswersBeforeDisk, |found| {
        matches!(found, Violation::Lost { .. } | Violation::Diverged { .. } | Violation::Broke { .. })
    });
}

/// The file itself takes no command twice, so what is seen is that the second answer is another one.
#[test]
fn a_ledger_that_forgets_what_it_had_is_found() {
    is_found(Planted::ForgetsIds, |found| {
        matches!(found, Violation::OtherOutcome { .. } | Violation::NoOutcome { .. })
    });
}

#[test]
fn a_reader_who_is_shown_less_is_found() {
    is_found(Planted::ReadsTooEarly, |found| matches!(found, Violation::WentBack { .. }));
}

/// A world in which somebody waited at a shut gate stood still: an offer that fails at once was made over and over when
/// the time for it was over.
#[test]
fn who_waits_at_a_shut_gate_is_told_in_time() {
    let report = in_world(Plan::new(103, 0), async |world| {
        begin(&world).await;
        let [chain, ..] = beginning();
        let founder = world.host(1).unwrap();
        let shut = founder.gate.shut().await;
        let asked = world.millis();
        let answer = world.submit(CLIENTS, 1, chain).await;
        assert!(matches!(answer, Some(Err(SubmitError::NoCoordinator))), "{answer:?}");
        assert!(world.millis() - asked < 3_100);
        drop(shut);
    });
    assert!(report.found.is_empty(), "{report}");
}

/// In one world a member fell while it became a copy of another one: its log began behind the copy by then, and its
/// ledger was still the old one.
#[tokio::test]
async fn a_log_keeps_what_the_ledger_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _, mut queue) = LogStore::open_apart(&folder.path().join("group.sqlite")).unwrap();
    let (reached, ledger) = watch::channel(Some(61));
    log.keep_for(ledger);
    let purging = tokio::spawn(async move { log.purge(place(121)).await });
    tokio::task::yield_now().await;
    assert!(queue.try_recv().is_err(), "nothing may leave it yet");
    reached.send_replace(Some(121));
    assert!(matches!(queue.recv().await, Some(Job::Change { .. })));
    purging.abort();
}

/// Otherwise what is queued behind a write that failed would be on the disk without it.
#[tokio::test]
async fn a_log_that_could_not_be_written_leaves_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("group.sqlite");
    let (mut log, mut writer, mut queue) = LogStore::open_apart(&file).unwrap();
    let writing = tokio::spawn(async move {
        let mut jobs = Vec::new();
        for fails in [false, true, false] {
            queue.recv_many(&mut jobs, 10).await;
            writer.connection.pragma_update(None, "query_only", fails).unwrap();
            let outcome = writer.put(&mut jobs);
            writer.tell(jobs.drain(..), outcome.as_ref().err());
        }
    });
    let entry = |index| Entry { log_id: place(index), payload: EntryPayload::Blank };
    log.blocking_append([entry(0)]).await.unwrap();
    log.blocking_append([entry(1)]).await.unwrap_err();
    log.blocking_append([entry(2)]).await.unwrap_err();
    writing.await.unwrap();
    drop(log);
    let entries = rusqlite::Connection::open(&file).unwrap();
    let places: i64 = entries.query_row("SELECT max(place) FROM entry", [], |row| row.get(0)).unwrap();
    assert_eq!(places, 0);
}

fn place(index: u64) -> LogId {
    LogId::new(CommittedLeaderId::new(1, 1), index)
}

/// The long form, where it is asked for: `TILLWATCH_SIM_SEEDS=FROM..TO`.
#[test]
fn as_many_worlds_as_are_asked_for() {
    let Some(seeds) = setting("TILLWATCH_SIM_SEEDS") else { return };
    let steps = setting("TILLWATCH_SIM_STEPS").map_or(STEPS, |steps| steps.parse().unwrap());
    let keeps_lines = setting("TILLWATCH_SIM_TRACE").is_some();
    let (from, to) = seeds.split_once("..").unwrap();
    let mut bad = Vec::new();
    for seed in from.parse().unwrap()..to.parse().unwrap() {
        let started = Instant::now();
        let report = simulate(Plan { keeps_lines, ..Plan::new(seed, steps) });
        for line in &report.trace.lines {
            println!("{line}");
        }
        println!("{report} in {:.1?}", started.elapsed());
        if !report.found.is_empty() {
            bad.push(seed);
        }
    }
    assert!(bad.is_empty(), "these worlds are not in order: {bad:?}");
}

fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "it is a setting of the tests alone")]
    std::env::var(name).ok()
}
