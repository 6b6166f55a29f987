//! The way to the other members over HTTPS.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openraft::error::Fatal;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{Snapshot, Vote};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::identity::Identity;
use super::seat::Seat;
use super::types::{Member, MemberId, Portion, Types};
use super::wire::{Heard, Lost, NotTaken, Wire};
use super::words::{self, Envelope, FORM, Freight, Install, Offer, PIECE, Piece, Presence, Sent, Turned};

/// How long a connection may take to come about, in a shop or between two of them.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an answer may take. The engine itself waits for less, and asks again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a piece of a copy may take, on a slow line.
const PIECE_TAKES: Duration = Duration::from_secs(30);

/// Sends to the other members; clones share its connections.
#[derive(Clone)]
pub struct Https {
    seat: Arc<Seat>,
    http: reqwest::Client,
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTPS from member {}", self.seat.me())
    }
}

/// Whom a question is for.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    pub id: MemberId,
    pub address: &'a str,
    /// None: whatever disk it has.
    pub disk: Option<Uuid>,
}

impl<'a> To<'a> {
    pub const fn member(id: MemberId, member: &'a Member) -> Self {
        Self { id, address: member.address.as_str(), disk: Some(member.disk) }
    }
}

/// Connections that only members of the group get.
pub fn client(identity: &Identity) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(identity.client.clone())
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
}

/// Asks a member, and waits so long for its answer.
pub async fn ask<Q: Serialize, A: DeserializeOwned>(
    http: &reqwest::Client,
    address: &str,
    path: &str,
    envelope: &Envelope<Q>,
    patience: Duration,
) -> Result<Result<A, Turned>, Lost> {
    let body = postcard::to_stdvec(envelope).map_err(|_| Lost::Unreachable)?;
    let url = format!("https://{address}{path}");
    let sent = http.post(url).timeout(patience).body(body).send().await;
    let answer =
        sent.map_err(|error| if error.is_connect() { Lost::Unreachable } else { Lost::Unanswered })?;
    if !answer.status().is_success() {
        return Err(Lost::Unanswered);
    }
    let bytes = answer.bytes().await.map_err(|_| Lost::Unanswered)?;
    postcard::from_bytes(&bytes).map_err(|_| Lost::Unanswered)
}

impl Https {
    pub fn new(seat: Arc<Seat>, identity: &Identity) -> reqwest::Result<Self> {
        Ok(Self { seat, http: client(identity)? })
    }

    fn envelope<Q>(&self, to: To<'_>, body: Q) -> Envelope<Q> {
        let (group, from) = (self.seat.group(), self.seat.me());
        Envelope { form: FORM, group, from, to: to.id, disk: to.disk, body }
    }

    /// What the engine says to others it may have promised. It says nothing before its disk is known to be right.
    fn may_speak(&self) -> Result<(), Lost> {
        if self.seat.is_bound() { Ok(()) } else { Err(Lost::Unreachable) }
    }

    /// Asks a member. One that turns the question down has done nothing.
    pub async fn ask<Q: Serialize, A: DeserializeOwned>(
        &self,
        to: To<'_>,
        path: &str,
        body: Q,
        patience: Duration,
    ) -> Result<A, Lost> {
        self.put(to, path, body, patience).await?.map_err(|turned| {
            tracing::debug!(member = to.id, path, %turned, "the member turns it down");
            Lost::Unreachable
        })
    }

    /// The same, with the reason where the question is turned down.
    pub async fn put<Q: Serialize, A: DeserializeOwned>(
        &self,
        to: To<'_>,
        path: &str,
        body: Q,
        patience: Duration,
    ) -> Result<Result<A, Turned>, Lost> {
        ask(&self.http, to.address, path, &self.envelope(to, body), patience).await
    }

    /// Like [`Https::ask`], to its end even when nobody waits for it any longer: a connection that is given up in the
    /// middle is lost for others.
    async fn ask_to_the_end<Q, A>(
        &self,
        to: MemberId,
        member: &Member,
        path: &'static str,
        body: Q,
    ) -> Result<A, Lost>
    where
        Q: Serialize + Send + Sync + 'static,
        A: DeserializeOwned + Send + 'static,
    {
        let (wire, member) = (self.clone(), member.clone());
        let asked = async move { wire.ask::<Q, A>(To::member(to, &member), path, body, PATIENCE).await };
        tokio::spawn(asked).await.unwrap_or(Err(Lost::Unanswered))
    }

    /// Sends a copy in pieces.
    pub async fn send_copy(&self, to: To<'_>, file: PathBuf, of: Freight) -> Result<Sent, Lost> {
        let (copy, begun) = (Uuid::now_v7(), Instant::now());
        let (mut at, mut next) = (0, Ahead::open(file).await?);
        while !next.bytes.is_empty() {
            let bytes = std::mem::take(&mut next.bytes);
            let length = bytes.len() as u64;
            let sent = self.ask(to, words::PIECES, Piece { of, copy, at, bytes }, PIECE_TAKES);
            let (taken, read): (Result<bool, Lost>, _) = tokio::join!(sent, next.read());
            if !taken? {
                return Err(Lost::Unanswered);
            }
            (at, next) = (at + length, read?);
        }
        tracing::info!(?of, member = to.id, bytes = at, took = ?begun.elapsed(), "a copy was sent");
        Ok(Sent { copy, length: at, hash: *next.hasher.finalize().as_bytes() })
    }
}

/// A file that is sent: its next piece is read while the one before is on its way.
struct Ahead {
    file: File,
    bytes: Vec<u8>,
    /// Of all that was read.
    hasher: blake3::Hasher,
}

impl Ahead {
    async fn open(path: PathBuf) -> Result<Self, Lost> {
        let opened = tokio::task::spawn_blocking(move || File::open(path)).await;
        let file = opened.map_err(|_| Lost::Unreachable)?.map_err(|_| Lost::Unreachable)?;
        Self { file, bytes: Vec::new(), hasher: blake3::Hasher::new() }.read().await
    }

    /// The next piece; an empty one is the end.
    async fn read(mut self) -> Result<Self, Lost> {
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::with_capacity(PIECE);
            (&mut self.file).take(PIECE as u64).read_to_end(&mut bytes)?;
            self.hasher.update(&bytes);
            Ok::<_, io::Error>(Self { bytes, ..self })
        });
        read.await.map_err(|_| Lost::Unreachable)?.map_err(|_| Lost::Unreachable)
    }
}

impl Wire for Https {
    async fn append(
        &self,
        to: MemberId,
        member: &Member,
        request: AppendEntriesRequest<Types>,
    ) -> Heard<AppendEntriesResponse<MemberId>> {
        self.may_speak()?;
        self.ask_to_the_end(to, member, words::APPEND, request).await
    }

    async fn vote(
        &self,
        to: MemberId,
        member: &Member,
        request: VoteRequest<MemberId>,
    ) -> Heard<VoteResponse<MemberId>> {
        self.may_speak()?;
        self.ask_to_the_end(to, member, words::VOTE, request).await
    }

    async fn snapshot(
        &self,
        to: MemberId,
        member: &Member,
        vote: Vote<MemberId>,
        snapshot: Snapshot<Types>,
    ) -> Result<Result<SnapshotResponse<MemberId>, Fatal<MemberId>>, Lost> {
        self.may_speak()?;
        if self.seat.gate.vocabulary.ledger_is_too_new_for(to) {
            return Err(Lost::Unreachable);
        }
        let (Some(raft), Some(held)) = (self.seat.raft(), self.seat.held()) else {
            return Err(Lost::Unreachable);
        };
        let there = To::member(to, member);
        // Nothing is made for who cannot be reached.
        let _presence: Presence = self.ask(there, words::HELLO, self.seat.presence_for(to), PATIENCE).await?;
        // As much as a new one would have at least.
        let applied = raft.metrics().borrow().last_applied.map_or(0, |place| place.index);
        let place = snapshot.meta.last_log_id.map_or(0, |place| place.index);
        if held.sending().is_too_old(to, place, applied) {
            // The engine has ended where it cannot be asked.
            let _ = raft.trigger().snapshot().await;
            return Err(Lost::Unreachable);
        }
        let under_way = held.sending().begin();
        let Sent { copy, length, hash } =
            self.send_copy(there, snapshot.snapshot.file, Freight::Ledger).await?;
        let install = Install { copy, length, hash, vote, meta: snapshot.meta };
        let installed: Option<Result<SnapshotResponse<MemberId>, Fatal<MemberId>>> =
            self.ask(there, words::INSTALL, install, super::COPY_TAKES).await?;
        under_way.until_caught_up(raft.clone(), to);
        installed.ok_or(Lost::Unanswered)
    }

    async fn propose(
        &self,
        to: MemberId,
        member: &Member,
        term: u64,
        portion: Portion,
    ) -> Result<Result<(), NotTaken>, Lost> {
        self.ask(To::member(to, member), words::PROPOSE, Offer { term, portion }, PATIENCE).await
    }
}
