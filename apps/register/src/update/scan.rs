//! What a scan does, wherever the focus is.
//!
//! At the till the product goes into the cart; what had been typed before a star in the search line is the quantity.
//! A page that only shows something (menu, keys, outbox) closes for it. In the form of a product it is the product's
//! code, in a stock entry it chooses the product, in a list of what is counted or sent it adds one; among receipts it
//! finds the sale, where goods come back the sale or its line, among labels it adds one. While money is taken, or a
//! figure is being typed, nothing is added: a message names the code, so that the cashier scans it again when the sale
//! is back.

use tillwatch_desk::clock::Moment;
use tillwatch_desk::texts::Table as _;
use tillwatch_shared::{Quantity, barcode};

use super::{receipts, returns, stock, till};
use crate::input::{Effect, ReaderInput};
use crate::scan_texts::ScanText;
use crate::state::burst::{Outcome, Stroke};
use crate::state::forms::{EntryForm, Part};
use crate::state::receipts::ReceiptsDialog;
use crate::state::scan::{Before, Meaning, Reader, ReaderForm, Tried, read_layouts};
use crate::state::stock::StockForm;
use crate::state::{Dialog, State};

/// Characters of a code that a message repeats.
const SHOWN: usize = 40;

pub fn keyed(state: &mut State, strokes: &[Stroke], moment: Moment) -> Vec<Effect> {
    let longest_gap = i64::from(state.settings.reader_gap_ms) * 1000;
    let mut effects = Vec::new();
    for stroke in strokes {
        let outcome = state.reader.burst.take(*stroke, longest_gap);
        match if state.asks_for_secrets() { outcome.beside_secrets() } else { outcome } {
            outcome @ (Outcome::Begun | Outcome::Resumed) => {
                let last = state.reader.before.replace(Box::new(Before::of(state)));
                state.reader.earlier = last.filter(|_| outcome == Outcome::Resumed);
            }
            Outcome::Typed | Outcome::Going | Outcome::Passed => {}
            Outcome::Scanned { code, resumed } => {
                let (earlier, last) = (state.reader.earlier.take(), state.reader.before.take());
                if let Some(before) = if resumed { earlier } else { last } {
                    let search = before.restore(state);
                    till::search(state, search);
                }
                effects.extend(scanned(state, code.trim(), moment));
            }
        }
    }
    effects
}

fn scanned(state: &mut State, code: &str, moment: Moment) -> Vec<Effect> {
    if state.asks_for_secrets() {
        // Not which one: where secrets are typed it may be one.
        state.toasts.info(ScanText::IgnoredOutside.get(state.lang()).to_owned(), state.now);
        return Vec::new();
    }
    if state.asks_to_leave {
        ignored(state, ScanText::IgnoredDialog, code);
        return Vec::new();
    }
    if let Some(Dialog::Receipts(ReceiptsDialog::List(_) | ReceiptsDialog::Labels(_))) = &state.dialog {
        return receipts::scanned(state, code);
    }
    if let Some(Dialog::Stock(StockForm::Scan(_))) = &state.dialog {
        return stock::scanned(state, code, moment);
    }
    if matches!(state.dialog, Some(Dialog::Return(_))) {
        let product = till::by_code(state, code).map(|found| found.product);
        return returns::scanned(state, code, product, moment).unwrap_or_else(|| {
            ignored(state, ScanText::IgnoredDialog, code);
            Vec::new()
        });
    }
    match (state.dialog.is_some(), state.pay.is_some()) {
        (true, _) => in_dialog(state, code),
        (false, true) => ignored(state, ScanText::IgnoredPaying, code),
        (false, false) => enter(state, code),
    }
    Vec::new()
}

/// On a slow screen `3*` may be one run with the scan that it is meant for.
fn enter(state: &mut State, code: &str) {
    let whole = till::by_code(state, code).is_some();
    let times = |times: &str| Quantity::parse(times.trim()).is_ok();
    match code.rsplit_once('*').filter(|_| !whole) {
        Some((before, code)) if times(before) || till::by_code(state, code).is_some() => {
            let line = format!("{}{before}*", state.search.text);
            till::search(state, line);
            till::enter_scan(state, code);
        }
        Some(_) | None => till::enter_scan(state, code),
    }
}

fn ignored(state: &mut State, text: ScanText, code: &str) {
    let shown: String = code.chars().take(SHOWN).collect();
    let text = text.with(state.lang(), &[("code", &shown)]);
    state.toasts.info(text, state.now);
}

fn in_dialog(state: &mut State, code: &str) {
    let found = till::by_code(state, code).map(|found| found.product);
    match &mut state.dialog {
        Some(Dialog::Product(form)) if form.trouble.waiting.is_none() => {
            barcode::printed(&barcode::normalise(code)).clone_into(&mut form.code);
            form.trouble.edited();
            let next = if form.name.is_empty() { Part::Name } else { Part::Price };
            state.focus = Some(next);
        }
        Some(Dialog::Entry(form)) if may_change(form) => {
            form.trouble.edited();
            form.product = found;
            state.focus = Some(if found.is_some() { Part::Quantity } else { Part::Product });
            if found.is_none() {
                code.clone_into(&mut form.search);
                form.hits.clear();
            }
        }
        Some(Dialog::Reader(_)) => try_out(state, code),
        Some(Dialog::Menu | Dialog::Keys(_) | Dialog::Outbox(_)) => {
            state.dialog = None;
            enter(state, code);
        }
        Some(
            Dialog::Product(_)
            | Dialog::Entry(_)
            | Dialog::Stock(_)
            | Dialog::Quantity(_)
            | Dialog::Amount(_)
            | Dialog::Cart(_)
            | Dialog::Cash(_)
            | Dialog::Debts(_)
            | Dialog::CancelSale
            | Dialog::Receipts(_)
            | Dialog::Return(_),
        )
        | None => ignored(state, ScanText::IgnoredDialog, code),
    }
}

/// Nothing has been typed yet that belongs to the product chosen before.
fn may_change(form: &EntryForm) -> bool {
    form.trouble.waiting.is_none() && (form.product.is_none() || form.quantity.is_empty())
}

pub fn open(state: &mut State) {
    let layouts = state.settings.scale_layouts.clone().unwrap_or_default();
    super::open(state, Dialog::Reader(ReaderForm { layouts, ..ReaderForm::default() }));
}

pub fn take(state: &mut State, input: ReaderInput) {
    let Some(Dialog::Reader(form)) = &mut state.dialog else { return };
    match input {
        ReaderInput::Gap(milliseconds) => state.settings.reader_gap_ms = milliseconds,
        ReaderInput::Layouts(text) => {
            form.complaint = read_layouts(&text).err();
            if form.complaint.is_none() {
                state.settings.scale_layouts = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                state.reader.layouts = Reader::of(&state.settings).layouts;
            }
            form.layouts = text;
        }
    }
    state.settings_dirty = true;
}

fn try_out(state: &mut State, code: &str) {
    let name = |found: till::Found| state.catalogue.get(found.product).map(|item| item.product.name.clone());
    let product = till::by_code(state, code).and_then(name);
    let label = state.reader.layouts.iter().find_map(|layout| layout.read(code));
    let means = match (label, product) {
        (Some(label), product) if state.catalogue.by_code(code).is_none() => {
            Meaning::Label { code: label.bare_code().to_owned(), amount: label.amount, product }
        }
        (_, Some(product)) => Meaning::Product(product),
        (_, None) => Meaning::Unknown,
    };
    if let Some(Dialog::Reader(form)) = &mut state.dialog {
        form.tried = Some(Tried { code: code.chars().take(SHOWN).collect(), means });
    }
}
