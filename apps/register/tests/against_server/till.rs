//! A register without a window, whose clock the test moves, and its server.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use clap::Parser;
use rusqlite::Connection;
use tempfile::TempDir;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Theme, sign_in, tokens};
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::job::Register;
use tillwatch_register::state::Screen;
use tillwatch_register::state::carts::{CartInput, Field};
use tillwatch_register::state::catalogue::Item;
use tillwatch_register::state::forms::Part;
use tillwatch_register::till_file::TillFile;
use tillwatch_register::{State, update};
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings as ServerSettings};
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::open;
use tillwatch_server::run::{self, Running};
use tillwatch_shared::api::{PaymentMethod, SignIn, TerminalAbout};
use tillwatch_shared::client::{Client, ClientOptions};
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, Quantity, UtcMicros};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long something may take to come.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a tick waits for an answer.
const ANSWER: Duration = Duration::from_secs(2);

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

/// A shop's server, which comes and goes with all that it knows, always at the same address.
pub(crate) struct Shop {
    pub(crate) directory: TempDir,
    address: Option<SocketAddr>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), address: None }
    }

    /// The server is there for as long as this takes.
    pub(crate) async fn served<T: Send + 'static>(
        &mut self,
        task: impl FnOnce(SocketAddr) -> T + Send + 'static,
    ) -> T {
        let address = self.address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = server(self.directory.path(), address).await;
        let address = *self.address.insert(server.address);
        let outcome = alone(move || task(address)).await;
        server.stop().await.unwrap();
        outcome
    }

    /// A till at which `admin` has signed up, and which is on its own now.
    pub(crate) async fn left_alone(&mut self) -> Till {
        self.served(|address| {
            let mut till = Till::new(address);
            till.sign_up("admin");
            till
        })
        .await
    }

    pub(crate) fn ledger(&self) -> Connection {
        open::reader(&self.directory.path().join(LEDGER_FILE)).unwrap()
    }
}

/// Without the server.
pub(crate) async fn alone<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(task).await.unwrap()
}

async fn server(directory: &Path, address: SocketAddr) -> Running {
    let line = Line::parse_from(["tillwatch-server", "--demo"]);
    let settings = ServerSettings::new(&line.serve, directory.to_owned()).unwrap();
    let clock = Clock::manual("2026-06-15T15:00:00Z".parse().unwrap());
    run::serve(TcpListener::bind(address).unwrap(), settings, clock, None).await.unwrap()
}

/// How far the clock moves with each answer, so that the till does not lose its patience with them; where
/// nothing comes it moves five seconds.
const STEP: i64 = SECOND / 50;

/// A register with a clock of its own.
pub(crate) struct Till {
    pub(crate) state: State,
    address: SocketAddr,
    worker: Worker<Effect, Event>,
    ctx: egui::Context,
    answers: Receiver<()>,
    pub(crate) now: UtcMicros,
    pub(crate) file: Arc<TillFile>,
    pub(crate) folder: TempDir,
}

impl Till {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::in_folder(address, tempfile::tempdir().unwrap())
    }

    pub(crate) fn in_folder(address: SocketAddr, folder: TempDir) -> Self {
        let file = Arc::new(TillFile::open(folder.path()).unwrap());
        let kept = file.kept().unwrap();
        let ctx = egui::Context::default();
        let (sender, answers) = sync_channel(1);
        ctx.set_request_repaint_callback(move |_| {
            let _ = sender.try_send(());
        });
        let worker =
            Worker::start(&ctx, Register::new(Arc::clone(&file), Duration::from_millis(50))).unwrap();
        let now: UtcMicros = "2026-06-15T15:00:00Z".parse().unwrap();
        let server = Some(format!("http://{address}"));
        let state = State::new(Settings::default(), server, "test".to_owned(), kept, now);
        tokens::install(&ctx, Theme::Light);
        let mut till = Self { state, address, worker, ctx, answers, now, file, folder };
        till.act(Input::Start);
        till
    }

    /// The machine starts again.
    pub(crate) fn restarted(self) -> Self {
        Self::in_folder(self.address, self.die())
    }

    /// The machine starts again while the server is gone, and `admin` signs in to this till alone.
    pub(crate) fn restarted_alone(self) -> Self {
        let mut till = self.restarted();
        till.wait("the silence", |state| state.sign_in.server.failure().is_some());
        till.words("admin", "1234");
        till.wait("the stores", |state| state.screen == Screen::ChooseStore);
        till.act(Input::ChooseStore(0));
        till
    }

    /// The program dies: all that is left is on the disk.
    pub(crate) fn die(self) -> TempDir {
        let Self { worker, file, folder, .. } = self;
        drop(worker);
        let begun = Instant::now();
        while Arc::strong_count(&file) > 1 {
            assert!(begun.elapsed() < PATIENCE, "the worker's thread goes on");
            std::thread::yield_now();
        }
        folder
    }

    /// Waits until the till's file holds what it is to hold.
    pub(crate) fn on_disk(&self, what: &str, done: impl Fn(&TillFile) -> bool) {
        let begun = Instant::now();
        while !done(&self.file) {
            assert!(begun.elapsed() < PATIENCE, "{what} never came to the disk");
            std::thread::yield_now();
        }
    }

    /// What the server's only terminal has told of itself, as a manager sees it.
    pub(crate) fn known_at_the_server(&self) -> TerminalAbout {
        let servers = vec![format!("http://{}", self.address)];
        let client = Client::new(&ClientOptions { servers, ..ClientOptions::default() }).unwrap();
        let sign_in =
            SignIn { username: "admin".to_owned(), password: "1234".to_owned(), device: None, till: None };
        let known = async {
            client.sign_in(CommandId::now(), &sign_in).await.unwrap();
            loop {
                let terminals = client.pulse_terminals().await.unwrap();
                assert_eq!(terminals.len(), 1);
                if let Some(about) = terminals.into_iter().find_map(|terminal| terminal.about) {
                    return about;
                }
            }
        };
        Handle::current().block_on(async { timeout(PATIENCE, known).await }).unwrap()
    }

    pub(crate) fn act(&mut self, input: Input) {
        for effect in update(&mut self.state, input, Moment { at: self.now, fresh: CommandId::now() }) {
            if !matches!(effect, Effect::SaveSettings | Effect::CloseWindow) {
                self.worker.submit(effect).unwrap();
            }
        }
    }

    pub(crate) fn typed(&mut self, part: Part, text: &str) {
        self.act(Input::Form(FormInput::Text(part, text.to_owned())));
    }

    /// Lets time pass until `done`.
    pub(crate) fn wait(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            for event in self.worker.drain() {
                self.act(Input::Happened(Box::new(event)));
            }
            if done(&self.state) {
                return;
            }
            self.act(Input::Tick);
            // A frame, as the window would draw: only after it the next event asks for a repaint.
            self.ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
            let quiet = self.answers.recv_timeout(ANSWER).is_err();
            self.now = self.now.plus(if quiet { 5 * SECOND } else { STEP });
        }
        panic!("{what} never came; the feed is at {:?}, the outbox {:?}", self.state.feed, self.state.outbox);
    }

    pub(crate) fn sign_up(&mut self, username: &str) {
        self.wait("the server", |state| state.sign_in.server.value().is_some());
        self.act(Input::SignIn(sign_in::Input::Mode(sign_in::Mode::SignUp)));
        self.enter(username);
    }

    pub(crate) fn sign_in(&mut self, username: &str) {
        self.wait("the server", |state| state.sign_in.server.value().is_some());
        self.enter(username);
    }

    pub(crate) fn words(&mut self, username: &str, password: &str) {
        self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Username, username.to_owned())));
        self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Password, password.to_owned())));
        self.act(Input::SignIn(sign_in::Input::Submit));
    }

    pub(crate) fn enter(&mut self, username: &str) {
        self.words(username, "1234");
        self.wait("the session", |state| state.screen == Screen::ChooseStore);
        self.act(Input::ChooseStore(0));
        self.wait("the catalogue", |state| state.feed.after.is_some());
    }

    pub(crate) fn add(&mut self, line: &str) {
        self.act(Input::Search(line.to_owned()));
        self.act(Input::EnterLine);
    }

    pub(crate) fn in_cart(&mut self, field: Field, text: &str) {
        self.act(Input::Cart(CartInput::Text(field, text.to_owned())));
    }

    /// Takes the exact amount in cash.
    pub(crate) fn pay(&mut self) {
        self.act(Input::OpenPay);
        self.act(Input::PayMethod(PaymentMethod::Cash));
        self.act(Input::Submit);
    }
}

pub(crate) fn item<'a>(state: &'a State, name: &str) -> Option<&'a Item> {
    let hits = state.catalogue.search(name);
    hits.first().and_then(|id| state.catalogue.get(*id))
}

pub(crate) fn balance(state: &State, name: &str) -> Option<Quantity> {
    item(state, name).and_then(|item| item.balance)
}
