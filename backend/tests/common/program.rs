//! The real program, as a child of the test.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::Args;
use tillwatch_server::config::ServeArgs;

pub const SERVER: &str = env!("CARGO_BIN_EXE_tillwatch-server");

/// How long the program may take to say where it listens. Generous: it is built without optimisation, other tests run
/// beside it, and a member of a group waits until it has been brought up. One that ends is not waited for.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub struct Program {
    child: Child,
    pub base: String,
    /// What it said before it listened.
    pub greeting: Vec<String>,
    errors: Option<JoinHandle<String>>,
}

impl Program {
    /// Starts it on a free port and waits until it says where it listens.
    pub fn start(dir: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(SERVER);
        command.args(["--data-dir", dir.to_str().unwrap()]).args(args);
        Self::from_command(command)
    }

    /// The same with a command line of the test's own; `--listen` is added.
    pub fn from_command(command: Command) -> Self {
        Self::listening(command, "127.0.0.1:0")
    }

    /// The same at an address that others know beforehand.
    pub fn listening(mut command: Command, address: &str) -> Self {
        quiet(&mut command).args(["--listen", address]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let mut errors = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            errors.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut greeting = Vec::new();
        let base = loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                panic!("it never listened: {greeting:?} {}", errors.join().unwrap());
            };
            match line.strip_prefix("listening on ") {
                Some(base) => break base.to_owned(),
                None => greeting.push(line),
            }
        };
        Self { child, base, greeting, errors: Some(errors) }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it this signal.
    pub fn signal(&self, name: &str) {
        let told =
            Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// SIGTERM, and how long it took to end.
    pub fn terminate(mut self) -> (ExitStatus, Duration, String) {
        let begun = Instant::now();
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        let took = begun.elapsed();
        (status, took, self.errors.take().unwrap().join().unwrap())
    }
}

impl Drop for Program {
    /// A test that failed leaves no server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a sub-command to its end; one that serves instead of refusing is stopped.
pub fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "60", SERVER]);
    quiet(&mut command).args(["--data-dir", dir.to_str().unwrap()]).args(args).output().unwrap()
}

/// Standard output and standard error of a program that ended well.
#[track_caller]
pub fn success(output: &Output) -> String {
    let text = both(output);
    assert!(output.status.success(), "{text}");
    text
}

/// What a program said that ended badly.
#[track_caller]
pub fn failure(output: &Output) -> String {
    let text = both(output);
    assert!(!output.status.success(), "should have failed: {text}");
    assert!(output.status.code().is_some(), "should have ended by itself: {text}");
    text
}

fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Without what the machine's environment may say.
fn quiet(command: &mut Command) -> &mut Command {
    for setting in ServeArgs::augment_args(clap::Command::new("settings")).get_arguments() {
        if let Some(name) = setting.get_env() {
            command.env_remove(name);
        }
    }
    // Away from any `.env` file.
    command.current_dir(std::env::temp_dir()).stdin(Stdio::null())
}

fn lines_of(out: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = sync_channel(64);
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
