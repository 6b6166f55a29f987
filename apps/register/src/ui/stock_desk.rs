//! The desk's work on stock: the menu, the transfers on their way, what arrived, and what a count found.

use egui::{Align, Context, Key, Layout, RichText, ScrollArea, Ui, Vec2};
use tillwatch_desk::keys::pressed;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize, Dialog, Field};
use tillwatch_desk::{Lang, format};
use tillwatch_shared::api::{Count, CountedLot, Transfer};
use tillwatch_shared::{Cents, Quantity, limits};

use super::{stock_scan, words};
use crate::action::Action;
use crate::input::Input;
use crate::state::State;
use crate::state::forms::{Part, Trouble};
use crate::state::stock::{ArriveForm, Purpose, StockForm, StockInput, TakeBackForm, Task};
use crate::stock_texts::Text;
use crate::update::stock;

/// How high a list may become before it scrolls.
const LIST_HEIGHT: f32 = 260.0;

/// `true` when it was closed.
pub fn ui(ctx: &Context, state: &State, form: &StockForm, out: &mut Vec<Input>) -> bool {
    match form {
        StockForm::Menu { row } => menu(ctx, state, *row, out),
        StockForm::Scan(form) => stock_scan::ui(ctx, state, form, out),
        StockForm::Transfers { row } => transfers(ctx, state, *row, out),
        StockForm::Arrive(form) => arrive(ctx, state, form, out),
        StockForm::TakeBack(form) => take_back(ctx, state, form, out),
        StockForm::Report(count) => report(ctx, state, count, out),
    }
}

/// The keys that the open form has beside those of its fields.
pub fn keys(ctx: &Context, state: &State, form: &StockForm, out: &mut Vec<Input>) {
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
        if pressed(ctx, key) {
            out.push(Input::Stock(StockInput::Move(by)));
        }
    }
    let unfocused = ctx.memory(|memory| memory.focused().is_none());
    match form {
        StockForm::Menu { row } => {
            let digits = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
            for (key, task) in digits.into_iter().zip(Task::ALL) {
                if pressed(ctx, key) {
                    out.push(Input::Stock(StockInput::Choose(task)));
                }
            }
            let again = state.keys.chord(Action::Stock).is_some_and(|chord| chord.taken(ctx));
            if again || (unfocused && pressed(ctx, Key::Enter)) {
                out.push(Input::Stock(StockInput::Pick(*row)));
            }
        }
        StockForm::Scan(form) => {
            if pressed(ctx, Key::F12) {
                out.push(Input::Stock(StockInput::Finish));
            }
            if form.text.is_empty() && pressed(ctx, Key::Delete) {
                out.push(Input::Stock(StockInput::RemoveLast));
            }
        }
        StockForm::Arrive(_) | StockForm::TakeBack(_) => {
            if pressed(ctx, Key::F12) {
                out.push(Input::Stock(StockInput::Finish));
            }
        }
        StockForm::Transfers { .. } | StockForm::Report(_) => {
            if unfocused && pressed(ctx, Key::Enter) {
                out.push(Input::Submit);
            }
        }
    }
}

const fn task(task: Task) -> (Text, Text) {
    match task {
        Task::Receive => (Text::Receive, Text::ReceiveHint),
        Task::Adjust => (Text::Adjust, Text::AdjustHint),
        Task::Count => (Text::Count, Text::CountHint),
        Task::Send => (Text::Send, Text::SendHint),
        Task::Arrive => (Text::Arrive, Text::ArriveHint),
    }
}

fn menu(ctx: &Context, state: &State, row: usize, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "stock-menu", title: Text::MenuTitle.get(lang), width: 460.0, lang };
    let answer = dialog.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        for (index, one) in Task::ALL.into_iter().enumerate() {
            let (name, hint) = task(one);
            let note = begun(state, one).unwrap_or_else(|| hint.get(lang).to_owned());
            let text = format!("{}   {}", index + 1, name.get(lang));
            let button =
                egui::Button::selectable(index == row, RichText::new(text).font(tokens::body_strong()))
                    .min_size(Vec2::new(ui.available_width(), 44.0))
                    .right_text(RichText::new(note.as_str()).weak());
            let label = format!("{}, {note}", name.get(lang));
            if ui.add(button).accessible_name(label).clicked() {
                out.push(Input::Stock(StockInput::Choose(one)));
            }
        }
        ui.add_space(tokens::SPACE_4);
        widgets::small_weak(ui, Text::MenuHint.get(lang));
    });
    answer.closed
}

/// What is begun of a task.
fn begun(state: &State, task: Task) -> Option<String> {
    let lang = state.lang();
    let store = state.store.as_ref()?.id;
    let scanned = |purpose| state.stock.draft(purpose, store).map_or(0, |draft| draft.lines.len());
    let (text, count) = match task {
        Task::Receive | Task::Adjust => return None,
        Task::Count => (Text::Begun, scanned(Purpose::Count)),
        Task::Send => (Text::Begun, scanned(Purpose::Send)),
        Task::Arrive => (Text::OnTheWay, stock::open_transfers(state).len()),
    };
    (count > 0).then(|| text.with(lang, &[("n", &count)]))
}

fn transfers(ctx: &Context, state: &State, row: usize, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "stock-transfers", title: Text::TransfersTitle.get(lang), width: 520.0, lang };
    let answer = dialog.show(ctx, |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        let open = stock::open_transfers(state);
        if open.is_empty() {
            widgets::weak(ui, Text::NoTransfers.get(lang));
        }
        ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
            for (index, transfer) in open.into_iter().enumerate() {
                let words = ends(state, transfer, lang);
                let lines = stock_scan::products(transfer.lines.len(), lang);
                let at = state.store.as_ref().map_or_else(String::new, |store| {
                    format::date_time(transfer.sent_at, &format::zone(&store.zone))
                });
                let cut = widgets::cut_middle(&words, 34);
                let button = egui::Button::selectable(index == row, cut.as_ref())
                    .min_size(Vec2::new(ui.available_width(), 40.0))
                    .right_text(RichText::new(format!("{lines} · {at}")).weak());
                if ui.add(button).on_hover_text(&words).accessible_name(&words).clicked() {
                    out.push(Input::Stock(StockInput::Pick(index)));
                }
            }
        });
        widgets::small_weak(ui, crate::texts::Text::ChooseStoreHint.get(lang));
    });
    answer.closed
}

/// `De Loja Centro`, `Para Loja Norte`
fn ends(state: &State, transfer: &Transfer, lang: Lang) -> String {
    let incoming = state.store.as_ref().is_some_and(|store| store.id == transfer.to_store_id);
    let (text, store) = if incoming {
        (Text::From, &transfer.from_store_name)
    } else {
        (Text::ToStore, &transfer.to_store_name)
    };
    text.with(lang, &[("store", store)])
}

fn arrive(ctx: &Context, state: &State, form: &ArriveForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let Some(transfer) = stock::transfer(state, form.transfer) else { return true };
    let title = Text::ArriveTitle.with(lang, &[("store", &transfer.from_store_name)]);
    let dialog = Dialog { id: "stock-arrive", title: &title, width: 560.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        widgets::weak(ui, Text::ArriveHow.get(lang));
        let mut entered = arrived_lines(ui, state, form, transfer, out);
        if differs(form, transfer) {
            let label = Text::DifferenceReason.get(lang);
            entered |= reason(ui, state, label, &form.reason, &form.trouble, out);
        }
        if entered {
            out.push(Input::Submit);
        }
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, ()| {
        if stock_scan::finish(ui, &form.trouble, Text::ConfirmArrival.get(lang), true, lang) {
            out.push(Input::Stock(StockInput::Finish));
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

fn differs(form: &ArriveForm, transfer: &Transfer) -> bool {
    let pairs = transfer.lines.iter().zip(&form.arrived);
    pairs.into_iter().any(|(line, typed)| Quantity::parse(typed) != Ok(line.sent_thousandths))
}

/// `true` when Enter was pressed in the open line.
fn arrived_lines(
    ui: &mut Ui,
    state: &State,
    form: &ArriveForm,
    transfer: &Transfer,
    out: &mut Vec<Input>,
) -> bool {
    let lang = state.lang();
    let mut entered = false;
    for (index, (line, typed)) in transfer.lines.iter().zip(&form.arrived).enumerate() {
        let unit = line.unit.symbol();
        let sent = format!("{} {} {unit}", Text::SentQuantity.get(lang), line.sent_thousandths);
        if index != form.line {
            let arrived = format!("{sent} · {} {typed} {unit}", Text::ArrivedQuantity.get(lang));
            let name = widgets::cut_middle(&line.product_name, 34);
            let button = egui::Button::selectable(false, name.as_ref())
                .min_size(Vec2::new(ui.available_width(), tokens::CONTROL_HEIGHT))
                .right_text(RichText::new(arrived).weak());
            if ui.add(button).accessible_name(&line.product_name).clicked() {
                out.push(Input::Stock(StockInput::Pick(index)));
            }
            continue;
        }
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                ui.set_width(300.0);
                widgets::strong(ui, &widgets::cut_middle(&line.product_name, 34));
                widgets::weak(ui, &sent);
            });
            let error = form.trouble.about(Part::Quantity).map(|c| words::complaint(c, Cents::ZERO, lang));
            let field = Field::new(("stock-arrived", index), Text::ArrivedQuantity.get(lang), typed)
                .right()
                .limit(20)
                .select_all()
                .error(error.as_deref())
                .enabled(form.trouble.waiting.is_none())
                .focus(state.focus == Some(Part::Quantity));
            let answer = field.show(ui);
            out.extend(answer.changed.map(|text| Input::Stock(StockInput::Text(text))));
            entered = answer.entered;
        });
    }
    entered
}

/// `true` when Enter was pressed in it.
fn reason(
    ui: &mut Ui,
    state: &State,
    label: &str,
    value: &str,
    trouble: &Trouble,
    out: &mut Vec<Input>,
) -> bool {
    let lang = state.lang();
    let error = trouble.about(Part::Reason).map(|c| words::complaint(c, Cents::ZERO, lang));
    let field = Field::new("stock-reason", label, value)
        .limit(limits::TEXT_CHARS)
        .error(error.as_deref())
        .enabled(trouble.waiting.is_none())
        .focus(state.focus == Some(Part::Reason));
    let answer = field.show(ui);
    out.extend(answer.changed.map(|text| Input::Stock(StockInput::Reason(text))));
    widgets::small_weak(ui, &reasons(lang));
    answer.entered
}

/// The digits that stand for the usual reasons.
pub fn reasons(lang: Lang) -> String {
    let [first, second, third, fourth, fifth] = stock::REASONS.map(|reason| reason.get(lang).to_lowercase());
    Text::ReasonDigits
        .with(lang, &[("a", &first), ("b", &second), ("c", &third), ("d", &fourth), ("e", &fifth)])
}

fn take_back(ctx: &Context, state: &State, form: &TakeBackForm, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let Some(transfer) = stock::transfer(state, form.transfer) else { return true };
    let title = Text::TakeBackTitle.with(lang, &[("store", &transfer.to_store_name)]);
    let dialog = Dialog { id: "stock-take-back", title: &title, width: 520.0, lang };
    let body = |ui: &mut Ui, out: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        widgets::weak(ui, Text::TakeBackHow.get(lang));
        for line in &transfer.lines {
            let quantity = format!("{} {}", line.sent_thousandths, line.unit.symbol());
            stock_scan::one(ui, &line.product_name, None, &quantity, tokens::body());
        }
        if reason(ui, state, Text::Reason.get(lang), &form.reason, &form.trouble, out) {
            out.push(Input::Submit);
        }
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, ()| {
        if stock_scan::finish(ui, &form.trouble, Text::TakeBack.get(lang), true, lang) {
            out.push(Input::Stock(StockInput::Finish));
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

/// What is not as expected first, the dearest on top.
fn report(ctx: &Context, state: &State, count: &Count, out: &mut Vec<Input>) -> bool {
    let lang = state.lang();
    let dialog = Dialog { id: "stock-report", title: Text::ReportTitle.get(lang), width: 620.0, lang };
    let body = |ui: &mut Ui, _: &mut Vec<Input>| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_8;
        ui.horizontal(|ui| {
            widgets::weak(ui, &stock_scan::products(count.lines.len(), lang));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                widgets::strong(ui, &format!("{}: {}", Text::Difference.get(lang), count.worth_cents));
            });
        });
        if count.lines.iter().all(|line| line.difference_thousandths == Quantity::ZERO) {
            widgets::status(ui, Tone::Good, Text::AllRight.get(lang));
        }
        findings(ui, count, lang);
    };
    let foot = |ui: &mut Ui, out: &mut Vec<Input>, ()| {
        let close = Text::Close.get(lang);
        if widgets::primary_button(ui, close, Some("Enter"), ButtonSize::Wide, true).clicked() {
            out.push(Input::Close);
        }
    };
    dialog.show_with_foot(ctx, out, body, foot).closed
}

fn findings(ui: &mut Ui, count: &Count, lang: Lang) {
    let mut lines: Vec<_> = count.lines.iter().collect();
    lines.sort_by_key(|line| {
        std::cmp::Reverse((line.worth_cents.0.abs(), line.difference_thousandths.0.abs()))
    });
    let heads = [Text::Expected, Text::Counted, Text::Difference, Text::Worth].map(|text| text.get(lang));
    ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
    finding(ui, Text::Product.get(lang), heads, widgets::small_weak);
    for line in lines {
        ui.separator();
        let colour = if line.difference_thousandths == Quantity::ZERO {
            Palette::in_ui(ui).text
        } else {
            Palette::in_ui(ui).danger
        };
        let figures = [
            &line.expected_thousandths.to_string(),
            &line.counted_thousandths.to_string(),
            &signed(line.difference_thousandths),
            line.worth_cents.plain().as_str(),
        ]
        .map(str::to_owned);
        finding(ui, &line.product_name, figures.each_ref().map(String::as_str), |ui, text| {
            ui.label(RichText::new(text).color(colour))
        });
        for lot in &line.lots {
            finding_of_lot(ui, lot, lang);
        }
    }
}

/// A lot below its product: a lot that was not as expected may be hidden in a product that was.
fn finding_of_lot(ui: &mut Ui, lot: &CountedLot, lang: Lang) {
    let printed = stock_scan::lot_words(lot.code.as_deref(), lot.expires_on);
    let name = if lot.lot_id.is_some() { printed.as_str() } else { Text::NoLot.get(lang) };
    let difference = Quantity(lot.counted_thousandths.0 - lot.expected_thousandths.0);
    let figures =
        [lot.expected_thousandths.to_string(), lot.counted_thousandths.to_string(), signed(difference)];
    let [expected, counted, difference] = figures.each_ref().map(String::as_str);
    let name = format!("    {name}");
    finding(ui, &name, [expected, counted, difference, ""], widgets::weak);
}

/// With its sign where it is more.
fn signed(difference: Quantity) -> String {
    let plus = if difference.0 > 0 { "+" } else { "" };
    format!("{plus}{difference}")
}

/// A name, and four figures against the right edges of their columns.
fn finding(ui: &mut Ui, name: &str, figures: [&str; 4], write: impl Fn(&mut Ui, &str) -> egui::Response) {
    const FIGURE: f32 = 92.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let room = (ui.available_width() - 4.0 * FIGURE).max(80.0);
        let mut cell = |width: f32, layout: Layout, add: &dyn Fn(&mut Ui)| {
            ui.allocate_ui_with_layout(Vec2::new(width, 20.0), layout, |ui| {
                ui.set_width(width);
                add(ui);
            });
        };
        cell(room, Layout::left_to_right(Align::Center), &|ui| {
            let shown = widgets::fit_middle(ui, name, &tokens::body(), room - tokens::SPACE_8).into_owned();
            write(ui, &shown).on_hover_text(name);
        });
        for figure in figures {
            cell(FIGURE, Layout::right_to_left(Align::Center), &|ui| {
                write(ui, figure);
            });
        }
    });
}
