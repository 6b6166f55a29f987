//! Measures what a cashier waits for, with 50,000 products and 200 lines in the cart, in a window that is not shown:
//! `cargo run --release -p tillwatch-register --example measure`
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement says what it found, or fails")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Window, window};
use egui::{Event, Key, Modifiers, Vec2};
use tillwatch_desk::settings::Settings;
use tillwatch_desk::worker::Worker;
use tillwatch_register::input;
use tillwatch_register::input::{Effect, FormInput};
use tillwatch_register::job::Register;
use tillwatch_register::state::Kept;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::offline::{Known, Memory};
use tillwatch_register::till_file::{TillFile, Who};
use tillwatch_register::{Input, State, samples};
use tillwatch_shared::api::{PaymentMethod, Product, Unit};
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{Quantity, StoreId};

const PRODUCTS: i64 = 50_000;
const LINES: usize = 200;
const TRIES: usize = 50;

fn main() {
    let products = products();
    let state = loaded(&products);
    search(state.clone());
    window_of(state);
    start(&products);
    paid_meanwhile(&products);
    paid();
    unlocked();
}

/// Names as they are: several words, with accents, many beginning alike.
fn products() -> Vec<Product> {
    let kinds = ["Açúcar", "Leite", "Café", "Sabão em pó", "Biscoito", "Macarrão", "Óleo de soja", "Feijão"];
    let makes = ["União", "Integral", "Três Corações", "São João", "Dona Benta", "Extra Forte", "Nº 8"];
    let make = |number: i64| {
        let place = usize::try_from(number).unwrap_or(0);
        let kind = kinds.get(place % kinds.len()).unwrap_or(&"");
        let brand = makes.get(place % makes.len()).unwrap_or(&"");
        samples::product(
            number,
            &format!("{kind} {brand} {number} 500 g"),
            &gtin(number),
            100 + number % 9000,
            Unit::Un,
        )
    };
    (1..=PRODUCTS).map(make).collect()
}

fn gtin(number: i64) -> String {
    let twelve = format!("789{number:09}");
    let weighted = twelve.bytes().zip([1_u32, 3].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{twelve}{}", (10 - sum % 10) % 10)
}

/// As the server's pages come: read as JSON, and taken.
fn loaded(products: &[Product]) -> State {
    let mut state = samples::empty(Settings::default());
    samples::take(&mut state, Input::Reload);
    let round = state.feed.round;
    let pages = products.chunks(usize::try_from(PAGE_ROWS).unwrap_or(1));
    let bodies: Vec<String> = pages.map(|page| serde_json::to_string(page).expect("JSON")).collect();
    let started = Instant::now();
    for body in &bodies {
        let items = serde_json::from_str(body).expect("products");
        samples::happened(&mut state, input::Event::Products { round, items });
    }
    samples::happened(&mut state, input::Event::Loaded { round, after: 7, place: None });
    println!("first load, {PRODUCTS} products in {} pages: {:?}", bodies.len(), started.elapsed());
    for product in products.iter().step_by(products.len() / LINES) {
        samples::take(&mut state, Input::Search(product.code.clone().unwrap_or_default()));
        samples::take(&mut state, Input::EnterLine);
    }
    println!("lines in the cart: {}", state.cart.lines().len());
    state
}

fn search(mut state: State) {
    for word in ["acucar uniao 49", "78900004", "corac", "leite 500", "nada disto"] {
        let mut times = Vec::new();
        for end in word.char_indices().map(|(at, c)| at + c.len_utf8()) {
            let text = word.get(..end).unwrap_or_default().to_owned();
            let started = Instant::now();
            samples::take(&mut state, Input::Search(text));
            times.push(started.elapsed());
        }
        tell(&format!("search, per key of \"{word}\" ({} found)", state.search.hits.len()), times);
    }
}

fn window_of(state: State) {
    let mut harness = window(state, Vec2::new(1366.0, 768.0));
    let mut times = Vec::new();
    for place in 0..TRIES {
        let letter = "leite integral 5".chars().cycle().nth(place).unwrap_or('a').to_string();
        times.push(frames(&mut harness, [Event::Text(letter)]));
    }
    tell("key press to screen, typing in the search", times);
    samples::take(&mut harness.state_mut().state, Input::Search(String::new()));
    let down = || frames_of(Key::ArrowDown);
    let times = (0..TRIES).map(|_| frames(&mut harness, down())).collect();
    tell("key press to screen, moving in the list", times);
    // What is in the cart already would get no line of its own.
    for (what, pace, first) in [
        ("scan to line in the cart, all keys with the frame that wakes the window", None, 40_100),
        ("scan to line in the cart, keys 4 ms apart, from the frame with the last one", Some(4), 40_200),
        ("scan to line in the cart, keys 8 ms apart, from the frame with the last one", Some(8), 40_300),
    ] {
        let times = (first..).take(TRIES).map(|number| scan(&mut harness, number, pace)).collect();
        tell(what, times);
    }
}

/// Of a frame, in milliseconds, and of a second.
const FRAME: usize = 16;
const SECOND: usize = 1000;

/// A scan that wakes the window: its keys all at once, or so many milliseconds apart while frames go by.
fn scan(harness: &mut Window<'_>, number: i64, pace: Option<usize>) -> Duration {
    rest(harness);
    let code = gtin(number);
    let before = harness.state().state.cart.lines().len();
    // As a window system tells them: the key, and what it writes.
    let keys = code.chars().map(|c| {
        let [down, up] = frames_of(Key::from_name(&c.to_string()).unwrap_or(Key::Num0));
        vec![down, Event::Text(c.to_string()), up]
    });
    let mut keys: Vec<Vec<Event>> = keys.chain([frames_of(Key::Enter).to_vec()]).collect();
    let mut passed = SECOND;
    if let Some(pace) = pace {
        let a_frame = (FRAME / pace).max(1);
        let mut first = 1;
        while keys.len() > a_frame {
            let later = keys.split_off(first);
            let _ = frame(harness, passed, std::mem::replace(&mut keys, later).concat());
            (first, passed) = (a_frame, FRAME);
        }
    }
    let took = frame(harness, passed, keys.concat()) + frame(harness, FRAME, Vec::new());
    assert_eq!(harness.state().state.cart.lines().len(), before + 1, "{code}");
    took
}

/// The frame after so many milliseconds, and how long it took.
fn frame(harness: &mut Window<'_>, passed: usize, events: Vec<Event>) -> Duration {
    let now = harness.ctx.input(|input| input.time) + passed as f64 / SECOND as f64;
    harness.input_mut().time = Some(now);
    // As the window's glue tells it.
    let until_this = (passed == FRAME).then_some(0.016);
    harness.state_mut().state.reader.last_frame_took(Some(0.004), until_this);
    harness.input_mut().events = events;
    let started = Instant::now();
    harness.step();
    started.elapsed()
}

/// Frames until the window sleeps. Real ones too leave the processor something: Linux stops a program at real-time
/// priority that never rests for 50 ms of each second.
fn rest(harness: &mut Window<'_>) {
    let sleeps = |harness: &Window<'_>| {
        harness.output().viewport_output.values().all(|viewport| !viewport.repaint_delay.is_zero())
    };
    let mut frames = 0;
    while !sleeps(harness) {
        let _ = frame(harness, FRAME, Vec::new());
        frames += 1;
        assert!(frames < SECOND, "something moves for ever");
    }
    #[expect(clippy::disallowed_methods, reason = "nothing is waited for: a person pauses")]
    std::thread::sleep(Duration::from_millis(20));
}

fn frames_of(key: Key) -> [Event; 2] {
    [true, false].map(|pressed| Event::Key {
        key,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    })
}

/// The frame that takes the events, and the one that shows what came of them.
fn frames(harness: &mut Window<'_>, events: impl IntoIterator<Item = Event>) -> Duration {
    harness.input_mut().events.extend(events);
    let started = Instant::now();
    harness.step();
    harness.step();
    started.elapsed()
}

/// From a till's file with all products to a window on which they can be sold.
fn start(products: &[Product]) {
    let folder = Folder::new("start");
    let items = products.iter().map(|product| (product.clone(), Some(Quantity(5_000)), 0)).collect();
    let memory = Memory { store: StoreId::now(), whole: true, heard_at: None, place: None, items };
    let file = TillFile::open(&folder.0).expect("a till's file");
    let started = Instant::now();
    file.remember(&memory).expect("room on the disk");
    println!("the catalogue put on the disk: {:?}", started.elapsed());
    drop(file);
    let started = Instant::now();
    let goods = TillFile::open(&folder.0).and_then(|file| file.goods()).expect("the catalogue");
    let kept = Kept { goods, ..Kept::default() };
    let mut state = State::new(Settings::default(), None, "measure".to_owned(), kept, samples::NOW);
    samples::take(&mut state, Input::Start);
    let opened = started.elapsed();
    samples::sign_in_to(&mut state, vec![samples::store("Loja Centro")]);
    let mut harness = window(state, Vec2::new(1366.0, 768.0));
    harness.step();
    println!(
        "start to usable with {} products on the disk: {:?} (of which reading {opened:?})",
        harness.state().state.catalogue.len(),
        started.elapsed()
    );
}

/// Sales that are paid while the catalogue of the first load is being written: each from its command to the word that
/// it is on the disk.
fn paid_meanwhile(products: &[Product]) {
    let folder = Folder::new("meanwhile");
    let file = Arc::new(TillFile::open(&folder.0).expect("a till's file"));
    let items: Vec<_> = products.iter().map(|product| (product.clone(), Some(Quantity(5_000)), 0)).collect();
    let memory = Memory { store: StoreId::now(), whole: true, heard_at: None, place: None, items };
    let register = Register::new(Arc::clone(&file), Duration::from_mins(1));
    let worker = Worker::start(&egui::Context::default(), register).expect("a thread");
    let mut state = samples::till(Settings::default());
    let (mut times, written) = (Vec::new(), Instant::now());
    worker.submit(Effect::Remember(Box::new(memory))).expect("room in the queue");
    while times.len() < TRIES {
        let started = Instant::now();
        worker.submit(sale(&mut state)).expect("room in the queue");
        while !worker.drain().iter().any(|event| matches!(event, input::Event::Kept { .. })) {
            std::thread::yield_now();
        }
        times.push(started.elapsed());
        samples::kept(&mut state);
        samples::sale_answer(&mut state);
    }
    let during = written.elapsed();
    let whole = file.goods().expect("the till's file").is_some();
    println!("{TRIES} sales in {during:?}; the catalogue was on the disk by then: {whole}");
    tell("a paid sale on the disk while the first catalogue is written", times);
}

/// A sale of R$ 100 in cash, to be kept.
fn sale(state: &mut State) -> Effect {
    if state.cart.is_empty() {
        samples::enter(state, "3*7896036090244");
    }
    samples::take(state, Input::OpenPay);
    samples::take(state, Input::PayMethod(PaymentMethod::Cash));
    samples::take(state, Input::Form(FormInput::Text(Part::Amount, "100".to_owned())));
    let effects = samples::take(state, Input::Submit);
    effects.into_iter().find(|effect| matches!(effect, Effect::Keep(_))).expect("a sale to be kept")
}

/// From the last key of a payment to the sale on the disk, which the receipt waits for.
fn paid() {
    let folder = Folder::new("paid");
    let file = TillFile::open(&folder.0).expect("a till's file");
    let mut state = samples::till(Settings::default());
    let mut times = Vec::new();
    for _ in 0..TRIES {
        if state.cart.is_empty() {
            samples::enter(&mut state, "3*7896036090244");
        }
        samples::take(&mut state, Input::OpenPay);
        samples::take(&mut state, Input::PayMethod(PaymentMethod::Cash));
        samples::take(&mut state, Input::Form(FormInput::Text(Part::Amount, "100".to_owned())));
        let started = Instant::now();
        let effects = samples::take(&mut state, Input::Submit);
        let kept = effects
            .iter()
            .find_map(|effect| if let Effect::Keep(parcel) = effect { Some(parcel) } else { None });
        file.keep(kept.expect("a sale to be kept")).expect("room on the disk");
        times.push(started.elapsed());
        samples::kept(&mut state);
        samples::sale_answer(&mut state);
    }
    tell("a paid sale on the disk", times);
}

/// From Enter behind a PIN to the till on the screen, where the till decides because the server is away.
fn unlocked() {
    let folder = Folder::new("unlocked");
    let file = TillFile::open(&folder.0).expect("a till's file");
    let state = samples::locked(Settings::default());
    let person = state.person.clone().expect("somebody is signed in");
    let stores = vec![samples::store("Loja Centro")];
    let known = Known { person, stores, until: samples::NOW, mandate_until: None };
    file.remember_person("maria", "4821", &known).expect("room on the disk");
    let mut times = Vec::new();
    for _ in 0..TRIES {
        let mut harness = window(state.clone(), Vec2::new(1366.0, 768.0));
        harness.step();
        let started = Instant::now();
        let found = file.check(&Who::Person(known.person.id), "4821", samples::NOW).expect("the till's file");
        found.expect("the PIN is right");
        harness.state_mut().state.people.lock = None;
        harness.step();
        harness.step();
        times.push(started.elapsed());
    }
    tell("another person by PIN, without the server", times);
}

/// A directory that is gone afterwards.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tillwatch-measure-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!("{what}: median {median:?}, most {most:?}");
}
