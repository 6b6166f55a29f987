//! The controls and signs that both windows are built of. They draw and answer; they decide nothing.

mod buttons;
mod dialogs;
mod fields;
mod states;
mod words;

pub use buttons::{
    ButtonSize, danger_button, icon_button, key_cap, link_button, primary_button, quiet_button,
    secondary_button, segmented,
};
pub use dialogs::{Dialog, DialogAnswer, keys_dialog};
pub use fields::{Field, FieldAnswer};
pub use states::{
    Banner, Call, empty_state, error_state, is_low, is_low_window, loading, status, tone_icon, tone_shape,
};
pub use words::{cut_middle, fit_middle, icon_label, money, small_weak, strong, title, weak, width};
