//! Servers that are gone, slow, beside themselves or wrong about the time: the window says what it is, keeps what it
//! knows with its age, and is well again when they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use tillwatch_desk::Lang;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::link::Link;
use tillwatch_monitor::charts::RangeChoice;
use tillwatch_monitor::input::{Answer, Effect, User, ViewAct};
use tillwatch_monitor::lists::{Asking, Filter, ListAct, Topic};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::server::MadeUp;
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::state::{Page, State};
use tillwatch_server::clock::Clock;
use tillwatch_server::run::Running;
use tillwatch_shared::api::{
    KeyScope, NewApiKey, NewReading, NewStockEntry, ReadingBatch, SensorKind, SensorSettings, SignIn,
    StockEntryKind,
};
use tillwatch_shared::client::Client;
use tillwatch_shared::limits::{EARLIEST_TOLD, NAME_CHARS};
use tillwatch_shared::time::{DAY, HOUR, MINUTE, SECOND};
use tillwatch_shared::{CommandId, Quantity, SensorId, UtcMicros};

use crate::between::{Between, Way, answer};
use crate::desk::{Desk, MANAGER, server, server_at};

/// 2100-01-01T00:00:00Z
const IN_2100: UtcMicros = UtcMicros(4_102_444_800_000_000);

fn there(running: &Running) -> String {
    running.address.to_string()
}

/// Somebody else, at the server itself.
async fn colleague(running: &Running) -> Client {
    let client = Link::new("till").connect(&running.url(), Lang::Pt).unwrap();
    let body = SignIn { username: MANAGER.to_owned(), password: "1234".to_owned(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    client
}

async fn enter(client: &Client) {
    let body = NewStockEntry {
        kind: StockEntryKind::Receive,
        store_id: client.stores().await.unwrap().first().unwrap().id,
        product_id: client.products(None, None, 1).await.unwrap().items.first().unwrap().id,
        quantity_thousandths: Quantity(7_000),
        reason: None,
        lot: None,
        recorded_at: None,
    };
    client.new_stock_entry(CommandId::now(), &body).await.unwrap();
}

/// The places in the journal of what the log shows, each once.
fn shown(state: &State) -> BTreeSet<i64> {
    let seqs: Vec<i64> = state.log.newest(state.log.len()).map(|row| row.seq).collect();
    let once: BTreeSet<i64> = seqs.iter().copied().collect();
    assert_eq!(once.len(), seqs.len(), "nothing is shown twice");
    once
}

fn is_well(state: &State) -> bool {
    let feed = &state.feed;
    let lists = [state.sensors.failure(), state.totals.failure(), state.stock.failure.as_ref()];
    let list = tillwatch_monitor::update::lists::shown(state).and_then(|topic| state.lists.get(topic));
    let list = list.and_then(|list| list.failure.as_ref());
    feed.failure.is_none()
        && feed.seq.is_some()
        && feed.asked_at.is_none()
        && !state.connection.is_offline()
        && lists.into_iter().chain([list]).all(|failure| failure.is_none())
}

/// Every page, drawn.
fn look_around(desk: &mut Desk) {
    for page in Page::ALL {
        desk.act(User::Open(page));
        desk.frame();
    }
    desk.act(User::Open(Page::Live));
    desk.frame();
}

/// At the end of a trouble.
fn well_again(desk: &mut Desk, what: &str) {
    // Waits have grown.
    advance(30 * SECOND);
    desk.wait(&format!("well after {what}"), is_well);
    for page in [Page::Manage, Page::Alarms, Page::Sensors, Page::Live] {
        desk.act(User::Open(page));
        desk.wait(&format!("{page:?} after {what}"), is_well);
    }
}

/// Signed in through what stands between, with what the shop did lately.
fn at_work(between: &Between, folder: &std::path::Path) -> Desk {
    let mut desk = Desk::new(&between.address, folder);
    desk.sign_in();
    desk.act(User::Open(Page::Live));
    desk.wait("the log", |state| !state.log.is_empty() && state.feed.backfill == 0 && is_well(state));
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_and_comes_back_finds_the_window_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("server");
    let running = server(&place).await;
    let between = Between::open(Way::To(there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    enter(&colleague(&running).await).await;
    let before = shown(&desk.app.state);
    // And somebody's sign-in.
    desk.wait("the entry", |state| shown(state).len() == before.len() + 2);
    let before = shown(&desk.app.state);
    let sensors = desk.app.state.sensors().len();

    running.stop().await.unwrap();
    desk.wait("the silence", |state| state.connection.is_offline());
    advance(3 * MINUTE);
    desk.must_say("O servidor não responde. O que se vê é de", "without a server");
    look_around(&mut desk);
    assert_eq!((shown(&desk.app.state), desk.app.state.sensors().len()), (before.clone(), sensors));

    let running = server(&place).await;
    between.turn(Way::To(there(&running)));
    desk.wait("the server", |state| !state.connection.is_offline());
    assert!(!desk.says().contains("O servidor não responde"));
    enter(&colleague(&running).await).await;
    desk.wait("the next entry", |state| shown(state).len() >= before.len() + 2);
    let after = shown(&desk.app.state);
    assert_eq!((after.len(), after.is_superset(&before)), (before.len() + 2, true));
    well_again(&mut desk, "a restart");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_nonsense_answers_is_told_and_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(&directory.path().join("server")).await;
    let between = Between::open(Way::To(there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    let before = shown(&desk.app.state);
    let json = "application/json";
    let half = |text: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{text}").into_bytes();
    let odd = failure::what(&Failure::BadAnswer(String::new()), Lang::Pt);
    let broken = "O servidor não responde".to_owned();
    let html = "<!doctype html><h1>It works!</h1>";
    for (what, way, told) in [
        ("no JSON", Way::Says(answer("200 OK", json, "olá")), &odd),
        ("other JSON", Way::Says(answer("200 OK", json, r#"{"changes":7,"items":[{}]}"#)), &odd),
        ("nothing at all", Way::Says(answer("200 OK", json, "")), &odd),
        ("half an answer", Way::Says(half(r#"{"changes":["#)), &broken),
        (
            "a page of errors",
            Way::Says(answer("500 Internal Server Error", "text/html", html)),
            &"500".to_owned(),
        ),
        ("somebody else's page", Way::Says(answer("404 Not Found", "text/html", html)), &"404".to_owned()),
        ("a move", Way::Says(answer("302 Found", "text/html", html)), &odd),
        ("noise", Way::Says(vec![0xff; 64]), &broken),
        ("no answer", Way::Gone, &broken),
        ("no end", Way::Endless, &odd),
    ] {
        between.turn(way);
        advance(5 * SECOND);
        desk.wait(what, |state| state.feed.failure.is_some());
        desk.must_say(told, what);
        desk.must_say("O que se vê é de", what);
        look_around(&mut desk);
        assert_eq!(shown(&desk.app.state), before, "{what}");
        between.turn(Way::To(there(&running)));
        well_again(&mut desk, what);
        assert_eq!(shown(&desk.app.state), before, "{what}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_holds_up_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(&directory.path().join("server")).await;
    let between = Between::open(Way::Held("/products", there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    // Somebody who is impatient.
    for _ in 0..40 {
        desk.act(User::List(ListAct::Show(Topic::Products, Filter::default())));
        desk.act(User::Refresh);
        desk.frame();
    }
    let asking = |state: &State, topic| state.lists.get(topic).map(|list| list.asking);
    assert_eq!(asking(&desk.app.state, Topic::Products), Some(Asking::Fresh));
    desk.must_say("lendo os produtos…", "why one waits");
    desk.wait("the question", |_| between.held() > 0);
    assert!(between.held() <= 2, "asked {} times for the same", between.held());
    assert!(!desk.rows(Topic::Stores).is_empty(), "another question is answered meanwhile");
    enter(&colleague(&running).await).await;
    let before = shown(&desk.app.state).len();
    desk.act(User::Open(Page::Live));
    desk.wait("the entry", |state| shown(state).len() > before || state.log.len() > before);
    between.turn(Way::To(there(&running)));
    assert!(!desk.rows(Topic::Products).is_empty());

    // The whole server hangs: what is asked meanwhile is answered afterwards.
    between.turn(Way::Held("/", there(&running)));
    for page in Page::ALL.into_iter().cycle().take(40) {
        desk.act(User::Open(page));
        desk.frame();
        advance(SECOND);
    }
    desk.wait("that it is silent", |state| state.connection.is_offline());
    desk.must_say("O servidor não responde. O que se vê é de", "a server that hangs");
    between.turn(Way::To(there(&running)));
    well_again(&mut desk, "a server that hung");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_of_the_server_is_followed() {
    let directory = tempfile::tempdir().unwrap();
    let time = Clock::manual(NOW);
    let running = server_at(&directory.path().join("server"), time.clone()).await;
    let between = Between::open(Way::To(there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    for by in [HOUR, -2 * HOUR, HOUR, -NOW.0, NOW.0] {
        time.advance(by);
        advance(5 * SECOND);
        let told = |state: &State| state.server_now(clock()).since(time.now()).abs() < MINUTE;
        desk.wait("the other time", |state| told(state) && is_well(state));
        look_around(&mut desk);
        well_again(&mut desk, "the clock moved");
    }
    enter(&colleague(&running).await).await;
    running.stop().await.unwrap();

    // A machine without a battery for its clock. What the demonstration tells lies in the weeks before.
    let start = EARLIEST_TOLD.plus(60 * DAY);
    let running = server_at(&directory.path().join("old"), Clock::manual(start)).await;
    let mut desk = Desk::new(&running.url(), &directory.path().join("of-the-old"));
    desk.sign_in();
    enter(&colleague(&running).await).await;
    desk.act(User::Open(Page::Live));
    desk.wait("the entry of 2000", |state| state.log.newest(1).next().is_some());
    for range in RangeChoice::ALL {
        desk.act(User::View(ViewAct::Range(range)));
        look_around(&mut desk);
    }
    well_again(&mut desk, "the year 2000");
    running.stop().await.unwrap();
}

/// A hundred times what one poll usually brings, and then a server that knows nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_events_comes_through_and_goes() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(&directory.path().join("server")).await;
    let between = Between::open(Way::To(there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    let (before, end) = (shown(&desk.app.state), desk.app.state.feed.seq.unwrap());
    let flood = MadeUp { changes: end + 6_000, ..MadeUp::default() };
    let make = move |target: &str| {
        let number = |name: &str| -> i64 {
            let value = target.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.and_then(|value| value.parse().ok()).unwrap_or_default()
        };
        let limit = u32::try_from(number("limit")).unwrap();
        let Some(Answer::Changes(Ok(changes), _)) =
            flood.answer(&Effect::Changes { after: number("after"), limit }, NOW)
        else {
            panic!("changes")
        };
        serde_json::to_string(&changes).unwrap()
    };
    between.turn(Way::Instead("/changes?", Arc::new(make), there(&running)));
    desk.wait("the flood", |state| state.feed.seq == Some(end + 6_000));
    assert_eq!(shown(&desk.app.state).len(), before.len() + 6_000);
    look_around(&mut desk);
    between.turn(Way::To(there(&running)));
    let back = "O servidor voltou a um estado anterior; tudo foi lido de novo.";
    desk.wait("the word of it", |state| state.toasts.texts().any(|text| text == back));
    desk.wait("the truth", |state| state.feed.seq == Some(end) && state.feed.backfill == 0);
    desk.wait("the log", |state| shown(state) == before);
    well_again(&mut desk, "the flood");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_and_strangest_that_the_api_takes_is_drawn() {
    let directory = tempfile::tempdir().unwrap();
    let running = server(&directory.path().join("server")).await;
    let client = colleague(&running).await;
    let key = NewApiKey {
        name: "t".into(),
        scopes: vec![KeyScope::WriteReadings],
        sensors: vec![],
        expires_at: None,
    };
    let key = client.new_api_key(CommandId::now(), &key).await.unwrap().secret.unwrap();
    let store_id = client.stores().await.unwrap().first().unwrap().id;
    let mut readings = Vec::new();
    let values = [f64::MAX, f64::MIN, -0.0, f64::MIN_POSITIVE, 1e308, 4.0];
    for (index, value) in values.into_iter().enumerate() {
        let sensor_id: SensorId = SensorId::Text(format!("strange-{index}"));
        let settings = SensorSettings {
            name: ["W", "💊", "ملح ", "ç"][index % 4].repeat(NAME_CHARS / 4),
            store_id,
            kind: SensorKind::Fridge,
            low_celsius: Some(-273.15),
            high_celsius: Some(1_000.0),
        };
        client.set_sensor(CommandId::now(), &sensor_id, &settings).await.unwrap();
        for minute in 0..30 {
            let measured_at = match (index % 3, minute) {
                (0, 0) => UtcMicros(0),
                (1, 0) => IN_2100,
                (_, minute) => NOW.plus(-minute * MINUTE),
            };
            let (temperature, humidity, pressure) = (value, -value, value);
            let sensor_id = sensor_id.clone();
            let reading =
                NewReading { sensor_id, temperature, humidity, pressure, measured_at, battery_percent: None };
            readings.push(reading);
        }
    }
    let count = u32::try_from(readings.len()).unwrap();
    assert_eq!(client.send_readings(&key, &ReadingBatch { readings }).await.unwrap().stored, count);

    let between = Between::open(Way::To(there(&running))).await;
    let mut desk = at_work(&between, directory.path());
    desk.act(User::Open(Page::Sensors));
    for range in RangeChoice::ALL {
        desk.act(User::View(ViewAct::Range(range)));
        desk.wait(&format!("{range:?}"), |state| {
            state.sensor_charts.block.is_some() && state.sensor_charts.asked.is_none()
        });
        assert_eq!(desk.app.state.sensor_charts.failure, None, "{range:?}");
    }
    let ids: Vec<SensorId> = desk.app.state.sensors().iter().map(|sensor| sensor.id.clone()).collect();
    assert!(ids.len() >= values.len());
    for id in ids {
        desk.act(User::View(ViewAct::Sensor(Some(id))));
        for _ in 0..3 {
            desk.frame();
        }
    }
    desk.act(User::View(ViewAct::Sensor(None)));
    look_around(&mut desk);
    well_again(&mut desk, "strange readings");
    running.stop().await.unwrap();
}
