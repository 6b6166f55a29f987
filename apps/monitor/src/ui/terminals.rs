//! Every terminal with its pulse, and the messages of the one that is chosen.

use egui::{Align, CursorIcon, Label, Layout, RichText, Sense, Ui, WidgetInfo};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Direction, PulseMessage, Terminal, TerminalState};

use super::{Screen, parts};
use crate::input::User;
use crate::state::Dialog;
use crate::terminals::TerminalAct;
use crate::texts::Text;

const ROW_HEIGHT: f32 = 32.0;
const MESSAGE_HEIGHT: f32 = 24.0;
/// Below this width the last columns are left out.
const NARROW_BELOW: f32 = 820.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    let held = &state.terminals;
    let Some(list) = held.list.value() else {
        parts::waiting(ui, screen, held.list.failure(), Text::LoadingTerminals);
        return;
    };
    if list.is_empty() {
        let (title, hint) = (screen.text(Text::NoTerminals), screen.text(Text::NoTerminalsHint));
        widgets::empty_state(ui, icons::PLUGS_CONNECTED, title, hint, None);
        return;
    }
    parts::stale(ui, screen, held.list.failure(), held.list.fetched_at());
    kept(ui, screen);
    let room = ui.available_height();
    let most = if held.chosen.is_some() { room * 0.45 } else { room };
    ui.push_id("terminals", |ui| table(ui, screen, list, most));
    if held.chosen.is_some() {
        ui.add_space(tokens::SPACE_8);
        ui.push_id("messages", |ui| log(ui, screen));
    }
}

/// How long messages are kept, and the way to change that.
fn kept(ui: &mut Ui, screen: &mut Screen<'_>) {
    let Some(setting) = screen.state.terminals.retention.value() else { return };
    let rows = format::integer(i64::try_from(setting.rows).unwrap_or(i64::MAX));
    let days = format::integer(i64::from(setting.days));
    let words = Text::Kept.with(screen.lang(), &[("days", &days), ("rows", &rows)]);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::quiet_button(ui, screen.text(Text::ChangeKept), None).clicked() {
                screen.act(User::Terminal(TerminalAct::EditRetention));
            }
            widgets::small_weak(ui, &words);
        });
    });
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>, list: &[Terminal], most: f32) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let narrow = ui.available_width() < NARROW_BELOW;
    let mut names = vec![
        (Text::Terminal, false),
        (Text::LinkState, false),
        (Text::PulseValue, true),
        (Text::RoundTrip, true),
        (Text::LastContact, true),
        (Text::Gaps, true),
    ];
    let mut builder = TableBuilder::new(ui)
        .striped(true)
        .sense(Sense::click())
        .auto_shrink([false, true])
        .max_scroll_height(most)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(110.0).clip(true))
        .column(Column::exact(126.0))
        .column(Column::exact(54.0))
        .column(Column::exact(86.0))
        .column(Column::exact(106.0))
        .column(Column::exact(60.0));
    if !narrow {
        names.extend([(Text::LongestGap, true), (Text::Person, false)]);
        builder = builder.column(Column::exact(104.0)).column(Column::exact(170.0).clip(true));
    }
    builder
        .header(28.0, |mut header| {
            for (name, right) in names {
                header.col(|ui| {
                    if name == Text::Person {
                        // As in the rows: the column before it ends at its right.
                        ui.add_space(tokens::SPACE_12);
                    }
                    let layout = if right { Layout::right_to_left(Align::Center) } else { *ui.layout() };
                    ui.with_layout(layout, |ui| widgets::small_weak(ui, screen.text(name)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, list.len(), |mut row| {
                let Some(terminal) = list.get(row.index()) else { return };
                let chosen = screen.state.terminals.chosen.as_deref() == Some(terminal.client.as_str());
                row.set_selected(chosen);
                terminal_row(&mut row, screen, terminal, narrow);
                if row.response().clicked() {
                    let choice = (!chosen).then(|| terminal.client.clone());
                    screen.act(User::Terminal(TerminalAct::Choose(choice)));
                }
            });
        });
}

fn terminal_row(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, terminal: &Terminal, narrow: bool) {
    let lang = screen.lang();
    let now = screen.state.server_now(screen.now);
    let (tone, words) = state_words(terminal.state);
    let words = screen.text(words);
    row.col(|ui| text(ui, &terminal.client, false));
    row.col(|ui| {
        widgets::status(ui, tone, words);
    });
    let mut figures = vec![
        terminal.value.to_string(),
        terminal.round_trip_micros.map_or_else(|| "–".to_owned(), milliseconds),
        format::age(lang, now.since(terminal.last_contact_at)),
        format::integer(i64::try_from(terminal.gaps).unwrap_or(i64::MAX)),
    ];
    if !narrow {
        let longest = terminal.longest_gap_micros;
        figures.push(if longest > 0 { format::duration(lang, longest) } else { "–".to_owned() });
    }
    for figure in &figures {
        row.col(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| text(ui, figure, false));
        });
    }
    if !narrow {
        row.col(|ui| {
            ui.add_space(tokens::SPACE_12);
            text(ui, &terminal.person, true);
        });
    }
    let label = spoken(lang, terminal, words, now);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
}

/// A row as a screen reader says it.
fn spoken(lang: Lang, terminal: &Terminal, words: &str, now: UtcMicros) -> String {
    let age = format::age(lang, now.since(terminal.last_contact_at));
    Text::TerminalSpoken.with(
        lang,
        &[
            ("name", &terminal.client),
            ("state", &words),
            ("value", &terminal.value),
            ("age", &age),
            ("gaps", &terminal.gaps),
        ],
    )
}

const fn state_words(state: TerminalState) -> (Tone, Text) {
    match state {
        TerminalState::Online => (Tone::Good, Text::TerminalOnline),
        TerminalState::Silent => (Tone::Danger, Text::TerminalSilent),
        TerminalState::Offline => (Tone::Attention, Text::TerminalOffline),
    }
}

fn milliseconds(micros: i64) -> String {
    format!("{} ms", format::decimal(micros as f64 / 1000.0, 1))
}

fn text(ui: &mut Ui, words: &str, weak: bool) {
    let shown = widgets::fit_middle(ui, words, &tokens::body(), ui.available_width()).into_owned();
    let rich = RichText::new(shown);
    ui.add(Label::new(if weak { rich.weak() } else { rich }).selectable(false).extend());
}

fn log(ui: &mut Ui, screen: &mut Screen<'_>) {
    let held = &screen.state.terminals;
    let name = held.chosen.clone().unwrap_or_default();
    toolbar(ui, screen, &name);
    let Some(messages) = held.log.value() else {
        match held.log.failure() {
            Some(failure) => {
                widgets::weak(ui, &tillwatch_desk::failure::what(failure, screen.lang()));
            }
            None => {
                widgets::loading(ui, screen.text(Text::LoadingMessages));
            }
        }
        return;
    };
    if messages.is_empty() {
        widgets::weak(ui, screen.text(Text::NoMessages));
        return;
    }
    messages_table(ui, screen, messages);
}

fn toolbar(ui: &mut Ui, screen: &mut Screen<'_>, name: &str) {
    let held = &screen.state.terminals;
    let step = held.chosen().map_or(1, |terminal| terminal.step);
    ui.horizontal_wrapped(|ui| {
        let title = Text::MessagesOf.with(screen.lang(), &[("name", &name), ("step", &step)]);
        ui.label(RichText::new(title).font(tokens::strong()));
        let choices = [
            (None, screen.text(Text::All)),
            (Some(Direction::Received), screen.text(Text::FromTerminal)),
            (Some(Direction::Sent), screen.text(Text::ToTerminal)),
        ];
        if let Some(direction) = widgets::segmented(ui, Some(held.direction), &choices, None) {
            screen.act(User::Terminal(TerminalAct::Direction(direction)));
        }
        let free = screen.state.saving.is_none();
        let mut button = |ui: &mut Ui, words: Text, enabled: bool, act: TerminalAct| {
            let words = screen.text(words);
            if widgets::secondary_button(ui, words, None, ButtonSize::Normal, enabled).clicked() {
                screen.act(User::Terminal(act));
            }
        };
        button(ui, Text::OlderMessages, held.older.is_some(), TerminalAct::Older);
        if held.held {
            button(ui, Text::NewestMessages, true, TerminalAct::Newest);
        }
        button(ui, Text::ExportCsv, free, TerminalAct::Export);
        button(ui, Text::Close, true, TerminalAct::Choose(None));
        let can = held.can_forget();
        let words = screen.text(Text::Forget);
        let forget = widgets::secondary_button(ui, words, None, ButtonSize::Normal, can);
        let forget = forget.on_disabled_hover_text(screen.text(Text::ForgetConnected));
        if forget.clicked() {
            screen.act(User::Dialog(Some(Dialog::Forget)));
        }
    });
}

fn messages_table(ui: &mut Ui, screen: &Screen<'_>, messages: &[PulseMessage]) {
    let zone = screen.state.zone(None);
    ui.spacing_mut().item_spacing.y = 0.0;
    TableBuilder::new(ui)
        .striped(true)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::exact(92.0))
        .column(Column::exact(104.0))
        .column(Column::remainder().clip(true))
        .body(|body| {
            body.rows(MESSAGE_HEIGHT, messages.len(), |mut row| {
                let Some(message) = messages.get(row.index()) else { return };
                let (icon, words) = match message.direction {
                    Direction::Received => (icons::ARROW_DOWN, Text::ReceivedOne),
                    Direction::Sent => (icons::ARROW_UP, Text::SentOne),
                };
                row.col(|ui| text(ui, &format::time_seconds(message.at, &zone), true));
                row.col(|ui| text(ui, &format!("{icon} {}", screen.text(words)), true));
                row.col(|ui| {
                    ui.add(Label::new(RichText::new(one_line(&message.content)).monospace()).extend());
                });
            });
        });
}

/// A message may hold line breaks; a row does not.
fn one_line(content: &str) -> String {
    content.chars().map(|c| if c.is_control() { '␤' } else { c }).collect()
}
