//! The members as programs: started, killed, stopped, and what their disks hold.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::links::Links;
use super::slow::SlowDisks;
use super::{ALL, Outcome};

/// What devices prove themselves with.
pub const KEY: &str = "uma-chave-de-aparelho-para-o-teste";
/// How long a member may take to answer, also one that waits for the others.
const STARTING: Duration = Duration::from_mins(2);
/// What is left free on a disk that is full.
const LEFT: u64 = 64 * 1024;
/// No disk is full for longer.
const LONGEST_FULL: Duration = Duration::from_mins(1);
/// A member that stood still meanwhile finds only later that it could not write.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub struct Members {
    server: PathBuf,
    folder: PathBuf,
    /// Each has a disk of its own.
    pub disks: bool,
    pub slow: Option<SlowDisks>,
    pub links: Links,
    outside: [SocketAddr; 3],
    seats: [Mutex<Seat>; 3],
}

#[derive(Debug, Default)]
struct Seat {
    child: Option<Child>,
    stopped: bool,
    /// When it last could not answer for a reason that was made.
    troubled: Option<Instant>,
    /// Up to when it may end by itself, as its disk is full, or lately was.
    full_until: Option<Instant>,
}

/// Addresses that are free now.
fn free() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Members {
    /// A demonstration shop on three servers.
    pub async fn found(server: PathBuf, folder: &Path, disks: bool) -> Outcome<Self> {
        let links = Links::default();
        let (outside, inside) = ([free()?, free()?, free()?], [free()?, free()?, free()?]);
        let mut way = Vec::new();
        for (place, member) in inside.iter().enumerate() {
            way.push(links.to(place, *member).await?);
        }
        for (me, listen) in inside.iter().enumerate() {
            let secret = "uma frase que ninguem adivinha";
            let mut text =
                format!("me = {}\nprincipal = 1\nsecret = \"{secret}\"\nlisten = \"{listen}\"\n", me + 1);
            for (place, (address, outside)) in way.iter().zip(&outside).enumerate() {
                let id = place + 1;
                write!(text, "[[member]]\nid = {id}\naddress = \"{address}\"\nurl = \"http://{outside}\"\n")?;
            }
            fs::write(folder.join(format!("group{}.toml", me + 1)), text)?;
        }
        let slow = SlowDisks::new(folder)?;
        if slow.is_none() {
            println!("no compiler is to be had here: slow disks are left out");
        }
        let folder = folder.to_owned();
        let members = Self { server, folder, disks, slow, links, outside, seats: Default::default() };
        // The shop is there before the group is made of it.
        members.run(0, &[])?;
        members.answers(0).await?;
        members.stop(0)?;
        for place in ALL {
            members.start(place)?;
        }
        for place in ALL {
            members.answers(place).await?;
        }
        Ok(members)
    }

    fn seat(&self, place: usize) -> MutexGuard<'_, Seat> {
        let [first, second, third] = &self.seats;
        let seat = match place {
            0 => first,
            1 => second,
            _ => third,
        };
        seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn url(&self, place: usize) -> String {
        let [first, second, third] = self.outside;
        let address = match place {
            0 => first,
            1 => second,
            _ => third,
        };
        format!("http://{address}")
    }

    fn disk(&self, place: usize) -> PathBuf {
        self.folder.join(format!("member{}", place + 1))
    }

    pub fn data(&self, place: usize) -> PathBuf {
        self.disk(place).join("data")
    }

    pub fn start(&self, place: usize) -> Outcome<()> {
        let group = self.folder.join(format!("group{}.toml", place + 1));
        self.run(place, &["--group", &group.to_string_lossy()])
    }

    fn run(&self, place: usize, more: &[&str]) -> Outcome<()> {
        let listen = self.url(place).replace("http://", "");
        let mut command = Command::new(&self.server);
        command.args(["--demo", "--listen", &listen, "--data-dir"]).arg(self.data(place));
        command.args(more);
        if let Some(slow) = &self.slow {
            slow.load(&mut command, place);
        }
        let log = fs::File::options().create(true).append(true).open(self.log(place))?;
        let child =
            command.env("API_KEY", KEY).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        self.links.is(child.id(), place);
        let mut seat = self.seat(place);
        (seat.child, seat.stopped) = (Some(child), false);
        Ok(())
    }

    /// What it said goes beside the disks: a full one would stop it.
    fn log(&self, place: usize) -> PathBuf {
        self.folder.join(format!("member{}.log", place + 1))
    }

    /// Waits until it answers.
    async fn answers(&self, place: usize) -> Outcome<()> {
        let end = Instant::now() + STARTING;
        let url = format!("{}/health/ready", self.url(place));
        let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
        while !http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            if let Some(ended) = self.ended(place)? {
                return Err(format!("member {} ended: {ended}\n{}", place + 1, self.last_words(place)).into());
            }
            if Instant::now() > end {
                let words = self.last_words(place);
                return Err(format!("member {} does not answer\n{words}", place + 1).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn ended(&self, place: usize) -> Outcome<Option<std::process::ExitStatus>> {
        Ok(match &mut self.seat(place).child {
            Some(child) => child.try_wait()?,
            None => None,
        })
    }

    pub fn last_words(&self, place: usize) -> String {
        let Ok(log) = fs::File::open(self.log(place)) else { return String::new() };
        let lines: Vec<String> = BufReader::new(log).lines().map_while(Result::ok).collect();
        lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
    }

    pub fn runs(&self, place: usize) -> bool {
        let seat = self.seat(place);
        seat.child.is_some() && !seat.stopped
    }

    /// Whether it was undisturbed since then.
    pub fn was_well(&self, place: usize, since: Instant) -> bool {
        self.runs(place) && self.seat(place).troubled.is_none_or(|at| at < since)
    }

    fn is_troubled(&self, place: usize) {
        self.seat(place).troubled = Some(Instant::now());
    }

    /// kill -9.
    pub fn kill(&self, place: usize) -> Outcome<()> {
        self.is_troubled(place);
        let child = self.seat(place).child.take();
        if let Some(mut child) = child {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts what is not there; one that ended by itself may only have done so for its disk.
    pub fn revive(&self, place: usize) -> Outcome<()> {
        if let Some(ended) = self.ended(place)? {
            if self.seat(place).full_until.is_none_or(|until| Instant::now() > until) {
                let words = self.last_words(place);
                return Err(format!("member {} ended by itself: {ended}\n{words}", place + 1).into());
            }
            self.seat(place).child = None;
        }
        let gone = self.seat(place).child.is_none();
        if gone {
            self.is_troubled(place);
            self.start(place)?;
        }
        Ok(())
    }

    /// Stands still, or goes on.
    pub fn stand_still(&self, place: usize, still: bool) -> Outcome<()> {
        self.is_troubled(place);
        let mut seat = self.seat(place);
        if let Some(child) = &seat.child {
            let signal = if still { "-STOP" } else { "-CONT" };
            Command::new("kill").args([signal, &child.id().to_string()]).status()?;
            seat.stopped = still;
        }
        Ok(())
    }

    /// Leaves nearly no room on a member's disk, or gives it back.
    pub fn fill(&self, place: usize, full: bool) -> Outcome<()> {
        self.is_troubled(place);
        let ballast = self.disk(place).join("ballast");
        if !full {
            // It may not be there.
            if fs::remove_file(ballast).is_ok() {
                self.seat(place).full_until = Some(Instant::now() + NOTICED_WITHIN);
            }
            return Ok(());
        }
        self.seat(place).full_until = Some(Instant::now() + LONGEST_FULL);
        let free = rustix::fs::statvfs(self.disk(place))?;
        let free = free.f_bavail.saturating_mul(free.f_frsize).saturating_sub(LEFT);
        let mut file = fs::File::create(ballast)?;
        let piece = vec![0; 64 * 1024];
        for _ in 0..free / piece.len() as u64 {
            if file.write_all(&piece).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Each sync of a member's disk takes so much longer, or no longer does.
    pub fn slow_down(&self, place: usize, each: Option<Duration>) -> Outcome<()> {
        self.is_troubled(place);
        if let Some(slow) = &self.slow {
            slow.set(place, each)?;
        }
        Ok(())
    }

    /// Nothing is wrong any more, and all answer.
    pub async fn calm(&self) -> Outcome<()> {
        self.links.heal();
        for place in ALL {
            if self.disks {
                self.fill(place, false)?;
            }
            self.stand_still(place, false)?;
            self.slow_down(place, None)?;
        }
        // One may end only now for a disk that was full.
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            for place in ALL {
                self.revive(place)?;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for place in ALL {
            self.answers(place).await?;
        }
        Ok(())
    }

    /// Asks it to end, and expects that it does.
    pub fn stop(&self, place: usize) -> Outcome<()> {
        let child = self.seat(place).child.take();
        let Some(mut child) = child else { return Ok(()) };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let ended = child.wait()?;
        if ended.success() { Ok(()) } else { Err(format!("member {} ended with {ended}", place + 1).into()) }
    }

    /// Its own proof.
    pub fn verify(&self, place: usize) -> Outcome<()> {
        let mut command = Command::new(&self.server);
        let output = command.args(["verify", "--replay", "--data-dir"]).arg(self.data(place)).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("member {}: verify: {}", place + 1, String::from_utf8_lossy(&output.stderr)).into())
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for place in ALL {
            // It may be gone already.
            let _ = self.kill(place);
        }
    }
}
