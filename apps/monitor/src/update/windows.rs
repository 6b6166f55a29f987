//! Several windows: what one of them does that counts for all, and how a further one begins.

use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::{StoreId, UtcMicros};

use super::session_ended;
use crate::input::Effect;
use crate::layout;
use crate::state::State;
use crate::windows::{MOST, Shared, WindowAct, own, share};
use crate::windows_texts::Text;

/// A further window of the one who is signed in at the first: with the same session, and a page of its own.
pub fn further(first: &State, settings: Settings, number: u32) -> State {
    let sign_in = sign_in::State::new(first.sign_in.address.clone(), None, first.sign_in.device.clone());
    let mut state = State::new(settings, sign_in);
    state.further = Some(number);
    state.signed_in.clone_from(&first.signed_in);
    state.server.clone_from(&first.server);
    state.clock_offset = first.clock_offset;
    let stores: Vec<StoreId> = state.stores().iter().map(|store| store.id).collect();
    state.stock.open(&stores);
    state
}

pub(super) fn act(state: &mut State, act: WindowAct, effects: &mut Vec<Effect>) {
    match act {
        WindowAct::Open => {
            layout::remember(state);
            effects.push(Effect::OpenWindow(own(&state.settings.layout)));
        }
        WindowAct::Close if state.further.is_some() => effects.push(Effect::CloseWindow),
        WindowAct::Close => {}
    }
}

pub(super) fn shared(state: &mut State, shared: &Shared, now: UtcMicros, effects: &mut Vec<Effect>) {
    match shared {
        Shared::Settings(settings) => {
            share(&mut state.settings, settings);
            if state.further.is_none() {
                effects.push(Effect::Save(state.settings.clone()));
            }
        }
        Shared::SessionOver => session_ended(state),
        Shared::TooMany => {
            let text = Text::TooMany.with(state.lang(), &[("n", &MOST)]);
            state.toasts.info(text, now);
        }
    }
}
