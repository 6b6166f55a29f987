//! Printing receipts: after a sale, and again.

use std::path::PathBuf;

use tillwatch_desk::failure::Failure;
use tillwatch_desk::printer::{AfterSale, Printer, Way};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::{PaymentMethod, Sale};
use tillwatch_shared::tax_id::Cnpj;
use tillwatch_shared::time::DEFAULT_ZONE;
use tillwatch_shared::{SaleId, StoreId, mark};
use uuid::Uuid;

use super::{consent, labels, open, sold};
use crate::action::Action;
use crate::input::Effect;
use crate::printer::{Delivered, PrintError};
use crate::receipt::back::{self, Taken};
use crate::receipt::sale::Head;
use crate::receipt::{Document, sale, test_page};
use crate::receipts_texts::Text;
use crate::state::forms::Part;
use crate::state::labels::LabelsInput;
use crate::state::outbox::{Parcel, Work};
use crate::state::papers::{self, Row, SlipHere, SlipOf};
use crate::state::receipts::{
    Elsewhere, ListForm, PrintJob, PrinterInput, ReceiptsDialog, ReceiptsEffect, ReceiptsEvent,
    ReceiptsInput, Slip,
};
use crate::state::sold::Find;
use crate::state::{Dialog, State};

pub fn take(state: &mut State, input: ReceiptsInput) -> Vec<Effect> {
    match input {
        ReceiptsInput::Open if ready(state) && state.receipts.slip.is_some() => print_slip(state),
        ReceiptsInput::Open => match just_sold(state) {
            Some(sale) if ready(state) => print_first(state, &sale),
            Some(_) | None => list(state),
        },
        ReceiptsInput::List => list(state),
        ReceiptsInput::Wanted(text) => wanted(state, text),
        ReceiptsInput::Find => look_for(state),
        ReceiptsInput::Row(row) => select(state, row),
        ReceiptsInput::Move(by) => {
            let row = form(state).map_or(0, |form| form.row.saturating_add_signed(by));
            select(state, row)
        }
        ReceiptsInput::Print => print_again(state),
        ReceiptsInput::SavePdf => save(state),
        ReceiptsInput::OpenPrinter => {
            open(state, Dialog::Receipts(ReceiptsDialog::Printer));
            Vec::new()
        }
        ReceiptsInput::Printer(input) => {
            set(&mut state.settings.printer, input);
            state.settings_dirty = true;
            Vec::new()
        }
        ReceiptsInput::TestPrint => {
            let lang = paper_lang(state);
            let document = test_page::document(&state.settings.printer, lang);
            send(state, None, document, false)
        }
        ReceiptsInput::Labels(input) => labels::take(state, input),
    }
}

pub fn happened(state: &mut State, event: ReceiptsEvent) -> Vec<Effect> {
    match event {
        ReceiptsEvent::Printed(result) => printed(state, result),
        ReceiptsEvent::Saved(result) => saved(state, result),
        ReceiptsEvent::LabelsSaved(result) => {
            labels::saved(state, result.is_ok());
            saved(state, result);
        }
        ReceiptsEvent::NotIssued(reason) => {
            state.toasts.problem(Text::SlipNotKept.with(state.lang(), &[("reason", &reason)]));
        }
        ReceiptsEvent::Recalled(sale, document) => {
            if let Some(form) = form(state) {
                form.issued = Some((sale, document));
            }
        }
        ReceiptsEvent::Fetched { find, answer } => return fetched(state, find, answer),
    }
    Vec::new()
}

/// A sale was made. It is the last one, whenever its cart was begun: its id is as old as that.
pub(super) fn sold(state: &mut State, sale: &Sale) {
    state.receipts.slip = None;
    state.receipts.last = Some(Box::new(sale.clone()));
}

/// The server has told more about a sale.
pub(super) fn told(state: &mut State, sale: &Sale) {
    if state.receipts.last.as_ref().is_none_or(|last| last.id == sale.id) {
        state.receipts.last = Some(Box::new(sale.clone()));
    }
}

/// A return was made: its slip goes the way of receipts.
pub(super) fn returned(state: &mut State, parcel: &Parcel) {
    let (Work::Return(_, back), Some(after)) = (&parcel.work, &parcel.sold) else { return };
    let person = state.person.as_ref().map_or("", |person| person.name.as_str());
    let approver = consent::name(state).filter(|_| back.approved_by.is_some());
    let taken = Taken { person, approver, at: back.returned_at.unwrap_or(parcel.made_at) };
    let head = head(state, after.store_id, &after.store_name);
    let document = back::slip(after, back, taken, &head, paper_lang(state));
    let cash = back.refunds.iter().any(|refund| refund.method == PaymentMethod::Cash);
    let here = SlipHere {
        id: parcel.command.0,
        store: after.store_id,
        at: taken.at,
        of: SlipOf::Return { sale: after.id, void: back.void },
        number: Some(after.number).filter(|number| *number > 0),
        total: back.total_cents,
        document,
    };
    offer(state, Slip { here, cash });
}

/// A slip is kept, and goes to the printer as receipts do: by itself, when it is asked for, or not.
pub(super) fn offer(state: &mut State, slip: Slip) {
    state.receipts.unissued.push(slip.here.clone());
    if !ready(state) || state.settings.printer.after_sale == AfterSale::Nothing {
        return;
    }
    state.receipts.slip = Some(Box::new(slip));
    if state.settings.printer.after_sale == AfterSale::Ask {
        let words = Text::SlipOffer.with(state.lang(), &[("key", &state.keys.word(Action::Receipts))]);
        state.toasts.info(words, state.now);
    }
}

/// Slips that were made go to the till's file, with or without a printer.
pub(super) fn issue(state: &mut State) -> Vec<Effect> {
    let made = std::mem::take(&mut state.receipts.unissued);
    made.into_iter().map(|slip| Effect::Receipts(ReceiptsEffect::Issue(Box::new(slip)))).collect()
}

/// The sale just made is confirmed to the customer: prints, where that is wanted after each sale.
pub fn after_sale(state: &mut State) -> Vec<Effect> {
    if state.settings.printer.after_sale != AfterSale::Print || !ready(state) {
        return Vec::new();
    }
    if state.receipts.slip.is_some() {
        return print_slip(state);
    }
    just_sold(state).map(|sale| print_first(state, &sale)).unwrap_or_default()
}

/// Sends a document to the printer; with an id it is the same ever after.
pub fn send(state: &mut State, id: Option<Uuid>, document: Document, open_drawer: bool) -> Vec<Effect> {
    if !ready(state) {
        state.dialog = Some(Dialog::Receipts(ReceiptsDialog::Printer));
        state.toasts.info(Text::SetUpFirst.get(state.lang()), state.now);
        return Vec::new();
    }
    state.receipts.printing += 1;
    let printer = state.settings.printer.clone();
    let job = PrintJob { id, document, printer, open_drawer };
    vec![Effect::Receipts(ReceiptsEffect::Print(Box::new(job)))]
}

/// The receipt of a sale as it would be issued now.
pub fn document(state: &State, told: &Sale) -> Document {
    let unit = |product| state.catalogue.get(product).map(|item| item.product.unit);
    sale::receipt(told, &head(state, told.store_id, &told.store_name), unit, paper_lang(state))
}

/// What stands at the head of this store's papers.
pub fn head(state: &State, store: StoreId, name: &str) -> Head {
    let known = state.stores.iter().chain(&state.store).find(|known| known.id == store);
    Head {
        store: name.to_owned(),
        cnpj: known.and_then(|store| store.cnpj.as_ref()).map(Cnpj::written),
        zone: format::zone(known.map_or(DEFAULT_ZONE, |store| store.zone.as_str())),
    }
}

/// The same where only the store's name is known.
pub fn head_of(state: &State, name: &str) -> Head {
    let known = state.stores.iter().chain(&state.store).find(|known| known.name == name);
    match known.map(|store| store.id) {
        Some(id) => head(state, id, name),
        None => Head { store: name.to_owned(), cnpj: None, zone: format::zone(DEFAULT_ZONE) },
    }
}

/// The row that the list shows the paper of.
pub fn shown<'a>(state: &'a State, form: &'a ListForm) -> Option<Row<'a>> {
    papers::rows(&state.sold, form)?.get(form.row).copied()
}

/// Its paper: as it was issued, or as it would be.
pub fn shown_document(state: &State, form: &ListForm) -> Option<(Uuid, Document)> {
    let row = shown(state, form)?;
    let paper = match row {
        Row::Slip(slip) => slip.document.clone(),
        Row::Sale(sale) => {
            let recalled = form.issued.as_ref().filter(|(id, _)| *id == sale.id);
            let issued = recalled.and_then(|(_, issued)| issued.clone());
            issued.map_or_else(|| document(state, sale), |issued| *issued)
        }
    };
    Some((row.id(), paper))
}

pub fn paper_lang(state: &State) -> Lang {
    state.settings.printer.lang.unwrap_or(state.lang())
}

/// A printer is set up.
pub fn ready(state: &State) -> bool {
    let printer = &state.settings.printer;
    printer.way != Way::None && !printer.address.trim().is_empty()
}

/// The sale on the screen, until its receipt is printed.
pub fn just_sold(state: &State) -> Option<Sale> {
    let confirmed = state.confirmation.as_ref().map(|shown| shown.command.0)?;
    let last = state.receipts.last.as_deref()?;
    (last.id.0 == confirmed && state.receipts.settled != Some(last.id)).then(|| last.clone())
}

fn print_first(state: &mut State, sale: &Sale) -> Vec<Effect> {
    state.receipts.settled = Some(sale.id);
    let cash = sale.payments.iter().any(|payment| payment.method == PaymentMethod::Cash);
    let open_drawer = cash && state.settings.printer.drawer;
    let document = document(state, sale);
    send(state, Some(sale.id.0), document, open_drawer)
}

fn print_slip(state: &mut State) -> Vec<Effect> {
    let Some(slip) = state.receipts.slip.take() else { return Vec::new() };
    let open_drawer = slip.cash && state.settings.printer.drawer;
    send(state, Some(slip.here.id), slip.here.document, open_drawer)
}

fn list(state: &mut State) -> Vec<Effect> {
    if state.pay.is_some() {
        return Vec::new();
    }
    open(state, Dialog::Receipts(ReceiptsDialog::List(ListForm::default())));
    state.focus = Some(Part::Search);
    sold::look(state, Find::Newest)
}

fn form(state: &mut State) -> Option<&mut ListForm> {
    match &mut state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::List(form))) => Some(form),
        Some(_) | None => None,
    }
}

/// A code that was scanned while one of these dialogs is open.
pub(super) fn scanned(state: &mut State, code: &str) -> Vec<Effect> {
    match &state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::List(_))) => {
            let mut effects = wanted(state, code.to_owned());
            effects.extend(look_for(state));
            effects
        }
        Some(Dialog::Receipts(ReceiptsDialog::Labels(_))) => {
            labels::take(state, LabelsInput::Search(code.to_owned()));
            labels::take(state, LabelsInput::Enter)
        }
        Some(_) | None => Vec::new(),
    }
}

/// Nothing is looked for any more: the newest again.
fn wanted(state: &mut State, text: String) -> Vec<Effect> {
    let newest = state.sold.asked.is_some_and(|(_, find)| find == Find::Newest);
    let Some(form) = form(state) else { return Vec::new() };
    let empty = text.trim().is_empty();
    let mut new = ListForm { wanted: text, issued: form.issued.take(), ..ListForm::default() };
    // Names are looked for among the newest, row by row as they are typed.
    let named = papers::name(&new).is_some();
    if newest && !named && papers::name(form).is_none() {
        new.row = form.row;
    }
    *form = new;
    if (empty || named) && !newest {
        return sold::look(state, Find::Newest);
    }
    if named { recall(state) } else { Vec::new() }
}

/// Enter in the search field: an empty one prints what is shown.
fn look_for(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Receipts(ReceiptsDialog::List(form))) = &mut state.dialog else { return Vec::new() };
    let wanted = form.wanted.trim().to_owned();
    if wanted.is_empty() {
        return print_again(state);
    }
    if let Some((first, last)) = mark::range(&wanted) {
        return sold::look(state, Find::Between(first, last));
    }
    match wanted.parse::<i64>() {
        Ok(number) if number > 0 => sold::look(state, Find::Number(number)),
        Ok(_) | Err(_) if papers::is_of_customer(&state.sold, form) => print_again(state),
        Ok(_) | Err(_) => {
            form.elsewhere = Elsewhere::NotUnderstood;
            Vec::new()
        }
    }
}

fn select(state: &mut State, row: usize) -> Vec<Effect> {
    let Some(Dialog::Receipts(ReceiptsDialog::List(form))) = &mut state.dialog else { return Vec::new() };
    let rows = papers::rows(&state.sold, form).map_or(0, |rows| rows.len());
    form.row = row.min(rows.saturating_sub(1));
    if !matches!(form.elsewhere, Elsewhere::Found(_) | Elsewhere::Asked(_)) {
        form.elsewhere = Elsewhere::NotAsked;
    }
    state.focus = Some(Part::Search);
    recall(state)
}

/// The till's file has answered: shows the first, or asks the server for what was not made here.
pub fn looked(state: &mut State) -> Vec<Effect> {
    let Some((store, find)) = state.sold.asked else { return Vec::new() };
    let nothing = state.sold.sales.as_ref().is_some_and(Vec::is_empty);
    let Some(form) = form(state) else { return Vec::new() };
    form.row = 0;
    if !nothing {
        return recall(state);
    }
    if find == Find::Newest {
        return Vec::new();
    }
    form.elsewhere = Elsewhere::Asked(find);
    vec![Effect::Receipts(ReceiptsEffect::Fetch { store, find })]
}

fn recall(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Receipts(ReceiptsDialog::List(form))) = &state.dialog else { return Vec::new() };
    let Some(id) = shown(state, form).and_then(Row::sale).map(|sale| sale.id) else { return Vec::new() };
    vec![Effect::Receipts(ReceiptsEffect::Recall(id))]
}

fn fetched(state: &mut State, find: Find, answer: Result<Option<Box<Sale>>, Failure>) -> Vec<Effect> {
    let Some(form) = form(state) else { return Vec::new() };
    if form.elsewhere != Elsewhere::Asked(find) {
        return Vec::new();
    }
    form.row = 0;
    form.elsewhere = match answer {
        Ok(Some(sale)) => Elsewhere::Found(sale),
        Ok(None) => Elsewhere::Nowhere,
        Err(failure) => Elsewhere::Failed(failure),
    };
    recall(state)
}

fn print_again(state: &mut State) -> Vec<Effect> {
    match listed(state) {
        Some((id, document)) => {
            state.receipts.settled = Some(SaleId(id));
            if state.receipts.slip.as_ref().is_some_and(|slip| slip.here.id == id) {
                state.receipts.slip = None;
            }
            send(state, Some(id), document, false)
        }
        None => Vec::new(),
    }
}

fn save(state: &mut State) -> Vec<Effect> {
    let save = |(id, document): (Uuid, Document)| {
        Effect::Receipts(ReceiptsEffect::SavePdf { id: Some(id), document: Box::new(document) })
    };
    listed(state).map(save).into_iter().collect()
}

fn listed(state: &State) -> Option<(Uuid, Document)> {
    match &state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::List(form))) => shown_document(state, form),
        Some(_) | None => None,
    }
}

fn set(printer: &mut Printer, input: PrinterInput) {
    match input {
        PrinterInput::Way(way) => printer.way = way,
        PrinterInput::Address(address) => printer.address = address,
        PrinterInput::Baud(baud) => printer.baud = baud,
        PrinterInput::Width(width) => printer.width = width,
        PrinterInput::Page(page) => printer.page = page,
        PrinterInput::Lang(lang) => printer.lang = Some(lang),
        PrinterInput::AfterSale(after_sale) => printer.after_sale = after_sale,
        PrinterInput::Cut(cut) => printer.cut = cut,
        PrinterInput::Drawer(drawer) => printer.drawer = drawer,
    }
}

fn printed(state: &mut State, result: Delivered) {
    let lang = state.lang();
    state.receipts.printing = state.receipts.printing.saturating_sub(1);
    match result {
        Ok(None) => state.toasts.done(Text::Printed.get(lang), state.now),
        Ok(Some(path)) => {
            state.toasts.done(Text::Written.with(lang, &[("path", &path.display())]), state.now);
        }
        Err(error) => state.toasts.problem(trouble(&error, &state.settings.printer, lang)),
    }
}

fn saved(state: &mut State, result: Result<PathBuf, String>) {
    let lang = state.lang();
    match result {
        Ok(path) => state.toasts.done(Text::Written.with(lang, &[("path", &path.display())]), state.now),
        Err(reason) => state.toasts.problem(Text::NotWritten.with(lang, &[("reason", &reason)])),
    }
}

/// What is wrong with the printer, and what to do about it.
fn trouble(error: &PrintError, printer: &Printer, lang: Lang) -> String {
    let address: &dyn std::fmt::Display = &printer.address;
    let text = match error {
        PrintError::NotSetUp => Text::SetUpFirst,
        PrintError::NotFound => Text::PrinterNotFound,
        PrintError::Unreachable(_) => Text::PrinterUnreachable,
        PrintError::Denied => Text::PrinterDenied,
        PrintError::TimedOut => Text::PrinterTimedOut,
        PrintError::Busy => Text::PrinterBusy,
        PrintError::Failed(reason) => return Text::PrinterFailed.with(lang, &[("reason", reason)]),
    };
    text.with(lang, &[("address", address)])
}
