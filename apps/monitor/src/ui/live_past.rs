//! The live log's way into the past: the field of the day, the way back to the present, what is read on for whoever
//! scrolls, and that rows in sight stay where they are while others come and go beyond them.

use std::ops::Range;

use egui::{Context, Id, Key, Ui, Vec2};
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::{icons, widgets};

use super::Screen;
use crate::input::{LogAct, User};
use crate::log_texts::Text as Words;
use crate::past::{PastAct, Way, parse_moment};
use crate::state::State;
use crate::texts::Text;
use crate::update::past;

/// Rows beyond those in sight that are there before somebody comes to them.
const AHEAD: usize = 100;

fn act(screen: &mut Screen<'_>, act: PastAct) {
    screen.act(User::Log(LogAct::Past(act)));
}

/// Nothing is there yet, and something will be.
pub fn is_loading(state: &State) -> bool {
    let feed = &state.feed;
    feed.seq.is_none() || feed.backfill > 0 || feed.past.asked.is_some()
}

/// To a day, with a time or without.
pub fn controls(ui: &mut Ui, screen: &mut Screen<'_>) {
    let (state, lang) = (screen.state, screen.lang());
    let day = &state.feed.past.day;
    let good = parse_moment(day, &state.zone(None)).is_some();
    let palette = Palette::in_ui(ui);
    let mut edited = day.clone();
    let edit = egui::TextEdit::singleline(&mut edited)
        .hint_text("31/12/2026 14:30")
        .char_limit(16)
        .align(egui::Align2::LEFT_CENTER)
        .text_color(if good || day.is_empty() { palette.text } else { palette.danger })
        .min_size(Vec2::new(0.0, tokens::CONTROL_HEIGHT))
        .desired_width(150.0);
    let response = ui.add(edit).accessible_name(Words::Day.get(lang));
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if edited != *day {
        act(screen, PastAct::Day(edited));
    }
    let go = widgets::secondary_button(ui, Words::Go.get(lang), None, widgets::ButtonSize::Normal, good);
    if (go.clicked() || entered) && good {
        act(screen, PastAct::Go);
    }
    if state.feed.past.seek.is_some() {
        widgets::loading(ui, Words::Seeking.get(lang));
    }
}

/// The log stands in the past.
pub fn way_back(ui: &mut Ui, screen: &mut Screen<'_>) {
    let words = format!("{} {}", icons::ARROW_UP, Words::BackToNow.get(screen.lang()));
    if widgets::primary_button(ui, &words, None, widgets::ButtonSize::Normal, true).clicked() {
        act(screen, PastAct::Now);
    }
    if matches!(screen.state.feed.past.asked, Some((_, Way::Newer))) {
        widgets::loading(ui, Words::LoadingNewer.get(screen.lang()));
    }
}

/// The way further back, while there is one.
pub fn older(ui: &mut Ui, screen: &mut Screen<'_>) {
    let feed = &screen.state.feed;
    if matches!(feed.past.asked, Some((_, Way::Older))) {
        widgets::loading(ui, screen.text(Text::LoadingOlder));
    } else if feed.oldest > 0 {
        if widgets::link_button(ui, screen.text(Text::LoadOlder)).clicked() {
            act(screen, PastAct::Older);
        }
    } else {
        widgets::small_weak(ui, screen.text(Text::BeginningOfTime));
    }
}

/// Reads on where the rows in sight are near an end of what is kept.
pub fn reach(screen: &mut Screen<'_>, in_sight: Range<usize>) {
    let shown = screen.state.log.shown_len();
    let (newest, oldest) = (in_sight.start < AHEAD, in_sight.end + AHEAD >= shown);
    if let Some(wanted) = past::reach(screen.state, newest, oldest) {
        act(screen, wanted);
    }
}

/// The row at the top of the screen, where it stood, and how far the table was scrolled.
#[derive(Clone, Copy)]
struct Top {
    number: i64,
    index: usize,
    offset: f32,
}

fn top_id(ctx: &Context) -> Id {
    Id::unique(("live-top", ctx.viewport_id()))
}

pub fn remember(ctx: &Context, top: Option<(i64, usize)>, offset: f32) {
    let top = top.map(|(number, index)| Top { number, index, offset });
    let id = top_id(ctx);
    ctx.data_mut(|data| data.insert_temp(id, top));
}

/// How far to scroll so that the rows in sight stay, if rows have come or gone above them.
pub fn kept_in_place(ctx: &Context, state: &State, row_height: f32) -> Option<f32> {
    let id = top_id(ctx);
    let top: Top = ctx.data(|data| data.get_temp::<Option<Top>>(id)).flatten()?;
    let now = state.log.place_of(top.number)?;
    let moved = now as f32 - top.index as f32;
    (now != top.index).then_some((top.offset + moved * row_height).max(0.0))
}
