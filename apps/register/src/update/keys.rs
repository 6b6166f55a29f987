//! The page of keys, and giving another key to an action.

use tillwatch_desk::keys::Chord;

use super::open;
use crate::action::Action;
use crate::input::KeysInput;
use crate::state::keys::{KeyComplaint, Keymap, KeysForm};
use crate::state::{Dialog, State};

pub fn show(state: &mut State) {
    open(state, Dialog::Keys(KeysForm::default()));
}

pub fn take(state: &mut State, input: KeysInput) {
    let Some(Dialog::Keys(form)) = &mut state.dialog else { return };
    match input {
        KeysInput::Change(action) => *form = KeysForm { changing: Some(action), complaint: None },
        KeysInput::Stop => *form = KeysForm::default(),
        KeysInput::Defaults => {
            *form = KeysForm::default();
            state.settings.keys.clear();
            renew(state);
        }
        KeysInput::Pressed(chord) => {
            let Some(action) = form.changing else { return };
            form.complaint = refusal(&state.keys, action, chord);
            if form.complaint.is_none() {
                *form = KeysForm::default();
                state.settings.keys.insert(action.name().to_owned(), chord.to_string());
                renew(state);
            }
        }
    }
}

fn refusal(keys: &Keymap, action: Action, chord: Chord) -> Option<KeyComplaint> {
    if !chord.may_be_given() {
        return Some(KeyComplaint::NotThis(chord));
    }
    let owner = keys.owner(chord).filter(|owner| *owner != action);
    owner.map(|owner| KeyComplaint::Taken(chord, owner))
}

fn renew(state: &mut State) {
    state.keys = Keymap::of(&state.settings.keys);
    state.settings_dirty = true;
}
