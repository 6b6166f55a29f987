//! A server in the test's own process, on a free port, with a clock that the test moves.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use clap::Parser;
use rusqlite::types::ValueRef;
use tempfile::TempDir;
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings};
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::{open, verify};
use tillwatch_server::run::{self, Running};
use tillwatch_shared::UtcMicros;
use tokio::sync::OnceCell;

use super::Caller;

/// Noon in São Paulo, so that demonstration sales of the day exist.
pub const START: &str = "2026-06-15T15:00:00Z";

#[derive(Debug)]
pub struct Server {
    pub running: Running,
    pub clock: Clock,
    pub dir: TempDir,
}

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

impl Server {
    /// A demonstration: people, stores, products and sales are there.
    pub async fn demo() -> Self {
        Self::start(&["--demo"]).await
    }

    /// A shop that nobody has set up yet.
    pub async fn shop() -> Self {
        Self::start(&[]).await
    }

    pub async fn start(args: &[&str]) -> Self {
        let dir = if args.contains(&"--demo") { demo_dir().await } else { tempfile::tempdir().unwrap() };
        Self::open(dir, args, clock()).await
    }

    pub async fn open(dir: TempDir, args: &[&str], clock: Clock) -> Self {
        let line = Line::parse_from([&["tillwatch-server", "--alarms-by", "hand"], args].concat());
        let settings = Settings::new(&line.serve, dir.path().to_owned()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = run::serve(listener, settings, clock.clone(), None).await.unwrap();
        Self { running, clock, dir }
    }

    pub fn caller(&self) -> Caller {
        Caller::new(&self.running.url())
    }

    pub fn tip(&self) -> i64 {
        self.running.app.ledger.tip()
    }

    pub fn setup_code(&self) -> String {
        self.running.app.setup_code.lock().unwrap().clone().unwrap()
    }

    pub fn ledger_file(&self) -> std::path::PathBuf {
        self.dir.path().join(LEDGER_FILE)
    }

    /// Everything that the ledger and the sensor history hold, as one number.
    pub fn digest(&self) -> String {
        let stored = self.running.app.telemetry.stats().stored;
        format!("{}-{stored}", digest(&self.ledger_file()))
    }

    /// Stops, and proves that the ledger is whole and is what its journal gives when played again.
    pub async fn stop(self) -> TempDir {
        self.running.stop().await.unwrap();
        prove(&self.dir.path().join(LEDGER_FILE));
        self.dir
    }
}

pub fn clock() -> Clock {
    Clock::manual(START.parse::<UtcMicros>().unwrap())
}

/// A data directory with the demonstration in it. Made once in each test program, then copied.
pub async fn demo_dir() -> TempDir {
    static FILES: OnceCell<Vec<(OsString, Vec<u8>)>> = OnceCell::const_new();
    let make = async || {
        let made = Server::open(tempfile::tempdir().unwrap(), &["--demo"], clock()).await.stop().await;
        let files = fs::read_dir(made.path()).unwrap().map(Result::unwrap);
        files.map(|file| (file.file_name(), fs::read(file.path()).unwrap())).collect()
    };
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in FILES.get_or_init(make).await {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

/// That the ledger verifies, also when its journal is played again.
pub fn prove(ledger: &Path) {
    let db = open::reader(ledger).unwrap();
    verify::verify(&db, &mut |_| ()).unwrap();
    verify::replay(&db, &mut |_| ()).unwrap();
}

/// A digest of every table, secrets included.
pub fn digest(ledger: &Path) -> String {
    let db = open::reader(ledger).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut hasher = blake3::Hasher::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let part = match row.get_ref(column).unwrap() {
                    ValueRef::Null => b"null".to_vec(),
                    ValueRef::Integer(value) => value.to_le_bytes().to_vec(),
                    ValueRef::Real(value) => value.to_le_bytes().to_vec(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                };
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(&part);
            }
        }
    }
    hasher.finalize().to_hex().to_string()
}
