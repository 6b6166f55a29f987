//! Puts a server together and runs it.

use std::any::Any;
use std::fs::{self, File, TryLockError};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

#[cfg(target_os = "linux")]
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
#[cfg(target_os = "linux")]
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use actix_web::{App as WebApp, HttpServer};
use metrics_exporter_prometheus::PrometheusHandle;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tillwatch_shared::CommandId;
use tokio::task::{JoinHandle, JoinSet};

use crate::alarms;
use crate::auth::keyring::Keyring;
use crate::auth::passwords::{PasswordError, Passwords};
use crate::auth::secret::{self, Secret};
use crate::auth::throttle::{self, Throttle};
use crate::auth::tokens::Tokens;
use crate::backups::Backups;
use crate::batteries::Batteries;
use crate::clock::Clock;
use crate::config::{AlarmsBy, Key, Settings};
use crate::domain::Payload;
use crate::feeds::{self, status::Board};
use crate::group::here::{Here, View};
use crate::group::{GroupError, history};
use crate::http::group::in_service;
use crate::http::kept_sheets::KeptSheets;
use crate::http::redirect::Redirect;
use crate::http::rehearsal::Rehearsals;
use crate::http::{App, headers, render, routes};
use crate::ledger::backup::{DEMO_MARK, LEDGER_FILE, SECRET_FILE};
use crate::ledger::{Ledger, OpenError, SubmitError, queries};
use crate::live::Live;
use crate::nightly::back_up_nightly;
use crate::pulse::{self, Pulse};
use crate::telemetry::{self, Place, Telemetry};
use crate::tls::{Tls, TlsError};
use crate::told::store::Beginning;
use crate::told::{self, Told};
use crate::{demo, reply, telemetry as sensor_history};

/// How long connections get to finish when the server stops.
const GRACE_SECONDS: u64 = 5;
/// How long an idle connection stays open: longer than the client keeps one, so that no request goes out
/// into a connection that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client gets to agree on TLS, on the slowest line.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes that one thread may have under way: more than somebody who begins them and falls silent keeps
/// open within [`HANDSHAKE`] at his ease, since while there are so many nobody else is let in.
const MOST_HANDSHAKES: usize = 10_000;
/// How often new readings are bound into the journal.
const SEAL_EVERY: Duration = Duration::from_mins(1);
const UPKEEP_EVERY: Duration = Duration::from_mins(1);
/// How often keys are looked at again at most, while the journal grows.
const KEYS_EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("another Tillwatch server uses {path}: stop it first, or give another --data-dir", path = path.display())]
    Locked { path: PathBuf },
    #[error(
        "{path} holds a shop's own data: --demo would open it to everybody. Give another --data-dir.",
        path = path.display()
    )]
    NotADemo { path: PathBuf },
    #[error(
        "{path} holds demonstration data, where every password is 1234. Start with --demo, or give another --data-dir.",
        path = path.display()
    )]
    OnlyADemo { path: PathBuf },
    #[error(transparent)]
    Ledger(#[from] OpenError),
    #[error(transparent)]
    Telemetry(#[from] sensor_history::OpenError),
    #[error(transparent)]
    Pulse(#[from] pulse::OpenError),
    #[error(transparent)]
    Told(#[from] told::TellError),
    #[error(transparent)]
    Query(#[from] rusqlite::Error),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("the group of servers: {0}")]
    Group(#[from] Box<GroupError>),
    #[error("HTTPS: {0}")]
    Tls(#[from] TlsError),
    #[error("--http-redirect {address}: {source}. Is another program using it?")]
    Redirect { address: SocketAddr, source: std::io::Error },
    #[error("the demonstration data could not be made: {0}")]
    Demo(SubmitError),
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub app: Data<App>,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    jobs: JoinSet<()>,
    certificates: Option<JoinHandle<()>>,
    /// Where people come who do not know of HTTPS.
    pub redirect: Option<Redirect>,
    group: Option<Here>,
    _lock: File,
}

/// Keeps a data directory from being used by two programs. Held until dropped.
pub fn lock(data_dir: &Path) -> Result<File, StartError> {
    let io = |source| StartError::Io { path: data_dir.to_owned(), source };
    fs::create_dir_all(data_dir).map_err(io)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_dir.join("server.lock"))
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked { path: data_dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Opens everything and starts to serve on this listener. Answers requests when this returns.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    clock: Clock,
    metrics: Option<PrometheusHandle>,
) -> Result<Running, StartError> {
    let lock = lock(&settings.data_dir)?;
    mark(&settings.data_dir, settings.demo)?;
    let (telemetry, member) = open_history(&settings, &clock)?;
    let (group, ledger) = match &settings.group {
        None => (None, Ledger::open(&settings.data_dir.join(LEDGER_FILE))?),
        Some(file) => {
            let opened = Here::open(file.clone(), &settings.data_dir, &clock, member).await;
            let (here, ledger) = opened.map_err(Box::new)?;
            (Some(here), ledger)
        }
    };
    let view = group.as_ref().map(|here| here.view.clone());
    let app = Data::new(open(settings, clock, metrics, telemetry, (ledger, view))?);
    // Once for all of a group.
    if app.settings.demo && app.group.as_ref().is_none_or(View::coordinates) {
        demo::fill(&app).await.map_err(StartError::Demo)?;
    }
    app.reload_keys()?;
    let io = |source| StartError::Io { path: app.settings.data_dir.clone(), source };
    let address = listener.local_addr().map_err(io)?;
    let (shared, silence) = (app.clone(), app.settings.live.ping);
    let server = HttpServer::new(move || {
        reply::gather_here();
        WebApp::new()
            .app_data(shared.live.gather_here())
            .wrap(from_fn(in_service))
            .wrap(from_fn(render::errors))
            .wrap(headers::everywhere(shared.tls.is_some()))
            .configure(routes(shared.clone()))
    })
    .workers(app.settings.workers)
    .shutdown_timeout(GRACE_SECONDS)
    .client_request_timeout(Duration::from_secs(10))
    // Who closes the connection waits for no answer: what is worked out for them is dropped.
    .h1_allow_half_closed(false)
    .keep_alive(KEEP_ALIVE)
    .tls_handshake_timeout(HANDSHAKE)
    .max_connection_rate(MOST_HANDSHAKES)
    .on_connect(move |connection, _| prepare(connection, silence))
    .disable_signals();
    let server = match &app.tls {
        None => server.listen(listener),
        Some(tls) => server.listen_rustls_0_23(listener, tls.server_config()?),
    };
    let server = server.map_err(io)?.run();
    let redirect = redirect(&app.settings, address)?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let mut jobs = JoinSet::new();
    jobs.spawn(tend_metrics(app.clone()));
    if app.settings.alarms_by == AlarmsBy::Server {
        jobs.spawn(alarms::watch_backups(app.clone()));
        jobs.spawn(back_up_nightly(app.clone()));
        // In a group each knows who was told, and the one that coordinates tells.
        jobs.spawn(told::run(app.clone()));
    }
    match &app.group {
        None => work(&app, &mut jobs),
        Some(group) => {
            jobs.spawn(work_while_coordinating(app.clone(), group.clone()));
            jobs.spawn(follow_keys(app.clone()));
        }
    }
    let certificates = app.tls.as_ref().map(|tls| tls.keep_fresh(&app.clock));
    Ok(Running { address, app, handle, serving, jobs, certificates, redirect, group, _lock: lock })
}

impl Running {
    /// Where to reach it: `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        let scheme = if self.app.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Waits until it can no longer do what it is there for, and says why. Whoever started it starts it again.
    pub async fn broken(&self) -> String {
        match &self.group {
            Some(here) => here.view.broken().await,
            None => std::future::pending().await,
        }
    }

    /// Finishes what was accepted, and closes the ledger and the sensor history.
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.app.feeds.stop();
        if let (Some(told), Some(_)) = (&self.app.told, &self.group) {
            // The next one that coordinates would tell it again.
            told.rest(Duration::from_secs(GRACE_SECONDS)).await;
        }
        self.jobs.abort_all();
        if let Some(certificates) = &self.certificates {
            certificates.abort();
        }
        if let Some(redirect) = self.redirect {
            redirect.stop().await?;
        }
        self.app.pulse.stop();
        self.app.live.close();
        self.handle.stop(true).await;
        let served = self.serving.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let app = self.app;
        if let Some(group) = self.group {
            group.stop(&app.ledger).await;
        }
        let closed = tokio::task::spawn_blocking(move || {
            app.pulse.close();
            app.telemetry.close();
            app.ledger.close();
        });
        closed.await.map_err(std::io::Error::other)?;
        served
    }
}

/// The sensor history, and its two ends where its readings go through a group's log.
fn open_history(
    settings: &Settings,
    clock: &Clock,
) -> Result<(Telemetry, Option<history::Parts>), StartError> {
    let (dir, options) = (&settings.data_dir, telemetry::Options::default());
    match (&settings.group, &settings.readings) {
        (Some(_), Place::Embedded { keep_days }) => {
            let (telemetry, asked, applier) = Telemetry::open_member(dir, *keep_days, options, clock)?;
            let parts = history::Parts { telemetry: telemetry.clone(), asked, applier };
            Ok((telemetry, Some(parts)))
        }
        (None, place) | (Some(_), place @ Place::Postgres(_)) => {
            Ok((Telemetry::open_at(dir, place, options, clock)?, None))
        }
    }
}

fn open(
    settings: Settings,
    clock: Clock,
    metrics: Option<PrometheusHandle>,
    telemetry: Telemetry,
    (ledger, group): (Ledger, Option<View>),
) -> Result<App, StartError> {
    let dir = settings.data_dir.clone();
    let secret_file = dir.join(SECRET_FILE);
    let secret = Secret::load_or_create(&secret_file)
        .map_err(|source| StartError::Io { path: secret_file, source })?;
    let tls = settings.tls.as_ref().map(|source| Tls::open(source, &dir, clock.now())).transpose()?;
    let pulse = Pulse::open(&dir, &clock)?;
    let live = Live::new(settings.live, settings.time_zone.clone(), &telemetry);
    let fresh = !settings.demo && !ledger.read(queries::people::anybody)?;
    let code = || secret::readable_code().map_err(|source| StartError::Io { path: dir.clone(), source });
    let setup_code = if fresh { Some(code()?) } else { None };
    let key = |key: &Option<Key>| key.as_ref().map(|key| key.0.clone());
    let somebody = !settings.told.first.is_empty() || !settings.told.second.is_empty();
    let told = if somebody {
        let open = group.as_ref().map(|_| ledger.read(queries::alarms::open_since)).transpose()?;
        let beginning = Beginning { tip: ledger.tip(), open };
        Some(Told::open(&dir, settings.told.clone(), &beginning)?)
    } else {
        None
    };
    let alarms = alarms::Board::default();
    alarms.listen_to(&telemetry);
    Ok(App {
        tokens: Tokens::new(&secret),
        passwords: Passwords::new()?,
        throttle: Throttle::new(throttle::PASSWORDS),
        pin_throttle: Throttle::new(throttle::PINS),
        keyring: Keyring::new(key(&settings.api_key).as_deref(), key(&settings.api_key_ws).as_deref()),
        setup_code: Mutex::new(setup_code),
        ledger,
        group,
        telemetry,
        pulse,
        live,
        clock,
        settings,
        feeds: Board::default(),
        alarms,
        batteries: Batteries::default(),
        rehearsals: Rehearsals::default(),
        kept_sheets: KeptSheets::default(),
        backups: Backups::default(),
        told,
        metrics,
        tls,
    })
}

/// Plain HTTP that leads to HTTPS at this address, where that was asked for.
fn redirect(settings: &Settings, https: SocketAddr) -> Result<Option<Redirect>, StartError> {
    let start = |address| {
        Redirect::start(address, settings.https_port.unwrap_or(https.port()))
            .map_err(|source| StartError::Redirect { address, source })
    };
    settings.http_redirect.map(start).transpose()
}

/// A peer that takes nothing of what was sent for so long, or is gone without a word, does not keep its connection.
/// What is sent leaves at once: the parts of a long answer would each wait until the one before is acknowledged.
fn prepare(connection: &dyn Any, silence: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = socket_of(connection) {
        let socket = SockRef::from(stream);
        let set = socket.set_tcp_nodelay(true).and_then(|()| socket.set_tcp_user_timeout(Some(silence)));
        if let Err(error) = set {
            tracing::debug!(%error, "this connection has no time limit for what is sent");
        }
    }
}

/// The socket below a plain connection, or below one with TLS.
#[cfg(target_os = "linux")]
fn socket_of(connection: &dyn Any) -> Option<&TcpStream> {
    let below_tls = || connection.downcast_ref::<TlsStream<TcpStream>>().map(|stream| stream.get_ref().0);
    connection.downcast_ref().or_else(below_tls)
}

/// A shop's data is never opened as a demonstration, nor a demonstration's as a shop.
fn mark(dir: &Path, demo: bool) -> Result<(), StartError> {
    let path = dir.to_owned();
    let mark = dir.join(DEMO_MARK);
    match (demo, mark.exists(), dir.join(LEDGER_FILE).exists()) {
        (true, false, true) => Err(StartError::NotADemo { path }),
        (false, true, _) => Err(StartError::OnlyADemo { path }),
        (true, false, false) => fs::write(&mark, "Every password here is 1234.\n")
            .map_err(|source| StartError::Io { path: mark, source }),
        (true, true, _) | (false, false, _) => Ok(()),
    }
}

/// What is done once: by a server alone, or by the one that coordinates.
fn work(app: &Data<App>, jobs: &mut JoinSet<()>) {
    feeds::start(app, jobs);
    jobs.spawn(seal_readings(app.clone()));
    if app.settings.alarms_by == AlarmsBy::Server {
        jobs.spawn(alarms::run(app.clone()));
    }
}

async fn work_while_coordinating(app: Data<App>, group: View) {
    loop {
        group.until_coordinates(true).await;
        tracing::info!("this server coordinates the group");
        let mut jobs = JoinSet::new();
        work(&app, &mut jobs);
        group.until_coordinates(false).await;
        tracing::info!("another server coordinates the group");
        app.feeds.stop();
        jobs.shutdown().await;
    }
}

/// Keys that another member of the group gave or took count here too.
async fn follow_keys(app: Data<App>) {
    let mut tip = app.ledger.follow_tip();
    while tip.changed().await.is_ok() {
        if let Err(error) = app.reload_keys() {
            tracing::warn!(%error, "keys that were given or taken elsewhere do not count here yet");
        }
        tokio::time::sleep(KEYS_EVERY).await;
    }
}

async fn tend_metrics(app: Data<App>) {
    let mut tick = tokio::time::interval(UPKEEP_EVERY);
    loop {
        tick.tick().await;
        if let Some(metrics) = &app.metrics {
            metrics.run_upkeep();
        }
    }
}

/// Binds new readings into the journal from time to time, so that they cannot be altered unseen.
async fn seal_readings(app: Data<App>) {
    let mut tick = tokio::time::interval(SEAL_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = seal_all(&app).await {
            tracing::warn!(error, "readings were not sealed; the next round tries again");
        }
    }
}

/// Seals what is there.
pub async fn seal_all(app: &Data<App>) -> Result<(), String> {
    loop {
        if app.lacks_readings() {
            return Ok(());
        }
        let shared = app.clone();
        let pending = tokio::task::spawn_blocking(move || {
            let sealed = shared.ledger.read(queries::changes::sealed_up_to).map_err(|e| e.to_string())?;
            shared.telemetry.seal_pending(sealed).map_err(|e| e.to_string())
        });
        let Some(seal) = pending.await.map_err(|error| error.to_string())?? else { return Ok(()) };
        // Under steady traffic there is always one more reading; the rest waits for the next round.
        let last = seal.last_id - seal.first_id + 1 < telemetry::SEAL_READINGS;
        let payload = Payload::SealReadings(seal);
        app.server_command(CommandId::now(), None, app.now(), payload).await.map_err(|e| e.to_string())?;
        if last {
            return Ok(());
        }
    }
}
