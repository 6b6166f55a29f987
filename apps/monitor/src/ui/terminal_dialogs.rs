//! The dialogs of the terminals: forgetting one, and how long messages are kept.

use egui::Ui;
use tillwatch_desk::failure;
use tillwatch_desk::format;
use tillwatch_desk::texts::Table as _;
use tillwatch_desk::tokens;
use tillwatch_desk::widgets::{self, ButtonSize, Field};

use super::Screen;
use crate::input::User;
use crate::terminals::TerminalAct;
use crate::texts::Text;

/// Characters of a number that can be typed.
const NUMBER_CHARS: usize = 16;

/// Asks once; the safe answer has the focus.
pub fn forget(ui: &Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let name = screen.state.terminals.chosen.clone().unwrap_or_default();
    let short = widgets::cut_middle(&name, 28);
    let title = Text::ForgetAsk.with(lang, &[("name", &short)]);
    let dialog = widgets::Dialog { id: "forget", title: &title, width: 460.0, lang };
    let answer = dialog.show(ui.ctx(), |ui| {
        widgets::weak(ui, screen.text(Text::ForgetLoses));
        ui.add_space(tokens::SPACE_12);
        ui.horizontal(|ui| {
            let keep =
                widgets::primary_button(ui, screen.text(Text::Cancel), Some("Esc"), ButtonSize::Normal, true);
            if ui.memory(|memory| memory.focused().is_none()) {
                keep.request_focus();
            }
            let forget = widgets::danger_button(ui, screen.text(Text::ForgetNow), None, ButtonSize::Normal);
            (keep.clicked(), forget.clicked())
        })
        .inner
    });
    let (keep, forget) = answer.inner;
    if forget {
        screen.act(User::Terminal(TerminalAct::Forget));
    } else if keep || answer.closed {
        screen.act(User::Dialog(None));
    }
}

pub fn retention(ui: &Ui, screen: &mut Screen<'_>) {
    let lang = screen.lang();
    let title = screen.text(Text::KeptTitle);
    let dialog = widgets::Dialog { id: "retention", title, width: 460.0, lang };
    let answer = dialog.show(ui.ctx(), |ui| {
        widgets::weak(ui, screen.text(Text::KeptHint));
        ui.add_space(tokens::SPACE_12);
        let entered = fields(ui, screen);
        ui.add_space(tokens::SPACE_8);
        who_changed_it(ui, screen);
        ui.add_space(tokens::SPACE_12);
        let form = &screen.state.terminals.form;
        let ready = form.wanted().is_some() && !form.saving;
        let (save, cancel) = ui
            .horizontal(|ui| {
                let save = screen.text(Text::Save);
                let save = widgets::primary_button(ui, save, Some("Enter"), ButtonSize::Normal, ready);
                let cancel = screen.text(Text::Cancel);
                let cancel = widgets::secondary_button(ui, cancel, Some("Esc"), ButtonSize::Normal, true);
                (save.clicked(), cancel.clicked())
            })
            .inner;
        ((save || entered) && ready, cancel)
    });
    let (save, cancel) = answer.inner;
    if save {
        screen.act(User::Terminal(TerminalAct::SaveRetention));
    } else if cancel || answer.closed {
        screen.act(User::Dialog(None));
    }
}

/// The two numbers; says whether Enter was pressed.
fn fields(ui: &mut Ui, screen: &mut Screen<'_>) -> bool {
    let form = &screen.state.terminals.form;
    let wrong = screen.text(Text::KeptWrong);
    let error = |good: bool| (!good).then_some(wrong);
    let first = ui.memory(|memory| memory.focused().is_none());
    let days = Field::new("kept-days", screen.text(Text::KeptDays), &form.days)
        .right()
        .limit(NUMBER_CHARS)
        .focus(first)
        .select_all()
        .error(error(form.days().is_some()))
        .show(ui);
    ui.add_space(tokens::SPACE_8);
    let rows = Field::new("kept-rows", screen.text(Text::KeptRows), &form.rows)
        .right()
        .limit(NUMBER_CHARS)
        .error(error(form.rows().is_some()))
        .show(ui);
    if let Some(typed) = days.changed {
        screen.act(User::Terminal(TerminalAct::TypeDays(typed)));
    }
    if let Some(typed) = rows.changed {
        screen.act(User::Terminal(TerminalAct::TypeRows(typed)));
    }
    days.entered || rows.entered
}

/// Who set it last, or why it could not be set now.
fn who_changed_it(ui: &mut Ui, screen: &Screen<'_>) {
    let held = &screen.state.terminals;
    if let Some(failed) = &held.form.failure {
        ui.colored_label(tokens::Palette::in_ui(ui).danger, failure::what(failed, screen.lang()));
        return;
    }
    let Some(setting) = held.retention.value() else { return };
    if let (Some(name), Some(at)) = (&setting.changed_by, setting.changed_at) {
        let when = format::date_time(at, &screen.state.zone(None));
        widgets::small_weak(ui, &Text::KeptBy.with(screen.lang(), &[("name", name), ("when", &when)]));
    }
}
