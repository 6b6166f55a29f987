//! Every decision of the register: `update(state, input, moment) -> effects`, pure, one file per concern.

mod amount;
mod carts;
pub mod cash;
pub mod consent;
pub mod corrections;
pub mod debts;
pub mod discounts;
mod forms;
mod keys;
pub mod labels;
mod outbox;
mod pay;
mod people;
mod pulse;
pub mod receipts;
mod returns;
mod scan;
mod session;
mod sold;
pub mod stock;
mod sync;
mod till;

pub use forms::may_change_products;
pub use returns::today;
pub use till::refusal;
use tillwatch_desk::clock::Moment;

use tillwatch_shared::api::StockEntryKind;

use crate::input::{Effect, Event, Input, ReturnsInput};
use crate::state::carts::{CartDialog, CartEvent, CartInput, Field};
use crate::state::{Dialog, Screen, State};

pub fn update(state: &mut State, input: Input, moment: Moment) -> Vec<Effect> {
    state.now = moment.at;
    if people::is_deed(&input) {
        state.people.active_at = moment.at;
    }
    let decided = decide(state, input, moment);
    // First, so that the till's file never lacks a sale that this window shows.
    let mut effects: Vec<Effect> = carts::keep_open(state, moment).into_iter().map(Effect::Cart).collect();
    effects.extend(decided);
    effects.extend(receipts::issue(state));
    effects.extend(receipts::after_sale(state));
    effects
}

fn decide(state: &mut State, input: Input, moment: Moment) -> Vec<Effect> {
    match input {
        Input::Start => session::start(state, moment),
        Input::Tick => tick(state, moment),
        Input::SignIn(input) => session::sign_in(state, input, moment),
        Input::Prefer(preference) => session::prefer(state, preference),
        Input::Happened(event) => happened(state, *event, moment),
        Input::Focused => then(|| state.focus = None),
        Input::CloseToast(id) => then(|| state.toasts.close(id)),

        Input::People(input) => people::input(state, input, moment),
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
        Input::Cart(input) => cart(state, input, moment),

        Input::OpenProduct => then(|| forms::open_product(state)),
        Input::EditProduct => then(|| forms::open_edit(state)),
        Input::OpenEntry => then(|| forms::open_entry(state, StockEntryKind::Receive)),
        Input::Stock(input) => stock::take(state, input, moment),
        Input::OpenQuantity => then(|| forms::open_quantity(state)),
        Input::OpenAmount => then(|| amount::open(state)),
        Input::OpenMenu => then(|| open(state, Dialog::Menu)),
        Input::OpenKeys => then(|| keys::show(state)),
        Input::OpenOutbox => then(|| outbox::show(state)),
        Input::Close => then(|| close(state)),
        Input::Form(input) => then(|| forms::typed(state, input)),
        Input::Submit => submit(state, moment),
        Input::Keys(input) => then(|| keys::take(state, input)),
        Input::Keyed(strokes) => scan::keyed(state, &strokes, moment),
        Input::OpenReader => then(|| scan::open(state)),
        Input::Reader(input) => then(|| scan::take(state, input)),

        Input::OpenPay => pay::open(state, moment),
        Input::PayMethod(method) => then(|| pay::choose(state, method)),
        Input::Cash(input) => cash::take(state, input, moment),
        Input::Debts(input) => debts::take(state, input, moment),
        Input::PayNote(note) => pay::note(state, note, moment),
        Input::TakeBackPayment => then(|| pay::take_back(state)),

        Input::Receipts(input) => receipts::take(state, input),
        Input::Returns(input) => returns::take(state, input, moment),
        Input::FindSold(find) => sold::look(state, find),

        Input::RetryParcel(command) => outbox::retry(state, command, moment),
        Input::ReturnParcel(command) => outbox::return_to_cart(state, command),
        Input::CorrectParcel(command) => corrections::correct(state, command),
        Input::AskDiscard(command) => then(|| {
            if let Some(Dialog::Outbox(form)) = &mut state.dialog {
                form.discarding = command;
            }
        }),
        Input::DiscardParcel(command) => outbox::discard(state, command),
        Input::AskClose => ask_close(state),
        Input::CloseAnyway => {
            state.leaving = true;
            vec![Effect::CloseWindow]
        }
    }
}

fn cart(state: &mut State, input: CartInput, moment: Moment) -> Vec<Effect> {
    match input {
        CartInput::OpenDiscount => then(|| discounts::open(state)),
        CartInput::OpenCustomer => then(|| discounts::open_customer(state)),
        CartInput::OpenAside => then(|| carts::open(state)),
        CartInput::Suspend => carts::put_aside(state, moment),
        CartInput::Recall(sale) => carts::recall(state, sale, moment),
        CartInput::Text(Field::Note, _) | CartInput::Row(_) | CartInput::Drop(_) | CartInput::Keep => {
            carts::typed(state, input)
        }
        CartInput::Scope(_)
        | CartInput::Kind(_)
        | CartInput::Text(Field::Discount | Field::Username | Field::Password | Field::Customer, _) => {
            then(|| discounts::typed(state, input))
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
    people::tick(state, moment);
    let mut effects = match state.screen {
        Screen::SignIn => session::sign_in(state, tillwatch_desk::sign_in::Input::Tick, moment),
        Screen::ChooseStore => Vec::new(),
        Screen::Till => sync::tick(state, moment),
    };
    effects.extend(session::reconnect(state, moment));
    effects.extend(outbox::tick(state, moment));
    effects.extend(pulse::tick(state, moment));
    if std::mem::take(&mut state.settings_dirty) {
        effects.push(Effect::SaveSettings);
    }
    effects
}

fn happened(state: &mut State, event: Event, moment: Moment) -> Vec<Effect> {
    match event {
        Event::SignIn(event) => session::happened(state, event, moment),
        Event::People(event) => people::happened(state, event, moment),
        Event::SignedInHere(known) => session::signed_in_here(state, &known, moment),
        Event::Reconnected(answer) => session::reconnected(state, answer, moment),
        Event::Products { round, items } => then(|| sync::products(state, round, items)),
        Event::Levels { round, items } => then(|| sync::levels(state, round, items)),
        Event::Loaded { round, after, place } => sync::loaded(state, round, after, place),
        Event::Resumed { round, known } => sync::resumed(state, round, known, moment),
        Event::LoadFailed { round, failure } => sync::load_failed(state, round, failure, moment),
        Event::Changes { round, answer, round_trip_micros } => {
            sync::changes(state, round, answer, round_trip_micros, moment)
        }
        Event::Pulse { name, beat } => then(|| pulse::beat(state, &name, beat)),
        Event::Kept { command, result } => outbox::kept(state, command, result, moment),
        Event::Sent { command, answer } => outbox::sent(state, command, answer, moment),
        Event::Cart(event) => match *event {
            CartEvent::NotKept(reason) => then(|| carts::not_kept(state, &reason)),
            CartEvent::Approved { command, answer } => discounts::approved(state, command, answer, moment),
        },
        Event::Debts { store, answer } => debts::answered(state, store, answer, moment),
        Event::Consent(told) => consent::answered(state, *told, moment),
        Event::HeldBack(commands) => outbox::held_back(state, &commands, moment),
        Event::Sold(found) => {
            sold::found(state, found);
            let mut effects = receipts::looked(state);
            effects.extend(returns::found_here(state));
            effects
        }
        Event::SaleFound(question, answer) => returns::found_there(state, question, answer, moment),
        Event::EarlierClose(back, closed) => then(|| cash::turned(state, back, closed)),
        Event::Receipts(event) => receipts::happened(state, event),
        Event::StockKnown { round, store, known } if round == state.feed.round => {
            stock::loaded(state, store, *known)
        }
        Event::StockKnown { .. } => Vec::new(),
    }
}

/// A dialog opens over the till, never over the pay panel or another dialog.
fn open(state: &mut State, dialog: Dialog) {
    let free = state.dialog.is_none() || matches!(state.dialog, Some(Dialog::Keys(_) | Dialog::Menu));
    if free {
        state.dialog = Some(dialog);
        state.confirmation = None;
    }
}

/// Escape goes one step back.
fn close(state: &mut State) {
    if std::mem::take(&mut state.asks_to_leave) {
        return;
    }
    if debts::back(state) || consent::back(state) {
        return;
    }
    if state.dialog.take().is_some() {
        state.focus = state.pay.is_none().then_some(crate::state::forms::Part::Search);
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
        Some(Dialog::Stock(_)) => stock::submit(state, moment),
        Some(Dialog::Quantity(_)) => then(|| forms::submit_quantity(state)),
        Some(Dialog::Amount(_)) => amount::submit(state, moment),
        Some(Dialog::Cart(CartDialog::Aside(_))) => carts::submit(state, moment),
        Some(Dialog::Cart(_)) => discounts::submit(state, moment),
        Some(Dialog::Cash(_)) => cash::take(state, crate::state::cash::CashInput::Submit, moment),
        Some(Dialog::Return(_)) => returns::take(state, ReturnsInput::Enter, moment),
        Some(Dialog::Debts(_)) => debts::submit(state, moment),
        Some(
            Dialog::Menu
            | Dialog::Keys(_)
            | Dialog::Reader(_)
            | Dialog::Outbox(_)
            | Dialog::CancelSale
            | Dialog::Receipts(_),
        ) => Vec::new(),
        None => pay::submit(state, moment),
    }
}

fn ask_close(state: &mut State) -> Vec<Effect> {
    if state.outbox.is_empty() || state.leaving {
        return vec![Effect::CloseWindow];
    }
    state.asks_to_leave = true;
    Vec::new()
}
