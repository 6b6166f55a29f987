//! The program: its first window, and those that were opened beside it. It passes on what one window does that counts
//! for all, and keeps how each was left among the settings of the first.
//!
//! A further window is drawn by itself, when something changes in it and not whenever the first one is. It has a state
//! of its own and asks the server for what it shows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use egui::{Context, Rect, Ui, ViewportBuilder, ViewportId};
use tillwatch_desk::Theme;
use tillwatch_desk::settings::{Settings, SettingsFile};
use tillwatch_desk::shell::{self, Window};
use tillwatch_shared::UtcMicros;
use tillwatch_shared::time::SECOND;

use crate::app::{App, Ask};
use crate::input::{Effect, Input, User};
use crate::windows::{self, Shared, WindowAct};
use crate::{APP_ID, TITLE, layout, update};

/// Between two looks at how the windows are.
const KEPT_EVERY: i64 = 5 * SECOND;

#[derive(Debug)]
pub struct Program {
    pub first: App,
    further: Vec<Further>,
    /// Of this machine, so that no window opens where none is.
    screens: Vec<Rect>,
    file: SettingsFile,
    /// Windows that were ever opened: none is taken for another.
    opened: u64,
    /// Those that were kept are open again since the sign-in.
    restored: bool,
    /// What the file says, and when it was last compared with the windows.
    written: Settings,
    looked_at: UtcMicros,
}

#[derive(Debug)]
struct Further {
    number: u32,
    id: ViewportId,
    builder: ViewportBuilder,
    app: Arc<Mutex<App>>,
}

impl Further {
    fn app(&self) -> MutexGuard<'_, App> {
        lock(&self.app)
    }

    /// Its settings, with how it is now.
    fn left(&self) -> Settings {
        let mut app = self.app();
        layout::remember(&mut app.state);
        app.state.settings.clone()
    }
}

/// Windows are drawn one after the other; one that broke off in the middle stays as it is.
fn lock(app: &Mutex<App>) -> MutexGuard<'_, App> {
    app.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Program {
    pub fn new(first: App, file: SettingsFile, screens: Vec<Rect>) -> Self {
        let written = first.state.settings.clone();
        let further = Vec::new();
        Self { first, further, screens, file, opened: 0, restored: false, written, looked_at: UtcMicros(0) }
    }

    /// The numbers of the further windows.
    pub fn numbers(&self) -> BTreeSet<u32> {
        self.further.iter().map(|window| window.number).collect()
    }

    /// Does something with a further window, as its own frame would.
    pub fn with<T>(&self, number: u32, act: impl FnOnce(&mut App) -> T) -> Option<T> {
        let window = self.further.iter().find(|window| window.number == number)?;
        Some(act(&mut window.app()))
    }

    /// One step without drawing.
    pub fn step(&mut self, ctx: &Context) {
        self.first.step(ctx);
        self.exchange(ctx);
        self.keep_up();
    }

    /// What the windows ask for, until they ask for nothing more.
    pub fn exchange(&mut self, ctx: &Context) {
        let mut changed = false;
        loop {
            let asked = self.asked();
            if asked.is_empty() {
                break;
            }
            changed = true;
            for (from, ask) in asked {
                self.grant(ctx, from, ask);
            }
        }
        let signed_in = self.first.state.signed_in.is_some();
        if signed_in && !self.restored {
            for number in windows::kept(&self.first.state.settings) {
                self.open(ctx, number);
            }
        } else if !signed_in && self.restored {
            self.close_all();
        }
        if changed || signed_in != self.restored {
            self.restored = signed_in;
            ctx.request_repaint();
            for window in &self.further {
                ctx.request_repaint_of(window.id);
            }
        }
    }

    /// With the number of the further window that asks.
    fn asked(&mut self) -> Vec<(Option<u32>, Ask)> {
        let mut asked: Vec<_> = self.first.asks.drain(..).map(|ask| (None, ask)).collect();
        for window in &self.further {
            let mut app = window.app();
            asked.extend(app.asks.drain(..).map(|ask| (Some(window.number), ask)));
        }
        asked
    }

    fn grant(&mut self, ctx: &Context, from: Option<u32>, ask: Ask) {
        match (ask, from) {
            (Ask::Open(layout), _) => {
                let Some(number) = windows::free(&self.numbers()) else {
                    self.tell(from, Shared::TooMany);
                    return;
                };
                let settings = Settings { layout, place: None, ..self.first.state.settings.clone() };
                windows::keep(&mut self.first.state.settings, number, &settings);
                self.open(ctx, number);
                self.save();
            }
            (Ask::Close, Some(number)) => {
                self.close(number);
                windows::forget(&mut self.first.state.settings, number);
                self.save();
            }
            (Ask::Close, None) => {}
            (Ask::Settings(settings), Some(_)) => self.tell(None, Shared::Settings(settings)),
            (Ask::Settings(settings), None) => {
                for number in self.numbers() {
                    self.tell(Some(number), Shared::Settings(settings.clone()));
                }
            }
            (Ask::SignOut, _) => self.first.take(Input::User(User::SignOut)),
            (Ask::SessionOver, _) => self.first.take(Input::Shared(Shared::SessionOver)),
        }
    }

    fn tell(&mut self, window: Option<u32>, shared: Shared) {
        match window {
            None => self.first.take(Input::Shared(shared)),
            Some(number) => {
                let _ = self.with(number, |app| app.take(Input::Shared(shared)));
            }
        }
    }

    /// Opens the window with that number as it was left.
    fn open(&mut self, ctx: &Context, number: u32) {
        self.opened += 1;
        let id = ViewportId::from_hash_of(("further", self.opened));
        let settings = windows::settings_of(&self.first.state.settings, number);
        let title = format!("{TITLE} {number}");
        let window = Window { app_id: APP_ID, title: &title, theme: Theme::Dark, settings: &settings };
        let builder = shell::beside(window, &self.screens, ctx.zoom_factor());
        let state = update::windows::further(&self.first.state, settings, number);
        let app = Arc::new(Mutex::new(self.first.beside(state, id)));
        self.further.push(Further { number, id, builder, app });
    }

    /// Closes it; how it was left is noted.
    fn close(&mut self, number: u32) {
        let Some(place) = self.further.iter().position(|window| window.number == number) else { return };
        let window = self.further.remove(place);
        windows::keep(&mut self.first.state.settings, number, &window.left());
        window.app().leave();
        if window.app().keeps_awake() {
            self.first.push(Effect::StayAwake(false));
        }
    }

    fn close_all(&mut self) {
        for number in self.numbers() {
            self.close(number);
        }
        self.save();
    }

    /// Notes how all windows are now.
    fn keep(&mut self) {
        layout::remember(&mut self.first.state);
        for window in &self.further {
            windows::keep(&mut self.first.state.settings, window.number, &window.left());
        }
    }

    fn save(&mut self) {
        self.keep();
        self.written.clone_from(&self.first.state.settings);
        self.first.push(Effect::Save(self.written.clone()));
    }

    /// From time to time, for whoever loses power: the program is not always told that it ends.
    fn keep_up(&mut self) {
        let state = &self.first.state;
        let now = state.seen_at;
        if state.signed_in.is_none() || (0..KEPT_EVERY).contains(&now.since(self.looked_at)) {
            return;
        }
        self.looked_at = now;
        self.keep();
        if self.first.state.settings != self.written {
            self.save();
        }
    }

    pub fn draw(&mut self, ui: &mut Ui) {
        self.first.draw(ui);
        for window in &self.further {
            let app = Arc::clone(&window.app);
            ui.ctx().show_viewport_deferred(window.id, window.builder.clone(), move |ui, _| {
                frame(&mut lock(&app), ui);
            });
        }
    }

    /// The last thing: the worker may have no time left.
    pub fn leave(&mut self) {
        self.keep();
        if let Err(error) = self.file.save(&self.first.state.settings) {
            tracing::warn!(%error, "the settings could not be saved");
        }
    }
}

/// One frame of a further window.
fn frame(app: &mut App, ui: &mut Ui) {
    if ui.input(|input| input.viewport().close_requested()) {
        app.take(Input::User(User::Window(WindowAct::Close)));
    }
    app.step(ui.ctx());
    app.draw(ui);
    if !app.asks.is_empty() {
        ui.ctx().request_repaint_of(ViewportId::ROOT);
    }
}

impl eframe::App for Program {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.step(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.leave();
    }
}
