//! The server's program as a child: started, killed, started again at the same address, and asked for its proof.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Outcome;

pub struct Server {
    program: PathBuf,
    data: PathBuf,
    /// The file that says which member of a group it is.
    group: Option<PathBuf>,
    child: Child,
    /// It was begun, and has not said yet that it is there.
    unheard: bool,
    address: String,
}

impl Server {
    /// A demonstration on a free port; ready when this returns.
    pub fn start(program: PathBuf, data: &Path) -> Outcome<Self> {
        let child = spawn(&program, data, "127.0.0.1:0", None)?;
        let (data, address) = (data.to_owned(), String::new());
        let mut server = Self { program, data, group: None, child, unheard: true, address };
        server.listens()?;
        Ok(server)
    }

    /// A member of a group, there: it listens when it has found most of the others.
    pub fn of_group(program: PathBuf, data: &Path, address: &str, group: &Path) -> Outcome<Self> {
        let child = spawn(&program, data, address, Some(group))?;
        let (data, address, group) = (data.to_owned(), address.to_owned(), Some(group.to_owned()));
        Ok(Self { program, data, group, child, unheard: true, address })
    }

    /// `127.0.0.1:8080`
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// kill -9.
    pub fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub fn start_again(&mut self) -> Outcome<()> {
        self.begin()?;
        self.listens()
    }

    /// Starts it again, and does not wait for it.
    pub fn begin(&mut self) -> Outcome<()> {
        self.child = spawn(&self.program, &self.data, &self.address, self.group.as_deref())?;
        self.unheard = true;
        Ok(())
    }

    /// Waits until it is there, if it was begun.
    pub fn listens(&mut self) -> Outcome<()> {
        if !self.unheard {
            return Ok(());
        }
        let output = self.child.stdout.take().ok_or("the server has no output")?;
        for line in BufReader::new(output).lines() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                (self.address, self.unheard) = (address.to_owned(), false);
                return Ok(());
            }
        }
        self.kill()?;
        Err(format!("the server did not listen at {}", self.address).into())
    }

    /// Asks it to end, and expects that it does.
    pub fn stop(&mut self) -> Outcome<()> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let ended = self.child.wait()?;
        if told.success() && ended.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {ended}").into())
        }
    }

    /// Its own proof: the journal's chain, the kept totals, and every table against the journal played again.
    pub fn verify(&self) -> Outcome<()> {
        let mut command = Command::new(&self.program);
        command.args(["verify", "--replay", "--data-dir"]).arg(&self.data);
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("verify: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(program: &Path, data: &Path, listen: &str, group: Option<&Path>) -> Outcome<Child> {
    let mut command = Command::new(program);
    command.args(["--demo", "--listen", listen, "--data-dir"]).arg(data);
    if let Some(group) = group {
        command.arg("--group").arg(group);
    }
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?)
}
