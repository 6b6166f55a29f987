//! One window: hands inputs to `update`, effects to the worker, and the state to `ui`. What concerns the program's
//! other windows it leaves to `program`.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::{UserAttentionType, ViewportCommand};
use tillwatch_desk::clock::{Clock, Moment};
use tillwatch_desk::settings::Settings;
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{shell, sign_in, tokens};

use crate::input::{Effect, Input};
use crate::job::Of;
use crate::saving::FileEffect;
use crate::state::State;
use crate::ui::event_log::EventLog;
use crate::{ui, update};

/// What the window needs of a worker. Without one, effects are kept for whoever drives the app.
pub type MonitorWorker = Worker<Of<Vec<Effect>>, Of<Vec<Input>>>;

/// What a window asks of the program, because it counts for the others too.
#[derive(Debug)]
pub enum Ask {
    /// One more window, left like this.
    Open(BTreeMap<String, String>),
    /// This one goes.
    Close,
    /// What all windows are set to was changed.
    Settings(Box<Settings>),
    SignOut,
    SessionOver,
}

#[derive(Debug)]
pub struct App {
    pub state: State,
    clock: Clock,
    worker: Option<MonitorWorker>,
    /// Effects that are not yet handed over, or that nobody does.
    pub pending: Vec<Of<Effect>>,
    /// For the program.
    pub asks: Vec<Ask>,
    /// Where the rows that are drawn are noted, if they are to be.
    pub event_log: Option<EventLog>,
    /// The window is as large as the screen, which stays on.
    on_wall: bool,
}

impl App {
    /// The first window, at the sign-in.
    pub fn new(state: State, clock: Clock, worker: Option<MonitorWorker>) -> Self {
        let mut app = Self::bare(state, clock, worker);
        app.take(Input::SignIn(sign_in::Input::Open));
        app
    }

    /// A further window beside this one.
    #[must_use]
    pub fn beside(&self, state: State, window: egui::ViewportId) -> Self {
        Self::bare(state, self.clock, self.worker.as_ref().map(|worker| worker.beside(window)))
    }

    fn bare(state: State, clock: Clock, worker: Option<MonitorWorker>) -> Self {
        Self { state, clock, worker, pending: Vec::new(), asks: Vec::new(), event_log: None, on_wall: false }
    }

    /// Takes one input; what it leads to gathers in `pending`, and in `asks`.
    pub fn take(&mut self, input: Input) {
        let was_in = self.state.signed_in.is_some();
        let saving = self.state.saving.is_some();
        let effects = update::update(&mut self.state, input, Moment::now(self.clock));
        let further = self.state.further.is_some();
        let over = was_in && self.state.signed_in.is_none();
        if over && saving {
            self.push(Effect::File(FileEffect::Stop));
        }
        let left = further && over;
        let before = self.asks.len();
        for effect in effects {
            self.route(effect, further);
        }
        let signs_out = self.asks.iter().skip(before).any(|ask| matches!(ask, Ask::SignOut));
        if left && !signs_out {
            self.asks.push(Ask::SessionOver);
        }
    }

    /// The first window has the settings' file and ends the session; all ask for what concerns the others.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other effects are the worker's")]
    fn route(&mut self, effect: Effect, further: bool) {
        match effect {
            Effect::OpenWindow(layout) => self.asks.push(Ask::Open(layout)),
            Effect::CloseWindow => self.asks.push(Ask::Close),
            Effect::SignIn(sign_in::Effect::SignOut) if further => self.asks.push(Ask::SignOut),
            Effect::Save(settings) => {
                if !further {
                    self.push(Effect::Save(settings.clone()));
                }
                self.asks.push(Ask::Settings(Box::new(settings)));
            }
            other => self.push(other),
        }
    }

    /// The window goes: nobody waits for its file any more.
    pub fn leave(&mut self) {
        if self.state.saving.is_some() {
            self.push(Effect::File(FileEffect::Stop));
            self.submit();
        }
    }

    /// Something to be done for the session that there is now.
    pub fn push(&mut self, what: Effect) {
        self.pending.push(Of { epoch: self.state.epoch, what });
    }

    /// Hands the worker what has gathered, as one.
    fn submit(&mut self) {
        let Some(worker) = &self.worker else { return };
        let mut waiting = std::mem::take(&mut self.pending);
        while let Some(epoch) = waiting.first().map(|effect| effect.epoch) {
            let later = waiting.iter().position(|effect| effect.epoch != epoch).unwrap_or(waiting.len());
            let what = waiting.drain(..later).map(|effect| effect.what).collect();
            if let Err(full) = worker.submit(Of { epoch, what }) {
                self.pending.extend(full.what.into_iter().map(|what| Of { epoch, what }));
            }
        }
    }

    /// One step without drawing: what came in, and what is due.
    pub fn step(&mut self, ctx: &egui::Context) {
        let events = self.worker.as_ref().map(MonitorWorker::drain).unwrap_or_default();
        for event in events {
            // An answer to somebody who has left.
            for input in event.what {
                if event.epoch == self.state.epoch {
                    self.take(input);
                }
            }
        }
        self.take(Input::Tick);
        self.follow(ctx);
        self.submit();
        if self.state.further.is_none() {
            self.look(ctx);
        }
        let wake = update::next_wake(&self.state, (self.clock)());
        let wake = Duration::from_micros(u64::try_from(wake).unwrap_or_default());
        ctx.request_repaint_after(wake.max(Duration::from_millis(30)));
    }

    /// Theme and zoom of all windows.
    fn look(&self, ctx: &egui::Context) {
        tokens::apply(ctx, self.state.theme());
        let zoom = self.state.settings.zoom_factor();
        if (ctx.zoom_factor() - zoom).abs() > 1e-3 {
            ctx.set_zoom_factor(zoom);
        }
    }

    /// Makes the window what the state says: as large as the screen on the wall, and calling for a look while
    /// somebody is called.
    fn follow(&mut self, ctx: &egui::Context) {
        let on_wall = self.state.wall.is_some();
        if on_wall != self.on_wall {
            self.on_wall = on_wall;
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(on_wall));
            self.push(Effect::StayAwake(on_wall));
        }
        if self.pending.iter().any(|effect| matches!(effect.what, Effect::Call(_))) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Critical));
        }
    }

    /// Whether it wants the screen to stay on.
    pub const fn keeps_awake(&self) -> bool {
        self.on_wall
    }

    pub fn draw(&mut self, ui: &mut egui::Ui) {
        let now = (self.clock)();
        let ui::Shown { inputs, rows } = ui::show(ui, &self.state, now);
        if let Some(log) = &mut self.event_log {
            log.note(&self.state, &rows, now);
        }
        if !inputs.is_empty() {
            // What was done shows in the next frame.
            ui.ctx().request_repaint();
        }
        for input in inputs {
            self.take(input);
        }
        self.submit();
        shell::remember_size(ui.ctx(), &mut self.state.settings);
        shell::remember_place(ui.ctx(), &mut self.state.settings);
    }
}
