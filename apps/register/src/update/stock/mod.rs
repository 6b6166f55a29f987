//! The desk's work on stock: the menu, and the steps that all its forms share.

mod count_lots;
mod lists;
mod transfers;

use tillwatch_desk::clock::Moment;

pub use self::lists::{correct, kept, refused, scanned};
use self::lists::{drop_draft, enter_line, finish_scan, remove_last};
use self::transfers::{finish_arrival, finish_take_back, open_transfer};
pub use self::transfers::{follow, loaded, open_transfers, settled, transfer};
use super::forms;
use crate::input::Effect;
use crate::search_line;
use crate::state::forms::{Part, Trouble};
use crate::state::stock::{Printed, Purpose, ScanForm, StockForm, StockInput, Task};
use crate::state::{Dialog, State};
use crate::stock_texts::Text;

/// Products offered while one is looked for.
const HITS: usize = 5;

pub fn take(state: &mut State, input: StockInput, moment: Moment) -> Vec<Effect> {
    match input {
        StockInput::Open => forms::show(state, Dialog::Stock(StockForm::Menu { row: 0 }), Part::Product),
        StockInput::Choose(task) => choose(state, task),
        StockInput::Move(by) => step(state, by),
        StockInput::Pick(row) => return pick(state, row, moment),
        StockInput::Destination(row) => {
            if let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog {
                form.destination = row;
            }
        }
        StockInput::Text(text) => typed(state, text),
        StockInput::Printed(part, text) => count_lots::typed(state, part, text),
        StockInput::Reason(text) => reason(state, &text),
        StockInput::RemoveLast => return remove_last(state),
        StockInput::AskDrop(asks) => {
            if let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog {
                form.dropping = asks;
                state.focus = Some(Part::Product);
            }
        }
        StockInput::Drop => return drop_draft(state),
        StockInput::Finish => return finish(state, moment),
    }
    Vec::new()
}

/// Goes to one of the forms, from the menu or from the till.
fn choose(state: &mut State, task: Task) {
    if matches!(state.dialog, Some(Dialog::Stock(StockForm::Menu { .. }))) {
        state.dialog = None;
    }
    let form = match task {
        Task::Receive => return forms::open_entry(state, tillwatch_shared::api::StockEntryKind::Receive),
        Task::Adjust => return forms::open_entry(state, tillwatch_shared::api::StockEntryKind::Adjust),
        Task::Count => StockForm::Scan(scan_form(Purpose::Count)),
        Task::Send => StockForm::Scan(scan_form(Purpose::Send)),
        Task::Arrive => StockForm::Transfers { row: 0 },
    };
    forms::show(state, Dialog::Stock(form), Part::Product);
}

fn scan_form(purpose: Purpose) -> ScanForm {
    ScanForm {
        purpose,
        text: String::new(),
        hits: Vec::new(),
        hit: 0,
        printed: Printed::default(),
        destination: 0,
        notice: None,
        dropping: false,
        trouble: Trouble::default(),
    }
}

fn step(state: &mut State, by: isize) {
    let transfers = open_transfers(state).len();
    let moved = |row: usize, rows: usize| row.saturating_add_signed(by).min(rows.saturating_sub(1));
    let Some(Dialog::Stock(form)) = &mut state.dialog else { return };
    match form {
        StockForm::Menu { row } => *row = moved(*row, Task::ALL.len()),
        StockForm::Transfers { row } => *row = moved(*row, transfers),
        StockForm::Scan(form) => form.hit = moved(form.hit, form.hits.len()),
        StockForm::Arrive(form) => {
            form.line = moved(form.line, form.arrived.len());
            state.focus = Some(Part::Quantity);
        }
        StockForm::TakeBack(_) | StockForm::Report(_) => {}
    }
}

fn pick(state: &mut State, row: usize, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(form)) = &mut state.dialog else { return Vec::new() };
    match form {
        StockForm::Menu { .. } => {
            if let Some(task) = Task::ALL.get(row) {
                choose(state, *task);
            }
        }
        StockForm::Transfers { .. } => open_transfer(state, row),
        StockForm::Scan(form) => {
            form.hit = row;
            return enter_line(state, moment);
        }
        StockForm::Arrive(form) => {
            form.line = row.min(form.arrived.len().saturating_sub(1));
            state.focus = Some(Part::Quantity);
        }
        StockForm::TakeBack(_) | StockForm::Report(_) => {}
    }
    Vec::new()
}

fn typed(state: &mut State, text: String) {
    let wanted = search_line::wanted(&text);
    let hits = if wanted.is_empty() { Vec::new() } else { forms::hits(state, wanted, HITS) };
    let Some(Dialog::Stock(form)) = &mut state.dialog else { return };
    match form {
        StockForm::Scan(form) => {
            form.text = text;
            form.hits = hits;
            form.hit = 0;
            form.notice = None;
            form.dropping = false;
            form.trouble.edited();
        }
        StockForm::Arrive(form) => {
            if let Some(arrived) = form.arrived.get_mut(form.line) {
                *arrived = text;
            }
            form.trouble.edited();
        }
        StockForm::Menu { .. }
        | StockForm::Transfers { .. }
        | StockForm::TakeBack(_)
        | StockForm::Report(_) => {}
    }
}

/// A single digit is one of the usual reasons.
fn reason(state: &mut State, text: &str) {
    let text = usual_reason(text, state.lang()).unwrap_or_else(|| text.to_owned());
    let Some(Dialog::Stock(form)) = &mut state.dialog else { return };
    match form {
        StockForm::Arrive(form) => {
            form.reason = text;
            form.trouble.edited();
        }
        StockForm::TakeBack(form) => {
            form.reason = text;
            form.trouble.edited();
        }
        StockForm::Menu { .. } | StockForm::Scan(_) | StockForm::Transfers { .. } | StockForm::Report(_) => {}
    }
}

/// The reasons that are chosen by their number.
pub const REASONS: [Text; 5] =
    [Text::ReasonBroken, Text::ReasonExpired, Text::ReasonLost, Text::ReasonUsed, Text::ReasonMiscounted];

pub fn usual_reason(text: &str, lang: tillwatch_desk::Lang) -> Option<String> {
    let number: usize = text.parse().ok()?;
    let reason = REASONS.get(number.checked_sub(1)?)?;
    (text.len() == 1).then(|| reason.get(lang).to_owned())
}

/// Enter, wherever the focus is.
pub fn submit(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(form)) = &mut state.dialog else { return Vec::new() };
    match form {
        StockForm::Menu { row } | StockForm::Transfers { row } => {
            let row = *row;
            pick(state, row, moment)
        }
        // The safe answer to the question whether to throw the list away.
        StockForm::Scan(form) if form.dropping => {
            form.dropping = false;
            Vec::new()
        }
        StockForm::Scan(_) => enter_line(state, moment),
        StockForm::Arrive(form) => {
            // From line to line, then to what is missing, then it is done.
            if form.line + 1 < form.arrived.len() {
                form.line += 1;
                state.focus = Some(Part::Quantity);
                return Vec::new();
            }
            finish_arrival(state, moment)
        }
        StockForm::TakeBack(_) => finish_take_back(state, moment),
        StockForm::Report(_) => {
            state.dialog = None;
            state.focus = Some(Part::Search);
            Vec::new()
        }
    }
}

fn finish(state: &mut State, moment: Moment) -> Vec<Effect> {
    let Some(Dialog::Stock(form)) = &state.dialog else { return Vec::new() };
    match form {
        StockForm::Scan(_) => finish_scan(state, moment),
        StockForm::Arrive(_) => finish_arrival(state, moment),
        StockForm::TakeBack(_) => finish_take_back(state, moment),
        StockForm::Menu { .. } | StockForm::Transfers { .. } | StockForm::Report(_) => Vec::new(),
    }
}
