//! A real server, and a monitor with its worker that is drawn without a window.

use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use clap::Parser;
use egui::{MissingGlyphPolicy, RawInput, Rect, Shape, pos2, vec2};
use tillwatch_desk::link::Link;
use tillwatch_desk::settings::{Settings, SettingsFile};
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Theme, shell, sign_in};
use tillwatch_monitor::app::App;
use tillwatch_monitor::forms::{About, Form, FormAct, Part, Step};
use tillwatch_monitor::input::{Input, User};
use tillwatch_monitor::job::MonitorJob;
use tillwatch_monitor::lists::{Asking, Filter, List, ListAct, Row, Topic};
use tillwatch_monitor::samples::NOW;
use tillwatch_monitor::samples::stage::{advance, clock};
use tillwatch_monitor::state::State;
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings as ServerSettings};
use tillwatch_server::run::{self, Running};
use tillwatch_shared::time::SECOND;

/// How long something may take to come.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a tick waits for an answer.
const ANSWER: Duration = Duration::from_millis(500);
/// A manager of the demonstration.
pub const MANAGER: &str = "56789012345";

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

pub async fn server(directory: &Path) -> Running {
    server_at(directory, Clock::manual(NOW)).await
}

/// One with this clock.
pub async fn server_at(directory: &Path, clock: Clock) -> Running {
    let line = Line::parse_from(["tillwatch-server", "--demo"]);
    let settings = ServerSettings::new(&line.serve, directory.to_owned()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    run::serve(listener, settings, clock, None).await.unwrap()
}

pub struct Desk {
    pub app: App,
    ctx: egui::Context,
    answers: Receiver<()>,
    /// What the newest frame shows.
    words: Vec<String>,
}

impl Desk {
    pub fn new(address: &str, folder: &Path) -> Self {
        let ctx = egui::Context::default();
        let (sender, answers) = sync_channel(1);
        ctx.set_request_repaint_callback(move |_| {
            let _ = sender.try_send(());
        });
        let file = SettingsFile::new(Some(folder), "monitor");
        let job = MonitorJob::new(Link::new("test"), file, folder.to_owned());
        let worker = Worker::start(&ctx, job).unwrap();
        let settings = &Settings { zoom: 100, ..Settings::default() };
        shell::dress(&ctx, shell::Window { app_id: "test", title: "test", theme: Theme::Dark, settings });
        // No font has every script that a server may send.
        ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
        let sign_in = sign_in::State::new(address.to_owned(), None, "monitor".to_owned());
        let app = App::new(State::new(settings.clone(), sign_in), clock, Some(worker));
        Self { app, ctx, answers, words: Vec::new() }
    }

    pub fn act(&mut self, user: User) {
        self.app.take(Input::User(user));
    }

    fn form(&mut self, act: FormAct) {
        self.act(User::Form(act));
    }

    /// A frame, as the window draws it: only after it the next event asks for a repaint.
    pub fn frame(&mut self) {
        fn texts(shape: Shape, found: &mut Vec<String>) {
            if let Shape::Text(text) = shape {
                found.push(text.galley.text().to_owned());
            } else if let Shape::Vec(shapes) = shape {
                for shape in shapes {
                    texts(shape, found);
                }
            }
        }
        self.app.step(&self.ctx);
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1366.0, 768.0)));
        let input = RawInput { screen_rect, ..RawInput::default() };
        let mut output = self.ctx.run_ui(input, |ui| self.app.draw(ui));
        self.words.clear();
        for clipped in std::mem::take(&mut output.shapes) {
            texts(clipped.shape, &mut self.words);
        }
        output.drop_without_applying_deltas();
    }

    /// What the window shows now, word after word.
    pub fn says(&mut self) -> String {
        // What is new is measured in its first frame.
        self.frame();
        self.frame();
        self.words.join(" | ")
    }

    pub fn must_say(&mut self, words: &str, when: &str) {
        let said = self.says();
        assert!(said.contains(words), "{when}: no “{words}” in: {said}");
    }

    /// Lets time pass until `done`.
    pub fn wait(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            self.app.step(&self.ctx);
            if done(&self.app.state) {
                return;
            }
            self.frame();
            let quiet = self.answers.recv_timeout(ANSWER).is_err();
            advance(if quiet { 5 * SECOND } else { SECOND / 50 });
        }
        let form = self.app.state.form.as_ref();
        let said: Vec<&str> = self.app.state.toasts.texts().collect();
        let failure = &self.app.state.feed.failure;
        panic!(
            "{what} never came: {said:?}, {failure:?}, {:?}",
            form.map(|form| (&form.failure, form.wrong()))
        );
    }

    pub fn sign_in(&mut self) {
        self.wait("the server", |state| state.sign_in.server.value().is_some());
        for (place, text) in [(sign_in::Place::Username, MANAGER), (sign_in::Place::Password, "1234")] {
            self.app.take(Input::SignIn(sign_in::Input::Text(place, text.to_owned())));
        }
        self.app.take(Input::SignIn(sign_in::Input::Submit));
        self.wait("the session", |state| state.signed_in.is_some() && state.feed.seq.is_some());
    }

    /// The topic's rows, read anew.
    pub fn rows(&mut self, topic: Topic) -> Vec<Row> {
        let before = self.app.state.lists.get(topic).map_or(0, |list| list.ticket);
        self.act(User::List(ListAct::Show(topic, Filter::default())));
        self.wait(&format!("{topic:?}"), |state| {
            let read = |list: &List| {
                list.ticket > before && list.fetched_at.is_some() && list.asking == Asking::Nothing
            };
            state.lists.get(topic).is_some_and(read)
        });
        let list = self.app.state.lists.get(topic).unwrap();
        assert_eq!(list.failure, None, "{topic:?}");
        list.rows().to_vec()
    }

    /// Fills in a form and sends it.
    pub fn fill(&mut self, topic: Topic, about: About, values: &[(Part, &str)]) {
        let what = format!("{about:?}");
        self.rows(topic);
        self.form(FormAct::Open(about));
        for (part, value) in values {
            self.form(FormAct::Set(*part, (*value).to_owned()));
        }
        if !self.app.state.form.as_ref().is_some_and(Form::is_danger) {
            self.form(FormAct::Go);
        }
        let step = self.app.state.form.as_ref().map(|form| (form.step, form.wrong()));
        assert_eq!(step, Some((Step::Reviewing, None)), "{what}");
        // Saving a rule waits for its rehearsal.
        self.wait("the rehearsal", |state| {
            state.form.as_ref().is_none_or(|form| !form.rehearsal.is_loading())
        });
        self.form(FormAct::Go);
        self.wait(&what, |state| state.form.as_ref().is_none_or(|form| form.secret.is_some()));
        self.form(FormAct::Close);
    }
}
