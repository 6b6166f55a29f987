//! Every terminal with its pulse, and the messages of the one that is chosen.

use egui::{Align, Button, CursorIcon, Label, Layout, RichText, Ui, Vec2, WidgetInfo};
use egui_extras::{Column as Width, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{Direction, PulseMessage, Terminal, TerminalState};
use tillwatch_shared::client::ReportFile;
use tillwatch_shared::time::SECOND;

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, messages, parts};
use crate::input::User;
use crate::state::Dialog;
use crate::terminal_texts::Text as About;
use crate::terminals::{self, Column, NAME_WIDTH, TerminalAct};
use crate::texts::Text;

const ROW_HEIGHT: f32 = 32.0;
const MESSAGE_HEIGHT: f32 = 24.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    let held = &state.terminals;
    let lang = screen.lang();
    let tabs = [(false, About::Terminals.get(lang)), (true, About::Messages.get(lang))];
    if let Some(everything) = widgets::segmented(ui, Some(held.everything), &tabs, None) {
        screen.act(User::Terminal(TerminalAct::Everything(everything)));
    }
    ui.add_space(tokens::SPACE_4);
    if held.everything {
        messages::show(ui, screen);
        return;
    }
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
    let columns = Column::that_fit(ui.available_width());
    let rows = terminals::sorted(list, screen.state.terminals.sort);
    let (lang, now) = (screen.lang(), screen.state.server_now(screen.now));
    let keys = RowKeys::of(ui, About::Terminals.get(lang), rows.len(), |at| {
        rows.get(at).map(|terminal| spoken(lang, terminal, now)).unwrap_or_default()
    });
    let is_chosen = |terminal: &Terminal, screen: &Screen<'_>| {
        screen.state.terminals.chosen.as_deref() == Some(terminal.client.as_str())
    };
    if let Some(terminal) = keys.opened().and_then(|at| rows.get(at)) {
        let choice = (!is_chosen(terminal, screen)).then(|| terminal.client.clone());
        screen.act(User::Terminal(TerminalAct::Choose(choice)));
    }
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, true])
        .max_scroll_height(most)
        .cell_layout(Layout::left_to_right(Align::Center));
    for column in &columns {
        builder = builder.column(if *column == Column::Name {
            Width::remainder().at_least(NAME_WIDTH).clip(true)
        } else {
            Width::exact(column.width()).clip(*column == Column::Person)
        });
    }
    builder
        .header(28.0, |mut header| {
            for column in &columns {
                header.col(|ui| heading(ui, screen, *column));
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, rows.len(), |mut row| {
                let Some(terminal) = rows.get(row.index()) else { return };
                let chosen = is_chosen(terminal, screen);
                row.set_selected(chosen);
                terminal_row(&mut row, screen, terminal, &columns);
                keys.ring(&row);
                if row.response().clicked() {
                    let choice = (!chosen).then(|| terminal.client.clone());
                    screen.act(User::Terminal(TerminalAct::Choose(choice)));
                }
            });
        });
}

fn heading(ui: &mut Ui, screen: &mut Screen<'_>, column: Column) {
    let lang = screen.lang();
    let palette = Palette::in_ui(ui);
    let sort = screen.state.terminals.sort.filter(|(by, _)| *by == column);
    let arrow = match sort {
        None => "",
        Some((_, false)) => icons::CARET_UP,
        Some((_, true)) => icons::CARET_DOWN,
    };
    let colour = if sort.is_some() { palette.text } else { palette.text_weak };
    let name = column_name(column, lang);
    let words = RichText::new(format!("{name} {arrow}").trim_end()).font(tokens::small()).color(colour);
    if column == Column::Person {
        // As in the rows: the column before it ends at its right.
        ui.add_space(tokens::SPACE_12);
    }
    ui.with_layout(side(column), |ui| {
        ui.spacing_mut().button_padding.x = 0.0;
        let label = About::SortBy.with(lang, &[("column", &name)]);
        let button = Button::new(words).frame_when_inactive(false).min_size(Vec2::new(0.0, 26.0));
        if ui.add(button).accessible_name(label).clicked() {
            screen.act(User::Terminal(TerminalAct::Sort(column)));
        }
    });
}

fn side(column: Column) -> Layout {
    if column.right() { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) }
}

fn column_name(column: Column, lang: Lang) -> &'static str {
    match column {
        Column::Name => Text::Terminal.get(lang),
        Column::State => Text::LinkState.get(lang),
        Column::Value => Text::PulseValue.get(lang),
        Column::LastContact => Text::LastContact.get(lang),
        Column::RoundTrip => Text::RoundTrip.get(lang),
        Column::Unsent => About::Unsent.get(lang),
        Column::Clock => About::Clock.get(lang),
        Column::Version => About::Version.get(lang),
        Column::Gaps => Text::Gaps.get(lang),
        Column::LongestGap => Text::LongestGap.get(lang),
        Column::Person => Text::Person.get(lang),
    }
}

fn terminal_row(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, terminal: &Terminal, columns: &[Column]) {
    let lang = screen.lang();
    let now = screen.state.server_now(screen.now);
    for column in columns {
        row.col(|ui| match column {
            Column::Name => text(ui, &terminal.client, false),
            Column::State => {
                let (tone, words) = state_words(terminal.state);
                widgets::status(ui, tone, screen.text(words));
            }
            Column::Person => {
                ui.add_space(tokens::SPACE_12);
                text(ui, &terminal.person, true);
            }
            Column::Unsent => figure(ui, &unsent(lang, terminal, now)),
            Column::Clock => figure(ui, &clock(lang, terminal)),
            Column::Value
            | Column::LastContact
            | Column::RoundTrip
            | Column::Version
            | Column::Gaps
            | Column::LongestGap => figure(ui, &Figure::plain(plain(lang, terminal, *column, now))),
        });
    }
    let label = spoken(lang, terminal, now);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
    if let Some(hint) = hint(lang, terminal, now) {
        response.on_hover_text(hint);
    }
}

/// A cell at the right; one that somebody should look at has an icon and a colour.
struct Figure {
    words: String,
    stands_out: bool,
}

impl Figure {
    const fn plain(words: String) -> Self {
        Self { words, stands_out: false }
    }
}

fn figure(ui: &mut Ui, Figure { words, stands_out }: &Figure) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if *stands_out {
            let colour = Palette::in_ui(ui).tone(Tone::Attention);
            let words = format!("{} {words}", icons::WARNING);
            ui.add(Label::new(RichText::new(words).color(colour)).selectable(false).extend());
        } else {
            text(ui, words, false);
        }
    });
}

fn plain(lang: Lang, terminal: &Terminal, column: Column, now: UtcMicros) -> String {
    match column {
        Column::Value => terminal.value.to_string(),
        Column::LastContact => format::age(lang, now.since(terminal.last_contact_at)),
        Column::RoundTrip => terminal.round_trip_micros.map_or_else(|| "–".to_owned(), milliseconds),
        Column::Gaps => format::integer(i64::try_from(terminal.gaps).unwrap_or(i64::MAX)),
        Column::LongestGap if terminal.longest_gap_micros > 0 => {
            format::duration(lang, terminal.longest_gap_micros)
        }
        Column::LongestGap => "–".to_owned(),
        Column::Version => {
            let version = terminal.about.as_ref().map(|about| about.version.clone());
            version.unwrap_or_else(|| About::Untold.get(lang).to_owned())
        }
        Column::Name | Column::State | Column::Unsent | Column::Clock | Column::Person => String::new(),
    }
}

/// How much waits at the terminal.
fn unsent(lang: Lang, terminal: &Terminal, now: UtcMicros) -> Figure {
    let told = terminal.about.as_ref().and_then(|about| Some((about, about.unsent?)));
    let Some((about, unsent)) = told else { return Figure::plain(About::Untold.get(lang).to_owned()) };
    let refused = about.refused.unwrap_or_default();
    let n = format::integer(unsent.into());
    if refused > 0 {
        let words = match (unsent, refused) {
            (0, 1) => About::RefusedOne,
            (0, _) => About::RefusedOnly,
            (_, _) => About::Refused,
        };
        return Figure { words: words.with(lang, &[("n", &n), ("refused", &refused)]), stands_out: true };
    }
    match terminals::growing_for(about, now) {
        Some(_) => Figure { words: About::Growing.with(lang, &[("n", &n)]), stands_out: true },
        None => Figure::plain(n),
    }
}

/// How far its clock is from the server's.
fn clock(lang: Lang, terminal: &Terminal) -> Figure {
    let Some(about) = &terminal.about else { return Figure::plain(About::Untold.get(lang).to_owned()) };
    let behind = about.clock_behind_micros;
    let time = format::duration(lang, behind.saturating_abs());
    let words = if behind.saturating_abs() < SECOND {
        About::ClockRight.get(lang).to_owned()
    } else if behind > 0 {
        About::Behind.with(lang, &[("time", &time)])
    } else {
        About::Ahead.with(lang, &[("time", &time)])
    };
    Figure { words, stands_out: about.clock_is_wrong() }
}

/// What to do about what stands out, and how old it is.
fn hint(lang: Lang, terminal: &Terminal, now: UtcMicros) -> Option<String> {
    let about = terminal.about.as_ref()?;
    let refused = about.refused.unwrap_or_default();
    let mut lines = Vec::new();
    if refused > 0 {
        lines.push(About::RefusedHint.with(lang, &[("refused", &refused)]));
    }
    if let Some(time) = terminals::growing_for(about, now) {
        let time = format::duration(lang, time);
        lines.push(About::GrowingHint.with(lang, &[("first", &about.unsent_at_first), ("time", &time)]));
    }
    if about.clock_is_wrong() {
        lines.push(About::ClockHint.get(lang).to_owned());
    }
    let age = format::age(lang, now.since(about.told_at));
    lines.push(About::ToldAt.with(lang, &[("age", &age)]));
    Some(lines.join("\n"))
}

/// A row as a screen reader says it.
fn spoken(lang: Lang, terminal: &Terminal, now: UtcMicros) -> String {
    let age = format::age(lang, now.since(terminal.last_contact_at));
    let (_, state) = state_words(terminal.state);
    let about = terminal.about.as_ref().map(|about| {
        let (unsent, clock) = (unsent(lang, terminal, now).words, clock(lang, terminal).words);
        let words: [(&str, &dyn std::fmt::Display); 3] =
            [("version", &about.version), ("unsent", &unsent), ("clock", &clock)];
        format!(", {}", About::Spoken.with(lang, &words))
    });
    Text::TerminalSpoken.with(
        lang,
        &[
            ("name", &terminal.client),
            ("state", &state.get(lang)),
            ("value", &terminal.value),
            ("age", &age),
            ("gaps", &terminal.gaps),
            ("about", &about.unwrap_or_default()),
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

pub fn text(ui: &mut Ui, words: &str, weak: bool) {
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
        widgets::weak(ui, About::Nothing.get(screen.lang()));
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
        button(ui, Text::ExportCsv, free, TerminalAct::Export(ReportFile::Csv));
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
    let keys = RowKeys::of(ui, About::Messages.get(screen.lang()), messages.len(), |at| {
        let spoken = |one: &PulseMessage| {
            let words = if one.direction == Direction::Sent { Text::SentOne } else { Text::ReceivedOne };
            let at = format::time_seconds(one.at, &zone);
            format!("{at}, {}, {}", screen.text(words), one_line(&one.content))
        };
        messages.get(at).map(spoken).unwrap_or_default()
    });
    keys.follow(TableBuilder::new(ui))
        .striped(true)
        .auto_shrink([false, false])
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Width::exact(92.0))
        .column(Width::exact(104.0))
        .column(Width::remainder().clip(true))
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
                keys.ring(&row);
            });
        });
}

/// A message may hold line breaks; a row does not.
pub fn one_line(content: &str) -> String {
    content.chars().map(|c| if c.is_control() { '␤' } else { c }).collect()
}
