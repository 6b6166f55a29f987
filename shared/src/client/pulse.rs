//! The pulse of this program: drives the state machine of [`crate::pulse`] over a WebSocket of the client's.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, Upgraded};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::transport::Request;
use super::{Client, ClientError, random_bits};
use crate::api::FromServer;
use crate::pulse::{Effect, Input, Link, Machine};

/// How long a message may take to leave.
const SEND_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a message from the server.
const MESSAGE_BYTES: usize = 64 * 1024;
/// Nothing is due before.
const LONG: Duration = Duration::from_hours(24);

/// How it stands, told after each change.
#[derive(Clone, Copy, Debug)]
pub struct PulseNews<'a> {
    pub machine: &'a Machine,
    /// Why the last try to connect failed, until one succeeds.
    pub error: Option<&'a ClientError>,
}

/// Why a pulse ended.
#[derive(Clone, Debug, PartialEq)]
pub enum PulseEnd {
    /// Whoever is told did not want to hear more.
    Stopped,
    /// Another connection of the same name took over.
    TakenOver,
    /// The session is over: somebody has to sign in.
    SignedOut(ClientError),
}

type Socket = WebSocketStream<Upgraded>;

impl Client {
    /// Has a pulse under this name until `tell` answers `false`, the session ends, or another takes over.
    /// Connects again after growing waits whatever happens.
    pub async fn pulse(&self, name: &str, mut tell: impl FnMut(PulseNews<'_>) -> bool) -> PulseEnd {
        let begun = Instant::now();
        let mut machine = Machine::default();
        let mut socket: Option<Socket> = None;
        let mut error = None;
        let mut input = Input::Tick;
        loop {
            let effects = machine.update(&input, micros(begun), &mut chance);
            if !tell(PulseNews { machine: &machine, error: error.as_ref() }) {
                return PulseEnd::Stopped;
            }
            if machine.link() == Link::TakenOver {
                return PulseEnd::TakenOver;
            }
            if matches!(input, Input::Closed(_)) {
                socket = None;
            }
            let mut outcome = None;
            for effect in effects {
                match effect {
                    Effect::Connect => {
                        let opened = self.open_pulse(name).await;
                        outcome = Some(if opened.is_ok() { Input::Connected } else { Input::Closed(None) });
                        match opened {
                            Ok(opened) => (socket, error) = (Some(opened), None),
                            Err(ended) if ended.needs_sign_in() => return PulseEnd::SignedOut(ended),
                            Err(failed) => error = Some(failed),
                        }
                    }
                    Effect::Send(message) => {
                        let text = serde_json::to_string(&message).unwrap_or_default();
                        if !send(socket.as_mut(), text).await {
                            outcome = Some(Input::Closed(None));
                        }
                    }
                    Effect::Disconnect => socket = None,
                }
            }
            input = match outcome {
                Some(input) => input,
                None => next(socket.as_mut(), wait(&machine, begun)).await,
            };
        }
    }

    async fn open_pulse(&self, name: &str) -> Result<Socket, ClientError> {
        let query = vec![("client", name.to_owned())];
        let request = Request { query, ..Request::new(Method::GET, &["ws", "pulse"]) };
        let transport = &self.inner.transport;
        let ended = || ClientError::session_ended(self.language());
        let session = self.fresh_session().await.ok_or_else(ended)?;
        let upgraded = match transport.upgrade(&request, &session.access_token, &generate_key()).await {
            Err(refused) if refused.needs_sign_in() => {
                let renewed = self.renew_from(&session.access_token).await?;
                transport.upgrade(&request, &renewed.access_token, &generate_key()).await?
            }
            result => result?,
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES))
            .max_frame_size(Some(MESSAGE_BYTES))
            .read_buffer_size(4 * 1024)
            .write_buffer_size(0);
        Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
    }
}

async fn send(socket: Option<&mut Socket>, text: String) -> bool {
    let Some(socket) = socket else { return false };
    matches!(timeout(SEND_PATIENCE, socket.send(Message::text(text))).await, Ok(Ok(())))
}

/// The next message, or that time has passed.
async fn next(socket: Option<&mut Socket>, patience: Duration) -> Input {
    let Some(socket) = socket else {
        sleep(patience).await;
        return Input::Tick;
    };
    tokio::select! {
        // Time first: a server that never stops talking does not stop the count.
        biased;
        () = sleep(patience) => Input::Tick,
        message = socket.next() => heard(message),
    }
}

fn heard(message: Option<Result<Message, Error>>) -> Input {
    match message {
        Some(Ok(Message::Text(text))) => match serde_json::from_str::<FromServer>(&text) {
            Ok(message) => Input::Heard(message),
            // A newer server may say more; it is no reason to leave.
            Err(_) => Input::Tick,
        },
        // The library answers pings.
        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Input::Tick,
        Some(Ok(Message::Close(frame))) => Input::Closed(frame.map(|frame| frame.code.into())),
        Some(Err(_)) | None => Input::Closed(None),
    }
}

fn wait(machine: &Machine, begun: Instant) -> Duration {
    let left = machine.next_wake().map(|wake| wake - micros(begun));
    left.map_or(LONG, |left| Duration::from_micros(u64::try_from(left).unwrap_or(0)))
}

fn micros(begun: Instant) -> i64 {
    i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX)
}

fn chance() -> u32 {
    u32::try_from(random_bits() & u64::from(u32::MAX)).unwrap_or_default()
}
