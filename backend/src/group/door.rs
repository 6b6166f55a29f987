//! What the other members ask of this one, and what a person asks on the command line. A listener of its own: nobody
//! without the group's secret gets in.

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};
use openraft::Snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::care::Keeper;
use super::consistent;
use super::identity::Identity;
use super::machine;
use super::pump;
use super::seat::Seat;
use super::words::{self, Append, Ask, Change, Envelope, Install, Lead, Offer, Piece, Presence, Turned};
use crate::auth::secret::Secret;
use crate::ledger::backup::SECRET_FILE;

/// More than any question has: entries of the log go out a few mebibytes at a time, but one may be large by itself.
const LARGEST: usize = 64 * 1024 * 1024;
const GRACE_SECONDS: u64 = 1;
/// Longer than the other end keeps a connection that nobody uses.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What the questions are answered with.
#[derive(Debug)]
struct Door {
    seat: Arc<Seat>,
    keeper: Keeper,
    incoming: Mutex<Option<Incoming>>,
}

/// A copy of a ledger that is arriving.
#[derive(Debug)]
struct Incoming {
    copy: Uuid,
    path: PathBuf,
    file: File,
    length: u64,
    hasher: blake3::Hasher,
}

/// The open door.
#[derive(Debug)]
pub struct Open {
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
}

impl Open {
    pub async fn close(self) {
        self.handle.stop(true).await;
        match self.serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the members' door"),
            Err(error) => tracing::error!(%error, "the members' door had panicked"),
        }
    }
}

/// Answers the other members from here on.
pub fn open(listener: TcpListener, identity: &Identity, seat: Arc<Seat>, keeper: Keeper) -> io::Result<Open> {
    let door = Data::new(Door { seat, keeper, incoming: Mutex::new(None) });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(door.clone())
            .app_data(PayloadConfig::new(LARGEST))
            .route(words::HELLO, web::post().to(hello))
            .route(words::SECRET, web::post().to(share_secret))
            .route(words::APPEND, web::post().to(append))
            .route(words::VOTE, web::post().to(vote))
            .route(words::PROPOSE, web::post().to(propose))
            .route(words::PIECES, web::post().to(piece))
            .route(words::INSTALL, web::post().to(install))
            .route(words::READ_PLACE, web::post().to(read_place))
            .route(words::LEAD, web::post().to(lead))
            .route(words::STATUS, web::post().to(status))
            .route(words::CHANGE, web::post().to(change))
    });
    let server = server
        .workers(1)
        .shutdown_timeout(GRACE_SECONDS)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen_rustls_0_23(listener, (*identity.server).clone())?
        .run();
    let handle = server.handle();
    Ok(Open { handle, serving: tokio::spawn(server) })
}

/// Reads the question, and writes the answer.
async fn answered<Q, A, F>(body: &Bytes, answer: impl FnOnce(Envelope<Q>) -> F) -> HttpResponse
where
    Q: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, Turned>>,
{
    let envelope = match postcard::from_bytes(body) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::warn!(%error, "a question of another member cannot be read; is its version another one?");
            return HttpResponse::BadRequest().finish();
        }
    };
    match postcard::to_stdvec(&answer(envelope).await) {
        Ok(bytes) => HttpResponse::Ok().body(bytes),
        Err(error) => {
            tracing::error!(%error, "an answer to another member cannot be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Members tell each other how they are.
async fn hello(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Presence>| {
        let presence = door.seat.take(envelope)?;
        if door.seat.others().contains_key(&presence.id) {
            door.seat.hear(presence);
        }
        Ok(door.seat.presence())
    })
    .await
}

/// What tokens are signed with, for a member that comes new: whoever has signed in at one is signed in at all.
async fn share_secret(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<()>| {
        door.seat.take(envelope)?;
        let secret = Secret::load(&door.seat.data_dir().join(SECRET_FILE)).map_err(|_| Turned::NotReady)?;
        door.seat.group().map(|group| (group, secret.bytes())).ok_or(Turned::NotReady)
    })
    .await
}

async fn append(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Append>| {
        let (raft, request) = door.seat.take_inside(envelope)?;
        Ok(raft.append_entries(request).await)
    })
    .await
}

async fn vote(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Ask>| {
        let (raft, request) = door.seat.take_inside(envelope)?;
        Ok(raft.vote(request).await)
    })
    .await
}

async fn propose(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Offer>| {
        let (raft, offer) = door.seat.take_inside(envelope)?;
        Ok(pump::take(raft, &door.seat.gate, offer.term, offer.portion).await)
    })
    .await
}

/// Whether it was the next piece of the copy, and is kept.
async fn piece(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Piece>| {
        let (raft, piece) = door.seat.take_inside(envelope)?;
        let mut incoming = door.incoming.lock().await;
        if incoming.as_ref().is_none_or(|incoming| incoming.copy != piece.copy) {
            let place = raft.begin_receiving_snapshot().await.map_err(|_| Turned::NotReady)?;
            *incoming = Incoming::new(piece.copy, place.file).ok();
        }
        Ok(incoming.as_mut().is_some_and(|incoming| incoming.take(&piece)))
    })
    .await
}

/// None: what arrived is not the copy that was sent.
async fn install(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Install>| {
        let (raft, install) = door.seat.take_inside(envelope)?;
        let incoming = door.incoming.lock().await.take();
        let Some(file) = incoming.and_then(|incoming| incoming.whole(&install)) else { return Ok(None) };
        let copy = Snapshot { meta: install.meta, snapshot: Box::new(machine::Snapshot { file }) };
        Ok(Some(raft.install_full_snapshot(install.vote, copy).await))
    })
    .await
}

/// How far a member must be that shows what is true now. None: this member does not coordinate for certain.
async fn read_place(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<()>| {
        let (raft, ()) = door.seat.take_inside(envelope)?;
        Ok(consistent::place(raft).await)
    })
    .await
}

/// Whether this member coordinates now.
async fn lead(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Lead>| {
        let (raft, lead) = door.seat.take_inside(envelope)?;
        Ok(door.keeper.lead(raft, lead).await)
    })
    .await
}

/// For the command line: JSON, as the API tells it.
async fn status(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<()>| {
        door.seat.take(envelope)?;
        let status = door.seat.status().ok_or(Turned::NotReady)?;
        serde_json::to_string(&status).map_err(|_| Turned::NotReady)
    })
    .await
}

/// What a person asks for; what was done, or why not.
async fn change(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Change>| {
        let change = door.seat.take(envelope)?;
        Ok(door.keeper.change(change).await)
    })
    .await
}

impl Incoming {
    fn new(copy: Uuid, path: PathBuf) -> io::Result<Self> {
        let file = File::create(&path)?;
        Ok(Self { copy, path, file, length: 0, hasher: blake3::Hasher::new() })
    }

    fn take(&mut self, piece: &Piece) -> bool {
        if piece.at != self.length || self.file.write_all(&piece.bytes).is_err() {
            return false;
        }
        self.length += piece.bytes.len() as u64;
        self.hasher.update(&piece.bytes);
        true
    }

    /// The file, if it is all there and on the disk.
    fn whole(self, install: &Install) -> Option<PathBuf> {
        let same = self.copy == install.copy
            && self.length == install.length
            && *self.hasher.finalize().as_bytes() == install.hash;
        (same && self.file.sync_all().is_ok()).then_some(self.path)
    }
}
