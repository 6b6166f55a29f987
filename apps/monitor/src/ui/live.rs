//! The live log: filters above, the newest row on top, a sale opens to its lines. Only rows in sight are laid out.

use egui::{Align, ComboBox, Context, CursorIcon, Id, Label, Layout, RichText, Ui, Vec2};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{format, icons, widgets};

use super::row_keys::CLICKED;
use super::{Screen, filter, live_foot, live_past, parts, rows};
use crate::input::{LogAct, User};
use crate::livelog::{Filter, KindFilter, Line, Portion, Row, What};
use crate::log_texts::Text as Words;
use crate::state::State;
use crate::texts::{self, Text};

const ROW_HEIGHT: f32 = 32.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    if state.log.is_empty() && live_past::is_loading(state) {
        parts::waiting(ui, screen, None, Text::LoadingLog);
        return;
    }
    if state.log.is_empty() {
        let (title, hint) = (screen.text(Text::LogEmpty), screen.text(Text::LogEmptyHint));
        widgets::empty_state(ui, icons::BROADCAST, title, hint, None);
        return;
    }
    toolbar(ui, screen);
    ui.add_space(tokens::SPACE_4);
    if state.log.shown_len() == 0 && state.log.filter().is_active() {
        nothing_found(ui, screen);
        return;
    }
    table(ui, screen);
}

fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>) {
    let log = &screen.state.log;
    let lang = screen.lang();
    let filter = log.filter().clone();
    ui.horizontal_wrapped(|ui| {
        let options = KindFilter::ALL.map(|kind| (kind, texts::kind_filter(kind, lang)));
        if let Some(kind) = widgets::segmented(ui, Some(filter.kind), &options, None) {
            screen.act(User::Log(LogAct::Filter(Filter { kind, ..filter.clone() })));
        }
        if let Some(choice) = filter::store_choice(ui, screen, filter.store) {
            let store = choice.store();
            screen.act(User::Log(LogAct::Filter(Filter { store, ..filter.clone() })));
        }
        if let Some(choice) = person_choice(ui, screen, filter.person.as_deref()) {
            let person = if let PersonChoice::One(name) = choice { Some(name) } else { None };
            screen.act(User::Log(LogAct::Filter(Filter { person, ..filter.clone() })));
        }
        if let Some(text) = filter::search(ui, screen, &filter.text, Text::SearchLog) {
            screen.act(User::Log(LogAct::Filter(Filter { text, ..filter.clone() })));
        }
        let (text, icon) =
            if screen.state.paused { (Text::Resume, icons::PLAY) } else { (Text::Pause, icons::PAUSE) };
        let words = format!("{icon} {}", screen.text(text));
        let button = widgets::secondary_button(ui, &words, Some("Ctrl+P"), widgets::ButtonSize::Normal, true);
        if button.accessible_name(screen.text(text)).clicked() {
            hold(ui.ctx(), screen, !screen.state.paused);
        }
    });
    // A line of its own: what it says changes while somebody scrolls, and rows must not move for that.
    ui.horizontal(|ui| {
        live_past::controls(ui, screen);
        held(ui, screen);
    });
}

/// Who was picked now.
enum PersonChoice {
    Everybody,
    One(String),
}

/// One of those who are in the log, or everybody. The answer is the new choice, if it changed now.
fn person_choice(ui: &mut Ui, screen: &Screen<'_>, chosen: Option<&str>) -> Option<PersonChoice> {
    let everybody = Words::Everybody.get(screen.lang());
    let name = chosen.unwrap_or(everybody);
    let mut picked = None;
    let answer = ComboBox::from_id_salt("person")
        .width(160.0)
        .selected_text(widgets::cut_middle(name, 22).into_owned())
        .show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), everybody).clicked() {
                picked = Some(PersonChoice::Everybody);
            }
            for person in screen.state.log.people() {
                let short = widgets::cut_middle(person, 48).into_owned();
                if ui.selectable_label(chosen == Some(person), short).clicked() {
                    picked = Some(PersonChoice::One(person.to_owned()));
                }
            }
        });
    answer.response.accessible_name(format!("{}: {name}", screen.text(Text::Who)));
    picked
}

/// Pauses, or goes on from the top.
pub fn hold(ctx: &Context, screen: &mut Screen<'_>, hold: bool) {
    if !hold {
        to_top(ctx);
    }
    screen.act(User::Log(LogAct::Hold(hold)));
}

/// Whether the log stands still, and what waits.
fn held(ui: &mut Ui, screen: &mut Screen<'_>) {
    let log = &screen.state.log;
    let waiting = log.waiting();
    if log_is_past(screen.state) {
        live_past::way_back(ui, screen);
    } else if waiting > 0 {
        let words = Text::Waiting.with(screen.lang(), &[("n", &waiting)]);
        let words = format!("{} {words}", icons::ARROW_UP);
        if widgets::primary_button(ui, &words, None, widgets::ButtonSize::Normal, true).clicked() {
            hold(ui.ctx(), screen, false);
        }
    } else if screen.state.paused {
        widgets::status(ui, Tone::Attention, screen.text(Text::Paused));
    } else if log.is_held() {
        widgets::weak(ui, screen.text(Text::WaitingNone));
    } else {
        let count = format::integer(i64::try_from(log.shown_len()).unwrap_or(i64::MAX));
        widgets::weak(ui, &Text::Rows.with(screen.lang(), &[("n", &count)]));
    }
}

const fn log_is_past(state: &State) -> bool {
    state.feed.past.newest.is_some()
}

fn nothing_found(ui: &mut Ui, screen: &mut Screen<'_>) {
    let (title, hint) = (screen.text(Text::NothingFound), screen.text(Text::NothingFoundHint));
    let call = Some(widgets::Call { text: screen.text(Text::ClearFilter), key: None });
    if widgets::empty_state(ui, icons::FUNNEL, title, hint, call) {
        screen.act(User::Log(LogAct::Filter(Filter::default())));
    }
    if screen.state.feed.oldest > 0 {
        ui.vertical_centered(|ui| live_past::older(ui, screen));
    }
    live_past::reach(screen, 0..0);
}

/// What stands at one place of the table.
enum Place {
    Row(usize),
    /// A line of the open sale.
    Line(usize),
    /// Payments, reason, balance: below the lines.
    Foot,
    /// The end of what is loaded.
    End,
}

/// Where the open row stands and how many places its details take.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    lines: usize,
}

impl Open {
    fn of(state: &State) -> Option<Self> {
        let at = state.log.place_of(state.expanded?)?;
        let (_, row) = state.log.shown(at)?;
        let lines = match &row.what {
            What::Sale { lines, .. } | What::Return { lines, .. } => lines.len(),
            What::Entry { .. }
            | What::Money { .. }
            | What::Alarm { .. }
            | What::Session { .. }
            | What::Coordinates(_) => 0,
            What::Count { portions, .. } | What::Transfer { portions, .. } => portions.len(),
        };
        Some(Self { at, lines })
    }

    /// Lines and foot.
    const fn places(self) -> usize {
        self.lines + 1
    }
}

fn place(index: usize, rows: usize, open: Option<Open>) -> Place {
    let row = match open {
        Some(open) if index > open.at + open.places() => index - open.places(),
        Some(open) if index == open.at + open.places() => return Place::Foot,
        Some(open) if index > open.at => return Place::Line(index - open.at - 1),
        Some(_) | None => index,
    };
    if row < rows { Place::Row(row) } else { Place::End }
}

fn columns(ui: &mut Ui, narrow: bool) -> TableBuilder<'_> {
    let width = ui.available_width();
    // Without gaps between the cells, so that a row glows as one.
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("live")
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(92.0))
        .column(Column::remainder().at_least(180.0).clip(true))
        .column(Column::exact(if narrow { 104.0 } else { 120.0 }))
        .column(Column::exact(if narrow { 120.0 } else { width * 0.18 }).clip(true));
    if narrow { builder } else { builder.column(Column::exact(width * 0.2).clip(true)) }
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    let open = Open::of(state);
    let shown = state.log.shown_len();
    let total = shown + open.map_or(0, Open::places) + 1;
    let narrow = ui.available_width() < 760.0;
    let scroll_to = scroll_target(ui.ctx(), state);
    let kept_at = live_past::kept_in_place(ui.ctx(), state, ROW_HEIGHT);
    let mut builder = columns(ui, narrow);
    if let Some(at) = scroll_to {
        builder = builder.scroll_to_row(at, None);
    } else if let Some(offset) = kept_at {
        builder = builder.vertical_scroll_offset(offset);
    }
    let mut in_sight = 0..0;
    let names = [Text::When, Text::What, Text::Amount, Text::Who, Text::Store];
    let output = builder
        .header(26.0, |mut header| {
            for name in names.into_iter().take(if narrow { 4 } else { 5 }) {
                header.col(|ui| {
                    if name == Text::When {
                        ui.add_space(tokens::SPACE_4);
                    } else if name == Text::Who {
                        ui.add_space(tokens::SPACE_16);
                    }
                    heading(ui, screen.text(name), name == Text::Amount);
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, total, |mut row| {
                let first = if in_sight.is_empty() { row.index() } else { in_sight.start };
                in_sight = first..row.index() + 1;
                match place(row.index(), shown, open) {
                    Place::Row(index) => log_row(&mut row, screen, index, narrow),
                    Place::Line(index) => detail(&mut row, screen, open, index, narrow),
                    Place::Foot => {
                        if let Some(opened) = opened(screen, open) {
                            live_foot::show(&mut row, screen, opened, narrow);
                        }
                    }
                    Place::End => end(&mut row, screen, narrow),
                }
            });
        });
    // Reading below the top holds the log; an open sale and the pause hold it too.
    let offset = output.state.clamped_offset().y;
    let at_top = offset < 2.0;
    let top = match place(in_sight.start, shown, open) {
        // What comes in on top of the newest row moves the others, unless what is read on stands in the past.
        Place::Row(index) if !at_top || log_is_past(state) => {
            state.log.shown(index).map(|(number, _)| (number, index))
        }
        Place::Row(_) | Place::Line(_) | Place::Foot | Place::End => None,
    };
    live_past::remember(ui.ctx(), top, offset);
    live_past::reach(screen, in_sight);
    let kept = at_top && (state.paused || state.expanded.is_some());
    if at_top == state.log.is_held() && !kept && scroll_to.is_none() {
        screen.act(User::Log(LogAct::AtTop(at_top)));
    }
}

/// Each window has its own.
fn target_id(ctx: &Context) -> Id {
    Id::unique(("live-target", ctx.viewport_id()))
}

/// The next frame shows the newest rows.
fn to_top(ctx: &Context) {
    let id = target_id(ctx).with("top");
    ctx.data_mut(|data| data.insert_temp(id, true));
}

/// The row to scroll to in this frame: the top when asked for, or the mark when it has just moved.
fn scroll_target(ctx: &Context, state: &State) -> Option<usize> {
    let id = target_id(ctx);
    if ctx.data_mut(|data| data.remove_temp::<bool>(id.with("top"))).unwrap_or(false) {
        return Some(0);
    }
    let before: Option<i64> = ctx.data(|data| data.get_temp::<Option<i64>>(id)).flatten();
    if before == state.marked {
        return None;
    }
    ctx.data_mut(|data| data.insert_temp(id, state.marked));
    state.marked.and_then(|number| state.log.place_of(number))
}

fn heading(ui: &mut Ui, text: &str, right: bool) {
    let palette = Palette::in_ui(ui);
    let words = RichText::new(text).font(tokens::small()).color(palette.text_weak);
    if right {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(words));
    } else {
        ui.label(words);
    }
}

/// Text that is cut in the middle where its cell ends.
pub(super) fn fitted(ui: &mut Ui, text: &str, weak: bool) {
    let palette = Palette::in_ui(ui);
    let colour = if weak { palette.text_weak } else { palette.text };
    let room = ui.available_width() - tokens::SPACE_8;
    let words = widgets::fit_middle(ui, text, &tokens::body(), room).into_owned();
    ui.add(Label::new(RichText::new(words).color(colour)).selectable(false).extend());
}

pub(super) fn right(ui: &mut Ui, text: &str, strong: bool) {
    let font = if strong { tokens::body_strong() } else { tokens::body() };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(text).font(font)).selectable(false).extend());
    });
}

/// A cell with the row's glow behind it.
pub(super) fn cell(row: &mut TableRow<'_, '_>, glow: f32, add: impl FnOnce(&mut Ui)) {
    row.col(|ui| {
        if glow > 0.0 {
            let palette = Palette::in_ui(ui);
            let colour = Palette::faded(palette.accent, glow * 0.35);
            ui.painter().rect_filled(ui.max_rect(), 0.0, colour);
            ui.ctx().request_repaint();
        }
        ui.spacing_mut().item_spacing.x = tokens::SPACE_8;
        add(ui);
    });
}

fn log_row(table_row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, index: usize, narrow: bool) {
    let state = screen.state;
    let Some((number, row)) = state.log.shown(index) else { return };
    screen.drew(row);
    let lang = screen.lang();
    let glow = rows::glow(row, screen.now);
    let is_open = state.expanded == Some(number);
    table_row.set_selected(is_open || state.marked == Some(number));
    let zone = state.zone(row.store_id);
    let when = rows::moment(row.happened_at(), state.server_now(screen.now), &zone);
    cell(table_row, glow, |ui| {
        ui.add_space(tokens::SPACE_4);
        fitted(ui, &when, true);
    });
    cell(table_row, glow, |ui| {
        let caret = if is_open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        let palette = Palette::in_ui(ui);
        ui.label(RichText::new(caret).color(palette.text_weak));
        ui.label(RichText::new(rows::icon(row)).color(palette.text_weak));
        fitted(ui, &rows::what(&state.log, row, lang), false);
    });
    cell(table_row, glow, |ui| right(ui, &rows::amount(row, lang), true));
    cell(table_row, glow, |ui| {
        ui.add_space(tokens::SPACE_16);
        fitted(ui, state.log.name(row.person), false);
    });
    if !narrow {
        cell(table_row, glow, |ui| fitted(ui, rows::store(state, row), true));
    }
    let response = table_row.response().on_hover_cursor(CursorIcon::PointingHand);
    let sentence = rows::sentence(screen, row);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_open, &sentence));
    if response.clicked() {
        screen.act(User::Log(LogAct::Expand(number)));
    }
}

fn opened<'s>(screen: &Screen<'s>, open: Option<Open>) -> Option<&'s Row> {
    screen.state.log.shown(open?.at).map(|(_, row)| row)
}

pub(super) fn blank(row: &mut TableRow<'_, '_>, narrow: bool) {
    for _ in 0..if narrow { 1 } else { 2 } {
        row.col(|_| {});
    }
}

fn detail(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, open: Option<Open>, index: usize, narrow: bool) {
    let line: Option<&Line> = match opened(screen, open).map(|row| &row.what) {
        Some(What::Count { portions, .. } | What::Transfer { portions, .. }) => {
            if let Some(portion) = portions.get(index) {
                portion_row(row, screen, portion, narrow);
            }
            return;
        }
        Some(What::Sale { lines, .. } | What::Return { lines, .. }) => lines.get(index),
        Some(
            What::Entry { .. }
            | What::Money { .. }
            | What::Alarm { .. }
            | What::Session { .. }
            | What::Coordinates(_),
        )
        | None => None,
    };
    let Some(line) = line else { return };
    row.set_selected(true);
    row.col(|_| {});
    cell(row, 0.0, |ui| {
        ui.add_space(46.0);
        let amount = match line.unit_price {
            Some(price) => format!("{} × {}", line.quantity, price.plain()),
            None if line.lost => format!("{} · {}", line.quantity, screen.text(Text::WrittenOff)),
            None => line.quantity.to_string(),
        };
        let width = ui.available_width();
        ui.allocate_ui_with_layout(
            Vec2::new((width * 0.32).clamp(90.0, 150.0), ROW_HEIGHT),
            Layout::right_to_left(Align::Center),
            |ui| widgets::weak(ui, &amount),
        );
        ui.add_space(tokens::SPACE_8);
        fitted(ui, screen.state.log.name(line.product), false);
    });
    cell(row, 0.0, |ui| right(ui, &line.total.plain(), false));
    blank(row, narrow);
}

/// A product of a count or a transfer.
fn portion_row(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, portion: &Portion, narrow: bool) {
    row.set_selected(true);
    row.col(|_| {});
    cell(row, 0.0, |ui| {
        ui.add_space(46.0);
        fitted(ui, screen.state.log.name(portion.product), false);
    });
    cell(row, 0.0, |ui| right(ui, &rows::portion(portion), false));
    blank(row, narrow);
}

fn end(row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, narrow: bool) {
    row.col(|_| {});
    cell(row, 0.0, |ui| live_past::older(ui, screen));
    row.col(|_| {});
    blank(row, narrow);
}
