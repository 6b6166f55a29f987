//! What the till tells of itself beside its pulse.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::samples::{NOW, happened};
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::pulse::{About, Beat, Beating};
use tillwatch_register::{State, samples, update};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::PaymentMethod;
use tillwatch_shared::time::SECOND;

fn told(state: &mut State, seconds: i64) -> Vec<About> {
    let moment = Moment { at: NOW.plus(seconds * SECOND), fresh: CommandId::now() };
    let effects = update(state, Input::Tick, moment);
    let about = |effect: &Effect| {
        let Effect::TellAbout(name, about) = effect else { return None };
        assert_eq!(Some(name), state.pulse.name.as_ref());
        Some(*about)
    };
    effects.iter().filter_map(about).collect()
}

fn beat(state: &mut State, beating: Beating) {
    let name = state.pulse.name.clone().unwrap();
    happened(state, Event::Pulse { name, beat: Beat { beating, ..Beat::default() } });
}

#[test]
fn what_waits_is_told_when_it_changes_and_each_minute() {
    let mut state = samples::till(Settings::default());
    assert_eq!(told(&mut state, 0), [], "the pulse begins");
    assert_eq!(told(&mut state, 1), [], "there is no link yet");
    beat(&mut state, Beating::Online);
    let none = About { unsent: 0, refused: 0 };
    assert_eq!(told(&mut state, 2), [none]);
    assert_eq!(told(&mut state, 3), []);
    samples::take(&mut state, Input::OpenPay);
    samples::take(&mut state, Input::PayMethod(PaymentMethod::Cash));
    samples::take(&mut state, Input::Form(FormInput::Text(Part::Amount, "100".to_owned())));
    samples::take(&mut state, Input::Submit);
    let one = About { unsent: u32::try_from(state.outbox.unsent()).unwrap(), refused: 0 };
    assert_ne!(one, none);
    assert_eq!(told(&mut state, 4), [], "a sale that is on its way is not told with each sale");
    assert_eq!(told(&mut state, 7), [one]);
    assert_eq!(told(&mut state, 8), []);
    assert_eq!(told(&mut state, 56), []);
    assert_eq!(told(&mut state, 57), [one], "at least once a minute");
    assert_eq!(told(&mut state, -600), [one], "although the clock was set back");

    beat(&mut state, Beating::Waiting);
    assert_eq!(told(&mut state, 700), [], "nobody would hear it");
    beat(&mut state, Beating::Online);
    assert_eq!(told(&mut state, 701), [one], "the server may be another one");
}
