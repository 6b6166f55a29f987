//! Signing in, staying signed in, signing out; registering oneself; the first start.

use std::net::IpAddr;

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post};
use tillwatch_shared::api::{
    Chain, Event, Person, Refresh, Role, ServerInfo, Session, SetUp, SignIn, SignUp, TillMandate,
};
use tillwatch_shared::limits::PASSWORD_CHARS;
use tillwatch_shared::names::fold;
use tillwatch_shared::{CommandId, PersonId, SessionId, TillId, UtcMicros};

use super::body::Json;
use super::extract::{Address, Cashier, CommandKey, noun};
use super::{ApiError, App, tills};
use crate::domain::people::{AddPerson, Entry, PasswordHash, PinChange};
use crate::domain::rejection::Invalid;
use crate::domain::sessions::{EndSession, OpenSession, RefreshSession};
use crate::domain::stores::{AddChain, AddStore};
use crate::domain::tills::mandate;
use crate::domain::{Payload, Rejection, pin};
use crate::ledger::Receipt;
use crate::ledger::queries::people::Credentials;
use crate::ledger::queries::viewer::Viewer;
use crate::ledger::queries::{people, stores, viewer};

/// Shorter passwords are guessed; the demonstration's `1234` is the shortest there is.
pub const PASSWORD_MIN: usize = 4;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(server)
        .service(set_up)
        .service(sign_up)
        .service(sign_in)
        .service(refresh)
        .service(sign_out);
}

/// What a client needs to know before anybody has signed in.
#[utoipa::path(path = "/api/v1/server", tag = "sessions", responses((status = 200, body = ServerInfo)))]
#[get("/server")]
pub async fn server(app: Data<App>) -> Result<web::Json<ServerInfo>, ApiError> {
    Ok(web::Json(app.info()?))
}

/// The first start: makes the first admin, a chain and a store.
#[utoipa::path(
    path = "/api/v1/setup", tag = "sessions", request_body = SetUp,
    responses((status = 201, body = Session))
)]
#[post("/setup")]
pub async fn set_up(
    app: Data<App>,
    address: Address,
    key: CommandKey,
    body: Json<SetUp>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let now = app.now();
    app.throttle.check("set-up", address.0, now).map_err(|seconds| ApiError::TooManyAttempts { seconds })?;
    if app.ledger.read(people::anybody)? {
        return Err(Rejection::AlreadySetUp.into());
    }
    let given: String = body.code.chars().filter(char::is_ascii_alphanumeric).collect();
    let right = {
        let code = app.setup_code.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        code.as_ref().is_some_and(|code| code.replace('-', "").eq_ignore_ascii_case(&given))
    };
    if !right {
        app.throttle.failed("set-up", address.0, now);
        return Err(ApiError::WrongSetupCode);
    }
    let password_hash = hash(&app, &body.password).await?;
    let person = AddPerson {
        username: body.username,
        name: None,
        role: Role::Admin,
        cpf: None,
        stores: Vec::new(),
        entry: Entry::FirstAdmin,
        password_hash,
    };
    // The chain and the store are made before the admin: while there is no admin, set-up can be repeated.
    ensure_store(&app, &body.store_name, now).await?;
    let person = add_person(&app, key.0, person, now).await?;
    let session = open_session(&app, person, body.device, None, now).await?;
    *app.setup_code.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    Ok(HttpResponse::Created().json(session))
}

/// Registers oneself, where the server's setting allows it. A repeat with the same `Idempotency-Key` needs
/// the password: the key is the person's id, which is no secret.
#[utoipa::path(
    path = "/api/v1/registrations", tag = "sessions", request_body = SignUp,
    responses((status = 201, body = Session))
)]
#[post("/registrations")]
pub async fn sign_up(
    app: Data<App>,
    address: Address,
    key: CommandKey,
    body: Json<SignUp>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let receipt = register(&app, key.0, &body.username, &body.password).await?;
    let person = if receipt.repeated {
        prove(&app, address.0, &body.username, body.password).await?
    } else {
        noun::<Person>(receipt.event)?.id
    };
    let session = open_session(&app, person, body.device, None, app.now()).await?;
    Ok(HttpResponse::Created().json(session))
}

/// Signs in with a user name or CPF, and a password or PIN.
#[utoipa::path(
    path = "/api/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 201, body = Session))
)]
#[post("/sessions")]
pub async fn sign_in(app: Data<App>, address: Address, body: Json<SignIn>) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let person = prove(&app, address.0, &body.username, body.password).await?;
    let now = app.now();
    let till = match body.till {
        Some(till) => tills::present(&app, person, till, now).await?,
        None => None,
    };
    let session = open_session(&app, person, body.device, till, now).await?;
    Ok(HttpResponse::Created().json(session))
}

/// Buys the next pair of tokens. A refresh token is good once; repeated with the same `Idempotency-Key`
/// the answer is the same, with another key the session is ended.
#[utoipa::path(
    path = "/api/v1/sessions/refresh", tag = "sessions", request_body = Refresh,
    responses((status = 200, body = Session))
)]
#[post("/sessions/refresh")]
pub async fn refresh(
    app: Data<App>,
    key: CommandKey,
    body: Json<Refresh>,
) -> Result<web::Json<Session>, ApiError> {
    let now = app.now();
    let verified = app.tokens.verify_refresh(&body.0.refresh_token);
    let (session_id, generation) = verified.map_err(|_| Rejection::SessionEnded)?;
    let payload = Payload::RefreshSession(RefreshSession { session_id, generation });
    let receipt = app.server_command(key.0, None, now, payload).await?;
    session_of(&app, &receipt.event, now).map(web::Json)
}

/// Signs out: ends the session of the access token.
#[utoipa::path(path = "/api/v1/sessions/current", tag = "sessions", responses((status = 204)), security(("bearer" = [])))]
#[delete("/sessions/current")]
pub async fn sign_out(app: Data<App>, caller: Cashier, key: CommandKey) -> Result<HttpResponse, ApiError> {
    let session_id = caller.0.session.ok_or(Rejection::SessionEnded)?;
    let payload = Payload::EndSession(EndSession { session_id });
    app.command(&caller.0, key, payload).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Checks a password or PIN, slowly and not too often, and returns whose it is.
pub async fn prove(
    app: &App,
    address: IpAddr,
    username: &str,
    password: String,
) -> Result<PersonId, ApiError> {
    let now = app.now();
    let known = app.ledger.read(|db| people::credentials(db, username))?;
    // One brake for a person, whether they are tried by user name or by CPF.
    let account = known.as_ref().map_or_else(|| fold(username), |known| known.person.to_string());
    app.throttle.check(&account, address, now).map_err(|seconds| ApiError::TooManyAttempts { seconds })?;
    let (person, hash, pin) = match known {
        Some(Credentials { person, password, pin }) => (Some(person), Some(password), pin),
        None => (None, None, None),
    };
    let proved = right(app, address, &account, password, [hash, pin]).await;
    match (proved, person) {
        (Ok(true), Some(person)) => {
            app.throttle.succeeded(&account, address);
            Ok(person)
        }
        (Ok(_), _) => {
            app.throttle.failed(&account, address, now);
            Err(ApiError::WrongCredentials)
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether it is the password, or else the PIN. What could be a PIN takes as long for those who have none.
async fn right(
    app: &App,
    address: IpAddr,
    account: &str,
    given: String,
    [password, pin]: [Option<PasswordHash>; 2],
) -> Result<bool, ApiError> {
    if given.chars().count() > PASSWORD_CHARS {
        app.passwords.verify(String::new(), None).await?;
        return Ok(false);
    }
    if app.passwords.verify(given.clone(), password).await? {
        return Ok(true);
    }
    if !pin::shaped(&given) {
        return Ok(false);
    }
    let (brake, now) = (&app.pin_throttle, app.now());
    if let Err(seconds) = brake.check(account, address, now) {
        // It was a try at the password all the same.
        app.throttle.failed(account, address, now);
        return Err(ApiError::TooManyAttempts { seconds });
    }
    let right = app.passwords.verify(given, pin).await?;
    if right {
        brake.succeeded(account, address);
    } else {
        brake.failed(account, address, now);
    }
    Ok(right)
}

/// What a person's new PIN means, if it is one that we take; an empty one takes the old one away.
pub async fn pin_change(
    app: &App,
    caller: &Viewer,
    person: PersonId,
    given: &str,
) -> Result<PinChange, ApiError> {
    if given.is_empty() {
        return Ok(PinChange::Remove);
    }
    let found = app.ledger.read(|db| people::by_id(db, person))?;
    // For those who may not change the person, the answer must not depend on the person's CPF.
    let within_reach = found.is_some_and(|found| {
        let below = found.role < caller.role && found.stores.iter().all(|store| caller.sees(*store));
        caller.id == person || caller.role == Role::Admin || below
    });
    let cpf = if within_reach { app.ledger.read(|db| people::cpf(db, person))? } else { None };
    pin::check(given, cpf.as_ref())?;
    Ok(PinChange::Set(app.passwords.hash(given.to_owned()).await?))
}

/// Adds a person who registers themselves.
pub async fn register(app: &App, id: CommandId, username: &str, password: &str) -> Result<Receipt, ApiError> {
    if !app.settings.open_registration {
        return Err(ApiError::RegistrationClosed);
    }
    let password_hash = hash(app, password).await?;
    let person = AddPerson {
        username: username.to_owned(),
        name: None,
        role: Role::Manager,
        cpf: None,
        stores: Vec::new(),
        entry: Entry::Registered,
        password_hash,
    };
    app.server_command(id, None, app.now(), Payload::AddPerson(person)).await
}

/// Hashes a new password, if it is one that we take.
pub async fn hash(app: &App, password: &str) -> Result<PasswordHash, ApiError> {
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_CHARS).contains(&length) {
        let problem = Invalid::Range { min: PASSWORD_MIN as i64, max: PASSWORD_CHARS as i64 };
        return Err(Rejection::invalid("password", problem).into());
    }
    Ok(app.passwords.hash(password.to_owned()).await?)
}

/// Opens a session for a person who has proved who they are.
pub async fn open_session(
    app: &App,
    person: PersonId,
    device: Option<String>,
    till: Option<TillId>,
    now: UtcMicros,
) -> Result<Session, ApiError> {
    let payload = Payload::OpenSession(OpenSession { device, till });
    let receipt = app.server_command(CommandId::now(), Some(person), now, payload).await?;
    let mut session = session_of(app, &receipt.event, now)?;
    if let Some(till_id) = till {
        let until = app.ledger.read(|db| mandate(db, till_id, person))?;
        session.mandate = until.map(|until| TillMandate { till_id, until });
    }
    Ok(session)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other events do not come from these commands")]
fn session_of(app: &App, event: &Event, now: UtcMicros) -> Result<Session, ApiError> {
    match event {
        Event::SessionOpened(e) | Event::SessionRefreshed(e) => {
            answer(app, e.person_id, e.session_id, e.generation, e.refresh_expires_at, now)
        }
        Event::SessionEnded(_) => Err(Rejection::TokenReused.into()),
        _ => Err(ApiError::Internal),
    }
}

fn answer(
    app: &App,
    person: PersonId,
    id: SessionId,
    generation: i64,
    refresh_expires_at: UtcMicros,
    now: UtcMicros,
) -> Result<Session, ApiError> {
    let found = app.ledger.read(|db| {
        let Some(viewer) = viewer::of_session(db, person, id)? else { return Ok(None) };
        Ok(Some((people::by_id(db, person)?, stores::visible(db, &viewer)?)))
    })?;
    let Some((Some(person), stores)) = found else { return Err(Rejection::SessionEnded.into()) };
    let (access_token, access_expires_at) =
        app.tokens.access(person.id, id, now).map_err(|_| ApiError::Internal)?;
    Ok(Session {
        id,
        access_token,
        access_expires_at,
        refresh_token: app.tokens.refresh(id, generation),
        refresh_expires_at,
        person,
        stores,
        mandate: None,
    })
}

async fn add_person(
    app: &App,
    id: CommandId,
    person: AddPerson,
    now: UtcMicros,
) -> Result<PersonId, ApiError> {
    let receipt = app.server_command(id, None, now, Payload::AddPerson(person)).await?;
    noun(receipt.event).map(|person: Person| person.id)
}

async fn ensure_store(app: &App, name: &str, now: UtcMicros) -> Result<(), ApiError> {
    let payload = Payload::AddChain(AddChain { name: name.to_owned() });
    let chain = match app.server_command(CommandId::now(), None, now, payload).await {
        Ok(receipt) => noun::<Chain>(receipt.event)?.id,
        // Left by a set-up that stopped half-way.
        Err(ApiError::Rejected(Rejection::Taken(_))) => {
            let chains = app.ledger.read(stores::chains)?;
            chains.into_iter().find(|c| fold(&c.name) == fold(name)).ok_or(ApiError::Internal)?.id
        }
        Err(error) => return Err(error),
    };
    let zone = app.settings.zone.clone();
    let payload = Payload::AddStore(AddStore { chain_id: chain, name: name.to_owned(), cnpj: None, zone });
    match app.server_command(CommandId::now(), None, now, payload).await {
        Ok(_) | Err(ApiError::Rejected(Rejection::Taken(_))) => Ok(()),
        Err(error) => Err(error),
    }
}
