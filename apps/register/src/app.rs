//! Ties state, decisions, screen and worker to the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::{App, CreationContext, Frame};
use egui::{Context, ViewportCommand};
use tillwatch_desk::clock::{self, Clock, Moment};
use tillwatch_desk::settings::SettingsFile;
use tillwatch_desk::shell::{self, NoWindow, Window};
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Lang, Theme, tokens};

use crate::args::Args;
use crate::input::{Effect, Event, Input};
use crate::job::{POLL_EVERY, Register};
use crate::state::State;
use crate::texts::Text;
use crate::till_file::{TillFile, TillFileError};
use crate::{ui, update};

/// For the desktop, and the name of the settings file.
const APP_ID: &str = "tillwatch-register";

/// Opens the window and returns when it is closed.
pub fn run(args: &Args) -> Result<(), NotStarted> {
    shell::start_log();
    let file = SettingsFile::new(args.config_dir.as_deref(), "register");
    let settings = file.load();
    let title = format!("Tillwatch · {}", Text::Program.get(settings.lang));
    let opened = till_dir(args).ok_or(NotStarted::NoFolder).and_then(|folder| {
        let till = TillFile::open(&folder)?;
        let kept = till.kept()?;
        Ok((Arc::new(till), kept))
    });
    let (till, kept) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            shell::last_word(&title, &error.words(settings.lang));
            return Err(error);
        }
    };
    let window = Window { app_id: APP_ID, title: &title, theme: Theme::Light, settings: &settings };
    shell::run(window, |creation| {
        let server = args.server.clone();
        let state = State::new(settings.clone(), server, device(), kept.clone(), clock::system());
        RegisterApp::new(creation, state, Arc::clone(&till), file.clone(), clock::system)
    })?;
    Ok(())
}

/// Why the register did not open.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    #[error("this user has no folder for data: name one with --till-dir")]
    NoFolder,
    #[error(transparent)]
    Till(#[from] TillFileError),
    #[error(transparent)]
    NoWindow(#[from] NoWindow),
}

impl NotStarted {
    fn words(&self, lang: Lang) -> String {
        let hint = match self {
            Self::Till(TillFileError::InUse { .. }) => Text::TillInUse,
            Self::Till(TillFileError::Newer { .. }) => Text::TillNewer,
            Self::NoFolder | Self::Till(_) | Self::NoWindow(_) => Text::TillBroken,
        };
        format!("{}\n\n{self}", hint.get(lang))
    }
}

fn till_dir(args: &Args) -> Option<PathBuf> {
    let own = || directories::ProjectDirs::from("", "", "tillwatch").map(|d| d.data_dir().join("till"));
    args.till_dir.clone().or_else(own)
}

/// How this program and machine call themselves in the list of sessions.
fn device() -> String {
    format!("register {}", std::env::consts::OS)
}

#[derive(Debug)]
pub struct RegisterApp {
    state: State,
    /// Absent when the machine cannot start a thread; then nothing can be sent, and the window says so.
    worker: Option<Worker<Effect, Event>>,
    file: SettingsFile,
    clock: Clock,
    /// The last frame asked for another at once.
    goes_on: bool,
}

impl RegisterApp {
    fn new(
        creation: &CreationContext<'_>,
        state: State,
        till: Arc<TillFile>,
        file: SettingsFile,
        clock: Clock,
    ) -> Self {
        let job = Register::new(till, POLL_EVERY).remembering(file.beside("servers"));
        let worker = Worker::start(&creation.egui_ctx, job);
        if let Err(error) = &worker {
            tracing::error!(%error, "no worker");
        }
        let mut app = Self { state, worker: worker.ok(), file, clock, goes_on: false };
        app.take(&creation.egui_ctx, [Input::Start]);
        app
    }

    fn take(&mut self, ctx: &Context, inputs: impl IntoIterator<Item = Input>) {
        for input in inputs {
            for effect in update(&mut self.state, input, Moment::now(self.clock)) {
                self.run(ctx, effect);
            }
        }
    }

    fn run(&mut self, ctx: &Context, effect: Effect) {
        match effect {
            Effect::SaveSettings => {
                if let Err(error) = self.file.save(&self.state.settings) {
                    tracing::warn!(%error, "settings not saved");
                    let text = Text::SettingsNotSaved.get(self.state.lang());
                    self.state.toasts.problem(text);
                }
            }
            Effect::CloseWindow => {
                self.state.leaving = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            effect @ (Effect::SignIn(_)
            | Effect::People(_)
            | Effect::Load { .. }
            | Effect::Resume { .. }
            | Effect::Follow { .. }
            | Effect::Nudge
            | Effect::Rest
            | Effect::Pulse(_)
            | Effect::TellAbout(..)
            | Effect::Reconnect(_)
            | Effect::Remember(_)
            | Effect::Stock(_)
            | Effect::Keep(_)
            | Effect::Refuse(..)
            | Effect::Forget(_)
            | Effect::Sold(_)
            | Effect::FindSale(_)
            | Effect::Receipts(_)
            | Effect::Cart(_)
            | Effect::Consent(_)
            | Effect::Debts(_)
            | Effect::DropCash(_)
            | Effect::EarlierClose(_)
            | Effect::Send(_)) => {
                self.submit(ctx, effect);
            }
        }
    }

    /// A full queue is an answer like a silent server: what was to be sent stays in the outbox.
    fn submit(&mut self, ctx: &Context, effect: Effect) {
        let refused = match &self.worker {
            Some(worker) => worker.submit(effect).err(),
            None => Some(effect),
        };
        if let Some(event) = refused.as_ref().and_then(Event::not_sent) {
            self.state.toasts.problem(Text::QueueFull.get(self.state.lang()));
            self.take(ctx, [Input::Happened(Box::new(event))]);
        }
    }

    fn dress(&self, ctx: &Context) {
        tokens::apply(ctx, self.state.theme());
        let zoom = self.state.settings.zoom_factor();
        if (ctx.zoom_factor() - zoom).abs() > 0.001 {
            ctx.set_zoom_factor(zoom);
        }
    }
}

impl App for RegisterApp {
    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        let until_this = std::mem::take(&mut self.goes_on).then(|| ctx.input(|input| input.unstable_dt));
        self.state.reader.last_frame_took(frame.info().cpu_usage, until_this);
        let events = self.worker.as_ref().map(Worker::drain).unwrap_or_default();
        self.take(ctx, events.into_iter().map(|event| Input::Happened(Box::new(event))));
        self.take(ctx, [Input::Tick]);
        if ctx.input(|input| input.viewport().close_requested())
            && !self.state.leaving
            && !self.state.outbox.is_empty()
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.take(ctx, [Input::AskClose]);
        }
        self.dress(ctx);
        let wait = self.state.next_wake().since(self.state.now).max(0);
        ctx.request_repaint_after(Duration::from_micros(wait.unsigned_abs()));
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        let started = Instant::now();
        let inputs = ui::ui(ui, &self.state);
        tracing::trace!(took = ?started.elapsed(), inputs = inputs.len(), "frame");
        if !inputs.is_empty() {
            let ctx = ui.ctx().clone();
            self.take(&ctx, inputs);
            // What was decided is on the screen at once.
            ctx.request_repaint();
            self.goes_on = true;
        }
        shell::remember_size(ui.ctx(), &mut self.state.settings);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Err(error) = self.file.save(&self.state.settings) {
            tracing::warn!(%error, "settings not saved");
        }
    }
}
