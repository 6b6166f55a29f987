//! All decisions of the sign-in screen.

use tillwatch_shared::api::{SetUp, SignIn, SignUp};
use tillwatch_shared::time::SECOND;

use super::state::{Complaint, DemoPerson, Effect, Event, Input, Mode, Place, State};
use super::texts::Text;
use crate::Lang;
use crate::clock::Moment;
use crate::failure;

/// Between two questions to a server that does not answer.
const ASK_EVERY_MICROS: i64 = 5 * SECOND;
const PASSWORD_LEAST_CHARS: usize = 4;

pub fn update(state: &mut State, input: Input, moment: Moment, lang: Lang) -> Vec<Effect> {
    match input {
        Input::Open | Input::Retry => ask(state, moment, lang),
        Input::Tick => tick(state, moment, lang),
        Input::Mode(mode) => {
            state.mode = mode;
            state.focus = Some(Place::Username);
            edited(state)
        }
        Input::Text(place, text) => typed(state, place, text),
        Input::EditAddress => {
            state.address_draft = Some(state.address.clone());
            state.focus = Some(Place::Address);
            Vec::new()
        }
        Input::UseAddress => use_address(state, moment, lang),
        Input::KeepAddress => {
            state.address_draft = None;
            state.complaint = None;
            state.focus = Some(Place::Username);
            Vec::new()
        }
        Input::Submit => submit(state, moment),
        Input::Demo(person) => demo(state, person, moment),
        Input::Focused => {
            state.focus = None;
            Vec::new()
        }
        Input::Happened(event) => happened(state, event, moment),
    }
}

fn ask(state: &mut State, moment: Moment, lang: Lang) -> Vec<Effect> {
    state.asked_at = Some(moment.at);
    state.server.begin(Text::AskingServer.get(lang));
    vec![Effect::Ask { address: state.address.clone(), lang }]
}

/// A server that did not answer is asked again by itself.
fn tick(state: &mut State, moment: Moment, lang: Lang) -> Vec<Effect> {
    let due = state.asked_at.is_none_or(|at| moment.at.since(at) >= ASK_EVERY_MICROS);
    let unknown = state.server.failure().is_some() && !state.server.is_loading();
    if due && unknown && !state.busy { ask(state, moment, lang) } else { Vec::new() }
}

/// Other words are another attempt.
fn typed(state: &mut State, place: Place, text: String) -> Vec<Effect> {
    match place {
        Place::Code => state.code = text,
        Place::Username => state.username = text,
        Place::Password => state.password = text,
        Place::StoreName => state.store_name = text,
        Place::Address => {
            state.address_draft = Some(text);
            state.complaint = None;
            return Vec::new();
        }
    }
    edited(state)
}

/// Other words are another attempt.
fn edited(state: &mut State) -> Vec<Effect> {
    state.complaint = None;
    state.failure = None;
    state.unsettled = None;
    Vec::new()
}

fn use_address(state: &mut State, moment: Moment, lang: Lang) -> Vec<Effect> {
    let Some(draft) = state.address_draft.as_ref() else { return Vec::new() };
    let address = draft.trim().to_owned();
    if crate::link::servers(&address).is_empty() {
        state.complaint = Some(Complaint::Address);
        return Vec::new();
    }
    state.address = address;
    state.failure = None;
    state.unsettled = None;
    state.server = crate::remote::Remote::default();
    ask(state, moment, lang)
}

fn demo(state: &mut State, person: DemoPerson, moment: Moment) -> Vec<Effect> {
    state.mode = Mode::SignIn;
    person.username.clone_into(&mut state.username);
    person.password.clone_into(&mut state.password);
    edited(state);
    submit(state, moment)
}

fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    if state.busy {
        return Vec::new();
    }
    if let Some((complaint, place)) = complaint(state) {
        state.complaint = Some(complaint);
        state.focus = Some(place);
        return Vec::new();
    }
    let command = state.unsettled.unwrap_or(moment.fresh);
    state.unsettled = Some(command);
    state.busy = true;
    state.failure = None;
    let username = state.username.trim().to_owned();
    let password = state.password.clone();
    let device = Some(state.device.clone());
    vec![match state.mode {
        Mode::SignIn => Effect::SignIn(command, SignIn { username, password, device, till: None }),
        Mode::SignUp => Effect::SignUp(command, SignUp { username, password, device }),
        Mode::SetUp => {
            let code = state.code.trim().to_owned();
            let store_name = state.store_name.trim().to_owned();
            Effect::SetUp(command, SetUp { code, username, password, store_name, device })
        }
    }]
}

fn complaint(state: &State) -> Option<(Complaint, Place)> {
    let set_up = state.mode == Mode::SetUp;
    if set_up && state.code.trim().is_empty() {
        return Some((Complaint::CodeMissing, Place::Code));
    }
    if state.username.trim().is_empty() {
        return Some((Complaint::UsernameMissing, Place::Username));
    }
    if state.password.is_empty() {
        return Some((Complaint::PasswordMissing, Place::Password));
    }
    if state.mode != Mode::SignIn && state.password.chars().count() < PASSWORD_LEAST_CHARS {
        return Some((Complaint::PasswordShort, Place::Password));
    }
    if set_up && state.store_name.trim().is_empty() {
        return Some((Complaint::StoreNameMissing, Place::StoreName));
    }
    None
}

fn happened(state: &mut State, event: Event, moment: Moment) -> Vec<Effect> {
    match event {
        Event::Server(answer) => {
            if let Ok(server) = &answer {
                choose_mode(state, server.needs_setup);
                state.address_draft = None;
            }
            state.server.finish(answer, moment.at);
        }
        Event::BadAddress => {
            state.server = crate::remote::Remote::default();
            state.complaint = Some(Complaint::Address);
            state.address_draft.get_or_insert_with(|| state.address.clone());
            state.focus = Some(Place::Address);
        }
        Event::SignedIn(answer) => match answer {
            Ok(_) => state.signed_in(),
            Err(failure) => {
                state.busy = false;
                if !failure.outcome_unknown() {
                    state.unsettled = None;
                }
                state.focus = (!failure::is_silence(&failure)).then_some(Place::Password);
                state.failure = Some(failure);
            }
        },
    }
    Vec::new()
}

fn choose_mode(state: &mut State, needs_setup: bool) {
    match (needs_setup, state.mode) {
        (true, Mode::SignIn | Mode::SignUp) => {
            state.mode = Mode::SetUp;
            state.focus = Some(Place::Code);
        }
        (false, Mode::SetUp) => state.mode = Mode::SignIn,
        (true, Mode::SetUp) | (false, Mode::SignIn | Mode::SignUp) => {}
    }
}

#[cfg(test)]
mod tests {
    use tillwatch_shared::api::ServerInfo;
    use tillwatch_shared::{CommandId, UtcMicros};

    use super::*;
    use crate::failure::Failure;

    fn moment(at: i64) -> Moment {
        Moment { at: UtcMicros(at), fresh: CommandId::now() }
    }

    fn state() -> State {
        State::new("http://server".to_owned(), None, "test".to_owned())
    }

    fn server(needs_setup: bool) -> ServerInfo {
        ServerInfo {
            version: "1".to_owned(),
            demo: true,
            open_registration: true,
            needs_setup,
            zone: "America/Sao_Paulo".to_owned(),
            server_at: UtcMicros(0),
            readings_held: None,
        }
    }

    fn command(effects: &[Effect]) -> CommandId {
        match effects {
            [Effect::SignIn(command, _) | Effect::SignUp(command, _) | Effect::SetUp(command, _)] => *command,
            other => panic!("no attempt in {other:?}"),
        }
    }

    #[test]
    fn missing_words_are_asked_for_and_nothing_is_sent() {
        let cases = [
            (Mode::SignIn, "", "", Complaint::UsernameMissing),
            (Mode::SignIn, "admin", "", Complaint::PasswordMissing),
            (Mode::SignUp, "admin", "123", Complaint::PasswordShort),
            (Mode::SetUp, "admin", "1234", Complaint::CodeMissing),
        ];
        for (mode, username, password, expected) in cases {
            let mut state = state();
            state.mode = mode;
            state.username = username.to_owned();
            state.password = password.to_owned();
            assert!(update(&mut state, Input::Submit, moment(0), Lang::Pt).is_empty());
            assert_eq!(state.complaint, Some(expected));
            assert!(!state.busy);
        }
    }

    #[test]
    fn an_attempt_without_an_answer_is_repeated_as_the_same_command() {
        let mut state = state();
        state.username = "admin".to_owned();
        state.password = "1234".to_owned();
        state.mode = Mode::SignUp;
        let first = command(&update(&mut state, Input::Submit, moment(0), Lang::Pt));
        assert!(update(&mut state, Input::Submit, moment(1), Lang::Pt).is_empty(), "one at a time");
        let silence = Event::SignedIn(Err(Failure::TimedOut));
        update(&mut state, Input::Happened(silence), moment(2), Lang::Pt);
        let again = command(&update(&mut state, Input::Submit, moment(3), Lang::Pt));
        assert_eq!(first, again);
        update(&mut state, Input::Happened(Event::SignedIn(Err(Failure::TimedOut))), moment(4), Lang::Pt);
        update(&mut state, Input::Text(Place::Username, "ana".to_owned()), moment(5), Lang::Pt);
        let other = command(&update(&mut state, Input::Submit, moment(6), Lang::Pt));
        assert_ne!(first, other);
    }

    #[test]
    fn the_first_start_asks_for_the_code() {
        let mut state = state();
        update(&mut state, Input::Open, moment(0), Lang::Pt);
        update(&mut state, Input::Happened(Event::Server(Ok(server(true)))), moment(1), Lang::Pt);
        assert_eq!((state.mode, state.focus), (Mode::SetUp, Some(Place::Code)));
        update(&mut state, Input::Happened(Event::Server(Ok(server(false)))), moment(2), Lang::Pt);
        assert_eq!(state.mode, Mode::SignIn);
    }

    #[test]
    fn a_silent_server_is_asked_again_after_a_while() {
        let mut state = state();
        assert_eq!(update(&mut state, Input::Open, moment(0), Lang::Pt).len(), 1);
        update(&mut state, Input::Happened(Event::Server(Err(Failure::Unreachable))), moment(1), Lang::Pt);
        assert!(update(&mut state, Input::Tick, moment(SECOND), Lang::Pt).is_empty());
        assert_eq!(update(&mut state, Input::Tick, moment(5 * SECOND), Lang::Pt).len(), 1);
    }

    #[test]
    fn a_demo_person_signs_in_at_once() {
        let mut state = state();
        let person = DemoPerson { username: "12345678901", password: "1234", manager: false };
        let effects = update(&mut state, Input::Demo(person), moment(0), Lang::Pt);
        assert!(matches!(effects.as_slice(), [Effect::SignIn(_, body)] if body.username == "12345678901"));
    }

    #[test]
    fn an_empty_address_is_refused() {
        let mut state = state();
        update(&mut state, Input::EditAddress, moment(0), Lang::Pt);
        update(&mut state, Input::Text(Place::Address, " , ".to_owned()), moment(0), Lang::Pt);
        assert!(update(&mut state, Input::UseAddress, moment(0), Lang::Pt).is_empty());
        assert_eq!(state.complaint, Some(Complaint::Address));
        update(&mut state, Input::Text(Place::Address, "localhost:9".to_owned()), moment(0), Lang::Pt);
        assert_eq!(update(&mut state, Input::UseAddress, moment(0), Lang::Pt).len(), 1);
        assert_eq!(state.address, "localhost:9");
    }
}
