//! This server as a member of its group, from start to stop.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use openraft::ServerState;
use tillwatch_shared::api::{GroupPlaces, GroupStatus};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use super::care::Keeper;
use super::consistent;
use super::door;
use super::file::GroupFile;
use super::history::{self, Follower, History};
use super::https::Https;
use super::identity::Identity;
use super::join::{self, Way};
use super::log::LogStore;
use super::membership;
use super::seat::{Metrics, Seat};
use super::types::{Member, counts};
use super::{Group, GroupError, LOG_FILE, Pace};
use crate::alarms::servers::Lag;
use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::telemetry::Telemetry;

/// How long a start waits for what most members know of this one.
const BINDING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A running member.
#[derive(Debug)]
pub struct Here {
    group: Group,
    readings: Option<Readings>,
    keeper: Keeper,
    keeping: JoinHandle<()>,
    door: door::Open,
    pub view: View,
}

/// What the rest of the server sees of its group; clones share it.
#[derive(Clone, Debug)]
pub struct View {
    seat: Arc<Seat>,
    wire: Https,
    /// The last time it was asked how far the log is: when that began, and whether this member came so far.
    asked: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Here {
    /// Founds the group, joins it or goes on in it. This member's ledger has all that counts when this returns; its
    /// sensor history may still be on its way. None: its readings go where those of all members are.
    pub async fn open(
        file: GroupFile,
        data_dir: &Path,
        clock: &Clock,
        history: Option<history::Parts>,
    ) -> Result<(Self, Ledger), GroupError> {
        let at = |source: io::Error| GroupError::Io { what: data_dir.display().to_string(), source };
        fs::create_dir_all(data_dir).map_err(at)?;
        let listener = TcpListener::bind(&file.listen)
            .map_err(|source| GroupError::Io { what: file.listen.clone(), source })?;
        let identity = Identity::of(&file.secret)?;
        let log = LogStore::open(&data_dir.join(LOG_FILE))?;
        let seat = Arc::new(Seat::new(file, log.clone(), data_dir));
        let wire = Https::new(Arc::clone(&seat), &identity)?;
        let keeper = Keeper::new(Arc::clone(&seat), wire.clone(), clock.clone());
        let door = door::open(listener, &identity, Arc::clone(&seat), keeper.clone()).map_err(at)?;
        let had_promised = seat.group().is_some();
        let way = join::settle(&seat, &wire, &keeper).await?;
        let pace = Pace { waits: true, ..Pace::default() };
        let parts = (log.clone(), Arc::clone(&seat.gate), clock.clone());
        let (group, ledger) = Group::start(seat.me(), data_dir, pace, parts, wire.clone()).await?;
        let readings = match history {
            Some(parts) => Some(Readings::start(parts, &group, &seat, &wire).await?),
            None => None,
        };
        let history = readings.as_ref().map(|readings| readings.history.clone());
        seat.take_part(group.raft.clone(), ledger.clone(), group.held.clone(), history);
        if had_promised {
            bind(&keeper).await?;
        } else {
            keeper.is_bound().await?;
        }
        if way == Way::Found {
            found(&group, &seat).await?;
        }
        let keeping = tokio::spawn(keeper.clone().run());
        let view = View { seat, wire, asked: Arc::default() };
        view.counts(&group).await?;
        Ok((Self { group, readings, keeper, keeping, door, view }, ledger))
    }

    /// Lets another member coordinate, takes nothing more, and stops.
    pub async fn stop(self, ledger: &Ledger) {
        self.keeping.abort();
        self.keeper.leave().await;
        if let Some(readings) = self.readings {
            readings.stop().await;
        }
        self.group.stop(ledger).await;
        self.door.close().await;
    }
}

/// The way of readings through the log, and back into this member's history.
#[derive(Debug)]
struct Readings {
    telemetry: Telemetry,
    history: History,
    pump: JoinHandle<()>,
    following: JoinHandle<()>,
}

impl Readings {
    async fn start(
        parts: history::Parts,
        group: &Group,
        seat: &Arc<Seat>,
        wire: &Https,
    ) -> Result<Self, GroupError> {
        let history::Parts { telemetry, asked, applier } = parts;
        let history = History::open(telemetry.clone(), applier, seat.data_dir(), &group.log).await?;
        let follower = Follower {
            me: seat.me(),
            history: history.clone(),
            log: group.log.clone(),
            reached: group.held.reached(),
            waiting: Arc::clone(&group.waiting),
        };
        let refusing = Arc::clone(seat);
        let following = tokio::spawn(async move {
            if let Err(error) = follower.run().await {
                tracing::error!(%error, "readings are not taken from the group's log");
                refusing.refuse(error.to_string());
            }
        });
        let pump = tokio::spawn(group.pump(seat.me(), wire.clone()).run(asked));
        Ok(Self { telemetry, history, pump, following })
    }

    /// Takes no more readings; those that were taken go their way.
    async fn stop(self) {
        self.telemetry.take_no_more();
        if self.pump.await.is_err() {
            tracing::error!("the way of readings into the group's log had panicked");
        }
        self.following.abort();
    }
}

/// Hears what most members know of this one. Where too few of them are there for a while, that goes on later.
async fn bind(keeper: &Keeper) -> Result<(), GroupError> {
    let end = Instant::now() + BINDING;
    loop {
        keeper.greet().await;
        if keeper.bind().await? || Instant::now() > end {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Makes the group. The others are there when they are heard.
async fn found(group: &Group, seat: &Seat) -> Result<(), GroupError> {
    tracing::info!("founding the group");
    group.found(seat.me(), seat.member()).await?;
    seat.belong(Uuid::now_v7()).await?;
    group.raft.wait(None).current_leader(seat.me(), "this member coordinates").await?;
    if let Some(terms) = seat.gate.terms() {
        terms.look().await;
    }
    for (id, place) in seat.file.members.iter().filter(|(id, _)| **id != seat.me()) {
        let (address, url) = (place.address.clone(), place.url.clone());
        // Which disk it has is known when it is heard.
        membership::add(&group.raft, *id, Member { address, url, disk: Uuid::nil() }).await?;
    }
    Ok(())
}

impl View {
    /// Waits until this member counts: until then it may lack what was answered long ago.
    async fn counts(&self, group: &Group) -> Result<(), GroupError> {
        let me = self.seat.me();
        let counts = move |now: &Metrics| counts(&now.membership_config, me);
        if !counts(&group.raft.metrics().borrow()) {
            tracing::info!("waiting until this member is brought up");
        }
        group.raft.wait(None).metrics(counts, "this member counts").await?;
        Ok(())
    }

    /// How far the others are behind this member, where it coordinates.
    pub fn lags(&self) -> Vec<Lag> {
        self.seat.lags().unwrap_or_default()
    }

    /// Which member this one is, and where it is reached.
    pub fn place(&self) -> (u64, String) {
        (self.seat.me(), self.seat.member().url)
    }

    pub fn status(&self) -> Option<GroupStatus> {
        self.seat.status()
    }

    /// None until this member takes part.
    pub fn places(&self) -> Option<GroupPlaces> {
        self.seat.places()
    }

    /// Its ledger is another one than most members have: nobody is served until it is made anew.
    pub fn differs(&self) -> bool {
        self.seat.differs()
    }

    /// Its sensor history is not that of the group yet: nothing follows from what is not in it.
    pub fn lacks_readings(&self) -> bool {
        self.seat.lacks_readings()
    }

    pub fn coordinates(&self) -> bool {
        self.term_as_coordinator().is_some()
    }

    /// The term in which this member coordinates, if it does.
    pub fn term_as_coordinator(&self) -> Option<u64> {
        let now = self.seat.metrics()?;
        (now.state == ServerState::Leader).then_some(now.current_term)
    }

    /// Waits until this member coordinates, or no longer does. Never, where the group has stopped.
    pub async fn until_coordinates(&self, wanted: bool) {
        let changed = match self.seat.raft() {
            Some(raft) => {
                let coordinates = |now: &Metrics| (now.state == ServerState::Leader) == wanted;
                raft.wait(None).metrics(coordinates, "who coordinates").await.is_ok()
            }
            None => false,
        };
        if !changed {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until all that was answered anywhere before is to be seen here. Whether it is. Who comes while somebody
    /// asks shares the next answer with all others that wait, so that however many come, one asks at a time.
    pub async fn catch_up(&self) -> bool {
        let came = Instant::now();
        let mut asked = self.asked.lock().await;
        if let Some((_, reached)) = asked.filter(|(begun, _)| *begun >= came) {
            return reached;
        }
        let begun = Instant::now();
        let reached = consistent::catch_up(&self.seat, &self.wire).await;
        *asked = Some((begun, reached));
        reached
    }

    /// Waits until the engine of this member ends by itself: it could not write, or found what cannot be.
    pub async fn broken(&self) -> String {
        tokio::select! {
            why = self.engine_ended() => why,
            why = self.seat.refused() => why,
        }
    }

    async fn engine_ended(&self) -> String {
        if let Some(raft) = self.seat.raft() {
            let ended = raft.wait(None).metrics(|now| now.running_state.is_err(), "its end").await;
            match ended {
                Ok(now) => match now.running_state {
                    Err(error) => return error.to_string(),
                    Ok(()) => return "it has ended".to_owned(),
                },
                Err(error) => return error.to_string(),
            }
        }
        std::future::pending().await
    }
}
