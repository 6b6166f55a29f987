//! The lots of what is counted: what is printed on the goods is typed before they are scanned, or just after.

use jiff::civil::Date;
use tillwatch_shared::api::LotName;
use tillwatch_shared::{StoreId, expiry};

use super::forms;
use crate::input::Effect;
use crate::state::forms::{Complaint, Part};
use crate::state::stock::{Draft, Purpose, ScanForm, ScanLine, StockEffect, StockForm};
use crate::state::{Dialog, State};

pub(super) fn typed(state: &mut State, part: Part, text: String) {
    let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog else { return };
    let printed = &mut form.printed;
    let field = if part == Part::Expiry { &mut printed.expiry } else { &mut printed.lot };
    *field = text;
    printed.of = None;
    form.notice = None;
    form.trouble.edited();
}

/// The lot that is typed, its code as the server keeps it; goods on a shelf may have expired.
pub(super) fn told(form: &ScanForm, today: Date) -> Result<Option<LotName>, (Part, Complaint)> {
    let code = form.printed.lot.to_uppercase();
    forms::printed(&code, &form.printed.expiry, |text| expiry::parse_found(text, today))
}

pub(super) fn complain(state: &mut State, part: Part, complaint: Complaint) -> Vec<Effect> {
    if let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog {
        form.trouble.complaint = Some((part, complaint));
        state.focus = Some(part);
    }
    Vec::new()
}

/// Enter while nothing is scanned: what was typed since the last scan is printed on what was scanned last.
pub(super) fn of_last(state: &mut State, store: StoreId, lot: Option<LotName>) -> Vec<Effect> {
    state.focus = Some(Part::Product);
    let Some(Dialog::Stock(StockForm::Scan(form))) = &mut state.dialog else { return Vec::new() };
    if form.purpose != Purpose::Count || form.printed.of.is_some() || lot.is_none() {
        return Vec::new();
    }
    let now = state.now;
    let Some(draft) = state.stock.draft_mut(Purpose::Count, store, now) else { return Vec::new() };
    let Some(last) = last_without_lot(draft) else { return Vec::new() };
    form.printed.scanned(last.product);
    draft.add(ScanLine { lot, ..last });
    vec![Effect::Stock(StockEffect::KeepDraft(Box::new(draft.clone())))]
}

fn last_without_lot(draft: &mut Draft) -> Option<ScanLine> {
    draft.lines.pop_if(|line| line.lot.is_none())
}
