//! Debts: who owes, and what is paid of it. What the till shows is what the server told last, less what was paid here
//! since: nobody is asked for the same money twice.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_shared::api::{
    AccountEntry, AccountPayment, Changes, Debt, Event as Change, NewAccountPayment, Payment, PaymentMethod,
};
use tillwatch_shared::cash::Entry;
use tillwatch_shared::tax_id::TaxId;
use tillwatch_shared::{AccountId, Cents, CommandId, StoreId, limits, names};

use super::{cash, forms, outbox, receipts};
use crate::input::Effect;
use crate::receipt::debt::{self, Taken};
use crate::state::cash::{Note, NoteOf};
use crate::state::debts::{
    DebtComplaint, DebtStep, Debtor, DebtsEffect, DebtsForm, DebtsInput, Known, METHODS, Owed, Paid, PayDebt,
    on_account,
};
use crate::state::forms::{Part, Trouble};
use crate::state::outbox::{Parcel, Work};
use crate::state::papers::{SlipHere, SlipOf};
use crate::state::receipts::Slip;
use crate::state::{Dialog, State};

pub fn take(state: &mut State, input: DebtsInput, moment: Moment) -> Vec<Effect> {
    match input {
        DebtsInput::Open => return open(state),
        DebtsInput::Pick(row) => pick(state, row),
        DebtsInput::Submit => return pay(state, moment),
        DebtsInput::Wanted(text) => {
            if let Some(DebtStep::Find { wanted, row }) = step(state) {
                (*wanted, *row) = (text, 0);
            }
        }
        DebtsInput::Move(by) => {
            let rows = found(state).len();
            if let Some(DebtStep::Find { row, .. }) = step(state) {
                *row = row.saturating_add_signed(by).min(rows.saturating_sub(1));
            }
        }
        DebtsInput::Amount(text) => edit(state, |pay| pay.amount = text),
        DebtsInput::Received(text) => edit(state, |pay| pay.received = text),
        DebtsInput::Method(method) => {
            if METHODS.contains(&method) {
                edit(state, |pay| pay.method = method);
                state.focus = Some(Part::Amount);
            }
        }
    }
    Vec::new()
}

fn form(state: &mut State) -> Option<&mut DebtsForm> {
    if let Some(Dialog::Debts(form)) = &mut state.dialog { Some(form) } else { None }
}

/// While nothing is on its way.
fn step(state: &mut State) -> Option<&mut DebtStep> {
    form(state).filter(|form| form.trouble.waiting.is_none()).map(|form| &mut form.step)
}

fn edit(state: &mut State, change: impl FnOnce(&mut PayDebt)) {
    let Some(form) = form(state).filter(|form| form.trouble.waiting.is_none()) else { return };
    if let DebtStep::Pay(pay) = &mut form.step {
        pay.complaint = None;
        change(pay);
        form.trouble.edited();
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    forms::show(state, Dialog::Debts(Box::new(DebtsForm::find())), Part::Debtor);
    if form(state).is_some() { ask(state) } else { Vec::new() }
}

/// Asks the server who owes; once more when it is being asked already.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    if state.offline.signed_in_here.is_some() {
        return Vec::new();
    }
    if state.debts.asking {
        state.debts.again = true;
        return Vec::new();
    }
    state.debts.asking = true;
    state.debts.again = false;
    vec![Effect::Debts(DebtsEffect::Ask(store))]
}

pub fn answered(
    state: &mut State,
    store: StoreId,
    answer: Result<Vec<Debt>, Failure>,
    moment: Moment,
) -> Vec<Effect> {
    state.debts.asking = false;
    let mut effects = Vec::new();
    match answer {
        Ok(mut debts) => {
            state.debts.failure = None;
            debts.sort_by_cached_key(|debt| names::fold(debt.account.name.as_deref().unwrap_or_default()));
            effects.push(remember(state, store, Known { debts, heard_at: moment.at }));
        }
        Err(failure) => {
            if failure::is_silence(&failure) {
                state.connection.silent(moment.at);
            }
            state.debts.failure = Some(failure);
        }
    }
    if std::mem::take(&mut state.debts.again) && state.debts.failure.is_none() {
        effects.extend(ask(state));
    }
    effects
}

fn remember(state: &mut State, store: StoreId, known: Known) -> Effect {
    state.debts.remembered.insert(store, known.clone());
    Effect::Debts(DebtsEffect::Remember(store, Box::new(known)))
}

/// The feed tells of debts without saying how high they are now.
pub fn heard(state: &mut State, changes: &Changes) -> Vec<Effect> {
    let own = state.store.as_ref().map(|store| store.id);
    let on_account = |payments: &[Payment]| on_account(payments) > Cents::ZERO;
    let touches = |event: &Change| {
        if let Change::SaleRecorded(sale) = event {
            Some(sale.store_id) == own && on_account(&sale.payments)
        } else if let Change::SaleReturned(back) = event {
            Some(back.store_id) == own && on_account(&back.refunds)
        } else if let Change::AccountPaid(paid) = event {
            Some(paid.account.store_id) == own
        } else {
            false
        }
    };
    if changes.changes.iter().any(|change| touches(&change.event)) { ask(state) } else { Vec::new() }
}

fn debts(state: &State) -> &[Debt] {
    let known = state.store.as_ref().and_then(|store| state.debts.known(store.id));
    known.map(|known| known.debts.as_slice()).unwrap_or_default()
}

/// The debts that the search means: every word is in the name, or the digits in what is seen of the CPF. A whole CPF
/// is compared as it is shown.
pub fn found(state: &State) -> Vec<&Debt> {
    let wanted = match &state.dialog {
        Some(Dialog::Debts(form)) => match &form.step {
            DebtStep::Find { wanted, .. } => wanted.as_str(),
            DebtStep::Pay(_) | DebtStep::Done(_) => "",
        },
        Some(_) | None => "",
    };
    let (folded, digits) = (names::fold(wanted), digits(wanted));
    let masked = TaxId::parse(wanted.trim()).ok().map(|id| id.masked());
    let fits = |debt: &&Debt| {
        let shown = debt.account.tax_id_masked.as_deref();
        if masked.is_some() {
            return shown == masked.as_deref();
        }
        let name = names::fold(debt.account.name.as_deref().unwrap_or_default());
        let by_name = folded.split_whitespace().all(|word| name.contains(word));
        by_name || (digits.len() > 2 && shown.is_some_and(|shown| self::digits(shown).contains(&digits)))
    };
    debts(state).iter().filter(fits).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

pub fn debt(state: &State, account: AccountId) -> Option<&Debt> {
    debts(state).iter().find(|debt| debt.account.id == account)
}

/// What the server told, and what this till has not told it.
pub fn owed(state: &State, debt: &Debt) -> Owed {
    let mut owed = Owed { told: debt.account.balance_cents, ..Owed::default() };
    for parcel in state.outbox.parcels().iter().filter(|parcel| !parcel.is_rejected()) {
        if let Work::DebtPaid(account, payment) = &parcel.work
            && *account == debt.account.id
        {
            owed.paid_here.0 += payment.amount_cents.0;
        } else if let Work::Sale(sale) = &parcel.work
            && Debtor::of_new(sale).has(&debt.account)
        {
            owed.bought_here.0 += on_account(&sale.payments).0;
        } else if let (Work::Return(sale, back), Some(debtor)) = (&parcel.work, &parcel.debtor)
            && debtor.has(&debt.account)
        {
            let back = on_account(&back.refunds).0;
            match state.outbox.get(CommandId(sale.0)) {
                None => owed.returned_here.0 += back,
                Some(sold) if !sold.is_rejected() => owed.bought_here.0 -= back,
                // What was not sold cannot come back either.
                Some(_) => {}
            }
        }
    }
    owed
}

fn pick(state: &mut State, row: usize) {
    let Some(debt) = found(state).get(row).copied() else { return };
    let (account, left) = (debt.account.id, owed(state, debt).left());
    let pay = PayDebt {
        account,
        amount: left.plain(),
        method: PaymentMethod::Cash,
        received: String::new(),
        complaint: None,
    };
    if let Some(step) = step(state) {
        *step = DebtStep::Pay(pay);
        state.focus = Some(Part::Amount);
    }
}

/// Enter, wherever the focus is.
pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    match step(state) {
        Some(DebtStep::Find { row, .. }) => {
            let row = *row;
            pick(state, row);
            Vec::new()
        }
        Some(DebtStep::Pay(_)) => pay(state, moment),
        Some(DebtStep::Done(_)) => {
            state.dialog = None;
            state.focus = Some(Part::Search);
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Escape: from the payment to the customers. `false`: the dialog closes.
pub fn back(state: &mut State) -> bool {
    // A correction is of this payment and of no other customer's.
    if form(state).is_some_and(|form| form.trouble.replaces.is_some()) {
        return false;
    }
    let Some(step @ DebtStep::Pay(_)) = step(state) else { return false };
    *step = DebtStep::Find { wanted: String::new(), row: 0 };
    if let Some(form) = form(state) {
        form.trouble.edited();
    }
    state.focus = Some(Part::Debtor);
    true
}

fn pay(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(DebtStep::Pay(typed)) = step(state).cloned() else { return Vec::new() };
    let Some(debt) = debt(state, typed.account) else { return Vec::new() };
    let (name, left) = (who(debt), owed(state, debt).left());
    let (amount_cents, change) = match understood(&typed, left) {
        Ok(understood) => understood,
        Err((complaint, part)) => {
            if let Some(DebtStep::Pay(pay)) = step(state) {
                pay.complaint = Some(complaint);
            }
            state.focus = Some(part);
            return Vec::new();
        }
    };
    // A correction is of the drawer in which the money lies, and of the time at which it came.
    let open = cash::session(state);
    let (cash_session, paid_at) = match refused(state) {
        Some(old) => (old.cash_session, cash::told_at(old.paid_at, moment)),
        None => (open, moment.at),
    };
    let payment =
        NewAccountPayment { method: typed.method, amount_cents, cash_session, paid_at: Some(paid_at) };
    let paid = Payment { method: typed.method, amount_cents };
    let note = cash_session
        .filter(|session| open == Some(*session))
        .map(|session| Note { session, of: NoteOf::Happened(Entry::DebtPaid(paid)) });
    if let Some(form) = form(state) {
        form.trouble.waiting = Some(moment.fresh);
    }
    outbox::send_payment(state, Work::DebtPaid(typed.account, payment), (name, change), note, moment)
}

/// The payment that is corrected in the form.
fn refused(state: &State) -> Option<&NewAccountPayment> {
    let Some(Dialog::Debts(form)) = &state.dialog else { return None };
    let parcel = state.outbox.get(form.trouble.replaces?)?;
    if let Work::DebtPaid(_, payment) = &parcel.work { Some(payment) } else { None }
}

/// A refused payment, as it was typed.
pub fn correct(state: &mut State, parcel: &Parcel, trouble: Trouble) -> Vec<Effect> {
    let Work::DebtPaid(account, payment) = &parcel.work else { return Vec::new() };
    let received = Cents(payment.amount_cents.0 + parcel.change.0);
    let pay = PayDebt {
        account: *account,
        amount: payment.amount_cents.plain(),
        method: payment.method,
        received: if parcel.change > Cents::ZERO { received.plain() } else { String::new() },
        complaint: None,
    };
    let form = DebtsForm { step: DebtStep::Pay(pay), trouble };
    forms::show(state, Dialog::Debts(Box::new(form)), Part::Amount);
    ask(state)
}

/// The amount that is paid, and the change.
pub fn understood(pay: &PayDebt, left: Cents) -> Result<(Cents, Cents), (DebtComplaint, Part)> {
    let parse =
        |text: &str| Cents::parse(text).ok().filter(|amount| (1..=limits::AMOUNT_CENTS).contains(&amount.0));
    let amount = parse(&pay.amount).ok_or((DebtComplaint::AmountBad, Part::Amount))?;
    if amount > left {
        return Err((DebtComplaint::MoreThanOwed, Part::Amount));
    }
    if pay.method != PaymentMethod::Cash || pay.received.trim().is_empty() {
        return Ok((amount, Cents::ZERO));
    }
    let received = parse(&pay.received).ok_or((DebtComplaint::ReceivedBad, Part::Received))?;
    if received < amount {
        return Err((DebtComplaint::TooLittle, Part::Received));
    }
    Ok((amount, Cents(received.0 - amount.0)))
}

/// What the customer is called; a CPF as far as it is shown.
pub fn who(debt: &Debt) -> String {
    let account = &debt.account;
    account.name.clone().or_else(|| account.tax_id_masked.clone()).unwrap_or_default()
}

/// The server has taken it.
pub fn recorded(state: &mut State, parcel: &Parcel, told: &AccountPayment, awaited: bool) -> Vec<Effect> {
    let store = told.account.store_id;
    let mut effects = Vec::new();
    if let Some(mut known) = state.debts.known(store).cloned()
        && let Some(debt) = known.debts.iter_mut().find(|debt| debt.account.id == told.account.id)
        && debt.account.changed_at <= told.account.changed_at
    {
        debt.account = told.account.clone();
        let (at, amount_cents) = (told.paid_at, Cents(-told.amount_cents.0));
        let entry = AccountEntry { at, amount_cents, sale_number: None, method: Some(told.method) };
        if !debt.entries.contains(&entry) {
            debt.entries.insert(0, entry);
        }
        known.debts.retain(|debt| debt.account.balance_cents != Cents::ZERO);
        effects.push(remember(state, store, known));
    }
    if awaited {
        done(state, parcel, told.account.balance_cents, false);
    }
    effects.extend(ask(state));
    effects
}

/// The disk has it, and the server is away.
pub fn kept(state: &mut State, parcel: &Parcel) {
    let Work::DebtPaid(account, _) = &parcel.work else { return };
    let left = debt(state, *account).map_or(Cents::ZERO, |debt| owed(state, debt).left());
    done(state, parcel, left, true);
}

/// The customer gets change and slip.
fn done(state: &mut State, parcel: &Parcel, left: Cents, kept_here: bool) {
    let Work::DebtPaid(_, payment) = &parcel.work else { return };
    let (name, change, amount) = (parcel.subject.clone(), parcel.change, payment.amount_cents);
    slip(state, parcel, payment, left);
    if let Some(form) = form(state) {
        form.trouble.waiting = None;
        form.step = DebtStep::Done(Paid { name, amount, change, left, kept_here });
        state.focus = None;
    }
}

fn slip(state: &mut State, parcel: &Parcel, payment: &NewAccountPayment, left: Cents) {
    let Some(store) = &state.store else { return };
    let head = receipts::head(state, store.id, &store.name);
    let taken = Taken {
        customer: &parcel.subject,
        person: state.person.as_ref().map_or("", |person| person.name.as_str()),
        till: &state.till_name(),
        at: payment.paid_at.unwrap_or(parcel.made_at),
        change: parcel.change,
        left,
    };
    let document = debt::slip(payment, taken, &head, receipts::paper_lang(state));
    let cash = payment.method == PaymentMethod::Cash;
    let here = SlipHere {
        id: parcel.command.0,
        store: store.id,
        at: taken.at,
        of: SlipOf::Debt { customer: parcel.subject.clone() },
        number: None,
        total: payment.amount_cents,
        document,
    };
    receipts::offer(state, Slip { here, cash });
}
