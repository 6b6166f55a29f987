//! Who signs in, for the commands that go on for ever: the person, the password's file, and the waits while
//! the server is away.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tillwatch_shared::CommandId;
use tillwatch_shared::api::SignIn;
use tillwatch_shared::client::{Client, ClientError, Language};
use tokio::task::JoinHandle;

use crate::{CliError, clock, say};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Bytes of a password file that are read.
const PASSWORD_BYTES: u64 = 4_096;

#[derive(Debug, Args)]
pub struct Account {
    /// Addresses of servers, separated by commas; one of them is enough to find the others of its group.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL[,URL…]", value_delimiter = ',')]
    pub server: Vec<String>,
    /// Who signs in (user name or CPF).
    #[arg(long, value_name = "NAME")]
    pub user: String,
    /// A file with the password in its first line.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

impl Account {
    /// What is sent to sign in as this program.
    pub fn sign_in(&self, program: &str) -> Result<SignIn, CliError> {
        let password = password(&self.password_file)?;
        Ok(SignIn { username: self.user.clone(), password, device: Some(program.to_owned()), till: None })
    }
}

/// The waits between tries: they grow up to a minute, until something works again.
#[derive(Debug)]
pub struct Waits {
    next: Duration,
}

impl Waits {
    pub const fn new() -> Self {
        Self { next: FIRST_WAIT }
    }

    /// It works again.
    pub const fn reset(&mut self) {
        self.next = FIRST_WAIT;
    }

    /// How long to wait now; at least what the server asks for, as far as that is bearable.
    pub fn after(&mut self, error: &ClientError) -> Duration {
        let asked = error.retry_after_seconds().map(|seconds| Duration::from_secs(seconds.into()));
        let wait = asked.unwrap_or_default().max(self.next).min(LONGEST_WAIT);
        self.next = (self.next * 2).min(LONGEST_WAIT);
        wait
    }
}

/// The error and the next try, as they are shown.
pub fn trouble(error: &ClientError, wait: Duration) -> String {
    format!("{} Next try in {} s.", error.text(Language::English), wait.as_secs())
}

/// Signs in, after growing waits for as long as the server is away.
pub async fn sign_in(client: &Client, body: &SignIn) -> Result<(), CliError> {
    let command = CommandId::now();
    let mut waits = Waits::new();
    loop {
        match client.sign_in(command, body).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_temporary() => {
                let wait = waits.after(&error);
                say::event(clock::now(), trouble(&error, wait));
                tokio::time::sleep(wait).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Keeps the servers of the group known while this lives, whoever signs in.
#[derive(Debug)]
pub struct Following(JoinHandle<()>);

impl Following {
    pub fn of(client: &Client) -> Self {
        let client = client.clone();
        Self(tokio::spawn(async move { client.follow_members(drop).await }))
    }

    pub fn with_key(client: &Client, key: &str) -> Self {
        let (client, key) = (client.clone(), key.to_owned());
        Self(tokio::spawn(async move { client.follow_members_with_key(&key).await }))
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn password(file: &Path) -> Result<String, CliError> {
    let mut text = String::new();
    let unreadable = |error: std::io::Error| CliError::Usage(format!("{}: {error}", file.display()));
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(PASSWORD_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(retry_after: Option<u32>) -> ClientError {
        let problem =
            r#"{"type":"/problems/busy","title":"t","status":503,"code":"busy","detail":"d","hint":"h"}"#;
        ClientError::Problem(serde_json::from_str(problem).unwrap(), retry_after)
    }

    #[test]
    fn waits_grow_to_a_minute_and_begin_anew() {
        let mut waits = Waits::new();
        let mut seconds = || waits.after(&ClientError::Unreachable).as_secs();
        let grown: Vec<u64> = (0..10).map(|_| seconds()).collect();
        assert_eq!(grown, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        waits.reset();
        assert_eq!(waits.after(&ClientError::TimedOut), Duration::from_secs(1));
        // What the server asks for counts, up to a minute, and does not make the own waits shorter.
        assert_eq!(waits.after(&busy(Some(30))), Duration::from_secs(30));
        assert_eq!(waits.after(&busy(Some(1))), Duration::from_secs(4));
        assert_eq!(waits.after(&busy(Some(86_400))), Duration::from_mins(1));
        assert_eq!(waits.after(&busy(None)), Duration::from_secs(16));
    }

    #[test]
    fn the_next_try_is_told() {
        let text = trouble(&ClientError::Unreachable, Duration::from_secs(8));
        assert!(
            text.starts_with("The server cannot be reached.") && text.ends_with("Next try in 8 s."),
            "{text}"
        );
    }

    #[test]
    fn the_password_is_the_first_line() {
        let file = std::env::temp_dir().join(format!("tillwatch-{}", CommandId::now()));
        std::fs::write(&file, "a b c\r\nnot this\n").unwrap();
        assert_eq!(password(&file).unwrap(), "a b c");
        std::fs::remove_file(&file).unwrap();
        assert!(password(&file).unwrap_err().to_string().contains("tillwatch-"));
    }
}
