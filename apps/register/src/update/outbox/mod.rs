//! Sending commands, trying again under the same id, and what their outcomes mean.

mod begin;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{Problem, Product, Sale, StockEntry};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{Cents, CommandId, ProductId, UtcMicros, barcode};

pub use self::begin::{send, send_noted, send_payment, send_return};
use super::{amount, carts, cash, debts, open, pay, people, receipts, returns, session, stock, sync, till};
use crate::action::Action;
use crate::input::Effect;
use crate::state::cart::{Discount, Scope};
use crate::state::catalogue::Told;
use crate::state::forms::{Part, Trouble};
use crate::state::outbox::{Done, OutboxForm, Parcel, Stage, Work};
use crate::state::sold::SoldEffect;
use crate::state::{Confirmation, Dialog, State};
use crate::texts::Text;

/// How long a person waits for the server's answer before the next customer comes.
const PATIENCE: i64 = 2 * SECOND;

/// It is on the disk, or could not be written: then nothing happened, and the person tries again.
pub fn kept(
    state: &mut State,
    command: CommandId,
    result: Result<(), String>,
    moment: Moment,
) -> Vec<Effect> {
    match result {
        Ok(()) => {
            carts::sale_kept(state, command);
            if let Some(parcel) = state.outbox.get_mut(command) {
                parcel.stage = Stage::Waiting(None);
                let parcel = parcel.clone();
                // The disk has put the one into the other's place.
                if let Some(replaced) = parcel.replaces {
                    state.outbox.take(replaced);
                    state.cash.undo(replaced);
                }
                cash::kept(state, &parcel);
            }
            stock::kept(state, command);
            if state.connection.is_offline() {
                go_on(state, command);
            }
            flush(state, moment)
        }
        Err(reason) => {
            state.outbox.take(command);
            let text = Text::NotKept.with(state.lang(), &[("reason", &reason)]);
            state.toasts.problem(text);
            another_try(state, command, moment);
            if let Some(trouble) = waiting_trouble(state, command) {
                trouble.waiting = None;
            }
            Vec::new()
        }
    }
}

/// The cart is sold under another id, if it was this one's.
fn another_try(state: &mut State, command: CommandId, moment: Moment) {
    if pay_waits(state, command) {
        state.cart.rename_sale(moment.fresh);
    }
}

/// Sends what is due, and does not let a person wait for a server that takes its time.
pub fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    let late = |parcel: &&Parcel| {
        parcel.stage != Stage::Keeping && !(0..PATIENCE).contains(&moment.at.since(parcel.made_at))
    };
    let late: Vec<_> = state.outbox.parcels().iter().rev().take(1).filter(late).map(|p| p.command).collect();
    for command in late {
        go_on(state, command);
    }
    flush(state, moment)
}

/// What is due goes to the server, in the name of whoever did it.
pub fn flush(state: &mut State, moment: Moment) -> Vec<Effect> {
    let due = state.outbox.due(&people::senders(state, moment), moment.at);
    if due.is_empty() { Vec::new() } else { vec![Effect::Send(due)] }
}

/// The list; what told of it has been answered.
pub fn show(state: &mut State) {
    open(state, Dialog::Outbox(OutboxForm::default()));
    let words = refusal_toast(state);
    state.toasts.answered(&words);
}

fn refusal_toast(state: &State) -> String {
    Text::RejectedToast.with(state.lang(), &[("key", &state.keys.word(Action::Outbox))])
}

/// Now, because a person asks. What is under way is left alone.
pub fn retry(state: &mut State, command: CommandId, moment: Moment) -> Vec<Effect> {
    let refused = state.outbox.awaits_person(command);
    let Some(parcel) = state.outbox.get_mut(command) else { return Vec::new() };
    if !refused && !matches!(parcel.stage, Stage::Waiting(_)) {
        return Vec::new();
    }
    parcel.stage = Stage::Waiting(None);
    state.outbox.hurry();
    let mut effects = if refused { vec![Effect::Refuse(command, None)] } else { Vec::new() };
    effects.extend(flush(state, moment));
    effects
}

/// The request after which nothing more was sent is over.
pub fn held_back(state: &mut State, commands: &[CommandId], moment: Moment) -> Vec<Effect> {
    state.outbox.held_back(commands);
    flush(state, moment)
}

pub fn sent(
    state: &mut State,
    command: CommandId,
    answer: Result<Done, Failure>,
    moment: Moment,
) -> Vec<Effect> {
    match answer {
        Ok(done) => settled(state, command, done),
        Err(failure) => failed(state, command, &failure, moment),
    }
}

fn settled(state: &mut State, command: CommandId, done: Done) -> Vec<Effect> {
    let Some(parcel) = state.outbox.take(command) else { return Vec::new() };
    let awaited = waits(state, command);
    let mut effects = Vec::new();
    match done {
        Done::Product(product) => product_saved(state, &parcel, product),
        Done::Entry(entry) => entry_recorded(state, &parcel, &entry),
        Done::Stock(done) => effects.extend(stock::settled(state, awaited, &done)),
        Done::Return(back) => returns::recorded(state, &parcel, &back, awaited),
        Done::Sale(sale) => {
            receipts::told(state, &sale);
            sale_recorded(state, &parcel, &sale);
            effects.push(Effect::Sold(SoldEffect::Confirmed(sale)));
        }
        Done::CashOpened(session) => cash::opened_there(state, &session),
        Done::CashMoved => {}
        Done::DebtPaid(paid) => effects.extend(debts::recorded(state, &parcel, &paid, awaited)),
        Done::CashClosed(report) => cash::closed_there(state, &report),
    }
    if !awaited && state.outbox.is_empty() {
        state.toasts.done(Text::AllSent.get(state.lang()), state.now);
    }
    effects.push(Effect::Forget(command));
    // The balances come with the feed, so that nothing is subtracted twice.
    effects.extend(sync::nudge(state));
    effects
}

fn product_saved(state: &mut State, parcel: &Parcel, product: Product) {
    let lang = state.lang();
    let name = product.name.clone();
    let text = if matches!(parcel.work, Work::Product(_)) {
        state.catalogue.take_new(vec![product]);
        Text::ProductAdded
    } else {
        state.catalogue.take_products([product]);
        Text::ProductSaved
    };
    let key = state.keys.word(Action::Stock);
    state.toasts.done(text.with(lang, &[("name", &name), ("key", &key)]), state.now);
    if waits(state, parcel.command) {
        state.dialog = None;
        // The product stands alone in the list: the stock's key or Enter go on with it.
        till::search(state, name);
        state.focus = Some(Part::Search);
    } else {
        till::search_again(state);
    }
}

fn entry_recorded(state: &mut State, parcel: &Parcel, entry: &StockEntry) {
    let unit = entry.unit.symbol();
    let text = Text::EntryDone.with(
        state.lang(),
        &[
            ("name", &entry.product_name),
            ("quantity", &format!("{} {unit}", entry.quantity_thousandths)),
            ("balance", &format!("{} {unit}", entry.balance_after_thousandths)),
        ],
    );
    state.toasts.done(text, state.now);
    if state.store.as_ref().is_some_and(|store| store.id == entry.store_id) {
        state.catalogue.take_entry(entry, Told::AsAnswer);
    }
    if waits(state, parcel.command) {
        state.dialog = None;
        state.focus = Some(Part::Search);
    }
}

fn sale_recorded(state: &mut State, parcel: &Parcel, sale: &Sale) {
    let command = parcel.command;
    if pay_waits(state, command) {
        let (total, change) = (sale.total_cents, sale.change_cents);
        pay::next_customer(state, Confirmation { command, number: Some(sale.number), total, change });
    } else if let Some(shown) = state.confirmation.as_mut().filter(|shown| shown.command == command) {
        shown.number = Some(sale.number);
    }
    if waits(state, command) {
        state.dialog = None;
        state.focus = Some(Part::Search);
        let text = amount::done(state, sale.number, sale.total_cents, &sale.store_name);
        state.toasts.done(text, state.now);
    }
}

fn failed(state: &mut State, command: CommandId, failure: &Failure, moment: Moment) -> Vec<Effect> {
    if failure::is_silence(failure) {
        state.connection.silent(moment.at);
    }
    let sender = state.outbox.get(command).map(|parcel| parcel.person);
    if let Some(effects) = sender.and_then(|person| people::lost_mandate(state, person, failure)) {
        if let Some(parcel) = state.outbox.get_mut(command) {
            parcel.stage = Stage::Waiting(Some(failure.clone()));
        }
        go_on(state, command);
        return effects;
    }
    let again = failure.is_temporary() || failure.outcome_unknown() || failure.needs_sign_in();
    if again {
        if let Some(parcel) = state.outbox.get_mut(command) {
            parcel.stage = Stage::Waiting(Some(failure.clone()));
            parcel.tries = parcel.tries.saturating_add(1);
            parcel.tried_at = moment.at;
        }
        go_on(state, command);
        return session::ended(state, failure, moment);
    }
    let mut effects = Vec::new();
    let correction = state.outbox.get(command).is_some_and(|parcel| parcel.replaces.is_some());
    if correction && waits(state, command) {
        // It stays in the list, as what it replaced did, until it is corrected again.
        if let Some(parcel) = state.outbox.get_mut(command) {
            parcel.stage = Stage::Rejected(failure.clone());
        }
        effects.push(Effect::Refuse(command, problem(failure)));
        show_refusal(state, command, failure);
        if let Some(trouble) = state.dialog.as_mut().and_then(Dialog::trouble_mut) {
            trouble.replaces = Some(command);
        }
    } else if waits(state, command) {
        // Nothing happened, and the person is still there: the form takes the words back.
        if let Some(parcel) = state.outbox.take(command) {
            effects.extend(not_happened(state, &parcel));
            if let Work::Stock(work) = &parcel.work {
                effects.extend(stock::refused(state, work));
            }
        }
        another_try(state, command, moment);
        show_refusal(state, command, failure);
    } else if let Some(parcel) = state.outbox.get_mut(command) {
        parcel.stage = Stage::Rejected(failure.clone());
        effects.push(Effect::Refuse(command, problem(failure)));
        let text = refusal_toast(state);
        state.toasts.problem(&text);
    }
    effects.extend(session::ended(state, failure, moment));
    effects
}

/// The server's own words, if it gave any.
fn problem(failure: &Failure) -> Option<Box<Problem>> {
    match failure {
        Failure::Problem(problem, _) => Some(problem.clone()),
        Failure::Unreachable | Failure::TimedOut | Failure::Interrupted | Failure::BadAnswer(_) => None,
    }
}

/// Nobody waits for this one any longer: it is kept here, and the next customer comes.
fn go_on(state: &mut State, command: CommandId) {
    let Some(parcel) = state.outbox.get(command) else { return };
    let change = parcel.change;
    let own = matches!(parcel.work, Work::Return(..) | Work::DebtPaid(..)).then(|| parcel.clone());
    if pay_waits(state, command) {
        let total = state.cart.total();
        pay::next_customer(state, Confirmation { command, number: None, total, change });
    } else if let Some(parcel) = own.filter(|_| waits(state, command)) {
        returns::kept(state, &parcel);
        debts::kept(state, &parcel);
    } else if waits(state, command) {
        state.dialog = None;
        state.focus = Some(Part::Search);
        state.toasts.done(Text::KeptHere.get(state.lang()), state.now);
        show_new_products(state);
        till::search_again(state);
    }
}

/// Products that the server has not seen yet can be sold: what a command creates has the command's id.
pub fn show_new_products(state: &mut State) {
    let mut products = Vec::new();
    for parcel in state.outbox.parcels() {
        let Work::Product(new) = &parcel.work else { continue };
        if matches!(parcel.stage, Stage::Rejected(_)) {
            continue;
        }
        products.push(Product {
            id: ProductId(parcel.command.0),
            number: 0,
            name: new.name.clone(),
            code: new.code.as_deref().map(barcode::normalise),
            unit: new.unit,
            price_cents: new.price_cents,
            minimum_thousandths: new.minimum_thousandths,
            active: true,
            created_at: parcel.made_at,
            // Anything that the server says of it is newer.
            changed_at: UtcMicros(0),
            price_lists: Vec::new(),
        });
    }
    state.catalogue.take_new(products);
}

/// Shows the refusal where the person waits for the outcome.
fn show_refusal(state: &mut State, command: CommandId, failure: &Failure) {
    let Some(trouble) = waiting_trouble(state, command) else { return };
    trouble.failure = Some(failure.clone());
    trouble.waiting = None;
    state.focus = match (failure::field(failure), &state.dialog) {
        (Some("code"), Some(Dialog::Product(_))) => Some(Part::Code),
        (_, Some(Dialog::Product(_))) => Some(Part::Name),
        (Some("lot.code"), Some(Dialog::Entry(_))) => Some(Part::Lot),
        (_, Some(Dialog::Entry(_))) => Some(Part::Quantity),
        (Some("sold_at"), Some(Dialog::Amount(_))) => Some(Part::When),
        (_, Some(Dialog::Amount(_))) => Some(Part::Amount),
        (_, Some(_) | None) => state.focus,
    };
}

fn waiting_trouble(state: &mut State, command: CommandId) -> Option<&mut Trouble> {
    let in_dialog = state.dialog.as_mut().and_then(Dialog::trouble_mut);
    let in_pay = state.pay.as_mut().map(|pay| &mut pay.trouble);
    in_dialog.into_iter().chain(in_pay).find(|trouble| trouble.waiting == Some(command))
}

fn waits(state: &mut State, command: CommandId) -> bool {
    waiting_trouble(state, command).is_some()
}

fn pay_waits(state: &State, command: CommandId) -> bool {
    state.pay.as_ref().is_some_and(|pay| pay.trouble.waiting == Some(command))
}

/// A refused sale becomes a cart again, if there is room for it.
pub fn return_to_cart(state: &mut State, command: CommandId) -> Vec<Effect> {
    if !state.outbox.get(command).is_some_and(Parcel::returns_to_cart) {
        return Vec::new();
    }
    if !state.cart.is_empty() {
        state.toasts.problem(Text::FinishFirst.get(state.lang()));
        return Vec::new();
    }
    let Some(parcel) = state.outbox.take(command) else { return Vec::new() };
    let effects = not_happened(state, &parcel);
    let Work::Sale(sale) = parcel.work else { return Vec::new() };
    for line in &sale.lines {
        let Some(item) = state.catalogue.get(line.product_id) else { continue };
        if let Err(error) = state.cart.put_back(&item.product, line) {
            state.toasts.problem(till::refusal(error).get(state.lang()));
        }
    }
    if sale.discount_cents > Cents::ZERO {
        state.cart.set_discount(Scope::Whole, Discount::Amount(sale.discount_cents));
    }
    state.cart.set_customer(sale.customer_cpf);
    state.dialog = None;
    state.focus = Some(Part::Search);
    effects
}

/// Only what the server has refused can be thrown away.
pub fn discard(state: &mut State, command: CommandId) -> Vec<Effect> {
    if !state.outbox.awaits_person(command) {
        return Vec::new();
    }
    let parcel = state.outbox.take(command);
    let effects = parcel.map(|parcel| not_happened(state, &parcel)).unwrap_or_default();
    if state.outbox.is_empty() {
        state.dialog = None;
    }
    effects
}

/// The server has refused it, and it is not sent again: the till's file forgets it, and what it had done.
fn not_happened(state: &mut State, parcel: &Parcel) -> Vec<Effect> {
    let mut effects = Vec::new();
    match &parcel.work {
        Work::Sale(sale) => {
            effects.push(Effect::Sold(SoldEffect::Dropped(parcel.command)));
            effects.extend(sale.cash_session.map(|_| Effect::DropCash(parcel.command)));
        }
        Work::Return(sale, back) => {
            effects.push(Effect::Sold(SoldEffect::ReturnDropped(*sale, back.clone())));
            effects.extend(back.cash_session.map(|_| Effect::DropCash(parcel.command)));
        }
        Work::DebtPaid(_, payment) => {
            effects.extend(payment.cash_session.map(|_| Effect::DropCash(parcel.command)));
        }
        Work::CashOpen(_) | Work::CashMove(..) => effects.push(Effect::DropCash(parcel.command)),
        Work::Product(_)
        | Work::ProductChange(..)
        | Work::Entry(_)
        | Work::Stock(_)
        | Work::CashClose(..) => {}
    }
    state.cash.undo(parcel.command);
    effects.push(Effect::Forget(parcel.command));
    effects
}
