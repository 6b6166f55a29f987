//! The window: hands inputs to `update`, effects to the worker, and the state to `ui`.

use std::time::Duration;

use egui::{UserAttentionType, ViewportCommand};
use tillwatch_desk::clock::{Clock, Moment};
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{shell, tokens};

use crate::input::{Effect, Input};
use crate::job::Of;
use crate::state::State;
use crate::ui::event_log::EventLog;
use crate::{layout, ui, update};

/// What the window needs of a worker. Without one, effects are kept for whoever drives the app.
pub type MonitorWorker = Worker<Of<Vec<Effect>>, Of<Vec<Input>>>;

#[derive(Debug)]
pub struct App {
    pub state: State,
    clock: Clock,
    worker: Option<MonitorWorker>,
    /// Effects that are not yet handed over, or that nobody does.
    pub pending: Vec<Of<Effect>>,
    /// Where the rows that are drawn are noted, if they are to be.
    pub event_log: Option<EventLog>,
    /// The window is as large as the screen, which stays on.
    on_wall: bool,
}

impl App {
    pub fn new(state: State, clock: Clock, worker: Option<MonitorWorker>) -> Self {
        let mut app = Self { state, clock, worker, pending: Vec::new(), event_log: None, on_wall: false };
        app.take(Input::SignIn(tillwatch_desk::sign_in::Input::Open));
        app
    }

    /// Takes one input; what it leads to gathers in `pending`.
    pub fn take(&mut self, input: Input) {
        let effects = update::update(&mut self.state, input, Moment::now(self.clock));
        let epoch = self.state.epoch;
        self.pending.extend(effects.into_iter().map(|what| Of { epoch, what }));
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
        tokens::apply(ctx, self.state.theme());
        let zoom = self.state.settings.zoom_factor();
        if (ctx.zoom_factor() - zoom).abs() > 1e-3 {
            ctx.set_zoom_factor(zoom);
        }
        let wake = update::next_wake(&self.state, (self.clock)());
        let wake = Duration::from_micros(u64::try_from(wake).unwrap_or_default());
        ctx.request_repaint_after(wake.max(Duration::from_millis(30)));
    }

    /// Makes the window what the state says: as large as the screen on the wall, and calling for a look while
    /// somebody is called.
    fn follow(&mut self, ctx: &egui::Context) {
        let on_wall = self.state.wall.is_some();
        if on_wall != self.on_wall {
            self.on_wall = on_wall;
            ctx.send_viewport_cmd(ViewportCommand::Fullscreen(on_wall));
            self.pending.push(Of { epoch: self.state.epoch, what: Effect::StayAwake(on_wall) });
        }
        if self.pending.iter().any(|effect| matches!(effect.what, Effect::Call(_))) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(UserAttentionType::Critical));
        }
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
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.step(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        layout::remember(&mut self.state);
        let settings = self.state.settings.clone();
        let epoch = self.state.epoch;
        if let Some(worker) = &self.worker {
            // Full or gone: the size is forgotten this once.
            let _ = worker.submit(Of { epoch, what: vec![Effect::Save(settings)] });
        }
    }
}
