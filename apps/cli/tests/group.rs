//! The programs without a window, given one server of a group: when it is gone they go on at the others.
#![cfg(test)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use rusqlite::Connection;
use tillwatch_server::clock::Clock;
use tillwatch_server::config::{ServeArgs, Settings};
use tillwatch_server::run::{self, Running};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::SignIn;
use tillwatch_shared::client::{Client, ClientOptions};

const PATIENCE: Duration = Duration::from_mins(3);
const MEMBERS: usize = 3;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    serve: ServeArgs,
}

/// Three members at addresses that nobody else on this machine has, all watching the same file.
async fn group(folder: &Path) -> Vec<Running> {
    let [.., net, subnet] = *uuid::Uuid::now_v7().as_bytes();
    let address = |id: usize| format!("127.{}.{}.{id}:7171", net.max(1), subnet.max(1));
    let doors: Vec<TcpListener> = (0..MEMBERS).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let members = doors.iter().zip(1..).map(|(door, id)| {
        let url = format!("http://{}", door.local_addr().unwrap());
        format!("[[member]]\nid = {id}\naddress = \"{}\"\nurl = \"{url}\"\n", address(id))
    });
    let members: String = members.collect();
    let feed = format!("vendas={}", folder.join("vendas.ndjson").display());
    let starting = doors.into_iter().zip(1..).map(|(door, id)| {
        let file = folder.join(format!("group{id}.toml"));
        let head = format!("me = {id}\nprincipal = 1\nsecret = \"uma frase que ninguem adivinha\"\n");
        fs::write(&file, format!("{head}{members}")).unwrap();
        let file = file.to_str().unwrap();
        let line = Line::parse_from(["tillwatch-server", "--demo", "--feed", &feed, "--group", file]);
        let settings = Settings::new(&line.serve, folder.join(format!("member{id}"))).unwrap();
        tokio::spawn(async move { run::serve(door, settings, Clock::system(), None).await.unwrap() })
    });
    let starting: Vec<_> = starting.collect();
    let mut running = Vec::new();
    for member in starting {
        running.push(member.await.unwrap());
    }
    running
}

/// A program, and what it has said.
struct Program {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillwatch"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (lines, heard) = (BufReader::new(child.stdout.take().unwrap()).lines(), Arc::clone(&said));
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push(line);
            }
        });
        Self { child, said }
    }

    /// How many lines with these words it has said.
    fn said(&self, words: &str) -> usize {
        self.said.lock().unwrap().iter().filter(|line| line.contains(words)).count()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The records that the collector has, and how many different ones.
fn collected(file: &Path) -> (i64, i64) {
    let count = |store: Connection| {
        store.query_row("SELECT count(*), count(DISTINCT id) FROM records", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    };
    Connection::open(file).and_then(count).unwrap_or_default()
}

async fn client(url: String) -> Client {
    let client = Client::new(&ClientOptions { servers: vec![url], ..ClientOptions::default() }).unwrap();
    let body = SignIn { username: "56789012345".into(), password: "1234".into(), device: None, till: None };
    client.sign_in(CommandId::now(), &body).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collector_pulse_and_devices_go_on_at_another_server() {
    let folder = tempfile::tempdir().unwrap();
    let (password, copy) = (folder.path().join("password"), folder.path().join("copy.sqlite"));
    fs::write(&password, "1234\n").unwrap();
    let feed = folder.path().join("vendas.ndjson");
    fs::write(&feed, "{\"id\":1}\n{\"id\":2}\n").unwrap();
    let mut members = group(folder.path()).await;
    let first = members.remove(0);
    let url = first.url();

    let account = ["--server", &url, "--user", "lucas", "--password-file", password.to_str().unwrap()];
    let follow = ["--feed", "vendas", "--to", copy.to_str().unwrap(), "--every", "100ms"];
    let collector = Program::start(&[&["collect"], &account[..], &follow[..]].concat());
    let pulse = Program::start(&[&["pulse"], &account[..]].concat());
    let devices = Program::start(&["simulate", "sensors", "--server", &url, "--every", "500ms"]);
    until("they are at work", async || {
        collected(&copy) == (2, 2) && pulse.said("online") > 2 && devices.said("live") > 0
    })
    .await;
    let second = client(members[0].url()).await;
    let third = client(members[1].url()).await;
    let newest = async |client: &Client| {
        let sensors = client.sensors().await.unwrap();
        sensors.iter().filter_map(|sensor| sensor.last.as_ref().map(|last| last.received_at)).max()
    };
    until("what they measured is at all of them", async || {
        newest(&second).await.is_some() && newest(&third).await.is_some()
    })
    .await;

    first.stop().await.unwrap();
    let stopped = Clock::system().now();
    let (before, mut text) = (pulse.said("online"), fs::read_to_string(&feed).unwrap());
    text.push_str("{\"id\":3}\n");
    fs::write(&feed, text).unwrap();
    until("the collector has what came after", async || collected(&copy) == (3, 3)).await;
    until("the pulse goes on", async || pulse.said("online") > before + 2).await;
    until("the devices go on", async || newest(&second).await > Some(stopped)).await;
    drop((collector, pulse, devices));
    for member in members {
        member.stop().await.unwrap();
    }
}
