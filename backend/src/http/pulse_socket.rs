//! `/ws/pulse`: one connection of one terminal.
//!
//! The token is looked at at the door. A connection may outlive it, but not the session: with every ping the
//! server looks whether the person may still be here, and closes with 4003 if not. One message is served at a
//! time, so a terminal that sends without end, or does not read, only makes itself wait.

use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::web::{Data, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, rt};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tillwatch_shared::api::{FromServer, FromTerminal};
use tillwatch_shared::limits::{PULSE_LOG_CHARS, PULSE_MESSAGE_BYTES, PULSE_VALUES, TERMINAL_CHARS};
use tillwatch_shared::pulse::is_name;
use tokio::time::{MissedTickBehavior, interval, timeout};
use utoipa::IntoParams;

use super::error::Malformed;
use super::extract::SocketCaller;
use super::pulse::draw;
use super::{ApiError, App, frames};
use crate::language::Language;
use crate::ledger::queries::viewer::{self, Viewer};
use crate::pulse::{Ask, Exchange, PulseError, Seat, Who};

/// A larger frame closes the connection (1009): it is not read.
const FRAME_BYTES: usize = 64 * 1024;
/// Pings without a sign of life after which the connection is given up.
const UNANSWERED: u32 = 3;
/// How long a terminal may leave an answer unread.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PulseQuery {
    /// Name of the terminal: letters, digits and `-_.:/#()` and spaces between them.
    #[param(min_length = 1, max_length = 64)]
    client: Option<String>,
    /// The access token, where the header cannot be set.
    #[serde(rename = "token")]
    #[param(value_type = Option<String>)]
    _token: Option<IgnoredAny>,
}

struct Socket {
    app: Data<App>,
    viewer: Viewer,
    seat: Seat,
    session: Session,
    language: Language,
    heard: Instant,
    pings: u64,
    /// The ping that is under way: its number, and when it went out.
    ping: Option<(u64, Instant)>,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Gone,
    Displaced,
    SignedOut,
    Stopping,
    Silent,
    TooLarge,
    NotText,
    Protocol,
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(pulse);
}

/// The pulse of a terminal, as a WebSocket with JSON text messages. The server begins with
/// `{"type":"value","value":N}`, the value that it holds. The terminal sends `{"type":"value","value":N}`,
/// answered with `{"type":"ack","value":N}` once it is durable, or `{"type":"request","parity":"even"|"odd"}`,
/// answered with `{"type":"step","parity":…,"value":N}`. Anything else gets `{"type":"error","message":…}`.
/// Closed with 4001 when another connection of the same terminal takes over, with 4003 when the session ended.
#[utoipa::path(
    path = "/ws/pulse", tag = "pulse", params(PulseQuery),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 400, description = "No WebSocket, or no good name", body = tillwatch_shared::api::Problem,
            content_type = "application/problem+json"),
        (status = 401, description = "Not signed in", body = tillwatch_shared::api::Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Too many terminals", body = tillwatch_shared::api::Problem,
            content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
#[get("/ws/pulse")]
pub async fn pulse(
    app: Data<App>,
    caller: SocketCaller,
    query: Query<PulseQuery>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, ApiError> {
    let client = terminal_name(query.client.as_deref().unwrap_or_default())?;
    let body = frames::bounded(&request, body, FRAME_BYTES as u64).await?;
    let (response, session, messages) =
        actix_ws::handle(&request, body).map_err(|error| ApiError::malformed(Malformed::Header, error))?;
    let messages = messages.aggregate_continuations().max_continuation_size(FRAME_BYTES);
    let who = Who { id: caller.0.id, name: caller.0.name.as_str().into() };
    let seat = app.pulse.enter(client, who, app.now())?;
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let socket = Socket {
        app,
        viewer: caller.0,
        seat,
        session,
        language: Language::of(header),
        heard: Instant::now(),
        pings: 0,
        ping: None,
    };
    rt::spawn(socket.run(messages));
    Ok(response)
}

/// A name that a terminal may have.
fn terminal_name(name: &str) -> Result<&str, ApiError> {
    let detail = format!("client: 1 to {TERMINAL_CHARS} letters, digits, spaces and -_.:/#()");
    if is_name(name) { Ok(name) } else { Err(ApiError::malformed(Malformed::Query, detail)) }
}

impl Socket {
    async fn run(mut self, mut messages: AggregatedMessageStream) {
        let end = match self.talk(&mut messages).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        tracing::debug!(client = %self.seat_name(), ?end, "a terminal's connection ends");
        drop(self.seat);
        if let Some(reason) = end.reason() {
            // Whoever does not read is not waited for.
            let _ = timeout(SEND_PATIENCE, self.session.close(Some(reason))).await;
        }
    }

    fn seat_name(&self) -> &str {
        self.seat.client()
    }

    async fn talk(
        &mut self,
        messages: &mut AggregatedMessageStream,
    ) -> Result<std::convert::Infallible, End> {
        let mut stopping = self.app.pulse.stopping();
        let every = self.app.settings.pulse_ping;
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.answer(None, Ask::Connect).await?;
        loop {
            tokio::select! {
                biased;
                () = self.seat.displaced() => return Err(End::Displaced),
                // An error means that the server is gone already.
                _ = stopping.wait_for(|stop| *stop) => return Err(End::Stopping),
                message = messages.recv() => self.hear(message).await?,
                _ = ticks.tick() => self.tick(every).await?,
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            None | Some(Ok(AggregatedMessage::Close(_))) => Err(End::Gone),
            Some(Ok(AggregatedMessage::Text(text))) => {
                let ask = self.understand(&text);
                self.answer(Some(text.to_string()), ask).await
            }
            Some(Ok(AggregatedMessage::Binary(bytes))) => {
                let ask = nothing(self.language, ["só mensagens de texto", "text messages only"]);
                self.answer(Some(readable(&bytes)), ask).await
            }
            Some(Ok(AggregatedMessage::Ping(payload))) => send(self.session.pong(&payload)).await,
            Some(Ok(AggregatedMessage::Pong(payload))) => {
                self.pong(&payload);
                Ok(())
            }
            Some(Err(error)) => Err(End::of(&error)),
        }
    }

    fn understand(&self, text: &str) -> Ask {
        if text.len() > PULSE_MESSAGE_BYTES {
            return nothing(self.language, ["mensagem longa demais", "the message is too long"]);
        }
        match serde_json::from_str(text) {
            Ok(FromTerminal::Value { value }) if value < PULSE_VALUES => Ask::Value(value),
            Ok(FromTerminal::Request { parity }) => match draw(parity) {
                Ok(number) => Ask::Step { parity, number },
                Err(_) => nothing(self.language, ["sem número agora", "no number now"]),
            },
            Ok(FromTerminal::Value { .. }) => {
                nothing(self.language, ["o valor vai de 0 a 99", "the value is 0 to 99"])
            }
            Err(_) => nothing(
                self.language,
                [
                    "não entendi: envie um valor inteiro de 0 a 99 ou peça even ou odd",
                    "not understood: send a whole value from 0 to 99, or request even or odd",
                ],
            ),
        }
    }

    /// Has it stored, and then answers.
    async fn answer(&mut self, received: Option<String>, ask: Ask) -> Result<(), End> {
        let exchange = Exchange::new(&self.seat, self.app.now(), received, ask);
        let answer = match self.app.pulse.exchange(exchange).await {
            Ok(answer) => answer,
            Err(PulseError::TakenOver) => return Err(End::Displaced),
            Err(
                PulseError::Busy
                | PulseError::Unavailable
                | PulseError::TooManyTerminals
                | PulseError::UnknownTerminal
                | PulseError::Connected,
            ) => {
                let texts = ["o servidor não consegue gravar agora", "the server cannot write now"];
                let message = pick(self.language, texts).to_owned();
                serde_json::to_string(&FromServer::Error { message }).unwrap_or_default()
            }
        };
        send(self.session.text(answer)).await
    }

    async fn tick(&mut self, every: Duration) -> Result<(), End> {
        if self.heard.elapsed() > every * UNANSWERED {
            return Err(End::Silent);
        }
        let person = self.viewer.id;
        let session = self.viewer.session.ok_or(End::SignedOut)?;
        match self.app.ledger.read(|db| viewer::of_session(db, person, session)) {
            Ok(None) => return Err(End::SignedOut),
            Ok(Some(_)) => {}
            // A ledger that cannot be read is no reason to throw anybody out.
            Err(error) => tracing::warn!(%error, "a session could not be looked up"),
        }
        self.pings += 1;
        self.ping = Some((self.pings, Instant::now()));
        send(self.session.ping(&self.pings.to_be_bytes())).await
    }

    fn pong(&mut self, payload: &[u8]) {
        if let Some((number, sent)) = self.ping.take_if(|(number, _)| payload == number.to_be_bytes()) {
            let took = sent.elapsed();
            tracing::trace!(number, ?took, "pong");
            self.seat.round_trip(took);
        }
    }
}

impl End {
    fn of(error: &ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow => Self::TooLarge,
            ProtocolError::Io(error) if is_too_large(error) => Self::TooLarge,
            // What this stream makes of text that is no UTF-8, of messages whose parts are too long in all, and of
            // connections that broke.
            ProtocolError::Io(_) => Self::NotText,
            ProtocolError::UnmaskedFrame
            | ProtocolError::MaskedFrame
            | ProtocolError::InvalidOpcode(_)
            | ProtocolError::InvalidLength(_)
            | ProtocolError::BadOpCode
            | ProtocolError::ContinuationNotStarted
            | ProtocolError::ContinuationStarted
            | ProtocolError::ContinuationFragment(_) => Self::Protocol,
        }
    }

    fn reason(self) -> Option<CloseReason> {
        let (code, text) = match self {
            Self::Gone => return None,
            Self::Displaced => (4001, "another connection of this client took over"),
            Self::SignedOut => (4003, "the session has ended: sign in again"),
            Self::Stopping => (1001, "the server stops"),
            Self::Silent => (4008, "no sign of life"),
            Self::TooLarge => (1009, "the message is too large"),
            Self::NotText => (1007, "not readable"),
            Self::Protocol => (1002, "not as the protocol says"),
        };
        Some(CloseReason { code: CloseCode::from(code), description: Some(text.to_owned()) })
    }
}

/// Whether it is a frame that [`frames::bounded`] did not let in.
fn is_too_large(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<PayloadError>());
    matches!(inner, Some(PayloadError::Overflow))
}

/// Sends, unless the terminal does not read.
async fn send(sending: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), End> {
    match timeout(SEND_PATIENCE, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Silent),
    }
}

fn nothing(language: Language, texts: [&'static str; 2]) -> Ask {
    Ask::Nothing { message: pick(language, texts).to_owned() }
}

const fn pick(language: Language, [portuguese, english]: [&'static str; 2]) -> &'static str {
    match language {
        Language::Portuguese => portuguese,
        Language::English => english,
    }
}

/// Bytes as the log shows them.
fn readable(bytes: &[u8]) -> String {
    let shown: Vec<String> =
        bytes.iter().take(PULSE_LOG_CHARS / 2).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > PULSE_LOG_CHARS / 2 { "…" } else { "" };
    format!("binary, {} bytes: {}{more}", bytes.len(), shown.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_their_parity() {
        use tillwatch_shared::api::Parity;
        for _ in 0..1_000 {
            let (even, odd) = (draw(Parity::Even).unwrap(), draw(Parity::Odd).unwrap());
            assert!(even % 2 == 0 && odd % 2 == 1 && even < 99 && odd <= 99);
        }
    }
}
