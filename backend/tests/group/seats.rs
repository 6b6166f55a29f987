//! Members of a group as programs, each with a folder and an address of its own.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tillwatch_shared::api::{Coordination, CoordinationCause, GroupRole, GroupStatus, Page};
use tokio::sync::{Mutex, MutexGuard};

use crate::common::program::{self, SERVER};
use crate::common::{Caller, Dice, Program, inside};

/// How long the group may take to be as it should be. Generous: other tests run beside it.
pub const PATIENCE: Duration = Duration::from_mins(3);
/// Ports at addresses that nobody else on this machine has.
const INSIDE: u16 = 7171;
const OUTSIDE: u16 = 8080;

/// One group at a time: members that wait for a processor take each other for dead.
static ALONE: Mutex<()> = Mutex::const_new(());

pub struct Seats {
    folder: TempDir,
    /// The first three numbers of their addresses.
    net: String,
    running: Vec<Option<Program>>,
    /// How many of them the file names.
    pub written: usize,
    pub principal: u64,
    pub secret: &'static str,
    /// What else is said to each of them.
    pub settings: Vec<String>,
    /// Until the programs have ended.
    _alone: MutexGuard<'static, ()>,
}

impl Seats {
    /// The first of them has a shop already.
    pub async fn new(count: usize) -> Self {
        let seats = Self::fresh(count).await;
        let demo = inside::demo_dir().await;
        std::fs::rename(demo.path(), seats.folder(0)).unwrap();
        seats
    }

    pub async fn fresh(count: usize) -> Self {
        let mut dice = Dice::new(uuid::Uuid::now_v7().as_u64_pair().1);
        let net = format!("127.{}.{}", dice.between(1, 255), dice.between(1, 255));
        Self {
            folder: tempfile::tempdir().unwrap(),
            net,
            running: (0..count).map(|_| None).collect(),
            written: count,
            principal: 1,
            secret: "uma frase que ninguem adivinha",
            settings: Vec::new(),
            _alone: ALONE.lock().await,
        }
    }

    pub fn address(&self, place: usize) -> String {
        format!("{}.{}:{INSIDE}", self.net, place + 1)
    }

    fn listen(&self, place: usize) -> String {
        format!("{}.{}:{OUTSIDE}", self.net, place + 1)
    }

    pub fn url(&self, place: usize) -> String {
        format!("http://{}", self.listen(place))
    }

    pub fn folder(&self, place: usize) -> PathBuf {
        self.folder.path().join(format!("member{}", place + 1))
    }

    pub fn file(&self, place: usize) -> PathBuf {
        let mut text =
            format!("me = {}\nprincipal = {}\nsecret = \"{}\"\n", place + 1, self.principal, self.secret);
        let members = (0..self.written).map(|other| {
            let (id, address, url) = (other + 1, self.address(other), self.url(other));
            format!("[[member]]\nid = {id}\naddress = \"{address}\"\nurl = \"{url}\"\n")
        });
        text.extend(members);
        let file = self.folder.path().join(format!("group{}.toml", place + 1));
        std::fs::write(&file, text).unwrap();
        file
    }

    fn arguments(&self, place: usize) -> Command {
        let mut command = Command::new(SERVER);
        command.arg("--demo").arg("--data-dir").arg(self.folder(place)).arg("--group").arg(self.file(place));
        command.args(&self.settings);
        command
    }

    /// Starts it, and waits until it answers.
    pub fn start(&mut self, place: usize) {
        self.running[place] = Some(Program::listening(self.arguments(place), &self.listen(place)));
    }

    /// All at once: none answers before it has found the others.
    pub fn start_all(&mut self) {
        let all: Vec<usize> = (0..self.running.len()).collect();
        self.start_these(&all);
    }

    pub fn start_these(&mut self, places: &[usize]) {
        let commands: Vec<_> = places
            .iter()
            .map(|place| {
                let (command, listen) = (self.arguments(*place), self.listen(*place));
                (*place, std::thread::spawn(move || Program::listening(command, &listen)))
            })
            .collect();
        for (place, started) in commands {
            self.running[place] = Some(started.join().unwrap());
        }
    }

    /// As a server that is no member of a group.
    pub fn start_alone(&mut self, place: usize) {
        let mut command = Command::new(SERVER);
        command.arg("--demo").arg("--data-dir").arg(self.folder(place)).args(&self.settings);
        self.running[place] = Some(Program::listening(command, &self.listen(place)));
    }

    pub fn kill(&mut self, place: usize) {
        self.running[place].take().unwrap().kill();
    }

    pub fn stop(&mut self, place: usize) {
        let (status, _, log) = self.running[place].take().unwrap().terminate();
        assert!(status.success(), "{log}");
    }

    pub fn stop_all(&mut self) {
        for place in 0..self.running.len() {
            self.stop(place);
        }
    }

    /// A sub-command with this member's settings.
    pub fn command(&self, place: usize, arguments: &[&str]) -> Output {
        self.command_from(place, &self.folder(place), arguments)
    }

    pub fn command_from(&self, place: usize, folder: &Path, arguments: &[&str]) -> Output {
        let file = self.file(place);
        let listen = ["--demo", "--listen", "127.0.0.1:0"];
        let group = ["--group", file.to_str().unwrap()];
        let serves = if arguments.is_empty() { &listen[..] } else { &[] };
        program::run(folder, &[serves, &group, arguments].concat())
    }

    /// Serving, where it is refused.
    pub fn command_to_serve(&self, place: usize) -> Output {
        self.command(place, &[])
    }

    pub fn callers(&self) -> Vec<Caller> {
        (0..self.running.len()).map(|place| Caller::new(&self.url(place))).collect()
    }

    pub async fn status(&self, place: usize) -> GroupStatus {
        self.status_if(place).await.unwrap()
    }

    async fn status_if(&self, place: usize) -> Result<GroupStatus, String> {
        let (folder, file) = (self.folder(place), self.file(place));
        let asked = tokio::task::spawn_blocking(move || {
            program::run(&folder, &["--group", file.to_str().unwrap(), "group", "status", "--json"])
        });
        let output = asked.await.unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Until these count, and no others are there.
    pub async fn counts(&self, ids: &[u64]) {
        until("those who count", async || {
            let Ok(status) = self.status_if(0).await else { return false };
            let counting = status
                .members
                .iter()
                .filter(|member| matches!(member.role, GroupRole::Coordinator | GroupRole::Member));
            counting.map(|member| member.id).collect::<Vec<u64>>() == ids
        })
        .await;
    }

    pub async fn all_count(&self) {
        let all: Vec<u64> = (1..).take(self.running.len()).collect();
        self.counts(&all).await;
    }

    /// Until a member coordinates that is right, as all of these see it. Which it is, and how long that took.
    pub async fn coordinated_by(&self, right: impl Fn(u64) -> bool, seen_by: &[usize]) -> (u64, Duration) {
        let begun = Instant::now();
        let found = Cell::new(0);
        for place in seen_by {
            until("who coordinates", async || {
                let status = self.status_if(*place).await;
                let leader = status.ok().and_then(|status| status.coordinator).filter(|id| right(*id));
                leader.inspect(|id| found.set(*id)).is_some()
            })
            .await;
        }
        (found.get(), begun.elapsed())
    }

    /// All members tell the same: that these coordinated, in this order, and why. Who waits for a processor may be taken for dead:
    /// then another one coordinates for its silence, and the principal again when it is back. Nobody else does.
    pub async fn coordinators_are(&self, expected: &[(u64, CoordinationCause)]) {
        let mut at_all: Option<Page<Coordination>> = None;
        for caller in self.callers() {
            let (manager, _) = caller.sign_in("lucas", "1234").await;
            let path = "/api/v1/group/coordinators?consistent=true";
            let told: Page<Coordination> = manager.get(path).await.expect(200);
            let mut left = expected;
            for one in &told.items {
                match left {
                    [next, rest @ ..] if *next == (one.member, one.cause) => left = rest,
                    _ => assert!(
                        matches!(one.cause, CoordinationCause::Silent | CoordinationCause::Principal),
                        "{one:?} is not expected, but {left:?}: {told:?}"
                    ),
                }
            }
            assert_eq!(left, [], "{told:?}");
            let before = at_all.get_or_insert_with(|| told.clone());
            assert_eq!(before.items, told.items.get(..before.items.len()).unwrap_or_default());
            let (earlier, later) = (told.items.iter(), told.items.iter().skip(1));
            for (one, next) in earlier.zip(later) {
                assert!(next.since >= one.since && next.term > one.term, "{told:?}");
                assert_eq!(next.before, Some(one.member));
            }
            let status: GroupStatus = manager.get("/api/v1/group").await.expect(200);
            assert_eq!(status.coordinators.first(), told.items.last());
        }
    }

    /// Until all have one journal, with one hash.
    pub async fn agree(&self) {
        until("all agree", async || {
            let Ok(status) = self.status_if(0).await else { return false };
            assert!(status.members.iter().all(|member| member.agrees != Some(false)), "{status:?}");
            let journal = status.members[0].journal;
            status.members.iter().all(|member| member.journal == journal && member.agrees == Some(true))
        })
        .await;
    }
}

/// Looks again until it is so.
pub async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < end, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
