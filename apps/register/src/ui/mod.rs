//! Draws the state and says what the person did. Decides nothing.

mod amount_form;
mod aside;
mod cart;
mod cart_dialogs;
mod cash;
mod consent;
mod debts;
mod dialogs;
mod keys;
mod keys_page;
mod labels;
mod lock;
mod menu;
mod outbox;
mod paper;
mod pay;
mod printer;
mod product_form;
mod products;
mod receipts;
mod returns;
mod scan;
mod status_bar;
mod stock_desk;
mod stock_form;
mod stock_scan;
mod stores;
mod words;

pub use words::method as method_name;

use egui::{CentralPanel, Frame, Margin, Panel, Stroke, Ui};
use tillwatch_desk::icons;
use tillwatch_desk::sign_in::{self, Look};
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::typed_ahead;
use tillwatch_desk::widgets::{Banner, is_low};

use crate::input::Input;
use crate::people_texts::Text as PeopleText;
use crate::state::{Screen, State};
use crate::texts::Text;

/// Draws one frame and returns what the person did in it.
pub fn ui(ui: &mut Ui, state: &State) -> Vec<Input> {
    // First of all: what was typed is noted before it changes.
    let mut out: Vec<Input> = scan::read(ui.ctx(), state).into_iter().collect();
    // The next customer's goods are not part of this sale.
    typed_ahead::unfinished(ui.ctx(), state.pay.as_ref().is_some_and(|pay| pay.trouble.waiting.is_some()));
    out.extend(keys::read(ui.ctx(), state));
    let close_toast = Text::CloseToast.get(state.lang());
    let closed_toast = if let Some(lock) = &state.people.lock {
        lock::ui(ui, state, lock, &mut out);
        dialogs::leave(ui.ctx(), state, &mut out);
        state.toasts.show_above(ui.ctx(), close_toast)
    } else {
        screen(ui, state, &mut out);
        if !dialogs::leave(ui.ctx(), state, &mut out) {
            dialogs::ui(ui.ctx(), state, &mut out);
        }
        state.toasts.show(ui.ctx(), close_toast)
    };
    out.extend(closed_toast.map(Input::CloseToast));
    dialogs::focus_after_staying(ui.ctx(), state);
    if state.people.lock.is_none() && state.focus.is_some() && state.screen == Screen::Till {
        // Put first: a decision of this frame may move the focus again.
        out.insert(0, Input::Focused);
    }
    out
}

fn screen(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    match state.screen {
        Screen::SignIn => {
            unsent(ui, state);
            sign_in(ui, state, out);
        }
        Screen::ChooseStore => {
            unsent(ui, state);
            stores::ui(ui, state, out);
        }
        Screen::Till => till(ui, state, out),
    }
}

/// How much is not yet sent, where the bar of the till is not seen.
fn unsent(ui: &mut Ui, state: &State) {
    let Some((tone, text)) = words::unsettled(&state.outbox, state.lang()) else { return };
    Panel::top("unsent").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
        Banner { tone, text: &text, call: None }.show(ui);
    });
}

fn sign_in(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let look = Look {
        lang: state.lang(),
        theme: state.theme(),
        program: Text::Program.get(state.lang()),
        icon: icons::CASH_REGISTER,
    };
    let answers = sign_in::ui(ui, &state.sign_in, look);
    out.extend(answers.preferences.into_iter().map(Input::Prefer));
    out.extend(answers.inputs.into_iter().map(Input::SignIn));
}

fn till(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let palette = Palette::in_ui(ui);
    let bar = Frame::new().fill(palette.raised).inner_margin(Margin::symmetric(16, 4));
    Panel::top("status").frame(bar).exact_size(44.0).show(ui, |ui| status_bar::ui(ui, state, out));
    if state.is_demo() && !is_low(ui) {
        Panel::top("demo").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
            Banner { tone: Tone::Info, text: Text::Demo.get(state.lang()), call: None }.show(ui);
        });
    }
    if let Some(ahead) = state.offline.clock_off() {
        Panel::top("clock").frame(Frame::new()).show_separator_line(false).show(ui, |ui| {
            let text = PeopleText::clock_off(ahead, state.lang());
            Banner { tone: Tone::Attention, text: &text, call: None }.show(ui);
        });
    }
    if let Some(confirmation) = &state.confirmation {
        let calm = Frame::new().inner_margin(Margin::symmetric(24, if is_low(ui) { 4 } else { 12 }));
        let tone = if confirmation.number.is_some() { Tone::Good } else { Tone::Attention };
        Panel::top("confirmation").frame(calm.fill(palette.soft(tone))).show(ui, |ui| {
            pay::confirmation(ui, state.lang(), confirmation);
            receipts::offer(ui, state, out);
        });
    }
    // Half of a narrow window, so that the list beside it can still be read.
    let width = (ui.available_width() * 0.36).clamp(360.0, 480.0).min(ui.available_width() * 0.48);
    let margin = if is_low(ui) { Margin::symmetric(16, 8) } else { Margin::same(16) };
    let side = Frame::new().fill(palette.raised).inner_margin(margin);
    Panel::right("cart").frame(side).resizable(false).exact_size(width).show(ui, |ui| match &state.pay {
        Some(form) => pay::ui(ui, state, form, out),
        None => cart::ui(ui, state, out),
    });
    let ground =
        Frame::new().fill(palette.surface).stroke(Stroke::NONE).inner_margin(Margin::symmetric(16, 12));
    CentralPanel::default().frame(ground).show(ui, |ui| {
        if state.pay.is_some() {
            ui.disable();
        }
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        products::ui(ui, state, out);
    });
}
