//! The dialog for goods that come back: first the sale, then what of it, why, and how the money goes back.

use egui::{Align, Context, Label, Layout, RichText, ScrollArea, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure, format};
use tillwatch_shared::api::{PaymentMethod, Sale, SaleLine};
use tillwatch_shared::limits;
use tillwatch_shared::{Cents, Quantity};

use super::{consent, pay, words};
use crate::input::{Input, ReturnsInput};
use crate::returns_texts::{ReturnsText, USUAL_REASONS};
use crate::state::State;
use crate::state::returns::{
    Chosen, FindForm, LinesForm, Refund, ReturnComplaint, ReturnForm, ReturnPart, Step,
};
use crate::update::today;

/// Widths of a line's quantity and of what becomes of the goods.
const QUANTITY: f32 = 96.0;
const FATE: f32 = 220.0;
/// Lower windows show fewer lines and smaller figures.
const ROOMY: f32 = 640.0;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &ReturnForm, out: &mut Vec<Input>) -> bool {
    let (lang, before) = (state.lang(), out.len());
    let consent = form.consent.as_ref().filter(|consent| consent.given.is_none());
    let title = title(state, form, lang);
    let width = if form.is_finding() { 560.0 } else { 720.0 };
    let dialog = Dialog { id: "return", title: &title, width, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = if is_roomy(ui) { tokens::SPACE_12 } else { tokens::SPACE_4 };
        match (&form.step, consent) {
            (Step::Find(find), _) => sales(ui, state, form, find, out),
            (Step::Lines(_), Some(consent)) => consent::ui(ui, state, consent, out),
            (Step::Lines(lines), None) => Back { state, form, lines, lang }.ui(ui, out),
        }
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, entered: bool| match (&form.step, consent) {
        (Step::Find(find), _) => go_on(ui, find, lang, entered, out),
        (Step::Lines(_), Some(consent)) => consent::foot(ui, state, consent, entered, out),
        (Step::Lines(lines), None) => Back { state, form, lines, lang }.foot(ui, entered, out),
    };
    let answer = dialog.show_with_foot(ctx, out, body, foot);
    if form.focus.is_some() {
        // Put first: a decision of this frame may move the focus again.
        out.insert(before, Input::Returns(ReturnsInput::Focused));
    }
    answer.closed
}

fn title(state: &State, form: &ReturnForm, lang: Lang) -> String {
    let Step::Lines(lines) = &form.step else { return ReturnsText::FindTitle.get(lang).to_owned() };
    let void = lines.is_void(&today(state));
    let text = match (lines.sale.number > 0, void) {
        (true, false) => ReturnsText::Title,
        (true, true) => ReturnsText::VoidTitle,
        (false, false) => return ReturnsText::TitleUnnumbered.get(lang).to_owned(),
        (false, true) => return ReturnsText::VoidTitleUnnumbered.get(lang).to_owned(),
    };
    text.with(lang, &[("n", &lines.sale.number)])
}

/// Which sale it is: its number, its receipt, or one of the list. `true` when Enter was pressed in the field.
fn sales(ui: &mut Ui, state: &State, form: &ReturnForm, find: &FindForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let error = form.complaint.as_ref().map(|complaint| complaint_words(complaint, lang));
    let field = Field::new("return-sale", ReturnsText::Wanted.get(lang), &find.wanted)
        .limit(80)
        .error(error.as_deref())
        .enabled(find.asked.is_none())
        .focus(form.focus == Some(ReturnPart::Wanted));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Returns(ReturnsInput::Wanted(text))));
    if find.asked.is_some() {
        widgets::loading(ui, ReturnsText::Looking.get(lang));
        return false;
    }
    let typed = !find.wanted.trim().is_empty();
    match find.rows.as_deref() {
        None => {
            widgets::loading(ui, ReturnsText::Looking.get(lang));
        }
        Some([]) => {
            widgets::weak(ui, ReturnsText::NoSales.get(lang));
        }
        Some(rows) => {
            widgets::small_weak(ui, ReturnsText::Last.get(lang));
            let height = if widgets::is_low(ui) { 112.0 } else { 300.0 };
            ScrollArea::vertical().id_salt("return-sales").max_height(height).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
                for (row, sold) in rows.iter().enumerate() {
                    one_sale(ui, state, &sold.sale, (row, row == find.row && !typed), out);
                }
            });
        }
    }
    answer.entered
}

fn go_on(ui: &mut Ui, find: &FindForm, lang: Lang, entered: bool, out: &mut Vec<Input>) {
    if find.asked.is_some() {
        return;
    }
    let typed = !find.wanted.trim().is_empty();
    let text = if typed { ReturnsText::Find } else { ReturnsText::Continue };
    let ready = typed || find.rows.as_ref().is_some_and(|rows| !rows.is_empty());
    let pressed = widgets::primary_button(ui, text.get(lang), Some("Enter"), ButtonSize::Large, ready);
    if pressed.clicked() || entered {
        out.push(Input::Returns(ReturnsInput::Enter));
    }
}

fn one_sale(ui: &mut Ui, state: &State, sale: &Sale, (row, on): (usize, bool), out: &mut Vec<Input>) {
    let lang = state.lang();
    let zone = format::zone(state.store.as_ref().map_or("", |store| store.zone.as_str()));
    let number = match sale.number {
        0 => ReturnsText::SaleUnnumbered.get(lang).to_owned(),
        number => ReturnsText::SaleOf.with(lang, &[("n", &number)]),
    };
    let what = match sale.lines.len() {
        0 => ReturnsText::ByAmount.get(lang).to_owned(),
        count => words::items(count, lang),
    };
    let mut left = format!("{number} · {} · {what}", format::date_time(sale.sold_at, &zone));
    if let Some(returned) = &sale.returned {
        let word = match returned {
            returned if returned.void => ReturnsText::Voided,
            returned if returned.total_cents < sale.total_cents => ReturnsText::PartReturned,
            _ => ReturnsText::Returned,
        };
        left = format!("{left} · {}", word.get(lang));
    }
    let total = sale.total_cents.to_string();
    let label = format!("{left}, {total}");
    let room = ui.available_width() - 130.0;
    let shown = widgets::fit_middle(ui, &left, &tokens::body(), room).into_owned();
    let button = egui::Button::selectable(on, shown)
        .right_text(total)
        .min_size(Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT));
    let response = ui.add(button).on_hover_text(&label).accessible_name(&label);
    if on && !ui.is_rect_visible(response.rect) {
        response.scroll_to_me(None);
    }
    if response.clicked() {
        out.push(Input::Returns(ReturnsInput::Pick(row)));
    }
}

/// What of the sale comes back.
struct Back<'a> {
    state: &'a State,
    form: &'a ReturnForm,
    lines: &'a LinesForm,
    lang: Lang,
}

impl Back<'_> {
    /// `true` when Enter was pressed in one of the fields.
    fn ui(&self, ui: &mut Ui, out: &mut Vec<Input>) -> bool {
        self.head(ui);
        let mut entered = false;
        if self.lines.by_amount() {
            widgets::weak(ui, ReturnsText::ByAmount.get(self.lang));
        } else {
            self.columns(ui);
            // In a low window all of the body scrolls.
            let height = if widgets::is_low(ui) { f32::INFINITY } else { 248.0 };
            ScrollArea::vertical().id_salt("return-lines").max_height(height).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
                for (position, line) in self.lines.sale.lines.iter().enumerate() {
                    entered |= self.line(ui, position, line, out);
                }
            });
            ui.horizontal(|ui| {
                let all = ReturnsText::All.get(self.lang);
                if widgets::secondary_button(ui, all, Some("F9"), ButtonSize::Normal, self.enabled())
                    .clicked()
                {
                    out.push(Input::Returns(ReturnsInput::All));
                }
                let hint = ReturnsText::KeysHint.get(self.lang);
                let room = ui.available_width();
                let hint = widgets::fit_middle(ui, hint, &tokens::small(), room).into_owned();
                widgets::small_weak(ui, &hint);
            });
        }
        entered |= self.reason(ui, out);
        self.refund(ui, out);
        entered
    }

    fn enabled(&self) -> bool {
        self.form.trouble.waiting.is_none()
    }

    /// When it was sold, by whom, and for how much.
    fn head(&self, ui: &mut Ui) {
        let sale = &self.lines.sale;
        let zone = format::zone(self.state.store.as_ref().map_or("", |store| store.zone.as_str()));
        let when = format::date_time(sale.sold_at, &zone);
        let words = format!("{when} · {} · {}", sale.person_name, sale.total_cents);
        widgets::weak(ui, &widgets::cut_middle(&words, 80));
        if self.lines.till_alone && self.state.connection.is_offline() {
            let text = ReturnsText::Alone.get(self.lang);
            Banner { tone: Tone::Attention, text, call: None }.show(ui);
        }
    }

    /// What stands in the columns of the lines.
    fn columns(&self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = tokens::SPACE_12;
            let names = name_width(ui);
            for (width, text) in [
                (names, ReturnsText::SoldThere),
                (QUANTITY, ReturnsText::ComesBack),
                (FATE, ReturnsText::GoesTo),
            ] {
                let size = Vec2::new(width, tokens::SPACE_16);
                ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(width);
                    widgets::small_weak(ui, text.get(self.lang));
                });
            }
        });
    }

    /// `true` when Enter was pressed in its field.
    fn line(&self, ui: &mut Ui, position: usize, line: &SaleLine, out: &mut Vec<Input>) -> bool {
        let left = self.lines.sale.left(position);
        let Some(chosen) = self.lines.lines.get(position) else { return false };
        let mut entered = false;
        // From one edge: a complaint below the quantity moves nothing beside it.
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = tokens::SPACE_12;
            let size = Vec2::new(name_width(ui), tokens::CONTROL_HEIGHT);
            ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                self.told(ui, line, left, size.x);
            });
            if left > Quantity::ZERO {
                entered = self.quantity(ui, position, line, chosen, out);
                self.fate(ui, position, line, chosen, out);
            }
        });
        entered
    }

    /// What was sold, and what is left of it.
    fn told(&self, ui: &mut Ui, line: &SaleLine, left: Quantity, width: f32) {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(width);
        let colour = Palette::in_ui(ui);
        let gone = left == Quantity::ZERO;
        let name = widgets::fit_middle(ui, &line.product_name, &tokens::body(), width).into_owned();
        let name_colour = if gone { colour.text_weak } else { colour.text };
        ui.add(Label::new(RichText::new(name).color(name_colour)).extend()).on_hover_text(&line.product_name);
        let figures = ReturnsText::Sold.with(
            self.lang,
            &[
                ("quantity", &line.quantity_thousandths),
                ("price", &line.unit_price_cents.plain()),
                ("total", &line.paid().plain()),
            ],
        );
        let state = if gone {
            ReturnsText::AllBack.get(self.lang).to_owned()
        } else if left < line.quantity_thousandths {
            ReturnsText::Left.with(self.lang, &[("left", &left)])
        } else {
            String::new()
        };
        let words = if state.is_empty() { figures } else { format!("{figures} · {state}") };
        let words = widgets::fit_middle(ui, &words, &tokens::small(), width).into_owned();
        widgets::small_weak(ui, &words);
    }

    fn quantity(
        &self,
        ui: &mut Ui,
        position: usize,
        line: &SaleLine,
        chosen: &Chosen,
        out: &mut Vec<Input>,
    ) -> bool {
        let label = ReturnsText::QuantityOf.with(self.lang, &[("name", &line.product_name)]);
        let part = ReturnPart::Line(position);
        let error = self.form.complaint.as_ref().filter(|complaint| {
            matches!(complaint, ReturnComplaint::Quantity(at, _) | ReturnComplaint::NotWhole(at) if *at == position)
        });
        let error = error.map(|complaint| complaint_words(complaint, self.lang));
        let answer = Field::new(("return-quantity", position), &label, &chosen.quantity)
            .label_hidden()
            .right()
            .limit(20)
            .width(QUANTITY)
            .error(error.as_deref())
            .enabled(self.enabled())
            .select_all()
            .focus(self.form.focus == Some(part))
            .show(ui);
        if self.form.focus == Some(part) && !ui.is_rect_visible(answer.response.rect) {
            answer.response.scroll_to_me(None);
        }
        self.at(&answer.response, part, out);
        out.extend(answer.changed.map(|text| Input::Returns(ReturnsInput::Quantity(position, text))));
        answer.entered
    }

    /// Whether the goods can be sold again.
    fn fate(&self, ui: &mut Ui, position: usize, line: &SaleLine, chosen: &Chosen, out: &mut Vec<Input>) {
        ui.spacing_mut().item_spacing.x = tokens::SPACE_4;
        for (restock, text, label) in [
            (true, ReturnsText::Restock, ReturnsText::RestockOf),
            (false, ReturnsText::WriteOff, ReturnsText::WriteOffOf),
        ] {
            let on = chosen.restock == restock;
            let width = (FATE - tokens::SPACE_4) / 2.0;
            let button = egui::Button::selectable(on, text.get(self.lang))
                .frame_when_inactive(true)
                .min_size(Vec2::new(width, tokens::CONTROL_HEIGHT));
            let label = label.with(self.lang, &[("name", &line.product_name)]);
            if ui.add_enabled(self.enabled(), button).accessible_name(&label).clicked() {
                out.push(Input::Returns(ReturnsInput::Restock(position, restock)));
            }
        }
    }

    fn at(&self, response: &egui::Response, part: ReturnPart, out: &mut Vec<Input>) {
        if response.has_focus() && self.form.at != part && self.form.focus.is_none() {
            out.push(Input::Returns(ReturnsInput::At(part)));
        }
    }

    /// `true` when Enter was pressed in its field.
    fn reason(&self, ui: &mut Ui, out: &mut Vec<Input>) -> bool {
        let lang = self.lang;
        let error = self.form.complaint.as_ref().filter(|c| **c == ReturnComplaint::ReasonMissing);
        let error = error.map(|complaint| complaint_words(complaint, lang));
        let answer = Field::new("return-reason", ReturnsText::Reason.get(lang), &self.lines.reason)
            .hint(ReturnsText::ReasonHint.get(lang))
            .limit(limits::TEXT_CHARS)
            .error(error.as_deref())
            .enabled(self.enabled())
            .focus(self.form.focus == Some(ReturnPart::Reason))
            .show(ui);
        self.at(&answer.response, ReturnPart::Reason, out);
        out.extend(answer.changed.map(|text| Input::Returns(ReturnsInput::Reason(text))));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(tokens::SPACE_4);
            for text in USUAL_REASONS {
                let text = text.get(lang);
                let on = self.lines.reason == text;
                let button = egui::Button::selectable(on, text).frame_when_inactive(true);
                if ui.add_enabled(self.enabled(), button).clicked() {
                    out.push(Input::Returns(ReturnsInput::Reason(text.to_owned())));
                }
            }
        });
        answer.entered
    }

    fn refund(&self, ui: &mut Ui, out: &mut Vec<Input>) {
        let lang = self.lang;
        let total = self.lines.total();
        // Also before anything is chosen, so that nothing jumps.
        widgets::small_weak(ui, ReturnsText::RefundBy.get(lang));
        let as_paid = (Refund::AsPaid, ReturnsText::AsPaid.get(lang));
        let mut options = if self.lines.is_whole() { vec![as_paid] } else { Vec::new() };
        options.extend(PaymentMethod::ALL.map(|method| (Refund::By(method), words::method(method, lang))));
        let width = ui.available_width();
        let enabled = self.enabled() && total > Cents::ZERO;
        let chosen = ui
            .add_enabled_ui(enabled, |ui| {
                widgets::segmented(ui, Some(self.lines.refund), &options, Some(width))
            })
            .inner;
        out.extend(chosen.map(|refund| Input::Returns(ReturnsInput::Refund(refund))));
        let refunds = self.lines.refunds();
        if refunds.len() > 1 {
            let one = |refund: &tillwatch_shared::api::Payment| {
                format!("{} {}", words::method(refund.method, lang), refund.amount_cents)
            };
            let all: Vec<String> = refunds.iter().map(one).collect();
            widgets::weak(ui, &all.join(" · "));
        }
    }

    /// What is given back stays in sight with the button that gives it.
    fn foot(&self, ui: &mut Ui, entered: bool, out: &mut Vec<Input>) {
        let lang = self.lang;
        let font = if is_roomy(ui) { tokens::total() } else { tokens::title() };
        pay::figure(ui, ReturnsText::GiveBack.get(lang), self.lines.total(), font, Tone::Neutral);
        if let Some(failure) = &self.form.trouble.failure {
            let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
            Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
        }
        if self.form.complaint == Some(ReturnComplaint::NothingChosen) {
            let text = ReturnsText::NothingChosen.get(lang);
            Banner { tone: Tone::Attention, text, call: None }.show(ui);
        }
        if !self.enabled() {
            widgets::loading(ui, ReturnsText::Sending.get(lang));
            return;
        }
        let void = self.lines.is_void(&today(self.state));
        let text = if void { ReturnsText::DoVoid } else { ReturnsText::DoReturn };
        let words = text.with(lang, &[("total", &self.lines.total())]);
        let clicked = widgets::primary_button(ui, &words, Some("Enter"), ButtonSize::Large, true).clicked();
        if clicked {
            out.push(Input::Returns(ReturnsInput::Submit));
        } else if entered {
            out.push(Input::Returns(ReturnsInput::Enter));
        }
    }
}

fn is_roomy(ui: &Ui) -> bool {
    ui.ctx().content_rect().height() >= ROOMY
}

/// What the columns of quantity and fate leave.
fn name_width(ui: &Ui) -> f32 {
    (ui.available_width() - QUANTITY - FATE - 2.0 * tokens::SPACE_12).max(120.0)
}

fn complaint_words(complaint: &ReturnComplaint, lang: Lang) -> String {
    let text = match complaint {
        ReturnComplaint::NotANumber => ReturnsText::NotANumber,
        ReturnComplaint::NotFound => ReturnsText::NotFound,
        ReturnComplaint::NotAnswered(why) => {
            return format!("{} {}", failure::what(why, lang), failure::hint(why, lang));
        }
        ReturnComplaint::OtherStore(store) => return ReturnsText::OtherStore.with(lang, &[("store", store)]),
        ReturnComplaint::NothingLeft => ReturnsText::NothingLeft,
        ReturnComplaint::Quantity(_, left) => return ReturnsText::TooMuch.with(lang, &[("left", left)]),
        ReturnComplaint::NotWhole(_) => ReturnsText::NotWhole,
        ReturnComplaint::NothingChosen => ReturnsText::NothingChosen,
        ReturnComplaint::ReasonMissing => ReturnsText::ReasonMissing,
    };
    text.get(lang).to_owned()
}
