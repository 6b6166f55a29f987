//! `tillwatch-monitor`: the manager's window.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tillwatch_monitor::frames;

/// The manager's window: what is sold and received, by whom, where, and what the sensors measure.
#[derive(Debug, Parser)]
#[command(name = "tillwatch-monitor", version)]
struct Arguments {
    /// Address of the server; several are separated by commas.
    #[arg(long, value_name = "URL[,URL…]")]
    server: Option<String>,
    /// Where the window's settings are kept.
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
    /// Notes each row of the log when it is first drawn: one line of JSON.
    #[arg(long, value_name = "FILE")]
    event_log: Option<PathBuf>,
    /// Opens no window: measures so many frames of each page over made-up data.
    #[arg(long, value_name = "FRAMES", hide = true)]
    bench_frames: Option<u32>,
    /// Opens no window: lives so many hours of a busy chain, poll by poll, and tells what that holds in memory.
    #[arg(long, value_name = "HOURS", hide = true)]
    bench_day: Option<u32>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout();
    let measured = match (arguments.bench_frames, arguments.bench_day) {
        (Some(frames), _) => Some(frames::measure(frames, &mut out)),
        (None, Some(hours)) => Some(frames::day(hours, &mut out)),
        (None, None) => None,
    };
    if let Some(measured) = measured {
        return if measured.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    tillwatch_monitor::run(
        arguments.server.as_deref(),
        arguments.config_dir.as_deref(),
        arguments.event_log.as_deref(),
    )
}
