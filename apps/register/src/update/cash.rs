//! The till's drawer: open, withdraw, deposit, count and close. Each is a command like any other and counts once it
//! is on this machine's disk; the report is made here, from the till's own book.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::api::{
    CashMovementKind, CashReport, CashReportMovement, CashSession, NewCashClosing, NewCashMovement,
    NewCashSession, NewReturn, Role, Sale,
};
use tillwatch_shared::cash::{self, DENOMINATIONS, Entry, Opening, RefundKind, Sold};
use tillwatch_shared::limits::{AMOUNT_CENTS, TEXT_CHARS};
use tillwatch_shared::{CashSessionId, Cents, UtcMicros};
use uuid::Uuid;

use super::{outbox, receipts};
use crate::cash_texts::CashText;
use crate::input::Effect;
use crate::receipt::{Document, report};
use crate::state::cash::{CashField, CashForm, CashInput, CashPage, Closed, Note, NoteOf, Session};
use crate::state::forms::{Complaint, Part, Trouble};
use crate::state::outbox::{Parcel, Work};
use crate::state::receipts::ReceiptsEffect;
use crate::state::{Dialog, State};

pub fn take(state: &mut State, input: CashInput, moment: Moment) -> Vec<Effect> {
    match input {
        CashInput::Open => open(state),
        // What was counted, and shown what should have been there, is not counted anew.
        CashInput::Page(_) if is_correction(state) => {}
        CashInput::Page(page) => go(state, page),
        CashInput::Text(field, text) => typed(state, field, text),
        CashInput::Entered(field) => return entered(state, field, moment),
        CashInput::Submit => return submit(state, moment),
        CashInput::Turn(by) => return turn(state, by),
        CashInput::Print => {
            return shown(state).map_or_else(Vec::new, |(id, page)| receipts::send(state, id, page, false));
        }
        CashInput::SavePdf => {
            let save = |(id, page)| ReceiptsEffect::SavePdf { id, document: Box::new(page) };
            return shown(state).map(save).map(Effect::Receipts).into_iter().collect();
        }
    }
    Vec::new()
}

/// Sellers do not see what should be in the drawer before they have counted it.
pub fn is_blind(state: &State) -> bool {
    state.person.as_ref().is_none_or(|person| person.role < Role::Manager)
}

/// The report on the screen as it is printed. Z is the document of its session: what was issued first counts, and
/// every other print is the same.
fn shown(state: &State) -> Option<(Option<Uuid>, Document)> {
    let Some(Dialog::Cash(form)) = &state.dialog else { return None };
    let (id, report) = match form.page {
        CashPage::X => (None, state.cash.open.as_ref()?.report()),
        CashPage::Z => {
            let (_, closed) = form.close(&state.cash)?;
            (Some(closed.session.0), (*closed.report).clone())
        }
        CashPage::Open | CashPage::Menu | CashPage::Move(_) | CashPage::Count | CashPage::Confirm => {
            return None;
        }
    };
    let head = receipts::head_of(state, &report.store_name);
    let lang = receipts::paper_lang(state);
    Some((id, report::document(&report, is_blind(state), state.now, &head, lang)))
}

/// Also over the pay panel, where the open drawer is offered.
fn open(state: &mut State) {
    if state.dialog.is_some() {
        return;
    }
    let store = state.store.as_ref().map(|store| store.id);
    if state.cash.open.is_some() && state.cash.here(store).is_none() {
        state.toasts.problem(CashText::OtherStore.get(state.lang()));
        return;
    }
    let page = if state.cash.open.is_some() { CashPage::Menu } else { CashPage::Open };
    state.dialog = Some(Dialog::Cash(Box::new(CashForm::new(page))));
    state.confirmation = None;
    go(state, page);
}

fn go(state: &mut State, page: CashPage) {
    let Some(Dialog::Cash(form)) = &mut state.dialog else { return };
    form.page = page;
    form.complaint = None;
    (form.back, form.turned) = (0, None);
    let field = match page {
        CashPage::Open => Some(CashField::Float),
        CashPage::Move(_) => Some(CashField::Amount),
        CashPage::Count => Some(CashField::Count(0)),
        CashPage::Confirm => Some(CashField::Reason),
        CashPage::Menu | CashPage::X | CashPage::Z => None,
    };
    state.focus = field.map(Part::Cash);
}

/// To an earlier Z, or back to a later one. The last one is at hand; the others are in the till's file.
fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    let oldest = state.cash.closes.saturating_sub(1);
    let Some(form) = on_z(state) else { return Vec::new() };
    let back = form.back.saturating_add_signed(by).min(oldest);
    if std::mem::replace(&mut form.back, back) == back {
        return Vec::new();
    }
    if back == 0 {
        form.turned = None;
        return Vec::new();
    }
    vec![Effect::EarlierClose(back)]
}

fn on_z(state: &mut State) -> Option<&mut CashForm> {
    match &mut state.dialog {
        Some(Dialog::Cash(form)) => Some(&mut **form).filter(|form| form.page == CashPage::Z),
        Some(_) | None => None,
    }
}

/// The till's file tells the close that was looked for.
pub fn turned(state: &mut State, back: usize, answer: Result<Option<Closed>, String>) {
    let Some(form) = on_z(state).filter(|form| form.back == back) else { return };
    match answer {
        Ok(Some(closed)) => form.turned = Some((back, closed)),
        Ok(None) => form.back = form.turned.as_ref().map_or(0, |(shown, _)| *shown),
        Err(reason) => {
            form.back = form.turned.as_ref().map_or(0, |(shown, _)| *shown);
            state.toasts.problem(CashText::CloseUnread.with(state.lang(), &[("reason", &reason)]));
        }
    }
}

fn typed(state: &mut State, field: CashField, text: String) {
    let Some(Dialog::Cash(form)) = &mut state.dialog else { return };
    if form.trouble.waiting.is_none()
        && let Some(own) = form.text_mut(field)
    {
        *own = text;
        form.complaint = None;
        form.trouble.edited();
    }
}

/// Enter goes to the next field; in the last one it does what the page is for.
fn entered(state: &mut State, field: CashField, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Cash(form)) = &state.dialog else { return Vec::new() };
    let next = match (form.page, field) {
        (CashPage::Move(_), CashField::Amount) => Some(CashField::Reason),
        (CashPage::Count, CashField::Count(place)) if place + 1 < DENOMINATIONS.len() => {
            Some(CashField::Count(place + 1))
        }
        _ => None,
    };
    if let Some(next) = next {
        state.focus = Some(Part::Cash(next));
        return Vec::new();
    }
    submit(state, moment)
}

fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Cash(form)) = &state.dialog else { return Vec::new() };
    if form.trouble.waiting.is_some() {
        return Vec::new();
    }
    let form = form.clone();
    let work = match form.page {
        CashPage::Open => opening(state, &form, moment),
        CashPage::Move(kind) => movement(state, &form, kind, moment),
        CashPage::Count => {
            return match form.counted() {
                Ok(_) => then(|| go(state, CashPage::Confirm)),
                Err(place) => then(|| complain(state, CashField::Count(place), Complaint::NotACount)),
            };
        }
        CashPage::Confirm => closing(state, &form, moment),
        CashPage::Menu | CashPage::X | CashPage::Z => return Vec::new(),
    };
    match work {
        Err((field, complaint)) => then(|| complain(state, field, complaint)),
        Ok(None) => Vec::new(),
        Ok(Some((work, note))) => {
            if let Some(Dialog::Cash(form)) = &mut state.dialog {
                form.trouble.waiting = Some(moment.fresh);
            }
            outbox::send_noted(state, work, note, moment)
        }
    }
}

fn then(decide: impl FnOnce()) -> Vec<Effect> {
    decide();
    Vec::new()
}

fn complain(state: &mut State, field: CashField, complaint: Complaint) {
    if let Some(Dialog::Cash(form)) = &mut state.dialog {
        form.complaint = Some((field, complaint));
        state.focus = Some(Part::Cash(field));
    }
}

type Asked = Result<Option<(Work, Option<Note>)>, (CashField, Complaint)>;

fn amount(text: &str, field: CashField, least: i64) -> Result<Cents, (CashField, Complaint)> {
    let amount = Cents::parse(text).ok().filter(|amount| (least..=AMOUNT_CENTS).contains(&amount.0));
    amount.ok_or((field, Complaint::AmountBad))
}

fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= TEXT_CHARS).then(|| text.to_owned())
}

fn opening(state: &State, form: &CashForm, moment: Moment) -> Asked {
    let float_cents = match form.float.trim() {
        "" => Cents::ZERO,
        text => amount(text, CashField::Float, 0)?,
    };
    let (Some(person), Some(store)) = (&state.person, &state.store) else { return Ok(None) };
    let id = CashSessionId(moment.fresh.0);
    let session = Session {
        id,
        store: store.id,
        opened_by: person.id,
        opening: Opening {
            store_name: store.name.clone(),
            till: state.till_name().chars().take(tillwatch_shared::limits::TILL_CHARS).collect(),
            opened_by_name: person.name.clone(),
            opened_at: moment.at,
            float_cents,
        },
    };
    let new = NewCashSession {
        store_id: store.id,
        till: session.opening.till.clone(),
        float_cents,
        // Money is being taken here, whatever another till is called.
        rename_if_open: true,
        opened_at: Some(moment.at),
    };
    Ok(Some((Work::CashOpen(new), Some(Note { session: id, of: NoteOf::Opened(session) }))))
}

fn movement(state: &State, form: &CashForm, kind: CashMovementKind, moment: Moment) -> Asked {
    let amount_cents = amount(&form.amount, CashField::Amount, 1)?;
    let reason = reason(&form.reason).ok_or((CashField::Reason, Complaint::ReasonMissing))?;
    let Some(person) = &state.person else { return Ok(None) };
    let open = state.cash.open.as_ref().map(|book| book.session.id);
    // A correction is of the same session, and of the time at which the money was moved.
    let (session, at) = match refused(state, form) {
        Some(Work::CashMove(session, old)) => (Some(*session), told_at(old.recorded_at, moment)),
        Some(_) | None => (open, moment.at),
    };
    let Some(session) = session else { return Ok(None) };
    let entry = Entry::Moved(CashReportMovement {
        recorded_at: at,
        kind,
        amount_cents,
        reason: reason.clone(),
        person_name: person.name.clone(),
    });
    let new = NewCashMovement { kind, amount_cents, reason, recorded_at: Some(at) };
    // The report of a session that is closed stays as it was made.
    let note = (open == Some(session)).then_some(Note { session, of: NoteOf::Happened(entry) });
    Ok(Some((Work::CashMove(session, new), note)))
}

fn closing(state: &State, form: &CashForm, moment: Moment) -> Asked {
    let counts = form.counted().map_err(|place| (CashField::Count(place), Complaint::NotACount))?;
    let reason = reason(&form.reason);
    if let Some(Work::CashClose(session, old)) = refused(state, form) {
        let new = NewCashClosing { reason, closed_at: Some(told_at(old.closed_at, moment)), ..old.clone() };
        let note = closed_again(state, *session, &new);
        return Ok(Some((Work::CashClose(*session, new), note)));
    }
    let (Some(person), Some(book)) = (&state.person, &state.cash.open) else { return Ok(None) };
    if reason.is_none() && person.id != book.session.opened_by {
        return Err((CashField::Reason, Complaint::ReasonMissing));
    }
    let session = book.session.id;
    let by = (person.id, person.name.as_str());
    let report = cash::closed(book.report(), by, moment.at, &counts, reason.clone());
    let new = NewCashClosing { counts, reason, closed_at: Some(moment.at) };
    Ok(Some((Work::CashClose(session, new), Some(Note { session, of: NoteOf::Closed(Box::new(report)) }))))
}

fn is_correction(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Cash(form)) if form.trouble.replaces.is_some())
}

/// What is corrected in the form.
fn refused<'s>(state: &'s State, form: &CashForm) -> Option<&'s Work> {
    state.outbox.get(form.trouble.replaces?).map(|parcel| &parcel.work)
}

/// When it happened, as it was told before; a clock that was ahead then is not believed.
pub fn told_at(before: Option<UtcMicros>, moment: Moment) -> UtcMicros {
    before.map_or(moment.at, |at| at.min(moment.at))
}

/// Z with what is told anew, if it is the last one.
fn closed_again(state: &State, session: CashSessionId, new: &NewCashClosing) -> Option<Note> {
    let last = state.cash.last.as_ref().filter(|last| last.session == session)?;
    let person = state.person.as_ref()?;
    let by = (person.id, person.name.as_str());
    let report = cash::closed((*last.report).clone(), by, new.closed_at?, &new.counts, new.reason.clone());
    Some(Note { session, of: NoteOf::Closed(Box::new(report)) })
}

/// What was refused, as it was typed.
pub fn correct(state: &mut State, work: &Work, trouble: Trouble) {
    let mut form = CashForm { trouble, ..CashForm::new(CashPage::Menu) };
    let field = if let Work::CashOpen(old) = work {
        form.page = CashPage::Open;
        form.float = old.float_cents.plain();
        CashField::Float
    } else if let Work::CashMove(_, old) = work {
        form.page = CashPage::Move(old.kind);
        (form.amount, form.reason) = (old.amount_cents.plain(), old.reason.clone());
        CashField::Amount
    } else if let Work::CashClose(_, old) = work {
        form.page = CashPage::Confirm;
        form.count(&old.counts);
        form.reason = old.reason.clone().unwrap_or_default();
        CashField::Reason
    } else {
        return;
    };
    state.dialog = Some(Dialog::Cash(Box::new(form)));
    state.confirmation = None;
    state.focus = Some(Part::Cash(field));
}

/// What a sale puts into the open drawer.
pub fn note_of_sale(state: &State, told: &Sale) -> Option<Note> {
    let session = told.cash_session?;
    let store = state.stores.iter().chain(&state.store).find(|store| store.id == told.store_id)?;
    let hour = told.sold_at.timestamp().to_zoned(format::zone(&store.zone)).hour();
    let lines: Cents = told.lines.iter().map(|line| line.discount_cents).sum();
    let entry = Entry::Sold(Sold {
        person_id: told.person_id,
        person_name: told.person_name.clone(),
        hour,
        total_cents: told.total_cents,
        discount_cents: told.discount_cents.checked_add(lines).unwrap_or_default(),
        change_cents: told.change_cents,
        payments: told.payments.clone(),
    });
    Some(Note { session, of: NoteOf::Happened(entry) })
}

/// What goes back to a customer out of the session's drawer; nothing for a sale that cost nothing, or did not tell
/// how it was paid.
pub fn note_of_return(told: &NewReturn) -> Option<Note> {
    let session = told.cash_session.filter(|_| !told.refunds.is_empty())?;
    let kind = if told.void { RefundKind::Void } else { RefundKind::Return };
    let entry = Entry::Refunded { kind, payments: told.refunds.clone() };
    Some(Note { session, of: NoteOf::Happened(entry) })
}

/// The session in which a sale is paid now.
pub fn session(state: &State) -> Option<CashSessionId> {
    let store = state.store.as_ref().map(|store| store.id);
    state.cash.here(store).map(|book| book.session.id)
}

/// The command is on the disk: it counts, whatever the server says when.
pub fn kept(state: &mut State, parcel: &Parcel) {
    let note = parcel.cash.as_deref();
    if let Some(note) = note {
        state.cash.take(parcel.command, note);
    }
    let Some(Dialog::Cash(form)) = &mut state.dialog else { return };
    if form.trouble.waiting != Some(parcel.command) {
        return;
    }
    let text = match note.map(|note| &note.of) {
        Some(NoteOf::Closed(_)) => {
            **form = CashForm::new(CashPage::Z);
            state.focus = None;
            return;
        }
        Some(NoteOf::Opened(_)) => CashText::Opened,
        Some(NoteOf::Happened(_)) | None => CashText::Moved,
    };
    state.dialog = None;
    state.focus = if state.pay.is_some() { None } else { Some(Part::Search) };
    state.toasts.done(text.get(state.lang()), state.now);
}

/// The server's Z against the till's own: what is printed here stays the till's.
pub fn closed_there(state: &mut State, report: &CashReport) {
    let own = state.cash.last.as_ref().map(|last| &last.report);
    let (Some(own), Some(there)) = (own, &report.closing) else { return };
    let same_close = own.opened_at == report.opened_at && own.closing.is_some();
    if same_close && own.expected_cents != report.expected_cents {
        let words = CashText::DiffersThere.with(state.lang(), &[("amount", &there.expected_cents)]);
        state.toasts.problem(&words);
    }
}

/// The server tells another till's session apart by another name.
pub fn opened_there(state: &mut State, session: &CashSession) {
    let own = state.cash.open.as_ref().filter(|book| book.session.id == session.id);
    if own.is_some_and(|book| book.session.opening.till != session.till) {
        let text = CashText::Renamed.with(state.lang(), &[("name", &session.till)]);
        state.toasts.problem(&text);
    }
}
