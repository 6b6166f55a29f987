//! Keys: taking a shortcut before a text field sees it, and the page that lists them (F1).

use egui::{Context, Key, Modifiers};

use crate::settings::Preference;

/// Takes `key`, pressed alone, out of this frame's input.
pub fn pressed(ctx: &Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}

/// Takes Ctrl (⌘ on a Mac) and `key` out of this frame's input.
pub fn command_pressed(ctx: &Context, key: Key) -> bool {
    ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key))
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
