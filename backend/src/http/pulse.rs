//! The pulse over HTTP: the two number services, the terminals, the log of messages and how long it is kept.
//! The WebSocket is in [`super::pulse_socket`], the files to take away in [`super::pulse_export`].

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, delete, get, put};
use serde::Deserialize;
use tillwatch_shared::UtcMicros;
use tillwatch_shared::api::{
    Direction, MessageKind, NewTerminalAbout, Number, Page, Parity, PulseMessage, PulseRetention,
    PulseRetentionSetting, Role, Terminal, Upkeep,
};
use tillwatch_shared::limits::{
    PULSE_DAYS, PULSE_LOG_CHARS, PULSE_ROWS, PULSE_VALUES, TERMINAL_CHARS, VERSION_CHARS,
};
use utoipa::IntoParams;

use super::body::Json;
use super::error::Malformed;
use super::extract::{Cashier, CommandKey, Manager, to_its_end};
use super::listing::ListQuery;
use super::{ApiError, App};
use crate::domain::check;
use crate::ledger::queries::people;
use crate::ledger::queries::viewer::Viewer;
use crate::pulse::{Filter, Scope, Telling};

/// Which messages of the log are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// One terminal; all if absent.
    #[param(max_length = 64)]
    pub client: Option<String>,
    pub direction: Option<Direction>,
    /// What its `type` says; `other` where it says none of the rest.
    pub kind: Option<MessageKind>,
    /// What it holds somewhere. Capital and small letters of English are the same.
    #[param(min_length = 1, max_length = 256)]
    pub text: Option<String>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<UtcMicros>,
    /// Not included.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<UtcMicros>,
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(even)
        .service(odd)
        .service(clients)
        .service(forget)
        .service(about)
        .service(super::pulse_export::csv)
        .service(super::pulse_export::ndjson)
        .service(messages)
        .service(retention)
        .service(set_retention);
}

/// An even number.
#[utoipa::path(path = "/api/v1/numbers/even", tag = "pulse", responses((status = 200, body = Number)), security(("bearer" = [])))]
#[get("/numbers/even")]
pub async fn even(_caller: Cashier) -> Result<web::Json<Number>, ApiError> {
    Ok(web::Json(Number { value: draw(Parity::Even)? }))
}

/// An odd number.
#[utoipa::path(path = "/api/v1/numbers/odd", tag = "pulse", responses((status = 200, body = Number)), security(("bearer" = [])))]
#[get("/numbers/odd")]
pub async fn odd(_caller: Cashier) -> Result<web::Json<Number>, ApiError> {
    Ok(web::Json(Number { value: draw(Parity::Odd)? }))
}

/// Draws a number of this parity, each with the same chance.
pub fn draw(parity: Parity) -> Result<u8, ApiError> {
    let chance = getrandom::u32().map_err(|_| ApiError::Internal)?;
    let pair = u8::try_from(chance % u32::from(PULSE_VALUES / 2)).unwrap_or_default();
    Ok(pair * 2 + u8::from(parity == Parity::Odd))
}

/// The terminals where the people of the caller's stores were signed in last; an admin sees all. Each with its value
/// and step, whether it is connected and should be, its last contact, round trip and gaps, and what it tells of itself.
#[utoipa::path(path = "/api/v1/pulse/clients", tag = "pulse", responses((status = 200, body = Vec<Terminal>)), security(("bearer" = [])))]
#[get("/pulse/clients")]
pub async fn clients(app: Data<App>, caller: Manager) -> Result<web::Json<Vec<Terminal>>, ApiError> {
    let scope = scope(&app, &caller.0)?;
    let at_work = app.ledger.read(people::at_work)?;
    Ok(web::Json(app.pulse.terminals(&scope, &at_work, app.now())))
}

/// Forgets a terminal that is not connected: its name is free. Its messages stay in the log for as long as others
/// do. A terminal that comes back under this name begins at 0.
#[utoipa::path(
    path = "/api/v1/pulse/clients/{id}", tag = "pulse",
    params(("id" = String, Path, min_length = 1, max_length = 64)),
    responses((status = 204, description = "Forgotten")), security(("bearer" = []))
)]
#[delete("/pulse/clients/{id}")]
pub async fn forget(
    app: Data<App>,
    caller: Manager,
    client: Path<String>,
    key: CommandKey,
) -> Result<HttpResponse, ApiError> {
    let client = client.into_inner();
    to_its_end(async move {
        app.pulse.forget(&client, scope(&app, &caller.0)?).await?;
        app.note(&caller.0, key, Upkeep::TerminalForgotten { client }).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes what a terminal tells of itself: the program's version, how many commands wait on its disk, and its clock. Only
/// the person who has the terminal connected may tell it. It is told with the terminal, and is in the log of messages.
#[utoipa::path(
    path = "/api/v1/pulse/clients/{id}/about", tag = "pulse", request_body = NewTerminalAbout,
    params(("id" = String, Path, min_length = 1, max_length = 64)),
    responses((status = 204, description = "Taken")), security(("bearer" = []))
)]
#[put("/pulse/clients/{id}/about")]
pub async fn about(
    app: Data<App>,
    caller: Cashier,
    client: Path<String>,
    body: Json<NewTerminalAbout>,
) -> Result<HttpResponse, ApiError> {
    let at = app.now();
    let NewTerminalAbout { version, unsent, refused, clock_at } = body.0;
    let version = check::bounded("version", &version, VERSION_CHARS)?;
    check::moment("clock_at", clock_at)?;
    let about = NewTerminalAbout { version, unsent, refused, clock_at };
    app.pulse.tell(Telling { client: client.as_str().into(), person: caller.0.id, at, about }).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The log of messages in both directions, of the terminals that the caller sees. A page may hold fewer than `limit` and still have a `next`.
#[utoipa::path(
    path = "/api/v1/pulse/messages", tag = "pulse", params(LogQuery, ListQuery),
    responses((status = 200, body = Page<PulseMessage>)), security(("bearer" = []))
)]
#[get("/pulse/messages")]
pub async fn messages(
    app: Data<App>,
    caller: Manager,
    query: Query<LogQuery>,
    list: Query<ListQuery>,
) -> Result<web::Json<Page<PulseMessage>>, ApiError> {
    let slice = list.slice()?;
    let filter = Filter {
        after: slice.after,
        limit: usize::try_from(slice.limit).unwrap_or(1),
        newest_first: slice.newest_first,
        ..query.into_inner().filter(&app, &caller.0)?
    };
    let pulse = app.pulse.clone();
    let page = web::block(move || pulse.messages(&filter)).await.map_err(|_| ApiError::Busy)??;
    Ok(web::Json(Page { items: page.items, next: page.next }))
}

/// How long messages are kept.
#[utoipa::path(path = "/api/v1/pulse/retention", tag = "pulse", responses((status = 200, body = PulseRetentionSetting)), security(("bearer" = [])))]
#[get("/pulse/retention")]
pub async fn retention(app: Data<App>, _caller: Manager) -> web::Json<PulseRetentionSetting> {
    web::Json(app.pulse.retention())
}

/// Sets how long messages are kept. What is beyond it is removed, a few thousand messages at a time.
#[utoipa::path(
    path = "/api/v1/pulse/retention", tag = "pulse", request_body = PulseRetention,
    responses((status = 200, body = PulseRetentionSetting)), security(("bearer" = []))
)]
#[put("/pulse/retention")]
pub async fn set_retention(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    body: Json<PulseRetention>,
) -> Result<web::Json<PulseRetentionSetting>, ApiError> {
    let (days, rows) = (PULSE_DAYS, PULSE_ROWS);
    check::range("days", body.0.days.into(), *days.start(), *days.end())?;
    let wanted = i64::try_from(body.0.rows).unwrap_or(i64::MAX);
    check::range("rows", wanted, *rows.start(), *rows.end())?;
    to_its_end(async move {
        let set = app.pulse.set_retention(body.0, &caller.0.name, app.now()).await?;
        app.note(&caller.0, key, Upkeep::MessagesKept { days: set.days, rows: set.rows }).await?;
        Ok(web::Json(set))
    })
    .await
}

/// Whose terminals the caller sees.
fn scope(app: &App, viewer: &Viewer) -> Result<Scope, ApiError> {
    if viewer.role == Role::Admin {
        return Ok(Scope::All);
    }
    Ok(Scope::People(app.ledger.read(|db| people::visible(db, viewer))?))
}

impl LogQuery {
    /// The filter for this caller, without a page.
    pub fn filter(self, app: &App, viewer: &Viewer) -> Result<Filter, ApiError> {
        let Self { client, direction, kind, text, from, to } = self;
        let long = |text: &String| text.is_empty() || text.chars().count() > PULSE_LOG_CHARS;
        if text.as_ref().is_some_and(long) {
            let detail = format!("text: 1 to {PULSE_LOG_CHARS} characters");
            return Err(ApiError::malformed(Malformed::Query, detail));
        }
        if client.as_ref().is_some_and(|client| client.chars().count() > TERMINAL_CHARS) {
            return Err(ApiError::malformed(
                Malformed::Query,
                format!("client: up to {TERMINAL_CHARS} characters"),
            ));
        }
        let scope = scope(app, viewer)?;
        Ok(Filter { scope, client, direction, kind, text, from, to, ..Filter::default() })
    }
}
