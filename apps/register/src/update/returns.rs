//! Goods that come back: finding the sale, choosing what of it, and sending the return.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::failure::{self, Failure};
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{NewReturn, Return, Sale, Unit};
use tillwatch_shared::{ProductId, Quantity, SaleId};

use super::{cash, consent, open, outbox, receipts, sold};
use crate::input::{Effect, ReturnsInput};
use crate::returns_texts::{self, ReturnsText};
use crate::state::forms::{Part, Trouble};
use crate::state::outbox::{Parcel, Stage, Work};
use crate::state::returns::{
    Answer, Asked, FindAtServer, FindForm, LinesForm, ReturnComplaint, ReturnForm, ReturnPart, Step, wanted,
};
use crate::state::sold::Find;
use crate::state::{Dialog, State};

pub fn take(state: &mut State, input: ReturnsInput, moment: Moment) -> Vec<Effect> {
    match input {
        ReturnsInput::Open => return show(state, false),
        ReturnsInput::OpenLast => return show(state, true),
        ReturnsInput::Enter if consent::is_asked(state) => return consent::ask(state, moment),
        ReturnsInput::Enter => return enter(state, moment),
        ReturnsInput::Consent(field, text) => consent::typed(state, field, text),
        ReturnsInput::Submit => {
            return if editable(state).is_some() { submit(state, moment) } else { Vec::new() };
        }
        ReturnsInput::Pick(row) => {
            edit_find(state, |find| find.row = row);
            return pick(state);
        }
        ReturnsInput::Wanted(text) => edit_find(state, |find| find.wanted = text),
        ReturnsInput::Move(by) => step(state, by),
        ReturnsInput::Quantity(line, text) => edit(state, |lines| {
            if let Some(line) = lines.lines.get_mut(line) {
                line.quantity = text;
            }
        }),
        ReturnsInput::Whole(line) => edit(state, |lines| toggle_whole(lines, line)),
        ReturnsInput::All => edit(state, LinesForm::choose_all),
        ReturnsInput::Restock(line, restock) => edit(state, |lines| {
            if let Some(line) = lines.lines.get_mut(line) {
                line.restock = restock;
            }
        }),
        ReturnsInput::Reason(text) => edit(state, |lines| lines.reason = text),
        ReturnsInput::Refund(refund) => edit(state, |lines| lines.refund = refund),
        ReturnsInput::At(part) => {
            if let Some(form) = form(state) {
                form.at = part;
            }
        }
        ReturnsInput::Focused => {
            if let Some(form) = form(state) {
                form.focus = None;
            }
        }
    }
    Vec::new()
}

fn form(state: &mut State) -> Option<&mut ReturnForm> {
    if let Some(Dialog::Return(form)) = &mut state.dialog { Some(form) } else { None }
}

/// The form, while it can be changed; what was wrong with the old words no longer holds.
fn editable(state: &mut State) -> Option<&mut ReturnForm> {
    let form = form(state).filter(|form| form.trouble.waiting.is_none())?;
    form.complaint = None;
    form.trouble.edited();
    Some(form)
}

fn edit_find(state: &mut State, change: impl FnOnce(&mut FindForm)) {
    if let Some(find) = editable(state).and_then(ReturnForm::find_mut) {
        change(find);
    }
}

fn edit(state: &mut State, change: impl FnOnce(&mut LinesForm)) {
    if let Some(lines) = editable(state).and_then(ReturnForm::lines_mut) {
        change(lines);
    }
}

fn go_to(form: &mut ReturnForm, part: ReturnPart) {
    form.at = part;
    form.focus = Some(part);
}

/// The sales of this till, the newest first; `last`: the newest one is meant.
fn show(state: &mut State, last: bool) -> Vec<Effect> {
    if state.pay.is_some() {
        return Vec::new();
    }
    open(state, Dialog::Return(Box::new(ReturnForm::find(last))));
    if form(state).is_none() {
        return Vec::new();
    }
    state.focus = None;
    sold::look(state, Find::Newest)
}

/// A refused return: its sale is looked for, and the same of it is chosen.
pub fn correct(state: &mut State, sale: SaleId, trouble: Trouble) -> Vec<Effect> {
    open(state, Dialog::Return(Box::new(ReturnForm { trouble, ..ReturnForm::find(false) })));
    state.focus = None;
    ask(state, Find::Id(sale), None)
}

/// The return that is corrected in the form, and of which sale it is.
fn refused(state: &State) -> Option<(SaleId, NewReturn)> {
    let Some(Dialog::Return(form)) = &state.dialog else { return None };
    let parcel = state.outbox.get(form.trouble.replaces?)?;
    if let Work::Return(sale, back) = &parcel.work { Some((*sale, (**back).clone())) } else { None }
}

/// The arrow keys: the sale in the list, the line of the sale, or one of the usual reasons.
fn step(state: &mut State, by: isize) {
    let lang = state.lang();
    let Some(form) = editable(state) else { return };
    let at = form.at;
    match &mut form.step {
        Step::Find(find) => {
            let rows = find.rows.as_ref().map_or(0, Vec::len);
            find.row = find.row.saturating_add_signed(by).min(rows.saturating_sub(1));
        }
        Step::Lines(lines) => match at {
            ReturnPart::Reason => {
                next_reason(&lines.reason, by, lang).clone_into(&mut lines.reason);
            }
            ReturnPart::Line(line) => {
                let next = line.saturating_add_signed(by);
                let part = if next < lines.lines.len() { ReturnPart::Line(next) } else { ReturnPart::Reason };
                go_to(form, part);
            }
            ReturnPart::Wanted => {}
        },
    }
}

/// The usual reason after this one, or the first.
fn next_reason(now: &str, by: isize, lang: tillwatch_desk::Lang) -> &'static str {
    let usual = returns_texts::USUAL_REASONS;
    let place = usual.iter().position(|text| text.get(lang) == now);
    let next = place.map_or(0, |place| {
        let count = usual.len();
        (place + count).saturating_add_signed(by) % count
    });
    usual.get(next).map_or("", |text| text.get(lang))
}

fn toggle_whole(lines: &mut LinesForm, line: usize) {
    let whole = lines.quantity(line).is_some_and(|quantity| quantity > Quantity::ZERO);
    match lines.lines.get_mut(line) {
        Some(chosen) if whole => chosen.quantity.clear(),
        Some(_) => lines.choose_whole(line),
        None => {}
    }
}

/// Enter: the sale that is wanted, from the quantity to the reason, and from the reason to the return.
fn enter(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(form) = editable(state) else { return Vec::new() };
    match &form.step {
        Step::Find(find) if find.asked.is_some() => Vec::new(),
        Step::Find(find) if find.wanted.trim().is_empty() => pick(state),
        Step::Find(find) => match wanted(&find.wanted) {
            Some(wanted) => ask(state, wanted, None),
            None => complain(state, ReturnComplaint::NotANumber, Some(ReturnPart::Wanted)),
        },
        Step::Lines(lines) => {
            let chosen = lines.by_amount() || !lines.chosen().is_empty();
            if let (ReturnPart::Line(line), true) = (form.at, chosen)
                && lines.quantity(line).is_some()
            {
                go_to(form, ReturnPart::Reason);
                return Vec::new();
            }
            submit(state, moment)
        }
    }
}

/// A scan while the form is open: a receipt, or goods of the sale. `None`: it has no use for the code.
pub fn scanned(
    state: &mut State,
    code: &str,
    product: Option<ProductId>,
    moment: Moment,
) -> Option<Vec<Effect>> {
    let form = form(state).filter(|form| form.trouble.waiting.is_none())?;
    let line = match &mut form.step {
        Step::Find(find) if find.asked.is_some() => return None,
        Step::Find(find) => {
            code.clone_into(&mut find.wanted);
            return Some(enter(state, moment));
        }
        Step::Lines(lines) => lines.sale.lines.iter().position(|line| Some(line.product_id) == product)?,
    };
    go_to(form, ReturnPart::Line(line));
    Some(Vec::new())
}

fn complain(state: &mut State, complaint: ReturnComplaint, part: Option<ReturnPart>) -> Vec<Effect> {
    if let Some(form) = form(state) {
        form.complaint = Some(complaint);
        if let Some(part) = part {
            go_to(form, part);
        }
    }
    Vec::new()
}

/// The selected sale of the list.
fn pick(state: &mut State) -> Vec<Effect> {
    let Some(find) = form(state).and_then(ReturnForm::find_mut) else { return Vec::new() };
    let Some(sale) = find.rows.as_ref().and_then(|rows| rows.get(find.row)) else { return Vec::new() };
    let sale = sale.sale.clone();
    ask(state, Find::Id(sale.id), Some(sale))
}

/// Asks the server, which knows what came back at other tills, and the till for when the server is silent.
fn ask(state: &mut State, find: Find, here: Option<Sale>) -> Vec<Effect> {
    let online = !state.connection.is_offline() && state.offline.signed_in_here.is_none();
    // The server cannot know what has not been sent.
    let sent = here.as_ref().is_none_or(|sale| sale.number > 0);
    let Some(store) = state.store.as_ref().map(|store| store.id) else { return Vec::new() };
    let asked = Asked {
        find,
        here: here.map_or(Answer::Awaited, |sale| Answer::Known(Some(Box::new(sale)))),
        there: if online && sent { Answer::Awaited } else { Answer::Nobody },
    };
    let mut effects = Vec::new();
    if asked.here == Answer::Awaited {
        effects.extend(sold::look(state, find));
    }
    if asked.there == Answer::Awaited {
        effects.push(Effect::FindSale(FindAtServer { store, find }));
    }
    let corrects = refused(state).is_some_and(|(sale, _)| find == Find::Id(sale));
    if let Some(form) = form(state) {
        // What comes back of another sale is no correction.
        form.trouble.replaces = form.trouble.replaces.filter(|_| corrects);
        if let Some(find) = form.find_mut() {
            find.asked = Some(asked);
        }
    }
    effects.extend(resolve(state));
    effects
}

/// The till's file has answered.
pub fn found_here(state: &mut State) -> Vec<Effect> {
    let answer = match (&state.sold.asked, &state.sold.sales) {
        (Some((_, find)), Some(sales)) => (*find, sales.clone()),
        (None, _) | (_, None) => return Vec::new(),
    };
    let (find, sales) = answer;
    let Some(own) = form(state).and_then(ReturnForm::find_mut) else { return Vec::new() };
    if find == Find::Newest {
        own.rows = Some(sales);
        return if std::mem::take(&mut own.last) { pick(state) } else { Vec::new() };
    }
    if let Some(asked) = own.asked.as_mut().filter(|asked| asked.find == find) {
        let sale = sales.into_iter().next().map(|sold| Box::new(sold.sale));
        asked.here = Answer::Known(sale);
        return resolve(state);
    }
    Vec::new()
}

/// The server has answered.
pub fn found_there(
    state: &mut State,
    question: FindAtServer,
    answer: Result<Option<Sale>, Failure>,
    moment: Moment,
) -> Vec<Effect> {
    if answer.as_ref().is_err_and(failure::is_silence) {
        state.connection.silent(moment.at);
    }
    let asked = form(state).and_then(ReturnForm::find_mut).and_then(|find| find.asked.as_mut());
    let Some(asked) = asked.filter(|asked| asked.find == question.find) else { return Vec::new() };
    asked.there = match answer {
        Ok(sale) => Answer::Known(sale.map(Box::new)),
        Err(failure) => Answer::Failed(failure),
    };
    resolve(state)
}

/// Goes on as soon as it is clear which sale it is.
fn resolve(state: &mut State) -> Vec<Effect> {
    let Some(asked) = form(state).and_then(ReturnForm::find_mut).and_then(|find| find.asked.clone()) else {
        return Vec::new();
    };
    let refused = refused(state).map(|(_, back)| back);
    // The till has noted what was refused as if it had come back.
    let noted = |sale: Sale| refused.as_ref().map_or(sale.clone(), |back| sale.before_return(back));
    let outcome = match (asked.there, asked.here) {
        (Answer::Known(Some(sale)), _) => Ok((with_unsent(state, *sale), false)),
        (Answer::Awaited, _) | (_, Answer::Awaited) => return Vec::new(),
        (_, Answer::Known(Some(sale))) => Ok((noted(*sale), true)),
        (Answer::Failed(failure), _) | (_, Answer::Failed(failure)) => {
            Err(ReturnComplaint::NotAnswered(failure))
        }
        (Answer::Known(None) | Answer::Nobody, Answer::Known(None) | Answer::Nobody) => {
            Err(ReturnComplaint::NotFound)
        }
    };
    let outcome = outcome.and_then(|(sale, till_alone)| match refusal(state, &sale) {
        Some(complaint) => Err(complaint),
        None => Ok((sale, till_alone)),
    });
    let Some(form) = form(state) else { return Vec::new() };
    match outcome {
        Ok((sale, till_alone)) => {
            let mut lines = LinesForm::new(sale, till_alone);
            if let Some(back) = &refused {
                lines.choose_again(back);
            } else if lines.lines.len() == 1 {
                // One line can only be meant whole, or in part by typing over it.
                lines.choose_all();
            }
            let first = if lines.by_amount() { ReturnPart::Reason } else { ReturnPart::Line(0) };
            form.step = Step::Lines(Box::new(lines));
            form.complaint = None;
            go_to(form, first);
        }
        Err(complaint) => {
            let mut unread = false;
            if let Some(find) = form.find_mut() {
                find.asked = None;
                unread = find.rows.is_none();
            }
            form.complaint = Some(complaint);
            go_to(form, ReturnPart::Wanted);
            if unread && refused.is_some() {
                return sold::look(state, Find::Newest);
            }
        }
    }
    Vec::new()
}

/// With what this till has taken back and not told yet.
fn with_unsent(state: &State, sale: Sale) -> Sale {
    let mut sale = sale;
    for parcel in state.outbox.parcels() {
        if let Work::Return(of, back) = &parcel.work
            && *of == sale.id
            && !matches!(parcel.stage, Stage::Rejected(_))
        {
            sale = sale.after_return(back).unwrap_or(sale);
        }
    }
    sale
}

/// Why nothing of this sale comes back here.
fn refusal(state: &State, sale: &Sale) -> Option<ReturnComplaint> {
    let here = state.store.as_ref().is_some_and(|store| store.id == sale.store_id);
    if !here {
        return Some(ReturnComplaint::OtherStore(sale.store_name.clone()));
    }
    let left = if sale.lines.is_empty() {
        sale.returned.is_none()
    } else {
        (0..sale.lines.len()).any(|position| sale.left(position) > Quantity::ZERO)
    };
    (!left).then_some(ReturnComplaint::NothingLeft)
}

/// The store's calendar day.
pub fn today(state: &State) -> String {
    state.today().to_string()
}

/// Makes the return; first it asks for the consent that it needs.
pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let (till, today) = (state.till_name(), today(state));
    let Some(lines) = form(state).and_then(ReturnForm::lines_mut).cloned() else { return Vec::new() };
    if let Some((complaint, part)) = wrong(state, &lines) {
        return complain(state, complaint, part);
    }
    let (void, total) = (lines.is_void(&today), lines.total());
    let needed = consent::is_needed(state, &lines.sale);
    let given = consent::given(state, total).filter(|_| needed);
    let approved_by = given.and_then(|consent| consent.given.as_ref()).map(|(person, _)| *person);
    // What was allowed was allowed for this id.
    let moment = Moment { fresh: given.map_or(moment.fresh, |consent| consent.id), ..moment };
    if needed && approved_by.is_none() {
        consent::open(state, total, moment);
        return Vec::new();
    }
    let back = NewReturn {
        void,
        lines: if void { Vec::new() } else { lines.chosen() },
        reason: lines.reason.trim().to_owned(),
        refunds: lines.refunds(),
        total_cents: total,
        till: Some(till),
        returned_at: Some(moment.at),
        // A correction is of the drawer that the money was taken from.
        cash_session: refused(state).map_or_else(|| cash::session(state), |(_, old)| old.cash_session),
        approved_by,
    };
    if let Some(form) = form(state) {
        form.trouble.waiting = Some(moment.fresh);
    }
    let number = if lines.sale.number > 0 { lines.sale.number.to_string() } else { String::new() };
    outbox::send_return(state, &lines.sale, back, number, moment)
}

/// What is wrong with the form, and where.
fn wrong(state: &State, lines: &LinesForm) -> Option<(ReturnComplaint, Option<ReturnPart>)> {
    // The day may have ended, or another person may have come, since the sale was found.
    if let Some(complaint) = refusal(state, &lines.sale) {
        return Some((complaint, None));
    }
    for position in 0..lines.lines.len() {
        let at = Some(ReturnPart::Line(position));
        let Some(quantity) = lines.quantity(position) else {
            return Some((ReturnComplaint::Quantity(position, lines.sale.left(position)), at));
        };
        let product = lines.sale.lines.get(position).and_then(|line| state.catalogue.get(line.product_id));
        let by_piece = product.is_some_and(|item| item.product.unit == Unit::Un);
        if by_piece && quantity.as_whole().is_none() {
            return Some((ReturnComplaint::NotWhole(position), at));
        }
    }
    if !lines.by_amount() && lines.chosen().is_empty() {
        return Some((ReturnComplaint::NothingChosen, Some(ReturnPart::Line(0))));
    }
    if lines.reason.trim().is_empty() {
        return Some((ReturnComplaint::ReasonMissing, Some(ReturnPart::Reason)));
    }
    None
}

/// The server has taken it.
pub fn recorded(state: &mut State, parcel: &Parcel, back: &Return, awaited: bool) {
    let lang = state.lang();
    let text = if back.void { ReturnsText::VoidDone } else { ReturnsText::ReturnDone };
    let words = text.with(lang, &[("n", &back.sale_number), ("total", &back.total_cents)]);
    state.toasts.done(words, state.now);
    if awaited {
        receipts::returned(state, parcel);
        done(state);
    }
}

/// The disk has it, and the server is away.
pub fn kept(state: &mut State, parcel: &Parcel) {
    let Work::Return(_, back) = &parcel.work else { return };
    let text = ReturnsText::ReturnKept.with(state.lang(), &[("total", &back.total_cents)]);
    state.toasts.done(text, state.now);
    receipts::returned(state, parcel);
    done(state);
}

fn done(state: &mut State) {
    state.dialog = None;
    state.focus = Some(Part::Search);
}
