//! The server's program as a child: started, killed, started again at the same address, and asked for its proof.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Outcome;

pub struct Server {
    program: PathBuf,
    data: PathBuf,
    child: Child,
    address: String,
}

impl Server {
    /// A demonstration on a free port; ready when this returns.
    pub fn start(program: PathBuf, data: &Path) -> Outcome<Self> {
        let (child, address) = spawn(&program, data, "127.0.0.1:0")?;
        Ok(Self { program, data: data.to_owned(), child, address })
    }

    /// `127.0.0.1:8080`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// kill -9.
    pub fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub fn start_again(&mut self) -> Outcome<()> {
        (self.child, _) = spawn(&self.program, &self.data, &self.address)?;
        Ok(())
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

fn spawn(program: &Path, data: &Path, listen: &str) -> Outcome<(Child, String)> {
    let mut command = Command::new(program);
    command.args(["--demo", "--listen", listen, "--data-dir"]).arg(data);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let output = child.stdout.take().ok_or("the server has no output")?;
    for line in BufReader::new(output).lines() {
        if let Some(address) = line?.strip_prefix("listening on http://") {
            return Ok((child, address.to_owned()));
        }
    }
    child.kill()?;
    Err(format!("the server did not listen at {listen}: {}", child.wait()?).into())
}
