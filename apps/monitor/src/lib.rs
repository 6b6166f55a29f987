//! The monitor window: what was sold and received, by whom, where; what every sensor measures; what needs
//! a person now. `state` is plain data, `update` decides, `ui` draws, `job` talks to the server.

pub mod alarm_texts;
pub mod app;
pub mod asking;
mod asking_texts;
pub mod calls;
pub mod calls_texts;
mod chart_texts;
pub mod charts;
pub mod compare;
pub mod compare_texts;
pub mod day;
pub mod export;
pub mod feed_new;
pub mod feed_texts;
pub mod feeds;
pub mod forms;
pub mod frames;
pub mod import;
pub mod import_texts;
pub mod input;
pub mod job;
pub mod keeping;
pub mod keeping_texts;
pub mod layout;
pub mod lists;
pub mod lists_texts;
pub mod livelog;
pub mod log_texts;
pub mod manage_texts;
pub mod notice;
pub mod paper_texts;
pub mod papers;
pub mod past;
pub mod program;
pub mod report_texts;
pub mod reports;
pub mod samples;
pub mod saving;
pub mod saving_texts;
pub mod sensor_notes;
mod sensor_notes_texts;
pub mod sensor_view;
mod sensor_view_texts;
pub mod servers;
pub mod servers_texts;
mod sheet_texts;
pub mod sheets;
pub mod state;
pub mod stock;
pub mod stock_texts;
pub mod terminal_texts;
pub mod terminals;
pub mod texts;
pub mod ui;
pub mod update;
pub mod wall;
pub mod windows;
pub mod windows_texts;

use std::path::Path;
use std::process::ExitCode;

use tillwatch_desk::link::{DEFAULT_SERVER, Link};
use tillwatch_desk::settings::{Settings, SettingsFile};
use tillwatch_desk::shell::{self, Window};
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Theme, clock, sign_in};

use crate::app::App;
use crate::job::MonitorJob;
use crate::program::Program;
use crate::state::State;
use crate::texts::Text;
use crate::ui::event_log::EventLog;

const APP_ID: &str = "tillwatch-monitor";
/// Of the first window; the others have their number behind it.
const TITLE: &str = "Tillwatch · Monitor";

/// Opens the window and stays until it is closed.
pub fn run(server: Option<&str>, config_dir: Option<&Path>, event_log: Option<&Path>) -> ExitCode {
    shell::start_log();
    let file = SettingsFile::new(config_dir, "monitor");
    let settings = file.load();
    let window = Window { app_id: APP_ID, title: TITLE, theme: Theme::Dark, settings: &settings };
    let opened = shell::run(window, |creation| {
        let job = MonitorJob::new(Link::new(APP_ID), file.clone(), export::folder());
        let worker = Worker::start(&creation.egui_ctx, job)
            .inspect_err(|error| tracing::error!(%error, "the worker could not start"))
            .ok();
        let mut app = App::new(first_state(settings.clone(), server), clock::system, worker);
        app.event_log = event_log.and_then(|path| {
            EventLog::open(path)
                .inspect_err(|error| tracing::error!(%error, "the event log cannot be opened"))
                .ok()
        });
        Program::new(app, file.clone(), shell::screens(creation))
    });
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn first_state(settings: Settings, server: Option<&str>) -> State {
    let address = server
        .map(str::to_owned)
        .or_else(|| settings.server.clone())
        .unwrap_or_else(|| DEFAULT_SERVER.to_owned());
    let device = Text::Monitor.get(settings.lang).to_lowercase();
    let sign_in = sign_in::State::new(address, settings.username.clone(), device);
    State::new(settings, sign_in)
}
