//! The files of other programs: how each is doing, what in them could not be read, and what waits for a
//! person.

use egui::{Align, CursorIcon, Label, Layout, RichText, ScrollArea, Ui, WidgetInfo};
use egui_extras::{Column, TableBuilder, TableRow};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette, Tone};
use tillwatch_desk::widgets::ButtonSize;
use tillwatch_desk::{Lang, format, icons, widgets};
use tillwatch_shared::api::{Feed, FeedFault, FeedState, ParkReason};

use super::row_keys::{CLICKED, RowKeys};
use super::{Screen, parts};
use crate::feed_texts::Text;
use crate::feeds::{FeedAct, Group, alias_kind};
use crate::input::User;
use crate::texts::Text as Common;

const ROW_HEIGHT: f32 = 32.0;
/// Below this width the last columns are left out.
const NARROW_BELOW: f32 = 820.0;
/// Feeds in the table before it scrolls.
const FEEDS_SEEN: f32 = 6.0;

pub fn show(ui: &mut Ui, screen: &mut Screen<'_>) {
    let held = &screen.state.feeds;
    let Some(list) = held.list.value() else {
        parts::waiting(ui, screen, held.list.failure(), Common::LoadingFeeds);
        return;
    };
    let Some(shown) = held.shown() else {
        let (title, hint) = (say(screen, Text::NoFeeds), say(screen, Text::NoFeedsHint));
        widgets::empty_state(ui, icons::FILE_TEXT, title, hint, None);
        return;
    };
    parts::stale(ui, screen, held.list.failure(), held.list.fetched_at());
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.push_id("feeds", |ui| table(ui, screen, list, &shown.name));
        ui.add_space(tokens::SPACE_4);
        widgets::small_weak(ui, say(screen, Text::WhereFeedsAre));
        ui.add_space(tokens::SPACE_12);
        about(ui, screen, shown);
        parked(ui, screen, shown);
        bad_records(ui, screen, shown);
    });
}

fn table(ui: &mut Ui, screen: &mut Screen<'_>, list: &[Feed], shown: &str) {
    let narrow = ui.available_width() < NARROW_BELOW;
    let lang = screen.lang();
    let mut names = vec![
        (Text::Feed.get(lang), false),
        (Common::State.get(lang), false),
        (Text::Records.get(lang), true),
        (Text::FeedSales.get(lang), true),
        (Text::FeedWaiting.get(lang), true),
        (Text::FeedBad.get(lang), true),
    ];
    let keys = RowKeys::of(ui, Common::Feeds.get(lang), list.len(), |at| {
        list.get(at).map(|feed| spoken(screen, feed)).unwrap_or_default()
    });
    if let Some(feed) = keys.opened().and_then(|at| list.get(at)) {
        screen.act(User::Feed(FeedAct::Choose(feed.name.clone())));
    }
    let mut builder = keys
        .follow(TableBuilder::new(ui))
        .striped(true)
        .sense(CLICKED)
        .auto_shrink([false, true])
        .max_scroll_height(ROW_HEIGHT * FEEDS_SEEN)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(110.0).clip(true))
        .column(Column::exact(132.0))
        .column(Column::exact(74.0))
        .column(Column::exact(66.0))
        .column(Column::exact(66.0))
        .column(Column::exact(52.0));
    if !narrow {
        names.push((Text::LastRead.get(lang), true));
        builder = builder.column(Column::exact(110.0));
    }
    builder
        .header(28.0, |mut header| {
            for (name, right) in names {
                header.col(|ui| {
                    let layout = if right { Layout::right_to_left(Align::Center) } else { *ui.layout() };
                    ui.with_layout(layout, |ui| widgets::small_weak(ui, name));
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, list.len(), |mut row| {
                let Some(feed) = list.get(row.index()) else { return };
                row.set_selected(feed.name == shown && list.len() > 1);
                feed_row(&mut row, screen, feed, narrow);
                keys.ring(&row);
                if row.response().clicked() {
                    screen.act(User::Feed(FeedAct::Choose(feed.name.clone())));
                }
            });
        });
}

fn feed_row(row: &mut TableRow<'_, '_>, screen: &Screen<'_>, feed: &Feed, narrow: bool) {
    let (tone, words) = state_words(screen, feed);
    row.col(|ui| text(ui, &feed.name, false));
    row.col(|ui| {
        widgets::status(ui, tone, &words);
    });
    let mut figures = vec![
        format::integer(feed.records),
        format::integer(feed.sales),
        format::integer(feed.parked),
        format::integer(feed.bad_records),
    ];
    if !narrow {
        figures.push(last_read(screen, feed));
    }
    for figure in &figures {
        row.col(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| text(ui, figure, false));
        });
    }
    let spoken = spoken(screen, feed);
    let response = row.response().on_hover_cursor(CursorIcon::PointingHand);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &spoken));
}

/// A row as a screen reader says it.
fn spoken(screen: &Screen<'_>, feed: &Feed) -> String {
    let (_, words) = state_words(screen, feed);
    Text::FeedSpoken.with(
        screen.lang(),
        &[
            ("name", &feed.name),
            ("state", &words),
            ("records", &feed.records),
            ("parked", &feed.parked),
            ("bad", &feed.bad_records),
        ],
    )
}

fn state_words(screen: &Screen<'_>, feed: &Feed) -> (Tone, String) {
    let (tone, words) = match feed.state {
        FeedState::Failed => (Tone::Danger, Text::FeedFailed),
        FeedState::NotFollowed => (Tone::Neutral, Text::FeedNotFollowed),
        FeedState::Starting => (Tone::Neutral, Text::FeedStarting),
        FeedState::Reading => {
            let percent = (100 * feed.position_bytes / feed.size_bytes.max(1)).clamp(0, 100);
            return (Tone::Neutral, Text::FeedReading.with(screen.lang(), &[("n", &percent)]));
        }
        FeedState::Current if feed.parked + feed.bad_records > 0 => (Tone::Attention, Text::FeedNeedy),
        FeedState::Current => (Tone::Good, Text::FeedCurrent),
    };
    (tone, say(screen, words).to_owned())
}

fn last_read(screen: &Screen<'_>, feed: &Feed) -> String {
    let now = screen.state.server_now(screen.now);
    feed.looked_at.map_or_else(|| "–".to_owned(), |at| format::age(screen.lang(), now.since(at)))
}

/// Where the file is, and why it cannot be used.
fn about(ui: &mut Ui, screen: &Screen<'_>, feed: &Feed) {
    ui.label(RichText::new(&feed.name).font(tokens::strong()));
    let where_it_is = feed.path.as_deref().unwrap_or(say(screen, Text::FeedNotFollowedHint));
    let read = Text::FeedRead.with(
        screen.lang(),
        &[("done", &kilobytes(feed.position_bytes)), ("all", &kilobytes(feed.size_bytes))],
    );
    text(ui, where_it_is, true);
    if feed.path.is_some() {
        let age = Text::FeedLastRead.with(screen.lang(), &[("age", &last_read(screen, feed))]);
        let updates = Text::FeedUpdates.with(screen.lang(), &[("n", &format::integer(feed.updates))]);
        widgets::weak(ui, &format!("{read} · {age} · {updates}"));
    }
    if feed.state == FeedState::Failed
        && let Some(fault) = &feed.last_fault
    {
        ui.horizontal_wrapped(|ui| {
            let palette = Palette::in_ui(ui);
            let words = Text::FeedTrouble.with(screen.lang(), &[("what", &fault_words(screen, fault))]);
            ui.label(RichText::new(format!("{} {words}", icons::WARNING)).color(palette.danger));
        });
    }
}

fn kilobytes(bytes: i64) -> String {
    format!("{} kB", format::integer((bytes + 1023) / 1024))
}

fn parked(ui: &mut Ui, screen: &mut Screen<'_>, feed: &Feed) {
    let held = &screen.state.feeds;
    if feed.parked == 0 {
        return;
    }
    let title = Text::ParkedTitle.with(screen.lang(), &[("n", &format::integer(feed.parked))]);
    parts::section(ui, &title, None);
    let Some(page) = held.parked.value() else {
        match held.parked.failure() {
            Some(failure) => widgets::weak(ui, &tillwatch_desk::failure::what(failure, screen.lang())),
            None if held.parked.is_loading() => widgets::loading(ui, say(screen, Text::LoadingParked)),
            None => widgets::weak(ui, say(screen, Text::ParkedForManagers)),
        };
        return;
    };
    let more = page.next.is_some();
    for (index, group) in held.groups().into_iter().enumerate() {
        ui.push_id(("parked", index), |ui| group_row(ui, screen, &group));
    }
    if more {
        widgets::weak(ui, say(screen, Text::ParkedMore));
    }
}

/// What is wrong, whose, and the buttons that settle it.
fn group_row(ui: &mut Ui, screen: &mut Screen<'_>, group: &Group) {
    parts::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                group_buttons(ui, screen, group);
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    let palette = Palette::in_ui(ui);
                    let words = RichText::new(reason(screen, group)).color(palette.text);
                    ui.add(Label::new(words).wrap());
                    widgets::small_weak(ui, &records(screen, group));
                });
            });
        });
    });
}

fn group_buttons(ui: &mut Ui, screen: &mut Screen<'_>, group: &Group) {
    let free = !screen.state.feeds.deciding && screen.state.feeds.putting_away.is_empty();
    let name = if group.subject.is_empty() { group.records.first() } else { Some(&group.subject) };
    let name = name.cloned().unwrap_or_default();
    let away = match group.reason {
        ParkReason::Changed => Text::KeepSale,
        ParkReason::UnknownStore
        | ParkReason::UnknownSeller
        | ParkReason::UnknownProduct
        | ParkReason::BadSale => Text::PutAway,
    };
    let mut button = |ui: &mut Ui, words: Text, act: FeedAct| {
        let words = say(screen, words);
        let button = widgets::secondary_button(ui, words, None, ButtonSize::Normal, free);
        if button.accessible_name(format!("{words}: {name}")).clicked() {
            screen.act(User::Feed(act));
        }
    };
    button(ui, away, FeedAct::PutAway(group.records.clone()));
    if alias_kind(group.reason).is_some() {
        button(ui, Text::SayWhatItIs, FeedAct::Match(group.clone()));
    }
}

fn reason(screen: &Screen<'_>, group: &Group) -> String {
    let words = match group.reason {
        ParkReason::UnknownStore => Text::ParkedStore,
        ParkReason::UnknownSeller => Text::ParkedSeller,
        ParkReason::UnknownProduct => Text::ParkedProduct,
        ParkReason::BadSale => Text::ParkedBad,
        ParkReason::Changed => Text::ParkedChanged,
    };
    let subject = match group.reason {
        ParkReason::BadSale => field(screen, &group.subject),
        ParkReason::UnknownStore
        | ParkReason::UnknownSeller
        | ParkReason::UnknownProduct
        | ParkReason::Changed => &group.subject,
    };
    words.with(screen.lang(), &[("name", &subject)])
}

/// A field of a sale by the name that people give it. What else is wrong comes in words.
fn field<'a>(screen: &Screen<'_>, subject: &'a str) -> &'a str {
    let words = match subject {
        "chain" => Text::FieldChain,
        "store" => Text::FieldStore,
        "seller" => Text::FieldSeller,
        "amount" => Text::FieldAmount,
        "when" => Text::FieldWhen,
        "till" => Text::FieldTill,
        "payment" => Text::FieldPayment,
        "items" => Text::FieldItems,
        "fields" => Text::FieldTwice,
        other => return other,
    };
    say(screen, words)
}

/// `V-1, V-2 e mais 7`
fn records(screen: &Screen<'_>, group: &Group) -> String {
    const NAMED: usize = 3;
    let named: Vec<&str> = group.records.iter().take(NAMED).map(String::as_str).collect();
    let named = widgets::cut_middle(&named.join(", "), 80).into_owned();
    let rest = group.records.len().saturating_sub(NAMED);
    let words = if rest == 0 { Text::RecordsNamed } else { Text::RecordsNamedAndMore };
    words.with(screen.lang(), &[("names", &named), ("n", &rest)])
}

fn bad_records(ui: &mut Ui, screen: &Screen<'_>, feed: &Feed) {
    if feed.bad_records == 0 {
        return;
    }
    let title = Text::BadTitle.with(screen.lang(), &[("n", &format::integer(feed.bad_records))]);
    parts::section(ui, &title, None);
    widgets::weak(ui, say(screen, Text::BadHint));
    let now = screen.state.server_now(screen.now);
    for (index, fault) in feed.faults.iter().rev().enumerate() {
        ui.push_id(("fault", index), |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(place(screen, fault)).font(tokens::body_strong()));
                ui.label(fault_words(screen, fault));
                widgets::small_weak(ui, &format::age(screen.lang(), now.since(fault.at)));
            });
        });
    }
}

fn fault_words(screen: &Screen<'_>, fault: &FeedFault) -> String {
    match screen.lang() {
        Lang::Pt => fault.portuguese(),
        Lang::En => fault.english(),
    }
}

/// `linha 7, registro V-2:`
fn place(screen: &Screen<'_>, fault: &FeedFault) -> String {
    let line = fault.line.map(|line| Text::FaultLine.with(screen.lang(), &[("n", &line)]));
    let record = fault.record_id.as_ref().map(|id| {
        let id = widgets::cut_middle(id, 40);
        Text::FaultRecord.with(screen.lang(), &[("id", &id)])
    });
    let parts: Vec<String> = line.into_iter().chain(record).collect();
    format!("{}:", parts.join(", "))
}

fn text(ui: &mut Ui, words: &str, weak: bool) {
    let shown = widgets::fit_middle(ui, words, &tokens::body(), ui.available_width()).into_owned();
    let rich = RichText::new(shown);
    ui.add(Label::new(if weak { rich.weak() } else { rich }).selectable(false).extend());
}

fn say(screen: &Screen<'_>, text: Text) -> &'static str {
    text.get(screen.lang())
}
