//! The dialog for goods that come in, are corrected, or were counted.

use egui::{Context, RichText, Ui};
use jiff::civil::Date;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, Dialog, Field};
use tillwatch_shared::api::StockEntryKind;
use tillwatch_shared::expiry::{self, ExpiryError};
use tillwatch_shared::{Cents, Quantity, limits};

use super::{product_form, stock_desk, words};
use crate::input::{FormInput, Input};
use crate::state::State;
use crate::state::catalogue::Item;
use crate::state::forms::{EntryForm, Part, Trouble};
use crate::stock_texts::Text as Stock;
use crate::texts::Text;

/// Counting has a form of its own.
const KINDS: [StockEntryKind; 2] = [StockEntryKind::Receive, StockEntryKind::Adjust];

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &EntryForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "entry", title: Text::EntryTitle.get(lang), width: 520.0, lang };
    let (hint, action) = match form.kind {
        StockEntryKind::Receive => (Text::KindReceiveHint, Text::RecordEntry),
        StockEntryKind::Adjust => (Text::KindAdjustHint, Text::RecordAdjust),
        StockEntryKind::Count => (Text::KindCountHint, Text::RecordCount),
    };
    let item = form.product.and_then(|id| state.catalogue.get(id));
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        let low = widgets::is_low(ui);
        ui.spacing_mut().item_spacing.y = if low { tokens::SPACE_8 } else { tokens::SPACE_12 };
        let kinds = KINDS.map(|kind| (kind, words::kind(kind, lang)));
        let width = ui.available_width();
        if let Some(kind) = widgets::segmented(ui, Some(form.kind), &kinds, Some(width)) {
            out.push(Input::Form(FormInput::Kind(kind)));
        }
        if !low {
            widgets::weak(ui, hint.get(lang));
        }
        match item {
            None => choose(ui, state, form, out),
            Some(item) => fields(ui, state, form, item, out),
        }
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| {
        let action = if item.is_some() { action } else { Text::ChooseProduct };
        if product_form::foot(ui, &form.trouble, action, lang) || entered {
            out.push(Input::Submit);
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

/// Looking for the product. `true` when Enter was pressed.
fn choose(ui: &mut Ui, state: &State, form: &EntryForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let error = form.trouble.about(Part::Product).map(|c| words::complaint(c, Cents::ZERO, lang));
    let field = Field::new("entry-product", Text::Product.get(lang), &form.search)
        .hint(Text::Search.get(lang))
        .error(error.as_deref())
        .focus(state.focus == Some(Part::Product));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Form(FormInput::Text(Part::Product, text))));
    ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
    for (row, id) in form.hits.iter().enumerate() {
        let Some(item) = state.catalogue.get(*id) else { continue };
        let name = widgets::cut_middle(&item.product.name, 52);
        let width = ui.available_width();
        let button = egui::Button::selectable(row == form.hit, name.as_ref())
            .min_size(egui::Vec2::new(width, tokens::CONTROL_HEIGHT))
            .right_text(RichText::new(balance(item)).weak());
        if ui.add(button).on_hover_text(&item.product.name).accessible_name(&item.product.name).clicked() {
            out.push(Input::Form(FormInput::PickHit(row)));
        }
    }
    answer.entered
}

/// Quantity and reason. `true` when Enter was pressed.
fn fields(ui: &mut Ui, state: &State, form: &EntryForm, item: &Item, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let waiting = form.trouble.waiting.is_some();
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
            ui.label(RichText::new(widgets::cut_middle(&item.product.name, 40)).font(tokens::strong()))
                .on_hover_text(&item.product.name);
            widgets::weak(ui, &preview(form, item, lang));
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if !waiting && widgets::link_button(ui, Text::OtherProduct.get(lang)).clicked() {
                out.push(Input::Form(FormInput::OtherProduct));
            }
        });
    });
    let error = |part| form.trouble.about(part).map(|c| words::complaint(c, Cents::ZERO, lang));
    let quantity_error = error(Part::Quantity);
    let field = Field::new("entry-quantity", Text::Quantity.get(lang), &form.quantity)
        .right()
        .limit(20)
        .font(tokens::title(), 48.0)
        .error(quantity_error.as_deref())
        .enabled(!waiting)
        .select_all()
        .focus(state.focus == Some(Part::Quantity));
    let quantity = field.show(ui);
    out.extend(quantity.changed.map(|text| Input::Form(FormInput::Text(Part::Quantity, text))));
    let mut entered = quantity.entered;
    if form.kind == StockEntryKind::Adjust {
        let reason_error = error(Part::Reason);
        let field = Field::new("entry-reason", Text::Reason.get(lang), &form.reason)
            .hint(Text::ReasonHint.get(lang))
            .limit(limits::TEXT_CHARS)
            .error(reason_error.as_deref())
            .enabled(!waiting)
            .focus(state.focus == Some(Part::Reason));
        let reason = field.show(ui);
        out.extend(reason.changed.map(|text| Input::Form(FormInput::Text(Part::Reason, text))));
        entered |= reason.entered;
        widgets::small_weak(ui, &stock_desk::reasons(lang));
    }
    if form.kind == StockEntryKind::Receive {
        let typed = Printed { lot: &form.lot, expiry: &form.expiry, trouble: &form.trouble };
        let input = |part, text| Input::Form(FormInput::Text(part, text));
        entered |= printed(ui, state, &typed, input, out);
        widgets::weak(ui, &understood(state, &form.expiry, expiry::parse));
    }
    entered
}

/// What is printed on goods, as typed.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    pub lot: &'a str,
    pub expiry: &'a str,
    pub trouble: &'a Trouble,
}

/// The fields for what is printed on goods. `true` when Enter was pressed.
pub fn printed(
    ui: &mut Ui,
    state: &State,
    typed: &Printed<'_>,
    input: impl Fn(Part, String) -> Input,
    out: &mut Vec<Input>,
) -> bool {
    let lang = state.lang();
    let mut entered = false;
    ui.horizontal_top(|ui| {
        let half = (ui.available_width() - tokens::SPACE_8) / 2.0;
        let fields = [
            (Part::Lot, "entry-lot", Stock::Lot, typed.lot, Stock::LotHint),
            (Part::Expiry, "entry-expiry", Stock::Expiry, typed.expiry, Stock::ExpiryHint),
        ];
        for (part, id, label, value, hint) in fields {
            let error = typed.trouble.about(part).map(|c| words::complaint(c, Cents::ZERO, lang));
            let field = Field::new(id, label.get(lang), value)
                .hint(hint.get(lang))
                .limit(limits::LOT_CODE_CHARS)
                .width(half)
                .error(error.as_deref())
                .enabled(typed.trouble.waiting.is_none())
                .focus(state.focus == Some(part));
            let answer = field.show(ui);
            out.extend(answer.changed.map(|text| input(part, text)));
            entered |= answer.entered;
        }
    });
    entered
}

/// The day that is meant, while it is typed.
pub fn understood(
    state: &State,
    typed: &str,
    read: impl FnOnce(&str, Date) -> Result<Date, ExpiryError>,
) -> String {
    let (lang, today) = (state.lang(), state.today());
    if typed.trim().is_empty() {
        return String::new();
    }
    match read(typed, today) {
        Err(error) => words::expiry(error, lang),
        Ok(day) if day < today => Stock::HasExpired.with(lang, &[("day", &words::date(day))]),
        Ok(day) => {
            let days = today.until(day).map_or(0, |span| span.get_days());
            let away = match days {
                0 => Stock::Today.get(lang).to_owned(),
                1 => Stock::InOneDay.get(lang).to_owned(),
                days => Stock::InDays.with(lang, &[("n", &days)]),
            };
            Stock::ExpiresOn.with(lang, &[("day", &words::date(day)), ("in", &away)])
        }
    }
}

fn balance(item: &Item) -> String {
    item.balance.map(|held| format!("{held} {}", item.product.unit.symbol())).unwrap_or_default()
}

/// What is in stock, and what will be.
fn preview(form: &EntryForm, item: &Item, lang: tillwatch_desk::Lang) -> String {
    let now = Text::BalanceNow.get(lang);
    let Some(held) = item.balance else { return now.to_owned() };
    let unit = item.product.unit.symbol();
    let typed = Quantity::parse(&form.quantity).ok();
    let after = typed.map(|quantity| match form.kind {
        StockEntryKind::Receive | StockEntryKind::Adjust => Quantity(held.0.saturating_add(quantity.0)),
        StockEntryKind::Count => quantity,
    });
    match after {
        None => format!("{now}: {held} {unit}"),
        Some(after) => {
            let after = format!("{after} {unit}");
            format!("{now}: {}", Text::Balance.with(lang, &[("before", &held), ("after", &after)]))
        }
    }
}
