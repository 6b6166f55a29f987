//! Draws the state and collects what the person does. Decides nothing.

pub mod chart;
pub mod event_log;
mod feed_match;
mod feeds;
mod filter;
mod keyboard;
mod live;
mod nav;
mod overview;
mod parts;
mod plots;
mod reports;
mod rows;
mod sales;
mod sensors;
mod settings;
mod stock;
mod terminal_dialogs;
mod terminals;
mod top;

use std::cell::RefCell;

use egui::{CentralPanel, Frame, Margin, Ui};
use tillwatch_desk::{Lang, icons, sign_in, widgets};
use tillwatch_shared::UtcMicros;
use uuid::Uuid;

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
    drawn: RefCell<Vec<Uuid>>,
}

/// What came of drawing: what the person did, and which rows of the log are on the screen.
#[derive(Debug)]
pub struct Shown {
    pub inputs: Vec<Input>,
    pub rows: Vec<Uuid>,
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
        self.drawn.borrow_mut().push(row.id);
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
    nav::show(ui, screen);
    top::bar(ui, screen);
    let margin = Margin { left: 16, right: 16, top: 4, bottom: 12 };
    CentralPanel::default().frame(Frame::central_panel(ui.style()).inner_margin(margin)).show(ui, |ui| {
        match screen.state.page {
            Page::Overview => overview::show(ui, screen),
            Page::Live => live::show(ui, screen),
            Page::Sensors => sensors::show(ui, screen),
            Page::Stock => stock::show(ui, screen),
            Page::Sales => sales::show(ui, screen),
            Page::Reports => reports::show(ui, screen),
            Page::Terminals => terminals::show(ui, screen),
            Page::Feeds => feeds::show(ui, screen),
            Page::Settings => settings::show(ui, screen),
        }
    });
    dialogs(ui, screen);
}

fn dialogs(ui: &Ui, screen: &mut Screen<'_>) {
    let state = screen.state;
    match state.dialog {
        None => {
            if let Some(matching) = &state.feeds.matching {
                feed_match::dialog(ui, screen, matching);
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
