//! Transfers on their way: what arrived, what is taken back, and what the server says of them and of counts.

use std::collections::BTreeMap;

use tillwatch_desk::clock::Moment;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{
    Arrival, ArrivedLine, Count, Goods, Transfer, TransferCancellation, TransferState, Unit,
};
use tillwatch_shared::ids::TransferId;
use tillwatch_shared::{Cents, Quantity, StoreId, limits};

use super::super::outbox;
use crate::input::Effect;
use crate::state::catalogue::Told;
use crate::state::forms::{Complaint, Part, Trouble};
use crate::state::outbox::{Stage, Work};
use crate::state::stock::{ArriveForm, Known, StockDone, StockEffect, StockForm, StockWork, TakeBackForm};
use crate::state::{Dialog, State};
use crate::stock_texts::Text;

/// The transfers of this store that are on their way, those to it first. What this till has received or taken
/// back is not among them, though the server may not know yet.
pub fn open_transfers(state: &State) -> Vec<&Transfer> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let closed = |id: TransferId| {
        state.outbox.parcels().iter().any(|parcel| {
            matches!(&parcel.work, Work::Stock(work) if work.ends() == Some(id))
                && !matches!(parcel.stage, Stage::Rejected(_))
        })
    };
    let known = state.stock.known(store).map(|known| known.open.as_slice()).unwrap_or_default();
    let mut open: Vec<&Transfer> = known.iter().filter(|transfer| !closed(transfer.id)).collect();
    open.sort_by_key(|transfer| (transfer.to_store_id != store, transfer.sent_at));
    open
}

pub fn transfer(state: &State, id: TransferId) -> Option<&Transfer> {
    let store = state.store.as_ref()?.id;
    state.stock.known(store)?.open.iter().find(|transfer| transfer.id == id)
}

pub(super) fn open_transfer(state: &mut State, row: usize) {
    let store = state.store.as_ref().map(|store| store.id);
    let Some(transfer) = open_transfers(state).get(row).copied() else { return };
    let id = transfer.id;
    let form = if Some(transfer.to_store_id) == store {
        let arrived = transfer.lines.iter().map(|line| line.sent_thousandths.to_string()).collect();
        let (reason, trouble) = (String::new(), Trouble::default());
        StockForm::Arrive(ArriveForm { transfer: id, arrived, line: 0, reason, trouble })
    } else {
        StockForm::TakeBack(TakeBackForm { transfer: id, reason: String::new(), trouble: Trouble::default() })
    };
    let focus = if matches!(form, StockForm::Arrive(_)) { Part::Quantity } else { Part::Reason };
    state.dialog = Some(Dialog::Stock(form));
    state.focus = Some(focus);
}

/// What was refused of a transfer that is still on its way, as it was typed.
pub(super) fn correct(state: &mut State, work: &StockWork, trouble: Trouble) {
    let (form, focus) = match work {
        StockWork::Arrive(transfer, old) => {
            let arrived = old.lines.iter().map(|line| line.arrived_thousandths.to_string()).collect();
            let reason = old.lines.iter().find_map(|line| line.reason.clone()).unwrap_or_default();
            let form = ArriveForm { transfer: *transfer, arrived, line: 0, reason, trouble };
            (StockForm::Arrive(form), Part::Quantity)
        }
        StockWork::TakeBack(transfer, old) => {
            let reason = old.reason.clone();
            (StockForm::TakeBack(TakeBackForm { transfer: *transfer, reason, trouble }), Part::Reason)
        }
        StockWork::Count(_) | StockWork::Send(_) => return,
    };
    state.dialog = Some(Dialog::Stock(form));
    state.focus = Some(focus);
}

pub(super) fn finish_arrival(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(StockForm::Arrive(form))) = &state.dialog else { return Vec::new() };
    let Some(known) = transfer(state, form.transfer).cloned() else { return Vec::new() };
    let lines = arrived_lines(form, &known);
    let Some(Dialog::Stock(StockForm::Arrive(form))) = &mut state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let lines = match lines {
        Ok(lines) => lines,
        Err((line, part, complaint)) => {
            form.line = line.unwrap_or(form.line);
            form.trouble.complaint = Some((part, complaint));
            state.focus = Some(part);
            return Vec::new();
        }
    };
    form.trouble.waiting = Some(moment.fresh);
    let arrival = Arrival { lines, arrived_at: Some(moment.at) };
    let work = Work::Stock(StockWork::Arrive(known.id, arrival));
    outbox::send(state, work, known.from_store_name, Cents::ZERO, moment)
}

type Bad = (Option<usize>, Part, Complaint);

/// What arrived of each line; the reason goes to those where it is not what was sent.
fn arrived_lines(form: &ArriveForm, transfer: &Transfer) -> Result<Vec<ArrivedLine>, Bad> {
    let reason = Some(form.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let mut lines = Vec::with_capacity(transfer.lines.len());
    for (index, (sent, typed)) in transfer.lines.iter().zip(&form.arrived).enumerate() {
        let bad = |complaint| (Some(index), Part::Quantity, complaint);
        let arrived = Quantity::parse(typed).ok().filter(|arrived| arrived.0 >= 0);
        let arrived = arrived.ok_or(bad(Complaint::QuantityBad))?;
        if arrived.0 > limits::QUANTITY_THOUSANDTHS {
            return Err(bad(Complaint::TooMuch));
        }
        if sent.unit == Unit::Un && arrived.as_whole().is_none() {
            return Err(bad(Complaint::NotWhole));
        }
        let differs = arrived != sent.sent_thousandths;
        if differs && reason.is_none() {
            return Err((None, Part::Reason, Complaint::ReasonMissing));
        }
        lines.push(ArrivedLine { arrived_thousandths: arrived, reason: reason.clone().filter(|_| differs) });
    }
    Ok(lines)
}

pub(super) fn finish_take_back(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(StockForm::TakeBack(form))) = &state.dialog else { return Vec::new() };
    let Some(known) = transfer(state, form.transfer).cloned() else { return Vec::new() };
    let Some(Dialog::Stock(StockForm::TakeBack(form))) = &mut state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let reason = form.reason.trim().to_owned();
    if reason.is_empty() {
        form.trouble.complaint = Some((Part::Reason, Complaint::ReasonMissing));
        state.focus = Some(Part::Reason);
        return Vec::new();
    }
    form.trouble.waiting = Some(moment.fresh);
    let cancellation = TransferCancellation { reason, cancelled_at: Some(moment.at) };
    let work = Work::Stock(StockWork::TakeBack(known.id, cancellation));
    outbox::send(state, work, known.to_store_name, Cents::ZERO, moment)
}

/// What the server made of a command.
pub fn settled(state: &mut State, awaited: bool, done: &StockDone) -> Vec<Effect> {
    match done {
        StockDone::Counted(count) => {
            counted(state, awaited, count);
            Vec::new()
        }
        StockDone::Moved(transfer) => moved(state, awaited, transfer),
    }
}

/// The server has taken a count in. Who waited for it sees what it found.
fn counted(state: &mut State, awaited: bool, count: &Count) {
    if state.store.as_ref().is_some_and(|store| store.id == count.store_id) {
        state.catalogue.take_count(count, Told::AsAnswer);
    }
    if awaited {
        state.dialog = Some(Dialog::Stock(StockForm::Report(Box::new(count.clone()))));
    } else {
        let text =
            Text::CountDone.with(state.lang(), &[("n", &count.lines.len()), ("worth", &count.worth_cents)]);
        state.toasts.done(text, state.now);
    }
}

/// The server has taken a step of a transfer in.
fn moved(state: &mut State, awaited: bool, transfer: &Transfer) -> Vec<Effect> {
    if awaited {
        state.dialog = None;
        state.focus = Some(Part::Search);
    }
    let (text, store) = match transfer.state {
        TransferState::Sent => (Text::SentDone, &transfer.to_store_name),
        TransferState::Received => (Text::ArrivedDone, &transfer.from_store_name),
        TransferState::Cancelled => (Text::TakenBackDone, &transfer.to_store_name),
    };
    let text = text.with(state.lang(), &[("n", &transfer.number), ("store", store)]);
    state.toasts.done(text, state.now);
    let own = state.store.as_ref().map(|store| store.id);
    // The other end's balances are none of this till's.
    if own == Some(Goods::Moved(transfer).store_id()) {
        state.catalogue.take_transfer(transfer, Told::AsAnswer);
    }
    follow(state, [transfer])
}

/// Transfers that were heard of: those on their way are kept for when the server is away, by each of their stores
/// that this till works in.
pub fn follow<'t>(state: &mut State, transfers: impl IntoIterator<Item = &'t Transfer>) -> Vec<Effect> {
    let Some(own) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let mut changed = BTreeMap::new();
    for transfer in transfers {
        for store in [transfer.from_store_id, transfer.to_store_id] {
            if store != own && state.stock.known(store).is_none() {
                continue;
            }
            let known = state.stock.remembered.entry(store).or_default();
            let before = known.open.clone();
            known.follow(transfer);
            if known.open != before {
                changed.insert(store, known.clone());
            }
        }
    }
    let remember = |(store, known)| Effect::Stock(StockEffect::Remember(store, Box::new(known)));
    changed.into_iter().map(remember).collect()
}

/// What the server knows, in place of what was remembered.
pub fn loaded(state: &mut State, store: StoreId, known: Known) -> Vec<Effect> {
    state.stock.remembered.insert(store, known.clone());
    vec![Effect::Stock(StockEffect::Remember(store, Box::new(known)))]
}
