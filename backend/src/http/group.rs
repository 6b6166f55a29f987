//! Several servers: how they are, and waiting until this one shows what was answered by another.

use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{Error, get};
use tillwatch_shared::api::{Coordination, GroupPlaces, GroupStatus, Page};
use tillwatch_shared::time::{MINUTE, SECOND};

use super::extract::{Known, Manager};
use super::listing::ListQuery;
use super::{ApiError, App};
use crate::group::here::View;
use crate::ledger::queries::{coordination, viewer};

/// How long a request waits for what its client has seen elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);
/// A member that is further behind than this says so in other ways.
const LATELY: i64 = 5 * MINUTE;
const SEQ: HeaderName = HeaderName::from_static("seq");
const CONSISTENT: &str = "consistent=true";

pub fn routes(config: &mut ServiceConfig) {
    config.service(status).service(members).service(coordinators);
}

/// The servers of the group, as this one sees them; `null` where a server is by itself.
#[utoipa::path(
    path = "/api/v1/group", tag = "server",
    responses((status = 200, body = Option<GroupStatus>)), security(("bearer" = []))
)]
#[get("/group")]
pub async fn status(app: Data<App>, _caller: Manager) -> web::Json<Option<GroupStatus>> {
    web::Json(app.group.as_ref().and_then(View::status))
}

/// Where the servers of the group are, so that a program can ask another one when this one is gone. No members where a
/// server is by itself.
#[utoipa::path(
    path = "/api/v1/group/members", tag = "server",
    responses((status = 200, body = GroupPlaces)), security(("bearer" = []), ("api_key" = []))
)]
#[get("/group/members")]
pub async fn members(app: Data<App>, _caller: Known) -> web::Json<GroupPlaces> {
    let places = app.group.as_ref().and_then(View::places);
    web::Json(places.unwrap_or(GroupPlaces { in_touch: true, members: Vec::new() }))
}

/// Which servers coordinated, since when and why. One is written down for each time that another one began to.
#[utoipa::path(
    path = "/api/v1/group/coordinators", tag = "server", params(ListQuery),
    responses((status = 200, body = Page<Coordination>)), security(("bearer" = []))
)]
#[get("/group/coordinators")]
pub async fn coordinators(
    app: Data<App>,
    _caller: Manager,
    query: Query<ListQuery>,
) -> Result<web::Json<Page<Coordination>>, ApiError> {
    let slice = query.slice()?;
    Ok(web::Json(app.ledger.read(|db| coordination::list(db, slice))?))
}

pub fn is_out_of_service(app: &App) -> bool {
    app.group.as_ref().is_some_and(View::differs)
}

/// Middleware: a server whose ledger is not that of the others tells nothing of it, but how it is.
pub async fn in_service<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let of_itself = ["/health/", "/metrics"].iter().any(|path| request.path().starts_with(path));
    let app = request.app_data::<Data<App>>().filter(|_| !of_itself).cloned();
    let is_out = || app.as_ref().is_some_and(|app| is_out_of_service(app));
    if is_out() {
        return Ok(request.error_response(ApiError::Differs).map_into_right_body());
    }
    let answer = next.call(request).await?;
    if is_out() {
        // It may have been worked out from what differs.
        return Ok(answer.error_response(ApiError::Differs).map_into_right_body());
    }
    Ok(answer.map_into_left_body())
}

/// Middleware: what a client has seen of the ledger anywhere (`min-seq`) is here before it is answered, and with
/// `consistent=true` in the query all that anybody was answered before. The answer says how far this member is (`seq`).
pub async fn fresh<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let consistent = take_consistent(&mut request);
    let app = request.app_data::<Data<App>>().cloned();
    if let Some((app, group)) = app.as_ref().and_then(|app| Some((app, app.group.as_ref()?))) {
        if consistent && !group.catch_up().await {
            return Ok(request.error_response(ApiError::NoCoordinator).map_into_right_body());
        }
        // Whoever has just signed in elsewhere is not told that the session has ended.
        if is_new_here(&request, app) && !group.catch_up().await {
            return Ok(request.error_response(ApiError::Behind).map_into_right_body());
        }
        if let Some(wanted) = seen(&request).filter(|wanted| *wanted > app.ledger.tip()) {
            let mut tip = app.ledger.follow_tip();
            // Who is still behind then says so.
            let _ = tokio::time::timeout(PATIENCE, tip.wait_for(|tip| *tip >= wanted)).await;
        }
    }
    let mut answer = next.call(request).await?;
    if let Some(app) = app.filter(|app| app.group.is_some() && answer.status().is_success()) {
        answer.headers_mut().insert(SEQ, HeaderValue::from(app.ledger.tip()));
    }
    Ok(answer.map_into_left_body())
}

fn seen(request: &ServiceRequest) -> Option<i64> {
    request.headers().get("min-seq")?.to_str().ok()?.parse().ok()
}

/// Whether it comes with a token that was given lately, of a session that this server has not heard of.
fn is_new_here(request: &ServiceRequest, app: &App) -> bool {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((_, token)) = header.and_then(|header| header.split_once(' ')) else { return false };
    let Ok(claims) = app.tokens.verify_access(token.trim(), app.now()) else { return false };
    let lately = app.now().0 - claims.iat * SECOND < LATELY;
    lately
        && app
            .ledger
            .read(|db| viewer::of_session(db, claims.sub, claims.sid))
            .is_ok_and(|known| known.is_none())
}

/// Whether it is asked for; the handlers do not know it.
fn take_consistent(request: &mut ServiceRequest) -> bool {
    let asked = request.query_string().split('&').any(|part| part == CONSISTENT);
    if asked {
        let rest: Vec<&str> = request.query_string().split('&').filter(|part| *part != CONSISTENT).collect();
        let rest = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
        if let Ok(uri) = format!("{}{rest}", request.path()).parse::<Uri>() {
            request.head_mut().uri = uri;
        }
    }
    asked
}
