//! `group`: how the servers of a group are, and changes of who is in it. Asks the server that runs with these settings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tillwatch_server::config::ServeArgs;
use tillwatch_server::group::file::GroupFile;
use tillwatch_server::group::https;
use tillwatch_server::group::identity::Identity;
use tillwatch_server::group::rescue::{self, Rest};
use tillwatch_server::group::types::MemberId;
use tillwatch_server::group::wire::Lost;
use tillwatch_server::group::words::{CHANGE, Change, Envelope, FORM, STATUS, Turned};
use tillwatch_server::group::{GroupError, LOG_FILE};
use tillwatch_server::ledger::backup::LEDGER_FILE;
use tillwatch_server::ledger::{journal, member, open};
use tillwatch_server::run;
use tillwatch_shared::api::{Coordination, CoordinationCause, GroupMember, GroupRole, GroupStatus};

use super::{Failure, say};

/// A change is agreed on by most members, and a hand-over waits for what is under way.
const PATIENCE: Duration = Duration::from_secs(40);

#[derive(Debug, Subcommand)]
pub enum GroupCommand {
    /// Who is in the group, who coordinates, and who is behind by how much.
    Status {
        /// As JSON, as the API tells it.
        #[arg(long)]
        json: bool,
    },
    /// Adds a member. It is brought up by itself once its server runs.
    Add {
        id: MemberId,
        /// Where the other members reach it, like 10.0.0.4:8090.
        #[arg(long, value_name = "HOST:PORT")]
        address: String,
        /// Where registers and monitors reach it, like `http://10.0.0.4:8080`.
        #[arg(long)]
        url: String,
    },
    /// Takes a member out of the group.
    Remove { id: MemberId },
    /// Lets another member coordinate. It keeps doing so until this is asked again, or it stops.
    Transfer { id: MemberId },
    /// When more than half of the members are lost for good: makes what this server has the beginning of a new group
    /// (while the server is stopped).
    Rescue {
        /// What only the lost members had is gone. Without this, the command says only what that may be.
        #[arg(long)]
        accept_loss: bool,
    },
}

pub fn group(args: &ServeArgs, data_dir: &Path, command: GroupCommand) -> Result<(), Failure> {
    let path = args.group.as_ref().ok_or("which group? Name its file: --group group.toml")?;
    let file = GroupFile::read(path)?;
    match command {
        GroupCommand::Status { json } => {
            let answer: String = ask(&file, STATUS, ())?;
            if json { say(&answer) } else { say(&table(&serde_json::from_str(&answer)?)) }
        }
        GroupCommand::Add { id, address, url } => change(&file, Change::Add { id, address, url }),
        GroupCommand::Remove { id } => change(&file, Change::Remove { id }),
        GroupCommand::Transfer { id } => change(&file, Change::Transfer { id }),
        GroupCommand::Rescue { accept_loss } => make_anew(&file, data_dir, accept_loss),
    }
}

fn change(file: &GroupFile, change: Change) -> Result<(), Failure> {
    let answer: Result<String, String> = ask(file, CHANGE, change)?;
    say(&answer?)
}

/// Asks this server; or another one, when it does not run.
fn ask<Q: Serialize + Clone, A: DeserializeOwned>(
    file: &GroupFile,
    path: &str,
    question: Q,
) -> Result<A, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let http = https::client(&Identity::of(&file.secret)?)?;
    let mut places: Vec<(MemberId, String)> =
        file.members.iter().map(|(id, place)| (*id, place.address.clone())).collect();
    places.sort_by_key(|(id, _)| *id != file.me);
    let mut failures = BTreeMap::new();
    for (id, address) in places {
        let body = question.clone();
        let envelope = Envelope { form: FORM, group: None, from: file.me, to: id, disk: None, body };
        let asked = https::ask(&http, &address, path, &envelope, PATIENCE);
        let answer: Result<Result<A, Turned>, Lost> = runtime.block_on(asked);
        match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(turned)) => failures.insert(id, turned.to_string()),
            Err(Lost::Unreachable) => failures.insert(id, Lost::Unreachable.to_string()),
            // It may be under way: no other one is asked to do it too.
            Err(lost @ Lost::Unanswered) => return Err(format!("member {id}: {lost}").into()),
        };
    }
    let told: Vec<String> = failures.into_iter().map(|(id, why)| format!("member {id}: {why}")).collect();
    Err(told.join("; ").into())
}

fn table(status: &GroupStatus) -> String {
    let mut lines = vec![match status.coordinator {
        Some(id) => format!("member {id} coordinates (term {})", status.term),
        None => "nobody coordinates: more than half of the members must run and reach each other".to_owned(),
    }];
    lines.extend(status.coordinators.first().map(since));
    lines.extend(status.members.iter().map(|member| line(status, member)));
    lines.join("\n")
}

/// The newest of those who coordinated, and why.
fn since(newest: &Coordination) -> String {
    let Coordination { member, since, cause, before, .. } = newest;
    let the_one_before = before.map_or_else(|| "the one before".to_owned(), |id| format!("member {id}"));
    let why = match cause {
        CoordinationCause::Start => "it was started, and nobody did".to_owned(),
        CoordinationCause::Silent if before == &Some(*member) => {
            "the others had lost touch with it".to_owned()
        }
        CoordinationCause::Silent => format!("nothing was heard of {the_one_before}"),
        CoordinationCause::Principal => "it is the principal, and had caught up".to_owned(),
        CoordinationCause::Asked => "somebody asked for it".to_owned(),
        CoordinationCause::Stopped => format!("{the_one_before} was stopped"),
        CoordinationCause::Differs => format!("{the_one_before} had another journal than the others"),
    };
    format!("since {since} member {member}: {why}")
}

fn line(status: &GroupStatus, member: &GroupMember) -> String {
    let GroupMember { id, url, role, version, heard_ms, behind, journal, agrees, .. } = member;
    let role = match role {
        _ if member.out_of_service => "is made anew",
        GroupRole::Coordinator => "coordinates",
        GroupRole::Member => "counts",
        GroupRole::Joining => "is brought up",
        GroupRole::Away => "away",
    };
    let mut parts = vec![format!("{id:>3}"), format!("{role:<13}"), url.clone()];
    if *id == status.principal {
        parts.push("principal".to_owned());
    }
    parts.extend(journal.map(|journal| format!("journal {journal}")));
    parts.extend(behind.filter(|behind| *behind > 0).map(|behind| format!("{behind} behind")));
    if *agrees == Some(false) {
        parts.push("DIFFERS".to_owned());
    }
    if member.lacks_readings {
        parts.push("waits for readings".to_owned());
    }
    let long_ago = heard_ms.filter(|heard| *heard >= 3_000);
    parts.extend(long_ago.map(|heard| format!("heard {} s ago", heard / 1_000)));
    parts.extend(version.clone());
    parts.join("  ")
}

/// What the group had agreed on, and what it may have, stays in the ledger; that there was a group is forgotten.
fn make_anew(group: &GroupFile, data_dir: &Path, accept_loss: bool) -> Result<(), Failure> {
    let _lock = run::lock(data_dir)?;
    let file = data_dir.join(LEDGER_FILE);
    if !file.exists() {
        return Err(format!("there is no ledger in {}", data_dir.display()).into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if !accept_loss {
        let rest = runtime.block_on(rescue::look(data_dir)).map_err(|error| without_the_log(&error))?;
        return Err(price(&rest, &here(&file)?).into());
    }
    let rest =
        runtime.block_on(rescue::apply(group.me, data_dir)).map_err(|error| without_the_log(&error))?;
    let here = here(&file)?;
    // A power cut would take from the ledger what then nobody has.
    member::bring_to_the_disk(&file)?;
    // The log first: it has been applied, and must never be again without the ledger's place in it.
    for left in [LOG_FILE.to_owned(), format!("{LOG_FILE}-wal"), format!("{LOG_FILE}-shm")] {
        remove(&data_dir.join(left))?;
    }
    member::forget_the_group(&file)?;
    let carried_out = match rest.commands {
        0 => String::new(),
        count => format!(" (the last commands of the log, {count}, were carried out)"),
    };
    say(&format!("{here}{carried_out}, which a new group begins with: start it as the principal"))
}

fn without_the_log(error: &GroupError) -> String {
    format!("{error}. To go on without what only the group's log has, move {LOG_FILE} away")
}

fn here(ledger: &Path) -> Result<String, Failure> {
    let tip = journal::tip(&open::source(ledger)?)?;
    Ok(format!("this server has the journal up to row {}", tip.seq))
}

/// What a rescue costs.
fn price(rest: &Rest, here: &str) -> String {
    let log = rest.end.map_or_else(String::new, |(term, place)| {
        format!(", and the log up to place {place} of term {term}")
    });
    let unknown = match rest.commands {
        0 => String::new(),
        count => format!(
            " The last commands of the log ({count}) are not in the journal yet: whether most servers had agreed on \
             them is not known. They are carried out, so that whoever was told that the outcome is not known may find \
             it done, and who sends such a command again gets its one outcome."
        ),
    };
    format!(
        "{here}{log}. What the others answered after that is lost if they are.{unknown} Look for the member whose log \
         has the highest term, and among those the furthest place, and say --accept-loss there; all others then join it \
         anew, each with an empty data directory"
    )
}

fn remove(path: &PathBuf) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
