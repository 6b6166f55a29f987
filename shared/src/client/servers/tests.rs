//! Who is asked when, with a clock and dice of the test's own.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;

use super::{LONGEST_REST, PATIENCE, SPREAD, Seen, Servers, TRIES};
use crate::time::SECOND;

fn url(name: &str) -> Url {
    Url::parse(&format!("http://{name}:8080")).unwrap()
}

fn three(seed: u64) -> Servers {
    Servers::new(vec![url("a"), url("b"), url("c")], Vec::new(), seed).unwrap()
}

/// One request at `now`: where it went and when, in order, until one answered. `dead` do not.
fn request(servers: &mut Servers, now: i64, dead: &[Url]) -> Vec<(Url, i64)> {
    let (mut at, mut url, mut tried) = (now, servers.current().clone(), Vec::new());
    let mut went = Vec::new();
    loop {
        went.push((url.clone(), at));
        if !dead.contains(&url) {
            servers.did(&url, true);
            return went;
        }
        servers.failed(&url, at);
        tried.push(url);
        let Some((next, wait)) = servers.next(&tried, at) else { return went };
        (url, at) = (next, at + wait);
    }
}

#[test]
fn clients_begin_spread_over_what_was_given() {
    let begun: Vec<Url> = (0..300).map(|seed| three(seed).current().clone()).collect();
    for name in ["a", "b", "c"] {
        let here = begun.iter().filter(|at| **at == url(name)).count();
        assert!((60..=140).contains(&here), "{here} begin at {name}");
    }
    assert!(Servers::new(Vec::new(), vec![url("a")], 1).is_none());
    // What was learned in an earlier run is for when the given one fails.
    assert_eq!(*Servers::new(vec![url("a")], vec![url("b")], 7).unwrap().current(), url("a"));
}

#[test]
fn stays_with_one_that_works() {
    let mut servers = three(1);
    let first = servers.current().clone();
    for second in 0..10_000 {
        assert_eq!(request(&mut servers, second * SECOND, &[]), [(first.clone(), second * SECOND)]);
    }
    // It was away for a moment: its client goes, and has no reason to come back.
    request(&mut servers, 0, std::slice::from_ref(&first));
    let second = servers.current().clone();
    assert_ne!(second, first);
    for minute in 1..100 {
        assert_eq!(request(&mut servers, minute * 60 * SECOND, &[]).len(), 1);
        assert_eq!(*servers.current(), second);
    }
}

/// A hundred clients lose their server in the same moment.
#[test]
fn no_stampede_to_the_others() {
    let (mut moments, mut places) = (Vec::new(), BTreeMap::<Url, usize>::new());
    for seed in 0..100 {
        let mut servers = Servers::new(vec![url("a")], vec![url("a"), url("b"), url("c")], seed).unwrap();
        let went = request(&mut servers, 0, &[url("a")]);
        let [(_, 0), (place, at)] = went.as_slice() else { panic!("{went:?}") };
        moments.push(*at);
        *places.entry(place.clone()).or_default() += 1;
    }
    moments.sort_unstable();
    assert!(moments[0] < SPREAD / 10 && moments[99] > SPREAD * 9 / 10 && moments[99] <= SPREAD);
    // In no tenth of the time more than about a quarter of them.
    let tenth = |begin: i64| moments.iter().filter(|at| (begin..begin + SPREAD / 10).contains(*at)).count();
    let most = (0..100).map(|step| tenth(step * SPREAD / 100)).max().unwrap();
    assert!(most <= 25, "{most} within a tenth");
    assert_eq!(places.values().sum::<usize>(), 100);
    assert!(places.len() == 2 && places.values().all(|count| (30..=70).contains(count)), "{places:?}");
}

/// All servers are away for ten minutes, and a hundred clients ask every second.
#[test]
fn while_all_are_dead_a_request_costs_little_more_than_one_try() {
    let dead = [url("a"), url("b"), url("c")];
    let mut tries = BTreeMap::<i64, usize>::new();
    let mut all: Vec<Servers> = (0..100).map(three).collect();
    for servers in &mut all {
        for second in 0..600 {
            let went = request(servers, second * SECOND, &dead);
            assert!((1..=TRIES).contains(&went.len()));
            let asked: BTreeSet<&Url> = went.iter().map(|(url, _)| url).collect();
            assert_eq!(asked.len(), went.len(), "the same one twice");
            *tries.entry(second).or_default() += went.len();
        }
    }
    // After the first minute the servers rest: next to nothing beyond one try a request.
    let later: usize = tries.range(60..).map(|(_, count)| count).sum();
    assert!(later < 540 * 100 * 115 / 100, "{later} tries");
    // One comes back: everybody finds it within the longest rest.
    let alive = |servers: &mut Servers, from: i64| {
        (0..600).find(|second| {
            let went = request(servers, (from + second) * SECOND, &dead[..2]);
            went.last().is_some_and(|(url, _)| *url == dead[2])
        })
    };
    let found: Vec<i64> = all.iter_mut().map(|servers| alive(servers, 600).unwrap()).collect();
    assert!(found.iter().all(|second| second * SECOND <= LONGEST_REST * 5 / 4), "{found:?}");
    assert!(all.iter().all(|servers| *servers.current() == dead[2]));
}

#[test]
fn the_waits_of_one_request_grow_and_end() {
    let dead: Vec<Url> = ["a", "b", "c", "d", "e"].map(url).into();
    let (mut second, mut third) = (0, 0);
    for seed in 0..200 {
        let mut servers = Servers::new(dead.clone(), Vec::new(), seed).unwrap();
        let went = request(&mut servers, 0, &dead);
        let at: Vec<i64> = went.iter().map(|(_, at)| *at).collect();
        assert_eq!(at.len(), TRIES);
        second = second.max(at[1]);
        third = third.max(at[2] - at[1]);
    }
    assert!((SPREAD * 9 / 10..=SPREAD).contains(&second), "{second}");
    assert!((SPREAD * 9 / 5..=2 * SPREAD).contains(&third), "{third}");
}

#[test]
fn one_that_cannot_do_its_work_is_left_after_a_while() {
    let mut servers = three(3);
    let first = servers.current().clone();
    // An election: soon over.
    servers.turned_away(&first, true, 0);
    servers.turned_away(&first, true, 2 * SECOND);
    servers.did(&first, true);
    servers.turned_away(&first, true, 4 * SECOND);
    assert_eq!(*servers.current(), first);
    // Cut off from the others it answers questions, and takes no command.
    servers.did(&first, false);
    servers.turned_away(&first, true, 4 * SECOND + PATIENCE);
    let second = servers.current().clone();
    assert_ne!(second, first);
    // What the first one still says of earlier requests moves nobody.
    servers.turned_away(&first, true, 20 * SECOND);
    servers.answered(&first);
    assert_eq!(*servers.current(), second);
    // Long apart, they are no trouble.
    for minute in 1..10 {
        servers.turned_away(&second, true, minute * 60 * SECOND);
    }
    assert_eq!(*servers.current(), second);
    // Questions that are refused, and then answered, are over.
    servers.turned_away(&second, false, 700 * SECOND);
    servers.did(&second, false);
    servers.turned_away(&second, false, 704 * SECOND);
    assert_eq!(*servers.current(), second);
}

#[test]
fn one_alone_is_asked_again_and_again() {
    let mut servers = Servers::new(vec![url("a")], Vec::new(), 5).unwrap();
    for second in 0..100 {
        assert_eq!(request(&mut servers, second * SECOND, &[url("a")]).len(), 1);
        servers.turned_away(&url("a"), true, second * SECOND);
    }
    assert_eq!(*servers.current(), url("a"));
}

#[test]
fn what_is_learned_comes_and_goes_and_what_was_given_stays() {
    let mut servers = Servers::new(vec![url("a")], Vec::new(), 5).unwrap();
    servers.learn(vec![url("b"), url("a"), url("c")]);
    request(&mut servers, 0, &[url("a")]);
    let moved = servers.current().clone();
    assert_ne!(moved, url("a"));
    // It is taken out of the group.
    let rest: Vec<Url> = ["b", "c"].map(url).into_iter().filter(|other| *other != moved).collect();
    servers.learn(rest.clone());
    assert_ne!(*servers.current(), moved);
    servers.learn(Vec::new());
    assert_eq!(*servers.current(), url("a"));
    let many: Vec<Url> = (0..1_000).map(|number| url(&format!("m{number}"))).collect();
    servers.learn(many);
    assert_eq!(servers.places.len(), 1 + super::MOST);
}

#[test]
fn what_was_seen_never_goes_back_but_is_given_up_in_the_end() {
    let mut seen = Seen::default();
    assert_eq!(seen.mark(), None);
    seen.told(None);
    assert_eq!(seen.mark(), None);
    seen.told(Some(7));
    seen.told(Some(5));
    assert_eq!(seen.mark(), Some(7));
    seen.refused(0);
    seen.refused(Seen::GIVES_IN - 1);
    seen.told(Some(8));
    seen.refused(Seen::GIVES_IN);
    assert_eq!(seen.mark(), Some(8));
    seen.refused(2 * Seen::GIVES_IN);
    assert_eq!(seen.mark(), None);
}
