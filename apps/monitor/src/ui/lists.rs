//! A list: its tabs, filters and file, the table, and a row looked at closely.

use egui::{Align, CursorIcon, Label, Layout, RichText, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};
use tillwatch_desk::failure;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{format, icons};

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, filter, import, parts};
use crate::forms::FormAct;
use crate::input::User;
use crate::lists::{Asking, Cell, Column, Filter, Line, List, ListAct, Open, Part, Topic};
use crate::lists_texts::{self, Text};
use crate::paper_texts::Text as PaperText;
use crate::state::Page;
use crate::texts::Text as Common;
use crate::update::forms;
use crate::update::lists::{reason, shown, topics};

const ROW_HEIGHT: f32 = 32.0;
/// Below this width only the columns that are always there fit.
const NARROW: f32 = 860.0;
/// The button for a sheet of products, with the words that it takes in either language.
const SHEET: f32 = 380.0;
/// Below this width what is chosen among a few is chosen from a list.
const SMALL: f32 = 620.0;

fn act(screen: &mut Screen<'_>, act: ListAct) {
    screen.act(User::List(act));
}

/// The topics of the page, side by side. The answer is the topic that is open.
pub fn tabs(ui: &mut Ui, screen: &mut Screen<'_>, own: Option<Text>) -> Option<Topic> {
    let (page, lang) = (screen.state.page, screen.lang());
    let open = shown(screen.state);
    let own = own.map(|text| (None, text.get(lang)));
    let others = topics(screen.state, page).map(|topic| (Some(topic), lists_texts::topic(topic).get(lang)));
    let options: Vec<(Option<Topic>, &str)> = own.into_iter().chain(others).collect();
    if options.len() > 1 {
        let picked = if ui.available_width() < SMALL {
            let label = crate::texts::page(page).get(lang);
            parts::one_of(ui, "tabs", label, Some(open), &options)
        } else {
            widgets::segmented(ui, Some(open), &options, None)
        };
        if let Some(topic) = picked {
            act(screen, ListAct::Tab(page, topic));
        }
        ui.add_space(tokens::SPACE_4);
    }
    open
}

/// A page that is made of lists alone.
pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    if let Some(open) = screen.state.import.as_ref().filter(|_| screen.state.page == Page::Manage) {
        import::show(ui, screen, open);
        return;
    }
    if let Some(topic) = tabs(ui, screen, None) {
        list(ui, screen, topic);
    }
}

pub fn list(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic) {
    let held = screen.state.lists.get(topic);
    let Some(held) = held.filter(|held| held.fetched_at.is_some()) else {
        waiting(ui, screen, topic, held);
        return;
    };
    if held.rows().is_empty() && !held.filter.hides() {
        let (title, hint) = lists_texts::empty(topic);
        let lang = screen.lang();
        ui.horizontal(|ui| new_button(ui, screen, topic));
        widgets::empty_state(ui, icon(topic), title.get(lang), hint.get(lang), None);
        return;
    }
    toolbar(ui, screen, topic, held);
    parts::stale(ui, screen, held.failure.as_ref(), held.fetched_at);
    if held.is_cut(topic) {
        let text = Text::Cut.with(screen.lang(), &[("n", &format::integer(count(held.rows().len())))]);
        widgets::Banner { tone: Tone::Attention, text: &text, call: None }.show(ui);
    }
    ui.add_space(tokens::SPACE_4);
    if held.sheet.lines.is_empty() {
        nothing(ui, screen, topic, held);
        return;
    }
    table(ui, screen, topic, held);
}

fn waiting(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: Option<&List>) {
    let failure = held.and_then(|held| held.failure.as_ref()).or(screen.state.feed.failure.as_ref());
    if let Some(failure) = failure {
        if widgets::error_state(ui, failure, screen.lang()) {
            screen.act(User::Refresh);
        }
        return;
    }
    ui.add_space((ui.available_height() * 0.3).min(160.0));
    ui.vertical_centered(|ui| widgets::loading(ui, reason(topic, held).get(screen.lang())));
}

const fn icon(topic: Topic) -> &'static str {
    match topic {
        Topic::Lots => icons::HOURGLASS,
        Topic::Transfers | Topic::Stores => icons::STOREFRONT,
        Topic::Counts => icons::CLIPBOARD_TEXT,
        Topic::Sessions | Topic::Tills => icons::CASH_REGISTER,
        Topic::Accounts => icons::HAND_COINS,
        Topic::Products => icons::PACKAGE,
        Topic::People => icons::USER_CIRCLE,
        Topic::Sensors => icons::THERMOMETER_SIMPLE,
        Topic::Keys => icons::KEY,
        Topic::History | Topic::PastAlarms => icons::CLOCK,
        Topic::Alarms => icons::CHECK_CIRCLE,
        Topic::Rules => icons::GAUGE,
        Topic::Quiet => icons::BELL,
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// What all controls of the topic take on one line: products are taken in from a sheet, too.
fn toolbar_width(topic: Topic) -> f32 {
    if topic == Topic::Products { NARROW + SHEET } else { NARROW }
}

/// Where the window is narrow, a second line for what does not fit.
fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    if ui.available_width() < toolbar_width(topic) {
        ui.horizontal(|ui| {
            new_button(ui, screen, topic);
            find(ui, screen, topic, held);
        });
        ui.horizontal(|ui| {
            choices(ui, screen, topic, held);
            file(ui, screen, topic, held);
            figures(ui, screen, held);
        });
    } else {
        ui.horizontal(|ui| {
            new_button(ui, screen, topic);
            find(ui, screen, topic, held);
            choices(ui, screen, topic, held);
            file(ui, screen, topic, held);
            figures(ui, screen, held);
        });
    }
}

fn file(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    let ready = !held.sheet.lines.is_empty() && screen.state.saving.is_none();
    if parts::save_button(ui, "CSV", screen.text(Common::SaveCsv), ready) {
        act(screen, ListAct::SaveCsv(topic));
    }
    if parts::save_button(ui, "PDF", PaperText::SavePdf.get(screen.lang()), ready) {
        act(screen, ListAct::SavePdf(topic));
    }
}

/// Adds one more of what the list is of.
fn new_button(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic) {
    let Some((text, about)) = forms::new_of(screen.state, topic) else { return };
    let name = text.get(screen.lang());
    let words = format!("{} {name}", icons::PLUS);
    let button = widgets::primary_button(ui, &words, None, ButtonSize::Normal, true);
    if button.accessible_name(name).clicked() {
        screen.act(User::Form(FormAct::Open(about)));
    }
    if topic == Topic::Products {
        import::button(ui, screen);
    }
}

fn find(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    let filter = &held.filter;
    if let Some(text) = filter::search_for(ui, screen, &filter.text, Text::Search.get(screen.lang())) {
        act(screen, ListAct::Filter(topic, Filter { text, ..filter.clone() }));
    }
    if screen.state.stores().len() > 1
        && let Some(choice) = filter::store_choice(ui, screen, filter.store)
    {
        act(screen, ListAct::Filter(topic, Filter { store: choice.store(), ..filter.clone() }));
    }
}

fn choices(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    let lang = screen.lang();
    let options: Vec<(usize, &str)> =
        topic.choices().iter().enumerate().map(|(place, text)| (place, text.get(lang))).collect();
    if options.is_empty() {
        return;
    }
    let chosen = Some(held.filter.choice);
    let picked = if ui.available_width() < SMALL {
        parts::one_of(ui, "choices", screen.text(Common::All), chosen, &options)
    } else {
        widgets::segmented(ui, chosen, &options, None)
    };
    if let Some(choice) = picked {
        act(screen, ListAct::Filter(topic, Filter { choice, ..held.filter.clone() }));
    }
}

/// How many rows, and what they come to.
fn figures(ui: &mut Ui, screen: &Screen<'_>, held: &List) {
    let lang = screen.lang();
    let rows = match held.sheet.lines.len() {
        1 => Text::OneRow.get(lang).to_owned(),
        n => Text::Rows.with(lang, &[("n", &format::integer(count(n)))]),
    };
    let words = held.sheet.sum.as_ref().map_or(rows.clone(), |sum| format!("{rows} · {sum}"));
    let room = ui.available_width().max(60.0);
    let words = widgets::fit_middle(ui, &words, &tokens::body(), room).into_owned();
    ui.add(Label::new(RichText::new(words).color(Palette::in_ui(ui).text_weak)).extend());
}

fn nothing(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    if held.asking == Asking::Fresh {
        ui.vertical_centered(|ui| widgets::loading(ui, reason(topic, Some(held)).get(screen.lang())));
        return;
    }
    let call = Some(widgets::Call { text: screen.text(Common::ClearFilter), key: None });
    let (title, hint) = (screen.text(Common::NothingFound), screen.text(Common::NothingFoundHint));
    if widgets::empty_state(ui, icons::FUNNEL, title, hint, call) {
        act(screen, ListAct::Filter(topic, Filter::default()));
    }
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    let narrow = ui.available_width() < NARROW;
    let columns: Vec<(usize, &Column)> =
        topic.columns().iter().enumerate().filter(|(_, column)| column.always || !narrow).collect();
    ui.spacing_mut().item_spacing.y = 0.0;
    let lines = &held.sheet.lines;
    let keys = RowKeys::of(ui, lists_texts::topic(topic).get(screen.lang()), lines.len(), |at| {
        lines.get(at).map(spoken).unwrap_or_default()
    });
    if let Some(line) = keys.opened().and_then(|at| lines.get(at)) {
        act(screen, ListAct::Open(topic, line.id.clone()));
    }
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .id_salt(("list", topic))
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center));
    for (_, column) in &columns {
        builder = builder.column(if column.width > 0.0 {
            Width::exact(column.width).clip(true)
        } else {
            Width::remainder().at_least(110.0).clip(true)
        });
    }
    let more = held.next.is_some() && !topic.whole();
    builder
        .header(30.0, |mut header| {
            let mut after_amount = false;
            for (place, column) in &columns {
                header.col(|ui| {
                    gap(ui, after_amount, column.right);
                    heading(ui, screen, topic, held, (*place, column));
                });
                after_amount = column.right;
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, lines.len() + usize::from(more), |mut row| {
                if let Some(line) = lines.get(row.index()) {
                    line_row(&mut row, screen, topic, line, &columns);
                    keys.ring(&row);
                } else {
                    older(&mut row, screen, topic, held);
                }
            });
        });
}

fn older(row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>, topic: Topic, held: &List) {
    row.col(|_| {});
    row.col(|ui| {
        if held.asking == Asking::Older {
            widgets::loading(ui, Text::LoadingOlder.get(screen.lang()));
        } else if widgets::link_button(ui, Text::Older.get(screen.lang())).clicked() {
            act(screen, ListAct::Older(topic));
        }
    });
}

fn heading(
    ui: &mut Ui,
    screen: &mut Screen<'_>,
    topic: Topic,
    held: &List,
    (place, column): (usize, &Column),
) {
    let lang = screen.lang();
    let palette = Palette::in_ui(ui);
    let sort = held.filter.sort.filter(|(by, _)| *by == place);
    let arrow = match sort {
        None => "",
        Some((_, false)) => icons::CARET_UP,
        Some((_, true)) => icons::CARET_DOWN,
    };
    let colour = if sort.is_some() { palette.text } else { palette.text_weak };
    let name = column.name.get(lang);
    let words = RichText::new(format!("{name} {arrow}").trim_end()).font(tokens::small()).color(colour);
    let layout = if column.right {
        Layout::right_to_left(Align::Center)
    } else {
        Layout::left_to_right(Align::Center)
    };
    ui.with_layout(layout, |ui| {
        ui.spacing_mut().button_padding.x = 0.0;
        let label = Common::SortBy.with(lang, &[("column", &name)]);
        let button = egui::Button::new(words).frame_when_inactive(false).min_size(egui::Vec2::new(0.0, 26.0));
        if ui.add(button).accessible_name(label).clicked() {
            let sort = match sort {
                None => Some((place, false)),
                Some((_, false)) => Some((place, true)),
                Some((_, true)) => None,
            };
            act(screen, ListAct::Filter(topic, Filter { sort, ..held.filter.clone() }));
        }
    });
}

fn line_row(
    row: &mut TableRow<'_, '_>,
    screen: &mut Screen<'_>,
    topic: Topic,
    line: &Line,
    columns: &[(usize, &Column)],
) {
    let mut after_amount = false;
    for (place, column) in columns {
        row.col(|ui| {
            gap(ui, after_amount, column.right);
            if let Some(cell) = line.cells.get(*place) {
                cell_in(ui, cell, column.right);
            }
        });
        after_amount = column.right;
    }
    let label = Text::OpenRow.with(screen.lang(), &[("row", &spoken(line))]);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
    if response.clicked() {
        act(screen, ListAct::Open(topic, line.id.clone()));
    }
}

fn spoken(line: &Line) -> String {
    let words: Vec<&str> = line.cells.iter().map(|cell| cell.text.as_str()).collect();
    words.join(", ")
}

/// Words stand clear of an amount before them.
fn gap(ui: &mut Ui, after_amount: bool, right: bool) {
    if after_amount && !right {
        ui.add_space(tokens::SPACE_12);
    }
}

fn cell_in(ui: &mut Ui, cell: &Cell, right: bool) {
    if right {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut words = RichText::new(&cell.text);
            if let Some(tone) = cell.tone {
                words = words.color(Palette::in_ui(ui).tone(tone));
            }
            ui.add(Label::new(words).selectable(false).extend());
        });
    } else if let Some(tone) = cell.tone {
        widgets::status(ui, tone, &cell.text);
    } else {
        let words = widgets::fit_middle(ui, &cell.text, &tokens::body(), ui.available_width()).into_owned();
        ui.add(Label::new(words).selectable(false).extend());
    }
}

/// A row looked at closely.
pub fn detail(ui: &Ui, screen: &mut Screen<'_>, open: &Open) {
    let lang = screen.lang();
    let title = widgets::cut_middle(&open.detail.title, 44).into_owned();
    let dialog = widgets::Dialog { id: "list-detail", title: &title, width: 560.0, lang };
    let answer = dialog.show(ui.ctx(), |ui| {
        ui.spacing_mut().item_spacing.y = tokens::SPACE_4;
        // Above the rest: what is below may be long.
        ui.horizontal_wrapped(|ui| buttons(ui, screen, open));
        ui.add_space(tokens::SPACE_4);
        for part in &open.detail.parts {
            part_of(ui, part);
        }
        if let Some(reason) = open.report.loading() {
            widgets::loading(ui, reason);
        }
        if let Some(failed) = open.report.failure() {
            ui.colored_label(Palette::in_ui(ui).danger, failure::what(failed, lang));
        }
    });
    if answer.closed {
        act(screen, ListAct::Close);
    }
}

/// What can be done with the row.
fn buttons(ui: &mut Ui, screen: &mut Screen<'_>, open: &Open) {
    let lang = screen.lang();
    for (text, about) in forms::actions(screen.state) {
        if widgets::secondary_button(ui, text.get(lang), None, ButtonSize::Normal, true).clicked() {
            screen.act(User::Form(FormAct::Open(about)));
        }
    }
    let ready = !open.report.is_loading() && screen.state.saving.is_none();
    let words = Text::SaveText.get(lang);
    let button = format!("{} {words}", icons::DOWNLOAD_SIMPLE);
    let button = widgets::secondary_button(ui, &button, None, ButtonSize::Normal, ready);
    if button.accessible_name(words).clicked() {
        act(screen, ListAct::SaveDetail);
    }
}

fn part_of(ui: &mut Ui, part: &Part) {
    match part {
        Part::Head(head) => {
            ui.add_space(tokens::SPACE_8);
            widgets::strong(ui, head);
            ui.separator();
        }
        Part::Note(note) => {
            widgets::weak(ui, note);
        }
        Part::Pair { name, note, value, tone } => pair(ui, name, note.as_deref(), value, *tone),
    }
}

fn pair(ui: &mut Ui, name: &str, note: Option<&str>, value: &str, tone: Option<Tone>) {
    ui.horizontal(|ui| {
        let palette = Palette::in_ui(ui);
        let colour = tone.map_or(palette.text, |tone| palette.tone(tone));
        let room = ui.available_width();
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let value = widgets::fit_middle(ui, value, &tokens::body(), room * 0.62).into_owned();
            ui.add(Label::new(RichText::new(value).color(colour)).extend());
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                let name = widgets::fit_middle(ui, name, &tokens::body(), ui.available_width()).into_owned();
                ui.add(Label::new(name).extend());
            });
        });
    });
    if let Some(note) = note {
        widgets::small_weak(ui, note);
    }
}
