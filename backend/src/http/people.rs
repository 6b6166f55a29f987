//! People.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, patch, post};
use tillwatch_shared::PersonId;
use tillwatch_shared::api::{NewPerson, Page, Person, PersonChange};
use tillwatch_shared::tax_id::Cpf;

use super::body::Json;
use super::extract::{Cashier, CommandKey, Manager};
use super::listing::ListQuery;
use super::{ApiError, App, sessions};
use crate::domain::people::{AddPerson, ChangePerson, Entry};
use crate::domain::rejection::{Invalid, Noun};
use crate::domain::{Payload, Rejection};
use crate::ledger::queries::people;

pub fn routes(config: &mut ServiceConfig) {
    config.service(me).service(list).service(add).service(get).service(change);
}

/// The signed-in person.
#[utoipa::path(path = "/api/v1/people/me", tag = "people", responses((status = 200, body = Person)), security(("bearer" = [])))]
#[get("/people/me")]
pub async fn me(app: Data<App>, caller: Cashier) -> Result<web::Json<Person>, ApiError> {
    let person = app.ledger.read(|db| people::by_id(db, caller.0.id))?;
    person.map(web::Json).ok_or(Rejection::Unknown(Noun::Person).into())
}

/// The people of the caller's stores; an admin sees all.
#[utoipa::path(
    path = "/api/v1/people", tag = "people", params(ListQuery),
    responses((status = 200, body = Page<Person>)), security(("bearer" = []))
)]
#[get("/people")]
pub async fn list(
    app: Data<App>,
    caller: Manager,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Person>>, ApiError> {
    let slice = query.slice()?;
    Ok(web::Json(app.ledger.read_long(move |db| people::list(db, &caller.0, slice)).await?))
}

#[utoipa::path(
    path = "/api/v1/people", tag = "people", request_body = NewPerson,
    responses((status = 201, body = Person)), security(("bearer" = []))
)]
#[post("/people")]
pub async fn add(
    app: Data<App>,
    caller: Manager,
    key: CommandKey,
    body: Json<NewPerson>,
) -> Result<HttpResponse, ApiError> {
    let Json(body) = body;
    let cpf = body.cpf.as_deref().map(Cpf::parse).transpose();
    let payload = Payload::AddPerson(AddPerson {
        username: body.username,
        name: body.name,
        role: body.role,
        cpf: cpf.map_err(|_| Rejection::invalid("cpf", Invalid::TaxId))?,
        stores: body.stores,
        entry: Entry::Added,
        password_hash: sessions::hash(&app, &body.password).await?,
    });
    Ok(HttpResponse::Created().json(app.command_for::<Person>(&caller.0, key, payload).await?))
}

#[utoipa::path(
    path = "/api/v1/people/{id}", tag = "people", params(("id" = PersonId, Path)),
    responses((status = 200, body = Person)), security(("bearer" = []))
)]
#[get("/people/{id}")]
pub async fn get(app: Data<App>, caller: Manager, id: Path<PersonId>) -> Result<web::Json<Person>, ApiError> {
    let person = app.ledger.read(|db| people::by_id(db, *id))?.filter(|person| {
        let shared = person.stores.iter().any(|store| caller.0.sees(*store));
        shared || person.id == caller.0.id || caller.0.role == tillwatch_shared::api::Role::Admin
    });
    person.map(web::Json).ok_or(Rejection::Unknown(Noun::Person).into())
}

/// Changes a person. Everybody may change their own name, password and PIN.
#[utoipa::path(
    path = "/api/v1/people/{id}", tag = "people", params(("id" = PersonId, Path)), request_body = PersonChange,
    responses((status = 200, body = Person)), security(("bearer" = []))
)]
#[patch("/people/{id}")]
pub async fn change(
    app: Data<App>,
    caller: Cashier,
    key: CommandKey,
    id: Path<PersonId>,
    body: Json<PersonChange>,
) -> Result<web::Json<Person>, ApiError> {
    let Json(body) = body;
    let password_hash = match &body.password {
        Some(password) => Some(sessions::hash(&app, password).await?),
        None => None,
    };
    let pin = match &body.pin {
        Some(pin) => Some(sessions::pin_change(&app, &caller.0, *id, pin).await?),
        None => None,
    };
    let payload = Payload::ChangePerson(ChangePerson {
        person_id: *id,
        name: body.name,
        role: body.role,
        stores: body.stores,
        active: body.active,
        password_hash,
        pin,
    });
    Ok(web::Json(app.command_for(&caller.0, key, payload).await?))
}
