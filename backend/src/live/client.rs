//! One connection: the bytes that go to a client, made as the connection takes them.
//!
//! Everything happens in the task of the connection itself, when it can send: what the client says is read,
//! frames are taken from the ring, and nothing is held for a client but its place. A client that takes nothing
//! is therefore not asked, and once it falls out of the ring it is told and dropped.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser, ProtocolError};
use actix_web::Error;
use actix_web::web::{Bytes, BytesMut, Data, Payload};
use futures_util::Stream;
use tillwatch_shared::UtcMicros;
use tokio::time::{Instant, Sleep};

use super::pass::{Allowed, Pass};
use super::ring::Next;
use super::wake::{Local, Slot};
use super::{Live, Seat};
use crate::http::App;

/// The largest message that a client may send. It has nothing to say.
const MESSAGE_BYTES: usize = 4 * 1024;
/// What a frame has around its message at most.
const FRAME_BYTES: usize = 14;
/// How long a client that was told to go gets to go by itself.
const FAREWELL: Duration = Duration::from_secs(2);
/// Messages of a client that are looked at before others have their turn.
const TURN: usize = 16;

/// A client that listens, or one that is only told why it may not.
pub struct Client {
    incoming: Payload,
    buffer: BytesMut,
    timer: Pin<Box<Sleep>>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Listening(Box<Listening>),
    /// Is still to be told this.
    Ending(CloseReason),
    /// Was told to go; what still comes is thrown away. `deaf` when it cannot be told apart any more.
    Leaving {
        deaf: bool,
    },
    Gone,
}

#[derive(Debug)]
struct Listening {
    app: Data<App>,
    pass: Pass,
    allowed: Allowed,
    epoch: u64,
    place: u64,
    greeting: Option<Bytes>,
    /// Something came since the last ping.
    heard: bool,
    slot: Slot,
    _seat: Seat,
    _membership: Membership,
}

/// Leaves the ring when dropped.
#[derive(Debug)]
struct Membership(Live);

impl Drop for Membership {
    fn drop(&mut self) {
        self.0.ring().leave();
    }
}

/// What became of what the client said.
enum Said {
    Nothing,
    Answer(Bytes),
    Over(CloseReason),
    /// It said that it goes.
    Bye,
    /// The connection is gone.
    End,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("stage", &self.stage).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with this pass, if it may listen; otherwise it is told that it may not.
    pub fn new(app: Data<App>, local: &Local, pass: Option<Pass>, incoming: Payload) -> Self {
        let live = app.live.clone();
        let wait = live.0.options.ping;
        let stage = match pass.ok_or("wrong key").and_then(|pass| Listening::new(app, local, pass)) {
            Ok(listening) => Stage::Listening(Box::new(listening)),
            Err(reason) => Stage::Ending((CloseCode::Policy, reason).into()),
        };
        let timer = Box::pin(tokio::time::sleep(wait));
        Self { incoming, buffer: BytesMut::new(), timer, stage }
    }

    /// Reads what the client says, up to the first thing that needs an answer.
    fn listen(&mut self, cx: &mut Context<'_>) -> Poll<Said> {
        for _ in 0..TURN {
            match Parser::parse(&mut self.buffer, true, MESSAGE_BYTES) {
                Ok(Some((_, opcode, message))) => match answer(opcode, message) {
                    Said::Nothing => continue,
                    said @ (Said::Answer(_) | Said::Over(_) | Said::Bye | Said::End) => {
                        return Poll::Ready(said);
                    }
                },
                Ok(None) if self.buffer.len() <= MESSAGE_BYTES + FRAME_BYTES => {}
                Ok(None) | Err(ProtocolError::Overflow) => {
                    return Poll::Ready(Said::Over((CloseCode::Size, "message too large").into()));
                }
                Err(_) => {
                    return Poll::Ready(Said::Over((CloseCode::Protocol, "not a WebSocket frame").into()));
                }
            }
            if self.buffer.is_empty() {
                // An idle client keeps no buffer.
                self.buffer = BytesMut::new();
            }
            match ready!(Pin::new(&mut self.incoming).poll_next(cx)) {
                Some(Ok(bytes)) => {
                    self.buffer.extend_from_slice(&bytes);
                    if let Stage::Listening(listening) = &mut self.stage {
                        listening.heard = true;
                    }
                }
                Some(Err(_)) | None => return Poll::Ready(Said::End),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn listening(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match self.listen(cx) {
            Poll::Ready(Said::Answer(bytes)) => return Poll::Ready(Some(bytes)),
            Poll::Ready(Said::Over(reason)) => return self.end(reason),
            Poll::Ready(Said::Bye) => {
                let farewell = self.end(CloseCode::Normal.into());
                self.stage = Stage::Gone;
                return farewell;
            }
            Poll::Ready(Said::End) => return self.gone(),
            Poll::Ready(Said::Nothing) | Poll::Pending => {}
        }
        let Stage::Listening(listening) = &mut self.stage else { return self.gone() };
        listening.slot.remember(cx.waker());
        let ticked = self.timer.as_mut().poll(cx).is_ready();
        if ticked {
            if !std::mem::take(&mut listening.heard) {
                listening.note_dropped();
                return self.gone();
            }
            let wait = listening.app.live.0.options.ping;
            rearm(&mut self.timer, wait, cx);
        }
        if let Err(reason) = listening.check(ticked) {
            return self.end(reason);
        }
        if ticked {
            return Poll::Ready(Some(frame(OpCode::Ping, b"")));
        }
        match listening.next() {
            Ok(Some(bytes)) => Poll::Ready(Some(bytes)),
            Ok(None) => Poll::Pending,
            Err(reason) => self.end(reason),
        }
    }

    /// Says why it ends, and lets the client go.
    fn end(&mut self, reason: CloseReason) -> Poll<Option<Bytes>> {
        let deaf = matches!(reason.code, CloseCode::Size | CloseCode::Protocol);
        self.stage = Stage::Leaving { deaf };
        self.timer.as_mut().reset(Instant::now() + FAREWELL);
        let mut bytes = BytesMut::new();
        Parser::write_close(&mut bytes, Some(reason), false);
        Poll::Ready(Some(bytes.freeze()))
    }

    fn gone(&mut self) -> Poll<Option<Bytes>> {
        self.stage = Stage::Gone;
        Poll::Ready(None)
    }

    /// Waits until the client has gone, for a while. Closing at once, with its messages unread, could take
    /// away from it the reason that was just sent.
    fn leaving(&mut self, deaf: bool, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.timer.as_mut().poll(cx).is_ready() {
            return self.gone();
        }
        loop {
            if deaf {
                self.buffer = BytesMut::new();
                match ready!(Pin::new(&mut self.incoming).poll_next(cx)) {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return self.gone(),
                }
            } else {
                match ready!(self.listen(cx)) {
                    Said::Nothing | Said::Answer(_) => {}
                    Said::Over(_) | Said::Bye | Said::End => return self.gone(),
                }
            }
        }
    }
}

impl Stream for Client {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let bytes = match &self.stage {
            Stage::Listening(_) => self.listening(cx),
            Stage::Ending(reason) => {
                let reason = reason.clone();
                self.end(reason)
            }
            Stage::Leaving { deaf } => {
                let deaf = *deaf;
                self.leaving(deaf, cx)
            }
            Stage::Gone => Poll::Ready(None),
        };
        bytes.map(|bytes| bytes.map(Ok))
    }
}

impl Listening {
    fn new(app: Data<App>, local: &Local, pass: Pass) -> Result<Self, &'static str> {
        let live = app.live.clone();
        let seat = live.sit(pass.holder()).ok_or("too many connections")?;
        // Before it is looked at, so that a change meanwhile is seen.
        let epoch = live.epoch();
        let allowed = pass.allowed(&app).ok_or("wrong key")?;
        let (place, newest) = live.ring().join();
        let membership = Membership(live.clone());
        let greeting = newest.and_then(|piece| piece.newest(&live.0.zone, &allowed.hidden));
        let slot = local.slot();
        Ok(Self {
            app,
            pass,
            allowed,
            epoch,
            place,
            greeting,
            heard: true,
            slot,
            _seat: seat,
            _membership: membership,
        })
    }

    /// Whether it may still listen; what it may hear is looked up again after a change, and at times.
    fn check(&mut self, again: bool) -> Result<(), CloseReason> {
        if self.app.live.is_closed() {
            return Err((CloseCode::Away, "the server stops").into());
        }
        let epoch = self.app.live.epoch();
        if again || epoch != self.epoch {
            self.epoch = epoch;
            let allowed = self.pass.allowed(&self.app);
            self.allowed = allowed.ok_or((CloseCode::Policy, "no longer allowed"))?;
        }
        let over = |at: UtcMicros| at <= self.app.now();
        if self.allowed.until.is_some_and(over) {
            return Err((CloseCode::Policy, "the key has expired").into());
        }
        Ok(())
    }

    /// The next frames, if there are any.
    fn next(&mut self) -> Result<Option<Bytes>, CloseReason> {
        if let Some(greeting) = self.greeting.take() {
            return Ok(Some(greeting));
        }
        let live = &self.app.live;
        loop {
            let next = live.ring().next(self.place);
            match next {
                Next::Nothing => return Ok(None),
                Next::Gone => {
                    self.note_dropped();
                    return Err((CloseCode::Again, "too slow: too many readings behind").into());
                }
                Next::Piece(piece) => {
                    self.place += 1;
                    let bytes = piece.visible(&live.0.zone, &self.allowed.hidden);
                    if !bytes.is_empty() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    fn note_dropped(&self) {
        self.app.live.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a message of a client asks for. Texts and binary messages are passed over.
fn answer(opcode: OpCode, message: Option<BytesMut>) -> Said {
    match opcode {
        OpCode::Ping => Said::Answer(frame(OpCode::Pong, &message.unwrap_or_default())),
        OpCode::Close => Said::Bye,
        OpCode::Bad => Said::Over(CloseCode::Protocol.into()),
        OpCode::Pong | OpCode::Text | OpCode::Binary | OpCode::Continue => Said::Nothing,
    }
}

fn frame(opcode: OpCode, message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    Parser::write_message(&mut bytes, message, opcode, true, false);
    bytes.freeze()
}

fn rearm(timer: &mut Pin<Box<Sleep>>, wait: Duration, cx: &mut Context<'_>) {
    timer.as_mut().reset(Instant::now() + wait);
    // A timer that was reset tells nobody until it is asked again.
    if timer.as_mut().poll(cx).is_ready() {
        cx.waker().wake_by_ref();
    }
}
