//! The network: it delays, reorders, doubles, loses and cuts, in each direction by itself.

use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::sync::Arc;

use openraft::error::Fatal;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{Snapshot, Vote};
use tokio::sync::oneshot;

use super::member::Host;
use super::world::{Phase, World};
use crate::group::machine;
use crate::group::pump;
use crate::group::types::{Member, MemberId, Portion, Types};
use crate::group::wire::{Heard, Lost, NotTaken, Wire};
use crate::locks::lock;

/// How long nothing is heard where a message was lost, until it is certain.
const SILENCE: u64 = 2_000;
/// Those who are no members have names from here on.
pub const CLIENTS: u64 = 100;

/// How bad it is at present, of a thousand messages.
#[derive(Debug, Default)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub slow: u64,
    /// From one to the other nothing comes through.
    pub cut: BTreeSet<(u64, u64)>,
}

impl World {
    fn is_cut(&self, from: u64, to: u64) -> bool {
        lock(&self.weather).cut.contains(&(from, to))
    }

    /// How long a message is on its way. None: it never arrives.
    fn way(&self) -> Option<u64> {
        let (lost, slow) = {
            let weather = lock(&self.weather);
            (weather.lost, weather.slow)
        };
        if self.chance(lost) {
            return None;
        }
        let range = if self.chance(slow) { 30..900 } else { 0..12 };
        Some(self.roll(range))
    }

    async fn silence(&self) -> Lost {
        self.rest(SILENCE, Phase::Net).await;
        Lost::Unanswered
    }

    /// Has it done at another member, and hears the answer.
    pub async fn ask<T, F>(
        self: &Arc<Self>,
        from: u64,
        to: MemberId,
        what: &'static str,
        work: impl Fn(Arc<Host>) -> F + Clone + Send + 'static,
    ) -> Result<T, Lost>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        if self.is_cut(from, to) {
            if self.chance(500) {
                return Err(self.silence().await);
            }
            self.rest(self.roll(0..12), Phase::Net).await;
            return Err(Lost::Unreachable);
        }
        let Some(way) = self.way() else { return Err(self.silence().await) };
        if self.chance(lock(&self.weather).doubled) {
            let (later, _) = oneshot::channel();
            self.send((from, to), "again", way + self.roll(0..600), work.clone(), later);
        }
        let (tell, told) = oneshot::channel();
        self.send((from, to), what, way, work, tell);
        let Ok(answer) = told.await else {
            // It broke off.
            self.rest(self.roll(0..12), Phase::Net).await;
            return Err(Lost::Unanswered);
        };
        let Some(back) = self.way() else { return Err(self.silence().await) };
        self.rest(back, Phase::Net).await;
        if self.is_cut(to, from) {
            return Err(self.silence().await);
        }
        self.note(format_args!("{from} hears of {to}: {what}"));
        Ok(answer)
    }

    fn send<T, F>(
        self: &Arc<Self>,
        (from, to): (u64, MemberId),
        what: &'static str,
        way: u64,
        work: impl Fn(Arc<Host>) -> F + Send + 'static,
        tell: oneshot::Sender<T>,
    ) where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            world.rest(way, Phase::Net).await;
            let Some(host) = world.host(to).filter(|_| !world.is_cut(from, to)) else { return };
            world.note(format_args!("{to} gets of {from}: {what}"));
            let work = work(Arc::clone(&host));
            host.life.spawn(async move {
                // Who asked may have given up.
                let _ = tell.send(work.await);
            });
        });
    }
}

/// The network, as one member sees it.
#[derive(Clone, Debug)]
pub struct Side {
    pub world: Arc<World>,
    pub me: MemberId,
}

impl Wire for Side {
    async fn append(
        &self,
        to: MemberId,
        _: &Member,
        request: AppendEntriesRequest<Types>,
    ) -> Heard<AppendEntriesResponse<MemberId>> {
        let work = move |host: Arc<Host>| {
            let request = request.clone();
            async move { host.raft().append_entries(request).await }
        };
        self.world.ask(self.me, to, "append", work).await
    }

    async fn vote(
        &self,
        to: MemberId,
        _: &Member,
        request: VoteRequest<MemberId>,
    ) -> Heard<VoteResponse<MemberId>> {
        let work = move |host: Arc<Host>| {
            let request = request.clone();
            async move { host.raft().vote(request).await }
        };
        self.world.ask(self.me, to, "vote", work).await
    }

    /// As the product does it: first the file, then the word to put it in place.
    async fn snapshot(
        &self,
        to: MemberId,
        _: &Member,
        vote: Vote<MemberId>,
        snapshot: Snapshot<Types>,
    ) -> Result<Result<SnapshotResponse<MemberId>, Fatal<MemberId>>, Lost> {
        let world = &self.world;
        let Snapshot { meta, snapshot } = snapshot;
        world.rest(world.roll(0..8), Phase::Disk).await;
        let bytes: Arc<[u8]> = fs::read(&snapshot.file).unwrap().into();
        let copy = world.draw();
        let write = move |host: Arc<Host>| {
            let bytes = Arc::clone(&bytes);
            async move {
                let mut incoming = host.incoming.lock().await;
                if let Ok(place) = host.raft().begin_receiving_snapshot().await {
                    fs::write(&place.file, &bytes).unwrap();
                    *incoming = Some((copy, place.file));
                }
            }
        };
        world.ask(self.me, to, "copy", write).await?;
        let install = move |host: Arc<Host>| {
            let meta = meta.clone();
            async move {
                let (_, file) = host.incoming.lock().await.take().filter(|(arrived, _)| *arrived == copy)?;
                let there = Snapshot { meta, snapshot: Box::new(machine::Snapshot { file }) };
                Some(host.raft().install_full_snapshot(vote, there).await)
            }
        };
        let installed = world.ask(self.me, to, "install", install).await?;
        installed.ok_or(Lost::Unanswered)
    }

    async fn propose(
        &self,
        to: MemberId,
        _: &Member,
        term: u64,
        portion: Portion,
    ) -> Result<Result<(), NotTaken>, Lost> {
        let work = move |host: Arc<Host>| {
            let portion = portion.clone();
            async move { pump::take(host.raft(), &host.gate, term, portion).await }
        };
        self.world.ask(self.me, to, "propose", work).await
    }
}
