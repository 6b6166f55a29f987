//! Draws the state and collects what the person does. Decides nothing.

mod against;
pub mod chart;
mod chart_cursor;
mod chart_hand;
mod chart_save;
mod compare;
mod curve;
mod day;
pub mod event_log;
mod feed_match;
mod feed_new;
mod feeds;
mod filter;
mod forms;
mod import;
mod keeping;
mod keyboard;
mod lists;
mod live;
mod live_foot;
mod live_past;
mod messages;
mod nav;
mod overview;
mod parts;
mod plots;
mod reports;
mod row_keys;
mod rows;
mod sales;
mod saving;
mod sensor_large;
mod sensor_notes;
mod sensor_tools;
mod sensors;
mod servers;
mod settings;
mod sheet;
mod stock;
mod terminal_dialogs;
mod terminals;
mod top;
mod wall;
mod windows;

use std::cell::RefCell;

use egui::{CentralPanel, Frame, Margin, Ui};
use tillwatch_desk::{Lang, icons, sign_in, widgets};
use tillwatch_shared::UtcMicros;

use crate::input::{Input, User};
use crate::livelog::Row;
use crate::state::{Dialog, Page, State};
use crate::texts::Text;

/// What is drawn, and what the person did in this frame.
#[derive(Debug)]
pub struct Screen<'s> {
    pub state: &'s State,
    pub now: UtcMicros,
    pub acts: Vec<User>,
    /// Rows of the log that are on the screen.
    drawn: RefCell<Vec<i64>>,
}

/// What came of drawing: what the person did, and which rows of the log are on the screen.
#[derive(Debug)]
pub struct Shown {
    pub inputs: Vec<Input>,
    /// By their places in the journal.
    pub rows: Vec<i64>,
}

impl Screen<'_> {
    fn lang(&self) -> Lang {
        self.state.lang()
    }

    fn text(&self, text: Text) -> &'static str {
        text.get(self.lang())
    }

    fn act(&mut self, user: User) {
        self.acts.push(user);
    }

    fn drew(&self, row: &Row) {
        self.drawn.borrow_mut().push(row.seq);
    }
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, state: &State, now: UtcMicros) -> Shown {
    let mut screen = Screen { state, now, acts: Vec::new(), drawn: RefCell::default() };
    let mut inputs = Vec::new();
    if state.signed_in.is_none() {
        let look = sign_in::Look {
            lang: state.lang(),
            theme: state.theme(),
            program: Text::Monitor.get(state.lang()),
            icon: icons::MONITOR,
        };
        let answers = sign_in::ui(ui, &state.sign_in, look);
        inputs.extend(answers.inputs.into_iter().map(Input::SignIn));
        inputs.extend(answers.preferences.into_iter().map(|p| Input::User(User::Prefer(p))));
    } else {
        window(ui, &mut screen);
    }
    keyboard::zoom(ui.ctx(), &mut screen);
    if let Some(id) = state.toasts.show(ui.ctx(), Text::Close.get(state.lang())) {
        screen.act(User::CloseToast(id));
    }
    inputs.extend(screen.acts.into_iter().map(Input::User));
    Shown { inputs, rows: screen.drawn.into_inner() }
}

fn window(ui: &mut Ui, screen: &mut Screen<'_>) {
    keyboard::shortcuts(ui.ctx(), screen);
    top::banners(ui, screen);
    if screen.state.wall.is_none() {
        nav::show(ui, screen);
    }
    top::bar(ui, screen);
    let margin = Margin { left: 16, right: 16, top: 4, bottom: 12 };
    CentralPanel::default().frame(Frame::central_panel(ui.style()).inner_margin(margin)).show(ui, |ui| {
        match screen.state.page {
            Page::Overview => overview::show(ui, screen),
            Page::Live => live::show(ui, screen),
            Page::Sensors => sensors::show(ui, screen),
            Page::Stock => stock::show(ui, screen),
            Page::Sales => sales::show(ui, screen),
            Page::Alarms | Page::Money | Page::Manage => lists::show(ui, screen),
            Page::Reports => reports::show(ui, screen),
            Page::Terminals => terminals::show(ui, screen),
            Page::Feeds => feeds::show(ui, screen),
            Page::Servers => servers::show(ui, screen),
            Page::Settings => settings::show(ui, screen),
        }
    });
    dialogs(ui, screen);
    saving::show(ui, screen);
}

fn dialogs(ui: &Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    match state.dialog {
        None => {
            if let Some(matching) = &state.feeds.matching {
                feed_match::dialog(ui, screen, matching);
            } else if let Some(form) = &state.form {
                forms::dialog(ui, screen, form);
            } else if let Some(open) = &state.lists.open {
                lists::detail(ui, screen, open);
            } else if let Some(chooser) = &state.compare.chooser {
                compare::dialog(ui, screen, chooser);
            } else if let Some(open) = &state.sheets.open {
                sheet::dialog(ui, screen, open);
            }
        }
        Some(Dialog::Keys) => {
            let lang = screen.lang();
            if widgets::keys_dialog(ui.ctx(), lang, &keyboard::lines(lang)) {
                screen.act(User::Dialog(None));
            }
        }
        Some(Dialog::SignOut) => settings::sign_out_dialog(ui, screen),
        Some(Dialog::Forget) => terminal_dialogs::forget(ui, screen),
        Some(Dialog::Retention) => terminal_dialogs::retention(ui, screen),
    }
}
