//! Choosing labels and saving their sheets.

use tillwatch_desk::texts::Table as _;
use tillwatch_shared::{ProductId, Quantity};

use super::open;
use crate::input::Effect;
use crate::labels::{self, Label};
use crate::receipts_texts::Text;
use crate::search_line;
use crate::state::forms::Part;
use crate::state::labels::{LabelComplaint, LabelsForm, LabelsInput, Wanted};
use crate::state::receipts::{ReceiptsDialog, ReceiptsEffect};
use crate::state::{Dialog, State};

/// Products offered while one is looked for.
const HITS: usize = 6;

pub fn take(state: &mut State, input: LabelsInput) -> Vec<Effect> {
    if input == LabelsInput::Open {
        show(state);
        return Vec::new();
    }
    let Some(form) = form(state) else { return Vec::new() };
    form.complaint = None;
    match input {
        LabelsInput::Open => {}
        LabelsInput::Search(text) => search(state, text),
        LabelsInput::MoveHit(by) => {
            form.hit = form.hit.saturating_add_signed(by).min(form.hits.len().saturating_sub(1));
        }
        LabelsInput::Enter if form.search.trim().is_empty() => return save(state),
        LabelsInput::Enter => enter(state),
        LabelsInput::Add(product) => add(state, product),
        LabelsInput::Copies(product, by) => {
            if let Some(wanted) = form.wanted.iter_mut().find(|wanted| wanted.product == product) {
                let copies = (i64::from(wanted.copies) + by).clamp(1, i64::from(labels::MOST));
                wanted.copies = u32::try_from(copies).unwrap_or(1);
            }
        }
        LabelsInput::Remove(product) => form.wanted.retain(|wanted| wanted.product != product),
        LabelsInput::Layout(layout) => {
            state.settings.label_layout = layout;
            state.settings_dirty = true;
        }
        LabelsInput::Skip(text) => form.skip = text,
        LabelsInput::Save => return save(state),
    }
    Vec::new()
}

/// The file is written, or could not be: then the list is still there.
pub fn saved(state: &mut State, written: bool) {
    if let Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) = &mut state.dialog {
        form.waiting = false;
        if written {
            state.dialog = None;
            state.focus = Some(Part::Search);
        }
    }
}

/// With the product that is selected in the list, if somebody looked for one.
fn show(state: &mut State) {
    let looked_for = !state.search.text.trim().is_empty();
    let product = state.selected_product().filter(|_| looked_for).map(|item| item.product.id);
    let wanted = product.map(|product| Wanted { product, copies: 1 }).into_iter().collect();
    open(state, Dialog::Receipts(ReceiptsDialog::Labels(LabelsForm { wanted, ..LabelsForm::default() })));
    state.focus = Some(Part::Product);
}

fn form(state: &mut State) -> Option<&mut LabelsForm> {
    match &mut state.dialog {
        Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) if !form.waiting => Some(form),
        Some(_) | None => None,
    }
}

fn search(state: &mut State, text: String) {
    let wanted = search_line::wanted(&text).trim();
    let hits = if wanted.is_empty() { Vec::new() } else { state.catalogue.search(wanted) };
    if let Some(form) = form(state) {
        form.hits = hits.into_iter().take(HITS).collect();
        form.hit = 0;
        form.search = text;
    }
}

/// `12*code`: an exact code first, then what is selected.
fn enter(state: &mut State) {
    let Some(form) = form(state) else { return };
    let (typed, selected) = (form.search.clone(), form.hits.get(form.hit).copied());
    let chosen = search_line::parse(&typed)
        .ok()
        .and_then(|line| state.catalogue.by_code(line.text).map(|item| item.product.id).or(selected));
    match chosen {
        Some(product) => add(state, product),
        None => complain(state, LabelComplaint::NotFound),
    }
}

fn add(state: &mut State, product: ProductId) {
    let Some(form) = form(state) else { return };
    let quantity = search_line::parse(&form.search).map_or(Quantity::ONE, |line| line.quantity);
    let copies =
        quantity.as_whole().and_then(|copies| u32::try_from(copies).ok()).filter(|copies| *copies > 0);
    let Some(copies) = copies else {
        form.complaint = Some(LabelComplaint::CopiesBad);
        return;
    };
    if form.labels().saturating_add(copies) > labels::MOST {
        form.complaint = Some(LabelComplaint::TooMany);
        return;
    }
    match form.wanted.iter_mut().find(|wanted| wanted.product == product) {
        Some(wanted) => wanted.copies += copies,
        None => form.wanted.push(Wanted { product, copies }),
    }
    form.search.clear();
    form.hits.clear();
    state.focus = Some(Part::Product);
}

fn complain(state: &mut State, complaint: LabelComplaint) {
    if let Some(form) = form(state) {
        form.complaint = Some(complaint);
    }
}

fn save(state: &mut State) -> Vec<Effect> {
    let layout = state.settings.label_layout;
    let places = labels::grid(layout).labels();
    let title = Text::LabelsFile.get(state.lang()).to_owned();
    let Some(Dialog::Receipts(ReceiptsDialog::Labels(form))) = &state.dialog else { return Vec::new() };
    let labels: Vec<(Label, u32)> = form
        .wanted
        .iter()
        .filter_map(|wanted| {
            let product = &state.catalogue.get(wanted.product)?.product;
            Some((Label::of(product, state.price(product)), wanted.copies))
        })
        .collect();
    if labels.is_empty() || form.waiting {
        return Vec::new();
    }
    let typed = form.skip.trim();
    let skip = if typed.is_empty() { Some(0) } else { typed.parse::<usize>().ok() };
    let Some(skip) = skip.filter(|skip| *skip < places) else {
        complain(state, LabelComplaint::SkipBad);
        return Vec::new();
    };
    if let Some(form) = self::form(state) {
        form.waiting = true;
    }
    vec![Effect::Receipts(ReceiptsEffect::SaveLabels { title, labels, layout, skip })]
}

/// What is wrong, in words.
pub fn complaint(state: &State, complaint: LabelComplaint) -> String {
    let lang = state.lang();
    match complaint {
        LabelComplaint::NotFound => Text::LabelNotFound.get(lang).to_owned(),
        LabelComplaint::CopiesBad => Text::LabelCopiesBad.get(lang).to_owned(),
        LabelComplaint::TooMany => Text::LabelsTooMany.with(lang, &[("most", &labels::MOST)]),
        LabelComplaint::SkipBad => {
            let most = labels::grid(state.settings.label_layout).labels() - 1;
            Text::LabelsSkipBad.with(lang, &[("most", &most)])
        }
    }
}
