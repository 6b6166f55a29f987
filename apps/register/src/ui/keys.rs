//! The keyboard: which key is which input, before any field sees it.

use egui::{Context, Key, Modifiers};
use tillwatch_desk::Lang;
use tillwatch_desk::keys::{Chord, KeyLine, pressed, zoom};

use tillwatch_shared::api::PaymentMethod;

use super::{cart_dialogs, cash, debts, pay, stock_desk};
use crate::action::Action;
use crate::input::{FormInput, Input, KeysInput, ReturnsInput};
use crate::state::cash::CashInput;
use crate::state::forms::PayForm;
use crate::state::returns::{ReturnForm, ReturnPart, Step};
use crate::state::{Dialog, Screen, State};
use crate::texts::Text;

/// Rows that Page up and Page down move.
const PAGE: isize = 10;

pub fn read(ctx: &Context, state: &State) -> Vec<Input> {
    let mut out: Vec<Input> = zoom(ctx).map(Input::Prefer).into_iter().collect();
    if state.people.lock.is_some() || state.asks_to_leave {
        return out;
    }
    match state.screen {
        Screen::SignIn => {}
        Screen::ChooseStore => choose_store(ctx, state, &mut out),
        Screen::Till => till(ctx, state, &mut out),
    }
    out
}

fn till(ctx: &Context, state: &State, out: &mut Vec<Input>) {
    let changing = matches!(&state.dialog, Some(Dialog::Keys(form)) if form.changing.is_some());
    if !changing {
        actions(ctx, state, out);
    }
    match (&state.dialog, &state.pay) {
        (Some(dialog), _) => in_dialog(ctx, state, dialog, out),
        (None, Some(pay)) => paying(ctx, state, pay, out),
        (None, None) => selling(ctx, out),
    }
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

fn in_dialog(ctx: &Context, state: &State, dialog: &Dialog, out: &mut Vec<Input>) {
    let same = |action| state.keys.chord(action).is_some_and(|chord| chord.taken(ctx));
    match dialog {
        Dialog::Keys(form) if form.changing.is_some() => change_key(ctx, out),
        Dialog::Entry(form) if form.product.is_none() => move_hit(ctx, out),
        Dialog::Stock(form) => stock_desk::keys(ctx, state, form, out),
        Dialog::Amount(_) => move_hit(ctx, out),
        Dialog::Cart(dialog) => cart_dialogs::keys(ctx, state, dialog, out),
        Dialog::Cash(form) => cash::keys(ctx, state, form, out),
        Dialog::Return(form) => returning(ctx, form, out),
        Dialog::Debts(form) => debts::keys(ctx, form, out),
        Dialog::Keys(_) if same(Action::Keys) => out.push(Input::Close),
        Dialog::Menu if same(Action::Menu) => out.push(Input::Close),
        Dialog::Entry(_)
        | Dialog::Keys(_)
        | Dialog::Menu
        | Dialog::Product(_)
        | Dialog::Quantity(_)
        | Dialog::Reader(_)
        | Dialog::Outbox(_)
        | Dialog::CancelSale
        | Dialog::Receipts(_) => {}
    }
}

/// Rows of the list, lines of the sale; all of a line, what becomes of it, all of the sale.
fn returning(ctx: &Context, form: &ReturnForm, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if pressed(ctx, key) {
            out.push(Input::Returns(ReturnsInput::Move(by)));
        }
    }
    let Step::Lines(lines) = &form.step else { return };
    if pressed(ctx, Key::F9) {
        out.push(Input::Returns(ReturnsInput::All));
    }
    let ReturnPart::Line(line) = form.at else { return };
    if pressed(ctx, Key::F4) {
        out.push(Input::Returns(ReturnsInput::Whole(line)));
    }
    if pressed(ctx, Key::F6) {
        let restock = lines.lines.get(line).is_some_and(|chosen| !chosen.restock);
        out.push(Input::Returns(ReturnsInput::Restock(line, restock)));
    }
}

/// Whatever is pressed now is the new key; Escape gives up.
fn change_key(ctx: &Context, out: &mut Vec<Input>) {
    let pressed = Chord::take_any(ctx);
    out.extend(pressed.map(|chord| {
        Input::Keys(if chord.key == Key::Escape { KeysInput::Stop } else { KeysInput::Pressed(chord) })
    }));
}

fn move_hit(ctx: &Context, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if pressed(ctx, key) {
            out.push(Input::Form(FormInput::MoveHit(by)));
        }
    }
}

fn paying(ctx: &Context, state: &State, pay: &PayForm, out: &mut Vec<Input>) {
    if pressed(ctx, Key::Escape) {
        out.push(Input::Close);
    }
    if state.keys.chord(Action::Cash).is_some_and(|chord| chord.taken(ctx)) {
        out.push(Input::Cash(CashInput::Open));
    }
    if pay.method.is_none_or(|method| method == PaymentMethod::Cash) {
        for (key, _, note) in pay::NOTES {
            if pressed(ctx, key) {
                out.push(Input::PayNote(note));
            }
        }
    }
    if pay.method.is_some() {
        return;
    }
    let keys = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
    for (key, method) in keys.into_iter().zip(PaymentMethod::ALL) {
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

fn selling(ctx: &Context, out: &mut Vec<Input>) {
    if pressed(ctx, Key::Escape) {
        out.push(Input::Close);
    }
    moves(ctx, out);
}

/// The keys of the actions that are heard now.
fn actions(ctx: &Context, state: &State, out: &mut Vec<Input>) {
    let heard = Action::ALL.iter().filter(|action| action.when().holds(state));
    let taken = heard.filter(|action| state.keys.chord(**action).is_some_and(|chord| chord.taken(ctx)));
    out.extend(taken.map(|action| action.input()));
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

/// What the page of keys lists beside the actions.
pub fn fixed(lang: Lang) -> Vec<KeyLine<'static>> {
    let lines = [
        ("Enter", Text::KeyEnter),
        ("3*…", Text::KeyStar),
        ("↑ ↓", Text::KeyArrows),
        ("Ctrl ↑ ↓", Text::KeyCtrlArrows),
        ("1–5", Text::KeyMethods),
        ("Ctrl + − 0", Text::KeyZoom),
        ("Esc", Text::KeyEsc),
    ];
    lines.into_iter().map(|(key, does)| KeyLine { key, does: does.get(lang) }).collect()
}
