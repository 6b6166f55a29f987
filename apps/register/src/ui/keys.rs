//! The keyboard: which key is which input, before any field sees it.

use egui::{Context, Key, Modifiers};
use tillwatch_desk::Lang;
use tillwatch_desk::keys::{KeyLine, command_pressed, pressed, zoom};

use super::words;
use crate::input::{FormInput, Input};
use crate::state::{Dialog, Screen, State};
use crate::texts::Text;

/// Rows that Page up and Page down move.
const PAGE: isize = 10;

pub fn read(ctx: &Context, state: &State) -> Vec<Input> {
    let mut out: Vec<Input> = zoom(ctx).map(Input::Prefer).into_iter().collect();
    match state.screen {
        Screen::SignIn => {}
        Screen::ChooseStore => choose_store(ctx, state, &mut out),
        Screen::Till => match (&state.dialog, &state.pay) {
            (Some(dialog), _) => in_dialog(ctx, dialog, &mut out),
            (None, Some(pay)) => paying(ctx, pay.method.is_some(), &mut out),
            (None, None) => selling(ctx, state, &mut out),
        },
    }
    out
}

fn choose_store(ctx: &Context, state: &State, out: &mut Vec<Input>) {
    if pressed(ctx, Key::ArrowDown) {
        out.push(Input::StoreRow(state.store_row.saturating_add(1)));
    }
    if pressed(ctx, Key::ArrowUp) {
        out.push(Input::StoreRow(state.store_row.saturating_sub(1)));
    }
    if nothing_focused(ctx) && pressed(ctx, Key::Enter) {
        out.push(Input::ChooseStore(state.store_row));
    }
}

/// A button that has the focus takes Enter for itself.
fn nothing_focused(ctx: &Context) -> bool {
    ctx.memory(|memory| memory.focused().is_none())
}

fn in_dialog(ctx: &Context, dialog: &Dialog, out: &mut Vec<Input>) {
    match dialog {
        Dialog::Entry(form) if form.product.is_none() => move_hit(ctx, out),
        Dialog::Amount(_) => move_hit(ctx, out),
        Dialog::Keys if pressed(ctx, Key::F1) => out.push(Input::Close),
        Dialog::Menu if pressed(ctx, Key::F10) => out.push(Input::Close),
        Dialog::Entry(_)
        | Dialog::Keys
        | Dialog::Menu
        | Dialog::Product(_)
        | Dialog::Quantity(_)
        | Dialog::Outbox
        | Dialog::CancelSale
        | Dialog::Leave => {}
    }
}

fn move_hit(ctx: &Context, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if pressed(ctx, key) {
            out.push(Input::Form(FormInput::MoveHit(by)));
        }
    }
}

fn paying(ctx: &Context, typing: bool, out: &mut Vec<Input>) {
    if pressed(ctx, Key::Escape) {
        out.push(Input::Close);
    }
    if typing {
        return;
    }
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];
    for (key, method) in keys.into_iter().zip(words::METHODS) {
        if pressed(ctx, key) {
            out.push(Input::PayMethod(method));
        }
    }
    if pressed(ctx, Key::Backspace) {
        out.push(Input::TakeBackPayment);
    }
    if nothing_focused(ctx) && pressed(ctx, Key::Enter) {
        out.push(Input::Submit);
    }
}

fn selling(ctx: &Context, state: &State, out: &mut Vec<Input>) {
    let functions = [
        (Key::F1, Input::OpenKeys),
        (Key::F2, Input::FocusSearch),
        (Key::F3, Input::OpenProduct),
        (Key::F4, Input::OpenQuantity),
        (Key::F5, Input::OpenEntry),
        (Key::F6, Input::EditProduct),
        (Key::F7, Input::OpenOutbox),
        (Key::F8, Input::OpenCancelSale),
        (Key::F9, Input::OpenAmount),
        (Key::F10, Input::OpenMenu),
        (Key::F12, Input::OpenPay),
        (Key::Escape, Input::Close),
    ];
    for (key, input) in functions {
        if pressed(ctx, key) {
            out.push(input);
        }
    }
    if state.cart.can_undo() && state.search.text.is_empty() && command_pressed(ctx, Key::Z) {
        out.push(Input::UndoRemove);
    }
    if state.search.text.is_empty() && pressed(ctx, Key::Delete) {
        out.push(Input::RemoveLine);
    }
    moves(ctx, out);
}

fn moves(ctx: &Context, out: &mut Vec<Input>) {
    // With Ctrl first: a plain key matches with further modifiers, too.
    let in_cart = [(Key::ArrowDown, 1), (Key::ArrowUp, -1)];
    for (key, by) in in_cart {
        if ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key)) {
            out.push(Input::MoveLine(by));
        }
    }
    let in_list = [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, PAGE), (Key::PageUp, -PAGE)];
    for (key, by) in in_list {
        if pressed(ctx, key) {
            out.push(Input::MoveProduct(by));
        }
    }
}

/// What the page of keys lists.
pub fn help(lang: Lang) -> Vec<KeyLine<'static>> {
    let lines = [
        ("F1", Text::KeyHelp),
        ("F2", Text::KeySearch),
        ("Enter", Text::KeyEnter),
        ("3*…", Text::KeyStar),
        ("↑ ↓", Text::KeyArrows),
        ("Ctrl ↑ ↓", Text::KeyCtrlArrows),
        ("F3", Text::KeyNew),
        ("F4", Text::KeyQuantity),
        ("F5", Text::KeyEntry),
        ("F6", Text::KeyEdit),
        ("F7", Text::KeyOutbox),
        ("F8", Text::KeyCancel),
        ("F9", Text::KeyAmount),
        ("F10", Text::KeyMenu),
        ("F12", Text::KeyPay),
        ("1–4", Text::KeyMethods),
        ("Del", Text::KeyDelete),
        ("Ctrl + − 0", Text::KeyZoom),
        ("Esc", Text::KeyEsc),
    ];
    lines.into_iter().map(|(key, does)| KeyLine { key, does: does.get(lang) }).collect()
}
