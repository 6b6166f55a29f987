//! A manager's consent to a return, in the place of its lines.

use egui::Ui;
use tillwatch_desk::failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::Tone;
use tillwatch_desk::widgets::{self, Banner, ButtonSize};

use super::cart_dialogs::approval_fields;
use crate::cart_texts::Text;
use crate::input::{Input, ReturnsInput};
use crate::returns_texts::ReturnsText;
use crate::state::State;
use crate::state::carts::Refusal;
use crate::state::consent::Consent;

/// `true` when Enter was pressed in one of the fields.
pub fn ui(ui: &mut Ui, state: &State, consent: &Consent, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let name = state.person.as_ref().map_or("", |person| person.name.as_str());
    let name = widgets::cut_middle(name, 30);
    ui.label(ReturnsText::ConsentWhy.with(lang, &[("name", &name), ("total", &consent.limit)]));
    let enabled = consent.waiting.is_none();
    let fields = (consent.username.as_str(), consent.password.as_str(), enabled);
    let input = |field, text| Input::Returns(ReturnsInput::Consent(field, text));
    approval_fields(ui, state, fields, &input, out)
}

/// What stands in the way, and the buttons.
pub fn foot(ui: &mut Ui, state: &State, consent: &Consent, entered: bool, out: &mut Vec<Input>) {
    let lang = state.lang();
    let enabled = consent.waiting.is_none();
    if let Some(refusal) = &consent.refusal {
        let words = match refusal {
            Refusal::Server(why) => format!("{} {}", failure::what(why, lang), failure::hint(why, lang)),
            Refusal::Unknown => Text::ApproverUnknown.get(lang).to_owned(),
            Refusal::TooLow { name, .. } => ReturnsText::ConsentTooLow.with(lang, &[("name", name)]),
        };
        Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
    }
    if !enabled {
        let here = state.connection.is_offline() || state.offline.signed_in_here.is_some();
        let text = if here { Text::ApprovingHere } else { Text::Approving };
        widgets::loading(ui, text.get(lang));
        return;
    }
    let words = ReturnsText::Consent.with(lang, &[("total", &consent.limit)]);
    let clicked = widgets::primary_button(ui, &words, Some("Enter"), ButtonSize::Large, true).clicked();
    if clicked || entered {
        out.push(Input::Returns(ReturnsInput::Enter));
    }
    let back = ReturnsText::ConsentBack.get(lang);
    if widgets::secondary_button(ui, back, Some("Esc"), ButtonSize::Wide, true).clicked() {
        out.push(Input::Close);
    }
}
