//! Which dialog is open, and the small ones: quantity, cancelling, leaving.

use egui::{Context, Id};
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

/// Asks before the window closes, over whatever is open: that stays as it is. `true` while it asks.
pub fn leave(ctx: &Context, state: &State, out: &mut Vec<Input>) -> bool {
    if !state.asks_to_leave {
        return false;
    }
    let focused = ctx.memory(egui::Memory::focused);
    ctx.data_mut(|data| {
        data.get_temp_mut_or_insert_with(focus_before(), || focused);
    });
    let lang = state.lang();
    let panel = Panel { id: "leave", title: Text::LeaveTitle.get(lang), width: 480.0, lang };
    let answer = panel.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        for text in left_behind(state) {
            ui.label(text);
        }
        ui.add_space(tokens::SPACE_4);
        if widgets::primary_button(ui, Text::Stay.get(lang), Some("Esc"), ButtonSize::Wide, true).clicked() {
            out.push(Input::Close);
        }
        if widgets::danger_button(ui, Text::LeaveAnyway.get(lang), None, ButtonSize::Wide).clicked() {
            out.push(Input::CloseAnyway);
        }
    });
    if answer.closed {
        out.push(Input::Close);
    }
    true
}

fn focus_before() -> Id {
    Id::unique("focus-before-leaving")
}

/// The person stays: the focus is where it was. Comes after what has it, which the question kept from it until now.
pub fn focus_after_staying(ctx: &Context, state: &State) {
    if state.asks_to_leave {
        return;
    }
    if let Some(focused) = ctx.data_mut(|data| data.remove_temp::<Option<Id>>(focus_before())).flatten() {
        ctx.memory_mut(|memory| memory.request_focus(focused));
    }
}

/// What is not settled, and what becomes of it.
fn left_behind(state: &State) -> Vec<String> {
    let lang = state.lang();
    if state.outbox.is_empty() {
        return vec![Text::AllSent.get(lang).to_owned()];
    }
    let (unsent, rejected) = (state.outbox.unsent(), state.outbox.rejected());
    let unsent = (unsent > 0).then(|| Text::LeaveText.with(lang, &[("n", &unsent)]));
    let refused = words::refused(rejected, lang);
    let refused = (rejected > 0).then(|| Text::LeaveRefused.with(lang, &[("refused", &refused)]));
    unsent.into_iter().chain(refused).collect()
}
