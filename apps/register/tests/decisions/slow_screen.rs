//! Readers and persons at a screen whose frames take 5 to 600 ms: the keys have true times, and the window is told of
//! them with its frames, as the real one is.

use proptest::prelude::*;
use tillwatch_register::input::Input;
use tillwatch_register::samples::take;
use tillwatch_register::state::State;
use tillwatch_register::state::burst::{Burst, Outcome, Stroke, StrokeKey};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::{Dialog, Notice};

use crate::till::{shop, typed};

const MILK: &str = "7896036090244";
const RICE: &str = "7891000315507";

/// A key and its true time.
type Key = (i64, StrokeKey);

/// `code` and its end, `gap` milliseconds from key to key.
fn keys(code: &str, start_ms: i64, gap: impl Fn(i64) -> i64) -> Vec<Key> {
    let mut at = start_ms;
    let keys = code.chars().map(StrokeKey::Char).chain([StrokeKey::End]);
    keys.zip(0..)
        .map(|(key, place)| {
            at += if place == 0 { 0 } else { gap(place) };
            (at * 1000, key)
        })
        .collect()
}

/// Where the focus is: what a character does there, and Enter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Focus {
    Search,
    /// The quantity of a line.
    Field,
    Nowhere,
}

impl Focus {
    fn key(self, state: &mut State, key: StrokeKey) {
        let quantity = |state: &State| match &state.dialog {
            Some(Dialog::Quantity(form)) => Some(form.quantity.clone()),
            Some(_) | None => None,
        };
        match (self, key) {
            (Self::Search, StrokeKey::Char(c)) => {
                let line = format!("{}{c}", state.search.text);
                take(state, Input::Search(line));
            }
            (Self::Search, StrokeKey::End) => {
                take(state, Input::EnterLine);
            }
            (Self::Field, StrokeKey::Char(c)) => {
                if let Some(text) = quantity(state) {
                    take(state, typed(Part::Quantity, &format!("{text}{c}")));
                }
            }
            (Self::Field, StrokeKey::End) => {
                take(state, Input::Submit);
            }
            (Self::Nowhere, _) => {}
        }
    }
}

/// The window's loop, with what making each frame takes, in microseconds. Showing it takes one of `shown` milliseconds
/// more, which is only measured where the next frame follows at once.
struct Window<'a> {
    state: State,
    focus: Focus,
    shown: &'a [i64],
    keys: &'a [Key],
    /// A frame began then.
    previous: i64,
    now: i64,
    goes_on: bool,
    making: i64,
    /// A window that sleeps is woken by a key so much later than the key came.
    oversleeps: i64,
}

fn seconds(micros: i64) -> f32 {
    std::time::Duration::from_micros(micros.unsigned_abs()).as_secs_f32()
}

impl Window<'_> {
    fn run(mut self, mut lengths: impl Iterator<Item = i64>) -> State {
        let mut shown = self.shown.iter().cycle();
        let mut frames = 0;
        while !self.keys.is_empty() || self.goes_on {
            self.frame();
            self.making = lengths.next().unwrap();
            self.previous = self.now;
            self.now = self.next(self.now + self.making + shown.next().unwrap() * 1000);
            frames += 1;
            assert!(frames < 10_000);
        }
        self.state
    }

    fn gap(&self) -> i64 {
        i64::from(self.state.settings.reader_gap_ms) * 1000
    }

    /// At once after input; else when a key or the end of a reader's pause wakes it.
    fn next(&self, ready: i64) -> i64 {
        if self.goes_on {
            return ready;
        }
        let until = self.state.reader.burst.waits_until(self.gap()).filter(|until| *until >= self.now);
        let woken = [until.map(|until| until + 1), self.keys.first().map(|(at, _)| *at + self.oversleeps)];
        ready.max(woken.into_iter().flatten().min().unwrap_or(ready))
    }

    fn frame(&mut self) {
        let until_this = self.goes_on.then(|| seconds(self.now - self.previous));
        self.state.reader.last_frame_took(Some(seconds(self.making)), until_this);
        let told = self.keys.iter().take_while(|(at, _)| *at <= self.now).count();
        let from_micros = self.state.reader.keys_came_after(self.previous, self.now, told, self.gap());
        let (mut burst, mut strokes) = (self.state.reader.burst.clone(), Vec::new());
        let mut scanned = false;
        let mut passed = Vec::new();
        while let Some((at, key)) = self.keys.first().copied().filter(|(at, _)| !scanned && *at <= self.now) {
            // What waited for the frame after a scan is older.
            let known = self.shown.len() == 1 && self.oversleeps == 0;
            assert!(
                !known || at <= self.previous || at + 10 >= from_micros,
                "it came at {at}, before {from_micros}"
            );
            self.keys = self.keys.split_first().unwrap().1;
            let stroke = Stroke { from_micros, at_micros: self.now, key };
            strokes.push(stroke);
            passed.push(key);
            match burst.take(stroke, self.gap()) {
                Outcome::Scanned { .. } => scanned = true,
                Outcome::Begun | Outcome::Resumed | Outcome::Typed | Outcome::Going | Outcome::Passed => {}
            }
        }
        self.goes_on = !strokes.is_empty();
        take(&mut self.state, Input::Keyed(strokes));
        // What is part of a scan that ended in this frame reaches no field.
        for key in passed.into_iter().filter(|_| !scanned) {
            self.focus.key(&mut self.state, key);
        }
    }
}

/// What is there in the end. Each frame takes one of `making` and one of `shown`.
fn at_screen(focus: Focus, shown: &[i64], keys: &[Key], making: &[i64]) -> State {
    at_busy_machine(focus, 0, shown, keys, making)
}

fn at_busy_machine(focus: Focus, oversleeps: i64, shown: &[i64], keys: &[Key], making: &[i64]) -> State {
    let mut state = shop();
    if focus == Focus::Field {
        take(&mut state, Input::AddProduct(0));
        take(&mut state, Input::OpenQuantity);
    }
    let (first, showing) = (making.first().unwrap() * 1000, shown.first().unwrap() * 1000);
    // A frame has been measured before.
    state.reader.last_frame_took(Some(seconds(first)), Some(seconds(first + showing)));
    let previous = -first - showing;
    let window =
        Window { state, focus, shown, keys, previous, now: 0, goes_on: false, making: first, oversleeps };
    window.run(making.iter().map(|milliseconds| milliseconds * 1000).cycle())
}

fn lines(state: &State) -> Vec<(&str, i64)> {
    state.cart.lines().iter().map(|line| (line.name.as_str(), line.quantity.0)).collect()
}

/// Both codes went in as scans: two lines, or a message for each, and nothing in any field.
fn assert_both_scanned(state: &State, focus: Focus, case: &str) {
    assert_eq!(state.search.text, "", "{case}");
    assert_eq!(state.search.notice, None, "{case}");
    match focus {
        Focus::Search | Focus::Nowhere => {
            assert_eq!(
                lines(state),
                [("Leite integral 1 L", 1000), ("Arroz agulhinha tipo 1 5 kg", 1000)],
                "{case}"
            );
        }
        Focus::Field => {
            assert!(matches!(&state.dialog, Some(Dialog::Quantity(form)) if form.quantity == "1"), "{case}");
            let told: Vec<&str> = state.toasts.texts().collect();
            for code in [MILK, RICE] {
                assert!(told.iter().any(|text| text.contains(code)), "{case}: {told:?}");
            }
        }
    }
}

/// Every length of frames with every speed of a reader, with the first key anywhere in a frame, two scans in a row.
#[test]
fn a_scan_is_one_scan_however_slow_the_screen_is() {
    for focus in [Focus::Search, Focus::Field, Focus::Nowhere] {
        for gap in [4, 7, 11, 20] {
            for length in (5..60).step_by(6).chain((60..=600).step_by(30)) {
                for start in [1, length / 3, length - 1, 3 * length + 200] {
                    let mut all = keys(MILK, start, |_| gap);
                    let end = all.last().unwrap().0 / 1000;
                    all.extend(keys(RICE, end + gap, |_| gap));
                    let state = at_screen(focus, &[length - length / 3], &all, &[length / 3]);
                    let case = format!("{focus:?}: {gap} ms, frames of {length} ms, from {start} ms");
                    assert_both_scanned(&state, focus, &case);
                }
            }
        }
    }
}

/// Frames, each of which takes up to 600 ms with the showing.
fn frames() -> impl Strategy<Value = (i64, Vec<i64>)> {
    (0_i64..300, prop::collection::vec(5_i64..=300, 1..12))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Frames of any lengths, one after the other, and some shown later than any measure tells.
    #[test]
    fn frames_of_any_lengths_tear_no_scan(
        shown in prop::collection::vec(0_i64..300, 2..6), (_, making) in frames(), gaps in prop::collection::vec(4_i64..=20, 14), between in 4_i64..900,
        start in 0_i64..700, which in 0_usize..3
    ) {
        let focus = [Focus::Search, Focus::Field, Focus::Nowhere][which];
        let gap = |place: i64| usize::try_from(place).ok().and_then(|place| gaps.get(place)).copied().unwrap_or(4);
        let mut all = keys(MILK, start, gap);
        let end = all.last().unwrap().0 / 1000;
        all.extend(keys(RICE, end + between, gap));
        let state = at_screen(focus, &shown, &all, &making);
        assert_both_scanned(&state, focus, "");
    }

    /// A shop's own code has no check digit. Where the screen is not slow it is a scan all the same; where it is, it may
    /// be taken for typed, but then the whole of it.
    #[test]
    fn a_code_without_a_check_digit_is_a_scan_or_typed_but_never_both(
        (shown, making) in frames(), gap in 4_i64..=20, start in 0_i64..700
    ) {
        let code = "ABC-12345";
        let keyed = keys(code, start, |_| gap);
        let state = at_screen(Focus::Search, &[shown], &keyed, &making);
        prop_assert_eq!(&state.search.notice, &Some(Notice::NotFound(code.to_owned())));
        let state = at_screen(Focus::Field, &[shown], &keyed, &making);
        let told = state.toasts.texts().any(|text| text.contains(code));
        let Some(Dialog::Quantity(form)) = &state.dialog else { panic!("{:?}", state.dialog) };
        prop_assert_eq!(form.quantity.as_str(), if told { "1".to_owned() } else { format!("1{code}") });
        let quick: Vec<i64> = making.iter().map(|making| making / 6).collect();
        let state = at_screen(Focus::Field, &[shown / 6], &keyed, &quick);
        prop_assert!(state.toasts.texts().any(|text| text.contains(code)));
    }

    /// The fastest typists, at any screen: what they type is theirs.
    #[test]
    fn a_person_is_never_taken_for_a_reader(
        (shown, making) in frames(), gaps in prop::collection::vec(60_i64..250, 12), start in 0_i64..700,
        word in "[a-z0-9]{1,7}"
    ) {
        let gap = |place: i64| usize::try_from(place).ok().and_then(|place| gaps.get(place)).copied().unwrap_or(60);
        let state = at_screen(Focus::Field, &[shown], &keys(&word, start, gap), &making);
        prop_assert_eq!(state.toasts.texts().count(), 0);
        if let Some(Dialog::Quantity(form)) = &state.dialog {
            prop_assert_eq!(&form.quantity, &format!("1{word}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nor on a machine that has no processor for the window while they type.
    #[test]
    fn a_person_is_no_reader_to_a_window_that_oversleeps(
        (shown, making) in frames(), gaps in prop::collection::vec(60_i64..250, 12), start in 1_000_i64..2_000,
        word in "[a-z][a-z0-9/]{0,9}", oversleeps in 0_i64..3_000_000
    ) {
        let gap = |place: i64| usize::try_from(place).ok().and_then(|place| gaps.get(place)).copied().unwrap_or(60);
        let state = at_busy_machine(Focus::Field, oversleeps, &[shown], &keys(&word, start, gap), &making);
        prop_assert_eq!(state.toasts.texts().count(), 0);
        if let Some(Dialog::Quantity(form)) = &state.dialog {
            prop_assert_eq!(&form.quantity, &format!("1{word}"));
        }
    }
}

/// As the window was once told of them, two frames late: `1234` at some 50 ms a key, then Enter.
#[test]
fn keys_that_were_told_late_are_a_persons() {
    let mut burst = Burst::default();
    let told = |key| Stroke { from_micros: 652_000, at_micros: 730_000, key };
    for c in "1234".chars() {
        assert_ne!(burst.take(told(StrokeKey::Char(c)), 35_000), Outcome::Going, "{c}");
    }
    let end = Stroke { from_micros: 835_000, at_micros: 913_000, key: StrokeKey::End };
    assert_eq!(burst.take(end, 35_000), Outcome::Passed);
}

/// `3*` and the scan for it, in one slow frame.
#[test]
fn three_times_and_the_scan_in_one_frame_are_three() {
    let mut all: Vec<Key> = vec![(10_000, StrokeKey::Char('3')), (150_000, StrokeKey::Char('*'))];
    all.extend(keys(MILK, 300, |_| 5));
    for length in [5, 16, 100, 250, 400, 600] {
        let state = at_screen(Focus::Search, &[length / 2], &all, &[length / 2]);
        assert_eq!(lines(&state), [("Leite integral 1 L", 3000)], "{length}");
    }
}
