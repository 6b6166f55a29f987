//! `telemetry copy`: the readings from the data directory into PostgreSQL, or back.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tillwatch_server::config::{self, ServeArgs};
use tillwatch_server::ledger::backup::TELEMETRY_FILE;
use tillwatch_server::run;
use tillwatch_server::telemetry::copy::{self, Direction, Progress, Work};
use tillwatch_server::telemetry::{DatabaseUrl, PostgresPlace};

use super::{Failure, say};

/// Stands for the setting, so that a password need not be in the list of processes.
const SETTING: &str = "DATABASE_URL";
const BAR: usize = 30;
/// How often the bar is drawn again.
const DRAW: Duration = Duration::from_millis(200);

#[derive(Debug, Subcommand)]
pub enum TelemetryCommand {
    /// Copies all readings between the data directory's file and PostgreSQL (while the server is stopped). Cut off
    /// anywhere, the same command goes on; run again later, it brings what is new. One of the two places is a data
    /// directory, the other one a postgres:// URL, or the word `DATABASE_URL` for that setting.
    Copy(Copy),
}

#[derive(Args, Debug)]
pub struct Copy {
    /// Where the readings are.
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    /// Where they are to be as well.
    #[arg(long, value_name = "DIR|URL")]
    to: String,
}

pub fn telemetry(serve: &ServeArgs, command: &TelemetryCommand) -> Result<(), Failure> {
    match command {
        TelemetryCommand::Copy(command) => copy(serve, command),
    }
}

/// One side of a copy.
enum Place {
    Dir(PathBuf),
    Url(String),
}

fn place(serve: &ServeArgs, text: &str) -> Result<Place, Failure> {
    let url = match (text, &serve.database_url) {
        (SETTING, Some(url)) => url.trim(),
        (SETTING, None) => return Err("DATABASE_URL is not set".into()),
        (text, _) => text,
    };
    if config::is_postgres(url) {
        return Ok(Place::Url(url.to_owned()));
    }
    if url.contains("://") {
        return Err("a database is named by a postgres:// URL".into());
    }
    Ok(Place::Dir(PathBuf::from(url)))
}

fn copy(serve: &ServeArgs, command: &Copy) -> Result<(), Failure> {
    let (dir, url, direction) = match (place(serve, &command.from)?, place(serve, &command.to)?) {
        (Place::Dir(dir), Place::Url(url)) => (dir, url, Direction::IntoPostgres),
        (Place::Url(url), Place::Dir(dir)) => (dir, url, Direction::OutOfPostgres),
        (Place::Dir(_), Place::Dir(_)) | (Place::Url(_), Place::Url(_)) => {
            return Err("one of --from and --to is a data directory, the other one a postgres:// URL".into());
        }
    };
    check_source(&dir, direction)?;
    let _lock = run::lock(&dir)?;
    let spool_bytes = u64::from(serve.spool_mib) * 1024 * 1024;
    let database = PostgresPlace { url: DatabaseUrl(url), keep_days: None, spool_bytes };
    let mut bar = Bar::new();
    let copied = copy::copy(&dir, &database, direction, &mut |progress| bar.show(progress));
    bar.clear();
    let copy::Copied { before, readings, sensors, hours } = copied?;
    say(&format!(
        "{readings} readings of {sensors} sensors were copied, and read again on both sides: they are the same"
    ))?;
    if before > 0 {
        say(&format!("{before} were there before, and are the same"))?;
    }
    if hours > 0 {
        say(&format!("{hours} hours whose readings are no longer kept were copied"))?;
    }
    Ok(())
}

/// A slip in the name of a directory must not make an empty history.
fn check_source(dir: &Path, direction: Direction) -> Result<(), Failure> {
    match direction {
        Direction::IntoPostgres if !dir.join(TELEMETRY_FILE).exists() => {
            Err(format!("{} holds no {TELEMETRY_FILE}", dir.display()).into())
        }
        Direction::IntoPostgres | Direction::OutOfPostgres => Ok(()),
    }
}

/// How far it is, on the terminal of a person who waits.
struct Bar {
    shown: bool,
    /// What is being done, since when, and from where on.
    work: Option<(Work, Instant, i64)>,
    drawn: Option<Instant>,
}

impl Bar {
    fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), work: None, drawn: None }
    }

    fn show(&mut self, progress: Progress) {
        let Progress { work, done, of } = progress;
        if !self.shown || self.drawn.is_some_and(|at| at.elapsed() < DRAW) {
            return;
        }
        self.drawn = Some(Instant::now());
        let (since, from) = match self.work {
            Some((before, since, from)) if before == work => (since, from),
            Some(_) | None => (Instant::now(), done),
        };
        self.work = Some((work, since, from));
        let line = line(progress, since.elapsed().as_secs_f64(), (done - from) as f64, (of - done) as f64);
        // With standard error gone there is nobody to tell.
        let _ = write!(std::io::stderr(), "\r{line:<78}");
    }

    fn clear(&self) {
        if self.drawn.is_some() {
            let _ = write!(std::io::stderr(), "\r{:<78}\r", "");
        }
    }
}

fn line(Progress { work, done, of }: Progress, seconds: f64, through: f64, left: f64) -> String {
    let text = match work {
        Work::ComparingBefore => "comparing what is there",
        Work::Copying => "copying",
        Work::Comparing => "comparing",
    };
    let parts = usize::try_from(done.saturating_mul(BAR as i64) / of.max(1)).unwrap_or(BAR).min(BAR);
    let percent = done.saturating_mul(100) / of.max(1);
    let rate = through / seconds.max(0.001);
    let rest = if rate >= 1.0 { format!("  {rate:.0}/s, {:.0} s to go", left / rate) } else { String::new() };
    format!("{text} [{}{}] {percent:>3} %{rest}", "#".repeat(parts), " ".repeat(BAR - parts))
}

#[cfg(test)]
mod tests {
    use super::{Progress, Work, line};

    #[test]
    fn the_bar_fills() {
        let at = |done, of| Progress { work: Work::Copying, done, of };
        assert_eq!(line(at(0, 0), 0.0, 0.0, 0.0), format!("copying [{}]   0 %", " ".repeat(30)));
        let half = line(at(50, 100), 5.0, 50.0, 50.0);
        let bar = format!("{}{}", "#".repeat(15), " ".repeat(15));
        assert_eq!(half, format!("copying [{bar}]  50 %  10/s, 5 s to go"));
        assert!(line(at(100, 100), 9.0, 100.0, 0.0).contains(&"#".repeat(30)));
        assert!(line(at(99_999_999, 100_000_000), 9_999.0, 1.0, 1.0).len() < 78);
    }
}
