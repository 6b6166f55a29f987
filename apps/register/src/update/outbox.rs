//! Sending commands, trying again under the same id, and what their outcomes mean.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{Product, Sale, StockEntry};
use tillwatch_shared::{Cents, CommandId};

use super::{pay, session, sync, till};
use crate::input::Effect;
use crate::state::forms::{Part, Trouble};
use crate::state::outbox::{Done, Parcel, Stage, Work};
use crate::state::{Confirmation, Dialog, Screen, State};
use crate::texts::Text;

/// Puts a new command into the outbox and sends it. Its id is the moment's.
pub fn send(state: &mut State, work: Work, subject: String, change: Cents, moment: Moment) -> Vec<Effect> {
    let Some(person) = state.person.as_ref().map(|person| person.id) else { return Vec::new() };
    let command = moment.fresh;
    state.outbox.put(Parcel {
        command,
        person,
        work: work.clone(),
        subject,
        change,
        made_at: moment.at,
        tried_at: moment.at,
        stage: Stage::Sending,
    });
    vec![Effect::Send(command, work)]
}

/// What had no answer is sent again while somebody is signed in.
pub fn tick(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(person) = state.person.as_ref().filter(|_| state.screen != Screen::SignIn) else {
        return Vec::new();
    };
    let due = state.outbox.due(person.id, moment.at);
    due.into_iter().map(|(command, work)| Effect::Send(command, work)).collect()
}

/// Now, because a person asks. What is under way is left alone.
pub fn retry(state: &mut State, command: CommandId, moment: Moment) -> Vec<Effect> {
    let Some(parcel) = state.outbox.get_mut(command) else { return Vec::new() };
    if parcel.stage == Stage::Sending {
        return Vec::new();
    }
    parcel.stage = Stage::Sending;
    parcel.tried_at = moment.at;
    vec![Effect::Send(command, parcel.work.clone())]
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
    match done {
        Done::Product(product) => product_saved(state, &parcel, product),
        Done::Entry(entry) => entry_recorded(state, &parcel, &entry),
        Done::Sale(sale) => sale_recorded(state, &parcel, &sale),
    }
    // The balances come with the feed, so that nothing is subtracted twice.
    sync::nudge(state)
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
    state.toasts.done(text.with(lang, &[("name", &name)]), state.now);
    if waits(state, parcel.command) {
        state.dialog = None;
        // The product stands alone in the list: F5 or Enter go on with it.
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
        state.catalogue.take_entry(entry);
    }
    if waits(state, parcel.command) {
        state.dialog = None;
        state.focus = Some(Part::Search);
    }
}

fn sale_recorded(state: &mut State, parcel: &Parcel, sale: &Sale) {
    let number = Some(sale.number);
    if pay_waits(state, parcel.command) {
        let confirmation = Confirmation { number, total: sale.total_cents, change: sale.change_cents };
        pay::next_customer(state, confirmation);
        return;
    }
    let text = Text::ConfirmedLater.with(state.lang(), &[("n", &sale.number)]);
    state.toasts.done(text, state.now);
}

fn failed(state: &mut State, command: CommandId, failure: &Failure, moment: Moment) -> Vec<Effect> {
    if failure::is_silence(failure) {
        state.connection.silent(moment.at);
    }
    let again = failure.is_temporary() || failure.outcome_unknown() || failure.needs_sign_in();
    let awaited = waits(state, command);
    if again {
        show_failure(state, command, failure, true);
    } else if awaited {
        // Nothing happened, and the person is still there: the form takes the words back.
        state.outbox.take(command);
        show_failure(state, command, failure, false);
        return session::ended(state, failure, moment);
    } else {
        state.toasts.problem(Text::RejectedToast.get(state.lang()));
    }
    if let Some(parcel) = state.outbox.get_mut(command) {
        parcel.stage =
            if again { Stage::Unconfirmed(failure.clone()) } else { Stage::Rejected(failure.clone()) };
    }
    session::ended(state, failure, moment)
}

/// Shows the failure where the person waits for the outcome.
fn show_failure(state: &mut State, command: CommandId, failure: &Failure, still_waiting: bool) {
    let Some(trouble) = waiting_trouble(state, command) else { return };
    trouble.failure = Some(failure.clone());
    if still_waiting {
        return;
    }
    trouble.waiting = None;
    state.focus = match (failure::field(failure), &state.dialog) {
        (Some("code"), Some(Dialog::Product(_))) => Some(Part::Code),
        (_, Some(Dialog::Product(_))) => Some(Part::Name),
        (_, Some(Dialog::Entry(_))) => Some(Part::Quantity),
        (_, Some(_) | None) => state.focus,
    };
}

fn waiting_trouble(state: &mut State, command: CommandId) -> Option<&mut Trouble> {
    let in_dialog = match &mut state.dialog {
        Some(Dialog::Product(form)) => Some(&mut form.trouble),
        Some(Dialog::Entry(form)) => Some(&mut form.trouble),
        Some(
            Dialog::Quantity(_)
            | Dialog::Menu
            | Dialog::Keys
            | Dialog::Outbox
            | Dialog::CancelSale
            | Dialog::Leave,
        )
        | None => None,
    };
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
pub fn return_to_cart(state: &mut State, command: CommandId) {
    let refused = state.outbox.get(command).is_some_and(|parcel| matches!(parcel.stage, Stage::Rejected(_)));
    if !refused {
        return;
    }
    if !state.cart.is_empty() {
        state.toasts.problem(Text::FinishFirst.get(state.lang()));
        return;
    }
    let Some(Parcel { work: Work::Sale(sale), .. }) = state.outbox.take(command) else { return };
    for line in sale.lines {
        let Some(item) = state.catalogue.get(line.product_id) else { continue };
        let mut product = item.product.clone();
        product.price_cents = line.unit_price_cents;
        if let Err(error) = state.cart.add(&product, line.quantity_thousandths) {
            state.toasts.problem(till::refusal(error).get(state.lang()));
        }
    }
    state.dialog = None;
    state.focus = Some(Part::Search);
}

/// Only what the server has refused can be thrown away.
pub fn discard(state: &mut State, command: CommandId) {
    let refused = state.outbox.get(command).is_some_and(|parcel| matches!(parcel.stage, Stage::Rejected(_)));
    if refused {
        state.outbox.take(command);
        if state.outbox.is_empty() {
            state.dialog = None;
        }
    }
}
