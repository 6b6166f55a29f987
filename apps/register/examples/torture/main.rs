//! Tortures the register: its real core (decisions, worker, till's file) against a real server, through a proxy that
//! cuts, delays, duplicates and truncates, while both are killed again and again and the till's clock jumps. At
//! the end everything that the till has confirmed must be at the server exactly once, and nothing else; the stock must
//! agree, every cash session balance, and no unfinished sale be lost.
//!
//! `cargo run -p tillwatch-register --example torture -- --minutes 10 --seed 7`
//!
//! With `--group` there are three servers in its place, each behind such a proxy; one or all of them are killed, and all
//! that is to be so must be so at each of them.
//!
//! A run that finds nothing wrong proves little unless it would find something: `--plant retry-with-new-id` lets
//! the till send what it sends again under another id, `--plant another-lot` moves goods between two lots of the
//! server's file, `--plant send-discarded` sends what a person has thrown away, `--plant correct-twice` what was
//! corrected once more, and all of them must fail.
#![expect(clippy::print_stdout, reason = "a program for the command line")]

mod books;
mod day;
mod debts;
mod deeds;
mod drawer;
mod life;
mod load;
mod lots;
mod proof;
mod proxy;
mod refusals;
mod server;
mod servers;
mod stocktaking;
mod storeroom;
mod till;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use tillwatch_desk::clock;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::random::Random;

use server::Server;
use servers::Servers;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long the till may take to begin, and to send all that it has once nothing is in its way.
const LAST_WAIT: Duration = Duration::from_mins(2);

#[derive(Clone, Debug, Parser)]
struct Args {
    /// How long to torture.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// The same seed makes the same decisions; how they meet in time differs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's program; the one that was built beside this one by default.
    #[arg(long)]
    server: Option<PathBuf>,
    /// A fault to be found.
    #[arg(long)]
    plant: Option<Plant>,
    /// Against three servers as a group.
    #[arg(long)]
    group: bool,
    /// Instead: a day without the server, with so many sales, and how long they take to get there.
    #[arg(long)]
    day: Option<usize>,
    /// Instead: how long a new till takes to load so many products, and a person to be changed.
    #[arg(long)]
    load: Option<usize>,
    /// Be the till, in this folder. The torture starts itself so.
    #[arg(long, requires = "address")]
    till: Option<PathBuf>,
    #[arg(long)]
    address: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Plant {
    /// What is sent again goes under a new id.
    RetryWithNewId,
    /// What a person throws away after the server has refused it is sent all the same.
    SendDiscarded,
    /// What was refused and corrected is sent once more.
    CorrectTwice,
    /// Goods of one lot stand in another one of the same product at the server; all balances agree.
    AnotherLot,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let args = Args::parse();
    match (&args.till, &args.address) {
        (Some(folder), Some(address)) => {
            let (folder, address) = (folder.clone(), address.clone());
            tokio::task::spawn_blocking(move || till::run(&folder, &address, args.seed, args.plant)).await?
        }
        (Some(_) | None, _) => match (args.day, args.load) {
            (Some(sales), _) => tokio::task::spawn_blocking(move || day(&args, sales)).await?,
            (None, Some(products)) => load(&args, products).await,
            (None, None) => torture(&args).await,
        },
    }
}

fn day(args: &Args, sales: usize) -> Outcome<()> {
    let scratch = tempfile::tempdir()?;
    let (data, folder) = (scratch.path().join("server"), scratch.path().join("till"));
    let mut server = Server::start(program(args)?, &data)?;
    let since = clock::system();
    let mut day = day::Day::begin(&folder, server.address())?;
    server.kill()?;
    day.sell(sales)?;
    server.start_again()?;
    println!("{}", day.send()?);
    server.stop()?;
    server.verify()?;
    println!("{}", proof::check(&data, &folder, &mut deeds::deeds(&folder)?, since)?);
    Ok(())
}

async fn load(args: &Args, products: usize) -> Outcome<()> {
    let scratch = tempfile::tempdir()?;
    let (data, folder) = (scratch.path().join("server"), scratch.path().join("till"));
    let program = program(args)?;
    let mut server = Server::start(program.clone(), &data)?;
    load::fill(server.address(), products).await?;
    server.stop()?;
    load::give_pins(&program, &data, scratch.path())?;
    server.start_again()?;
    let address = server.address().to_owned();
    tokio::task::spawn_blocking(move || load::measure(&folder, &address, products)).await??;
    server.stop()
}

async fn torture(args: &Args) -> Outcome<()> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("till");
    let mut dice = Random::new(args.seed);
    let (program, of_servers) = (program(args)?, dice.fork());
    let since = clock::system();
    let mut servers = if args.group {
        Servers::group(program, scratch.path(), of_servers).await?
    } else {
        Servers::one(program, scratch.path(), of_servers).await?
    };
    let mut tills = 0_u32;
    let mut till = start_till(args, &folder, &servers, dice.next())?;
    busy(&mut till, &folder).await?;
    let deadline = Instant::now() + Duration::from_secs_f64(args.minutes * 60.0);
    let mut server_dies = Instant::now() + span(&mut dice, 3.0, 12.0);
    let mut till_dies = Instant::now() + span(&mut dice, 2.0, 8.0);
    let (mut calm, mut turns) = (true, Instant::now());
    while Instant::now() < deadline {
        tokio::time::sleep_until(till_dies.min(server_dies).min(turns).min(deadline).into()).await;
        if let Some(status) = till.try_wait()? {
            return Err(format!("the till ended by itself: {status}").into());
        }
        if Instant::now() >= turns {
            calm = !calm;
            servers.set_calm(calm);
            // Long enough for the till to hear the news in between.
            turns = Instant::now() + if calm { span(&mut dice, 1.0, 3.0) } else { span(&mut dice, 2.0, 6.0) };
        }
        if Instant::now() >= till_dies {
            kill(&mut till)?;
            tills += 1;
            till = start_till(args, &folder, &servers, dice.next())?;
            till_dies = Instant::now() + span(&mut dice, 2.0, 8.0);
        }
        if Instant::now() >= server_dies {
            servers.disturb().await?;
            server_dies = Instant::now() + span(&mut dice, 3.0, 12.0);
        }
    }
    kill(&mut till)?;
    servers.set_calm(true);
    std::fs::write(folder.join(till::LAST), "")?;
    let last = start_till(args, &folder, &servers, dice.next())?;
    ended(last).await?;
    println!("killed: {tills} times the till, {} times a server", servers.kills);
    println!("requests: {}", servers.told());
    servers.agree().await?;
    if args.plant == Some(Plant::AnotherLot)
        && let Some(server) = servers.first()
    {
        server.kill()?;
        lots::plant(server.data())?;
        server.start_again()?;
    }
    prove(&mut servers, &folder, since).await
}

async fn prove(servers: &mut Servers, folder: &Path, since: UtcMicros) -> Outcome<()> {
    let mut deeds = deeds::deeds(folder)?;
    let mut told = String::new();
    for (address, data) in servers.each() {
        let report = proof::check(data, folder, &mut deeds, since)?;
        report.every_lot_is_compared()?;
        let reports = drawer::reports(address, &deeds).await?;
        told = format!("{report}\n{}", drawer::check(&deeds, &reports)?);
    }
    println!("{told}");
    servers.stop()?;
    servers.verify()
}

fn span(dice: &mut Random, low: f64, high: f64) -> Duration {
    Duration::from_secs_f64(dice.between(low, high))
}

fn program(args: &Args) -> Outcome<PathBuf> {
    if let Some(program) = &args.server {
        return Ok(program.clone());
    }
    // Examples are built one folder deeper.
    let here = std::env::current_exe()?;
    let beside = here.parent().and_then(Path::parent).map(|folder| folder.join("tillwatch-server"));
    beside
        .filter(|program| program.exists())
        .ok_or_else(|| "no tillwatch-server: name it with --server".into())
}

fn start_till(args: &Args, folder: &Path, servers: &Servers, seed: u64) -> Outcome<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--till").arg(folder).args(["--address", &servers.addresses(), "--seed", &seed.to_string()]);
    if let Some(plant) = args.plant.and_then(|plant| plant.to_possible_value()) {
        command.args(["--plant", plant.get_name()]);
    }
    Ok(command.stdin(Stdio::null()).spawn()?)
}

/// kill -9.
fn kill(child: &mut Child) -> Outcome<()> {
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Waits until the till has done something: a slow machine has as long a torture as a fast one.
async fn busy(till: &mut Child, folder: &Path) -> Outcome<()> {
    let begun = Instant::now();
    while begun.elapsed() < LAST_WAIT {
        if let Some(status) = till.try_wait()? {
            return Err(format!("the till ended by itself: {status}").into());
        }
        if deeds::deeds(folder).is_ok_and(|deeds| deeds.commands.values().any(|deed| deed.confirmed)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    kill(till)?;
    Err("the till does nothing".into())
}

async fn ended(mut till: Child) -> Outcome<()> {
    let begun = Instant::now();
    // It gives up by itself before, and says what is left.
    while begun.elapsed() < LAST_WAIT * 2 {
        if let Some(status) = till.try_wait()? {
            return if status.success() {
                Ok(())
            } else {
                Err(format!("the till ended with {status}").into())
            };
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    kill(&mut till)?;
    Err("the till does not end".into())
}
