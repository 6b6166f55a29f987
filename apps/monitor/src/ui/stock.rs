//! What the stores hold: search, sort, and what is low marked by shape and word.

use egui::{Align, CursorIcon, Label, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{icons, widgets};

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, filter, lists, parts};
use crate::input::LogAct;
use crate::input::User;
use crate::lists_texts::Text as Lists;
use crate::livelog::Filter;
use crate::stock::{Level, Sort, StockFilter};
use crate::texts::{self, Text};

const ROW_HEIGHT: f32 = 32.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    match lists::tabs(ui, screen, Some(Lists::Balances)) {
        Some(topic) => lists::list(ui, screen, topic),
        None => balances(ui, screen),
    }
}

fn balances(ui: &mut Ui, screen: &mut Screen<'_>) {
    let stock = &screen.state.stock;
    if stock.is_empty() && !stock.is_complete() {
        parts::waiting(ui, screen, stock.failure.as_ref(), Text::LoadingStock);
        return;
    }
    if stock.is_empty() {
        let (title, hint) = (screen.text(Text::StockEmpty), screen.text(Text::StockEmptyHint));
        widgets::empty_state(ui, icons::PACKAGE, title, hint, None);
        return;
    }
    toolbar(ui, screen);
    parts::stale(ui, screen, stock.failure.as_ref(), screen.state.feed.current_at);
    if stock.is_full() {
        let text = Text::StockFull.with(screen.lang(), &[("n", &stock.len())]);
        widgets::Banner { tone: Tone::Attention, text: &text, call: None }.show(ui);
    }
    ui.add_space(tokens::SPACE_4);
    if stock.shown().is_empty() {
        nothing(ui, screen);
        return;
    }
    table(ui, screen);
}

/// Where the window is narrow, a second line for what does not fit.
fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>) {
    if ui.available_width() < 760.0 {
        ui.horizontal(|ui| find(ui, screen));
        ui.horizontal(|ui| low_only(ui, screen));
    } else {
        ui.horizontal(|ui| {
            find(ui, screen);
            low_only(ui, screen);
        });
    }
}

fn find(ui: &mut Ui, screen: &mut Screen<'_>) {
    let held = screen.state.stock.filter().clone();
    if let Some(text) = filter::search(ui, screen, &held.text, Text::SearchStock) {
        screen.act(User::FilterStock(StockFilter { text, ..held.clone() }));
    }
    if let Some(choice) = filter::store_choice(ui, screen, held.store) {
        let store = choice.store();
        screen.act(User::FilterStock(StockFilter { store, ..held }));
    }
}

fn low_only(ui: &mut Ui, screen: &mut Screen<'_>) {
    let stock = &screen.state.stock;
    let filter = stock.filter().clone();
    let low = format!("{} ({})", screen.text(Text::LowOnly), stock.low());
    let options = [(false, screen.text(Text::All)), (true, low.as_str())];
    if let Some(low_only) = widgets::segmented(ui, Some(filter.low_only), &options, None) {
        let sort = if low_only { Sort::Shortage } else { Sort::Name };
        screen.act(User::FilterStock(StockFilter { low_only, sort, descending: false, ..filter }));
    }
    if stock.is_complete() || stock.is_full() {
        widgets::weak(ui, &Text::Rows.with(screen.lang(), &[("n", &stock.shown().len())]));
    } else {
        widgets::loading(ui, screen.text(Text::LoadingStock));
    }
}

fn nothing(ui: &mut Ui, screen: &mut Screen<'_>) {
    let filter = screen.state.stock.filter();
    let all_is_well = filter.low_only && filter.text.is_empty();
    let (icon, title, hint) = if all_is_well {
        (icons::CHECK_CIRCLE, Text::NothingLow, Text::NothingLowHint)
    } else {
        (icons::FUNNEL, Text::NothingFound, Text::NothingFoundHint)
    };
    let call = Some(widgets::Call { text: screen.text(Text::ClearFilter), key: None });
    if widgets::empty_state(ui, icon, screen.text(title), screen.text(hint), call) {
        screen.act(User::FilterStock(StockFilter::default()));
    }
}

/// Which columns there are.
#[derive(Clone, Copy)]
struct Columns {
    store: bool,
    /// Number and minimum, where there is room.
    all: bool,
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>) {
    let width = ui.available_width();
    let columns = Columns { store: screen.state.stores().len() > 1, all: width >= 760.0 };
    ui.spacing_mut().item_spacing.y = 0.0;
    let state = screen.state;
    let levels = state.stock.shown();
    let keys = RowKeys::of(ui, screen.text(Text::Stock), levels.len(), |at| {
        levels.get(at).map(|level| spoken(screen, level)).unwrap_or_default()
    });
    if let Some(level) = keys.opened().and_then(|at| levels.get(at)) {
        movements(screen, level);
    }
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .id_salt("stock")
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center));
    if columns.all {
        builder = builder.column(Column::exact(64.0));
    }
    builder = builder.column(Column::remainder().at_least(140.0).clip(true));
    if columns.store {
        builder = builder.column(Column::exact((width * 0.24).max(90.0)).clip(true));
    }
    builder = builder.column(Column::exact(108.0));
    if columns.all {
        builder = builder.column(Column::exact(104.0));
    }
    builder
        .column(Column::exact(124.0))
        .header(30.0, |mut header| headings(&mut header, screen, columns))
        .body(|body| {
            body.rows(ROW_HEIGHT, levels.len(), |mut row| {
                if let Some(level) = levels.get(row.index()) {
                    stock_row(&mut row, screen, level, columns);
                    keys.ring(&row);
                }
            });
        });
}

fn headings(header: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, columns: Columns) {
    if columns.all {
        header.col(|ui| sort_heading(ui, screen, Sort::Number, Text::Number, false));
    }
    header.col(|ui| sort_heading(ui, screen, Sort::Name, Text::Product, false));
    if columns.store {
        header.col(|ui| {
            widgets::small_weak(ui, screen.text(Text::Store));
        });
    }
    header.col(|ui| sort_heading(ui, screen, Sort::Balance, Text::Balance, true));
    if columns.all {
        header.col(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                widgets::small_weak(ui, screen.text(Text::Minimum));
            });
        });
    }
    header.col(|ui| {
        ui.add_space(tokens::SPACE_16);
        sort_heading(ui, screen, Sort::Shortage, Text::State, false);
    });
}

fn sort_heading(ui: &mut Ui, screen: &mut Screen<'_>, sort: Sort, text: Text, right: bool) {
    let palette = Palette::in_ui(ui);
    let filter = screen.state.stock.filter().clone();
    let on = filter.sort == sort;
    let arrow = match (on, filter.descending) {
        (false, _) => "",
        (true, false) => icons::CARET_UP,
        (true, true) => icons::CARET_DOWN,
    };
    let colour = if on { palette.text } else { palette.text_weak };
    let words = RichText::new(format!("{} {arrow}", screen.text(text)).trim_end())
        .font(tokens::small())
        .color(colour);
    let layout =
        if right { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) };
    ui.with_layout(layout, |ui| {
        ui.spacing_mut().button_padding.x = 0.0;
        let column = screen.text(texts::sort(sort));
        let label = Text::SortBy.with(screen.lang(), &[("column", &column)]);
        let button = egui::Button::new(words).frame_when_inactive(false).min_size(egui::Vec2::new(0.0, 26.0));
        if ui.add(button).accessible_name(label).clicked() {
            let descending = on && !filter.descending;
            screen.act(User::FilterStock(StockFilter { sort, descending, ..filter }));
        }
    });
}

fn stock_row(row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, level: &Level, columns: Columns) {
    let state = screen.state;
    let held = &level.level;
    let unit = held.unit.symbol();
    let store = state.store_name(held.store_id);
    let (tone, word) = how(level);
    if columns.all {
        row.col(|ui| {
            widgets::weak(ui, &held.product_number.to_string());
        });
    }
    row.col(|ui| text(ui, &held.product_name));
    if columns.store {
        row.col(|ui| text(ui, store));
    }
    row.col(|ui| {
        let colour = tone.map(|tone| Palette::in_ui(ui).tone(tone));
        amount(ui, &format!("{} {unit}", held.balance_thousandths), colour);
    });
    if columns.all {
        row.col(|ui| {
            let colour = Some(Palette::in_ui(ui).text_weak);
            let minimum = held.minimum_thousandths;
            amount(ui, &if minimum.0 > 0 { format!("{minimum} {unit}") } else { "–".to_owned() }, colour);
        });
    }
    row.col(|ui| {
        ui.add_space(tokens::SPACE_16);
        if let Some(tone) = tone {
            widgets::status(ui, tone, screen.text(word));
        }
    });
    let label = spoken(screen, level);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    if response.clicked() {
        movements(screen, level);
    }
}

const fn how(level: &Level) -> (Option<Tone>, Text) {
    match (level.level.balance_thousandths.0 < 0, level.level.low) {
        (true, _) => (Some(Tone::Danger), Text::Negative),
        (false, true) => (Some(Tone::Attention), Text::Low),
        (false, false) => (None, Text::Enough),
    }
}

/// A row as a screen reader says it.
fn spoken(screen: &Screen<'_>, level: &Level) -> String {
    let held = &level.level;
    let (store, unit) = (screen.state.store_name(held.store_id), held.unit.symbol());
    let (balance, word) = (screen.text(Text::Balance), screen.text(how(level).1));
    format!("{}, {store}, {balance} {} {unit}, {word}", held.product_name, held.balance_thousandths)
}

/// The movements behind the balance.
fn movements(screen: &mut Screen<'_>, level: &Level) {
    let (text, store) = (level.level.product_name.clone(), Some(level.level.store_id));
    screen.act(User::Log(LogAct::Show(Filter { store, text, ..Filter::default() })));
}

fn text(ui: &mut Ui, text: &str) {
    let words = widgets::fit_middle(ui, text, &tokens::body(), ui.available_width()).into_owned();
    ui.add(Label::new(words).selectable(false).extend());
}

fn amount(ui: &mut Ui, text: &str, colour: Option<egui::Color32>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let mut words = RichText::new(text);
        if let Some(colour) = colour {
            words = words.color(colour);
        }
        ui.add(Label::new(words).selectable(false).extend());
    });
}
