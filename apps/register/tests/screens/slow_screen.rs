//! A reader at the real screens when the frames are slow: keys with true times, told with the frame that they waited
//! for. Every length and speed is tried without the window, in the tests of the decisions.

use egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::toasts::Toasts;
use tillwatch_register::input::Input;
use tillwatch_register::samples;
use tillwatch_register::state::Dialog;
use tillwatch_register::state::forms::Part;

use crate::common::Window;
use crate::{desk, key};

const MILK: &str = "7896036090244";
const RICE: &str = "7891000315507";

fn press(key: Key, pressed: bool) -> Event {
    Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
}

/// Whether the next frame comes only when something happens.
pub fn sleeps(harness: &Window<'_>) -> bool {
    harness.output().viewport_output.values().all(|viewport| !viewport.repaint_delay.is_zero())
}

/// Frames until nothing moves; the time then, in seconds.
pub fn asleep(harness: &mut Window<'_>) -> f64 {
    let mut now = harness.ctx.input(|input| input.time);
    for _ in 0..200 {
        if sleeps(harness) {
            return now;
        }
        now += 0.1;
        harness.input_mut().time = Some(now);
        harness.step();
    }
    panic!("something moves for ever");
}

/// A key pressed, what it writes, and the key let go.
pub fn stroke(key: Option<Key>, c: Option<char>) -> Vec<Event> {
    let down = key.map(|key| press(key, true)).into_iter();
    let up = key.map(|key| press(key, false));
    down.chain(c.map(|c| Event::Text(c.to_string()))).chain(up).collect()
}

/// The events of a code and its end.
fn events(code: &str) -> Vec<Vec<Event>> {
    let key_of = |c: char| Key::from_name(&c.to_uppercase().to_string());
    code.chars().map(|c| stroke(key_of(c), Some(c))).chain([stroke(Some(Key::Enter), None)]).collect()
}

/// Keys 8 ms apart, two codes in a row, in frames of `length` milliseconds; `first` of them wake the window.
fn scans(harness: &mut Window<'_>, length: u16, first: usize) {
    let mut keys = [events(MILK), events(RICE)].concat().into_iter();
    let begin = harness.ctx.input(|input| input.time) + 2.0;
    let (mut frame, mut sent) = (0, 0);
    while keys.len() > 0 {
        harness.input_mut().time = Some(begin + f64::from(frame) * f64::from(length) / 1000.0);
        let until_this = (frame > 0).then_some(f32::from(length) / 1000.0);
        harness.state_mut().state.reader.last_frame_took(Some(0.004), until_this);
        let came = first + usize::from(frame * length / 8);
        harness.input_mut().events.extend(keys.by_ref().take(came - sent).flatten());
        sent = came;
        harness.step();
        frame += 1;
    }
    harness.input_mut().time = None;
    harness.run_steps(4);
}

fn lines(harness: &Window<'_>) -> usize {
    harness.state().state.cart.lines().len()
}

/// Of frames, in milliseconds.
const LENGTHS: [u16; 5] = [16, 50, 90, 300, 600];

#[test]
fn two_scans_in_a_row_are_two_lines_at_any_speed_of_the_screen() {
    let mut harness = desk(samples::till(Settings::default()));
    for (length, first) in LENGTHS.into_iter().zip([1, 5, 2, 1, 3]) {
        harness.state_mut().state.cart.clear();
        scans(&mut harness, length, first);
        let case = format!("{length} ms, {first} keys in the first frame");
        assert_eq!(harness.state().state.search.text, "", "{case}");
        assert_eq!(lines(&harness), 2, "{case}");
        let search = harness.get_by_role_and_label(Role::TextInput, "Produto ou código");
        assert!(search.is_focused(), "{case}");
    }
}

#[test]
fn no_field_keeps_a_digit_at_any_speed_of_the_screen() {
    let mut harness = desk(samples::till(Settings::default()));
    let before = lines(&harness);
    key(&mut harness, Key::F4);
    for (length, first) in LENGTHS.into_iter().zip([3, 1, 1, 2, 1]) {
        harness.state_mut().state.toasts = Toasts::default();
        scans(&mut harness, length, first);
        let case = format!("{length} ms, {first} keys in the first frame");
        let state = &harness.state().state;
        assert!(
            matches!(&state.dialog, Some(Dialog::Quantity(form)) if form.quantity == "0,450"),
            "{case}: {:?}",
            state.dialog
        );
        assert_eq!(state.toasts.texts().count(), 2, "{case}");
        assert_eq!(lines(&harness), before, "{case}");
    }
}

/// What a person types just after a scan waits for the frame in which the field is empty again.
#[test]
fn what_is_typed_after_a_scan_in_the_same_frame_stands_alone() {
    let mut state = samples::till(Settings::default());
    state.cart.clear();
    let mut harness = desk(state);
    let mut keys = events(MILK);
    keys.extend(events("caf").into_iter().take(3));
    let rest = keys.split_off(6);
    let now = harness.ctx.input(|input| input.time) + 2.0;
    for (time, keys) in [(now, keys), (now + 0.3, rest)] {
        harness.input_mut().time = Some(time);
        harness.input_mut().events.extend(keys.into_iter().flatten());
        harness.step();
    }
    harness.input_mut().time = None;
    harness.run_steps(4);
    assert_eq!(lines(&harness), 1);
    assert_eq!(harness.state().state.search.text, "caf");
}

/// On a slow screen the line takes the focus after a scan in the same frame in which the next key is typed.
#[test]
fn what_is_typed_as_the_line_takes_the_focus_stands_in_order() {
    for there in ["", "lei"] {
        let mut harness = desk(samples::till(Settings::default()));
        samples::take(&mut harness.state_mut().state, Input::Search(there.to_owned()));
        harness.state_mut().state.focus = Some(Part::Search);
        for key in ["3", "*", "7"] {
            harness.event(Event::Text(key.to_owned()));
            harness.step();
        }
        assert_eq!(harness.state().state.search.text, "3*7", "after {there:?}");
    }
}
