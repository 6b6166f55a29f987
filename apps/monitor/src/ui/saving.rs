//! A file that takes a while: how far it is, over the foot of the page, with a way to stop it.

use egui::{Align2, Area, Frame, Id, Margin, Order, Ui, Vec2};
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens::{self, Palette};
use tillwatch_desk::widgets::{self, ButtonSize};
use tillwatch_desk::{Lang, format};

use super::Screen;
use crate::input::User;
use crate::saving::{SavingAct, Step};
use crate::saving_texts::Text;
use crate::update::saving::shown;

const ABOVE_THE_FOOT: f32 = 16.0;

pub fn show(ui: &Ui, screen: &mut Screen<'_>) {
    let Some(saving) = shown(screen.state, screen.now) else { return };
    let lang = screen.lang();
    let words = if saving.stopping { Text::Stopping.get(lang).to_owned() } else { words(saving.step, lang) };
    let palette = Palette::in_ui(ui);
    let frame = Frame::popup(ui.style()).fill(palette.raised).inner_margin(Margin::symmetric(16, 10));
    let area = Area::new(Id::unique("saving"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_BOTTOM, Vec2::new(0.0, -ABOVE_THE_FOOT));
    area.show(ui.ctx(), |ui| {
        frame.show(ui, |ui| {
            ui.horizontal(|ui| {
                widgets::loading(ui, &words);
                ui.add_space(tokens::SPACE_12);
                let able = !saving.stopping;
                let stop =
                    widgets::secondary_button(ui, Text::Stop.get(lang), None, ButtonSize::Normal, able);
                if stop.clicked() {
                    screen.act(User::Saving(SavingAct::Stop));
                }
            });
        });
    });
}

fn words(step: Step, lang: Lang) -> String {
    let count = |rows: usize| format::integer(i64::try_from(rows).unwrap_or(i64::MAX));
    match step {
        Step::Working => Text::Working.get(lang).to_owned(),
        Step::Read(rows) => Text::Read.with(lang, &[("n", &count(rows))]),
        Step::Drawn(rows, all) => Text::Drawn.with(lang, &[("n", &count(rows)), ("all", &count(all))]),
    }
}
