//! What open monitor windows cost a server when nothing happens: their whole core, without the drawing, each on
//! connections of its own. `cargo bench -p tillwatch-monitor --bench polls [-- WINDOWS]` prints a table. The server is
//! this program again, in a process of its own, so that its share of the processor is known (Linux).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Parser as _;
use tillwatch_desk::link::Link;
use tillwatch_desk::settings::Settings;
use tillwatch_desk::{clock, sign_in};
use tillwatch_monitor::app::App;
use tillwatch_monitor::input::{Effect, Input};
use tillwatch_monitor::job;
use tillwatch_monitor::state::State;
use tillwatch_monitor::update;
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings as ServerSettings};
use tillwatch_server::run;
use tokio::task::{JoinError, JoinSet, LocalSet};
use tokio::time::timeout;

type Failure = Box<dyn Error>;

/// A manager of the demonstration.
const MANAGER: [(sign_in::Place, &str); 2] =
    [(sign_in::Place::Username, "lucas"), (sign_in::Place::Password, "1234")];
/// How long signing in may take.
const PATIENCE: Duration = Duration::from_mins(1);
const SETTLE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_secs(5);
const POLLS: u32 = 6;
/// No window draws more often.
const FRAME: Duration = Duration::from_millis(30);

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if args.first().is_some_and(|argument| argument == "serve") {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        return runtime.block_on(serve(&args));
    }
    let most = args.iter().find_map(|argument| argument.parse().ok()).unwrap_or(500);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for windows in [1, most] {
        let server = Server::start()?;
        LocalSet::new().block_on(&runtime, many(&server, windows))?;
        server.stop()?;
    }
    Ok(())
}

/// The server, until nobody holds its standard input.
async fn serve(args: &[String]) -> Result<(), Failure> {
    let line = Line::try_parse_from(args)?;
    let dir = line.serve.data_dir.clone().ok_or("no directory")?;
    let settings = ServerSettings::new(&line.serve, dir)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let running = run::serve(listener, settings, Clock::system(), None).await?;
    writeln!(std::io::stdout(), "{}", running.url())?;
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(running.stop().await?)
}

struct Server {
    child: Child,
    dir: PathBuf,
    url: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("polls");
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--demo", "--data-dir"])
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut url)?;
        Ok(Self { child, dir, url: url.trim().to_owned() })
    }

    /// Processor time so far: user and system ticks of a hundredth of a second.
    fn processor(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, rest) = stat.rsplit_once(')').ok_or("stat")?;
        let ticks =
            rest.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        self.child.wait()?;
        Ok(std::fs::remove_dir_all(&self.dir)?)
    }
}

/// Bytes that went over the loopback so far, headers of all layers included.
fn loopback() -> Result<u64, Failure> {
    let table = std::fs::read_to_string("/proc/net/dev")?;
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:")).ok_or("no loopback")?;
    Ok(line.split_whitespace().next().ok_or("no bytes")?.parse()?)
}

/// How often what was asked, by the name of the effect, and how long the answers took.
#[derive(Default)]
struct Asked {
    kinds: BTreeMap<String, u32>,
    times: Vec<Duration>,
}

async fn many(server: &Server, windows: u32) -> Result<(), Failure> {
    let asked = Rc::new(RefCell::new(Asked::default()));
    let mut living = JoinSet::new();
    for _ in 0..windows {
        let mut window = Window::new(&server.url, Rc::clone(&asked));
        window.sign_in().await?;
        living.spawn_local(async move {
            loop {
                window.turn().await;
            }
        });
    }
    tokio::time::sleep(SETTLE).await;
    let (before, bytes, begun) = (server.processor()?, loopback()?, Instant::now());
    asked.take();
    tokio::time::sleep(POLL * POLLS).await;
    let used = server.processor()?.saturating_sub(before);
    let share = used.as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    let each = (loopback()? - bytes) / u64::from(windows * POLLS);
    let Asked { kinds, mut times } = asked.take();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let (half, most) = (at(50), at(99));
    let a_poll = used / (windows * POLLS);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| {windows} windows | {share:.1} % of one core, {a_poll:.0?} and {each} bytes both ways for all that a window asks \
         in {POLL:?}; p50 {half:.1?}, p99 {most:.1?} |"
    )?;
    for (kind, times) in kinds {
        writeln!(out, "    {kind}: {times}")?;
    }
    Ok(())
}

/// A window without its drawing.
struct Window {
    app: App,
    link: Rc<Link>,
    asking: JoinSet<(Option<Input>, Duration)>,
    asked: Rc<RefCell<Asked>>,
}

impl Window {
    fn new(url: &str, asked: Rc<RefCell<Asked>>) -> Self {
        let sign_in = sign_in::State::new(url.to_owned(), None, "monitor".to_owned());
        let app = App::new(State::new(Settings::default(), sign_in), clock::system, None);
        Self { app, link: Rc::new(Link::new("bench")), asking: JoinSet::new(), asked }
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        let begun = Instant::now();
        while self.app.state.sign_in.server.value().is_none() {
            self.turn().await;
            if begun.elapsed() > PATIENCE {
                return Err("the server does not answer".into());
            }
        }
        for (place, text) in MANAGER {
            self.app.take(Input::SignIn(sign_in::Input::Text(place, text.to_owned())));
        }
        self.app.take(Input::SignIn(sign_in::Input::Submit));
        while self.app.state.feed.seq.is_none() {
            self.turn().await;
            if begun.elapsed() > PATIENCE {
                return Err("nobody is let in".into());
            }
        }
        Ok(())
    }

    /// Asks what is due, and takes the next answer or the next wake.
    async fn turn(&mut self) {
        self.app.take(Input::Tick);
        self.app.asks.clear();
        for effect in std::mem::take(&mut self.app.pending) {
            self.ask(effect.what);
        }
        let wake = u64::try_from(update::next_wake(&self.app.state, clock::system())).unwrap_or_default();
        let wake = Duration::from_micros(wake).max(FRAME);
        if let Ok(Some(Ok((input, took)))) = timeout(wake, self.next()).await {
            self.asked.borrow_mut().times.push(took);
            if let Some(input) = input {
                self.app.take(input);
            }
        }
    }

    /// The next answer; never, where none is waited for.
    async fn next(&mut self) -> Option<Result<(Option<Input>, Duration), JoinError>> {
        if self.asking.is_empty() {
            std::future::pending::<()>().await;
        }
        self.asking.join_next().await
    }

    fn ask(&mut self, effect: Effect) {
        let name = format!("{effect:?}");
        let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
        *self.asked.borrow_mut().kinds.entry(name).or_default() += 1;
        let link = Rc::clone(&self.link);
        self.asking.spawn_local(async move {
            let begun = Instant::now();
            let input = if let Effect::SignIn(effect) = effect {
                let happened = |event| Input::SignIn(sign_in::Input::Happened(event));
                sign_in::run(&link, effect).await.map(happened)
            } else {
                job::ask(link.client(), effect).await.map(Input::Answer)
            };
            (input, begun.elapsed())
        });
    }
}
