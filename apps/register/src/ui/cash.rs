//! The drawer's dialog: opening, moving, counting, closing, and the reports. `true` when it was closed.

use egui::{Align, Context, Grid, Key, Label, Layout, RichText, Ui};
use tillwatch_desk::keys::{command_pressed, pressed};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, Banner, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, failure, format, icons};
use tillwatch_shared::Cents;
use tillwatch_shared::api::{CashMovementKind, CashReport};
use tillwatch_shared::cash::{self, DENOMINATIONS};

use super::{pay, words};
use crate::cash_report::{self, Weight};
use crate::cash_texts::CashText;
use crate::input::Input;
use crate::receipts_texts::Text as Papers;
use crate::state::State;
use crate::state::cash::{CashField, CashForm, CashInput, CashPage};
use crate::state::forms::Part;
use crate::update::cash::is_blind;
use crate::update::receipts::ready;

/// What can be done with an open drawer, in the order of the keys 1 to 5.
const CHOICES: [(CashPage, CashText); 5] = [
    (CashPage::Move(CashMovementKind::Withdrawal), CashText::Withdraw),
    (CashPage::Move(CashMovementKind::Deposit), CashText::Deposit),
    (CashPage::X, CashText::XReport),
    (CashPage::Count, CashText::Close),
    (CashPage::Z, CashText::Closes),
];
const DIGITS: [(Key, &str); 5] =
    [(Key::Num1, "1"), (Key::Num2, "2"), (Key::Num3, "3"), (Key::Num4, "4"), (Key::Num5, "5")];

/// The keys that turn to an earlier Z, and to a later one.
const TURNS: [(Key, isize); 4] =
    [(Key::ArrowLeft, 1), (Key::PageUp, 1), (Key::ArrowRight, -1), (Key::PageDown, -1)];

/// The keys of a page that has no field.
pub fn keys(ctx: &Context, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    if matches!(form.page, CashPage::X | CashPage::Z) {
        let free = ctx.memory(|memory| memory.focused().is_none());
        if ready(state) && free && pressed(ctx, Key::Enter) {
            out.push(Input::Cash(CashInput::Print));
        }
        if command_pressed(ctx, Key::S) {
            out.push(Input::Cash(CashInput::SavePdf));
        }
    }
    if form.page == CashPage::Z {
        for (key, by) in TURNS {
            if pressed(ctx, key) {
                out.push(Input::Cash(CashInput::Turn(by)));
            }
        }
    }
    if form.page != CashPage::Menu {
        return;
    }
    for ((key, _), (page, _)) in DIGITS.into_iter().zip(choices(state)) {
        if pressed(ctx, key) {
            out.push(Input::Cash(CashInput::Page(page)));
        }
    }
}

fn choices(state: &State) -> impl Iterator<Item = (CashPage, CashText)> + '_ {
    CHOICES.into_iter().filter(|(page, _)| *page != CashPage::Z || state.cash.last.is_some())
}

pub fn ui(ctx: &Context, state: &State, form: &CashForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let title = match form.page {
        CashPage::Open => CashText::OpenTitle,
        CashPage::Menu => CashText::Title,
        CashPage::Move(CashMovementKind::Withdrawal) => CashText::Withdraw,
        CashPage::Move(CashMovementKind::Deposit) => CashText::Deposit,
        CashPage::Count | CashPage::Confirm => CashText::Close,
        CashPage::X => CashText::XReport,
        CashPage::Z => CashText::ZReport,
    };
    // In a low window the notes and coins stand in one column more.
    let width = if widgets::is_low_window(ctx) && form.page == CashPage::Count { 620.0 } else { 480.0 };
    let dialog = Dialog { id: "cash", title: title.get(lang), width, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        let low = widgets::is_low(ui);
        ui.spacing_mut().item_spacing.y = if low { tokens::SPACE_8 } else { tokens::SPACE_12 };
        refusal(ui, state, form);
        match form.page {
            CashPage::Open => open(ui, state, form, out),
            CashPage::Menu => menu(ui, state, out),
            CashPage::Move(kind) => movement(ui, state, form, kind, out),
            CashPage::Count => count(ui, state, form, out),
            CashPage::Confirm => confirm(ui, state, form, out),
            CashPage::X => {
                if let Some(book) = &state.cash.open {
                    report(ui, state, &book.report());
                }
            }
            CashPage::Z => {
                turns(ui, state, form, out);
                if let Some((_, closed)) = form.close(&state.cash) {
                    report(ui, state, &closed.report);
                }
            }
        }
    };
    dialog.show_with_foot(ctx, out, body, |ui, out, ()| foot(ui, state, form, out)).closed
}

/// What the server said to what is corrected here.
fn refusal(ui: &mut Ui, state: &State, form: &CashForm) {
    let lang = state.lang();
    if let Some(failure) = &form.trouble.failure {
        let words = format!("{} {}", failure::what(failure, lang), failure::hint(failure, lang));
        Banner { tone: Tone::Danger, text: &words, call: None }.show(ui);
    }
}

/// What is done with what was typed or is shown.
fn foot(ui: &mut Ui, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    match form.page {
        CashPage::Open => {
            done(ui, form, CashText::OpenIt, lang, out);
            let z = state.cash.last.is_some() && form.trouble.replaces.is_none();
            if z && widgets::link_button(ui, CashText::Closes.get(lang)).clicked() {
                out.push(Input::Cash(CashInput::Page(CashPage::Z)));
            }
        }
        CashPage::Menu => {}
        CashPage::Move(_) => done(ui, form, CashText::Record, lang, out),
        CashPage::Count => {
            if let Some((CashField::Count(_), complaint)) = form.complaint {
                widgets::status(ui, Tone::Danger, &words::complaint(complaint, Cents::ZERO, lang));
            }
            counted(ui, form, lang);
            done(ui, form, CashText::GoOn, lang, out);
        }
        CashPage::Confirm => {
            done(ui, form, CashText::Close, lang, out);
            let corrects = form.trouble.replaces.is_some();
            if !corrects && widgets::link_button(ui, CashText::BackToCount.get(lang)).clicked() {
                out.push(Input::Cash(CashInput::Page(CashPage::Count)));
            }
        }
        CashPage::X | CashPage::Z => take_away(ui, state, out),
    }
}

/// A field of the dialog: says what was typed, and when Enter was pressed in it.
fn field(
    ui: &mut Ui,
    state: &State,
    form: &CashForm,
    which: CashField,
    field: Field<'_>,
    out: &mut Vec<Input>,
) {
    // The counts stand close together: what is wrong with one is said below them.
    let error = form.about(which).map(|c| match which {
        CashField::Count(_) => String::new(),
        CashField::Float | CashField::Amount | CashField::Reason => {
            words::complaint(c, Cents::ZERO, state.lang())
        }
    });
    let field = field
        .error(error.as_deref())
        .enabled(form.trouble.waiting.is_none())
        .focus(state.focus == Some(Part::Cash(which)));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Cash(CashInput::Text(which, text))));
    if answer.entered {
        out.push(Input::Cash(CashInput::Entered(which)));
    }
}

fn money<'a>(id: &'static str, label: &'a str, text: &'a str) -> Field<'a> {
    Field::new(id, label, text).right().limit(20).font(tokens::title(), 48.0).select_all()
}

fn done(ui: &mut Ui, form: &CashForm, words: CashText, lang: Lang, out: &mut Vec<Input>) {
    let enabled = form.trouble.waiting.is_none();
    let button = widgets::primary_button(ui, words.get(lang), Some("Enter"), ButtonSize::Large, enabled);
    if button.clicked() {
        out.push(Input::Cash(CashInput::Submit));
    }
}

fn open(ui: &mut Ui, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    widgets::weak(ui, CashText::OpenHint.get(lang));
    let float = money("cash-float", CashText::Float.get(lang), &form.float).hint("0,00");
    field(ui, state, form, CashField::Float, float, out);
}

fn menu(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    if let Some(book) = &state.cash.open {
        let opening = &book.session.opening;
        let at = format::date_time(opening.opened_at, &zone(state));
        let name = widgets::cut_middle(&opening.opened_by_name, 32);
        widgets::weak(ui, &CashText::OpenSince.with(lang, &[("name", &name), ("at", &at)]));
    }
    let size = if widgets::is_low(ui) { ButtonSize::Wide } else { ButtonSize::Large };
    for ((_, key), (page, text)) in DIGITS.into_iter().zip(choices(state)) {
        if widgets::secondary_button(ui, text.get(lang), Some(key), size, true).clicked() {
            out.push(Input::Cash(CashInput::Page(page)));
        }
    }
}

fn movement(ui: &mut Ui, state: &State, form: &CashForm, kind: CashMovementKind, out: &mut Vec<Input>) {
    let lang = state.lang();
    let (hint, example) = match kind {
        CashMovementKind::Withdrawal => (CashText::WithdrawHint, CashText::WithdrawReason),
        CashMovementKind::Deposit => (CashText::DepositHint, CashText::DepositReason),
    };
    widgets::weak(ui, hint.get(lang));
    let amount = money("cash-amount", CashText::Amount.get(lang), &form.amount);
    field(ui, state, form, CashField::Amount, amount, out);
    let reason = Field::new("cash-reason", CashText::Reason.get(lang), &form.reason).hint(example.get(lang));
    field(ui, state, form, CashField::Reason, reason, out);
}

/// What three columns of notes and coins need.
const THREE_COLUMNS: f32 = 560.0;

fn count(ui: &mut Ui, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    widgets::weak(ui, CashText::CountHint.get(lang));
    // Columns, so that all of it is seen at once.
    let three = widgets::is_low(ui) && ui.available_width() >= THREE_COLUMNS;
    let columns = if three { 3 } else { 2 };
    let spacing = [if widgets::is_low(ui) { tokens::SPACE_8 } else { tokens::SPACE_24 }, tokens::SPACE_8];
    Grid::new("cash-counts").num_columns(columns).spacing(spacing).show(ui, |ui| {
        let rows = DENOMINATIONS.len().div_ceil(columns);
        for row in 0..rows {
            for place in (row..columns * rows).step_by(rows) {
                if let (Some(value), Some(text)) = (DENOMINATIONS.get(place), form.counts.get(place)) {
                    one_count(ui, state, form, (place, *value, text), out);
                }
            }
            ui.end_row();
        }
    });
}

fn one_count(
    ui: &mut Ui,
    state: &State,
    form: &CashForm,
    (place, value, text): (usize, Cents, &str),
    out: &mut Vec<Input>,
) {
    ui.horizontal(|ui| {
        let label = value.to_string();
        let size = egui::Vec2::new(84.0, tokens::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| ui.label(&label));
        let own = Field::new(("cash-count", place), &label, text)
            .label_hidden()
            .right()
            .limit(7)
            .width(96.0)
            .select_all();
        field(ui, state, form, CashField::Count(place), own, out);
    });
}

fn counted(ui: &mut Ui, form: &CashForm, lang: Lang) {
    let sum = form.counted().map_or(Cents::ZERO, |counts| cash::counted(&counts));
    pay::figure(ui, CashText::Counted.get(lang), sum, tokens::title(), tokens::Tone::Neutral);
}

fn confirm(ui: &mut Ui, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    let lang = state.lang();
    counted(ui, form, lang);
    let opener = state.cash.open.as_ref().map(|book| &book.session);
    let other = opener.filter(|own| state.person.as_ref().is_some_and(|person| person.id != own.opened_by));
    let label = if let Some(session) = other {
        let name = widgets::cut_middle(&session.opening.opened_by_name, 32);
        widgets::weak(ui, &CashText::OtherPerson.with(lang, &[("name", &name)]));
        CashText::Reason
    } else {
        CashText::ReasonOptional
    };
    let reason = Field::new("cash-close-reason", label.get(lang), &form.reason);
    field(ui, state, form, CashField::Reason, reason, out);
    let corrects = form.trouble.replaces.is_some();
    let hint = if corrects { CashText::CountStays } else { CashText::ConfirmHint };
    widgets::weak(ui, hint.get(lang));
}

fn zone(state: &State) -> jiff::tz::TimeZone {
    format::zone(state.store.as_ref().map_or("", |store| store.zone.as_str()))
}

fn report(ui: &mut Ui, state: &State, report: &CashReport) {
    lines(ui, &cash_report::report(report, is_blind(state), state.lang(), &zone(state)));
}

/// To the Z of earlier closes and back, where there are any.
fn turns(ui: &mut Ui, state: &State, form: &CashForm, out: &mut Vec<Input>) {
    let (lang, all) = (state.lang(), state.cash.closes);
    let Some((back, _)) = form.close(&state.cash).filter(|_| all > 1) else { return };
    ui.horizontal(|ui| {
        let mut button = |ui: &mut Ui, icon: &str, text: CashText, by: isize, enabled: bool| {
            let words = format!("{icon}  {}", text.get(lang));
            let button = widgets::secondary_button(ui, &words, None, ButtonSize::Normal, enabled);
            if button.accessible_name(text.get(lang)).clicked() {
                out.push(Input::Cash(CashInput::Turn(by)));
            }
        };
        button(ui, icons::CARET_LEFT, CashText::Earlier, 1, back + 1 < all);
        button(ui, icons::CARET_RIGHT, CashText::Later, -1, back > 0);
        widgets::weak(ui, &CashText::CloseOf.with(lang, &[("n", &(all - back)), ("all", &all)]));
    });
}

/// The ways in which a report leaves the screen.
fn take_away(ui: &mut Ui, state: &State, out: &mut Vec<Input>) {
    let lang = state.lang();
    let (print, save) = (CashText::Print.get(lang), CashText::SavePdf.get(lang));
    let (mut prints, mut saves) = (false, false);
    if ready(state) {
        ui.columns_const(|[left, right]| {
            prints = widgets::primary_button(left, print, Some("Enter"), ButtonSize::Wide, true).clicked();
            saves = widgets::secondary_button(right, save, Some("Ctrl+S"), ButtonSize::Wide, true).clicked();
        });
    } else {
        saves = widgets::primary_button(ui, save, Some("Ctrl+S"), ButtonSize::Wide, true).clicked();
        prints = widgets::link_button(ui, Papers::SetUpPrinter.get(lang)).clicked();
    }
    if prints {
        out.push(Input::Cash(CashInput::Print));
    }
    if saves {
        out.push(Input::Cash(CashInput::SavePdf));
    }
}

fn lines(ui: &mut Ui, report: &cash_report::Report) {
    let palette = Palette::in_ui(ui);
    ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
    ui.spacing_mut().interact_size.y = tokens::SPACE_16;
    widgets::strong(ui, &widgets::cut_middle(&report.store, 44));
    for line in &report.lines {
        let font = match line.weight {
            Weight::Plain => tokens::body(),
            Weight::Heading | Weight::Strong => tokens::body_strong(),
        };
        if line.weight == Weight::Heading {
            ui.add_space(tokens::SPACE_8);
            ui.separator();
        }
        ui.horizontal(|ui| {
            let room = ui.available_width() * 0.62;
            let label = widgets::fit_middle(ui, &line.label, &font, room).into_owned();
            ui.label(RichText::new(label).font(font.clone()).color(palette.text));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let room = ui.available_width();
                let value = widgets::fit_middle(ui, &line.value, &font, room).into_owned();
                ui.add(Label::new(RichText::new(value).font(font.clone()).color(palette.text)).extend());
            });
        });
    }
}
