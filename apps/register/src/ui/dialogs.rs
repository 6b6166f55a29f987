//! Which dialog is open, and the small ones: quantity, cancelling, leaving.

use egui::Context;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Dialog as Panel, Field};
use tillwatch_shared::Cents;

use super::{
    amount_form, cart_dialogs, cash, debts, keys_page, menu, outbox, product_form, receipts, returns, scan,
    stock_desk, stock_form, words,
};
use crate::input::{FormInput, Input};
use crate::state::forms::{Part, QuantityForm};
use crate::state::{Dialog, State};
use crate::texts::Text;

pub fn ui(ctx: &Context, state: &State, out: &mut Vec<Input>) {
    let Some(dialog) = &state.dialog else { return };
    let closed = match dialog {
        Dialog::Product(form) => product_form::ui(ctx, state, form, out),
        Dialog::Entry(form) => stock_form::ui(ctx, state, form, out),
        Dialog::Stock(form) => stock_desk::ui(ctx, state, form, out),
        Dialog::Quantity(form) => quantity(ctx, state, form, out),
        Dialog::Cash(form) => cash::ui(ctx, state, form, out),
        Dialog::Amount(form) => amount_form::ui(ctx, state, form, out),
        Dialog::Cart(dialog) => cart_dialogs::ui(ctx, state, dialog, out),
        Dialog::Debts(form) => debts::ui(ctx, state, form, out),
        Dialog::Return(form) => returns::ui(ctx, state, form, out),
        Dialog::Menu => menu::ui(ctx, state, out),
        Dialog::Keys(form) => keys_page::ui(ctx, state, *form, out),
        Dialog::Reader(form) => scan::page(ctx, state, form, out),
        Dialog::Outbox(form) => outbox::ui(ctx, state, *form, out),
        Dialog::CancelSale => cancel(ctx, state, out),
        Dialog::Receipts(dialog) => receipts::dialog(ctx, state, dialog, out),
        Dialog::Leave => leave(ctx, state, out),
    };
    if closed {
        out.push(Input::Close);
    }
}

fn quantity(ctx: &Context, state: &State, form: &QuantityForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let line = state.cart.lines().get(form.line);
    let name = line.map(|line| widgets::cut_middle(&line.name, 26).into_owned()).unwrap_or_default();
    let title = Text::QuantityTitle.with(lang, &[("name", &name)]);
    let panel = Panel { id: "quantity", title: &title, width: 420.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_12;
        let error = form.complaint.map(|c| words::complaint(c, Cents::ZERO, lang));
        let field = Field::new("quantity-field", Text::Quantity.get(lang), &form.quantity)
            .right()
            .limit(20)
            .font(tokens::title(), 48.0)
            .error(error.as_deref())
            .select_all()
            .focus(state.focus == Some(Part::Quantity));
        let answer = field.show(ui);
        out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::Quantity, text))));
        let words = Text::SetQuantity.get(lang);
        let clicked = widgets::primary_button(ui, words, Some("Enter"), ButtonSize::Large, true).clicked();
        if clicked || answer.entered {
            out.push(Input::Submit);
        }
    });
    answer.closed
}

fn cancel(ctx: &Context, state: &State, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let items = words::items(state.cart.lines().len(), lang);
    let text = Text::CancelText.with(lang, &[("items", &items), ("total", &state.cart.total())]);
    let panel = Panel { id: "cancel", title: Text::CancelTitle.get(lang), width: 460.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.label(text);
        ui.add_space(tokens::SPACE_12);
        let keep =
            widgets::primary_button(ui, Text::KeepSale.get(lang), Some("Enter"), ButtonSize::Wide, true);
        let enter = tillwatch_desk::keys::pressed(ui.ctx(), egui::Key::Enter)
            && !ui.memory(|m| m.focused().is_some());
        if keep.clicked() || enter {
            out.push(Input::Close);
        }
        if widgets::danger_button(ui, Text::CancelIt.get(lang), None, ButtonSize::Wide).clicked() {
            out.push(Input::CancelSale);
        }
    });
    answer.closed
}

fn leave(ctx: &Context, state: &State, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let text = Text::LeaveText.with(lang, &[("n", &state.outbox.parcels().len())]);
    let panel = Panel { id: "leave", title: Text::LeaveTitle.get(lang), width: 480.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.label(text);
        ui.add_space(tokens::SPACE_12);
        if widgets::primary_button(ui, Text::Stay.get(lang), Some("Esc"), ButtonSize::Wide, true).clicked() {
            out.push(Input::Close);
        }
        if widgets::danger_button(ui, Text::LeaveAnyway.get(lang), None, ButtonSize::Wide).clicked() {
            out.push(Input::CloseAnyway);
        }
    });
    answer.closed
}
