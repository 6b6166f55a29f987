//! This member's sensor history, as the group's log sees it: it takes from the log what devices sent, in the log's order
//! and at its own pace, behind the ledger. Its place in the log is written in the transaction of the readings. Where the
//! log no longer has what it lacks it becomes a copy of another member's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use openraft::EntryPayload;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use super::COPY_TAKES;
use super::differs::ASIDE;
use super::https::{Https, To};
use super::incoming;
use super::log::{LogError, LogStore};
use super::machine::Waiting;
use super::seat::{Heard, Seat};
use super::types::{Entry, MemberId, away};
use super::wire::Lost;
use super::words::{self, Copy, Freight, Sent};
use crate::ledger::queries::changes;
use crate::telemetry::member::{self, Agreed, Applier, Asked, NotStored};
use crate::telemetry::{BackupError, Telemetry};

const LEAVING: &str = "history-for-others.sqlite";
pub const ARRIVING: &str = "history-being-received.sqlite";
/// Entries that are taken at once.
const AT_ONCE: u64 = 64;
/// Entries without readings after which the place is written all the same.
const WRITTEN_EVERY: u64 = 1_024;
/// How long another member gets to come as far as it is asked to be.
const CATCHING_UP: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("the sensor history: {0}")]
    Stored(#[from] NotStored),
    #[error("readings in the group's log cannot be read; is this program older than the others? {0}")]
    Form(#[from] postcard::Error),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("a copy of the sensor history: {0}")]
    Copy(#[from] BackupError),
    #[error("a copy of the sensor history: {0}")]
    Io(#[from] io::Error),
    #[error("the copy of the sensor history is not the one that was asked for")]
    OtherCopy,
    #[error("copying the sensor history panicked")]
    Panicked,
}

/// What a member has of it when it starts.
#[derive(Debug)]
pub struct Parts {
    pub telemetry: Telemetry,
    pub asked: Asked,
    pub applier: Applier,
}

/// The history of this member; clones share it.
#[derive(Clone, Debug)]
pub struct History {
    telemetry: Telemetry,
    applier: Applier,
    folder: PathBuf,
    places: Arc<watch::Sender<Places>>,
    /// Held while it changes.
    turn: Arc<Mutex<()>>,
    /// Held while a copy is made for another member, or awaited from one.
    copying: Arc<Mutex<()>>,
}

/// How far a history is in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// None: it lacks readings that the log no longer has.
    pub taken: Option<u64>,
    /// As its file says.
    pub written: u64,
}

/// How far it is, in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    group: Uuid,
    place: u64,
}

impl Mark {
    fn read(mark: Option<&[u8]>) -> Result<Option<Self>, postcard::Error> {
        mark.map(postcard::from_bytes).transpose()
    }
}

impl History {
    /// The history in this data directory.
    pub async fn open(
        telemetry: Telemetry,
        applier: Applier,
        data_dir: &Path,
        log: &LogStore,
    ) -> Result<Self, HistoryError> {
        let mark = Mark::read(applier.mark().await?.as_deref())?;
        let place = mark.filter(|mark| Some(mark.group) == log.group()).map(|mark| mark.place);
        let (places, _) = watch::channel(Places { taken: place, written: place.unwrap_or_default() });
        log.keep_for_history(places.subscribe());
        let folder = data_dir.to_owned();
        let (turn, copying) = (Arc::default(), Arc::default());
        Ok(Self { telemetry, applier, folder, places: Arc::new(places), turn, copying })
    }

    pub fn places(&self) -> Places {
        *self.places.borrow()
    }

    fn is_at(&self, taken: Option<u64>, written: Option<u64>) {
        self.places.send_modify(|places| {
            places.taken = taken;
            places.written = written.unwrap_or(places.written);
        });
    }

    /// Stores readings, and how far they go.
    async fn take(&self, agreed: Vec<Agreed>, mark: Mark) -> Result<(), HistoryError> {
        self.applier.apply(agreed, postcard::to_stdvec(&mark)?).await?;
        self.is_at(Some(mark.place), Some(mark.place));
        Ok(())
    }

    /// What it has is where the group's begins.
    async fn adopt(&self, log: &LogStore) -> Result<(), HistoryError> {
        let _turn = self.turn.lock().await;
        let (Some(group), Some(begun)) = (log.group(), log.purged()) else { return Ok(()) };
        self.take(Vec::new(), Mark { group, place: begun.index }).await
    }

    /// Whether the others begin with what this one has: it made the group. One that got a copy of the ledger did not,
    /// nor has one whose readings are gone although the journal, or another member, knows of some.
    fn is_the_first(&self, seat: &Seat) -> bool {
        let sealed = || seat.read(changes::sealed_up_to).unwrap_or_default();
        let has_some = |heard: &Heard| {
            let Heard { presence, .. } = heard;
            heard.is_here() && presence.group == seat.group() && !presence.lacks_readings()
        };
        seat.me() == seat.file.principal
            && self.places().written == 0
            && seat.log().copied_upto() == 0
            && (sealed() == 0 || !self.telemetry.sensors().is_empty())
            && !seat.heard().values().any(has_some)
    }

    /// A history of a server by itself, which nobody has asked to be a member's.
    fn is_its_own(&self) -> bool {
        self.places().written == 0 && !self.telemetry.sensors().is_empty()
    }

    /// Becomes a copy of another member's.
    async fn become_copy(&self, log: &LogStore, copy: PathBuf) -> Result<(), HistoryError> {
        let _turn = self.turn.lock().await;
        let mark = Mark::read(member::mark_of(&copy)?.as_deref())?.ok_or(HistoryError::OtherCopy)?;
        let least = least(log);
        if Some(mark.group) != log.group() || mark.place < least {
            return Err(HistoryError::OtherCopy);
        }
        if self.is_its_own() {
            let folder = self.folder.join(ASIDE);
            fs::create_dir_all(&folder)?;
            let kept = folder.join(format!("telemetry-before-{}.sqlite", mark.place));
            tracing::warn!(kept = %kept.display(), "the readings that this server had by itself are set aside");
            self.copy_to(kept).await?;
        }
        self.applier.replace(copy).await?;
        self.is_at(Some(mark.place), Some(mark.place));
        Ok(())
    }

    async fn copy_to(&self, file: PathBuf) -> Result<(), HistoryError> {
        let telemetry = self.telemetry.clone();
        let copied = away(move || {
            // What a fall has left.
            if file.exists() {
                fs::remove_file(&file)?;
            }
            Ok(telemetry.backup_to(&file)?)
        });
        copied.await.unwrap_or(Err(HistoryError::Panicked))
    }

    /// Sends a copy to a member, with at least so much of the log.
    pub async fn send_copy(&self, seat: &Seat, wire: &Https, to: MemberId, asked: Copy) -> Option<Sent> {
        // One that lacks readings itself waits for nobody who waits for it.
        self.places().taken?;
        let _one = self.copying.lock().await;
        let mut places = self.places.subscribe();
        let there = places.wait_for(|places| places.taken >= Some(asked.least));
        tokio::time::timeout(CATCHING_UP, there).await.ok()?.ok()?;
        let file = self.copies().join(LEAVING);
        let copied = async {
            {
                let _turn = self.turn.lock().await;
                if let (Some(group), Some(place)) = (seat.group(), self.places().taken) {
                    self.take(Vec::new(), Mark { group, place }).await?;
                }
            }
            self.copy_to(file.clone()).await
        };
        if let Err(error) = copied.await {
            tracing::warn!(%error, member = to, "gets no copy of the sensor history");
            return None;
        }
        let membership = seat.metrics()?.membership_config;
        let member = membership.membership().get_node(&to)?;
        let sent = wire.send_copy(To::member(to, member), file.clone(), Freight::History).await.ok();
        if let Err(error) = fs::remove_file(&file) {
            tracing::warn!(%error, "a copy of the sensor history stays");
        }
        sent
    }

    fn copies(&self) -> PathBuf {
        self.folder.join(super::COPIES)
    }

    /// Brings it up where it lacks readings that the log no longer has.
    pub async fn mend(&self, seat: &Seat, wire: &Https) {
        if self.places().taken.is_some() {
            return;
        }
        let Ok(_one) = self.copying.try_lock() else { return };
        if self.is_the_first(seat) {
            if let Err(error) = self.adopt(seat.log()).await {
                tracing::error!(%error, "this member's readings are not the group's yet");
            }
            return;
        }
        let Some(metrics) = seat.metrics() else { return };
        let heard = seat.heard();
        let mut sources: Vec<MemberId> =
            heard.iter().filter(|(_, heard)| heard.is_here()).map(|(id, _)| *id).collect();
        sources.sort_by_key(|id| Some(*id) != metrics.current_leader);
        let least = least(seat.log());
        for id in sources {
            let Some(member) = metrics.membership_config.membership().get_node(&id) else { continue };
            let sent: Result<Option<Sent>, Lost> =
                wire.ask(To::member(id, member), words::HISTORY, Copy { least }, COPY_TAKES).await;
            let Ok(Some(sent)) = sent else { continue };
            let Some(file) = incoming::arrived(&seat.incoming_history, &sent).await else { continue };
            match self.become_copy(seat.log(), file).await {
                Ok(()) => return tracing::info!(member = id, "has sent its sensor history"),
                Err(error) => tracing::warn!(%error, member = id, "has sent its sensor history in vain"),
            }
        }
    }
}

/// Up to which place a copy must have all: what comes after it is in the log.
fn least(log: &LogStore) -> u64 {
    log.purged().map_or(0, |place| place.index).max(log.copied_upto())
}

/// Takes readings from the log into this member's history.
#[derive(Debug)]
pub struct Follower {
    pub me: MemberId,
    pub history: History,
    pub log: LogStore,
    /// How far the ledger is. What it has the group has agreed on.
    pub reached: watch::Receiver<Option<u64>>,
    pub waiting: Arc<Waiting>,
}

impl Follower {
    /// Until the ledger is closed, or the history cannot be written.
    pub async fn run(mut self) -> Result<(), HistoryError> {
        let mut places = self.history.places.subscribe();
        loop {
            self.catch_up().await?;
            // A copy may have come, or more of the log.
            let lacking = places.borrow_and_update().taken.is_none();
            tokio::select! {
                changed = self.reached.changed() => if changed.is_err() { return Ok(()) },
                _ = places.changed(), if lacking => {}
            }
        }
    }

    /// Takes what the ledger has, as far as the log is there.
    pub(super) async fn catch_up(&mut self) -> Result<(), HistoryError> {
        let upto = self.reached.borrow_and_update().unwrap_or_default();
        loop {
            let _turn = self.history.turn.lock().await;
            let Places { taken: Some(taken), written } = self.history.places() else { return Ok(()) };
            if taken >= upto {
                return Ok(());
            }
            let entries = self.log.entries(taken + 1, (taken + 1 + AT_ONCE).min(upto + 1)).await?;
            let goes_on = entries.first().is_some_and(|first| first.log_id.index == taken + 1);
            // What the ledger got as a copy was never looked at here: it may not be what was agreed on.
            if !goes_on || taken < self.log.copied_upto() {
                tracing::warn!(taken, upto, "this member lacks readings; it asks for a copy of them");
                self.history.is_at(None, None);
                return Ok(());
            }
            self.take(&entries, written).await?;
        }
    }

    async fn take(&self, entries: &[Entry], written: u64) -> Result<(), HistoryError> {
        let (Some(last), Some(group)) = (entries.last(), self.log.group()) else { return Ok(()) };
        let mut agreed = Vec::new();
        for entry in entries {
            let EntryPayload::Normal(portion) = &entry.payload else { continue };
            for proposal in portion.0.iter() {
                let Some(packed) = proposal.what.readings() else { continue };
                let here = proposal.member == self.me;
                let answer = if here { self.waiting.take_readings(proposal.ticket) } else { None };
                agreed.push(member::read(packed, answer)?);
            }
        }
        let place = last.log_id.index;
        if agreed.is_empty() && place - written < WRITTEN_EVERY {
            self.history.is_at(Some(place), None);
            return Ok(());
        }
        self.history.take(agreed, Mark { group, place }).await
    }
}
