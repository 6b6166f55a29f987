//! Keys that come faster than frames: whatever frames they are told with, they do what they do one by one.

use egui::{Event, Key, Modifiers};
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::Effect;
use tillwatch_register::samples;
use tillwatch_register::state::cash::CashPage;
use tillwatch_register::state::outbox::Work;
use tillwatch_register::state::{Dialog, State};

use tillwatch_shared::api::PaymentMethod;

use crate::common::Window;
use crate::desk;
use crate::slow_screen::{asleep, sleeps, stroke};

/// From key to key, of a person who types fast.
const SECONDS_A_KEY: f64 = 0.11;

#[derive(Clone, Copy)]
enum Typed {
    Key(Key),
    Shift(Key),
    Control(Key),
    Text(&'static str),
}
use Typed::{Control, Shift, Text};

fn modified(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let mut events = stroke(Some(key), None);
    for event in &mut events {
        if let Event::Key { modifiers: held, .. } = event {
            *held = modifiers;
        }
    }
    events
}

/// Each key's events, as a window system tells them.
fn keys(script: &[Typed]) -> Vec<Vec<Event>> {
    let of = |typed: &Typed| match *typed {
        Typed::Key(Key::Space) => vec![stroke(Some(Key::Space), Some(' '))],
        // A digit that presses something writes, too, wherever it then may.
        Typed::Key(key) => vec![stroke(Some(key), key.name().parse().ok().filter(char::is_ascii_digit))],
        Shift(key) => vec![modified(key, Modifiers::SHIFT)],
        Control(key) => vec![modified(key, Modifiers::COMMAND | Modifiers::CTRL)],
        Text(text) => {
            text.chars().map(|c| stroke(Key::from_name(&c.to_uppercase().to_string()), Some(c))).collect()
        }
    };
    script.iter().flat_map(of).collect()
}

/// Types it, `in_frame` keys with the first frame and so on; a window that sleeps is woken by one.
fn typed(state: State, script: &[Typed], mut in_frame: impl FnMut() -> usize) -> Window<'static> {
    let mut harness = desk(state);
    let mut keys = keys(script).into_iter();
    let mut now = asleep(&mut harness) + 2.0;
    while keys.len() > 0 {
        let came: Vec<_> = keys.by_ref().take(if sleeps(&harness) { 1 } else { in_frame() }).collect();
        let took = came.iter().fold(0.0, |took, _| took + SECONDS_A_KEY);
        now += took;
        harness.input_mut().time = Some(now);
        #[expect(clippy::cast_possible_truncation, reason = "seconds")]
        harness.state_mut().state.reader.last_frame_took(Some(0.004), Some(took as f32));
        harness.input_mut().events.extend(came.into_iter().flatten());
        harness.step();
    }
    asleep(&mut harness);
    harness
}

/// What the person did, without the names that chance gave it.
fn outcome(harness: &Window<'_>) -> String {
    let held = harness.state();
    let state = &held.state;
    let lines = state.cart.lines();
    let all = format!(
        "{:#?}",
        (
            &state.dialog,
            &state.pay,
            &state.search.text,
            lines,
            &state.sign_in,
            state.store_row,
            &held.effects
        )
    );
    let is_name = |word: &str| word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4;
    all.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .map(
            |word| {
                if is_name(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) {
                    "NAME"
                } else {
                    word
                }
            },
        )
        .collect()
}

/// Numbers that look like chance, the same in each run.
fn chance(seed: usize) -> impl FnMut() -> usize {
    let mut number = seed;
    move || {
        number = number.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
        (number >> 16) % 6 + 1
    }
}

/// One by one, all at once, and in frames of any size; returns what came of it.
fn the_same_in_any_frames(state: &State, script: &[Typed]) -> Window<'static> {
    let slowly = typed(state.clone(), script, || 1);
    let wanted = outcome(&slowly);
    let at_once = outcome(&typed(state.clone(), script, || usize::MAX));
    assert_same(&at_once, &wanted, "all in one frame");
    for seed in 1..=4 {
        let got = outcome(&typed(state.clone(), script, chance(seed)));
        assert_same(&got, &wanted, &format!("seed {seed}"));
    }
    slowly
}

#[track_caller]
fn assert_same(got: &str, wanted: &str, case: &str) {
    let differs = got.lines().zip(wanted.lines()).find(|(got, wanted)| got != wanted);
    assert!(got == wanted, "{case}: first difference {differs:?}\n{got}");
}

fn kept(harness: &Window<'_>) -> Vec<Work> {
    let kept =
        |effect: &Effect| if let Effect::Keep(parcel) = effect { Some(parcel.work.clone()) } else { None };
    harness.state().effects.iter().filter_map(kept).collect()
}

#[test]
fn a_sale_is_paid() {
    let script = [Typed::Key(Key::F12), Typed::Key(Key::Num1), Text("80"), Typed::Key(Key::Enter)];
    let harness = the_same_in_any_frames(&samples::till(Settings::default()), &script);
    let [Work::Sale(sale)] = &kept(&harness)[..] else { panic!("no sale") };
    assert_eq!(sale.payments.first().map(|paid| paid.amount_cents.0), Some(8000));
}

/// Two sales one after the other, typed without looking up; each is on the disk after so many frames, and told by the
/// server after as many again. Returns the works in order, and what is in the cart at the end.
fn two_sales(frames: usize) -> (Vec<Work>, usize, String) {
    let pay = [Typed::Key(Key::F12), Typed::Key(Key::Num1), Text("200"), Typed::Key(Key::Enter)];
    let next = [Text("2*arroz"), Typed::Key(Key::Enter)];
    let script = [&pay[..], &next, &pay, &next].concat();
    let mut harness = desk(samples::till(Settings::default()));
    let mut now = asleep(&mut harness) + 2.0;
    let mut keys = keys(&script).into_iter();
    let (mut answered, mut waited) = (0, 0);
    let end = now + 60.0;
    while keys.len() > 0 || answered < 4 || !sleeps(&harness) {
        now += SECONDS_A_KEY;
        assert!(now < end, "a sale waits for ever: {answered} answers");
        harness.input_mut().time = Some(now);
        harness.input_mut().events.extend(keys.next().into_iter().flatten());
        harness.step();
        let kept = kept(&harness).len();
        waited = if answered < 2 * kept { waited + 1 } else { 0 };
        if waited > frames {
            let state = &mut harness.state_mut().state;
            if answered % 2 == 0 {
                samples::kept(state)
            } else {
                samples::sale_answer(state)
            };
            (answered, waited) = (answered + 1, 0);
        }
    }
    // The answer wakes the window.
    harness.step();
    asleep(&mut harness);
    let state = &harness.state().state;
    (kept(&harness), state.cart.lines().len(), state.search.text.clone())
}

/// The next customer's goods, typed while the sale before is put on the disk and sent, are in the next sale.
#[test]
fn what_is_typed_while_a_sale_is_kept_is_the_next_sale() {
    for frames in [0, 1, 4, 9] {
        let (works, lines, text) = two_sales(frames);
        let [Work::Sale(first), Work::Sale(second)] = &works[..] else { panic!("{frames}: {works:?}") };
        let quantity = second.lines.first().map(|line| line.quantity_thousandths.0);
        assert_eq!((first.lines.len() > 1, second.lines.len(), quantity), (true, 1, Some(2_000)), "{frames}");
        assert_eq!((lines, text.as_str()), (1, ""), "{frames}");
    }
}

/// Who looks before pressing the next key waits for no frame.
#[test]
fn a_key_after_a_pause_is_heard_in_its_frame() {
    let mut harness = desk(samples::till(Settings::default()));
    // The first closes nothing, and nothing moves after it.
    let keys = [
        (Key::Escape, None, None),
        (Key::F12, None, Some(None)),
        (Key::Num1, Some('1'), Some(Some(PaymentMethod::Cash))),
        (Key::Escape, None, Some(None)),
        (Key::Num3, Some('3'), Some(Some(PaymentMethod::Credit))),
    ];
    for (key, c, paying) in keys {
        asleep(&mut harness);
        // The last key may not have been let go of.
        let pressed = stroke(Some(key), c)
            .into_iter()
            .filter(|event| !matches!(event, Event::Key { pressed: false, .. }));
        harness.input_mut().events.extend(pressed);
        harness.step();
        assert_eq!(harness.state().state.pay.as_ref().map(|pay| pay.method), paying, "after {key:?}");
    }
}

#[test]
fn a_sale_is_split_and_a_part_taken_back() {
    let script = [
        Typed::Key(Key::F12),
        Typed::Key(Key::Num2),
        Text("10"),
        Typed::Key(Key::Enter),
        Typed::Key(Key::Backspace),
        Typed::Key(Key::Num3),
        Typed::Key(Key::Enter),
    ];
    the_same_in_any_frames(&samples::till(Settings::default()), &script);
}

#[test]
fn a_line_is_found_moved_to_and_changed() {
    let script = [
        Text("leite"),
        Typed::Key(Key::ArrowDown),
        Typed::Key(Key::Enter),
        Typed::Key(Key::F4),
        Text("12"),
        Typed::Key(Key::Enter),
        Text("2*arroz"),
        Typed::Key(Key::Enter),
    ];
    the_same_in_any_frames(&samples::till(Settings::default()), &script);
}

#[test]
fn stock_is_recorded() {
    let script = [
        Typed::Key(Key::F5),
        Typed::Key(Key::F5),
        Text("parafuso"),
        Typed::Key(Key::Enter),
        Text("50"),
        Typed::Key(Key::Enter),
    ];
    let harness = the_same_in_any_frames(&samples::till(Settings::default()), &script);
    assert!(matches!(&kept(&harness)[..], [Work::Entry(entry)] if entry.quantity_thousandths.0 == 50_000));
}

#[test]
fn the_drawer_is_counted() {
    let mut script = vec![Typed::Key(Key::F11), Typed::Key(Key::Num4), Text("1")];
    script.extend([Typed::Key(Key::Enter); 13]);
    let harness = the_same_in_any_frames(&samples::cash::working(Settings::default()), &script);
    let Some(Dialog::Cash(form)) = &harness.state().state.dialog else { panic!("no drawer") };
    assert_eq!((form.page, form.counts.first().map(String::as_str)), (CashPage::Confirm, Some("1")));
}

#[test]
fn a_product_is_made() {
    let script = [Typed::Key(Key::F3), Text("parafuso 10 mm"), Typed::Key(Key::Tab), Typed::Key(Key::Enter)];
    the_same_in_any_frames(&samples::empty(Settings::default()), &script);
}

#[test]
fn somebody_owes_and_pays_a_part() {
    let script = [
        Control(Key::F),
        Typed::Key(Key::ArrowDown),
        Typed::Key(Key::Enter),
        Text("5"),
        Typed::Key(Key::Enter),
    ];
    the_same_in_any_frames(&samples::debts::listed(Settings::default()), &script[1..]);
    the_same_in_any_frames(&samples::till(Settings::default()), &script);
}

#[test]
fn a_newcomer_signs_up() {
    let script = [
        Shift(Key::Tab),
        Typed::Key(Key::ArrowRight),
        Text("admin"),
        Typed::Key(Key::Tab),
        Text("1234"),
        Typed::Key(Key::Enter),
    ];
    let harness = the_same_in_any_frames(&samples::signed_out(Settings::default(), true), &script);
    let asked = format!("{:?}", harness.state().effects);
    assert!(asked.contains("SignUp") && asked.contains("\"admin\""), "{asked}");
}

#[test]
fn a_store_is_chosen() {
    let script = [Typed::Key(Key::ArrowDown), Typed::Key(Key::Enter)];
    let harness = the_same_in_any_frames(&samples::choosing(Settings::default()), &script);
    assert_eq!(harness.state().state.store.as_ref().unwrap().name, "MAX ATACADO Norte");
}
