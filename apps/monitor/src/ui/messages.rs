//! The messages of all terminals: which of them above, then the newest first, and their files.

use std::fmt::Display;

use egui::{Align, Label, Layout, RichText, Sense, Ui, Vec2, WidgetInfo};
use egui_extras::{Column as Width, TableBuilder, TableRow};
use jiff::tz::TimeZone;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::{format, icons, widgets};
use tillwatch_shared::api::{Direction, MessageKind, PulseMessage};
use tillwatch_shared::client::ReportFile;

use super::row_keys::RowKeys;
use super::terminals::{one_line, text};
use super::{Screen, filter, parts};
use crate::input::User;
use crate::terminal_texts::{self as words, Text};
use crate::terminals::{MessageFilter, TerminalAct};
use crate::texts::Text as Common;

const ROW_HEIGHT: f32 = 28.0;
/// Below this width the way a message went stands in an icon alone.
const NARROW: f32 = 900.0;

fn act(screen: &mut Screen<'_>, act: TerminalAct) {
    screen.act(User::Terminal(act));
}

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    ui.horizontal_wrapped(|ui| {
        which(ui, screen);
        days(ui, screen);
        files(ui, screen);
    });
    let held = &screen.state.terminals;
    parts::stale(
        ui,
        screen,
        held.log.failure().filter(|_| held.log.value().is_some()),
        held.log.fetched_at(),
    );
    ui.add_space(tokens::SPACE_4);
    if !held.filter.is_right() {
        return;
    }
    match held.log.value() {
        Some(messages) if messages.is_empty() => nothing(ui, screen),
        Some(messages) => table(ui, screen, messages),
        None => {
            let reason = if held.filter.is_searching() {
                Text::Searching.get(screen.lang())
            } else {
                screen.text(Common::LoadingMessages)
            };
            parts::waiting_for(ui, screen, held.log.failure(), reason);
        }
    }
}

fn filtered(screen: &mut Screen<'_>, change: impl FnOnce(&mut MessageFilter)) {
    let mut filter = screen.state.terminals.filter.clone();
    change(&mut filter);
    act(screen, TerminalAct::Filter(filter));
}

/// What is searched for, of which terminal, and of which kind.
fn which(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let held = &screen.state.terminals;
    let wanted = &held.filter;
    if let Some(text) = filter::search_for(ui, screen, &wanted.text, Text::SearchContent.get(lang)) {
        filtered(screen, |filter| filter.text = text);
    }
    // One that was forgotten is chosen still.
    let known = held.list.value().into_iter().flatten().map(|terminal| terminal.client.as_str());
    let gone = wanted.terminal.as_deref().filter(|name| known.clone().all(|known| known != *name));
    let mut options: Vec<(Option<&str>, &str)> = vec![(None, Text::AnyTerminal.get(lang))];
    options.extend(known.chain(gone).map(|name| (Some(name), name)));
    let chosen = Some(wanted.terminal.as_deref());
    if let Some(terminal) = parts::one_of(ui, "terminal", screen.text(Common::Terminal), chosen, &options) {
        filtered(screen, |filter| filter.terminal = terminal.map(str::to_owned));
    }
    let mut kinds = vec![(None, Text::AnyKind.get(lang))];
    kinds.extend(MessageKind::ALL.map(|kind| (Some(kind), words::kind(kind).get(lang))));
    if let Some(kind) = parts::one_of(ui, "kind", Text::Kind.get(lang), Some(wanted.kind), &kinds) {
        filtered(screen, |filter| filter.kind = kind);
    }
}

fn days(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let wanted = &screen.state.terminals.filter;
    let wrong = !wanted.is_right();
    let palette = Palette::in_ui(ui);
    for (label, text, first) in
        [(Text::FirstDay, &wanted.first_day, true), (Text::LastDay, &wanted.last_day, false)]
    {
        let mut edited = text.clone();
        let edit = egui::TextEdit::singleline(&mut edited)
            .hint_text(RichText::new(label.get(lang)).color(palette.text_weak))
            .char_limit(10)
            .align(egui::Align2::LEFT_CENTER)
            .text_color(if wrong { palette.danger } else { palette.text })
            .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT))
            .desired_width(96.0);
        ui.add(edit).accessible_name(label.get(lang)).on_hover_text(label.get(lang));
        if edited != *text {
            filtered(
                screen,
                |filter| if first { filter.first_day = edited } else { filter.last_day = edited },
            );
        }
    }
    if wrong {
        let words = format!("{} {}", icons::WARNING_CIRCLE, Text::BadDays.get(lang));
        ui.label(RichText::new(words).color(palette.danger));
    }
}

fn files(ui: &mut Ui, screen: &mut Screen<'_>) {
    let held = &screen.state.terminals;
    let some = held.log.value().is_some_and(|messages| !messages.is_empty());
    let ready = some && screen.state.saving.is_none();
    for (file, shown, name) in
        [(ReportFile::Csv, "CSV", Common::SaveCsv), (ReportFile::Xlsx, "XLSX", Common::SaveXlsx)]
    {
        if parts::save_button(ui, shown, screen.text(name), ready) {
            act(screen, TerminalAct::Export(file));
        }
    }
    let held = &screen.state.terminals;
    if held.held && widgets::link_button(ui, screen.text(Common::NewestMessages)).clicked() {
        act(screen, TerminalAct::Newest);
    }
    if let Some(messages) = held.log.value().filter(|messages| !messages.is_empty()) {
        let count = format::integer(i64::try_from(messages.len()).unwrap_or(i64::MAX));
        let words = RichText::new(Text::Shown.with(screen.lang(), &[("n", &count)]));
        ui.add(Label::new(words.color(Palette::in_ui(ui).text_weak)).extend());
    }
}

fn nothing(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let held = &screen.state.terminals;
    let (loading, further, hides) = (held.log.is_loading(), held.older.is_some(), held.filter.hides());
    if loading {
        ui.vertical_centered(|ui| widgets::loading(ui, Text::Searching.get(lang)));
        return;
    }
    let (title, call) = if further {
        (Text::NothingYet, Some(screen.text(Common::OlderMessages)))
    } else {
        (Text::Nothing, hides.then(|| screen.text(Common::ClearFilter)))
    };
    let call = call.map(|text| widgets::Call { text, key: None });
    if widgets::empty_state(ui, icons::FUNNEL, title.get(lang), "", call) {
        act(screen, if further { TerminalAct::Older } else { TerminalAct::Filter(MessageFilter::default()) });
    }
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>, messages: &[PulseMessage]) {
    let lang = screen.lang();
    let narrow = ui.available_width() < NARROW;
    let older = screen.state.terminals.older.is_some();
    ui.spacing_mut().item_spacing.y = 0.0;
    let zone = screen.state.zone(None);
    let keys = RowKeys::of(ui, Text::Messages.get(lang), messages.len() + usize::from(older), |at| {
        messages
            .get(at)
            .map_or(screen.text(Common::OlderMessages).to_owned(), |one| spoken(screen, one, &zone))
    });
    if keys.opened() == Some(messages.len()) {
        act(screen, TerminalAct::Older);
    }
    keys.follow(TableBuilder::new(ui))
        .id_salt("all-messages")
        .striped(true)
        .sense(Sense::hover())
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Width::exact(150.0))
        .column(Width::exact(if narrow { 150.0 } else { 210.0 }).clip(true))
        .column(Width::exact(if narrow { 26.0 } else { 100.0 }))
        .column(Width::exact(110.0))
        .column(Width::remainder().clip(true))
        .header(28.0, |mut header| {
            let way = if narrow { "" } else { Text::Way.get(lang) };
            let names = [Text::When.get(lang), screen.text(Common::Terminal), way];
            for name in names.into_iter().chain([Text::Kind.get(lang), Text::Content.get(lang)]) {
                header.col(|ui| {
                    widgets::small_weak(ui, name);
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, messages.len() + usize::from(older), |mut row| {
                match messages.get(row.index()) {
                    Some(message) => line(&mut row, screen, message, narrow),
                    None => more(&mut row, screen),
                }
                keys.ring(&row);
            });
        });
}

fn when(message: &PulseMessage, zone: &TimeZone) -> String {
    format!("{} {}", format::date(message.at, zone), format::time_seconds(message.at, zone))
}

const fn way(message: &PulseMessage) -> (&'static str, Common) {
    match message.direction {
        Direction::Received => (icons::ARROW_DOWN, Common::ReceivedOne),
        Direction::Sent => (icons::ARROW_UP, Common::SentOne),
    }
}

/// A row as a screen reader says it.
fn spoken(screen: &Screen<'_>, message: &PulseMessage, zone: &TimeZone) -> String {
    let lang = screen.lang();
    let words: [(&str, &dyn Display); 5] = [
        ("when", &when(message, zone)),
        ("terminal", &message.client),
        ("way", &screen.text(way(message).1)),
        ("kind", &words::kind(message.kind()).get(lang)),
        ("content", &one_line(&message.content)),
    ];
    Text::MessageSpoken.with(lang, &words)
}

fn line(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, message: &PulseMessage, narrow: bool) {
    let lang = screen.lang();
    let zone = screen.state.zone(None);
    let ((icon, way), kind) = (way(message), message.kind());
    let content = one_line(&message.content);
    let kind_words = words::kind(kind).get(lang);
    row.col(|ui| text(ui, &when(message, &zone), true));
    row.col(|ui| text(ui, &message.client, false));
    let shown_way = if narrow { icon.to_owned() } else { format!("{icon} {}", screen.text(way)) };
    row.col(|ui| text(ui, &shown_way, true));
    row.col(|ui| {
        if kind == MessageKind::Error {
            widgets::status(ui, Tone::Danger, kind_words);
        } else {
            text(ui, kind_words, false);
        }
    });
    row.col(|ui| {
        ui.add(Label::new(RichText::new(&content).monospace()).selectable(false).extend());
    });
    let label = spoken(screen, message, &zone);
    let response = row.response();
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &label));
    response.on_hover_text(content);
}

fn more(row: &mut TableRow<'_, '_>, screen: &mut Screen<'_>) {
    row.col(|ui| {
        if screen.state.terminals.log.is_loading() && screen.state.terminals.held {
            widgets::loading(ui, screen.text(Common::LoadingMessages));
        } else if widgets::link_button(ui, screen.text(Common::OlderMessages)).clicked() {
            act(screen, TerminalAct::Older);
        }
    });
    for _ in 0..4 {
        row.col(|_| {});
    }
}
