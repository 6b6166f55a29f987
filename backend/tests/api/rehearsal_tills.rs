//! Rules about silent tills on the past, and about what only alarms are kept of: what a rehearsal says is what was found
//! at the time.

use serde_json::{Value, json};
use tillwatch_server::pulse::GAP_MICROS;
use tillwatch_shared::api::{Alarm, AlarmKind, AlarmRule, CashSession, FeedState, RehearsalLine, Session};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{AlarmRuleId, StoreId, UtcMicros};

use crate::common::dice::Dice;
use crate::common::socket::Terminal;
use crate::common::{Caller, Server};
use crate::rehearsal::rehearsed_for as rehearse;
use crate::shop::{PASSWORD, add};
use crate::watching::Watched;
use crate::watching_kinds::followed;

const SEEDS: u64 = 2;
const MINUTES: i64 = 150;
/// A person's token lasts for a quarter of an hour.
const SIGNED_IN: i64 = 10;

/// Whom it is about, when it began and when it ended.
type Told = (String, UtcMicros, Option<UtcMicros>);

fn fired(lines: &[RehearsalLine]) -> Vec<Told> {
    let told = |line: &RehearsalLine| match line {
        RehearsalLine::Alarm { name, began_at, ended_at, .. } => Some((name.clone(), *began_at, *ended_at)),
        RehearsalLine::KnownSince { .. }
        | RehearsalLine::Progress { .. }
        | RehearsalLine::Done { .. }
        | RehearsalLine::Failed { .. } => None,
    };
    let mut fired: Vec<Told> = lines.iter().filter_map(told).collect();
    fired.sort();
    fired
}

fn found(alarms: &[Alarm], store: StoreId) -> Vec<Told> {
    let of = |alarm: &&Alarm| (alarm.kind, alarm.store_id) == (AlarmKind::TillSilent, Some(store));
    let told = |alarm: &Alarm| (alarm.name.clone(), alarm.began_at, alarm.ended_at);
    let mut found: Vec<Told> = alarms.iter().filter(of).map(told).collect();
    found.sort();
    found
}

fn rule(store: StoreId, seconds: i64) -> Value {
    json!({ "store_id": store, "severity": "warning", "watch": { "kind": "till_silent", "seconds": seconds } })
}

/// Somebody at a terminal, there or not.
struct Till {
    name: &'static str,
    user: &'static str,
    token: String,
    here: bool,
}

impl Till {
    const fn of(name: &'static str, user: &'static str) -> Self {
        Self { name, user, token: String::new(), here: true }
    }
}

async fn sign_in(watched: &Watched, user: &str) -> (Caller, Session) {
    watched.shop.nobody.sign_in(user, PASSWORD).await
}

/// A drawer is opened, or the one that is open is closed.
async fn turn_drawer(watched: &Watched, user: &str, store: StoreId, open: &mut Option<CashSession>) {
    let (seller, _) = sign_in(watched, user).await;
    let now = watched.shop.server.clock.now();
    if let Some(session) = open.take() {
        let closing = json!({ "counts": [{ "value_cents": 5_000, "count": 1 }] });
        let path = format!("/api/v1/cash-sessions/{}/closing", session.id);
        let closed = seller.post(&path, &closing).await;
        assert!(closed.status < 300, "{}", closed.text());
    } else {
        let opening = json!({ "store_id": store, "till": "Gaveta", "float_cents": 5_000, "opened_at": now });
        *open = Some(seller.post("/api/v1/cash-sessions", &opening).await.expect(201));
    }
}

/// Two stores, and one who works in both; a look before and after everything that happens.
async fn hours(watched: &mut Watched, dice: &mut Dice) {
    let base = watched.shop.nobody.base.clone();
    let mut tills = [Till::of("A1", "vendedora"), Till::of("B1", "vizinho"), Till::of("AB", "ambas")];
    let (mut a, mut b) = (None, None);
    for minute in 0..MINUTES {
        watched.clock_to(minute);
        watched.look().await;
        // The next look is not sooner.
        watched.shop.server.clock.advance(6 * SECOND);
        for till in &mut tills {
            if minute % SIGNED_IN == 0 {
                till.token = sign_in(watched, till.user).await.1.access_token;
            }
            if dice.between(0, if till.here { 10 } else { 8 }) == 0 {
                till.here = !till.here;
            }
            if till.here {
                let (mut terminal, _) = Terminal::open(&base, till.name, &till.token).await;
                terminal.value(1).await;
            }
        }
        if dice.between(0, 15) == 0 {
            turn_drawer(watched, "vendedora", watched.shop.a, &mut a).await;
        }
        if dice.between(0, 15) == 0 {
            turn_drawer(watched, "vizinho", watched.shop.b, &mut b).await;
        }
        watched.look().await;
    }
}

#[tokio::test]
async fn silent_tills_are_rehearsed_as_they_were_found() {
    let mut most = 0;
    for seed in 0..SEEDS {
        let mut watched = Watched::open().await;
        let (a, b) = (watched.shop.a, watched.shop.b);
        add(&watched.shop.admin, "ambas", "seller", &[a, b]).await;
        let rules = [rule(a, 330), rule(b, 90)];
        for rule in &rules {
            let path = format!("/api/v1/alarm-rules/{}", AlarmRuleId::now());
            watched.shop.admin.put(&path, rule).await.expect::<AlarmRule>(200);
        }
        hours(&mut watched, &mut Dice::new(seed)).await;
        let (admin, _) = sign_in(&watched, "dona").await;
        let tip = watched.shop.server.tip();
        for (rule, store) in rules.iter().zip([a, b]) {
            let lines = rehearse(&admin, rule, 90).await;
            let found = found(&watched.alarms("all"), store);
            assert_eq!(fired(&lines), found, "seed {seed}");
            // What was before the server began to listen.
            assert!(matches!(lines[0], RehearsalLine::KnownSince { at } if at <= watched.at(0)), "{lines:?}");
            let alarms = found.len() as u64;
            assert!(
                matches!(lines.last(), Some(RehearsalLine::Done { alarms: told, .. }) if *told == alarms),
                "{lines:?}"
            );
            most = most.max(alarms);
        }
        assert_eq!(watched.shop.server.tip(), tip, "a rehearsal sets nothing");
        // A longer limit is another answer, from the same silences.
        let patient = fired(&rehearse(&admin, &rule(b, 60 * 60), 90).await);
        assert!((patient.len() as u64) < most, "{patient:?}");
        watched.close().await;
    }
    assert!(most > 5, "hours without trouble show nothing");
}

#[tokio::test]
async fn silences_are_kept_over_a_restart_and_those_of_a_terminal_go_with_it() {
    let watched = Watched::open().await;
    let base = watched.shop.nobody.base.clone();
    let mut open = None;
    turn_drawer(&watched, "vendedora", watched.shop.a, &mut open).await;
    for minute in [0, 10] {
        watched.clock_to(minute);
        let token = sign_in(&watched, "vendedora").await.1.access_token;
        let (mut terminal, _) = Terminal::open(&base, "A1", &token).await;
        terminal.value(1).await;
    }
    let begun = watched.at(0);
    let watched = watched.restart().await;
    // Longer than a gap after the start, which is no sign of life of a terminal.
    watched.shop.server.clock.advance(GAP_MICROS + SECOND);
    let rule = rule(watched.shop.a, 300);
    let ask = async || fired(&rehearse(&watched.shop.manager, &rule, 1).await);
    assert_eq!(ask().await, [("A1".to_owned(), begun, Some(watched.at(10)))]);
    let caller = watched.shop.server.caller();
    let (admin, _) = caller.sign_in("dona", PASSWORD).await;
    let gone = admin.delete("/api/v1/pulse/clients/A1").await;
    assert!(gone.status < 300, "{}", gone.text());
    assert_eq!(ask().await, []);
    watched.close().await;
}

#[tokio::test]
async fn of_feeds_and_servers_the_alarms_count_that_there_were() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vendas.json");
    std::fs::write(&file, "<html>").unwrap();
    let server = Server::start(&["--demo", "--feed", &format!("vendas={}", file.display())]).await;
    let (lucas, _) = server.caller().sign_in("lucas", "1234").await;
    let mut watch = None;
    let rule = |watch: Value| json!({ "severity": "warning", "watch": watch });
    let broken = rule(json!({ "kind": "feed_broken" }));
    assert_eq!(fired(&rehearse(&lucas, &broken, 90).await), []);
    followed(&server, FeedState::Failed).await;
    server.clock.advance(6 * SECOND);
    tillwatch_server::alarms::round(&server.running.app, &mut watch).await.unwrap();
    let lines = rehearse(&lucas, &broken, 90).await;
    let RehearsalLine::Alarm { name, ended_at: None, worst: None, .. } = &lines[0] else {
        panic!("{lines:?}")
    };
    assert_eq!(name, "vendas");
    assert_eq!(lines.last(), Some(&RehearsalLine::Done { alarms: 1, readings: 1 }));
    let behind = rule(json!({ "kind": "server_behind", "entries": 10, "seconds": 60 }));
    assert_eq!(fired(&rehearse(&lucas, &behind, 90).await), []);
    let of_a_store =
        json!({ "store_id": StoreId::now(), "severity": "warning", "watch": { "kind": "feed_broken" } });
    let body = json!({ "rule": of_a_store, "days": 1 });
    lucas.post("/api/v1/alarm-rules/rehearsal", &body).await.problem(400, "invalid_value");
    server.stop().await;
}
