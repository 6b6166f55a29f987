//! How alarms call somebody to this machine, and the wall: what is set about both, and what the wall says of itself.

use egui::{Grid, Ui};
use tillwatch_desk::icons;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Tone};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_shared::time::SECOND;

use super::{Screen, parts};
use crate::calls::{CallAct, REPEATS};
use crate::calls_texts::Text;
use crate::input::User;
use crate::wall::{SECONDS, Wall, WallAct};

/// In the top bar: when the wall turns, or what holds it, and the way out.
pub fn sign(ui: &mut Ui, screen: &mut Screen<'_>, wall: &Wall) {
    let lang = screen.lang();
    if widgets::icon_button(ui, icons::X, &format!("{} (Esc)", Text::Wall.get(lang))).clicked() {
        screen.act(User::Wall(WallAct::Leave));
    }
    if wall.held_by.is_empty() {
        let left = (wall.turns_at.since(screen.now).max(0) + SECOND - 1) / SECOND;
        widgets::weak(ui, &Text::WallNext.with(lang, &[("n", &left)]));
    } else {
        let words = Text::WallStopped.with(lang, &[("n", &wall.held_by.len())]);
        widgets::status(ui, Tone::Danger, &words);
    }
}

pub fn settings(ui: &mut Ui, screen: &mut Screen<'_>) {
    for (name, add) in [("calls", calls as fn(&mut Ui, &mut Screen<'_>)), ("wall", wall)] {
        parts::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            Grid::new(name)
                .num_columns(2)
                .min_col_width(110.0)
                .spacing([tokens::SPACE_24, tokens::SPACE_16])
                .show(ui, |ui| add(ui, screen));
        });
        if name == "calls" {
            ui.add_space(tokens::SPACE_12);
        }
    }
}

fn calls(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let set = &screen.state.settings.calls;
    let reach = screen.state.calls.reach;
    widgets::weak(ui, Text::Calls.get(lang));
    ui.vertical(|ui| {
        for (text, mut on, act) in [
            (Text::Show, set.show, CallAct::Show as fn(bool) -> CallAct),
            (Text::Sound, set.sound, CallAct::Sound),
        ] {
            if ui.checkbox(&mut on, text.get(lang)).changed() {
                screen.act(User::Call(act(on)));
            }
        }
        if let Some(reach) = reach.filter(|reach| !reach.shown || !reach.heard) {
            let text = if reach.shown { Text::NotHeard } else { Text::NotShown };
            widgets::status(ui, Tone::Attention, text.get(lang));
        }
        let able = set.show || set.sound;
        if widgets::secondary_button(ui, Text::Try.get(lang), None, ButtonSize::Normal, able).clicked() {
            screen.act(User::Call(CallAct::Try));
        }
    });
    ui.end_row();
    widgets::weak(ui, Text::Repeat.get(lang));
    ui.vertical(|ui| {
        let words = REPEATS.map(|minutes| match minutes {
            0 => Text::Never.get(lang).to_owned(),
            n => Text::Minutes.with(lang, &[("n", &n)]),
        });
        if let Some(minutes) = choice(ui, REPEATS, &words, set.repeat_minutes) {
            screen.act(User::Call(CallAct::Repeat(minutes)));
        }
        widgets::small_weak(ui, Text::RepeatHint.get(lang));
    });
    ui.end_row();
}

fn wall(ui: &mut Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    widgets::weak(ui, Text::Wall.get(lang));
    ui.vertical(|ui| {
        let words = format!("{} {}", icons::ARROWS_OUT, Text::EnterWall.get(lang));
        let button = widgets::secondary_button(ui, &words, Some("F11"), ButtonSize::Normal, true);
        if button.accessible_name(Text::EnterWall.get(lang)).clicked() {
            screen.act(User::Wall(WallAct::Enter));
        }
        widgets::small_weak(ui, Text::WallHint.get(lang));
    });
    ui.end_row();
    widgets::weak(ui, Text::EachPage.get(lang));
    let words = SECONDS.map(|seconds| Text::Seconds.with(lang, &[("n", &seconds)]));
    if let Some(seconds) = choice(ui, SECONDS, &words, screen.state.settings.wall_seconds) {
        screen.act(User::Wall(WallAct::Seconds(seconds)));
    }
    ui.end_row();
}

fn choice(ui: &mut Ui, values: [u32; 4], words: &[String; 4], chosen: u32) -> Option<u32> {
    let options = std::array::from_fn::<_, 4, _>(|place| {
        let value = values.get(place).copied().unwrap_or_default();
        (value, words.get(place).map_or("", String::as_str))
    });
    widgets::segmented(ui, Some(chosen), &options, None)
}
