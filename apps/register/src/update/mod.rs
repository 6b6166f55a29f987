//! Every decision of the register: `update(state, input, moment) -> effects`, pure, one file per concern.

mod amount;
mod forms;
mod outbox;
mod pay;
mod pulse;
mod session;
mod sync;
mod till;

pub use till::refusal;
use tillwatch_desk::clock::Moment;

use crate::input::{Effect, Event, Input};
use crate::state::{Dialog, Screen, State};

pub fn update(state: &mut State, input: Input, moment: Moment) -> Vec<Effect> {
    state.now = moment.at;
    match input {
        Input::Start => session::start(state, moment),
        Input::Tick => tick(state, moment),
        Input::SignIn(input) => session::sign_in(state, input, moment),
        Input::Prefer(preference) => session::prefer(state, preference),
        Input::Happened(event) => happened(state, *event, moment),
        Input::Focused => then(|| state.focus = None),
        Input::CloseToast(id) => then(|| state.toasts.close(id)),

        Input::StoreRow(row) => then(|| session::highlight_store(state, row)),
        Input::ChooseStore(row) => session::choose_store(state, row, moment),
        Input::ChangeStore => session::change_store(state),
        Input::SignOut => session::sign_out(state, moment),

        Input::Search(text) => then(|| till::search(state, text)),
        Input::SelectProduct(row) => then(|| till::select(state, row)),
        Input::MoveProduct(by) => then(|| till::move_selection(state, by)),
        Input::EnterLine => then(|| till::enter_line(state)),
        Input::AddProduct(row) => then(|| till::add_row(state, row)),
        Input::FocusSearch => then(|| state.focus = Some(crate::state::forms::Part::Search)),
        Input::Reload => sync::load(state, moment),
        Input::SelectLine(line) => then(|| state.cart.select(line)),
        Input::MoveLine(by) => then(|| till::move_line(state, by)),
        Input::RemoveLine => then(|| till::remove_line(state)),
        Input::UndoRemove => then(|| state.cart.undo()),
        Input::OpenCancelSale => then(|| till::open_cancel(state)),
        Input::CancelSale => then(|| till::cancel_sale(state)),

        Input::OpenProduct => then(|| forms::open_product(state)),
        Input::EditProduct => then(|| forms::open_edit(state)),
        Input::OpenEntry => then(|| forms::open_entry(state)),
        Input::OpenQuantity => then(|| forms::open_quantity(state)),
        Input::OpenAmount => then(|| amount::open(state)),
        Input::OpenMenu => then(|| open(state, Dialog::Menu)),
        Input::OpenKeys => then(|| open(state, Dialog::Keys)),
        Input::OpenOutbox => then(|| open(state, Dialog::Outbox)),
        Input::Close => then(|| close(state)),
        Input::Form(input) => then(|| forms::typed(state, input)),
        Input::Submit => submit(state, moment),

        Input::OpenPay => pay::open(state, moment),
        Input::PayMethod(method) => then(|| pay::choose(state, method)),
        Input::TakeBackPayment => then(|| pay::take_back(state)),

        Input::RetryParcel(command) => outbox::retry(state, command, moment),
        Input::ReturnParcel(command) => outbox::return_to_cart(state, command),
        Input::DiscardParcel(command) => outbox::discard(state, command),
        Input::AskClose => ask_close(state),
        Input::CloseAnyway => {
            state.leaving = true;
            vec![Effect::CloseWindow]
        }
    }
}

/// For decisions that ask nothing of the world.
fn then(decide: impl FnOnce()) -> Vec<Effect> {
    decide();
    Vec::new()
}

fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    state.toasts.tick(moment.at);
    let mut effects = match state.screen {
        Screen::SignIn => session::sign_in(state, tillwatch_desk::sign_in::Input::Tick, moment),
        Screen::ChooseStore => Vec::new(),
        Screen::Till => sync::tick(state, moment),
    };
    effects.extend(session::reconnect(state, moment));
    effects.extend(outbox::tick(state, moment));
    effects.extend(pulse::tick(state));
    if std::mem::take(&mut state.settings_dirty) {
        effects.push(Effect::SaveSettings);
    }
    effects
}

fn happened(state: &mut State, event: Event, moment: Moment) -> Vec<Effect> {
    match event {
        Event::SignIn(event) => session::happened(state, event, moment),
        Event::SignedInHere(known) => session::signed_in_here(state, &known, moment),
        Event::Reconnected(answer) => session::reconnected(state, answer, moment),
        Event::Products { round, items } => then(|| sync::products(state, round, items)),
        Event::Levels { round, items } => then(|| sync::levels(state, round, items)),
        Event::Loaded { round, after } => sync::loaded(state, round, after),
        Event::LoadFailed { round, failure } => sync::load_failed(state, round, failure, moment),
        Event::Changes { round, answer, round_trip_micros } => {
            sync::changes(state, round, answer, round_trip_micros, moment)
        }
        Event::Pulse { name, beat } => then(|| pulse::beat(state, &name, beat)),
        Event::Kept { command, result } => outbox::kept(state, command, result, moment),
        Event::Sent { command, answer } => outbox::sent(state, command, answer, moment),
        Event::HeldBack(commands) => outbox::held_back(state, &commands, moment),
    }
}

/// A dialog opens over the till, never over the pay panel or another dialog.
fn open(state: &mut State, dialog: Dialog) {
    let free = state.dialog.is_none() || matches!(state.dialog, Some(Dialog::Keys | Dialog::Menu));
    if free {
        state.dialog = Some(dialog);
        state.confirmation = None;
    }
}

/// Escape goes one step back.
fn close(state: &mut State) {
    if state.dialog.take().is_some() {
        state.focus = Some(crate::state::forms::Part::Search);
        return;
    }
    if state.pay.is_some() {
        pay::back(state);
        return;
    }
    if state.confirmation.take().is_none() && !state.toasts.close_problem() {
        till::search(state, String::new());
    }
    state.focus = Some(crate::state::forms::Part::Search);
}

fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    match &state.dialog {
        Some(Dialog::Product(_)) => forms::submit_product(state, moment),
        Some(Dialog::Entry(_)) => forms::submit_entry(state, moment),
        Some(Dialog::Quantity(_)) => then(|| forms::submit_quantity(state)),
        Some(Dialog::Amount(_)) => amount::submit(state, moment),
        Some(Dialog::Menu | Dialog::Keys | Dialog::Outbox | Dialog::CancelSale | Dialog::Leave) => Vec::new(),
        None => pay::submit(state, moment),
    }
}

fn ask_close(state: &mut State) -> Vec<Effect> {
    if state.outbox.is_empty() || state.leaving {
        return vec![Effect::CloseWindow];
    }
    state.dialog = Some(Dialog::Leave);
    Vec::new()
}
