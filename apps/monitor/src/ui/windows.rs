//! Opening and closing windows, in the menu of the account and on the page of settings.

use egui::{Grid, Ui};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{icons, tokens};

use super::{Screen, parts};
use crate::input::User;
use crate::windows::WindowAct;
use crate::windows_texts::Text;

/// What this window offers, with its key.
fn offers(screen: &Screen<'_>) -> Vec<(Text, &'static str, WindowAct)> {
    let close = screen.state.further.map(|_| (Text::Close, "Ctrl+W", WindowAct::Close));
    let open = (Text::Open, "Ctrl+N", WindowAct::Open);
    std::iter::once(open).chain(close).collect()
}

pub fn menu(ui: &mut Ui, screen: &Screen<'_>) -> Option<WindowAct> {
    let lang = screen.lang();
    let mut chosen = None;
    for (text, key, act) in offers(screen) {
        if widgets::quiet_button(ui, text.get(lang), Some(key)).clicked() {
            chosen = Some(act);
        }
    }
    chosen
}

pub fn settings(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let card = |ui: &mut Ui| {
        widgets::weak(ui, Text::Windows.get(lang));
        ui.vertical(|ui| {
            for (text, key, act) in offers(screen) {
                let icon = if act == WindowAct::Open { icons::PLUS } else { icons::X };
                let words = format!("{icon} {}", text.get(lang));
                let button = widgets::secondary_button(ui, &words, Some(key), ButtonSize::Normal, true);
                if button.accessible_name(text.get(lang)).clicked() {
                    screen.act(User::Window(act));
                }
            }
            widgets::small_weak(ui, Text::Hint.get(lang));
        });
        ui.end_row();
    };
    parts::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let grid = Grid::new("windows").num_columns(2).min_col_width(110.0);
        grid.spacing([tokens::SPACE_24, tokens::SPACE_16]).show(ui, card);
    });
}
