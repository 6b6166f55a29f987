//! What the other members ask of this one, and what a person asks on the command line. A listener of its own: nobody
//! without the group's secret gets in.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};
use openraft::Snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use super::COPIES;
use super::care::Keeper;
use super::consistent;
use super::differs;
use super::history::ARRIVING;
use super::identity::Identity;
use super::incoming::{self, Incoming};
use super::machine;
use super::pump;
use super::seat::Seat;
use super::words::{
    self, Append, Ask, Change, Copy, Envelope, Freight, Install, Lead, NotRead, Offer, Piece, Presence,
    Turned,
};
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
    let door = Data::new(Door { seat, keeper });
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
            .route(words::COPY, web::post().to(copy))
            .route(words::HASH, web::post().to(hash))
            .route(words::HISTORY, web::post().to(history))
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
    let answer = match words::read(body) {
        Ok(envelope) => answer(envelope).await,
        Err(NotRead::OtherForm) => Err(Turned::OtherForm),
        Err(NotRead::Damaged(error)) => {
            tracing::warn!(%error, "a question of another member cannot be read");
            return HttpResponse::BadRequest().finish();
        }
    };
    match postcard::to_stdvec(&answer) {
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
        let from = presence.id;
        // What was heard of it before is what it is told.
        let answer = door.seat.presence_for(from);
        if door.seat.others().contains_key(&from) {
            door.seat.hear(presence).await;
        }
        Ok(answer)
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
        if piece.of == Freight::History {
            return Ok(piece_of_history(&door.seat, &piece).await);
        }
        let mut incoming = door.seat.incoming.lock().await;
        if incoming.as_ref().is_none_or(|incoming| incoming.copy != piece.copy) {
            // The engine waits for this copy if the ledger is made anew of it: it is not asked where.
            let path = if door.seat.differs() {
                differs::arriving(door.seat.data_dir())
            } else {
                raft.begin_receiving_snapshot().await.map_err(|_| Turned::NotReady)?.file
            };
            *incoming = Incoming::new(piece.copy, path).ok();
        }
        match incoming.as_mut() {
            Some(incoming) => Ok(incoming.take(&piece).await),
            None => Ok(false),
        }
    })
    .await
}

async fn piece_of_history(seat: &Seat, piece: &Piece) -> bool {
    let mut incoming = seat.incoming_history.lock().await;
    if incoming.as_ref().is_none_or(|incoming| incoming.copy != piece.copy) {
        let path = seat.data_dir().join(COPIES).join(ARRIVING);
        *incoming = Incoming::new(piece.copy, path).ok();
    }
    match incoming.as_mut() {
        Some(incoming) => incoming.take(piece).await,
        None => false,
    }
}

/// None: what arrived is not the copy that was sent.
async fn install(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Install>| {
        let (raft, install) = door.seat.take_inside(envelope)?;
        let Some(file) = incoming::arrived(&door.seat.incoming, &install.sent()).await else {
            return Ok(None);
        };
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

/// Sends a copy of this member's ledger to who asks. What it sent; none where it is not so far.
async fn copy(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Copy>| {
        let to = envelope.from;
        let (raft, asked) = door.seat.take_inside(envelope)?;
        Ok(door.keeper.send_copy(raft, to, asked).await)
    })
    .await
}

/// Sends a copy of this member's sensor history to who asks. What it sent; none where it is not so far.
async fn history(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<Copy>| {
        let to = envelope.from;
        let (_, asked) = door.seat.take_inside(envelope)?;
        Ok(door.keeper.send_history(to, asked).await)
    })
    .await
}

/// The hash of this member's journal at a place. None where it is not so far.
async fn hash(door: Data<Door>, body: Bytes) -> HttpResponse {
    answered(&body, async |envelope: Envelope<i64>| {
        let (_, seq) = door.seat.take_inside(envelope)?;
        Ok(door.seat.hash_at(seq))
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
