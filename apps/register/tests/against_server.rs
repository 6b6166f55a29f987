//! The whole register but its window, against a real server in this process.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as the tests do")]

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use clap::Parser;
use tempfile::TempDir;
use tillwatch_desk::clock::Moment;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::sign_in;
use tillwatch_desk::worker::Worker;
use tillwatch_desk::{Theme, tokens};
use tillwatch_register::input::{Effect, Event, FormInput, Input};
use tillwatch_register::job::Register;
use tillwatch_register::state::catalogue::Item;
use tillwatch_register::state::forms::Part;
use tillwatch_register::state::pulse::Beating;
use tillwatch_register::state::{Kept, Screen};
use tillwatch_register::till_file::TillFile;
use tillwatch_register::{State, update};
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings as ServerSettings};
use tillwatch_server::run::{self, Running};
use tillwatch_shared::api::PaymentMethod;
use tillwatch_shared::time::SECOND;
use tillwatch_shared::{CommandId, Quantity, UtcMicros};

/// How long something may take to come.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a tick waits for an answer.
const ANSWER: Duration = Duration::from_secs(2);

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

async fn server(directory: &Path, address: &str) -> Running {
    let line = Line::parse_from(["tillwatch-server", "--demo"]);
    let settings = ServerSettings::new(&line.serve, directory.to_owned()).unwrap();
    let clock = Clock::manual("2026-06-15T15:00:00Z".parse().unwrap());
    run::serve(TcpListener::bind(address).unwrap(), settings, clock, None).await.unwrap()
}

/// How far the clock moves with each answer, so that the till does not lose its patience with them; where
/// nothing comes it moves five seconds.
const STEP: i64 = SECOND / 50;

/// A register with a clock of its own.
struct Till {
    state: State,
    worker: Worker<Effect, Event>,
    ctx: egui::Context,
    answers: Receiver<()>,
    now: UtcMicros,
    file: Arc<TillFile>,
    folder: TempDir,
}

impl Till {
    fn new(address: SocketAddr) -> Self {
        Self::in_folder(address, tempfile::tempdir().unwrap())
    }

    fn in_folder(address: SocketAddr, folder: TempDir) -> Self {
        let file = Arc::new(TillFile::open(folder.path()).unwrap());
        let kept = Kept { parcels: file.parcels().unwrap(), goods: file.goods().unwrap() };
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
        let mut till = Self { state, worker, ctx, answers, now, file, folder };
        till.act(Input::Start);
        till
    }

    /// The program dies: all that is left is on the disk.
    fn die(self) -> TempDir {
        let Self { worker, file, folder, .. } = self;
        drop(worker);
        let begun = Instant::now();
        while Arc::strong_count(&file) > 1 {
            assert!(begun.elapsed() < PATIENCE, "the worker's thread goes on");
            std::thread::yield_now();
        }
        folder
    }

    fn act(&mut self, input: Input) {
        for effect in update(&mut self.state, input, Moment { at: self.now, fresh: CommandId::now() }) {
            if !matches!(effect, Effect::SaveSettings | Effect::CloseWindow) {
                self.worker.submit(effect).unwrap();
            }
        }
    }

    fn typed(&mut self, part: Part, text: &str) {
        self.act(Input::Form(FormInput::Text(part, text.to_owned())));
    }

    /// Lets time pass until `done`.
    fn wait(&mut self, what: &str, done: impl Fn(&State) -> bool) {
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

    fn sign_up(&mut self, username: &str) {
        self.wait("the server", |state| state.sign_in.server.value().is_some());
        self.act(Input::SignIn(sign_in::Input::Mode(sign_in::Mode::SignUp)));
        self.enter(username);
    }

    fn sign_in(&mut self, username: &str) {
        self.wait("the server", |state| state.sign_in.server.value().is_some());
        self.enter(username);
    }

    fn words(&mut self, username: &str, password: &str) {
        self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Username, username.to_owned())));
        self.act(Input::SignIn(sign_in::Input::Text(sign_in::Place::Password, password.to_owned())));
        self.act(Input::SignIn(sign_in::Input::Submit));
    }

    fn enter(&mut self, username: &str) {
        self.words(username, "1234");
        self.wait("the session", |state| state.screen == Screen::ChooseStore);
        self.act(Input::ChooseStore(0));
        self.wait("the catalogue", |state| state.feed.after.is_some());
    }

    fn add(&mut self, line: &str) {
        self.act(Input::Search(line.to_owned()));
        self.act(Input::EnterLine);
    }

    /// Takes the exact amount in cash.
    fn pay(&mut self) {
        self.act(Input::OpenPay);
        self.act(Input::PayMethod(PaymentMethod::Cash));
        self.act(Input::Submit);
    }
}

fn item<'a>(state: &'a State, name: &str) -> Option<&'a Item> {
    let hits = state.catalogue.search(name);
    hits.first().and_then(|id| state.catalogue.get(*id))
}

fn balance(state: &State, name: &str) -> Option<Quantity> {
    item(state, name).and_then(|item| item.balance)
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_product_to_the_first_sale_seen_at_two_tills() {
    let directory = tempfile::tempdir().unwrap();
    let server = server(directory.path(), "127.0.0.1:0").await;
    let address = server.address;
    tokio::task::spawn_blocking(move || {
        let mut first = Till::new(address);
        first.sign_up("admin");
        assert!(!first.state.catalogue.is_empty(), "the demonstration has products");
        assert!(
            first
                .state
                .catalogue
                .search("")
                .iter()
                .all(|id| { first.state.catalogue.get(*id).is_some_and(|item| item.balance.is_some()) })
        );
        let mut second = Till::new(address);
        second.sign_in("admin");

        // Both tills have the same name: the second one has the pulse, the first one says so.
        second.wait("the pulse", |state| {
            state.pulse.beat.beating == Beating::Online && state.pulse.beat.round_trip_micros.is_some()
        });
        first.wait("the other's pulse", |state| state.pulse.beat.beating == Beating::TakenOver);

        first.act(Input::OpenProduct);
        first.typed(Part::Name, "Parafuso 10mm");
        first.typed(Part::Price, "0,25");
        first.act(Input::Submit);
        first.wait("the product", |state| state.dialog.is_none() && state.outbox.is_empty());
        first.act(Input::OpenEntry);
        first.typed(Part::Quantity, "50");
        first.act(Input::Submit);
        first.wait("the entry", |state| state.outbox.is_empty());
        assert_eq!(balance(&first.state, "Parafuso 10mm"), Some(Quantity(50_000)));

        first.add("3*parafuso 10");
        first.pay();
        first.wait("the sale", |state| state.confirmation.is_some());
        assert!(first.state.cart.is_empty());
        first.wait("its movement", |state| balance(state, "parafuso") == Some(Quantity(47_000)));
        second
            .wait("the other till's movement", |state| balance(state, "parafuso") == Some(Quantity(47_000)));

        // The same name again is refused in words, and the form stays.
        second.act(Input::OpenProduct);
        second.typed(Part::Name, "PARAFUSO 10MM");
        second.act(Input::Submit);
        second.wait("the refusal", |state| state.outbox.is_empty());
        assert!(second.state.dialog.is_some());
    })
    .await
    .unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_while_the_server_is_gone_outlive_the_till_and_are_counted_once() {
    let directory = tempfile::tempdir().unwrap();
    let first = server(directory.path(), "127.0.0.1:0").await;
    let address = first.address;
    let task = tokio::task::spawn_blocking(move || {
        let mut till = Till::new(address);
        till.sign_up("admin");
        till
    });
    let mut till = task.await.unwrap();
    let rice = balance(&till.state, "arroz").unwrap();
    first.stop().await.unwrap();

    let task = tokio::task::spawn_blocking(move || {
        till.add("2*arroz");
        till.pay();
        till.wait("the sale on the disk", |state| state.confirmation.is_some());
        till.wait("the silence", |state| state.connection.is_offline());
        assert!(till.state.cart.is_empty(), "the next customer can be served");
        till.add("arroz");
        till.pay();
        till.wait("the second sale on the disk", |state| state.cart.is_empty());
        assert_eq!(till.state.outbox.unsent(), 2);

        // The machine starts again, and the server is still gone.
        let mut till = Till::in_folder(address, till.die());
        till.wait("the silence", |state| state.sign_in.server.failure().is_some());
        till.words("admin", "12345");
        till.wait("the refusal", |state| state.sign_in.failure.is_some());
        till.words("admin", "1234");
        till.wait("the stores", |state| state.screen == Screen::ChooseStore);
        till.act(Input::ChooseStore(0));
        till.add("arroz");
        till.pay();
        till.wait("the third sale on the disk", |state| state.cart.is_empty());
        assert_eq!(till.state.outbox.unsent(), 3);
        till
    });
    let mut till = task.await.unwrap();

    let second = server(directory.path(), &address.to_string()).await;
    tokio::task::spawn_blocking(move || {
        till.wait("the confirmation", |state| state.outbox.is_empty());
        let left = Quantity(rice.0 - 4000);
        till.wait("the movement", |state| balance(state, "arroz") == Some(left));
        // Once: another register that reads the balance afresh sees the same.
        let mut other = Till::new(address);
        other.sign_in("admin");
        assert_eq!(balance(&other.state, "arroz"), Some(left));
        till.wait("the link", |state| !state.connection.is_offline());
        let folder = till.die();
        assert_eq!(TillFile::open(folder.path()).unwrap().parcels().unwrap(), [], "and the disk knows");
    })
    .await
    .unwrap();
    second.stop().await.unwrap();
}
