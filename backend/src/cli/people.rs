//! People and keys from the command line, while the server is stopped: through the same commands.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use tillwatch_server::auth::{keyring, passwords};
use tillwatch_server::clock::Clock;
use tillwatch_server::domain::keys::{IssueKey, RevokeKey};
use tillwatch_server::domain::people::{AddPerson, ChangePerson, Entry, PinChange};
use tillwatch_server::domain::{Command, Payload, pin};
use tillwatch_server::http::keys::new_secret;
use tillwatch_server::http::sessions::PASSWORD_MIN;
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::{Ledger, Receipt, queries};
use tillwatch_server::run;
use tillwatch_shared::api::{KeyScope, NewApiKey, Role};
use tillwatch_shared::tax_id::Cpf;
use tillwatch_shared::{ApiKeyId, CommandId, PersonId, StoreId, compact};

use super::{Failure, say};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds a person. The password is read from standard input or a file.
    Add {
        username: String,
        #[arg(long, value_enum)]
        role: RoleArg,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        cpf: Option<String>,
        /// Ids of the stores that the person works in.
        #[arg(long = "store")]
        stores: Vec<StoreId>,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Gives a person a new password and ends their sessions.
    Password {
        username: String,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Gives a person a PIN, with which they sign in as with the password.
    Pin {
        username: String,
        #[arg(long, value_name = "FILE", conflicts_with = "remove")]
        pin_file: Option<PathBuf>,
        /// Takes the PIN away.
        #[arg(long)]
        remove: bool,
    },
    /// Stops a person from signing in.
    Stop { username: String },
    /// Lets a stopped person sign in again.
    Allow { username: String },
    /// Lists people.
    List,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Makes a key and prints its secret, this once.
    Add {
        name: String,
        /// Only these sensors; all if absent.
        #[arg(long = "sensor")]
        sensors: Vec<String>,
        /// May also listen to the live readings.
        #[arg(long)]
        read_live: bool,
    },
    /// Revokes a key.
    Revoke { id: ApiKeyId },
    /// Lists keys.
    List,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleArg {
    Seller,
    Manager,
    Admin,
}

pub fn user(data_dir: &Path, command: UserCommand) -> Result<(), Failure> {
    with_ledger(data_dir, |ledger| match command {
        UserCommand::Add { username, role, name, cpf, stores, password_file } => {
            let payload = Payload::AddPerson(AddPerson {
                username: username.clone(),
                name,
                role: match role {
                    RoleArg::Seller => Role::Seller,
                    RoleArg::Manager => Role::Manager,
                    RoleArg::Admin => Role::Admin,
                },
                cpf: cpf.as_deref().map(Cpf::parse).transpose()?,
                stores,
                entry: Entry::Added,
                password_hash: passwords::hash(&password(password_file)?)?,
            });
            submit(ledger, payload)?;
            say(&format!("{username} was added"))
        }
        UserCommand::Password { username, password_file } => {
            let hash = passwords::hash(&password(password_file)?)?;
            change(ledger, &username, |c| c.password_hash = Some(hash))?;
            say(&format!("{username} has a new password"))
        }
        UserCommand::Pin { username, remove: true, .. } => {
            change(ledger, &username, |c| c.pin = Some(PinChange::Remove))?;
            say(&format!("{username} has no PIN"))
        }
        UserCommand::Pin { username, pin_file, remove: false } => {
            let given = secret(pin_file)?;
            let person = known(ledger, &username)?;
            pin::check(&given, ledger.read(|db| queries::people::cpf(db, person))?.as_ref())?;
            let hash = passwords::hash(&given)?;
            change(ledger, &username, |c| c.pin = Some(PinChange::Set(hash)))?;
            say(&format!("{username} has a new PIN"))
        }
        UserCommand::Stop { username } => {
            change(ledger, &username, |c| c.active = Some(false))?;
            say(&format!("{username} can no longer sign in"))
        }
        UserCommand::Allow { username } => {
            change(ledger, &username, |c| c.active = Some(true))?;
            say(&format!("{username} can sign in again"))
        }
        UserCommand::List => {
            for (username, role, active) in ledger.read(queries::people::roster)? {
                let state = if active { "" } else { "  (stopped)" };
                say(&format!("{username:<24} {role:<8}{state}"))?;
            }
            Ok(())
        }
    })
}

pub fn key(data_dir: &Path, command: KeyCommand) -> Result<(), Failure> {
    with_ledger(data_dir, |ledger| match command {
        KeyCommand::Add { name, sensors, read_live } => {
            let secret = new_secret()?;
            let sensors: Option<Vec<_>> = sensors.iter().map(|id| compact::sensor_id(id)).collect();
            let mut scopes = vec![KeyScope::WriteReadings];
            if read_live {
                scopes.push(KeyScope::ReadLive);
            }
            let sensors = sensors.ok_or("a sensor id has 1 to 64 characters and no comma")?;
            let key = NewApiKey { name, scopes, sensors, expires_at: None };
            let receipt =
                submit(ledger, Payload::IssueKey(IssueKey { key, digest: keyring::digest(&secret) }))?;
            tracing::debug!(seq = receipt.seq, "key issued");
            say(&secret)
        }
        KeyCommand::Revoke { id } => {
            submit(ledger, Payload::RevokeKey(RevokeKey { key_id: id }))?;
            say(&format!("{id} was revoked"))
        }
        KeyCommand::List => {
            for key in ledger.read(queries::keys::list)? {
                let state = if key.revoked { "  (revoked)" } else { "" };
                say(&format!("{}  {}{state}", key.id, key.name))?;
            }
            Ok(())
        }
    })
}

/// Opens the ledger, which no running server may hold, and closes it properly.
fn with_ledger(data_dir: &Path, work: impl FnOnce(&Ledger) -> Result<(), Failure>) -> Result<(), Failure> {
    let _lock = run::lock(data_dir)?;
    let ledger = Ledger::open(&data_dir.join(LEDGER_FILE))?;
    let result = work(&ledger);
    ledger.close();
    result
}

fn submit(ledger: &Ledger, payload: Payload) -> Result<Receipt, Failure> {
    let now = Clock::system().now();
    let command =
        Command { id: CommandId::now(), actor: None, till: None, client_at: now, server_at: now, payload };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(runtime.block_on(ledger.submit(command))?)
}

fn change(ledger: &Ledger, username: &str, edit: impl FnOnce(&mut ChangePerson)) -> Result<(), Failure> {
    let mut change = ChangePerson {
        person_id: known(ledger, username)?,
        name: None,
        role: None,
        stores: None,
        active: None,
        password_hash: None,
        pin: None,
    };
    edit(&mut change);
    submit(ledger, Payload::ChangePerson(change)).map(drop)
}

fn known(ledger: &Ledger, username: &str) -> Result<PersonId, Failure> {
    let id = ledger.read(|db| queries::people::by_username(db, username))?;
    id.ok_or_else(|| format!("nobody is called {username}").into())
}

fn password(file: Option<PathBuf>) -> Result<String, Failure> {
    let password = secret(file)?;
    if password.chars().count() < PASSWORD_MIN {
        return Err(format!("a password has at least {PASSWORD_MIN} characters").into());
    }
    Ok(password)
}

/// A password or PIN from a file or the first line of standard input; never from the command line, which
/// others can see.
fn secret(file: Option<PathBuf>) -> Result<String, Failure> {
    let text = if let Some(file) = file {
        std::fs::read_to_string(file)?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line
    };
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
