//! `tillwatch collect`: follows a feed of a server and keeps its records in an own `SQLite` file. The place
//! in the feed is stored in the same transaction as the records, so it may be killed anywhere.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::{FeedRecords, SignIn};
use tillwatch_shared::client::{Client, ClientError, ClientOptions, Language};
use tillwatch_shared::limits::FEED_ROWS;

use crate::{CliError, clock, parse_span, say};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub struct CollectArgs {
    /// Address of the server; several, separated by commas, are tried in turn.
    #[arg(long, value_delimiter = ',', value_name = "URL")]
    server: Vec<String>,
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A file with the password in its first line.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// The feed's name on the server.
    #[arg(long, value_name = "NAME")]
    feed: String,
    /// The `SQLite` file that gets the records.
    #[arg(long, value_name = "FILE.sqlite")]
    to: PathBuf,
    /// Takes what is there, and ends.
    #[arg(long)]
    once: bool,
    /// Time between two questions when nothing is new.
    #[arg(long, default_value = "2s", value_parser = parse_span)]
    every: Duration,
}

/// Runs for ever, or until all is there. A server that is away is waited for.
pub async fn run(args: &CollectArgs) -> Result<(), CliError> {
    let mut store = open(args)?;
    let client = Client::new(&ClientOptions {
        servers: args.server.clone(),
        language: Language::English,
        request_timeout: Duration::from_secs(30),
        ..ClientOptions::default()
    })?;
    let mut wait = FIRST_WAIT;
    let mut told_waiting = false;
    loop {
        match step(args, &client, &mut store).await {
            Ok(more) => {
                wait = FIRST_WAIT;
                if more {
                    told_waiting = false;
                } else if args.once {
                    return Ok(());
                } else {
                    if !std::mem::replace(&mut told_waiting, true) {
                        say::event(clock::now(), "all is here; waiting for more");
                    }
                    tokio::time::sleep(args.every.max(Duration::from_millis(100))).await;
                }
            }
            Err(Failure::Server(error)) if error.is_temporary() => {
                let asked = error.retry_after_seconds().map(|s| Duration::from_secs(s.into()));
                let pause = asked.unwrap_or_default().max(wait).min(LONGEST_WAIT);
                let text = error.text(Language::English);
                say::event(clock::now(), format_args!("{text} Next try in {} s.", pause.as_secs()));
                tokio::time::sleep(pause).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(Failure::Server(error)) => return Err(error.into()),
            Err(Failure::Here(error)) => return Err(error),
        }
    }
}

enum Failure {
    Server(ClientError),
    Here(CliError),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Server(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Here(CliError::Store(error))
    }
}

/// Asks once and stores what came. Whether there is more.
async fn step(args: &CollectArgs, client: &Client, store: &mut Connection) -> Result<bool, Failure> {
    if client.session().is_none() {
        sign_in(args, client).await?;
    }
    let after = cursor(store, &args.feed)?;
    let page = match client.feed_records(&args.feed, after, FEED_ROWS).await {
        // The session is over, and could not be renewed: a new one begins.
        Err(error) if error.needs_sign_in() => {
            sign_in(args, client).await?;
            client.feed_records(&args.feed, after, FEED_ROWS).await?
        }
        result => result?,
    };
    if page.last_seq < after {
        say::event(
            clock::now(),
            "the server has less than before (restored?): reading again from its beginning",
        );
        keep(store, &args.feed, &FeedRecords { records: Vec::new(), next_after: 0, more: true, ..page })?;
        return Ok(true);
    }
    if !page.records.is_empty() {
        keep(store, &args.feed, &page)?;
        progress(&page);
    }
    Ok(page.more)
}

async fn sign_in(args: &CollectArgs, client: &Client) -> Result<(), Failure> {
    let text = std::fs::read_to_string(&args.password_file).map_err(|error| {
        Failure::Here(CliError::Usage(format!("{}: {error}", args.password_file.display())))
    })?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    let body = SignIn { username: args.user.clone(), password, device: Some("collect".into()) };
    client.sign_in(CommandId::now(), &body).await?;
    Ok(())
}

fn open(args: &CollectArgs) -> Result<Connection, CliError> {
    let store = Connection::open(&args.to)?;
    store.busy_timeout(Duration::from_secs(5))?;
    store.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    store.execute_batch(
        "PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS records (
             feed TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL,
             version INTEGER NOT NULL, taken_at TEXT NOT NULL, PRIMARY KEY (feed, id)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS place (feed TEXT PRIMARY KEY, after INTEGER NOT NULL) STRICT;",
    )?;
    Ok(store)
}

fn cursor(store: &Connection, feed: &str) -> rusqlite::Result<i64> {
    let found = store.query_row("SELECT after FROM place WHERE feed = ?1", [feed], |row| row.get(0));
    Ok(found.optional()?.unwrap_or(0))
}

/// Records and place in one transaction.
fn keep(store: &mut Connection, feed: &str, page: &FeedRecords) -> rusqlite::Result<()> {
    let transaction = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO records (feed, id, body, seq, version, taken_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (feed, id) DO UPDATE SET body = excluded.body, seq = excluded.seq,
                 version = excluded.version, taken_at = excluded.taken_at",
        )?;
        for record in &page.records {
            let (body, at) = (record.body.get(), record.taken_at.to_string());
            insert.execute((feed, &record.id, body, record.seq, record.version, at))?;
        }
    }
    transaction.execute(
        "INSERT INTO place (feed, after) VALUES (?1, ?2)
         ON CONFLICT (feed) DO UPDATE SET after = excluded.after",
        (feed, page.next_after),
    )?;
    transaction.commit()
}

/// A bar where somebody watches, a line where not.
fn progress(page: &FeedRecords) {
    let (done, all) = (page.next_after, page.last_seq.max(1));
    let percent = 100 * done / all;
    if std::io::stdout().is_terminal() {
        let filled = usize::try_from(percent * 30 / 100).unwrap_or(0).min(30);
        let end = if page.more { "" } else { "\n" };
        let bar = format!("\r[{:-<30}] {percent} %  {done} of {all}{end}", "#".repeat(filled));
        let _ = std::io::stdout().write_all(bar.as_bytes());
        let _ = std::io::stdout().flush();
    } else {
        say::event(clock::now(), format_args!("{done} of {all}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(seq: i64, body: &str) -> FeedRecords {
        let text = format!(
            r#"{{"records":[{{"seq":{seq},"id":"7","version":{seq},"taken_at":"2026-06-15T12:00:00Z","body":{body}}}],
               "next_after":{seq},"last_seq":9,"more":false}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_record_is_kept_once_and_its_place_with_it() {
        let line = "collect --server x --user u --password-file p --feed f --to :memory: --once";
        let args = <crate::Cli as clap::Parser>::parse_from(["tillwatch"].into_iter().chain(line.split(' ')));
        let crate::Command::Collect(args) = args.command else { panic!() };
        let mut store = Connection::open_in_memory().unwrap();
        drop(std::mem::replace(&mut store, open(&args).unwrap()));
        assert_eq!(cursor(&store, "f").unwrap(), 0);
        for (seq, body) in [(1, r#"{"id":7}"#), (1, r#"{"id":7}"#), (4, r#"{"id":7,"n":1.50}"#)] {
            keep(&mut store, "f", &page(seq, body)).unwrap();
            assert_eq!(cursor(&store, "f").unwrap(), seq);
            let kept: (i64, String) = store
                .query_row("SELECT count(*), max(body) FROM records", [], |r| Ok((r.get(0)?, r.get(1)?)))
                .unwrap();
            assert_eq!(kept, (1, body.to_owned()));
        }
    }
}
