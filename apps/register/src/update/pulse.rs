//! The pulse runs while somebody works at the till, under the names of the store and the till.

use tillwatch_shared::pulse;

use crate::input::Effect;
use crate::state::pulse::Beat;
use crate::state::{Screen, State};
use crate::texts::Text;

/// Starts, renames or ends it as the screen asks for.
pub fn tick(state: &mut State) -> Vec<Effect> {
    let wanted = wanted(state);
    if wanted == state.pulse.name {
        return Vec::new();
    }
    state.pulse.name.clone_from(&wanted);
    state.pulse.beat = Beat::default();
    vec![Effect::Pulse(wanted)]
}

fn wanted(state: &State) -> Option<String> {
    let store = match state.screen {
        Screen::SignIn => None,
        Screen::ChooseStore | Screen::Till if state.offline.signed_in_here.is_some() => None,
        Screen::ChooseStore | Screen::Till => state.store.as_ref(),
    };
    let till = state.settings.till.as_deref().unwrap_or(Text::DefaultTill.get(tillwatch_desk::Lang::Pt));
    store.map(|store| pulse::fit_name(&format!("{} / {till}", store.name)))
}

pub fn beat(state: &mut State, name: &str, beat: Beat) {
    if state.pulse.name.as_deref() == Some(name) {
        state.pulse.beat = beat;
    }
}
