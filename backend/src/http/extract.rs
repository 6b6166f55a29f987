//! Who is asking, as argument types: a handler that takes a [`Manager`] cannot be reached by a seller.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use serde::Deserialize;
use tillwatch_shared::api::{Event, KeyScope, Role, Upkeep};
use tillwatch_shared::{CommandId, PersonId, TillId, UtcMicros};
use uuid::Uuid;

use super::error::Malformed;
use super::{ApiError, App};
use crate::auth::keyring::{self, Grant};
use crate::auth::tokens::TokenError;
use crate::domain::upkeep::NoteUpkeep;
use crate::domain::{Command, Payload as CommandPayload, Rejection};
use crate::ledger::Receipt;
use crate::ledger::queries::tills;
use crate::ledger::queries::viewer::{self, Viewer};

/// A till's secret, and the person in whose name it sends.
const TILL_KEY: &str = "x-till-key";
const API_KEY: &str = "x-api-key";
const ON_BEHALF_OF: &str = "x-on-behalf-of";

/// Anybody who is signed in.
#[derive(Debug)]
pub struct Cashier(pub Viewer);

/// Somebody at a cash desk: signed in, or spoken for by a till that they have signed in at. Only for what a
/// till makes: a till's key opens nothing else.
#[derive(Debug)]
pub struct Clerk(pub Viewer);

/// A till, by its key.
#[derive(Clone, Copy, Debug)]
pub struct TillCaller(pub TillId);

/// A manager or admin.
#[derive(Debug)]
pub struct Manager(pub Viewer);

/// An admin.
#[derive(Debug)]
pub struct Admin(pub Viewer);

/// Anybody who is signed in, on a WebSocket: browsers cannot set its headers, so the token may be in the query.
#[derive(Debug)]
pub struct SocketCaller(pub Viewer);

/// A device with a key that may write readings.
#[derive(Debug)]
pub struct Device(pub Arc<Grant>);

#[derive(Deserialize)]
struct SocketToken {
    token: Option<String>,
}

/// The id of the command that a request asks for: `Idempotency-Key`, or a new one.
#[derive(Clone, Copy, Debug)]
pub struct CommandKey(pub CommandId);

/// Somebody who is signed in, or a device with a key that may write.
#[derive(Debug)]
pub struct Known;

/// Where the request comes from.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub IpAddr);

macro_rules! from_request {
    ($name:ident, $request:ident => $extract:expr) => {
        impl FromRequest for $name {
            type Error = ApiError;
            type Future = Ready<Result<Self, ApiError>>;

            fn from_request($request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready($extract)
            }
        }
    };
}

from_request!(Cashier, request => signed_in(request, Role::Seller).map(Self));
from_request!(Clerk, request => at_desk(request).map(Self));
from_request!(TillCaller, request => till(request).map(Self));
from_request!(Manager, request => signed_in(request, Role::Manager).map(Self));
from_request!(Admin, request => signed_in(request, Role::Admin).map(Self));
from_request!(SocketCaller, request => at_socket(request).map(Self));
from_request!(Device, request => device(request).map(Self));
from_request!(Known, request => known(request).map(|()| Self));
from_request!(CommandKey, request => command_key(request).map(Self));
from_request!(Address, request => address(request).map(Self));

impl App {
    /// Submits what a signed-in person asks for.
    pub async fn command(
        &self,
        viewer: &Viewer,
        key: CommandKey,
        payload: CommandPayload,
    ) -> Result<Receipt, ApiError> {
        let now = self.now();
        let opens_or_closes = matches!(
            payload,
            CommandPayload::EndSession(_) | CommandPayload::ChangePerson(_) | CommandPayload::SetSensor(_)
        );
        let (actor, till) = (Some(viewer.id), viewer.till);
        let command = Command { id: key.0, actor, till, client_at: now, server_at: now, payload };
        let receipt = self.ledger.submit(command).await?;
        if opens_or_closes {
            self.live.recheck();
        }
        Ok(receipt)
    }

    /// Like [`App::command`], for the noun that the command makes or changes.
    pub async fn command_for<T: TryFrom<Event>>(
        &self,
        viewer: &Viewer,
        key: CommandKey,
        payload: CommandPayload,
    ) -> Result<T, ApiError> {
        noun(self.command(viewer, key, payload).await?.event)
    }

    /// Writes down what a person did at the server beside the ledger.
    pub async fn note(&self, viewer: &Viewer, key: CommandKey, upkeep: Upkeep) -> Result<(), ApiError> {
        self.command(viewer, key, CommandPayload::NoteUpkeep(NoteUpkeep { upkeep })).await.map(drop)
    }

    /// Submits what the server itself does, or does for a person who is just proving who they are.
    pub async fn server_command(
        &self,
        id: CommandId,
        actor: Option<PersonId>,
        now: UtcMicros,
        payload: CommandPayload,
    ) -> Result<Receipt, ApiError> {
        let command = Command { id, actor, till: None, client_at: now, server_at: now, payload };
        Ok(self.ledger.submit(command).await?)
    }
}

/// Work that goes on where whoever asked for it has hung up: what it took it gives back, and what was done is noted.
pub async fn to_its_end<T: 'static>(
    work: impl Future<Output = Result<T, ApiError>> + 'static,
) -> Result<T, ApiError> {
    actix_web::rt::spawn(work).await.unwrap_or(Err(ApiError::Internal))
}

/// The noun in an event. That it is another one would be our own mistake.
pub fn noun<T: TryFrom<Event>>(event: Event) -> Result<T, ApiError> {
    T::try_from(event).map_err(|_| ApiError::Internal)
}

fn signed_in(request: &HttpRequest, at_least: Role) -> Result<Viewer, ApiError> {
    let app = app(request)?;
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = header.and_then(|h| h.split_once(' ')).ok_or(ApiError::NotSignedIn)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NotSignedIn);
    }
    person(request, app, token, at_least)
}

/// A session counts where both are shown.
fn at_desk(request: &HttpRequest) -> Result<Viewer, ApiError> {
    if request.headers().contains_key(AUTHORIZATION) || !request.headers().contains_key(TILL_KEY) {
        return signed_in(request, Role::Seller);
    }
    let app = app(request)?;
    let till = till(request)?;
    seen_enough(request, app)?;
    let person = request.headers().get(ON_BEHALF_OF).and_then(|value| value.to_str().ok());
    let person = person.and_then(|text| text.parse::<PersonId>().ok());
    let person =
        person.ok_or_else(|| ApiError::malformed(Malformed::Header, "X-On-Behalf-Of is not a UUID"))?;
    let viewer = app.ledger.read(|db| viewer::of_till(db, till, person, app.now()))?;
    viewer.ok_or_else(|| Rejection::NoMandate.into())
}

fn till(request: &HttpRequest) -> Result<TillId, ApiError> {
    let app = app(request)?;
    let key = request.headers().get(TILL_KEY).and_then(|value| value.to_str().ok());
    let digest = keyring::digest(key.ok_or(ApiError::BadTillKey)?);
    app.ledger.read(|db| tills::by_digest(db, digest))?.ok_or(ApiError::BadTillKey)
}

/// The header counts where there is one.
fn at_socket(request: &HttpRequest) -> Result<Viewer, ApiError> {
    if request.headers().contains_key(AUTHORIZATION) {
        return signed_in(request, Role::Seller);
    }
    let app = app(request)?;
    let query = web::Query::<SocketToken>::from_query(request.query_string());
    let token = query.ok().and_then(|query| query.into_inner().token).ok_or(ApiError::NotSignedIn)?;
    person(request, app, &token, Role::Seller)
}

fn person(request: &HttpRequest, app: &App, token: &str, at_least: Role) -> Result<Viewer, ApiError> {
    let claims = app.tokens.verify_access(token.trim(), app.now()).map_err(|error| match error {
        TokenError::Expired => ApiError::TokenExpired,
        TokenError::Bad => ApiError::NotSignedIn,
    })?;
    seen_enough(request, app)?;
    let viewer = app.ledger.read(|db| viewer::of_session(db, claims.sub, claims.sid))?;
    let viewer = viewer.ok_or(ApiError::Rejected(Rejection::SessionEnded))?;
    if viewer.role < at_least {
        return Err(Rejection::RoleNotAllowed.into());
    }
    Ok(viewer)
}

/// A client that has seen a place in the journal is not answered from before it.
fn seen_enough(request: &HttpRequest, app: &App) -> Result<(), ApiError> {
    let Some(header) = request.headers().get("min-seq") else { return Ok(()) };
    let wanted: i64 = header
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| ApiError::malformed(Malformed::Header, "min-seq is not a number"))?;
    if wanted > app.ledger.tip() { Err(ApiError::Behind) } else { Ok(()) }
}

fn device(request: &HttpRequest) -> Result<Arc<Grant>, ApiError> {
    let app = app(request)?;
    let secret = request.headers().get(API_KEY).and_then(|value| value.to_str().ok());
    secret
        .and_then(|secret| app.keyring.grant(secret, KeyScope::WriteReadings, app.now()))
        .ok_or(ApiError::BadKey)
}

fn known(request: &HttpRequest) -> Result<(), ApiError> {
    if request.headers().contains_key(API_KEY) {
        return device(request).map(drop);
    }
    signed_in(request, Role::Seller).map(drop)
}

fn command_key(request: &HttpRequest) -> Result<CommandId, ApiError> {
    let Some(header) = request.headers().get("idempotency-key") else { return Ok(CommandId::now()) };
    let id = header.to_str().ok().and_then(|text| Uuid::try_parse(text).ok()).filter(|id| !id.is_nil());
    id.map(CommandId).ok_or_else(|| ApiError::malformed(Malformed::Header, "Idempotency-Key is not a UUID"))
}

fn address(request: &HttpRequest) -> Result<IpAddr, ApiError> {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let forwarded = request.headers().get_all("x-forwarded-for");
    Ok(app(request)?.settings.trust_proxy.client(peer, forwarded))
}

fn app(request: &HttpRequest) -> Result<&App, ApiError> {
    request.app_data::<web::Data<App>>().map(web::Data::get_ref).ok_or(ApiError::Internal)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::{ApiError, to_its_end};

    #[actix_web::test]
    async fn what_was_begun_is_done_although_nobody_waits_for_it() {
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        {
            let work = to_its_end(async move {
                may_go_on.await.map_err(|_| ApiError::Internal)?;
                done.send(()).map_err(|()| ApiError::Internal)
            });
            assert!(poll!(pin!(work)).is_pending());
        }
        go_on.send(()).unwrap();
        is_done.await.unwrap();
    }
}
