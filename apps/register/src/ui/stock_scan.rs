//! Scanning a list: what is counted, or what goes to another store. It says what was scanned, never what there
//! should be.

use egui::{Align, Context, Layout, RichText, ScrollArea, Ui, Vec2};
use jiff::civil::Date;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure};
use tillwatch_shared::expiry;

use super::stock_form::{self, Printed};
use super::words;
use crate::input::Input;
use crate::state::State;
use crate::state::forms::{Part, Trouble};
use crate::state::stock::{Draft, Purpose, ScanForm, ScanNotice, StockInput};
use crate::stock_texts::Text;
use crate::texts::Text as Common;

/// How high the list may become before it scrolls.
const LIST_HEIGHT: f32 = 190.0;
const LOW_LIST_HEIGHT: f32 = 3.0 * tokens::CONTROL_HEIGHT;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &ScanForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let (title, how) = match form.purpose {
        Purpose::Count => (Text::CountTitle, Text::CountBlind),
        Purpose::Send => (Text::SendTitle, Text::SendHow),
    };
    let dialog = Dialog { id: "stock-scan", title: title.get(lang), width: 560.0, lang };
    let store = state.store.as_ref().map(|store| store.id);
    let draft = store.and_then(|store| state.stock.draft(form.purpose, store));
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        if !widgets::is_low(ui) {
            widgets::weak(ui, how.get(lang));
        }
        if form.purpose == Purpose::Send {
            destinations(ui, state, form, out);
        }
        if line(ui, state, form, out) {
            out.push(Input::Submit);
        }
        hits(ui, state, form, out);
        if form.purpose == Purpose::Count && lot(ui, state, form, out) {
            out.push(Input::Submit);
        }
        list(ui, state, draft);
    };
    dialog.show_with_foot(ctx, out, body, |ui, out, ()| foot(ui, state, form, draft, out)).closed
}

/// Where it goes: chosen where there are several.
fn destinations(ui: &mut Ui, state: &State, form: &ScanForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let known = state.store.as_ref().and_then(|store| state.stock.known(store.id));
    let stores = known.map(|known| known.destinations.as_slice()).unwrap_or_default();
    if stores.is_empty() {
        Banner { tone: Tone::Attention, text: Text::NoDestination.get(lang), call: None }.show(ui);
        return;
    }
    widgets::small_weak(ui, Text::To.get(lang));
    ui.horizontal_wrapped(|ui| {
        for (row, store) in stores.iter().enumerate() {
            let name = widgets::cut_middle(&store.name, 28);
            let button = egui::Button::selectable(row == form.destination, name.as_ref())
                .frame_when_inactive(true)
                .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT));
            if ui.add(button).on_hover_text(&store.name).accessible_name(&store.name).clicked() {
                out.push(Input::Stock(StockInput::Destination(row)));
            }
        }
    });
}

/// `true` when Enter was pressed in it.
fn line(ui: &mut Ui, state: &State, form: &ScanForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let notice = form.notice.as_ref().map(|notice| notice_words(notice, lang));
    let field = Field::new("stock-scan-line", Text::Scan.get(lang), &form.text)
        .hint(Text::ScanHint.get(lang))
        .error(notice.as_deref())
        .enabled(form.trouble.waiting.is_none())
        .focus(state.focus == Some(Part::Product));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Stock(StockInput::Text(text))));
    answer.entered
}

/// What is printed on what is counted. `true` when Enter was pressed in it.
fn lot(ui: &mut Ui, state: &State, form: &ScanForm, out: &mut Vec<Input>) -> bool {
    let ScanForm { printed: typed, trouble, .. } = form;
    let typed = Printed { lot: &typed.lot, expiry: &typed.expiry, trouble };
    let input = |part, text| Input::Stock(StockInput::Printed(part, text));
    let entered = stock_form::printed(ui, state, &typed, input, out);
    let understood = stock_form::understood(state, typed.expiry, expiry::parse_found);
    let hint = if understood.is_empty() { Text::CountLots.get(state.lang()) } else { &understood };
    widgets::small_weak(ui, hint);
    entered
}

/// What is printed on a lot: its code, its expiry, or both.
pub fn lot_words(code: Option<&str>, expires_on: Option<Date>) -> String {
    let day = expires_on.map(words::date);
    [code, day.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn notice_words(notice: &ScanNotice, lang: Lang) -> String {
    match notice {
        ScanNotice::NotFound(text) => Text::NotFound.with(lang, &[("text", text)]),
        ScanNotice::QuantityBad(text) => Text::QuantityBad.with(lang, &[("text", text)]),
        ScanNotice::NotWhole => Text::NotWhole.get(lang).to_owned(),
        ScanNotice::TooMuch => Text::TooMuch.get(lang).to_owned(),
        ScanNotice::Full => Text::Full.get(lang).to_owned(),
        ScanNotice::Empty => Text::Empty.get(lang).to_owned(),
        ScanNotice::NoDestination => Text::NoDestination.get(lang).to_owned(),
    }
}

fn hits(ui: &mut Ui, state: &State, form: &ScanForm, out: &mut Vec<Input>) {
    ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
    for (row, id) in form.hits.iter().enumerate() {
        let Some(item) = state.catalogue.get(*id) else { continue };
        let name = widgets::cut_middle(&item.product.name, 56);
        let button = egui::Button::selectable(row == form.hit, name.as_ref())
            .min_size(Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT));
        if ui.add(button).on_hover_text(&item.product.name).accessible_name(&item.product.name).clicked() {
            out.push(Input::Stock(StockInput::Pick(row)));
        }
    }
}

/// The newest on top, so that the eye finds the last scan.
fn list(ui: &mut Ui, state: &State, draft: Option<&Draft>) {
    let lang = state.lang();
    ui.separator();
    let lines = draft.map(|draft| draft.lines.as_slice()).unwrap_or_default();
    if lines.is_empty() {
        widgets::weak(ui, Text::Nothing.get(lang));
        return;
    }
    let height = tokens::CONTROL_HEIGHT;
    let most = if widgets::is_low(ui) { LOW_LIST_HEIGHT } else { LIST_HEIGHT };
    let scroll = ScrollArea::vertical().id_salt("stock-scan-list").max_height(most);
    scroll.auto_shrink([false, true]).show_rows(ui, height, lines.len(), |ui, rows| {
        for row in rows {
            let Some(line) = lines.len().checked_sub(row + 1).and_then(|index| lines.get(index)) else {
                continue;
            };
            let item = state.catalogue.get(line.product);
            let name = item.map_or("", |item| item.product.name.as_str());
            let lot = line.lot.as_ref().map(|lot| lot_words(lot.code.as_deref(), lot.expires_on));
            let unit = item.map_or("", |item| item.product.unit.symbol());
            let font = if row == 0 { tokens::body_strong() } else { tokens::body() };
            one(ui, name, lot.as_deref(), &format!("{} {unit}", line.quantity), font);
        }
    });
}

/// A name with its lot, and a quantity against the right edge.
pub fn one(ui: &mut Ui, name: &str, lot: Option<&str>, quantity: &str, font: egui::FontId) {
    ui.horizontal(|ui| {
        ui.set_min_height(tokens::CONTROL_HEIGHT);
        let cut = widgets::cut_middle(name, if lot.is_some() { 28 } else { 46 });
        ui.label(RichText::new(cut.as_ref()).font(font.clone())).on_hover_text(name);
        if let Some(lot) = lot {
            let cut = widgets::cut_middle(lot, 28);
            widgets::weak(ui, &cut).on_hover_text(lot);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(RichText::new(quantity).font(font));
        });
    });
}

fn foot(ui: &mut Ui, state: &State, form: &ScanForm, draft: Option<&Draft>, out: &mut Vec<Input>) {
    let lang = state.lang();
    let scanned = draft.map_or(0, Draft::products);
    if scanned > 0 {
        ui.horizontal(|ui| {
            widgets::weak(ui, &products(scanned, lang));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::link_button(ui, Text::Drop.get(lang)).clicked() {
                    out.push(Input::Stock(StockInput::AskDrop(true)));
                }
                if widgets::quiet_button(ui, Text::RemoveLast.get(lang), Some("Del")).clicked() {
                    out.push(Input::Stock(StockInput::RemoveLast));
                }
            });
        });
    }
    if form.dropping {
        return ask_drop(ui, scanned, lang, out);
    }
    let known = state.store.as_ref().and_then(|store| state.stock.known(store.id));
    let to = known.and_then(|known| known.destinations.get(form.destination));
    let action = match (form.purpose, to) {
        (Purpose::Count, _) => Text::FinishCount.get(lang).to_owned(),
        (Purpose::Send, Some(to)) => Text::FinishSendTo.with(lang, &[("store", &to.name)]),
        (Purpose::Send, None) => Text::FinishSend.get(lang).to_owned(),
    };
    if finish(ui, &form.trouble, &action, scanned > 0, lang) {
        out.push(Input::Stock(StockInput::Finish));
    }
}

/// What was scanned would be lost, so it is asked once; the safe answer comes first.
fn ask_drop(ui: &mut Ui, scanned: usize, lang: Lang, out: &mut Vec<Input>) {
    let text = Text::DropAsk.with(lang, &[("products", &products(scanned, lang))]);
    Banner { tone: Tone::Danger, text: &text, call: None }.show(ui);
    ui.horizontal(|ui| {
        let keep = Text::DropNo.get(lang);
        if widgets::secondary_button(ui, keep, Some("Enter"), ButtonSize::Normal, true).clicked() {
            out.push(Input::Stock(StockInput::AskDrop(false)));
        }
        if widgets::danger_button(ui, Text::DropYes.get(lang), None, ButtonSize::Normal).clicked() {
            out.push(Input::Stock(StockInput::Drop));
        }
    });
}

pub fn products(count: usize, lang: Lang) -> String {
    if count == 1 {
        Text::ProductsOne.get(lang).to_owned()
    } else {
        Text::Products.with(lang, &[("n", &count)])
    }
}

/// What stands in the way, and the button that is also F12. `true` when it was pressed.
pub fn finish(ui: &mut Ui, trouble: &Trouble, action: &str, ready: bool, lang: Lang) -> bool {
    if let Some(failure) = &trouble.failure {
        let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
    }
    if trouble.waiting.is_some() {
        widgets::loading(ui, Common::Sending.get(lang));
        return false;
    }
    widgets::primary_button(ui, action, Some("F12"), ButtonSize::Large, ready).clicked()
}
