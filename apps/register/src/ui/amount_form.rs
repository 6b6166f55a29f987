//! The dialog for a sale of which only the amount is told.

use egui::{Context, Ui};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::widgets::{self, Dialog, Field};
use tillwatch_desk::{format, tokens};
use tillwatch_shared::Cents;

use super::{product_form, words};
use crate::input::{FormInput, Input};
use crate::state::State;
use crate::state::forms::{AmountForm, Part};
use crate::texts::Text;
use crate::when;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &AmountForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "amount", title: Text::AmountTitle.get(lang), width: 460.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y =
            if widgets::is_low(ui) { tokens::SPACE_8 } else { tokens::SPACE_12 };
        widgets::weak(ui, Text::AmountHint.get(lang));
        stores(ui, state, form, out);
        field(ui, state, form, Part::Amount, out) | field(ui, state, form, Part::When, out)
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| {
        widgets::weak(ui, &meant(state, form));
        if product_form::foot(ui, &form.trouble, Text::AmountRecord, lang) || entered {
            out.push(Input::Submit);
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

/// The store: chosen where the person works in several, else said.
fn stores(ui: &mut Ui, state: &State, form: &AmountForm, out: &mut Vec<Input>) {
    if let [only] = state.stores.as_slice() {
        widgets::strong(ui, &widgets::cut_middle(&only.name, 48));
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        ui.add_enabled_ui(form.trouble.waiting.is_none(), |ui| {
            for (row, store) in state.stores.iter().enumerate() {
                let name = widgets::cut_middle(&store.name, 48);
                let button = egui::Button::selectable(row == form.store, name.as_ref())
                    .min_size(egui::Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT));
                let response = ui.add(button).on_hover_text(&store.name).accessible_name(&store.name);
                if row == form.store && !ui.is_rect_visible(response.rect) {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    out.push(Input::Form(FormInput::PickHit(row)));
                }
            }
        });
    });
}

/// `true` when Enter was pressed in it.
fn field(ui: &mut Ui, state: &State, form: &AmountForm, part: Part, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let error = form.trouble.about(part).map(|c| words::complaint(c, Cents::ZERO, lang));
    let field = if part == Part::Amount {
        Field::new("amount-value", Text::Amount.get(lang), &form.amount).font(tokens::title(), 48.0)
    } else {
        Field::new("amount-when", Text::When.get(lang), &form.when).hint(Text::WhenHint.get(lang))
    };
    let field = field
        .right()
        .limit(20)
        .error(error.as_deref())
        .enabled(form.trouble.waiting.is_none())
        .focus(state.focus == Some(part));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(part, text))));
    answer.entered
}

/// How what was typed is understood, before it is sent.
fn meant(state: &State, form: &AmountForm) -> String {
    let lang = state.lang();
    let Some(store) = state.stores.get(form.store) else { return String::new() };
    let zone = format::zone(&store.zone);
    let at = when::parse(&form.when, state.now, &zone).map(|at| format::date_time(at, &zone));
    let amount = Cents::parse(&form.amount).ok().map(|amount| amount.to_string());
    match (amount, at) {
        (Some(amount), Some(at)) => Text::AmountMeant.with(lang, &[("amount", &amount), ("at", &at)]),
        (None, _) | (_, None) => Text::AmountKeys.get(lang).to_owned(),
    }
}
