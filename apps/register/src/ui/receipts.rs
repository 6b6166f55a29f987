//! The list of receipts, and the paper beside it.

use egui::{Align, Context, Key, Layout, RichText, ScrollArea, Ui, Vec2};
use tillwatch_desk::keys::{command_pressed, pressed};
use tillwatch_desk::printer::AfterSale;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure, format, icons};
use tillwatch_shared::Cents;

use super::{labels, paper, printer};
use crate::action::Action;
use crate::input::Input;
use crate::receipt::texts::Text as OnPaper;
use crate::receipts_texts::Text;
use crate::state::State;
use crate::state::forms::Part;
use crate::state::papers::{self, Row, SlipOf};
use crate::state::receipts::{Elsewhere, ListForm, ReceiptsDialog, ReceiptsInput};
use crate::update::receipts::{just_sold, ready, shown, shown_document};

/// The list's share of the dialog.
const LIST: f32 = 340.0;
const LOW_LIST: f32 = 300.0;
/// How high list and paper are before they scroll.
const HEIGHT: f32 = 400.0;
const LOW_HEIGHT: f32 = 168.0;
const ROW: f32 = 40.0;
/// What a row's time and amount need beside its name.
const WHEN_AND_AMOUNT: f32 = 176.0;

/// `true` when it was closed.
pub fn dialog(ctx: &Context, state: &State, dialog: &ReceiptsDialog, out: &mut Vec<Input>) -> bool {
    match dialog {
        ReceiptsDialog::List(form) => list_dialog(ctx, state, form, out),
        ReceiptsDialog::Printer => printer::ui(ctx, state, out),
        ReceiptsDialog::Labels(form) => labels::ui(ctx, state, form, out),
    }
}

/// In the band after a sale: its receipt, where that is left to the person.
pub fn offer(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let asks = state.settings.printer.after_sale == AfterSale::Ask && ready(state);
    if !asks || just_sold(state).is_none() {
        return;
    }
    let (words, key) = (Text::PrintReceipt.get(state.lang()), state.keys.label(Action::Receipts));
    if widgets::secondary_button(ui, words, key, ButtonSize::Normal, true).clicked() {
        out.push(Input::Receipts(ReceiptsInput::Open));
    }
}

fn list_dialog(ctx: &Context, state: &State, form: &ListForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "receipts", title: Text::Title.get(lang), width: 760.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        keys(ui, out);
        search(ui, state, form, out);
        ui.add_space(tokens::SPACE_8);
        // A window at 200 % has room for both beside each other, but not below each other.
        let list_width = if widgets::is_low(ui) { LOW_LIST } else { LIST };
        let list_width = list_width.min(ui.available_width() / 2.0);
        let height = if widgets::is_low(ui) { LOW_HEIGHT } else { HEIGHT };
        ui.horizontal_top(|ui| {
            ui.allocate_ui_with_layout(Vec2::new(list_width, height), Layout::top_down(Align::Min), |ui| {
                ui.set_width(list_width);
                list(ui, state, form, height, out);
            });
            ui.add_space(tokens::SPACE_12);
            ui.vertical(|ui| chosen(ui, state, form, height));
        });
    };
    dialog.show_with_foot(ctx, out, body, |ui, out, ()| take_away(ui, state, form, out)).closed
}

fn keys(ui: &Ui, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, 8), (Key::PageUp, -8)] {
        if pressed(ui.ctx(), key) {
            out.push(Input::Receipts(ReceiptsInput::Move(by)));
        }
    }
    if command_pressed(ui.ctx(), Key::S) {
        out.push(Input::Receipts(ReceiptsInput::SavePdf));
    }
}

fn search(ui: &mut Ui, state: &State, form: &ListForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    let field = Field::new("receipt-wanted", Text::Wanted.get(lang), &form.wanted)
        .hint(Text::WantedHint.get(lang))
        .limit(20)
        .focus(state.focus == Some(Part::Search));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Receipts(ReceiptsInput::Wanted(text))));
    if answer.entered {
        out.push(Input::Receipts(ReceiptsInput::Find));
    }
}

fn list(ui: &mut Ui, state: &State, form: &ListForm, height: f32, out: &mut Vec<Input>) {
    let lang = state.lang();
    told(ui, state, form);
    let Some(all) = papers::rows(&state.sold, form) else {
        widgets::loading(ui, Text::Reading.get(lang));
        return;
    };
    if all.is_empty() && form.elsewhere == Elsewhere::NotAsked {
        widgets::weak(ui, Text::NoSales.get(lang));
    }
    if all.is_empty() || form.elsewhere == Elsewhere::NotUnderstood {
        return;
    }
    let area = ScrollArea::vertical().id_salt("receipts-list").max_height(height).auto_shrink([false, true]);
    area.show_rows(ui, ROW, all.len(), |ui, rows| {
        for (row, paper) in rows.clone().zip(all.iter().skip(rows.start)) {
            if one(ui, state, *paper, row == form.row) {
                out.push(Input::Receipts(ReceiptsInput::Row(row)));
            }
        }
    });
}

/// What is said above the list, or in its place.
fn told(ui: &mut Ui, state: &State, form: &ListForm) {
    let lang = state.lang();
    match &form.elsewhere {
        Elsewhere::NotAsked => {}
        Elsewhere::Asked(_) => {
            widgets::loading(ui, Text::Asking.get(lang));
        }
        Elsewhere::Found(_) => {
            widgets::status(ui, Tone::Info, Text::Elsewhere.get(lang));
        }
        Elsewhere::Nowhere => {
            widgets::weak(ui, Text::Nowhere.get(lang));
        }
        Elsewhere::NotUnderstood => {
            widgets::weak(ui, Text::NotUnderstood.get(lang));
        }
        Elsewhere::Failed(failure) => {
            let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
            ui.add(egui::Label::new(words).wrap());
        }
    }
}

/// What a paper is called, and the money that came in with it, or went out.
fn called(paper: Row<'_>, lang: Lang) -> (String, Cents) {
    let of = |alone: Text, of: Text, number: Option<i64>| match number {
        Some(number) => of.with(lang, &[("n", &number)]),
        None => alone.get(lang).to_owned(),
    };
    match paper {
        Row::Sale(sale) => {
            let number = Some(sale.number).filter(|number| *number > 0);
            let awaited = || Text::NumberAwaited.get(lang).to_owned();
            let words = number.map_or_else(awaited, |n| OnPaper::Sale.with(lang, &[("number", &n)]));
            (words, sale.total_cents)
        }
        Row::Slip(slip) => match &slip.of {
            SlipOf::Return { void: true, .. } => {
                (of(Text::OfVoid, Text::OfVoidOf, slip.number), Cents(-slip.total.0))
            }
            SlipOf::Return { void: false, .. } => {
                (of(Text::OfReturn, Text::OfReturnOf, slip.number), Cents(-slip.total.0))
            }
            SlipOf::Debt { customer } => (Text::OfDebt.with(lang, &[("name", customer)]), slip.total),
        },
    }
}

/// A paper in the list: name and time at the left, the amount at the right. `true` when it was chosen.
fn one(ui: &mut Ui, state: &State, paper: Row<'_>, on: bool) -> bool {
    let palette = Palette::in_ui(ui);
    let zone = state.store.as_ref().map_or(tillwatch_shared::time::DEFAULT_ZONE, |store| store.zone.as_str());
    let when = format::date_time(paper.at(), &format::zone(zone));
    let (name, amount) = called(paper, state.lang());
    let size = Vec2::new(ui.available_width(), ROW - ui.spacing().item_spacing.y);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    if on || response.hovered() {
        let fill = if on { palette.accent_soft } else { palette.hover };
        ui.painter().rect_filled(rect, tokens::CORNER, fill);
    }
    let mut inner = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(Vec2::new(tokens::SPACE_8, 0.0)))
            .layout(Layout::left_to_right(Align::Center)),
    );
    let room = inner.available_width() - WHEN_AND_AMOUNT;
    let short = widgets::fit_middle(&inner, &name, &tokens::body_strong(), room).into_owned();
    inner.label(RichText::new(short).font(tokens::body_strong()));
    widgets::small_weak(&mut inner, &when);
    widgets::money(&mut inner, amount, tokens::body());
    let words = format!("{name} · {when} · {amount}");
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, words.clone()));
    response.clicked()
}

/// The paper of the chosen sale.
fn chosen(ui: &mut Ui, state: &State, form: &ListForm, height: f32) {
    let Some((_, document)) = shown_document(state, form) else { return };
    let area = ScrollArea::vertical().id_salt(("receipt", shown(state, form).map(Row::id)));
    area.max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.vertical_centered(|ui| paper::ui(ui, &document, state.settings.printer.width));
    });
}

/// What can be done with the paper.
fn take_away(ui: &mut Ui, state: &State, form: &ListForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    if shown_document(state, form).is_none() {
        return;
    }
    ui.columns_const(|[left, right]| {
        let print = format!("{}  {}", icons::RECEIPT, Text::Print.get(lang));
        let button = widgets::primary_button(left, &print, Some("Enter"), ButtonSize::Wide, true);
        if button.accessible_name(Text::Print.get(lang)).clicked() {
            out.push(Input::Receipts(ReceiptsInput::Print));
        }
        let save = format!("{}  {}", icons::DOWNLOAD_SIMPLE, Text::SavePdf.get(lang));
        let button = widgets::secondary_button(right, &save, Some("Ctrl+S"), ButtonSize::Wide, true);
        if button.accessible_name(Text::SavePdf.get(lang)).clicked() {
            out.push(Input::Receipts(ReceiptsInput::SavePdf));
        }
    });
}
