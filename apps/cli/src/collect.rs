//! `tillwatch collect`: follows a feed of a server and keeps its records in an own `SQLite` file. The place
//! in the feed is stored in the same transaction as the records, so it may be killed anywhere. Several
//! collectors share a file, and a file that another program holds is waited for.

use std::io::{self, IsTerminal as _, Stdout, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior};
use tillwatch_shared::CommandId;
use tillwatch_shared::api::FeedRecords;
use tillwatch_shared::client::{Client, ClientError, ClientOptions, Language};
use tillwatch_shared::limits::FEED_ROWS;

use crate::account::{self, Account, Following, Waits};
use crate::{CliError, clock, parse_span, say};

/// How long `SQLite` itself waits for a file that somebody else holds.
const HELD: Duration = Duration::from_secs(1);
/// The wait until it is tried again: not every clash is one that `SQLite` waits for.
const NEXT_TRY: Duration = Duration::from_millis(100);

#[derive(Debug, Args)]
pub struct CollectArgs {
    #[command(flatten)]
    account: Account,
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
    let mut screen = Screen::new();
    let mut store = opened(args, &mut screen).await?;
    let client = client(args)?;
    let _following = Following::of(&client);
    let mut waits = Waits::new();
    let (mut told_waiting, mut told_held) = (false, false);
    loop {
        match step(args, &client, &mut store, &mut screen).await {
            Ok(more) => {
                waits.reset();
                told_held = false;
                if more {
                    told_waiting = false;
                } else if args.once {
                    return Ok(());
                } else {
                    if !std::mem::replace(&mut told_waiting, true) {
                        screen.event("all is here; waiting for more");
                    }
                    tokio::time::sleep(args.every.max(Duration::from_millis(100))).await;
                }
            }
            Err(Failure::Server(error)) if may_pass(&error) => {
                let wait = waits.after(&error);
                screen.event(&account::trouble(&error, wait));
                told_waiting = false;
                tokio::time::sleep(wait).await;
            }
            Err(Failure::Server(error)) => return Err(error.into()),
            Err(Failure::Here(CliError::Store(error))) if is_held(&error) => {
                held(args, &mut screen, &mut told_held).await;
                told_waiting = false;
            }
            Err(Failure::Here(error)) => return Err(error),
        }
    }
}

/// Two that begin at once, on a file that is new, may be in each other's way for a moment.
async fn opened<W: Write>(args: &CollectArgs, screen: &mut Screen<W>) -> Result<Connection, CliError> {
    let mut told = false;
    loop {
        match open(args) {
            Err(error) if is_held(&error) => held(args, screen, &mut told).await,
            result => return Ok(result?),
        }
    }
}

/// The next try is told once, and comes soon.
async fn held<W: Write>(args: &CollectArgs, screen: &mut Screen<W>, told: &mut bool) {
    if !std::mem::replace(told, true) {
        let file = args.to.display();
        screen.event(&format!("{file} is in use by another program; waiting until it is free"));
    }
    tokio::time::sleep(NEXT_TRY).await;
}

fn is_held(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn client(args: &CollectArgs) -> Result<Client, CliError> {
    Ok(Client::new(&ClientOptions {
        servers: args.account.server.clone(),
        language: Language::English,
        request_timeout: Duration::from_secs(30),
        compressed: true,
        ..ClientOptions::default()
    })?)
}

/// What makes no sense may come from a proxy, while the server behind it is away.
fn may_pass(error: &ClientError) -> bool {
    error.is_temporary() || matches!(error, ClientError::BadAnswer(_))
}

#[derive(Debug)]
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
async fn step<W: Write>(
    args: &CollectArgs,
    client: &Client,
    store: &mut Connection,
    screen: &mut Screen<W>,
) -> Result<bool, Failure> {
    if client.session().is_none() {
        sign_in(args, client).await?;
    }
    let after = cursor(store, &args.feed)?;
    let page = match client.feed_records(&args.feed, after, FEED_ROWS).await {
        // The session is over, and could not be renewed: a new one begins.
        Err(error) if error.needs_sign_in() => {
            screen.event("the session is over; signing in again");
            sign_in(args, client).await?;
            client.feed_records(&args.feed, after, FEED_ROWS).await?
        }
        result => result?,
    };
    if page.last_seq < after {
        screen.event("the server has less than before (restored?): reading again from its beginning");
        keep(store, &args.feed, &FeedRecords { records: Vec::new(), next_after: 0, more: true, ..page })?;
        return Ok(true);
    }
    if !page.records.is_empty() {
        keep(store, &args.feed, &page)?;
        screen.progress(&page);
    }
    Ok(page.more)
}

async fn sign_in(args: &CollectArgs, client: &Client) -> Result<(), Failure> {
    let body = args.account.sign_in("tillwatch collect").map_err(Failure::Here)?;
    client.sign_in(CommandId::now(), &body).await?;
    Ok(())
}

fn open(args: &CollectArgs) -> rusqlite::Result<Connection> {
    let store = Connection::open(&args.to)?;
    store.busy_timeout(HELD)?;
    store.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    store.execute_batch(
        "PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS records (
             feed TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, seq INTEGER NOT NULL,
             version INTEGER NOT NULL, taken_at TEXT NOT NULL, PRIMARY KEY (feed, id)
         ) STRICT;
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

/// What a person sees: a bar where somebody watches, lines where not.
#[derive(Debug)]
struct Screen<W> {
    out: W,
    bars: bool,
    /// The bar has no line end behind it yet.
    open: bool,
}

impl Screen<Stdout> {
    fn new() -> Self {
        Self { out: io::stdout(), bars: io::stdout().is_terminal(), open: false }
    }
}

impl<W: Write> Screen<W> {
    fn event(&mut self, text: &str) {
        let end = if std::mem::take(&mut self.open) { "\n" } else { "" };
        self.write(&format!("{end}{}\n", say::timed(clock::now(), text)));
    }

    fn progress(&mut self, page: &FeedRecords) {
        let (done, all) = (page.next_after, page.last_seq.max(1));
        if !self.bars {
            self.event(&format!("{done} of {all}"));
            return;
        }
        let percent = 100 * done / all;
        let filled = usize::try_from(percent * 30 / 100).unwrap_or(0).min(30);
        let bar = format!("\r[{:-<30}] {percent} %  {done} of {all}", "#".repeat(filled));
        self.open = page.more;
        self.write(&if page.more { bar } else { bar + "\n" });
    }

    /// A reader that went away is no reason to stop.
    fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::net::TcpListener;
    use std::path::Path;
    use std::time::Instant;

    use clap::Parser;
    use serde_json::json;
    use tillwatch_server::clock::Clock;
    use tillwatch_server::config::{ServeArgs, Settings};
    use tillwatch_server::run::{self, Running};
    use tillwatch_shared::time::{DAY, MINUTE};

    use super::*;

    #[derive(Debug, Parser)]
    struct ServerLine {
        #[command(flatten)]
        serve: ServeArgs,
    }

    async fn server(folder: &Path, clock: Clock) -> Running {
        let feed = format!("vendas={}", folder.join("vendas.ndjson").display());
        let line = ServerLine::parse_from(["tillwatch-server", "--demo", "--feed", &feed]);
        let settings = Settings::new(&line.serve, folder.join("server")).unwrap();
        run::serve(TcpListener::bind("127.0.0.1:0").unwrap(), settings, clock, None).await.unwrap()
    }

    fn args(folder: &Path, server: &str) -> CollectArgs {
        let (password, to) = (folder.join("password"), folder.join("copy.sqlite"));
        fs::write(&password, "1234\n").unwrap();
        let (password, to) = (password.to_str().unwrap(), to.to_str().unwrap());
        let line =
            ["tillwatch", "collect", "--server", server, "--user", "lucas", "--password-file", password];
        let more = ["--feed", "vendas", "--to", to, "--once"];
        let cli = crate::Cli::parse_from(line.into_iter().chain(more));
        let crate::Command::Collect(args) = cli.command else { panic!("another command") };
        args
    }

    fn screen(bars: bool) -> Screen<Vec<u8>> {
        Screen { out: Vec::new(), bars, open: false }
    }

    fn page(seq: i64, body: &str) -> FeedRecords {
        let text = format!(
            r#"{{"records":[{{"seq":{seq},"id":"7","version":{seq},"taken_at":"2026-06-15T12:00:00Z","body":{body}}}],
               "next_after":{seq},"last_seq":9,"more":{}}}"#,
            seq < 9
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_record_is_kept_once_and_its_place_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(&args(folder.path(), "x")).unwrap();
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

    /// As by a disk that fills up, or a kill, at either of the two writes: neither the records without their place
    /// nor, which would lose them, the place without its records.
    #[test]
    fn what_breaks_off_leaves_records_and_place_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(&args(folder.path(), "x")).unwrap();
        keep(&mut store, "f", &page(1, r#"{"id":7}"#)).unwrap();
        for broken in ["INSERT ON records", "UPDATE ON records", "INSERT ON place", "UPDATE ON place"] {
            let trigger = "CREATE TRIGGER broken BEFORE {} BEGIN SELECT RAISE(FAIL, 'broken'); END";
            store.execute_batch(&trigger.replace("{}", broken)).unwrap();
            assert!(keep(&mut store, "f", &page(4, r#"{"id":7,"n":4}"#)).is_err(), "{broken}");
            store.execute_batch("DROP TRIGGER broken").unwrap();
            // What another connection sees is what is left after a kill.
            let left = open(&args(folder.path(), "x")).unwrap();
            let body: String = left.query_row("SELECT body FROM records", [], |row| row.get(0)).unwrap();
            assert_eq!((cursor(&left, "f").unwrap(), body.as_str()), (1, r#"{"id":7}"#), "{broken}");
        }
        keep(&mut store, "f", &page(4, r#"{"id":7,"n":4}"#)).unwrap();
        assert_eq!(cursor(&store, "f").unwrap(), 4);
    }

    /// Lets go of the file when it is told that the file is in use.
    struct Holder(Option<Connection>, String);

    impl Write for Holder {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.1 += str::from_utf8(text).unwrap();
            self.0 = None;
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_file_that_another_program_holds_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let args = args(folder.path(), "x");
        let other = Connection::open(&args.to).unwrap();
        other.execute_batch("CREATE TABLE theirs (a); BEGIN EXCLUSIVE").unwrap();
        let mut screen = Screen { out: Holder(Some(other), String::new()), bars: false, open: false };
        let mut store = opened(&args, &mut screen).await.unwrap();
        assert!(screen.out.1.contains("copy.sqlite is in use by another program"), "{}", screen.out.1);

        let other = Connection::open(&args.to).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(is_held(&keep(&mut store, "f", &page(1, "{}")).unwrap_err()));
        drop(other);
        keep(&mut store, "f", &page(1, "{}")).unwrap();
        assert_eq!(cursor(&store, "f").unwrap(), 1);
    }

    /// They make the file, turn it to its journal and make its tables, all at the same moment.
    #[test]
    fn collectors_that_begin_at_once_share_a_new_file() {
        const COLLECTORS: usize = 8;
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let args = args(folder.path(), "x");
            let begin = std::sync::Barrier::new(COLLECTORS);
            std::thread::scope(|scope| {
                for number in 0..COLLECTORS {
                    let (args, begin) = (&args, &begin);
                    scope.spawn(move || {
                        let runtime =
                            tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                        begin.wait();
                        let mut store = runtime.block_on(opened(args, &mut screen(false))).unwrap();
                        keep(&mut store, &number.to_string(), &page(1, "{}")).unwrap();
                    });
                }
            });
            let store = open(&args).unwrap();
            for number in 0..COLLECTORS {
                assert_eq!(cursor(&store, &number.to_string()).unwrap(), 1);
            }
        }
    }

    #[test]
    fn a_bar_ends_before_a_line_begins() {
        let mut screen = screen(true);
        screen.progress(&page(3, "{}"));
        screen.event("away");
        screen.progress(&page(9, "{}"));
        screen.event("back");
        let text = String::from_utf8(screen.out).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[0], format!("\r[{:-<30}] 33 %  3 of 9", "#".repeat(9)));
        assert!(lines[1].ends_with(" away"));
        assert_eq!(lines[2], format!("\r[{}] 100 %  9 of 9", "#".repeat(30)));
        assert!(lines[3].ends_with(" back"));
    }

    /// Follows until the copy has so many records.
    async fn until(count: i64, args: &CollectArgs, client: &Client, store: &mut Connection) -> String {
        let (begun, mut screen) = (Instant::now(), screen(false));
        loop {
            step(args, client, store, &mut screen).await.unwrap();
            let found: i64 = store.query_row("SELECT count(*) FROM records", [], |row| row.get(0)).unwrap();
            if found == count {
                return String::from_utf8(screen.out).unwrap();
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{found} records");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn the_token_is_renewed_and_a_session_that_ended_begins_again() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-06-15T15:00:00Z".parse().unwrap());
        let running = server(folder.path(), clock.clone()).await;
        let file = folder.path().join("vendas.ndjson");
        let args = args(folder.path(), &running.url());
        let (client, mut store) = (super::client(&args).unwrap(), open(&args).unwrap());
        let mut text = String::new();
        let mut write = |id: i64| {
            text.push_str(&json!({ "id": id }).to_string());
            text.push('\n');
            fs::write(&file, &text).unwrap();
        };
        write(1);
        until(1, &args, &client, &mut store).await;
        let first = client.session().unwrap();
        // The access token's time is over: the same session, another token.
        clock.advance(16 * MINUTE);
        write(2);
        until(2, &args, &client, &mut store).await;
        let renewed = client.session().unwrap();
        assert_eq!(renewed.id, first.id);
        assert_ne!(renewed.access_token, first.access_token);
        // The session's time is over too.
        clock.advance(31 * DAY);
        write(3);
        let told = until(3, &args, &client, &mut store).await;
        assert_ne!(client.session().unwrap().id, first.id);
        assert!(told.contains("signing in again"), "{told}");
        running.stop().await.unwrap();
    }
}
