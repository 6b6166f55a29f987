//! Controls with which pages filter their rows: one store or all, and a search.

use egui::{ComboBox, RichText, Ui, Vec2};
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{icons, widgets};
use tillwatch_shared::StoreId;

use super::{Screen, keyboard};
use crate::texts::Text;

/// What was picked now.
#[derive(Clone, Copy, Debug)]
pub enum StoreChoice {
    All,
    One(StoreId),
}

impl StoreChoice {
    pub const fn store(self) -> Option<StoreId> {
        match self {
            Self::All => None,
            Self::One(store) => Some(store),
        }
    }
}

/// A choice of one store or all. The answer is the new choice, if it changed now.
pub fn store_choice(ui: &mut Ui, screen: &Screen<'_>, chosen: Option<StoreId>) -> Option<StoreChoice> {
    let all = screen.text(Text::AllStores);
    let name = chosen.map_or(all, |id| screen.state.store_name(id));
    let mut picked = None;
    let answer = ComboBox::from_id_salt("store")
        .width(180.0)
        .selected_text(widgets::cut_middle(name, 24).into_owned())
        .show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), all).clicked() {
                picked = Some(StoreChoice::All);
            }
            for store in screen.state.stores() {
                let name = widgets::cut_middle(&store.name, 48).into_owned();
                if ui.selectable_label(chosen == Some(store.id), name).clicked() {
                    picked = Some(StoreChoice::One(store.id));
                }
            }
        });
    answer.response.accessible_name(format!("{}: {name}", screen.text(Text::Store)));
    picked
}

/// The search field of a page. The answer is the new text, if it changed now.
pub fn search(ui: &mut Ui, screen: &Screen<'_>, text: &str, hint: Text) -> Option<String> {
    search_for(ui, screen, text, screen.text(hint))
}

pub fn search_for(ui: &mut Ui, screen: &Screen<'_>, text: &str, hint: &str) -> Option<String> {
    let palette = Palette::in_ui(ui);
    let mut edited = text.to_owned();
    let edit = egui::TextEdit::singleline(&mut edited)
        .id(keyboard::search_id(ui.ctx()))
        .hint_text(RichText::new(format!("{} {hint}", icons::MAGNIFYING_GLASS)).color(palette.text_weak))
        .align(egui::Align2::LEFT_CENTER)
        .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT))
        .char_limit(tillwatch_shared::limits::NAME_CHARS)
        .desired_width(250.0);
    let response = ui.add(edit).accessible_name(screen.text(Text::Search));
    if response.has_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
        edited.clear();
    }
    (edited != text).then_some(edited)
}
