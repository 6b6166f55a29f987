//! Backup, restore and verify.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use tillwatch_server::clock::Clock;
use tillwatch_server::ledger::backup::{self, LEDGER_FILE, TELEMETRY_FILE};
use tillwatch_server::ledger::{open, verify as proof};
use tillwatch_server::run;
use tillwatch_server::telemetry::{self, Options, Place, Telemetry};

use super::{Failure, say};

#[derive(Args, Debug)]
pub struct Backup {
    /// Folder in which the backup's own folder is made.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

#[derive(Args, Debug)]
pub struct Restore {
    /// The backup's folder (the one with manifest.json).
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Put it in place of what is there, which is moved aside.
    #[arg(long)]
    replace: bool,
}

#[derive(Args, Debug)]
pub struct Verify {
    /// Also play the whole journal again and compare every table. Takes longer.
    #[arg(long)]
    replay: bool,
}

pub fn backup(data_dir: &Path, command: &Backup) -> Result<(), Failure> {
    let (folder, manifest) = backup::back_up(data_dir, &command.to, Clock::system().now())?;
    backup::check(&folder)?;
    say(&format!("{} holds the ledger up to row {} and was verified", folder.display(), manifest.journal_seq))
}

pub fn restore(data_dir: &Path, command: &Restore) -> Result<(), Failure> {
    if data_dir.exists() {
        // Held for a moment only: whoever starts a server now takes the risk knowingly.
        drop(run::lock(data_dir)?);
        let only_lock = std::fs::read_dir(data_dir)?.count() == 1;
        if only_lock {
            std::fs::remove_file(data_dir.join("server.lock"))?;
        }
    }
    let aside = backup::restore(&command.from, data_dir, command.replace, Clock::system().now())?;
    if let Some(aside) = aside {
        say(&format!("what was there is now in {}", aside.display()))?;
    }
    say(&format!("{} was restored from {}", data_dir.display(), command.from.display()))
}

pub fn verify(data_dir: &Path, readings: &Place, command: &Verify) -> Result<(), Failure> {
    let ledger = data_dir.join(LEDGER_FILE);
    if !ledger.exists() {
        return Err(format!("{} holds no ledger", data_dir.display()).into());
    }
    let db = open::reader(&ledger)?;
    let mut progress = progress();
    let report = proof::verify(&db, &mut progress)?;
    if command.replay {
        proof::replay(&db, &mut progress)?;
    }
    say(&format!("ledger: {} rows, each as it was written; totals agree with a recount", report.rows))?;
    if command.replay {
        say("every table is what the journal gives when it is played again")?;
    }
    if report.seals.is_empty() {
        return Ok(());
    }
    if let Place::Postgres(place) = readings {
        telemetry::verify_postgres(place, &report.seals)?;
        return say_verified(&report);
    }
    if !data_dir.join(TELEMETRY_FILE).exists() {
        return Err(format!("{TELEMETRY_FILE} is missing, and the journal has sealed readings").into());
    }
    verify_readings(data_dir, &report)
}

/// Checks the readings on a copy, because opening the history is the running server's alone.
fn verify_readings(data_dir: &Path, report: &proof::Report) -> Result<(), Failure> {
    let copy = std::env::temp_dir().join(format!("tillwatch-verify-{}", std::process::id()));
    std::fs::create_dir_all(&copy)?;
    let checked = (|| -> Result<(), Failure> {
        backup::copy_database(&open::source(&data_dir.join(TELEMETRY_FILE))?, &copy.join(TELEMETRY_FILE))?;
        let telemetry = Telemetry::open(&copy, Options::default())?;
        let result = telemetry.verify_seals(&report.seals);
        telemetry.close();
        Ok(result?)
    })();
    std::fs::remove_dir_all(&copy)?;
    checked?;
    say_verified(report)
}

fn say_verified(report: &proof::Report) -> Result<(), Failure> {
    let last = report.seals.last().map_or(0, |seal| seal.last_id);
    say(&format!("readings: up to {last}, as they were sealed"))
}

/// Counts rows on the terminal while a person waits.
fn progress() -> impl FnMut(i64) {
    let shown = std::io::stderr().is_terminal();
    move |rows| {
        if shown {
            let _ = write!(std::io::stderr(), "\r{rows} rows… ");
        }
    }
}
