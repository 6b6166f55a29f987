//! A member whose group has lost most of its members for good: what its log holds beyond its ledger comes into the
//! ledger before the group is forgotten. Nobody can say whether most members had agreed on that.

use std::path::Path;
use std::sync::Arc;

use openraft::EntryPayload;
use tokio::sync::watch;

use super::history::{Follower, History};
use super::log::{LogError, LogStore};
use super::machine::{self, Machine, Waiting};
use super::types::{Entry, MemberId};
use super::{COPIES, GroupError, LOG_FILE};
use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::ledger::backup::{LEDGER_FILE, TELEMETRY_FILE};
use crate::telemetry::{Options, Telemetry};

/// Entries that are read at once.
const AT_ONCE: u64 = 64;

/// What a member's log has that its ledger does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    pub commands: usize,
    /// The term of the log's newest entry, and its place. None where there is no log.
    pub end: Option<(u64, u64)>,
}

impl Rest {
    fn count(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.end = Some((entry.log_id.leader_id.term, entry.log_id.index));
            if let EntryPayload::Normal(portion) = &entry.payload {
                self.commands += portion.0.len();
            }
        }
    }
}

/// How much that is, of a member that does not run. Nothing is changed.
pub async fn look(data_dir: &Path) -> Result<Rest, GroupError> {
    let Some(log) = log(data_dir)? else { return Ok(Rest::default()) };
    let applied = machine::applied(&data_dir.join(LEDGER_FILE), &log)?;
    let mut rest = Rest { commands: 0, end: applied };
    let mut next = applied.map_or(0, |(_, place)| place + 1);
    loop {
        let entries = log.entries(next, next + AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        next = last.log_id.index + 1;
        rest.count(&entries);
    }
    log.close();
    Ok(rest)
}

/// Has it applied. What that was.
pub async fn apply(me: MemberId, data_dir: &Path) -> Result<Rest, GroupError> {
    let Some(log) = log(data_dir)? else { return Ok(Rest::default()) };
    let file = data_dir.join(LEDGER_FILE);
    let applied = machine::applied(&file, &log)?;
    let mut rest = Rest { commands: 0, end: applied };
    let mut next = applied.map_or(0, |(_, place)| place + 1);
    // Nothing is submitted here.
    let (ledger, _asked, applier) = Ledger::open_member(&file)?;
    let waiting = Arc::new(Waiting::new().map_err(GroupError::Random)?);
    let folder = data_dir.join(COPIES);
    let mut machine = Machine::open(me, &file, &folder, (&ledger, applier), waiting, log.clone())?;
    loop {
        let entries = log.entries(next, next + AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        next = last.log_id.index + 1;
        rest.count(&entries);
        machine.take(entries.into_iter()).await?;
    }
    let reached = machine.held().reached();
    take_readings(me, data_dir, &log, reached).await?;
    drop(machine);
    ledger.close();
    log.close();
    Ok(rest)
}

/// The sensor history has what the ledger has, where its readings go through the log.
async fn take_readings(
    me: MemberId,
    data_dir: &Path,
    log: &LogStore,
    reached: watch::Receiver<Option<u64>>,
) -> Result<(), GroupError> {
    if !data_dir.join(TELEMETRY_FILE).exists() {
        return Ok(());
    }
    // Nothing is submitted here either.
    let (telemetry, _asked, applier) =
        Telemetry::open_member(data_dir, None, Options::default(), &Clock::system())?;
    let history = History::open(telemetry.clone(), applier, data_dir, log).await?;
    let waiting = Arc::new(Waiting::new().map_err(GroupError::Random)?);
    Follower { me, history, log: log.clone(), reached, waiting }.catch_up().await?;
    telemetry.close();
    Ok(())
}

fn log(data_dir: &Path) -> Result<Option<LogStore>, LogError> {
    let file = data_dir.join(LOG_FILE);
    if file.exists() { Ok(Some(LogStore::open(&file)?)) } else { Ok(None) }
}
