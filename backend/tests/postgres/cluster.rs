//! A PostgreSQL of the test's own, that it stops and starts, and a wire to it that it cuts.
#![expect(clippy::missing_panics_doc, reason = "helpers of tests: they panic when the test fails")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

const PASSWORD: &str = "caixa-forte";
/// How long anything may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Where PostgreSQL's programs are. `tests/postgres.sh`, which `./test.sh` uses, says it; elsewhere these tests
/// only tell that they did not run.
pub fn programs() -> Option<PathBuf> {
    // Tests have no settings of their own to read it from.
    #[allow(clippy::disallowed_methods)]
    let found = std::env::var_os("TILLWATCH_TEST_PG_BIN").map(PathBuf::from);
    if found.is_none() {
        println!("not run: TILLWATCH_TEST_PG_BIN names no PostgreSQL; tests/postgres.sh does");
    }
    found
}

#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    /// Holds the socket, and the data unless it lies elsewhere.
    dir: TempDir,
    data: PathBuf,
    port: u16,
    /// More of PostgreSQL's settings.
    settings: Vec<String>,
    child: Option<Child>,
}

/// A port that nobody uses at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Cluster {
    /// Makes and starts one; `None` where there is no PostgreSQL.
    pub fn start() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        Self::start_in(dir, data)
    }

    pub fn start_in(dir: TempDir, data: PathBuf) -> Option<Self> {
        let programs = programs()?;
        let told = Command::new("chmod").arg("755").arg(dir.path()).status().unwrap();
        assert!(told.success());
        std::fs::create_dir_all(&data).unwrap();
        let password = dir.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        if root() {
            let told =
                Command::new("chown").arg("postgres").arg(dir.path()).arg(&data).arg(&password).status();
            assert!(told.unwrap().success());
        }
        let settings = vec!["listen_addresses=".to_owned(), "fsync=off".to_owned()];
        let mut cluster = Self { programs, dir, data, port: 5432, settings, child: None };
        let made = cluster
            .command("initdb")
            .args(["-U", "tillwatch", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(&cluster.data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.go();
        Some(cluster)
    }

    /// PostgreSQL does not run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub fn go(&mut self) {
        let child = self
            .command("postgres")
            .arg("-D")
            .arg(&self.data)
            .arg("-k")
            .arg(self.dir.path())
            .args(["-p", &self.port.to_string()])
            .args(self.settings.iter().flat_map(|setting| ["-c", setting]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        until("PostgreSQL to answer", || self.ask("SELECT 1").is_ok());
    }

    /// Starts it again with TLS, by a certificate and its key, at a port of 127.0.0.1.
    pub fn with_tls(&mut self, cert: &str, key: &str) -> u16 {
        self.stop("INT");
        for (name, text) in [("server.crt", cert), ("server.key", key)] {
            let file = self.dir.path().join(name);
            std::fs::write(&file, text).unwrap();
            assert!(Command::new("chmod").arg("600").arg(&file).status().unwrap().success());
            if root() {
                assert!(Command::new("chown").arg("postgres").arg(&file).status().unwrap().success());
            }
            let setting = if name == "server.crt" { "ssl_cert_file" } else { "ssl_key_file" };
            self.settings.push(format!("{setting}={}", file.display()));
        }
        self.settings.extend(["listen_addresses=127.0.0.1".to_owned(), "ssl=on".to_owned()]);
        self.port = free_port();
        self.go();
        self.port
    }

    /// `QUIT`: at once, as if the power had failed; `INT`: its clients are told.
    pub fn stop(&mut self, signal: &str) {
        let Some(mut child) = self.child.take() else { return };
        let told =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(told.success());
        until("PostgreSQL to end", || child.try_wait().unwrap().is_some());
    }

    pub fn url(&self) -> String {
        self.url_with(PASSWORD)
    }

    pub fn url_with(&self, password: &str) -> String {
        let host = self.dir.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://tillwatch:{password}@{host}:{}/postgres", self.port)
    }

    fn ask(&self, sql: &str) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = async {
            let client = connect(&self.url()).await?;
            client.query(sql, &[]).await
        };
        let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await });
        asked.unwrap_or_else(|_| panic!("PostgreSQL does not answer: {sql}"))
    }

    /// The rows of two numbers.
    pub fn pairs(&self, sql: &str) -> Vec<(i64, i64)> {
        self.ask(sql).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.ask(sql).unwrap()[0].get(0)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop("QUIT");
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub fn root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n")
}

/// Waits for something, within a bound.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::yield_now();
    }
}

/// A TCP port that leads to the cluster's socket, and breaks off after some bytes when it is told to.
#[derive(Debug)]
pub struct Wire {
    pub address: SocketAddr,
    shared: Arc<WireState>,
}

#[derive(Debug)]
struct WireState {
    /// Bytes towards the database until the next cut; negative: none.
    left: AtomicI64,
    /// Answers until one is swallowed, and everything is cut; 0: none is.
    mute: AtomicI64,
    cuts: AtomicI64,
    open: Mutex<Vec<TcpStream>>,
    through: AtomicBool,
}

impl Wire {
    pub fn to(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(WireState {
            left: AtomicI64::new(-1),
            mute: AtomicI64::new(0),
            cuts: AtomicI64::new(0),
            open: Mutex::default(),
            through: AtomicBool::new(false),
        });
        let (state, socket) =
            (Arc::clone(&shared), cluster.dir.path().join(format!(".s.PGSQL.{}", cluster.port)));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if state.through.load(Ordering::SeqCst) {
                    return;
                }
                lead(&near, &socket, &state);
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("postgres://tillwatch:{PASSWORD}@{}/postgres", self.address)
    }

    /// Cuts everything when so many more bytes have gone towards the database.
    pub fn cut_after(&self, bytes: i64) {
        self.shared.left.store(bytes, Ordering::SeqCst);
    }

    /// Cuts everything at this answer of the database, 1 for the next: what it did is done, and nobody hears of it.
    pub fn cut_answer(&self, number: i64) {
        self.shared.mute.store(number, Ordering::SeqCst);
    }

    pub fn cuts(&self) -> i64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl WireState {
    fn cut(&self) {
        self.cuts.fetch_add(1, Ordering::SeqCst);
        for open in self.open.lock().unwrap().drain(..) {
            let _ = open.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.shared.through.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn lead(near: &TcpStream, socket: &Path, state: &Arc<WireState>) {
    let Ok(far) = UnixStream::connect(socket) else { return };
    state.open.lock().unwrap().push(near.try_clone().unwrap());
    let (mut from_far, mut to_near) = (far.try_clone().unwrap(), near.try_clone().unwrap());
    let back = Arc::clone(state);
    std::thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok(count @ 1..) = from_far.read(&mut buffer) {
            if back.mute.load(Ordering::SeqCst) > 0 && back.mute.fetch_sub(1, Ordering::SeqCst) == 1 {
                back.cut();
                break;
            }
            if to_near.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to_near.shutdown(Shutdown::Both);
    });
    let (mut from_near, mut to_far, state) = (near.try_clone().unwrap(), far, Arc::clone(state));
    std::thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok(count @ 1..) = from_near.read(&mut buffer) {
            let count_i64 = i64::try_from(count).unwrap();
            let left = state.left.load(Ordering::SeqCst);
            if left >= 0 && left < count_i64 {
                // Some of it arrives, and nothing after it; nobody hears of anything any more.
                let _ = to_far.write_all(&buffer[..usize::try_from(left).unwrap()]);
                state.left.store(-1, Ordering::SeqCst);
                state.cut();
                break;
            }
            if left >= 0 {
                state.left.fetch_sub(count_i64, Ordering::SeqCst);
            }
            if to_far.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to_far.shutdown(Shutdown::Both);
    });
}
