//! Serving: until SIGTERM, SIGINT or Ctrl-C.

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use metrics_exporter_prometheus::PrometheusBuilder;
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{self, ServeArgs, Settings};
use tillwatch_server::run;
use tracing_subscriber::EnvFilter;

use super::{Failure, say};

/// What is logged where nothing else is asked for. That a member of the group is away is told once, by the group itself.
const LOG: &str = "info,actix_server=warn,openraft=error,openraft::replication=off";

pub fn run(args: &ServeArgs) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_env("TILLWATCH_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let (data_dir, throw_away) = data_dir(args)?;
    let settings = Settings::new(args, data_dir.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(args, settings));
    if throw_away {
        remove(&data_dir);
    }
    served
}

async fn serve(args: &ServeArgs, settings: Settings) -> Result<(), Failure> {
    let listener = TcpListener::bind(args.listen).map_err(|error| {
        format!("{}: {error}. Is another program using it? --listen gives another port.", args.listen)
    })?;
    let metrics = PrometheusBuilder::new().install_recorder()?;
    // Asked for before anybody is told where we listen, so that a stop is never missed.
    let stopped = stop_signal()?;
    let mut stopped = std::pin::pin!(stopped);
    let started = tokio::select! {
        started = run::serve(listener, settings, Clock::system(), Some(metrics)) => started,
        // A member of a group may wait long for the others.
        () = &mut stopped => return Ok(()),
    };
    let running = started?;
    let code = running.app.setup_code.lock().ok().and_then(|code| code.clone());
    if let Some(code) = code {
        say(&format!("first start: the set-up code is {code}"))?;
    }
    if let Some(redirect) = &running.redirect {
        say(&format!("sending people from http://{} on to HTTPS", redirect.address))?;
    }
    say(&format!("listening on {}", running.url()))?;
    let broken = tokio::select! {
        () = stopped => None,
        why = running.broken() => Some(why),
    };
    tracing::info!("stopping");
    running.stop().await?;
    broken
        .map_or(Ok(()), |why| Err(format!("this member of the group can no longer take part: {why}").into()))
}

/// Ends at the first SIGTERM, SIGINT or Ctrl-C.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        // Without a console there is no Ctrl-C; the process is then ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The data directory, and whether it goes when the server stops.
fn data_dir(args: &ServeArgs) -> Result<(PathBuf, bool), Failure> {
    match (&args.data_dir, args.demo) {
        (Some(dir), _) => Ok((dir.clone(), false)),
        (None, false) => Ok((config::usual_data_dir()?, false)),
        (None, true) => {
            let dir = std::env::temp_dir().join(format!("tillwatch-demo-{}", std::process::id()));
            if dir.exists() {
                std::fs::remove_dir_all(&dir)?;
            }
            Ok((dir, true))
        }
    }
}

fn remove(dir: &Path) {
    if let Err(error) = std::fs::remove_dir_all(dir) {
        let _ = writeln!(std::io::stderr(), "the demonstration's data stays in {}: {error}", dir.display());
    }
}
