//! From a server that is gone to another one of its group.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{
    Client, ClientError, ClientOptions, CommandId, HANG_UP, MINUTE, Reply, Seen, Server, dead_address, json,
    person, problem, session,
};
use crate::api::{GroupPlace, GroupPlaces};
use crate::client::PlainReading;

/// A client that was given the first address, and has learned the others.
fn client(given: &str, members: &[&str]) -> Client {
    let options = ClientOptions {
        servers: vec![given.to_owned()],
        members: members.iter().map(ToString::to_string).collect(),
        ..ClientOptions::default()
    };
    let client = Client::new(&options).unwrap();
    client.restore(session(1, 15 * MINUTE));
    client
}

fn places(in_touch: bool, urls: &[&str]) -> Reply {
    let member = |(id, url): (u64, &&str)| GroupPlace { id, url: (*url).to_owned(), principal: id == 1 };
    let members = (1..).zip(urls).map(member).collect();
    (200, json(&GroupPlaces { in_touch, members }))
}

#[tokio::test]
async fn a_command_whose_answer_is_lost_goes_on_elsewhere_under_its_own_id() {
    let first = Server::start(|_| (HANG_UP, String::new())).await;
    let second = Server::start(|_| (200, "{}".into())).await;
    let client = client(&first.address, &[&second.address]);
    let command = CommandId::now();
    let answer = client.remove_alarm_rule(command, crate::AlarmRuleId::now()).await;
    assert!(matches!(answer, Err(ClientError::BadAnswer(_))), "{answer:?}");
    let keys =
        |server: &Server| server.seen().into_iter().map(|seen| seen.idempotency_key).collect::<Vec<_>>();
    assert_eq!(
        (keys(&first), keys(&second)),
        (vec![Some(command.to_string())], vec![Some(command.to_string())])
    );
    assert_eq!(client.server(), second.address);
}

#[tokio::test]
async fn what_has_no_id_is_not_sent_twice() {
    let first = Server::start(|_| (HANG_UP, String::new())).await;
    let second = Server::start(|_| (201, String::new())).await;
    let client = client(&first.address, &[&second.address]);
    let reading = PlainReading {
        sensor_id: crate::SensorId::Number(1),
        temperature: 4.0,
        humidity: 50.0,
        pressure: 1e3,
    };
    assert_eq!(client.send_reading("key", &reading).await.err(), Some(ClientError::Interrupted));
    assert_eq!((first.lines().len(), second.lines().len()), (1, 0));
    // The next one goes elsewhere.
    let _ = client.send_reading("key", &reading).await;
    assert_eq!((first.lines().len(), second.lines().len()), (1, 1));
}

#[tokio::test]
async fn members_are_learned_and_used_when_the_given_one_dies() {
    let second = Server::start(|_| (200, json(&person()))).await;
    let there = second.address.clone();
    let mut first = Server::start(move |_| places(true, &["ftp://no", &there])).await;
    let client = client(&first.address, &[]);
    client.learn_members().await.unwrap();
    assert_eq!(first.lines(), ["GET /api/v1/group/members"]);
    first.die().await;
    assert_eq!(client.me().await, Ok(person()));
    assert_eq!(client.server(), second.address);
}

#[tokio::test]
async fn a_server_that_has_lost_the_others_is_left() {
    let second = Server::start(|_| places(true, &["http://127.0.0.1:1"])).await;
    let there = second.address.clone();
    let first = Server::start(move |_| places(false, &[&there])).await;
    let client = client(&first.address, &[]);
    let begun = Instant::now();
    while client.server() != second.address {
        assert_eq!(client.learn_members().await.map(|places| places.in_touch), Ok(false));
        assert!(begun.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() > Duration::from_secs(2), "an election is waited for");
    assert!(client.learn_members().await.is_ok_and(|places| places.in_touch));
}

#[tokio::test]
async fn a_follower_tells_the_members_and_ends_with_nobody() {
    let first = Server::start(|seen| places(true, &[&seen.line.len().to_string()])).await;
    let client = client(&first.address, &[]);
    let (told, mut heard) = tokio::sync::mpsc::channel(8);
    let following = client.clone();
    let task =
        tokio::spawn(async move { following.follow_members(move |urls| drop(told.try_send(urls))).await });
    assert_eq!(heard.recv().await, Some(vec!["25".to_owned()]));
    task.abort();
}

#[tokio::test]
async fn another_server_is_asked_for_no_less_than_was_seen() {
    let first_dies = Arc::new(AtomicBool::new(false));
    let dies = Arc::clone(&first_dies);
    let answers = move |_: &Seen| {
        if dies.load(Ordering::SeqCst) { (HANG_UP, String::new()) } else { (200, json(&person())) }
    };
    let first = Server::at(9, answers).await;
    let second = Server::at(5, |_| problem(503, "behind")).await;
    let client = client(&first.address, &[&second.address]);
    client.me().await.unwrap();
    client.me().await.unwrap();
    first_dies.store(true, Ordering::SeqCst);
    assert_eq!(client.me().await.unwrap_err().code(), Some("behind"));
    // Who does not ask as a person has seen nothing.
    let _ = client.ping().await;
    let marks = |server: &Server| server.seen().into_iter().map(|seen| seen.min_seq).collect::<Vec<_>>();
    assert_eq!(marks(&first), [None, Some("9".to_owned()), Some("9".to_owned())]);
    assert_eq!(marks(&second), [Some("9".to_owned()), None]);
}

#[tokio::test]
async fn a_pulse_goes_on_elsewhere() {
    let second = Server::start(|_| (200, String::new())).await;
    let client = client(&dead_address().await, &[&second.address]);
    // What is there is no WebSocket, but it was found.
    client.pulse("till", |news| news.error.is_none()).await;
    assert_eq!(second.lines(), ["GET /ws/pulse?client=till"]);
}
