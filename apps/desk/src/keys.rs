//! Keys: taking a shortcut before a text field sees it, and the page that lists them (F1).

use std::fmt;

use egui::{Context, Event, Key, Modifiers};

use crate::settings::Preference;

/// Takes `key`, pressed alone, out of this frame's input.
pub fn pressed(ctx: &Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}

/// Takes Ctrl (⌘ on a Mac) and `key` out of this frame's input.
pub fn command_pressed(ctx: &Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key))
}

/// A key with what is held down with it, written `F4`, `Ctrl+E`, `Ctrl+Shift+E`. Ctrl is ⌘ on a Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    pub key: Key,
    pub command: bool,
    pub shift: bool,
}

impl Chord {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (command, text) = match text.strip_prefix("Ctrl+") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (shift, text) = match text.strip_prefix("Shift+") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let key = if text == "Del" { Some(Key::Delete) } else { Key::from_name(text) };
        key.map(|key| Self { key, command, shift })
    }

    /// Whether something may be done by it: a key that writes, moves, copies or zooms is spoken for.
    pub fn may_be_given(self) -> bool {
        let name = self.key.name();
        let is_function = name
            .strip_prefix('F')
            .is_some_and(|number| number.parse().is_ok_and(|n: u8| (1..=24).contains(&n)));
        let is_letter = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let edits = matches!(self.key, Key::A | Key::C | Key::V | Key::X);
        let alone = matches!(self.key, Key::Delete | Key::Insert) && !self.command && !self.shift;
        alone || is_function || (self.command && is_letter && !edits)
    }

    /// Takes it out of this frame's input, if it was pressed with nothing else held down.
    pub fn taken(self, ctx: &Context) -> bool {
        ctx.input_mut(|input| {
            let before = input.events.len();
            input.events.retain(|event| Self::of(event) != Some(self));
            input.events.len() < before
        })
    }

    /// Takes the first key of this frame, with what was held down with it.
    pub fn take_any(ctx: &Context) -> Option<Self> {
        ctx.input_mut(|input| {
            let chord = input.events.iter().filter_map(Self::of).find(|chord| !is_modifier(chord.key));
            input.events.retain(|event| !matches!(event, Event::Key { .. } | Event::Text(_)));
            chord
        })
    }

    fn of(event: &Event) -> Option<Self> {
        let Event::Key { key, pressed: true, modifiers, .. } = event else { return None };
        let chord = Self { key: *key, command: modifiers.command, shift: modifiers.shift };
        Some(chord).filter(|_| !modifiers.alt)
    }
}

/// A key that does nothing by itself.
pub const fn is_modifier(key: Key) -> bool {
    matches!(
        key,
        Key::ShiftLeft
            | Key::ShiftRight
            | Key::ControlLeft
            | Key::ControlRight
            | Key::AltLeft
            | Key::AltRight
            | Key::SuperLeft
            | Key::SuperRight
    )
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = if self.command { "Ctrl+" } else { "" };
        let shift = if self.shift { "Shift+" } else { "" };
        let key = if self.key == Key::Delete { "Del" } else { self.key.name() };
        write!(f, "{command}{shift}{key}")
    }
}

/// Ctrl + plus, minus and 0 ask for another zoom.
pub fn zoom(ctx: &Context) -> Option<Preference> {
    if command_pressed(ctx, Key::Plus) || command_pressed(ctx, Key::Equals) {
        return Some(Preference::ZoomIn);
    }
    if command_pressed(ctx, Key::Minus) {
        return Some(Preference::ZoomOut);
    }
    command_pressed(ctx, Key::Num0).then_some(Preference::ZoomReset)
}

/// One line of the page of keys.
#[derive(Clone, Copy, Debug)]
pub struct KeyLine<'a> {
    pub key: &'a str,
    pub does: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_as_they_are_written() {
        for text in ["F1", "F12", "Del", "Insert", "Ctrl+E", "Ctrl+Shift+E", "Shift+F4", "Ctrl+F2"] {
            let chord = Chord::parse(text).unwrap();
            assert_eq!(chord.to_string(), text);
            assert!(chord.may_be_given(), "{text}");
        }
        for text in ["A", "Ctrl+C", "Ctrl+0", "Enter", "Tab", "Esc", "Space", "Ctrl+Down", "Ctrl+Del", "1"] {
            assert!(!Chord::parse(text).unwrap().may_be_given(), "{text}");
        }
        for text in ["", "Ctrl+", "Ctrl", "F99", "Shift+Ctrl+E"] {
            assert_eq!(Chord::parse(text), None, "{text}");
        }
    }
}
