//! Tortures a group of three servers, as the programs that they are: they are killed, stand still, lose each other and
//! find their disks slow or full, while callers sell at all of them and send readings. At the end each member must have every
//! sale that was answered, once and as it was answered, and none that nobody asked for, and each reading that was
//! answered; all journals are one, with one hash, and verify.
//!
//! `cargo run -p tillwatch-server --example group_torture -- --minutes 10 --seed 7`
//!
//! A run that finds nothing proves little unless it would find something: with `--plant answers-itself` what stands
//! before a server answers some sales in its place, with `--plant another-hash` a member's file is changed below it
//! when all is done; both must fail.
//!
//! Where mounts of its own are to be had (as root, or with user namespaces) each member has a small disk of its own that
//! is filled at times; elsewhere it says that disks were left out.
#![expect(clippy::print_stdout, reason = "a program for the command line")]

mod callers;
mod links;
mod members;
mod proof;
mod slow;
mod trouble;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use tillwatch_shared::random::Random;

use callers::Callers;
use members::Members;
use trouble::Trouble;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Places of the members.
const ALL: [usize; 3] = [0, 1, 2];
/// Megabytes of each disk: enough at the start, and for what a minute of selling brings.
const DISK: (f64, f64) = (192.0, 100.0);

#[derive(Clone, Debug, Parser)]
struct Args {
    /// How long to torture.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// The same seed makes the same decisions; how they meet in time differs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many sell at once.
    #[arg(long, default_value_t = 6)]
    sellers: usize,
    /// The server's program; the one that was built beside this one by default.
    #[arg(long)]
    server: Option<PathBuf>,
    /// A fault to be found.
    #[arg(long)]
    plant: Option<Plant>,
    /// Works in this folder, with a disk for each member. The torture starts itself so.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Plant {
    /// Some sales are answered by what stands before the server, which never sees them.
    AnswersItself,
    /// The newest row of a member's journal gets another hash when all is done.
    AnotherHash,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(folder) = args.folder.clone() {
        return runtime.block_on(torture(&args, &folder, true));
    }
    let folder = tempfile::tempdir()?;
    match mounts() {
        None => {
            println!("no mounts of its own are to be had here: disks are left out");
            runtime.block_on(torture(&args, folder.path(), false))
        }
        Some(way) => again_with_disks(way, folder.path(), args.minutes),
    }
}

/// The words before a command line that give it mounts of its own.
fn mounts() -> Option<&'static [&'static str]> {
    let ways: [&'static [&'static str]; 2] =
        [&["unshare", "--mount"], &["unshare", "--mount", "--map-root-user"]];
    let works = |way: &[&str]| {
        let Ok(folder) = tempfile::tempdir() else { return false };
        let [first, rest @ ..] = way else { return false };
        let mut attempt = Command::new(first);
        attempt.args(rest).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(folder.path());
        attempt.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    ways.into_iter().find(|way| works(way))
}

/// The same program, where the disks that it mounts are gone when it ends.
fn again_with_disks(way: &[&str], folder: &Path, minutes: f64) -> Outcome<()> {
    let [first, rest @ ..] = way else { return Err("no way".into()) };
    let size = (DISK.0 + DISK.1 * minutes).round();
    let mounted = ALL.map(|place| {
        let disk = folder.join(format!("member{}", place + 1));
        format!("mkdir {0} && mount -t tmpfs -o size={size}m tmpfs {0}", disk.display())
    });
    let script = format!("{} && exec \"$@\"", mounted.join(" && "));
    let program = std::env::current_exe()?;
    let mut command = Command::new(first);
    command.args(rest).args(["sh", "-c", &script, "sh"]).arg(program);
    command.args(std::env::args().skip(1)).arg("--folder").arg(folder);
    if command.status()?.success() { Ok(()) } else { Err("see above".into()) }
}

async fn torture(args: &Args, folder: &Path, disks: bool) -> Outcome<()> {
    println!("seed {}, {} minutes", args.seed, args.minutes);
    let mut dice = Random::new(args.seed);
    let server = args.server.clone().map_or_else(beside, Ok)?;
    let members = Arc::new(Members::found(server, folder, disks).await?);
    let callers = Callers::start(&members, args.sellers, args.plant, &mut dice).await?;
    let mut trouble = Trouble::new(Arc::clone(&members), dice.fork());
    let made = trouble.make(Duration::from_secs_f64(args.minutes * 60.0)).await;
    println!("{}", trouble.told());
    members.calm().await?;
    // Who still waits is answered now that nothing is wrong.
    let sold = callers.stop().await;
    made?;
    let sold = sold?;
    println!("{}", sold.told());
    if args.plant == Some(Plant::AnotherHash) {
        proof::plant(&members)?;
    }
    proof::prove(&members, &sold).await?;
    println!("nothing was lost, doubled or came out otherwise");
    Ok(())
}

fn beside() -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).ok_or("where is the server?")?;
    Ok(folder.join("tillwatch-server"))
}
