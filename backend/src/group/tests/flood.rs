//! Groups of three under way, also while something is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use tillwatch_shared::{ChainId, CommandId};
use tokio::time::Instant;

use super::net::{Net, Seat, add_chain, agree, chain, three};
use crate::domain::stores::AddStore;
use crate::domain::{Command, Payload, Rejection};
use crate::group::types::Member;
use crate::ledger::{Attempt, Job, Ledger, SubmitError};
use crate::reply::reply;

fn same(seats: &[Seat]) -> Vec<CommandId> {
    let mut running = seats.iter().filter(|seat| seat.runs());
    let first = running.next().unwrap().journal();
    for seat in running {
        let other = seat.journal();
        assert_eq!(first.1, other.1, "member {} has another hash", seat.id);
        assert_eq!(first.0, other.0);
    }
    first.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_member_takes_commands_and_all_have_the_same_ledger() {
    let net = Net::default();
    let seats = three(&net).await;
    let mut asked = Vec::new();
    for turn in 0..30 {
        let ledger = seats[turn % 3].ledger();
        asked.push(tokio::spawn(
            async move { add_chain(&ledger, &format!("Rede {turn}")).await.unwrap().seq },
        ));
    }
    let mut places = Vec::new();
    for one in asked {
        places.push(one.await.unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, (1..=30).collect::<Vec<i64>>());
    // What is answered is there, where it was asked for.
    for seat in &seats {
        let receipt = add_chain(&seat.ledger(), &format!("Rede de {}", seat.id)).await.unwrap();
        assert!(seat.ledger().tip() >= receipt.seq);
    }
    // A refusal comes back from the log as well, and the same id has its first outcome at every member.
    let again = chain("Outra");
    for seat in &seats {
        let refused = add_chain(&seat.ledger(), "rede 7").await.unwrap_err();
        assert!(matches!(refused, SubmitError::Rejected(Rejection::Taken(_))), "{refused}");
        assert_eq!(seat.ledger().submit(again.clone()).await.unwrap().seq, 34);
    }
    agree(&seats).await;
    assert_eq!(same(&seats).len(), 34);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_had_by_itself_comes_to_those_who_join() {
    let net = Net::default();
    let mut first = Seat::new(&net, 1).await;
    first.stop().await;
    let alone = Ledger::open(&first.folder().join("ledger.sqlite")).unwrap();
    for number in 0..20 {
        add_chain(&alone, &format!("De antes {number}")).await.unwrap();
    }
    alone.close();
    first.start().await;
    // It was switched off as it had just begun.
    first.group().raft.initialize(BTreeMap::from([(1, Member::default())])).await.unwrap();
    first.stop().await;
    first.start().await;
    first.group().found(1, Member::default()).await.unwrap();
    let second = Seat::new(&net, 2).await;
    first.group().add(2, Member::default()).await.unwrap();
    add_chain(&second.ledger(), "De depois").await.unwrap();
    let seats = [first, second];
    agree(&seats).await;
    assert_eq!(same(&seats).len(), 21);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_cut_off_says_so_and_catches_up_afterwards() {
    let net = Net::default();
    let seats = three(&net).await;
    add_chain(&seats[1].ledger(), "Antes").await.unwrap();
    net.part(&[1]);
    // Nobody lies to those who ask the member that coordinated.
    let alone = add_chain(&seats[0].ledger(), "Sozinha").await.unwrap_err();
    assert!(matches!(alone, SubmitError::Unknown | SubmitError::NoCoordinator), "{alone}");
    for (number, seat) in seats[1..].iter().enumerate() {
        let command = chain(&format!("Entretanto {number}"));
        until_taken(&seat.ledger(), &command).await;
    }
    net.heal();
    until_taken(&seats[0].ledger(), &chain("Depois")).await;
    agree(&seats).await;
    let journal = same(&seats);
    assert!(journal.len() >= 4, "{journal:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_longer_because_others_wait_too() {
    let net = Net::default();
    let seats = three(&net).await;
    net.part(&[1]);
    let (ledger, mut asked) = (seats[0].ledger(), Vec::new());
    let wait = seats[0].group().raft.wait(Some(Duration::from_mins(1)));
    let last = seats[0].group().raft.metrics().borrow().last_log_index.unwrap();
    for number in 0..12 {
        let (ledger, command) = (ledger.clone(), chain(&format!("Sozinha {number}")));
        asked.push(tokio::spawn(async move {
            let (id, begun) = (command.id, Instant::now());
            (id, ledger.submit(command).await.unwrap_err(), begun.elapsed())
        }));
        if number < 4 {
            // So many are under way, each by itself; the others wait behind them.
            wait.log_index_at_least(Some(last + number + 1), "it is under way").await.unwrap();
        }
    }
    let mut undone = Vec::new();
    for one in asked {
        let (id, error, took) = one.await.unwrap();
        assert!(took < Duration::from_secs(5), "{took:?}");
        match &error {
            SubmitError::Unknown => {}
            SubmitError::NoCoordinator => undone.push(id),
            SubmitError::Rejected(_)
            | SubmitError::Busy
            | SubmitError::Unavailable(_)
            | SubmitError::Closed
            | SubmitError::OlderMember(_)
            | SubmitError::Refused => panic!("{error}"),
        }
    }
    assert!(!undone.is_empty(), "all of them were under way");
    net.heal();
    until_taken(&ledger, &chain("Depois")).await;
    agree(&seats).await;
    assert!(same(&seats).iter().all(|done| !undone.contains(done)), "what was not done was done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_stays_when_members_fall_and_come_back() {
    let net = Net::default();
    let mut seats = three(&net).await;
    let mut done = Vec::new();
    for turn in 0..9 {
        let falls = turn % 3;
        seats[falls].stop().await;
        let asked = (falls + 1) % 3;
        for number in 0..3 {
            let command = chain(&format!("Rede {turn} {number}"));
            until_taken(&seats[asked].ledger(), &command).await;
            done.push(command.id);
        }
        seats[falls].start().await;
    }
    agree(&seats).await;
    assert_eq!(same(&seats), done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_double_nothing() {
    let net = Net::default();
    let seats = three(&net).await;
    net.lose(3);
    let mut asked = Vec::new();
    for turn in 0..60 {
        let (ledger, command) = (seats[turn % 3].ledger(), chain(&format!("Rede {turn}")));
        asked.push(tokio::spawn(async move {
            until_taken(&ledger, &command).await;
            command.id
        }));
    }
    let mut ids = Vec::new();
    for one in asked {
        ids.push(one.await.unwrap());
    }
    net.lose(0);
    agree(&seats).await;
    let mut journal = same(&seats);
    journal.sort_unstable();
    ids.sort_unstable();
    assert_eq!(journal, ids);
}

/// A coordinator that fell leaves an attempt in the log, and so does the next one. What made it impossible is mended in
/// between, and yet who asked was told that it was refused.
#[tokio::test]
async fn an_attempt_that_was_refused_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, _asked, applier) = Ledger::open_member(&folder.path().join("ledger.sqlite")).unwrap();
    let chain = chain("Rede");
    let store = Command { id: CommandId::now(), payload: store(ChainId(chain.id.0)), ..chain.clone() };
    let log = [(store.clone(), 1), (chain, 2), (store.clone(), 1), (store, 3)];
    let mut found = Vec::new();
    for (place, (command, ticket)) in (1..).zip(log) {
        let (answer, outcome) = reply();
        let attempt = Some(Attempt { member: 1, ticket, place });
        let job = Job { command, answer: Some(answer), attempt, asked_at: Instant::now() };
        applier.apply(vec![job], vec![0]).await.unwrap();
        found.push(outcome.await.unwrap().map(|receipt| receipt.seq).map_err(|error| error.to_string()));
    }
    assert!(found[0].is_err(), "there is no such chain");
    assert_eq!(found[1], Ok(1));
    assert_eq!(found[2], Err("the command was refused before".into()));
    assert_eq!(found[3], Ok(2), "asked again, it is another attempt");
    drop(applier);
    ledger.close();
}

fn store(chain_id: ChainId) -> Payload {
    let zone = "America/Sao_Paulo".to_owned();
    Payload::AddStore(AddStore { chain_id, name: "Loja".into(), cnpj: None, zone })
}

/// Sends the same command until it has an outcome, as a till does.
async fn until_taken(ledger: &Ledger, command: &Command) {
    let patience = Instant::now() + Duration::from_mins(1);
    loop {
        match ledger.submit(command.clone()).await {
            Ok(_) => return,
            Err(error) if error.may_pass() && Instant::now() < patience => {}
            Err(error) => panic!("{error}"),
        }
    }
}
