//! Lists of what is counted or sent, which are scanned line by line.

use tillwatch_desk::clock::Moment;
use tillwatch_shared::api::{LotName, Unit};
use tillwatch_shared::{Cents, CommandId, ProductId, Quantity, StoreId, limits};

use super::super::{outbox, till};
use super::{choose, count_lots, transfers, typed};
use crate::input::Effect;
use crate::search_line;
use crate::state::forms::{Part, Trouble};
use crate::state::outbox::Work;
use crate::state::stock::{
    Draft, Purpose, ScanForm, ScanLine, ScanNotice, StockEffect, StockForm, StockWork, Task,
};
use crate::state::{Dialog, State};
use crate::stock_texts::Text;

/// A line of the scanned list: `789…`, `3*789…`, `0,450*queijo`; `=12` says what the last product's line is.
pub(super) fn enter_line(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let purpose = form.purpose;
    let printed = match count_lots::told(form, state.today()) {
        Ok(printed) => printed,
        Err((part, complaint)) => return count_lots::complain(state, part, complaint),
    };
    if form.text.trim().is_empty() {
        return count_lots::of_last(state, store, printed);
    }
    let outcome = understood(state, form, store, printed);
    let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog else { return Vec::new() };
    state.focus = Some(Part::Product);
    let (product, lot, entered) = match outcome {
        Ok(Some(entered)) => entered,
        Ok(None) => return Vec::new(),
        Err(notice) => {
            form.notice = Some(notice);
            return Vec::new();
        }
    };
    form.text.clear();
    form.hits.clear();
    form.hit = 0;
    form.notice = None;
    form.printed.scanned(product);
    let line = |quantity| ScanLine { product, lot, quantity, at: moment.at, seen_seq: state.feed.after };
    let Some(draft) = state.stock.draft_mut(purpose, store, moment.at) else { return Vec::new() };
    match entered {
        Entered::Add(quantity) => draft.add(line(quantity)),
        Entered::Set(quantity) => draft.set(line(quantity)),
    }
    vec![Effect::Stock(StockEffect::KeepDraft(Box::new(draft.clone())))]
}

/// A code from the reader, after what was typed before a star.
pub fn scanned(state: &mut State, code: &str, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { return Vec::new() };
    let times = if form.text.trim_end().ends_with('*') { form.text.clone() } else { String::new() };
    typed(state, format!("{times}{code}"));
    enter_line(state, moment)
}

/// What an entered line does to the line of its product or lot in the list.
#[derive(Clone, Copy)]
enum Entered {
    Add(Quantity),
    Set(Quantity),
}

/// What was entered, of which lot if it is of the one that is `printed`; nothing where there is no last line.
fn understood(
    state: &State,
    form: &ScanForm,
    store: StoreId,
    printed: Option<LotName>,
) -> Result<Option<(ProductId, Option<LotName>, Entered)>, ScanNotice> {
    let text = form.text.trim();
    let draft = state.stock.draft(form.purpose, store);
    if let Some(quantity) = text.strip_prefix('=') {
        let Some(last) = draft.and_then(|draft| draft.lines.last()) else { return Ok(None) };
        let quantity = Quantity::parse(quantity).map_err(|_| ScanNotice::QuantityBad(quantity.to_owned()))?;
        checked(state, form.purpose, last.product, quantity)?;
        return Ok(Some((last.product, last.lot.clone(), Entered::Set(quantity))));
    }
    let line = search_line::parse(text).map_err(|bad| ScanNotice::QuantityBad(bad.to_owned()))?;
    if line.text.is_empty() {
        return Ok(None);
    }
    let chosen = || form.hits.get(form.hit).copied().map(till::Found::plain);
    let found = till::exactly(state, line.text).or_else(chosen);
    let found = found.ok_or_else(|| ScanNotice::NotFound(line.text.to_owned()))?;
    let product = found.product;
    let quantity = found.quantity(line.quantity);
    let quantity = quantity.ok_or_else(|| ScanNotice::QuantityBad(line.quantity.to_string()))?;
    let lot = printed.filter(|_| form.printed.holds_for(product));
    let before = draft.and_then(|draft| draft.line(product, lot.as_ref()));
    if before.is_none() && draft.is_some_and(|draft| draft.lines.len() >= most_lines(form.purpose)) {
        return Err(ScanNotice::Full);
    }
    let sum = Quantity(before.map_or(0, |line| line.quantity.0).saturating_add(quantity.0));
    checked(state, form.purpose, product, sum)?;
    Ok(Some((product, lot, Entered::Add(quantity))))
}

const fn most_lines(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Count => limits::COUNT_LINES,
        Purpose::Send => limits::TRANSFER_LINES,
    }
}

/// Nothing at all can be counted, but not sent.
fn checked(
    state: &State,
    purpose: Purpose,
    product: ProductId,
    quantity: Quantity,
) -> Result<(), ScanNotice> {
    let least = match purpose {
        Purpose::Count => 0,
        Purpose::Send => 1,
    };
    if quantity.0 < least {
        return Err(ScanNotice::QuantityBad(quantity.to_string()));
    }
    if quantity.0 > limits::QUANTITY_THOUSANDTHS {
        return Err(ScanNotice::TooMuch);
    }
    let unit = state.catalogue.get(product).map(|item| item.product.unit);
    if unit == Some(Unit::Un) && quantity.as_whole().is_none() {
        return Err(ScanNotice::NotWhole);
    }
    Ok(())
}

/// Purpose and store of the open list, while it is not under way.
fn open_scan(state: &State) -> Option<(Purpose, StoreId)> {
    let Some(Dialog::Stock(StockForm::Scan(form))) = &state.dialog else { return None };
    let store = state.store.as_ref()?.id;
    form.trouble.waiting.is_none().then_some((form.purpose, store))
}

pub(super) fn remove_last(state: &mut State) -> Vec<Effect> {
    let Some((purpose, store)) = open_scan(state) else { return Vec::new() };
    state.focus = Some(Part::Product);
    let Some(draft) = state.stock.draft_mut(purpose, store, state.now) else { return Vec::new() };
    if draft.lines.pop().is_none() {
        return Vec::new();
    }
    vec![Effect::Stock(StockEffect::KeepDraft(Box::new(draft.clone())))]
}

pub(super) fn drop_draft(state: &mut State) -> Vec<Effect> {
    let Some((purpose, store)) = open_scan(state) else { return Vec::new() };
    state.stock.drop_draft(purpose, store);
    state.dialog = None;
    state.focus = Some(Part::Search);
    vec![Effect::Stock(StockEffect::DropDraft(purpose, store))]
}

pub(super) fn finish_scan(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some((purpose, store)) = open_scan(state) else { return Vec::new() };
    let draft = state.stock.draft(purpose, store).filter(|draft| !draft.lines.is_empty()).cloned();
    let destinations = state.stock.known(store).map(|known| known.destinations.as_slice());
    let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog else { return Vec::new() };
    let Some(draft) = draft else {
        form.notice = Some(ScanNotice::Empty);
        return Vec::new();
    };
    let (work, subject) = match purpose {
        Purpose::Count => (StockWork::Count(draft.as_count()), draft.products().to_string()),
        Purpose::Send => {
            let to = destinations.and_then(|all| all.get(form.destination));
            let Some(to) = to else {
                form.notice = Some(ScanNotice::NoDestination);
                return Vec::new();
            };
            (StockWork::Send(draft.as_transfer(to.store_id, moment.at)), to.name.clone())
        }
    };
    form.notice = None;
    form.trouble.waiting = Some(moment.fresh);
    outbox::send(state, Work::Stock(work), subject, Cents::ZERO, moment)
}

/// The command is on the disk in place of the list that it was made of.
pub fn kept(state: &mut State, command: CommandId) {
    let Some(Work::Stock(work)) = state.outbox.get(command).map(|parcel| &parcel.work) else { return };
    if let Some(Draft { purpose, store, .. }) = work.as_draft(state.now) {
        state.stock.drop_draft(purpose, store);
    }
}

/// The server has refused it while the person still waited, or a person takes it back to mend it: it is a list
/// again, unless another one was begun.
pub fn refused(state: &mut State, work: &StockWork) -> Vec<Effect> {
    let Some(draft) = work.as_draft(state.now) else { return Vec::new() };
    if state.stock.draft(draft.purpose, draft.store).is_some() {
        return Vec::new();
    }
    state.stock.drafts.push(draft.clone());
    vec![Effect::Stock(StockEffect::KeepDraft(Box::new(draft)))]
}

/// A refused count or transfer is a list again, and is told anew from there; unless another list was begun. What
/// ends a transfer is in its form again.
pub fn correct(state: &mut State, command: CommandId, work: &StockWork, trouble: Trouble) -> Vec<Effect> {
    if !work.is_of_list() {
        transfers::correct(state, work, trouble);
        return Vec::new();
    }
    let mut effects = refused(state, work);
    if effects.is_empty() {
        state.toasts.problem(Text::FinishList.get(state.lang()));
        return effects;
    }
    // The list is on the disk before the record of the refusal goes.
    state.outbox.take(command);
    effects.push(Effect::Forget(command));
    let task = if matches!(work, StockWork::Count(_)) { Task::Count } else { Task::Send };
    state.dialog = None;
    choose(state, task);
    effects
}
