//! Which key does what: the defaults, and what was changed on this machine.

use std::collections::BTreeMap;

use tillwatch_desk::keys::Chord;

use crate::action::Action;

/// A key for each action, no key for two of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    /// In the order of [`Action::ALL`].
    keys: Vec<Option<(Chord, String)>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::of(&BTreeMap::new())
    }
}

impl Keymap {
    /// `changed` is what the settings say. What is not understood there counts as not changed; an action whose
    /// key was given to another has none.
    pub fn of(changed: &BTreeMap<String, String>) -> Self {
        let own = |action: &Action| changed.get(action.name()).and_then(|text| Chord::parse(text));
        let mut map = Self { keys: vec![None; Action::ALL.len()] };
        for action in Action::ALL {
            map.give(*action, own(action).filter(|chord| chord.may_be_given()));
        }
        for action in Action::ALL.iter().filter(|action| own(action).is_none()) {
            map.give(*action, Chord::parse(action.default_key()));
        }
        map
    }

    fn give(&mut self, action: Action, chord: Option<Chord>) {
        let free = chord.filter(|chord| self.owner(*chord).is_none());
        if let (Some(chord), Some(place)) = (free, self.keys.get_mut(action as usize)) {
            *place = Some((chord, chord.to_string()));
        }
    }

    pub fn chord(&self, action: Action) -> Option<Chord> {
        self.keys.get(action as usize).and_then(Option::as_ref).map(|(chord, _)| *chord)
    }

    /// What a button shows as its key.
    pub fn label(&self, action: Action) -> Option<&str> {
        self.keys.get(action as usize).and_then(Option::as_ref).map(|(_, label)| label.as_str())
    }

    /// What a text says as its key.
    pub fn word(&self, action: Action) -> &str {
        self.label(action).unwrap_or("—")
    }

    /// What this key does.
    pub fn owner(&self, chord: Chord) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| self.chord(*action) == Some(chord))
    }
}

/// The page of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeysForm {
    /// The next key that is pressed is for this action.
    pub changing: Option<Action>,
    pub complaint: Option<KeyComplaint>,
}

/// Why a key was not given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyComplaint {
    /// It does something else already.
    Taken(Chord, Action),
    /// It writes, moves, or is fixed.
    NotThis(Chord),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_default_is_a_key_that_may_be_given_and_nobody_elses() {
        let map = Keymap::default();
        for action in Action::ALL {
            let chord = Chord::parse(action.default_key()).unwrap();
            assert!(chord.may_be_given(), "{chord}");
            assert_eq!((map.chord(*action), map.owner(chord)), (Some(chord), Some(*action)), "{chord}");
        }
    }

    #[test]
    fn an_own_key_wins_over_a_default_and_nonsense_is_not_a_key() {
        let changed = |pairs: &[(&str, &str)]| {
            Keymap::of(&pairs.iter().map(|(a, k)| ((*a).to_owned(), (*k).to_owned())).collect())
        };
        let map = changed(&[("Pay", "F4"), ("Menu", "nonsense"), ("Gone", "F10")]);
        assert_eq!(map.label(Action::Pay), Some("F4"));
        assert_eq!(map.label(Action::Quantity), None);
        assert_eq!(map.label(Action::Menu), Some("F10"));
        assert_eq!(changed(&[("Pay", "A")]).label(Action::Pay), None, "letters write");
    }

    proptest! {
        #[test]
        fn no_key_does_two_things(
            changed in prop::collection::btree_map(
                prop::sample::select(Action::ALL.iter().map(|a| a.name().to_owned()).collect::<Vec<_>>()),
                prop::sample::select(vec!["F1", "F4", "F12", "Ctrl+E", "Ctrl+Z", "Del", "A", "Enter", "?"]),
                0..6,
            )
        ) {
            let map = Keymap::of(&changed.into_iter().map(|(a, k)| (a, k.to_owned())).collect());
            let mut labels: Vec<_> = Action::ALL.iter().filter_map(|action| map.label(*action)).collect();
            let all = labels.len();
            labels.sort_unstable();
            labels.dedup();
            prop_assert_eq!(labels.len(), all);
        }
    }
}
